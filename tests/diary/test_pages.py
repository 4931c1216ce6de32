"""The site's pages of a participant's record: the sheet shown once, entries, tasks, remarks, photos."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from accounts.access import Actor, participant_at
from accounts.models import User
from diary.actions import receive_entry
from diary.models import DiaryLink, DiaryTask
from participants.models import Participant
from tests.browsing import Page, at_the_desk
from tests.cast import START
from tests.diary.writing import CALL, YEAR, Phone, known, send, send_severe, written

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF a photo"


def place(participant: Participant) -> str:
    return f"/diary/{participant.pk}/"


def test_the_sheet_shows_a_link_that_opens(
    participant: Participant, by_coordinator: Actor, coordinator: User, settings: Any
) -> None:
    known(participant, by_coordinator)
    client = at_the_desk(coordinator)
    sheet = client.post(place(participant) + "link/", {"call": CALL})
    html = sheet.content.decode()
    assert sheet.headers["Cache-Control"].endswith("private") and "no-store" in sheet.headers["Cache-Control"]
    found = re.search(re.escape(settings.SITE_ADDRESS) + r"/my-record/#([\w-]{43})", html)
    assert found is not None
    assert "data:image/svg+xml" in html and "我的记录" in html and "My record" in html
    assert Phone().open(found[1], YEAR).status_code == 200
    assert found[1] not in client.get(place(participant)).content.decode()
    assert client.get(place(participant) + "link/").status_code == 405


def test_what_is_refused_is_said_on_the_page(participant: Participant, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    for call, words in (("", "number the participant calls"), (CALL, "date of birth")):
        answer = client.post(place(participant) + "link/", {"call": call}, follow=True)
        assert words in Page(answer).text
    assert not DiaryLink.objects.exists()


def test_the_site_takes_a_link_back(link: DiaryLink, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    answer = client.post(f"/diary/links/{link.pk}/revoke/", {"why": "phone lost"}, follow=True)
    assert "phone lost" in Page(answer).text
    link.refresh_from_db()
    assert link.revoked_at is not None


def test_entries_stand_with_what_was_severe_and_what_was_done(
    link: DiaryLink, participant: Participant, coordinator: User, monitor: User
) -> None:
    entry = send_severe(link)
    client = at_the_desk(coordinator)
    page = Page(client.get(place(participant)))
    assert "Fever 8 severe" in page.text and "39.2 °C severe" in page.text
    task = DiaryTask.objects.get()
    assert "severe" in Page(client.get("/diary/")).text.lower()
    client.post(f"/diary/tasks/{task.pk}/", {"to": "SEEN"})
    client.post(f"/diary/entries/{entry.pk}/remark/", {"kind": "SEEN"})
    client.post(f"/diary/entries/{entry.pk}/remark/", {"kind": "COMMENT", "comment": "came to the clinic"})
    for posted, words in (({"to": "DONE"}, "Write what was done"), ({"to": "X"}, "Choose what to do")):
        assert words in Page(client.post(f"/diary/tasks/{task.pk}/", posted, follow=True)).text
    client.post(f"/diary/tasks/{task.pk}/", {"to": "DONE", "done": "called, came in"})
    read = Page(at_the_desk(monitor).get(place(participant)))
    for words in ("called, came in", "came to the clinic", "Coordinator"):
        assert words in read.text
    assert not {"done", "to", "kind", "comment", "why", "call"} & set(read.values)
    assert "Nothing waits." in Page(client.get("/diary/")).text


def test_corrections_name_each_other(link: DiaryLink, participant: Participant, coordinator: User) -> None:
    first = send(link)
    second = send(link, replaces=first.key)
    page = Page(at_the_desk(coordinator).get(place(participant)))
    assert f"#entry-{first.pk}" in page.addresses and f"#entry-{second.pk}" in page.addresses
    assert "Corrected by the participant" in page.text


def test_a_photo_is_fetched_and_never_run(link: DiaryLink, monitor: User) -> None:
    entry = receive_entry(
        link=link,
        written=written(),
        photo=io.BytesIO(JPEG),
        size=len(JPEG),
        by=participant_at(link.participant.site_id),
        now=START,
    )
    answer = at_the_desk(monitor).get(f"/diary/entries/{entry.pk}/photo/")
    assert answer.content == JPEG
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    bare = send(link)
    assert at_the_desk(monitor).get(f"/diary/entries/{bare.pk}/photo/").status_code == 404


def test_the_page_costs_as_many_queries_however_much_was_written(
    link: DiaryLink, participant: Participant, coordinator: User, django_assert_max_num_queries: Any
) -> None:
    client = at_the_desk(coordinator)
    send_severe(link)
    client.get(place(participant))
    with django_assert_max_num_queries(40) as before:
        client.get(place(participant))
    for _time in range(4):
        send_severe(link)
    with django_assert_max_num_queries(len(before)):
        client.get(place(participant))


@pytest.mark.parametrize("address", ["/diary/", "/diary/{pk}/"])
def test_the_system_administrator_sees_none_of_it(
    participant: Participant, system_administrator: User, address: str
) -> None:
    assert at_the_desk(system_administrator).get(address.format(pk=participant.pk)).status_code == 403

"""The ways in: home, matrix, search and registration; and what their addresses tell, which is nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.access import Actor, Permission
from accounts.models import Role, RoleHeld, Site, User
from participants.models import Participant, Visit
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, send, visit_of
from tests.cast import START, actor, make_participant, make_person

CONSENT = {
    "initials": "zqh",
    "consent_signed_at": "2026-9-1 9:00",
    "consent_version": "1.0",
    "consent_signer": "SUBJECT",
    "copy_given": "Y",
}


@pytest.fixture
def three(site: Site, by_coordinator: Actor, at_start: datetime) -> list[Participant]:
    return [make_participant(site, by_coordinator, initials=initials) for initials in ("ZQ", "LM", "ZQ")]


@pytest.fixture
def elsewhere(other_site: Site, at_start: datetime) -> Participant:
    by = actor(make_person("other", Role.COORDINATOR, other_site), Permission.ENTER_DATA, other_site)
    return make_participant(other_site, by, initials="ZQ")


# -- home ----------------------------------------------------------------------------------------------


def test_home_lists_what_waits_and_leads_there(three: list[Participant], coordinator: User) -> None:
    page = Page(at_the_desk(coordinator).get("/"))
    assert "Begun, not complete (3)" in page.text
    assert {form_address(participant, "SV") for participant in three} <= set(page.addresses)


def test_the_investigator_finds_the_decisions(three: list[Participant], investigator: User) -> None:
    Participant.objects.filter(pk=three[0].pk).update(status="ELIGIBLE")
    page = Page(at_the_desk(investigator).get("/"))
    assert "Eligibility to decide (2)" in page.text
    assert "Arm to assign (1)" in page.text


def test_nothing_to_do_is_said_and_leads_to_the_matrix(coordinator: User, at_start: datetime) -> None:
    page = Page(at_the_desk(coordinator).get("/"))
    assert "Nothing waits for you today" in page.text
    assert "/participants/" in page.addresses


@pytest.mark.parametrize(
    ("opens", "due", "closes", "heading"),
    [
        (-30, -20, -1, "Overdue (1)"),
        (-30, -20, 0, "Window closing (1)"),
        (-30, 0, 3, "Window closing (1)"),
        (-30, 0, 4, "Due today (1)"),
        (0, 0, 30, "Due today (1)"),
        (-30, -1, 4, "Window open (1)"),
        (0, 1, 30, "Window open (1)"),
        (1, 1, 30, "In the next seven days (1)"),
        (7, 9, 30, "In the next seven days (1)"),
        (None, -1, None, "Overdue (1)"),
        (None, 0, None, "Due today (1)"),
        (8, 8, 30, ""),
    ],
)
def test_a_visit_stands_under_what_its_window_says(
    participant: Participant, coordinator: User, opens: int | None, due: int, closes: int | None, heading: str
) -> None:
    visit = Visit.objects.get(participant=participant, code="SCR")
    visit.pk, visit.code, visit.status = None, "M1", "PLANNED"
    day = START.date()
    visit.target_from = visit.target_to = day + timedelta(days=due)
    visit.window_open = None if opens is None else day + timedelta(days=opens)
    visit.window_close = None if closes is None else day + timedelta(days=closes)
    visit.save()
    titles = [
        f"{title} (1)"
        for title in ("Overdue", "Window closing", "Due today", "Window open", "In the next seven days")
    ]
    text = Page(at_the_desk(coordinator).get("/")).text
    assert [title for title in titles if title in text] == ([heading] if heading else [])


# -- the matrix ----------------------------------------------------------------------------------------


def numbers_on(page: Page) -> list[str]:
    words = dict.fromkeys(page.text.split())
    return [word for word in words if word[:3] in ("01-", "02-") and len(word) == 6]


def test_the_matrix_shows_ones_own_participants_by_number(
    three: list[Participant], elsewhere: Participant, coordinator: User
) -> None:
    page = Page(at_the_desk(coordinator).get("/participants/"))
    assert numbers_on(page) == ["01-001", "01-002", "01-003"]
    assert "02-001" not in page.text


def test_filters_narrow_and_stand_in_the_address(three: list[Participant], coordinator: User) -> None:
    Participant.objects.filter(pk=three[1].pk).update(status="ASSIGNED", arm="Y90")
    client = at_the_desk(coordinator)
    assert numbers_on(Page(client.get("/participants/?arm=Y90"))) == ["01-002"]
    assert numbers_on(Page(client.get("/participants/?status=SCREENING"))) == ["01-001", "01-003"]
    page = Page(client.get("/participants/?arm=HAIC"))
    assert numbers_on(page) == []
    assert "No participants here" in page.text
    assert page.value("arm") == "HAIC"
    assert len(numbers_on(Page(client.get("/participants/?open=1")))) == 3
    for nonsense in ("arm=X", "status=X", "page=99", "page=x", "arm=Y90'--"):
        assert client.get(f"/participants/?{nonsense}").status_code == 200


def test_fifty_a_page_and_the_filters_go_along(
    site: Site, by_coordinator: Actor, coordinator: User, at_start: datetime
) -> None:
    first = make_participant(site, by_coordinator)
    Participant.objects.bulk_create(
        [
            Participant(
                site=site,
                sequence=number,
                number=f"01-{number:03d}",
                initials="AB",
                registered_at=START,
                registered_by=first.registered_by,
            )
            for number in range(2, 53)
        ]
    )
    client = at_the_desk(coordinator)
    page = Page(client.get("/participants/?status=SCREENING&q=a%26b"))
    assert len(numbers_on(page)) == 50
    following = next(address for address in page.addresses if "page=2" in address)
    assert following == "?status=SCREENING&q=a%26b&page=2"
    assert numbers_on(Page(client.get(f"/participants/{following}"))) == ["01-051", "01-052"]


def test_the_site_chosen_in_the_header_narrows_everything(
    three: list[Participant], elsewhere: Participant, coordinator: User, other_site: Site
) -> None:
    RoleHeld.objects.create(user=coordinator, role=Role.MONITOR, site=other_site, starts_on="2026-01-01")
    client = at_the_desk(coordinator)
    assert len(numbers_on(Page(client.get("/participants/")))) == 4
    client.post("/site/", {"site": other_site.pk})
    assert numbers_on(Page(client.get("/participants/"))) == ["02-001"]


# -- one participant -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_participant_on_one_page(participant: Participant, coordinator: User, language: str) -> None:
    page = Page(at_the_desk(coordinator, language).get(f"/participants/{participant.pk}/"))
    assert {"01-001", "ZQ"} <= set(page.text.split())
    assert {form_address(participant, code) for code in ("SV", "DM", "MH", "VS", "LB")} <= set(page.addresses)
    assert f"/participants/{participant.pk}/trail/" in page.addresses


# -- search --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["01-002", " 01-002 ", "lm", "LM"])
def test_one_hit_opens_at_once(three: list[Participant], coordinator: User, typed: str) -> None:
    answer = at_the_desk(coordinator).post("/search/", {"q": typed})
    assert answer.headers["Location"] == f"/participants/{three[1].pk}/"


def test_a_number_with_a_visit_opens_its_first_form(three: list[Participant], coordinator: User) -> None:
    client = at_the_desk(coordinator)
    answer = client.post("/search/", {"q": "01-002 scr"})
    assert answer.headers["Location"] == form_address(three[1], "SV")
    assert (
        client.post("/search/", {"q": "01-002 NOPE"}).headers["Location"] == f"/participants/{three[1].pk}/"
    )


def test_several_hits_are_listed_and_only_ones_own(
    three: list[Participant], elsewhere: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    page = Page(client.post("/search/", {"q": "zq"}))
    assert numbers_on(page) == ["01-001", "01-003"]
    assert {f"/participants/{three[0].pk}/", f"/participants/{three[2].pk}/"} <= set(page.addresses)
    assert numbers_on(Page(client.post("/search/", {"q": "01"}))) == ["01-001", "01-002", "01-003"]


@pytest.mark.parametrize(
    "typed", ["02-001", "nobody", "", "   ", "%", "_", "01-001 SCR extra", "肝", "'", "x" * 5000]
)
def test_nothing_found_is_said(
    participant: Participant, elsewhere: Participant, coordinator: User, typed: str
) -> None:
    response = at_the_desk(coordinator).post("/search/", {"q": typed})
    assert response.status_code == 200
    assert "Nothing found" in Page(response).text


# -- registration --------------------------------------------------------------------------------------


def test_a_participant_is_registered_and_shown(site: Site, coordinator: User, at_start: datetime) -> None:
    client = at_the_desk(coordinator)
    page = Page(client.get("/participants/new/"))
    assert page.offered["site"] == [str(site.pk)]
    answer = client.post("/participants/new/", {**CONSENT, "site": site.pk})
    participant = Participant.objects.get()
    assert answer.headers["Location"] == f"/participants/{participant.pk}/"
    assert (participant.number, participant.initials) == ("01-001", "ZQH")
    assert "01-001 registered." in Page(client.get(answer.headers["Location"])).text


def test_the_button_pressed_twice_registers_once(site: Site, coordinator: User, at_start: datetime) -> None:
    client = at_the_desk(coordinator)
    client.post("/participants/new/", {**CONSENT, "site": site.pk})
    again = client.post("/participants/new/", {**CONSENT, "site": site.pk})
    assert again.status_code == 422
    assert "01-001 has these initials and signed at this very time." in Page(again).text
    assert Participant.objects.count() == 1
    client.post("/participants/new/", {**CONSENT, "site": site.pk, "initials": "LHM"})
    assert Participant.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"initials": "Zhang Q"}, "Write 2 to 4 Latin letters, for example ZQH."),
        ({"initials": "张三"}, "Write 2 to 4 Latin letters, for example ZQH."),
        ({"initials": "Z"}, "Write 2 to 4 Latin letters, for example ZQH."),
        ({"initials": ""}, "This field is required."),
        ({"consent_signed_at": "yesterday"}, "Write date and time as 2026-8-3 14:05."),
        ({"consent_signed_at": "2026-9-1 10:30"}, "The consent was signed in the future."),
        ({"consent_signed_at": "2026-6-1 9:00"}, "Version 1.0 of the consent form was not approved"),
        ({"copy_given": ""}, "This field is required."),
    ],
)
def test_a_refused_registration_keeps_what_was_typed(
    site: Site, coordinator: User, at_start: datetime, changed: dict[str, str], sentence: str
) -> None:
    typed = {**CONSENT, "site": str(site.pk), **changed}
    response = at_the_desk(coordinator).post("/participants/new/", typed)
    page = Page(response)
    assert response.status_code == 422
    assert sentence in page.text
    assert {name: page.values.get(name, [""])[0] for name in typed} == typed
    assert Participant.objects.count() == 0


def test_nobody_registers_at_a_site_where_they_only_read(
    site: Site, other_site: Site, coordinator: User, monitor: User, at_start: datetime
) -> None:
    RoleHeld.objects.create(user=coordinator, role=Role.MONITOR, site=other_site, starts_on="2026-01-01")
    response = at_the_desk(coordinator).post("/participants/new/", {**CONSENT, "site": other_site.pk})
    assert response.status_code == 422
    assert at_the_desk(monitor).post("/participants/new/", {**CONSENT, "site": site.pk}).status_code == 403
    assert Participant.objects.count() == 0


# -- addresses -----------------------------------------------------------------------------------------


def test_no_address_tells_who_somebody_is(three: list[Participant], coordinator: User) -> None:
    client = at_the_desk(coordinator)
    send(client, form_address(three[0], "VS"), {"pulse": "72"})
    visit = visit_of(three[0])
    pages = [
        "/",
        "/participants/",
        f"/participants/{three[0].pk}/",
        f"/participants/{three[0].pk}/trail/",
        form_address(three[0], "VS"),
        f"/visits/{visit.pk}/VS/history/?item=pulse",
        "/search/",
    ]
    telling = {word.lower() for p in three for word in (p.number, p.initials)}
    for where in pages:
        response = client.get(where)
        assert response.status_code == 200, where
        for address in Page(response).addresses:
            parts = urlsplit(address)
            words = set(f"{parts.path}/{parts.query}".lower().replace("?", "/").replace("=", "/").split("/"))
            assert words & telling == set(), (where, address)
            assert parts.netloc == "", (where, address)


@pytest.mark.parametrize(
    "where",
    [
        "/",
        "/participants/",
        "/participants/new/",
        "/search/",
        "/participants/{pk}/",
        "/participants/{pk}/trail/",
    ],
)
def test_no_page_runs_or_styles_anything_inline(
    participant: Participant, coordinator: User, where: str
) -> None:
    html = at_the_desk(coordinator).get(where.format(pk=participant.pk)).content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html
    assert "javascript:" not in html
    assert html.count("<script") == html.count("<script src=")


# -- how many queries ----------------------------------------------------------------------------------

# Session and person, with roles and sites, take 2 of each. One more than in a real trial, whose clock cannot be
# moved and is not asked for: there, the form page takes 10 and the matrix 8.
QUERIES = {"form": 11, "matrix": 7, "home": 17, "participant": 17}


def test_no_page_asks_more_of_the_database_the_more_participants_there_are(
    site: Site, coordinator: User, by_coordinator: Actor, at_start: datetime, django_assert_num_queries: Any
) -> None:
    client = at_the_desk(coordinator)
    first = make_participant(site, by_coordinator)
    send(client, form_address(first, "LB"), {"hemyn": "Y", "wbc": "5.2"})
    pages = {
        "form": form_address(first, "LB"),
        "matrix": "/participants/",
        "home": "/",
        "participant": f"/participants/{first.pk}/",
    }
    for where in pages.values():
        client.get(where)
    for what, where in pages.items():
        with django_assert_num_queries(QUERIES[what]):
            client.get(where)
    for _number in range(29):
        make_participant(site, by_coordinator)
    assert Participant.objects.count() == 30
    for what, where in pages.items():
        with django_assert_num_queries(QUERIES[what]):
            client.get(where)

"""An entry: stored once, never changed, by the participant in the trail; refused in words where it cannot be."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.access import Actor, Permission, participant_at
from accounts.models import Role, Site, User
from diary.actions import hand_out_link, receive_entry, remark, revoke_link
from diary.actions.entries import AHEAD, MOST_A_DAY
from diary.models import DiaryEntry, DiaryLink, DiaryTask, EntryRemark
from diary.policies import LinkEnded, TooMany
from diary.workflow import DiaryTaskState, RemarkKind
from participants.actions import move_participant, read_file
from participants.models import Participant
from participants.workflow import ParticipantState
from records import clock, study
from records.findings import Refused
from records.models import TrailEntry
from records.zone import TRIAL_ZONE
from tests.cast import START, actor, make_participant, make_person
from tests.diary.writing import CALL, opened, send, send_severe, written

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF a photo"


def test_the_same_entry_sent_twice_is_stored_once(link: DiaryLink) -> None:
    key = uuid.uuid4()
    first = send(link, key=key)
    assert send(link, key=key, symptoms={"sym_pain": 9}) == first
    assert DiaryEntry.objects.get().sym_pain == 2
    assert not DiaryTask.objects.exists()


def test_it_is_the_participants_in_the_trail(link: DiaryLink) -> None:
    entry = send(link)
    [row] = TrailEntry.objects.filter(relation="diary_diaryentry")
    assert (row.role, row.person_id, row.participant_id) == ("PARTICIPANT", None, entry.participant_id)
    assert row.site_id == link.participant.site_id


def test_nobody_can_change_or_remove_it(link: DiaryLink) -> None:
    entry = send(link)
    for change in (
        lambda: DiaryEntry.objects.filter(pk=entry.pk).update(sym_pain=0),
        lambda: DiaryEntry.objects.filter(pk=entry.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change()


def test_a_correction_is_an_entry_that_names_the_latest(link: DiaryLink) -> None:
    first = send(link)
    second = send(link, replaces=first.key)
    third = send(link, replaces=first.key)
    assert (second.replaces, third.replaces) == (first, second)
    assert DiaryEntry.objects.filter(replaced_by=None).get() == third


def test_a_correction_of_what_is_somebody_elses_is_refused(
    link: DiaryLink, site: Site, by_coordinator: Actor
) -> None:
    other = opened(make_participant(site, by_coordinator, initials="AB"), by_coordinator)
    theirs = send(other)
    for key in (theirs.key, uuid.uuid4()):
        with pytest.raises(Refused, match="not known"):
            send(link, replaces=key)
    with pytest.raises(Refused, match="Write it anew"):
        send(link, key=theirs.key)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"symptoms": {}}, "at least one"),
        ({"stated": START + AHEAD + timedelta(seconds=1)}, "future"),
        ({"stated": START - timedelta(days=1)}, "before you joined"),
    ],
)
def test_what_cannot_be_is_refused(link: DiaryLink, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        send(link, **changed)
    assert not DiaryEntry.objects.exists()


def test_the_limits_of_the_time_are_taken(link: DiaryLink) -> None:
    assert send(link, stated=START + AHEAD).stated == START + AHEAD
    midnight = START.astimezone(TRIAL_ZONE).replace(hour=0)
    assert send(link, stated=midnight).stated == midnight


@pytest.mark.parametrize(
    "changed", [{"symptoms": {"sym_pain": 11}}, {"temperature": Decimal("43.1")}, {"test": "X"}]
)
def test_the_database_refuses_what_no_page_sends(link: DiaryLink, changed: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        send(link, **changed)


def test_a_link_that_ended_takes_nothing(
    link: DiaryLink, participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(LinkEnded):
        send(link, now=link.expires)
    revoke_link(link=link, why="phone lost", by=by_coordinator, now=START)
    with pytest.raises(LinkEnded, match=CALL):
        send(link)
    unopened, _token = hand_out_link(participant=participant, call=CALL, by=by_coordinator, now=START)
    with pytest.raises(LinkEnded):
        send(unopened)


def test_who_takes_part_no_longer_writes_no_more(
    link: DiaryLink, participant: Participant, by_coordinator: Actor
) -> None:
    move_participant(
        participant=participant, to=ParticipantState.WITHDRAWN, reason="", by=by_coordinator, now=START
    )
    with pytest.raises(LinkEnded, match="ended"):
        send(link)


def test_a_day_takes_sixty(link: DiaryLink) -> None:
    for _time in range(MOST_A_DAY):
        send(link)
    with pytest.raises(TooMany):
        send(link)
    assert send(link, now=START + timedelta(days=1))


def test_a_photo_is_kept_with_it(link: DiaryLink) -> None:
    by = participant_at(link.participant.site_id)
    entry = receive_entry(
        link=link,
        written=written(symptoms={}),
        photo=io.BytesIO(JPEG),
        size=len(JPEG),
        by=by,
        now=START,
    )
    assert entry.photo is not None and entry.photo.stored_by is None
    assert read_file(entry.photo) == JPEG
    with pytest.raises(Refused, match="neither an image"):
        receive_entry(link=link, written=written(), photo=io.BytesIO(b"<html>"), size=6, by=by, now=START)
    assert DiaryEntry.objects.count() == 1


# -- severe answers ------------------------------------------------------------------------------------


def test_a_severe_answer_raises_a_task_with_it(link: DiaryLink) -> None:
    entry = send_severe(link)
    task = DiaryTask.objects.get()
    assert (task.entry, task.state, task.reasons) == (
        entry,
        DiaryTaskState.OPEN,
        ["sym_fever", "temperature"],
    )
    assert task.reason_words.en == "Fever 8, Highest temperature (°C) 39.2"
    assert [step.state for step in task.steps.all()] == [DiaryTaskState.OPEN]


def test_what_is_severe_is_a_study_setting(link: DiaryLink, data_manager: User, site: Site) -> None:
    study.set_value(
        key="diary_severe_from",
        value="3",
        effective_from=clock.day(START),
        reason="more careful",
        by=actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site),
        now=START,
    )
    send(link, symptoms={"sym_pain": 2})
    assert not DiaryTask.objects.exists()
    send(link, symptoms={"sym_pain": 3})
    assert DiaryTask.objects.get().reasons == ["sym_pain"]


# -- what the site says --------------------------------------------------------------------------------


def test_the_site_marks_as_seen_once_and_comments(link: DiaryLink, by_coordinator: Actor) -> None:
    entry = send(link)
    for _time in range(2):
        remark(entry=entry, kind=RemarkKind.SEEN, comment="", by=by_coordinator, now=START)
    remark(entry=entry, kind=RemarkKind.COMMENT, comment=" called ", by=by_coordinator, now=START)
    assert list(EntryRemark.objects.values_list("kind", "comment")) == [("SEEN", ""), ("COMMENT", "called")]
    with pytest.raises(Refused):
        remark(entry=entry, kind=RemarkKind.COMMENT, comment=" ", by=by_coordinator, now=START)


def test_nobody_else_remarks(link: DiaryLink, other_site: Site, monitor: User, site: Site) -> None:
    entry = send(link)
    away = make_person("away", Role.COORDINATOR, other_site)
    for by in (
        actor(away, Permission.ENTER_DATA, other_site),
        actor(monitor, Permission.SEE_PARTICIPANTS, site),
    ):
        with pytest.raises(Refused):
            remark(entry=entry, kind=RemarkKind.SEEN, comment="", by=by, now=START)

"""What participants of the first site wrote on their phones, and what the site did about it; one of each state there is."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import VISITOR, Permission, participant_at
from diary.actions import (
    Written,
    hand_out_link,
    keep_contact,
    move_task,
    open_link,
    receive_entry,
    remark,
    revoke_link,
    withdraw_contact,
)
from diary.contact_cipher import Contact
from diary.models import DiaryEntry, DiaryLink
from diary.models.entries import SYMPTOMS
from diary.workflow import DiaryTaskState, RemarkKind
from participants.models import Demographics, Participant
from participants.workflow import ParticipantState
from records import clock
from trial_edc.demo.scene import OPENS_AT, Team, actor_of

CALL = "021-5555 0100"
HANDED_OUT = OPENS_AT - timedelta(days=12)
NAMES = uuid.UUID(int=0)  # keys of a demo are the same each time it is made


def keep_diaries(team: Team) -> None:
    """Four people keep a record: two with severe answers, one who corrected himself, one whose phone was lost."""
    people = list(
        Participant.objects.filter(
            site=team.site, status__in=(ParticipantState.FOLLOW_UP, ParticipantState.ON_TREATMENT)
        ).order_by("-number")[:4]
    )
    fever, pain, corrected, lost = (_opens(one, team) for one in people)
    _fever(fever, team)
    _pain(pain, team)
    _corrects(corrected, team)
    _send(lost, HANDED_OUT + timedelta(days=1), {"sym_fatigue": 2}, note="今天精神还可以。")
    revoke_link(link=lost, why="手机遗失", by=team.coordinator, now=HANDED_OUT + timedelta(days=6))
    hand_out_link(
        participant=people[3], call=CALL, by=team.coordinator, now=HANDED_OUT + timedelta(days=6, hours=1)
    )
    _contacts(people[:2], team)


def _opens(participant: Participant, team: Team) -> DiaryLink:
    link, token = hand_out_link(participant=participant, call=CALL, by=team.coordinator, now=HANDED_OUT)
    born = str(Demographics.objects.values_list("brthdtc", flat=True).get(participant=participant))
    at = HANDED_OUT + timedelta(minutes=10)
    open_link(token=token, year=born[:4], address="192.0.2.1", by=VISITOR, now=at)
    link.refresh_from_db()
    return link


def _send(link: DiaryLink, at: datetime, symptoms: dict[str, int], **more: Any) -> DiaryEntry:
    """Everything not named is none."""
    key = uuid.uuid5(NAMES, f"{link.participant.number} {at} {symptoms}")
    answers = {**dict.fromkeys(SYMPTOMS, 0), **symptoms}
    stated = at.replace(second=0, microsecond=0)
    written = Written(key=key, stated=stated, typed=at, symptoms=answers, **more)
    by = participant_at(link.participant.site_id)
    return receive_entry(link=link, written=written, photo=None, size=0, by=by, now=at + timedelta(minutes=2))


def _fever(link: DiaryLink, team: Team) -> None:
    """Fever last week, seen to; another one this morning, which waits."""
    first = HANDED_OUT + timedelta(days=3, hours=10)
    entry = _send(
        link, first, {"sym_fever": 7, "sym_fatigue": 5}, temperature=Decimal("38.9"), note="下午开始发冷。"
    )
    called = first + timedelta(minutes=40)
    move_task(task=entry.task, to=DiaryTaskState.SEEN, done="", by=team.coordinator, now=called)
    done = "已电话联系，次日来院复查血常规，按感染处理。"
    move_task(
        task=entry.task,
        to=DiaryTaskState.DONE,
        done=done,
        by=team.investigator,
        now=called + timedelta(hours=1),
    )
    _send(
        link, OPENS_AT - timedelta(hours=1), {"sym_fever": 6, "sym_fatigue": 4}, temperature=Decimal("38.6")
    )


def _pain(link: DiaryLink, team: Team) -> None:
    """A mild week, then pain the coordinator has seen."""
    mild = _send(
        link, HANDED_OUT + timedelta(days=2), {"sym_pain": 2, "sym_nausea": 1}, temperature=Decimal("36.7")
    )
    remark(
        entry=mild, kind=RemarkKind.SEEN, comment="", by=team.coordinator, now=HANDED_OUT + timedelta(days=3)
    )
    at = OPENS_AT - timedelta(hours=14)
    entry = _send(link, at, {"sym_pain": 8, "sym_appetite": 5})
    seen = OPENS_AT - timedelta(minutes=30)
    move_task(task=entry.task, to=DiaryTaskState.SEEN, done="", by=team.coordinator, now=seen)


def _corrects(link: DiaryLink, team: Team) -> None:
    """A result read wrongly, corrected the same evening; the coordinator comments."""
    at = HANDED_OUT + timedelta(days=4)
    test: dict[str, Any] = {"test": "AFP", "unit": "ng/mL"}
    first = _send(link, at, {"sym_fatigue": 3}, value="1320", **test)
    later = at + timedelta(hours=5)
    second = _send(link, later, {"sym_fatigue": 3}, value="132.0", replaces=first.key, **test)
    remark(
        entry=second,
        kind=RemarkKind.COMMENT,
        comment="已与受试者核对外院报告单。",
        by=team.coordinator,
        now=later + timedelta(days=1),
    )


def _contacts(people: list[Participant], team: Team) -> None:
    """Two agreed that the site keeps their number; one took it back."""
    by = actor_of("coordinator", Permission.SEE_CONTACTS, team.site)
    for participant, phone in zip(people, ("138 0000 0001", "138 0000 0002"), strict=True):
        keep_contact(
            participant=participant,
            contact=Contact(phone=phone),
            signed_on=clock.day(HANDED_OUT),
            by=by,
            now=HANDED_OUT,
        )
    back = HANDED_OUT + timedelta(days=5)
    withdraw_contact(participant=people[1], signed_on=clock.day(back), by=by, now=back)

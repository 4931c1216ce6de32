"""A link: handed out once, opened on one phone with the year of birth, taken back, and never to be read again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.access import SYSTEM, VISITOR, Actor, Permission
from accounts.models import Role, Site, User
from diary.actions import Opening, hand_out_link, note_use, open_link, revoke_link
from diary.actions.links import FAILURES_OF_AN_ORIGIN, FAILURES_WITHIN, REPLACED
from diary.models import DiaryKnock, DiaryLink
from diary.models.links import WRONG_YEARS
from diary.policies import LinkEnded, TooMany
from diary.workflow import KnockOutcome, LinkStanding
from participants.models import Participant
from records.findings import Refused
from records.models import TrailEntry
from tests.cast import START, actor, make_person
from tests.diary.writing import CALL, YEAR, known

HERE = "192.0.2.7"


@pytest.fixture
def handed_out(participant: Participant, by_coordinator: Actor) -> tuple[DiaryLink, str]:
    return hand_out_link(
        participant=known(participant, by_coordinator), call=CALL, by=by_coordinator, now=START
    )


def knock(token: str, year: str = YEAR, *, address: str = HERE, now: datetime = START) -> Opening:
    return open_link(token=token, year=year, address=address, by=VISITOR, now=now)


def test_it_opens_once_on_one_phone(handed_out: tuple[DiaryLink, str]) -> None:
    link, token = handed_out
    assert link.standing(START) == LinkStanding.WAITING
    first = knock(token)
    assert first.refused is None and len(first.device) >= 43
    second = knock(token)
    assert isinstance(second.refused, LinkEnded)
    link.refresh_from_db()
    assert link.standing(START) == LinkStanding.IN_USE
    assert list(link.knocks.values_list("outcome", flat=True)) == [KnockOutcome.OPENED, KnockOutcome.TAKEN]


def test_its_secrets_stand_nowhere(handed_out: tuple[DiaryLink, str]) -> None:
    link, token = handed_out
    device = knock(token).device
    link.refresh_from_db()
    assert {token, device}.isdisjoint({link.token_hash, link.device_hash})
    for entry in TrailEntry.objects.filter(relation__startswith="diary_"):
        for secret in (token, device, link.token_hash, link.device_hash):
            assert secret not in str(entry.changes)
        assert HERE not in str(entry.changes)
    opening = TrailEntry.objects.filter(relation="diary_diarylink", operation="UPDATE").get()
    assert opening.role == "PARTICIPANT"
    assert opening.changes["device_hash"] == ["hidden", "hidden"]


def test_it_expires_at_the_moment_it_says(handed_out: tuple[DiaryLink, str]) -> None:
    link, token = handed_out
    assert link.expires == START + timedelta(days=180)
    assert link.standing(link.expires - timedelta(seconds=1)) == LinkStanding.WAITING
    assert link.standing(link.expires) == LinkStanding.EXPIRED
    assert isinstance(knock(token, now=link.expires).refused, LinkEnded)


def test_wrong_years_of_birth_block_it(handed_out: tuple[DiaryLink, str]) -> None:
    link, token = handed_out
    for _time in range(WRONG_YEARS):
        assert knock(token, "1900").outcome == KnockOutcome.WRONG_YEAR
    assert knock(token).outcome == KnockOutcome.ENDED
    link.refresh_from_db()
    assert link.standing(START) == LinkStanding.BLOCKED


def test_who_tries_tokens_waits_and_leaves_no_more_rows(handed_out: tuple[DiaryLink, str]) -> None:
    _link, token = handed_out
    for number in range(FAILURES_OF_AN_ORIGIN):
        assert knock(f"guess {number}").outcome == KnockOutcome.UNKNOWN
    assert isinstance(knock(token).refused, TooMany)
    assert DiaryKnock.objects.count() == FAILURES_OF_AN_ORIGIN
    assert knock(token, address="192.0.2.8", now=START).refused is None
    later = START + FAILURES_WITHIN
    assert knock("guess", now=later).outcome == KnockOutcome.UNKNOWN


def test_another_link_ends_the_one_before(
    handed_out: tuple[DiaryLink, str], participant: Participant, by_coordinator: Actor
) -> None:
    first, token = handed_out
    hand_out_link(participant=participant, call=CALL, by=by_coordinator, now=START)
    first.refresh_from_db()
    assert (first.revoked_why, first.revoked_by) == (REPLACED, by_coordinator.person)
    assert isinstance(knock(token).refused, LinkEnded)
    with pytest.raises(IntegrityError), transaction.atomic():
        DiaryLink.objects.filter(pk=first.pk).update(revoked_at=None, revoked_by=None, revoked_why="")


def test_it_is_taken_back_with_a_reason_once(
    handed_out: tuple[DiaryLink, str], by_coordinator: Actor
) -> None:
    link, _token = handed_out
    with pytest.raises(Refused):
        revoke_link(link=link, why=" ", by=by_coordinator, now=START)
    revoke_link(link=link, why="phone lost", by=by_coordinator, now=START)
    with pytest.raises(Refused):
        revoke_link(link=link, why="phone lost", by=by_coordinator, now=START)
    link.refresh_from_db()
    assert link.standing(START) == LinkStanding.REVOKED


def test_only_the_sites_staff_hand_it_out(
    participant: Participant, by_coordinator: Actor, monitor: User, site: Site, other_site: Site
) -> None:
    known(participant, by_coordinator)
    away = make_person("away", Role.COORDINATOR, other_site)
    for by in (
        actor(monitor, Permission.SEE_PARTICIPANTS, site),
        actor(away, Permission.ENTER_DATA, other_site),
        SYSTEM,
    ):
        with pytest.raises(Refused):
            hand_out_link(participant=participant, call=CALL, by=by, now=START)


def test_it_needs_a_year_of_birth_and_a_number_to_call(
    participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused, match="date of birth"):
        hand_out_link(participant=participant, call=CALL, by=by_coordinator, now=START)
    known(participant, by_coordinator)
    with pytest.raises(Refused, match="number"):
        hand_out_link(participant=participant, call=" ", by=by_coordinator, now=START)


def test_its_use_is_kept_to_the_hour(handed_out: tuple[DiaryLink, str]) -> None:
    link, token = handed_out
    knock(token)
    link.refresh_from_db()
    for minutes, kept in ((59, 0), (60, 60), (119, 60)):
        note_use(link=link, by=VISITOR, now=START + timedelta(minutes=minutes))
        link.refresh_from_db()
        assert link.last_used == START + timedelta(minutes=kept)

"""What monitors, investigators and data managers did over the first casebooks: asked, read, held and signed."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.access import Access, Actor, Permission
from accounts.models import User
from eligibility.models import ConcomitantMedication
from monitoring.actions import hold, sign, verify, withdraw
from monitoring.actions.queries import answer_query, close_query, raise_query
from monitoring.extents import Extent
from monitoring.places import Place
from monitoring.selectors.contents import entered_at, seen, submitted
from monitoring.selectors.readiness import readiness_of
from monitoring.trust import HoldState, Kind
from participants.models import CaseReportForm, Participant, Visit
from participants.workflow import ParticipantState
from records import clock
from records.actions import remove_record
from trial_edc.demo.filling import fill
from trial_edc.demo.scene import OPENS_AT, Team

READING = OPENS_AT - timedelta(days=20)
CORRECTING = OPENS_AT - timedelta(days=12)
TICKED = ["lbdtc", "alt", "tbil", "alb"]


def oversee(team: Team) -> None:
    """Read, ask about, sign, freeze and lock the screening of six people of a site; one of each state there is."""
    people = list(
        Participant.objects.select_related("site")
        .filter(site=team.site, status__in=[ParticipantState.FOLLOW_UP, ParticipantState.COMPLETED])
        .order_by("number")[:6]
    )
    monitor = _as("monitor", Permission.VERIFY_SOURCE, team)
    manager = _as("datamanager", Permission.LOCK, team)
    visits = [
        Visit.objects.select_related("participant__site").get(participant=one, code="SCR") for one in people
    ]
    for visit in visits[:4]:
        _verify(Extent.of_visit(visit), monitor, READING)
    _verify(Extent.of_form(visits[4], "LB", 1), monitor, READING, TICKED)
    withdraw(
        extent=(form := Extent.of_form(visits[2], "DM", 1)),
        kind=Kind.SOURCE,
        saw=_seen(form),
        by=monitor,
        now=READING + timedelta(minutes=20),
        reason="源文件版本有误，待重新核查。",
    )
    _ask(visits, monitor, team.coordinator)
    for visit, code in ((visits[0], "DM"), (visits[3], "VS")):
        form = Extent.of_form(visit, code, 1)
        sign(
            extent=form,
            meaning="REVIEWED",
            saw=readiness_of(form, READING).sha256,
            by=team.investigator,
            now=READING + timedelta(days=2),
        )
    _correct(visits[3], team.coordinator)
    _mistype(team)
    _remove_medication(team, monitor)
    for visit, states, by in (
        (visits[3], (HoldState.FROZEN,), monitor),
        (visits[4], (HoldState.FROZEN, HoldState.OPEN), monitor),
        (visits[5], (HoldState.LOCKED,), manager),
    ):
        for state in states:
            hold(extent=Extent.of_visit(visit), to=state, by=by, now=CORRECTING, reason="补录检验结果。")


def _as(name: str, permission: Permission, team: Team) -> Actor:
    person = User.objects.get(username=name)
    return Access.of(person, clock.day(OPENS_AT)).actor(permission, team.site.pk)


def _seen(extent: Extent) -> str:
    return seen(submitted(entered_at(extent)))


def _verify(extent: Extent, by: Actor, now: datetime, items: list[str] | None = None) -> None:
    verify(extent=extent, kind=Kind.SOURCE, saw=_seen(extent), by=by, now=now, items=items)


def _ask(visits: list[Visit], monitor: Actor, coordinator: Actor) -> None:
    """Three questions about the weight: one is open, one answered, one closed."""
    for place, visit in enumerate(visits[:3]):
        at = READING + timedelta(hours=place)
        query = raise_query(
            place=Place(visit.participant, visit, "VS", 1, "weight"),
            words="请核对体重，源文件记录不清晰。",
            by=monitor,
            now=at,
        )
        if place:
            answer_query(
                query=query, words="已核对源文件，数值无误。", by=coordinator, now=at + timedelta(days=1)
            )
        if place == 2:
            close_query(query=query, by=monitor, now=at + timedelta(days=2))


def _correct(visit: Visit, by: Actor) -> None:
    """A pulse is corrected after it was verified and signed."""
    stored: CaseReportForm = entered_at(Extent.of_form(visit, "VS", 1))[0].record
    pulse = stored.pulse  # type: ignore[attr-defined]
    fill(visit.participant, "VS", {"pulse": pulse + 2}, by=by, now=CORRECTING, reason="录入错误")


def _mistype(team: Team) -> None:
    """Two pulses that are not usual, in forms not submitted yet: one is corrected, one still waits."""
    beginners = Participant.objects.filter(site=team.site, status=ParticipantState.SCREENING).order_by(
        "number"
    )
    now = OPENS_AT - timedelta(hours=2)
    for participant, pulses in zip(beginners[:2], ((128, 82), (124,)), strict=True):
        for pulse in pulses:
            fill(participant, "VS", {"pulse": pulse}, by=team.coordinator, now=now, submit=False)


def _remove_medication(team: Team, monitor: Actor) -> None:
    """A medication that was read over turns out to have been entered twice."""
    record = (
        ConcomitantMedication.objects.select_related("visit__participant__site", "participant__site")
        .filter(participant__site=team.site, state="SUBMITTED")
        .order_by("-pk")
        .first()
    )
    assert record is not None
    _verify(Extent.of_form(record.visit, "CM", record.repeat), monitor, READING)
    remove_record(
        record=record, revision=record.revision, by=team.coordinator, now=CORRECTING, reason="重复录入"
    )

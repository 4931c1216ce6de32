"""The verbs of a participant's path: register, move along, fix the dates visits are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from accounts.models import Site
from participants.models import (
    THROUGHOUT,
    AnchorDate,
    ConsentVersion,
    Demographics,
    Participant,
    ParticipantStatus,
    Visit,
    VisitStatus,
)
from participants.models.participant import NOT_APPROVED
from participants.schedule_file import Anchor
from participants.selectors import schedule_of
from participants.workflow import PARTICIPANT_MOVES, VISIT_MOVES, ParticipantState, VisitState
from records import clock, events
from records.actions import save_record
from records.checks import Entry
from records.findings import Refused


@action
def register(
    *,
    site: Site,
    initials: str,
    consent_signed_at: datetime,
    consent_version: str,
    consent_signer: str,
    copy_given: str,
    by: Actor,
    now: datetime,
) -> Participant:
    """Give a participant who consented the site's next number and begin screening.

    Numbers have no gaps and are never used again: the site's row is locked while one is taken. Raises
    Refused where the site is not activated yet or the consent is in the future or of a version that
    was not approved at this site on that day.
    """
    return _register(
        site=_locked(site),
        initials=initials,
        consent_signed_at=consent_signed_at,
        consent_version=consent_version,
        consent_signer=consent_signer,
        copy_given=copy_given,
        by=by,
        now=now,
    )


def _locked(site: Site) -> Site:
    """Read a site as it is now; who else registers there waits."""
    return Site.objects.select_for_update().get(pk=site.pk)


def _register(
    *,
    site: Site,
    initials: str,
    consent_signed_at: datetime,
    consent_version: str,
    consent_signer: str,
    copy_given: str,
    by: Actor,
    now: datetime,
) -> Participant:
    today = clock.day(now)
    if site.activated_on is None or site.activated_on > today:
        raise Refused(_("This site is not activated yet, so it cannot register participants."))
    if consent_signed_at > now:
        raise Refused(_("The consent was signed in the future. Check the date and the time."))
    signed_on = clock.day(consent_signed_at)
    version = ConsentVersion.objects.filter(site=site, version=consent_version).first()
    if version is None or not version.holds_on(signed_on):
        raise Refused(NOT_APPROVED.format(version=consent_version, day=signed_on.isoformat()))
    sequence = (Participant.objects.filter(site=site).aggregate(last=Max("sequence"))["last"] or 0) + 1
    participant = Participant.objects.create(
        site=site,
        sequence=sequence,
        number=f"{site.code}-{sequence:03d}",
        initials=initials.strip().upper(),
        registered_at=now,
        registered_by=by.author,
    )
    ParticipantStatus.objects.create(participant=participant, status=participant.status, at=now, by=by.person)
    set_anchor(participant=participant, anchor=Anchor.CONSENT, day=signed_on, by=by, now=now)
    screening = Visit.objects.get(participant=participant, code="SCR")
    screening.participant = participant
    _open_log(screening)
    entry = Entry(
        {
            "icfdtc": consent_signed_at,
            "icfver": consent_version,
            "icfwho": consent_signer,
            "icfcopy": copy_given,
        }
    )
    save_record(
        model=Demographics,
        place={"participant": participant, "visit": screening, "repeat": 1},
        entry=entry,
        context=Demographics.context(visit=screening, today=today, now=now),
        submit=False,
        by=by,
        now=now,
    )
    return participant


def _open_log(screening: Visit) -> None:
    """Make the place of the forms kept throughout the study, where the schedule has one."""
    for definition in schedule_of(screening.schedule_id).visits:
        if definition.series == THROUGHOUT:
            Visit.objects.create(
                participant=screening.participant,
                schedule_id=screening.schedule_id,
                code=definition.code,
                position=definition.order,
                series=definition.series,
                label_en=definition.label.en,
                label_zh=definition.label.zh,
                forms=list(definition.forms),
                optional=list(definition.optional),
            )


@action
def register_once(
    *,
    site: Site,
    initials: str,
    consent_signed_at: datetime,
    consent_version: str,
    consent_signer: str,
    copy_given: str,
    by: Actor,
    now: datetime,
) -> Participant:
    """Register as `register` does, but never the same person a second time by pressing the button twice.

    A number is given for good, so the second of two equal registrations is Refused: the same initials, and
    the same minute of consent, at the same site.
    """
    site = _locked(site)
    twin = (
        Demographics.objects.filter(
            participant__site=site, participant__initials=initials.strip().upper(), icfdtc=consent_signed_at
        )
        .values_list("participant__number", flat=True)
        .first()
    )
    if twin:
        raise Refused(
            _(
                "%(number)s has these initials and signed at this very time. "
                "Open that participant, or check the time of the consent."
            )
            % {"number": twin}
        )
    return _register(
        site=site,
        initials=initials,
        consent_signed_at=consent_signed_at,
        consent_version=consent_version,
        consent_signer=consent_signer,
        copy_given=copy_given,
        by=by,
        now=now,
    )


@action
def move_participant(
    *,
    participant: Participant,
    to: ParticipantState,
    by: Actor,
    now: datetime,
    reason: str = "",
    arm: str | None = None,
    only_from: ParticipantState | None = None,
    refusal: str = "",
) -> None:
    """Append a step to the participant's path, and the arm it assigns, if it does.

    Refused where the table of moves does not allow it from where the participant is by now, or from elsewhere
    than `only_from`; `refusal` says it in other words, in which %(now)s and %(to)s stand for the two states.
    """
    before = [
        state
        for state, moves in PARTICIPANT_MOVES.items()
        if to in moves and (only_from is None or state is only_from)
    ]
    given = {"status": to} if arm is None else {"status": to, "arm": arm}
    if not Participant.objects.filter(pk=participant.pk, status__in=before).update(**given):
        participant.refresh_from_db(fields=["status"])
        sentence = refusal or _("A participant who is “%(now)s” cannot become “%(to)s”.")
        states = {"now": participant.status_words, "to": Participant(status=to).status_words}
        raise Refused(sentence % states)
    for name, value in given.items():
        setattr(participant, name, value)
    ParticipantStatus.objects.create(participant=participant, status=to, at=now, by=by.person, reason=reason)
    events.publish(events.ParticipantMoved(by, now, participant, to))


NOT_BEGUN = (VisitState.PLANNED, VisitState.SUPERSEDED)


def _lock(visit: Visit) -> None:
    """Read a visit's status as it is now and keep it so; forms saved at the same moment wait, but do not collide."""
    visit.status = (
        Visit.objects.select_for_update(no_key=True).values_list("status", flat=True).get(pk=visit.pk)
    )


@action
def move_visit(*, visit: Visit, to: VisitState, by: Actor, now: datetime, reason: str = "") -> None:
    """Append a step to a visit; nothing happens where it is there already; Refused where it cannot go."""
    _lock(visit)
    if visit.status != to:
        _append_steps(visit, [to], by=by, now=now, reason=reason)


def _append_steps(
    visit: Visit, steps: Sequence[VisitState], *, by: Actor, now: datetime, reason: str = ""
) -> None:
    """Take a locked visit along some steps."""
    for to in steps:
        if to not in VISIT_MOVES[VisitState(visit.status)]:
            raise Refused(
                _("A visit that is “%(now)s” cannot become “%(to)s”.")
                % {"now": visit.status_words, "to": Visit(status=to).status_words}
            )
        visit.status = to
    visit.save(update_fields=["status"])
    VisitStatus.objects.bulk_create(
        VisitStatus(
            participant_id=visit.participant_id, visit=visit, status=to, at=now, by=by.person, reason=reason
        )
        for to in steps
    )


# Answers with a row only where the date was not there, or was another.
SET_ANCHOR = """
INSERT INTO participants_anchordate AS known (participant_id, name, date) VALUES (%s, %s, %s)
ON CONFLICT (participant_id, name) DO UPDATE SET date = excluded.date WHERE known.date <> excluded.date
RETURNING id
"""


@action
def set_anchor(
    *, participant: Participant, anchor: Anchor, day: date | None, by: Actor, now: datetime
) -> None:
    """Fix, change or (day None) forget a date visits are counted from, and tell the planner where it moved."""
    if day is None:
        forgotten, _kinds = AnchorDate.objects.filter(participant=participant, name=anchor).delete()
        moved = bool(forgotten)
    else:
        with connection.cursor() as cursor:
            cursor.execute(SET_ANCHOR, [participant.pk, str(anchor), day])
            moved = cursor.fetchone() is not None
    if not moved:
        return
    events.publish(events.AnchorMoved(by, now, participant, str(anchor)))


@action
def approve_consent(
    *, site: Site, version: str, approved_on: date, retired_on: date | None, by: Actor, now: datetime
) -> ConsentVersion:
    """Say from which day on (and until before which) a site may use a version of the consent form."""
    if retired_on is not None and retired_on <= approved_on:
        raise Refused(_("A consent form is retired after the day it was approved."))
    consent, _created = ConsentVersion.objects.update_or_create(
        site=site, version=version, defaults={"approved_on": approved_on, "retired_on": retired_on}
    )
    return consent


def note_visit_progress(event: events.Saved) -> None:
    """A form saved at a visit begins it."""
    visit = getattr(event.record, "visit", None)
    if visit is None or visit.throughout or visit.status not in NOT_BEGUN:
        return
    _lock(visit)
    if visit.status in NOT_BEGUN:
        anew = [VisitState.PLANNED] if visit.status == VisitState.SUPERSEDED else []
        _append_steps(visit, [*anew, VisitState.STARTED], by=event.by, now=event.now)


def follow_consent(event: events.Saved) -> None:
    """Visits are counted from the day of the consent as the form says it, corrections included."""
    if event.record.form.code == "DM" and "icfdtc" in event.changed and event.record.icfdtc:
        set_anchor(
            participant=event.record.participant,
            anchor=Anchor.CONSENT,
            day=clock.day(event.record.icfdtc),
            by=event.by,
            now=event.now,
        )


def close_visit(event: events.Submitted | events.Corrected) -> None:
    """A submitted visit header says whether the visit took place."""
    if event.record.form.code == "SV":
        done = event.record.svdone == "Y"
        move_visit(
            visit=event.record.visit,
            to=VisitState.DONE if done else VisitState.MISSED,
            by=event.by,
            now=event.now,
            reason=event.record.svreasnd or "",
        )


def refuse_after_the_end(*, record: object, by: Actor, now: datetime) -> None:
    """Guard: a participant who failed screening takes no more forms but those kept throughout the study.

    Corrections of submitted ones stay open.
    """
    participant = getattr(record, "participant", None)
    if participant is None or getattr(record, "submitted", False):
        return
    visit = getattr(record, "visit", None)
    if participant.status == ParticipantState.SCREEN_FAILURE and not (visit and visit.throughout):
        raise Refused(_("This participant failed screening: no further forms are entered."))

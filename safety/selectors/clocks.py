"""Serious adverse events and their clocks: which run, which are late, and what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import override

from accounts.access import Access, Permission
from accounts.models import Site
from eligibility.event_rules import ImpossibleReport
from eligibility.models import AdverseEvent, ConcomitantMedication
from followup.due_reminders import Occasion, beginning_of
from followup.reminder_rules import MINUTE, About
from participants.models import AnchorDate, Demographics, Participant
from participants.schedule_file import Anchor
from participants.selectors import participants_for
from records import clock, study
from records.codelists import MISSING
from records.definition import row_groups
from records.items import Item, items_of
from records.text import CHINESE, ENGLISH, Text
from safety.clocks import Light, ReportLimits, SaeClock, SusarDeadlines, sae_clock, susar_deadlines
from safety.models import ReportRecipient, SaeDelivery, SaeReport

LIGHT_MARKS = {Light.GREEN: "open", Light.AMBER: "partial", Light.RED: "overdue"}


def report_limits(settings: Mapping[str, Any]) -> ReportLimits:
    """The hours of an initial report by the study settings."""
    return ReportLimits(
        timedelta(hours=settings["sae_report_hours"]), timedelta(hours=settings["sae_amber_hours"])
    )


def clock_of(event: AdverseEvent, now: datetime, settings: Mapping[str, Any]) -> SaeClock | None:
    """The clock of an event; None for one that is not serious, or of which the awareness is not entered.

    Moments count to the minute, as they are entered.
    """
    if event.aeser != "Y" or event.saeaware is None:
        return None
    try:
        return sae_clock(
            event.saeaware,
            now=now.replace(second=0, microsecond=0),
            reported=event.saerep,
            limits=report_limits(settings),
        )
    except ImpossibleReport:
        # The clock of a demo was moved to before the event.
        return None


@dataclass(frozen=True, slots=True)
class Watched:
    """A serious adverse event with its clock (None: awareness not entered) and the versions of its report."""

    event: AdverseEvent
    clock: SaeClock | None
    reports: tuple[SaeReport, ...] = ()
    susar: SusarDeadlines | None = None

    @property
    def participant(self) -> Participant:
        return self.event.participant

    @property
    def running(self) -> bool:
        """Whether the initial report has still to be sent."""
        return self.event.saerep is None

    @property
    def mark(self) -> str:
        """A word of templates/components/mark.html: the light as shape and colour."""
        if self.clock is None:
            return "overdue"
        if self.clock.reported:
            return "overdue" if self.clock.is_late else "submitted"
        return LIGHT_MARKS[self.clock.light]

    @property
    def light(self) -> str:
        """GREEN, AMBER or RED; RED where the awareness is not entered."""
        return str(self.clock.light) if self.clock else str(Light.RED)

    @property
    def latest(self) -> SaeReport | None:
        return self.reports[-1] if self.reports else None

    @property
    def changed_since(self) -> bool:
        """Whether the form was changed after its latest version was filed."""
        return self.latest is not None and self.latest.revision != self.event.revision


def serious_events(access: Access, where: Q | None = None) -> QuerySet[AdverseEvent]:
    """The serious adverse events of the participants this person sees."""
    if not access.may_somewhere(Permission.SEE_PARTICIPANTS):
        return AdverseEvent.objects.none()
    found = AdverseEvent.objects.filter(
        access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site"), aeser="Y"
    )
    return found.filter(where or Q()).select_related("participant__site", "visit")


# What a clock is made of, and a row of a list: the form has a hundred columns and more.
READ = (
    *(f"participant__{field.name}" for field in Participant._meta.concrete_fields),
    *("visit_id", "repeat", "aeser", "saeaware", "saerep", "entered_at", "aeterm"),
)


def running_clocks(
    access: Access, now: datetime, settings: Mapping[str, Any], site: Site | None = None
) -> list[Watched]:
    """The events whose initial report has not been sent, the next due first; one query."""
    here = Q(saerep__isnull=True) & (Q(participant__site=site) if site else Q())
    events = serious_events(access, here).select_related(None).select_related("participant").only(*READ)
    found = [Watched(event, clock_of(event, now, settings)) for event in events]
    return sorted(found, key=lambda one: (one.clock is not None, one.event.saeaware or one.event.entered_at))


def report_occasions(now: datetime, ahead: timedelta, participants: Collection[int] | None) -> list[Occasion]:
    """The initial reports not sent yet, for reminders (followup/due_reminders.py): due to the minute; two queries."""
    running = AdverseEvent.objects.filter(aeser="Y", saeaware__isnull=False, saerep__isnull=True)
    if participants is not None:
        running = running.filter(participant__in=participants)
    within = report_limits(study.in_force(clock.day(now))).within
    found = []
    for event in running.select_related("participant").order_by("pk"):
        assert event.saeaware is not None
        due = event.saeaware + within
        name = f"AE{event.participant_id}.{event.repeat}:{due.astimezone(UTC):%Y%m%dT%H%M}"
        about = {"event_number": event.repeat, "report_due": due}
        moments = {About.REPORT: due}
        found.append(Occasion(name, event.participant_id, event.participant.site_id, moments, about=about))
    return found


def susar_occasions(now: datetime, ahead: timedelta, participants: Collection[int] | None) -> list[Occasion]:
    """The SUSARs of which the authority has still to be told, for reminders, by the day; two queries, one where none is.

    A version of the report that went to an authority settles the first of the days, the next version the second.
    """
    told = Count("reports", filter=Q(reports__deliveries__recipient__kind="AUTHORITY"), distinct=True)
    known = AdverseEvent.objects.filter(susar="Y", saerep__isnull=False).annotate(told=told)
    if participants is not None:
        known = known.filter(participant__in=participants)
    events = list(known.select_related("participant").order_by("pk"))
    settings = study.in_force(clock.day(now)) if events else {}
    found = []
    for event in events:
        deadlines = susar_of(event, settings)
        assert deadlines is not None
        days = [day for day in (deadlines.report, deadlines.follow_up) if day is not None]
        if event.told >= len(days):
            continue
        day = days[event.told]
        name = f"SUSAR{event.participant_id}.{event.repeat}:{day}"
        about = {"event_number": event.repeat, "report_due": beginning_of(day + timedelta(days=1)) - MINUTE}
        moments = {About.SUSAR: beginning_of(day)}
        found.append(Occasion(name, event.participant_id, event.participant.site_id, moments, about=about))
    return found


def watched_events(access: Access, now: datetime, settings: Mapping[str, Any], where: Q) -> list[Watched]:
    """Events with clock and reports, the latest first; two queries."""
    reports = Prefetch("reports", SaeReport.objects.order_by("number"))
    events = serious_events(access, where).prefetch_related(reports).order_by("-saeaware", "-pk")
    return [watch(event, now, settings) for event in events]


def watch(event: AdverseEvent, now: datetime, settings: Mapping[str, Any]) -> Watched:
    """One event with its clock, its reports and, of a SUSAR, the days by which the authorities are told."""
    return Watched(
        event, clock_of(event, now, settings), tuple(event.reports.all()), susar_of(event, settings)
    )


def susar_of(event: AdverseEvent, settings: Mapping[str, Any]) -> SusarDeadlines | None:
    """The days by which a SUSAR is reported further; None for no SUSAR, and before the sponsor knows.

    The sponsor's awareness is the initial report. Fatal or life-threatening by the criteria of seriousness.
    """
    if event.susar != "Y" or event.saerep is None:
        return None
    return susar_deadlines(
        event.saerep,
        fatal_or_life_threatening="Y" in (event.aesdth, event.aeslife) or event.aeout == "FATAL",
        fatal_days=settings["susar_fatal_days"],
        other_days=settings["susar_other_days"],
    )


def event_or_404(
    access: Access, participant_id: int, number: int, permission: Permission = Permission.SEE_PARTICIPANTS
) -> AdverseEvent:
    """One adverse event of a participant this person may see, by its number."""
    found = AdverseEvent.objects.filter(participant__in=participants_for(access, permission))
    return get_object_or_404(
        found.select_related("participant__site", "visit"), participant_id=participant_id, repeat=number
    )


def report_or_404(access: Access, participant_id: int, number: int, version: int) -> SaeReport:
    """One version of a report, with its event, participant and deliveries."""
    event = event_or_404(access, participant_id, number)
    deliveries = Prefetch(
        "deliveries", SaeDelivery.objects.select_related("recipient", "acknowledged_by").order_by("pk")
    )
    found = event.reports.select_related("filed_by").prefetch_related(deliveries)
    report: SaeReport = get_object_or_404(found, number=version)
    report.event = event
    return report


def recipients_of(site: Site) -> list[ReportRecipient]:
    """Whom a report of this site goes to today: those of the site and those of all sites."""
    return list(
        ReportRecipient.objects.filter(Q(site=site) | Q(site__isnull=True), retired_at__isnull=True).order_by(
            "pk"
        )
    )


# What a version of a report keeps ------------------------------------------------------------------


def snapshot_of(event: AdverseEvent) -> dict[str, Any]:
    """All that is known of an event, as JSON that needs no other row to be read; in both languages.

    `answers` are the stored values, `lines` label and value of each answered item, `rows` the same of the
    follow-up reports; `participant`, `treatment` and `medication` what a reader of the report needs besides.
    """
    answers = {item.name: getattr(event, item.name) for item in items_of(AdverseEvent)}
    groups = row_groups(AdverseEvent)
    return {
        "participant": _person(event.participant),
        "treatment": _treatment(event.participant_id),
        "medication": _medication(event.participant_id),
        "answers": {name: _plain(value) for name, value in answers.items() if value is not None},
        "missing": dict(event.missing),
        "lines": _lines(items_of(AdverseEvent), answers, event.missing),
        "rows": {
            name: [_lines(items_of(rows), vars(row), row.missing) for row in getattr(event, name).all()]
            for name, rows in groups.items()
        },
    }


def _person(participant: Participant) -> dict[str, Any]:
    found: Mapping[str, Any] = (
        Demographics.objects.filter(participant=participant).values("sex", "age", "icfdtc").first() or {}
    )
    consent = found.get("icfdtc")
    return {
        "number": participant.number,
        "initials": participant.initials,
        "site": participant.site.code,
        "arm": participant.arm,
        "sex": found.get("sex"),
        "age": found.get("age"),
        "consent": clock.day(consent).isoformat() if consent else None,
    }


# The dates of treatment a reader of a report looks for; A1 is the Y-90 infusion, or the end of the last cycle.
TREATMENT_WORDS = {
    Anchor.A0: Text("arm assignment", "分组"),
    Anchor.MAP: Text("angiography and MAA", "造影/MAA"),
    **{
        Anchor(f"C{number}_START"): Text(f"HAIC cycle {number}, start", f"HAIC第{number}疗程开始")
        for number in range(1, 5)
    },
    **{
        Anchor(f"C{number}_END"): Text(f"HAIC cycle {number}, end", f"HAIC第{number}疗程结束")
        for number in range(1, 5)
    },
    Anchor.A1: Text("index procedure", "介入治疗"),
    Anchor.A2: Text("hepatectomy", "肝切除术"),
}


def _treatment(participant_id: int) -> list[dict[str, str]]:
    known = AnchorDate.objects.filter(participant_id=participant_id, name__in=list(TREATMENT_WORDS))
    return [
        {"date": day.isoformat(), "en": words.en, "zh": words.zh}
        for name, day in known.order_by("date", "name").values_list("name", "date")
        for words in [TREATMENT_WORDS[Anchor(name)]]
    ]


def _medication(participant_id: int) -> list[dict[str, Any]]:
    names = ("cmtrt", "cmdose", "cmdosu", "cmdosfrq", "cmroute", "cmstdtc", "cmendtc")
    rows = ConcomitantMedication.objects.filter(participant_id=participant_id).order_by("repeat")
    return [
        {name: _plain(value) for name, value in row.items() if value is not None}
        for row in rows.values(*names)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value if isinstance(value, (int, str, list)) else str(value)


def _lines(
    items: Iterable[Item], answers: Mapping[str, Any], missing: Mapping[str, str]
) -> list[dict[str, Any]]:
    lines = []
    for item in items:
        value = answers.get(item.name)
        if value is None and item.name not in missing:
            continue
        shown = {}
        for language in (ENGLISH, CHINESE):
            with override(language):
                reason = MISSING.label(missing[item.name]) if item.name in missing else ""
                shown[language] = item.display(value) if value is not None else str(reason)
        lines.append(
            {
                "item": item.name,
                "en": [item.label.en, shown[ENGLISH]],
                "zh": [item.label.zh, shown[CHINESE]],
            }
        )
    return lines

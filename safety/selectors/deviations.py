"""What the rules of deviations read of a participant's forms, and which drafts wait for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import Access, Permission
from arms import cycle_record, infusion_record
from arms.haic_cycles import judge_interval
from arms.models import ArmAssignment, HaicCycle, MaaMapping, OtherTreatment, Y90Infusion
from arms.models.haic import CYCLE_VISITS, FU1, FU2, LV, OXA
from arms.models.readings import readings_of
from eligibility.facts import Outcome
from eligibility.models import AdverseEvent, Judgement, Laboratory
from eligibility.selectors import assess
from followup.models import Disposition
from participants.models import AnchorDate, CaseReportForm, Demographics, Participant, Visit, VisitHeader
from participants.schedule_file import Anchor
from participants.workflow import VisitState
from records import clock, study
from records.checks import Entry
from records.models import Record
from records.text import Text
from safety import deviation_rules as rules
from safety.deviation_rules import Breach, Source
from safety.models import DeviationDraft, ProtocolDeviation

DRUGS = {"oxa": OXA, "lv": LV, "fu1": FU1, "fu2": FU2}
DOSE_LIMIT, ACTIVITY_LIMIT = Decimal(10), Decimal(20)
PANELS = {
    "HEM": ("hemyn", Text("blood count", "血常规检查")),
    "CHEM": ("chemyn", Text("chemistry", "血生化检查")),
    "COAG": ("coagyn", Text("coagulation", "凝血功能检查")),
}
LABORATORY = Text("laboratory tests", "实验室检查")
# Tests of a visit without a window can be made up for this long.
WITHOUT_WINDOW = timedelta(days=7)

Settings = Mapping[str, Any]


def breaches_of(
    participant: Participant, names: Iterable[str], now: datetime, settings: Settings | None = None
) -> list[Breach]:
    """What the rules of these names find broken; each reads only what it needs."""
    given = study.in_force(clock.day(now)) if settings is None else settings
    return [breach for name in names for breach in READERS[name](participant, now, given)]


def source_of(record: CaseReportForm, part: str = "") -> Source:
    return Source(record.form.code, record.visit_id, record.repeat, part)


def _of(model: type[Any], participant: Participant, *, submitted: bool = False) -> Any:
    """The records of a form in their order, with their visits."""
    found = model._default_manager.filter(participant=participant).select_related("visit")
    if submitted:
        found = found.filter(state=Record.State.SUBMITTED)
    return found.order_by("visit__position", "visit__occurrence", "repeat")


def _consent(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    signed = Demographics.objects.filter(participant=participant).values_list("icfdtc", flat=True).first()
    procedures = []
    for model, item, label in (
        (Judgement, "procdtc", Text("First study-specific procedure", "首次研究相关操作")),
        (HaicCycle, "hprocdt", Text("Catheterisation", "置管")),
        (MaaMapping, "ymapdtc", Text("Angiography and MAA", "造影/MAA")),
        (Y90Infusion, "yinfdt", Text("Y-90 infusion", "钇-90输注")),
    ):
        for record in _of(model, participant):
            at = getattr(record, item)
            if at is not None:
                procedures.append(rules.Procedure(source_of(record), label, at))
    return rules.before_consent(signed, procedures)


def _eligibility(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    if participant.arm is None:
        return ()
    assignment = _of(ArmAssignment, participant, submitted=True).first()
    if assignment is None or assignment.armdtc is None:
        return ()
    failing = [
        (one.id, one.reason) for one in assess(participant, now).results if one.outcome is Outcome.FAIL
    ]
    return rules.not_eligible(source_of(assignment), assignment.armdtc, failing)


def _dose(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    doses = []
    for cycle in _of(HaicCycle, participant, submitted=True):
        start = cycle_record.first_day(cycle.answers)
        for key, drug in DRUGS.items():
            given, planned = getattr(cycle, f"{key}dose"), getattr(cycle, f"{key}calc")
            if start is not None and given is not None and planned is not None:
                source = source_of(cycle, key)
                doses.append(rules.Dose(source, drug, Decimal(given), planned, "mg", DOSE_LIMIT, start))
    for infusion in _of(Y90Infusion, participant, submitted=True):
        infusion.visit.participant = participant
        context = Y90Infusion.context(visit=infusion.visit, today=clock.day(now), now=now)
        net = infusion_record.delivered(Entry.of(infusion).answers, context)
        if net is not None and context["planned"] and infusion.yinfdt is not None:
            doses.append(
                rules.Dose(
                    source_of(infusion),
                    Text("Y-90 activity", "钇-90活度"),
                    net.net,
                    context["planned"],
                    "GBq",
                    ACTIVITY_LIMIT,
                    clock.day(infusion.yinfdt),
                )
            )
    return rules.dose_off(doses)


def _interval(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    cycles = []
    for cycle in _of(HaicCycle, participant, submitted=True):
        number, start = CYCLE_VISITS.get(cycle.visit.code), cycle_record.first_day(cycle.answers)
        if number is not None and start is not None and cycle.hint is not None:
            judged = judge_interval(start - timedelta(days=cycle.hint), start, after_review=number == 3)
            cycles.append((source_of(cycle), number, start, judged))
    return rules.interval_off(cycles)


def _seen(participant: Participant) -> list[VisitHeader]:
    """The headers of the visits that took place."""
    return list(_of(VisitHeader, participant, submitted=True).filter(svdone="Y", svstdtc__isnull=False))


def _window(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    return rules.outside_window(
        rules.VisitSeen(
            source_of(header),
            header.visit.label,
            header.svstdtc,
            header.visit.window_open,
            header.visit.window_close,
        )
        for header in _seen(participant)
        if header.svstdtc is not None
    )


def _labs(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    treated = [*_of(HaicCycle, participant, submitted=True), *_of(Y90Infusion, participant, submitted=True)]
    readings = readings_of(participant.pk, [record.visit for record in treated])
    cleared = []
    for record in treated:
        start = (
            cycle_record.first_day(record.answers) if isinstance(record, HaicCycle) else _day(record.yinfdt)
        )
        if start is not None:
            sampled = _day(readings[record.visit_id].sampled_at)
            cleared.append(rules.Cleared(source_of(record), record.visit.label, start, sampled))
    yield from rules.cleared_late(cleared)
    yield from rules.missing_tests(_due_tests(participant), clock.day(now))


def _due_tests(participant: Participant) -> Iterable[rules.DueTests]:
    """The visits at which laboratory tests were due but for those of treatment, and what was not done."""
    done: dict[int, list[Laboratory]] = {}
    for record in _of(Laboratory, participant):
        done.setdefault(record.visit_id, []).append(record)
    for header in _seen(participant):
        visit = header.visit
        if "LB" not in visit.forms or visit.code in CYCLE_VISITS or visit.code == "Y-INF":
            continue
        assert header.svstdtc is not None
        source, records = source_of(header), done.get(visit.pk, [])
        missing: tuple[tuple[str, Text], ...] = (("", LABORATORY),)
        if records:
            first = records[0]
            source = source_of(first)
            missing = tuple(
                (panel, words)
                for panel, (item, words) in PANELS.items()
                if all(one.submitted and getattr(one, item) == "N" for one in records)
            )
        due_by = visit.window_close or header.svstdtc + WITHOUT_WINDOW
        yield rules.DueTests(source, visit.label, header.svstdtc, due_by, missing)


def _day(moment: datetime | None) -> date | None:
    return clock.day(moment) if moment else None


def _prohibited(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    treatments = [
        rules.OtherTreatment(
            source_of(record), Text("other anti-tumour treatment", "其他抗肿瘤治疗"), record.sactstdtc
        )
        for record in _of(OtherTreatment, participant, submitted=True)
        if getattr(record, "sactstdtc", None)
    ]
    if not treatments:
        return ()
    ends = [
        *_ended(participant),
        *AnchorDate.objects.filter(participant=participant, name=Anchor.A2).values_list("date", flat=True),
    ]
    return rules.prohibited(treatments, min(ends, default=None))


def _ended(participant: Participant) -> list[date]:
    """The day the study treatment ended, as the form of its end says; at most one."""
    found = _of(Disposition, participant, submitted=True)
    return [one.dsstdtc for one in found if getattr(one, "dsscat", None) == "EOT" and one.dsstdtc]


def _second_infusion(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    return rules.second_infusion(
        (source_of(record), clock.day(record.yinfdt))
        for record in _of(Y90Infusion, participant, submitted=True)
        if record.yinfdt is not None
    )


def _cycles(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    if participant.arm != "HAIC":
        return
    given = HaicCycle.objects.filter(participant=participant, state=Record.State.SUBMITTED).count()
    for record in _of(Disposition, participant, submitted=True):
        if getattr(record, "dsscat", None) == "EOT" and record.dsstdtc:
            yield from rules.odd_cycles(source_of(record), record.dsstdtc, given)


def _reported_late(participant: Participant, now: datetime, settings: Settings) -> Iterable[Breach]:
    events = _of(AdverseEvent, participant).filter(aeser="Y", saeaware__isnull=False, saeaware__lte=now)
    return rules.reported_late(
        [
            rules.Reported(source_of(one), one.repeat, one.aeterm or "–", one.saeaware, one.saerep)
            for one in events
        ],
        now,
        timedelta(hours=settings["sae_report_hours"]),
    )


READERS: dict[str, Callable[[Participant, datetime, Settings], Iterable[Breach]]] = {
    "CONSENT": _consent,
    "ELIGIBILITY": _eligibility,
    "DOSE": _dose,
    "INTERVAL": _interval,
    "WINDOW": _window,
    "LABS": _labs,
    "PROHIBITED": _prohibited,
    "SAELATE": _reported_late,
    "SECOND_Y90": _second_infusion,
    "CYCLES": _cycles,
}


# Drafts ---------------------------------------------------------------------------------------------


def drafts_waiting(access: Access, where: Q | None = None) -> QuerySet[DeviationDraft]:
    """Drafts a person still has to complete, and completed ones whose source was corrected since."""
    if not access.may_somewhere(Permission.SEE_PARTICIPANTS):
        return DeviationDraft.objects.none()
    found = DeviationDraft.objects.filter(access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site"))
    incomplete = Q(stands=True) & (Q(deviation__state=Record.State.DRAFT) | Q(deviation=None, revision=0))
    outlived = Q(stands=False, deviation__isnull=False)
    return (
        found.filter(incomplete | outlived)
        .filter(where or Q())
        .select_related("participant", "deviation", "visit")
        .order_by("participant__number", "pk")
    )


def draft_of(record: CaseReportForm | None) -> DeviationDraft | None:
    """The draft a deviation began as; None for one a person entered."""
    if not isinstance(record, ProtocolDeviation):
        return None
    return DeviationDraft.objects.filter(deviation=record).select_related("visit").first()


def participants_to_look_at(today: date) -> QuerySet[Participant]:
    """Those for whom time alone may have brought a deviation: a visit took place and its tests never came."""
    visits = Visit.objects.filter(
        participant=OuterRef("pk"), status=VisitState.DONE, forms__contains=["LB"]
    ).filter(
        ~Exists(Laboratory.objects.filter(visit=OuterRef("pk"))),
        ~Exists(DeviationDraft.objects.filter(rule="LABS", visit=OuterRef("pk"), stands=True)),
    )
    return Participant.objects.filter(Exists(visits)).select_related("site").order_by("pk")

"""What the rules of deviations read of a participant's forms, and which drafts wait for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import Access, Permission
from arms import deviations as of_treatment
from arms import infusion_record
from arms.codelists import OTHER_TREATMENT
from arms.limits import deviation_limits
from arms.models import ActivityPlan, ArmAssignment, HaicCycle, MaaMapping, OtherTreatment, Y90Infusion
from arms.models.haic import CYCLE_VISITS, FU1, FU2, LV, OXA
from arms.models.readings import readings_at
from arms.selectors import FORMS, Treatment, first_treated_on, rechecked
from arms.y90_course import pairs_of, resting_on
from eligibility.facts import Outcome
from eligibility.models import AdverseEvent, Judgement, Laboratory
from eligibility.selectors import assess
from followup.course import progression_date
from followup.models import Disposition
from followup.selectors import assessments_of
from participants.models import AnchorDate, CaseReportForm, Demographics, Participant, Visit, VisitHeader
from participants.schedule_file import Anchor
from participants.selectors import case_forms_of
from participants.workflow import VisitState
from records import clock, study
from records.models import Record
from records.text import Text
from safety import deviation_rules as rules
from safety.deviation_rules import Breach, Source
from safety.models import DeviationDraft, ProtocolDeviation

Form = TypeVar("Form", bound=CaseReportForm)

DRUGS: Final = {"oxa": OXA, "lv": LV, "fu1": FU1, "fu2": FU2}
PANELS: Final = {
    "HEM": ("hemyn", Text("blood count", "血常规检查")),
    "CHEM": ("chemyn", Text("chemistry", "血生化检查")),
    "COAG": ("coagyn", Text("coagulation", "凝血功能检查")),
}
LABORATORY: Final = Text("laboratory tests", "实验室检查")
# Tests of a visit without a window can be made up for this long.
WITHOUT_WINDOW: Final = timedelta(days=7)

Settings = Mapping[str, Any]


def breaches_of(
    participant: Participant, names: Iterable[str], now: datetime, settings: study.InForce | None = None
) -> list[Breach]:
    """What the rules of these names find broken; the forms are read at once, in one query."""
    given = study.in_force(clock.day(now)) if settings is None else settings
    book = case_forms_of(participant, (*FORMS, Judgement, AdverseEvent, Disposition))
    read = Treatment(participant, book, given, now)
    return [breach for name in names for breach in READERS[name](read)]


def source_of(record: CaseReportForm, part: str = "") -> Source:
    return Source(record.form.code, record.visit_id, record.repeat, part)


def _submitted(read: Treatment, model: type[Form]) -> list[Form]:
    return [one for one in read.book.of(model) if one.submitted]


def _consent(read: Treatment) -> Iterable[Breach]:
    person = read.book.last(Demographics)
    procedures = [
        rules.Procedure(source_of(record), label, at)
        for model, item, label in (
            (Judgement, "procdtc", Text("First study-specific procedure", "首次研究相关操作")),
            (HaicCycle, "hprocdt", Text("Catheterisation", "置管")),
            (MaaMapping, "ymapdtc", Text("Angiography and MAA", "造影/MAA")),
            (Y90Infusion, "yinfdt", Text("Y-90 infusion", "钇-90输注")),
        )
        for record in read.book.of(model)
        if (at := getattr(record, item)) is not None
    ]
    return rules.before_consent(person.icfdtc if person else None, procedures)


def _eligibility(read: Treatment) -> Iterable[Breach]:
    assignment = _assignment(read)
    if assignment is None or assignment.armdtc is None:
        return ()
    return rules.not_eligible(source_of(assignment), assignment.armdtc, _failing(read))


def _assignment(read: Treatment) -> ArmAssignment | None:
    return next(iter(_submitted(read, ArmAssignment)), None) if read.participant.arm else None


def _failing(read: Treatment) -> list[tuple[str, Text]]:
    """The criteria that fail by the data, each with its reason."""
    judged = assess(read.participant, read.now).results
    return [(one.id, one.reason) for one in judged if one.outcome is Outcome.FAIL]


def _first_day(read: Treatment) -> Iterator[Breach]:
    """Exclusion 8 and 9 on the day of the first treatment, at its form.

    One that fails already for the day that was planned is a deviation of the assignment, and not another.
    """
    day, judged = rechecked(read)
    judged = tuple(one for one in judged if one.outcome is Outcome.FAIL)
    first = _first_treatment(read) if judged and first_treated_on(read.book) is not None else None
    if first is None:
        return
    assigned = dict(_failing(read)) if _assignment(read) is not None else {}
    for one in judged:
        if one.criterion not in assigned:
            source = source_of(first, one.criterion)
            yield from rules.breaches("FIRST_DAY", source, of_treatment.of_first_day(day, [one]))


def _first_treatment(read: Treatment) -> CaseReportForm | None:
    dated: list[tuple[datetime, CaseReportForm]] = [
        (one.hprocdt, one) for one in read.book.of(HaicCycle) if one.hprocdt
    ]
    dated += [(one.ymapdtc, one) for one in read.book.of(MaaMapping) if one.ymapdtc]
    return min(dated, key=lambda found: found[0])[1] if dated else None


def _dose(read: Treatment) -> Iterable[Breach]:
    return rules.dose_off([*_drug_doses(read), *_activities(read)])


def _drug_doses(read: Treatment) -> Iterator[rules.Dose]:
    limit = deviation_limits(read.settings).query
    for cycle in _submitted(read, HaicCycle):
        for key, drug in DRUGS.items():
            given, planned, start = (
                getattr(cycle, f"{key}dose"),
                getattr(cycle, f"{key}calc"),
                cycle.started_on,
            )
            if start is not None and given is not None and planned is not None:
                yield rules.Dose(source_of(cycle, key), drug, Decimal(given), planned, "mg", limit, start)


def _activities(read: Treatment) -> Iterator[rules.Dose]:
    pairs = pairs_of(read.book.of(MaaMapping), read.book.of(ActivityPlan))
    words, limit = Text("Y-90 activity", "钇-90活度"), Decimal(read.settings["y90_net_query"])
    for infusion in _submitted(read, Y90Infusion):
        at, pair = infusion.yinfdt, resting_on(pairs, infusion.yinfdt)
        names = ("ypreact", "ypredt", "yinfdt", "yresact", "yresdt")
        answers = {name: getattr(infusion, name) for name in names}
        net = infusion_record.delivered(answers, {"settings": read.settings})
        planned = pair.plan.aplan if pair is not None and pair.plan is not None else None
        if at is not None and net is not None and planned is not None:
            yield rules.Dose(source_of(infusion), words, net.net, planned, "GBq", limit, clock.day(at))


def _interval(read: Treatment) -> Iterator[Breach]:
    cycles = _cycles_given(read)
    for number, cycle in cycles.items():
        before, start = cycles.get(number - 1), cycle.started_on
        if before is not None and start is not None:
            judged = cycle.interval_from(before, read.settings)
            found = of_treatment.of_interval(number, start, judged)
            yield from rules.breaches("INTERVAL", source_of(cycle), found)


def _cycles_given(read: Treatment) -> dict[int, HaicCycle]:
    """The submitted cycles by their number."""
    return {CYCLE_VISITS[one.visit.code]: one for one in _submitted(read, HaicCycle)}


def _seen(read: Treatment) -> list[tuple[VisitHeader, date]]:
    """The visits that took place, each by its header, and their days."""
    return [
        (one, one.svstdtc)
        for one in _submitted(read, VisitHeader)
        if one.svdone == "Y" and one.svstdtc is not None
    ]


def _window(read: Treatment) -> Iterable[Breach]:
    return rules.outside_window(
        rules.VisitSeen(source_of(one), one.visit.label, day, one.visit.window_open, one.visit.window_close)
        for one, day in _seen(read)
    )


def _labs(read: Treatment) -> Iterator[Breach]:
    treated = [
        *(
            (one, one.started_on, read.settings["haic_laboratory_limit"])
            for one in _submitted(read, HaicCycle)
        ),
        *((one, _day(one.yinfdt), rules.LABORATORY_DAYS) for one in _submitted(read, Y90Infusion)),
    ]
    yield from rules.cleared_late(
        rules.Cleared(
            source_of(one), one.visit.label, day, _day(readings_at(read.book, one.visit).sampled_at), limit
        )
        for one, day, limit in treated
        if day is not None
    )
    yield from rules.missing_tests(_due_tests(read), read.today)


def _due_tests(read: Treatment) -> Iterator[rules.DueTests]:
    """The visits at which laboratory tests were due but for those of treatment, and what was not done."""
    for header, day in _seen(read):
        visit = header.visit
        if "LB" not in visit.forms or visit.code in CYCLE_VISITS or visit.code == "Y-INF":
            continue
        source, missing = source_of(header), [("", LABORATORY)]
        records = [one for one in read.book.of(Laboratory) if one.visit_id == visit.pk]
        if records:
            source, missing = source_of(records[0]), list(_not_done(records))
        yield rules.DueTests(
            source, visit.label, day, visit.window_close or day + WITHOUT_WINDOW, tuple(missing)
        )


def _not_done(records: Sequence[Laboratory]) -> Iterator[tuple[str, Text]]:
    """The panels that every sample of a visit declares as not done."""
    for panel, (item, words) in PANELS.items():
        if all(one.submitted and getattr(one, item) == "N" for one in records):
            yield panel, words


def _day(moment: datetime | None) -> date | None:
    return clock.day(moment) if moment else None


def _prohibited(read: Treatment) -> Iterable[Breach]:
    treatments = [
        rules.OtherTreatment(source_of(one), OTHER_TREATMENT.label(one.sacttype), one.sactstdtc)
        for one in _submitted(read, OtherTreatment)
        if one.sactstdtc is not None and one.sacttype
    ]
    if not treatments or read.participant.arm is None:
        return ()
    anchors = AnchorDate.objects.filter(participant=read.participant, name=Anchor.A2)
    progressed = progression_date(assessments_of(read.participant))
    ended = [one.dsstdtc for one in _submitted(read, Disposition)]
    known = [day for day in (*ended, progressed, *anchors.values_list("date", flat=True)) if day is not None]
    return rules.prohibited(treatments, min(known, default=None))


def _second_infusion(read: Treatment) -> Iterator[Breach]:
    """Every infusion after the first, each at its own form."""
    dated = [(clock.day(one.yinfdt), one) for one in _submitted(read, Y90Infusion) if one.yinfdt]
    dated.sort(key=lambda found: found[0])
    later = of_treatment.of_infusions(day for day, _ in dated)
    for (_, record), found in zip(dated[1:], later, strict=True):
        yield from rules.breaches("SECOND_Y90", source_of(record), [found])


def _cycles(read: Treatment) -> Iterator[Breach]:
    if read.participant.arm == "HAIC":
        for one in _submitted(read, Disposition):
            if one.dsscat == "EOT":
                found = of_treatment.of_number_of_cycles(len(_cycles_given(read)), one.dsstdtc)
                yield from rules.breaches("CYCLES", source_of(one), found)


def _reported_late(read: Treatment) -> Iterable[Breach]:
    return rules.reported_late(
        [
            rules.Reported(source_of(one), one.repeat, one.aeterm or "–", one.saeaware, one.saerep)
            for one in read.book.of(AdverseEvent)
            if one.aeser == "Y" and one.saeaware is not None and one.saeaware <= read.now
        ],
        read.now,
        timedelta(hours=read.settings["sae_report_hours"]),
    )


READERS: dict[str, Callable[[Treatment], Iterable[Breach]]] = {
    "CONSENT": _consent,
    "ELIGIBILITY": _eligibility,
    "FIRST_DAY": _first_day,
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

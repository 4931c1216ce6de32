"""The HAIC part of the treatment page in words: each cycle as a card, what adds up, and what comes next."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from arms import codelists, cycle_record
from arms.haic_cycles import LAST_CYCLE, GateOutcome, may_begin_cycle
from arms.haic_dosing import INFUSIONS, PlannedDoses, cumulative_oxaliplatin, planned_doses
from arms.limits import factors_of, timeline_limits
from arms.models import HaicCycle
from arms.page import DROPPED, Card, address, shown, span, state_of
from arms.selectors import Cycle, HaicState, Treatment
from arms.treatment_clock import clock_of
from participants.workflow import ParticipantState, VisitState
from records.text import Text

VERDICTS = {GateOutcome.GO: "PASS", GateOutcome.HOLD: "FAIL", GateOutcome.UNKNOWN: "UNKNOWN"}


def cycle_cards(state: HaicState, treatment: Treatment, may_enter: bool) -> list[Card]:
    """The planned cycles in order; 3 and 4 also where they were not planned but the calendar has them."""
    wanted = [cycle for cycle in state.cycles if cycle.number <= state.planned or cycle.record]
    first_open = next((one.number for one in wanted if not (one.record and one.record.submitted)), None)
    return [
        _cycle_card(cycle, state, treatment, may_enter, current=cycle.number == first_open)
        for cycle in wanted
    ]


def _cycle_card(
    cycle: Cycle, state: HaicState, treatment: Treatment, may_enter: bool, *, current: bool
) -> Card:
    record = cycle.record
    card: Card = {
        "title": cycle.visit.label
        if cycle.visit
        else Text(f"HAIC cycle {cycle.number}", f"HAIC 第{cycle.number}疗程"),
        "number": cycle.number,
        "when": _when(cycle),
        "url": address(cycle.visit, "HAIC"),
        "note": "",
        "facts": _facts(record) if record else [],
        **_doses(cycle, treatment),
    }
    if cycle.gate is not None and not (record and record.submitted):
        card["gate"] = VERDICTS[cycle.gate.outcome]
        card["gate_words"] = cycle_record.gate_words(cycle.gate)
    if record is not None:
        waits = not record.submitted and may_enter
        action = _("Continue") if waits else _("Open")
        done = "done" if record.submitted else "current"
        return card | {"state": done, **state_of(record), "action": action}
    waiting = card | {"state": "waiting", "state_kind": "info", "gate": "", "rows": [], "clock": None}
    if cycle.visit is not None and cycle.visit.status in DROPPED:
        return waiting | {"state_words": cycle.visit.status_words}
    permission = may_begin_cycle(cycle.number, state.recorded, state.review)
    if cycle.visit is None or not permission.allowed:
        note = permission.reason
        if permission.allowed:
            note = Text("The calendar does not have this cycle yet.", "访视计划中尚无本疗程。")
        return waiting | {"state_words": _("not yet"), "note": note}
    return card | {
        "state": "current" if current else "waiting",
        "state_words": _("next") if current else _("planned"),
        "state_kind": "accent" if current else "info",
        "action": _("Record the cycle") if may_enter else "",
    }


def _when(cycle: Cycle) -> str:
    if cycle.record and cycle.record.started_on:
        return str(cycle.record.started_on)
    if cycle.visit is None or cycle.visit.target_from is None:
        return ""
    return _("planned %(span)s") % {"span": span(cycle.visit.target_from, cycle.visit.target_to)}


def _doses(cycle: Cycle, treatment: Treatment) -> Card:
    """The four infusions, calculated and given, and the clock of the whole cycle."""
    record, settings, doses, area = cycle.record, treatment.settings, None, None
    if record is not None and record.hbsa:
        area = record.hbsa
    elif cycle.readings is not None:
        area = cycle_record.area_of(
            cycle.readings.height, cycle.readings.weight, settings["bsa_formula_haic"]
        )
    if area:
        doses = planned_doses(area, factors_of(settings))
    rows = [
        {
            "drug": one.drug,
            "hours": one.hours,
            "calculated": _calculated(record, doses, one.key),
            "given": getattr(record, f"{one.key.lower()}dose", None),
            "deviation": getattr(record, f"{one.key.lower()}dev", None),
            "changed": _changed(record, one.key.lower()),
        }
        for one in INFUSIONS
    ]
    times = cycle_record.timeline_of(record.answers if record else {})
    return {
        "rows": rows,
        "area": area,
        "has_given": any(row["given"] is not None for row in rows),
        "clock": clock_of(times, treatment.now, timeline_limits(settings)),
    }


def _calculated(record: HaicCycle | None, doses: PlannedDoses | None, key: str) -> Decimal | None:
    kept = getattr(record, f"{key.lower()}calc", None)
    return kept if kept is not None else doses.of(key) if doses else None


def _changed(record: HaicCycle | None, name: str) -> str:
    code = getattr(record, f"{name}adj", None)
    if code in (None, "NONE"):
        return ""
    why = getattr(record, f"{name}adjrsn", None)
    words = [codelists.ADJUSTMENT.label(code), *([codelists.ADJUSTMENT_REASON.label(why)] if why else [])]
    return str(Text.join(words, ": ", "："))


def _facts(record: HaicCycle) -> list[tuple[str, str]]:
    facts = []
    if record.hcath:
        facts.append((_("Catheter tip"), shown(record, "hcath")))
    if record.hcomp:
        facts.append((_("Complication"), shown(record, "hcomp")))
    if record.hint is not None:
        facts.append((_("Days since the previous cycle"), str(record.hint)))
    if record.hintrsn:
        facts.append((_("Reason for the interval"), record.hintrsn))
    if record.hgorsn:
        facts.append((_("Given all the same"), record.hgorsn))
    return facts


def summary(state: HaicState, treatment: Treatment) -> list[tuple[str, str]]:
    """What adds up over the cycles: cycles given of those planned, oxaliplatin per area, and how treatment ended."""
    given = [one.record for one in state.cycles if one.record and one.record.oxadose and one.record.hbsa]
    total = cumulative_oxaliplatin([(Decimal(one.oxadose), one.hbsa) for one in given])
    most = LAST_CYCLE * treatment.settings["haic_oxaliplatin"]
    facts = [
        (
            _("Cycles recorded"),
            _("%(given)s of %(planned)s planned") % {"given": len(state.recorded), "planned": state.planned},
        ),
        (
            _("Oxaliplatin, cumulative"),
            _("%(total)s of at most %(most)s mg/m²") % {"total": f"{total:.0f}", "most": most}
            if given
            else "–",
        ),
    ]
    if state.last_end is not None:
        facts.append((_("Last cycle ended"), str(state.last_end)))
    facts.append((_("Treatment"), _ending(state, treatment)))
    return facts


def _ending(state: HaicState, treatment: Treatment) -> str:
    end = treatment.book.visit("EOT")
    if end is not None and end.anchor_date is not None and end.status not in DROPPED:
        return _("ended %(day)s after %(cycles)s cycles") % {
            "day": end.anchor_date,
            "cycles": len(state.recorded),
        }
    if treatment.participant.status == ParticipantState.FOLLOW_UP:
        return _("as planned, in follow-up")
    return _("goes on") if state.recorded else _("not begun")


def next_step(cards: list[Card], treatment: Treatment) -> tuple[str, str] | None:
    """The next cycle, or the review that waits; None where nothing of HAIC does."""
    for card in cards:
        if card["state"] == "current":
            return str(card["title"]), card["url"]
    for code in ("H-R2", "H-R4"):
        visit = treatment.book.visit(code)
        if visit is not None and visit.status in (VisitState.PLANNED, VisitState.STARTED):
            return str(visit.label), reverse("casebook:participant", args=[treatment.participant.pk])
    return None


def dose_notice(treatment: Treatment) -> str:
    """What an investigator is told once about the dose of oxaliplatin (C17)."""
    return _(
        "Oxaliplatin is given at %(dose)s mg/m² as the registry record says. Published HAIC regimens use 85 or 130 mg/m². "
        "The dose is a study setting: the sponsor can change it."
    ) % {"dose": treatment.settings["haic_oxaliplatin"]}

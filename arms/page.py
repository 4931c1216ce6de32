"""The treatment page in words: the assignment, the HAIC cycles as cards, the five Y-90 steps, what to do next."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from arms import codelists, cycle_record
from arms.haic_cycles import GateOutcome, Review, may_begin_cycle
from arms.haic_dosing import INFUSIONS, PlannedDoses, cumulative_oxaliplatin, planned_clock, planned_doses
from arms.models import ArmAssignment, HaicCycle
from arms.selectors import REVIEW_VISIT, Cycle, HaicState
from participants.models import Participant, Visit
from participants.workflow import VisitState
from records import clock
from records.items import items_of
from records.models import Record
from records.text import Text

Card = dict[str, Any]
VERDICTS = {GateOutcome.GO: "PASS", GateOutcome.HOLD: "FAIL", GateOutcome.UNKNOWN: "UNKNOWN"}
ALL_HOURS = sum((one.hours for one in INFUSIONS), Decimal(0))


def address(visit: Visit | None, code: str) -> str:
    """Where a form is entered; "" where its visit is not in the calendar."""
    return reverse("casebook:entry", args=[visit.pk, code]) if visit is not None else ""


def shown(record: Record, name: str) -> str:
    """An answer of a form in words, with its unit."""
    item = next(item for item in items_of(type(record)) if item.name == name)
    words = item.display(getattr(record, name))
    return f"{words} {item.unit}".strip() if words else "–"


def moment(at: datetime | None) -> str:
    return at.astimezone(clock.TRIAL_ZONE).strftime("%Y-%m-%d %H:%M") if at else "–"


# Assignment -----------------------------------------------------------------------------------------


def assignment(record: ArmAssignment | None, screening: Visit | None, may_enter: bool) -> Card:
    """The board's decision as facts, and the link to its form."""
    if record is None:
        return {
            "facts": [],
            "state_words": _("not begun"),
            "state_kind": "info",
            "url": address(screening, "ARM") if may_enter else "",
            "action": _("Open MDT and assignment"),
        }
    facts = [
        (_("Arm"), shown(record, "armcd")),
        (_("Assigned on (A0)"), shown(record, "armdtc")),
        (_("Basis"), shown(record, "armbasis")),
    ]
    if record.armcd == "HAIC":
        facts.append((_("Cycles planned"), shown(record, "hplan")))
    if record.submitted_by:
        facts.append((_("Assigned by"), str(record.submitted_by)))
    facts += [
        (_("Future liver remnant"), shown(record, "flrpct")),
        (_("MDT"), shown(record, "mdtdtc")),
        (_("Disciplines"), shown(record, "mdtmem")),
    ]
    return {
        "facts": facts,
        "state_words": _("submitted") if record.submitted else _("draft"),
        "state_kind": "good" if record.submitted else "warn",
        "url": address(record.visit, "ARM"),
        "action": _("Open the form") if record.submitted or not may_enter else _("Continue"),
    }


# HAIC -----------------------------------------------------------------------------------------------


def cycle_cards(state: HaicState, record: ArmAssignment | None, may_enter: bool) -> list[Card]:
    """The planned cycles in order; 3 and 4 also where they were not planned but the calendar has them."""
    planned = int(record.hplan) if record and record.hplan else 2
    recorded = frozenset(cycle.number for cycle in state.cycles if cycle.record)
    review = state.reviews.get(REVIEW_VISIT)
    reviewed = Review.CONTINUE if review and review.status == VisitState.DONE else None
    wanted = [cycle for cycle in state.cycles if cycle.number <= planned or cycle.visit or cycle.record]
    first_open = next((one.number for one in wanted if not (one.record and one.record.submitted)), None)
    return [
        _cycle_card(cycle, state, may_enter, current=cycle.number == first_open, permission=permission)
        for cycle in wanted
        for permission in [may_begin_cycle(cycle.number, recorded - {cycle.number}, reviewed)]
    ]


def _cycle_card(cycle: Cycle, state: HaicState, may_enter: bool, *, current: bool, permission: Any) -> Card:
    record = cycle.record
    card: Card = {
        "title": cycle.visit.label
        if cycle.visit
        else Text(f"HAIC cycle {cycle.number}", f"HAIC 第{cycle.number}疗程"),
        "number": cycle.number,
        "when": _when(cycle),
        "url": address(cycle.visit, "HAIC"),
        "note": "",
        "facts": [],
        **_doses(cycle, state),
    }
    if cycle.gate is not None and not (record and record.submitted):
        card["gate"] = VERDICTS[cycle.gate.outcome]
        card["gate_words"] = cycle_record.gate_words(cycle.gate)
    if record is not None:
        card["facts"] = _course(record)
    if record and record.submitted:
        return card | {
            "state": "done",
            "state_words": _("submitted"),
            "state_kind": "good",
            "action": _("Open"),
        }
    if record:
        action = _("Continue") if may_enter else _("Open")
        return card | {"state": "current", "state_words": _("draft"), "state_kind": "warn", "action": action}
    dropped = cycle.visit is not None and cycle.visit.status in (
        VisitState.SUPERSEDED,
        VisitState.CANCELLED,
        VisitState.MISSED,
    )
    if dropped:
        assert cycle.visit is not None
        return card | {
            "state": "waiting",
            "state_words": cycle.visit.status_words,
            "state_kind": "info",
            "gate": "",
            "rows": [],
        }
    if cycle.visit is None or not permission.allowed:
        note = permission.reason
        if permission.allowed:
            note = Text("The calendar does not have this cycle yet.", "访视计划中尚无本疗程。")
        return card | {
            "state": "waiting",
            "state_words": _("not yet"),
            "state_kind": "info",
            "note": note,
            "gate": "",
            "rows": [],
        }
    return card | {
        "state": "current" if current else "waiting",
        "state_words": _("next") if current else _("planned"),
        "state_kind": "accent" if current else "info",
        "action": _("Record the cycle") if may_enter else "",
    }


def _when(cycle: Cycle) -> str:
    if cycle.record:
        day = cycle_record.first_day(cycle.record.answers)
        if day:
            return day.isoformat()
    visit = cycle.visit
    if visit is None or visit.target_from is None:
        return ""
    return _("planned %(first)s to %(last)s") % {"first": visit.target_from, "last": visit.target_to}


def _doses(cycle: Cycle, state: HaicState) -> Card:
    """The four infusions: planned hours, calculated and given dose, and how far they lie apart."""
    record, doses, area = cycle.record, None, None
    if record is not None and record.hbsa:
        area = record.hbsa
    elif cycle.readings is not None:
        area = cycle_record.area_of(
            cycle.readings.height, cycle.readings.weight, state.settings["bsa_formula_haic"]
        )
    if area:
        doses = planned_doses(area, cycle_record.factors_of(state.settings))
    start = record.oxast if record else None
    clocked = planned_clock(start) if start else {}
    rows = []
    for one in INFUSIONS:
        name = one.key.lower()
        rows.append(
            {
                "drug": one.drug,
                "hours": one.hours,
                "calculated": _calculated(record, doses, one.key),
                "given": getattr(record, f"{name}dose", None),
                "deviation": getattr(record, f"{name}dev", None),
                "changed": _changed(record, name),
                "planned": (one.planned_from, one.planned_to),
                "bar": _bar(one.planned_from, one.planned_to),
                "ran": _ran(record, name, start),
                "span": _span(record, name, clocked.get(one.key)),
            }
        )
    return {"rows": rows, "area": area, "has_given": any(row["given"] is not None for row in rows)}


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


def _bar(low: Decimal, high: Decimal) -> tuple[str, str]:
    """Left edge and width on a scale of all infusions, in %; as text, so that no language changes the point."""
    return f"{100 * low / ALL_HOURS:.2f}", f"{100 * (high - low) / ALL_HOURS:.2f}"


def _ran(record: HaicCycle | None, name: str, origin: datetime | None) -> tuple[str, str] | None:
    begun, ended = getattr(record, f"{name}st", None), getattr(record, f"{name}en", None)
    if origin is None or begun is None or ended is None or ended < begun or begun < origin:
        return None
    low = Decimal((begun - origin) // timedelta(minutes=1)) / 60
    high = min(Decimal((ended - origin) // timedelta(minutes=1)) / 60, ALL_HOURS * 2)
    return _bar(low, high)


def _span(record: HaicCycle | None, name: str, planned: tuple[datetime, datetime] | None) -> str:
    begun, ended = getattr(record, f"{name}st", None), getattr(record, f"{name}en", None)
    if begun is None and planned is not None:
        return _("planned from %(at)s") % {"at": moment(planned[0])}
    if begun is None:
        return ""
    return f"{moment(begun)} – {moment(ended)}" if ended else f"{moment(begun)} –"


def _course(record: HaicCycle) -> list[tuple[str, str]]:
    times = (
        (_("Catheterised"), record.hprocdt),
        (_("Catheter removed"), record.hcathout),
        (_("Compression bandage from"), record.hbandst),
        (_("Compression bandage to"), record.hbanden),
        (_("Discharge"), record.hdisch),
    )
    facts = [(label, moment(at)) for label, at in times if at]
    if record.hcomp:
        facts.append((_("Complication"), shown(record, "hcomp")))
    if record.hint is not None:
        facts.append((_("Days since the previous cycle"), str(record.hint)))
    if record.hgorsn:
        facts.append((_("Given all the same"), record.hgorsn))
    return facts


def haic_summary(state: HaicState) -> list[tuple[str, str]]:
    """What adds up over the cycles: cycles given, oxaliplatin per area, and the reviews."""
    given = [
        cycle.record for cycle in state.cycles if cycle.record and cycle.record.oxadose and cycle.record.hbsa
    ]
    total = cumulative_oxaliplatin([(Decimal(one.oxadose), one.hbsa) for one in given])
    facts = [
        (_("Cycles recorded"), str(sum(1 for cycle in state.cycles if cycle.record))),
        (_("Oxaliplatin, cumulative"), f"{total:.0f} mg/m²" if given else "–"),
    ]
    for visit in state.reviews.values():
        facts.append((str(visit.label), str(visit.status_words)))
    return facts


def next_of_haic(cards: list[Card], state: HaicState, participant: Participant) -> tuple[str, str] | None:
    """The next action in words with its address; None where nothing waits."""
    for card in cards:
        if card["state"] == "current":
            return str(card["title"]), card["url"]
    for visit in state.reviews.values():
        if visit.status in (VisitState.PLANNED, VisitState.STARTED):
            return str(visit.label), reverse("casebook:participant", args=[participant.pk])
    return None

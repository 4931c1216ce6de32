"""Forms of treatment open in their arm and in their order, and their dates are the anchors of the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.access import Actor
from arms.models import HaicCycle
from participants.models import Participant, Visit
from participants.selectors import anchor_dates
from records.findings import Refused
from trial_edc.demo.walks import (
    cycle_answers,
    fill,
    infusion_answers,
    mapping_answers,
    walk_through_cycle,
    walk_through_visit,
)


def sentence(refused: pytest.ExceptionInfo[Refused]) -> str:
    said = refused.value.sentence
    return said if isinstance(said, str) else said.en


def test_forms_of_the_other_arm_stay_closed(
    in_y90: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    # A visit of the other arm is never planned; the form is refused wherever it is tried.
    visit = Visit.objects.get(participant=in_y90, code="Y-MAP")
    Visit.objects.filter(pk=visit.pk).update(forms=[*visit.forms, "HAIC"])
    with pytest.raises(Refused, match="The participant is in the arm Yttrium-90"):
        fill(in_y90, "HAIC", {"hbsa": Decimal("1.75")}, by=by_coordinator, now=at_start, visit_code="Y-MAP")
    assert not HaicCycle.objects.exists()


def test_cycle_2_waits_for_cycle_1(in_haic: Participant, by_coordinator: Actor, at_start: datetime) -> None:
    start = at_start + timedelta(days=2)
    walk_through_visit(in_haic, "H-C1", by=by_coordinator, now=start)
    Visit.objects.filter(participant=in_haic, code="H-C1").update(code="H-C2")
    with pytest.raises(Refused) as refused:
        fill(in_haic, "HAIC", cycle_answers(start), by=by_coordinator, now=start, visit_code="H-C2")
    assert sentence(refused) == "Cycle 1 has not been recorded."


def test_cycle_3_waits_for_the_review(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_cycle(in_haic, 1, by=by_coordinator, start=start)
    walk_through_cycle(in_haic, 2, by=by_coordinator, start=start + timedelta(days=21))
    Visit.objects.filter(participant=in_haic, code="H-R2").update(code="H-C3", forms=["HAIC"])
    with pytest.raises(Refused) as refused:
        fill(
            in_haic,
            "HAIC",
            {},
            by=by_coordinator,
            now=start + timedelta(days=42),
            visit_code="H-C3",
            submit=False,
        )
    assert sentence(refused) == "Cycle 3 needs a review after cycle 2 that says continue."


def test_a_draft_of_a_cycle_begins_treatment_and_its_correction_moves_the_calendar(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_visit(in_haic, "H-C1", by=by_coordinator, now=start)
    fill(
        in_haic,
        "HAIC",
        {"hprocdt": start},
        by=by_coordinator,
        now=start,
        visit_code="H-C1",
        submit=False,
    )
    in_haic.refresh_from_db()
    assert in_haic.status == "ON_TREATMENT"
    assert anchor_dates(in_haic)["C1_START"] == date(2026, 9, 3)
    walk = cycle_answers(start)
    fill(in_haic, "HAIC", walk, by=by_coordinator, now=start + timedelta(days=4), visit_code="H-C1")
    moved = cycle_answers(start - timedelta(days=1))
    record = fill(
        in_haic,
        "HAIC",
        moved,
        by=by_coordinator,
        now=start + timedelta(days=4),
        visit_code="H-C1",
        reason="Date read wrongly",
        confirmed={"hprocdt": "Sampled on the day after"},
    )
    assert record.confirmed == {"hprocdt": "Sampled on the day after"}
    anchors = anchor_dates(in_haic)
    assert (anchors["C1_START"], anchors["C1_END"]) == (date(2026, 9, 2), date(2026, 9, 4))
    second = Visit.objects.get(participant=in_haic, code="H-C2")
    assert (second.target_from, second.target_to) == (date(2026, 9, 23), date(2026, 9, 30))


def test_a_weight_corrected_later_is_computed_again(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_cycle(in_haic, 1, by=by_coordinator, start=start)
    fill(
        in_haic,
        "VS",
        {"weight": Decimal("60.0")},
        by=by_coordinator,
        now=start + timedelta(days=4),
        visit_code="H-C1",
        reason="Typed wrongly",
    )
    cycle = HaicCycle.objects.get(participant=in_haic)
    assert (cycle.hbsac, cycle.hbsa, cycle.oxacalc) == (Decimal("1.68"), Decimal("1.75"), Decimal("236.25"))


def test_the_gate_of_a_cycle_reads_its_own_laboratory(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_visit(in_haic, "H-C1", by=by_coordinator, now=start)
    fill(
        in_haic,
        "LB",
        {"neut": Decimal("1.19")},
        by=by_coordinator,
        now=start,
        visit_code="H-C1",
        reason="Second report",
    )
    later = start + timedelta(days=4)
    with pytest.raises(Refused) as refused:
        fill(in_haic, "HAIC", cycle_answers(start), by=by_coordinator, now=later, visit_code="H-C1")
    assert [finding.item for finding in refused.value.findings] == ["hgorsn"]
    answers = cycle_answers(start, hgorsn="Rising; G-CSF given")
    record = fill(in_haic, "HAIC", answers, by=by_coordinator, now=later, visit_code="H-C1")
    assert isinstance(record, HaicCycle)
    assert (record.hgo, record.hgorsn) == ("HOLD", "Rising; G-CSF given")


@pytest.mark.line("O1")
def test_the_plan_waits_for_the_mapping_and_the_infusion_for_everything(
    in_y90: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    at = at_start + timedelta(days=2)
    walk_through_visit(in_y90, "Y-MAP", by=by_coordinator, now=at)
    with pytest.raises(Refused) as refused:
        fill(in_y90, "YDOS", {}, by=by_coordinator, now=at, visit_code="Y-MAP", submit=False)
    assert sentence(refused) == "Submit angiography and 99mTc-MAA (step 2) first."
    later = at + timedelta(hours=3)
    fill(in_y90, "YMAP", mapping_answers(at), by=by_coordinator, now=later, visit_code="Y-MAP", submit=False)
    assert anchor_dates(in_y90)["MAP"] == date(2026, 9, 3)
    with pytest.raises(Refused):
        fill(in_y90, "YDOS", {}, by=by_coordinator, now=later, visit_code="Y-MAP", submit=False)
    with pytest.raises(Refused) as refused:
        fill(
            in_y90,
            "YTRT",
            infusion_answers(later),
            by=by_coordinator,
            now=later,
            visit_code="Y-INF",
            submit=False,
        )
    assert sentence(refused).startswith(
        "The infusion is blocked. Angiography and 99mTc-MAA are not complete. SPECT validation"
    )

"""Responses follow the imaging: a corrected lesion moves the nadir, and with it what every later assessment says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from eligibility.models import Imaging
from followup.models import TumourResponse
from participants.actions import set_anchor
from participants.models import Discrepancy, Participant
from participants.schedule_file import Anchor
from records import study
from records.actions import remove_record
from records.models import TrailEntry
from tests.cast import START
from tests.followup.conftest import counted
from tests.imaged import measure
from trial_edc.demo.filling import fill
from trial_edc.demo.imaging import assess, image, non_target

VISITS = (("Y-M1", date(2026, 10, 5)), ("Y-M3", date(2026, 12, 5)), ("Y-M5", date(2027, 2, 4)))
SHRINKING = ((30, 20), (10, 10)), ((24, 20), (20, 10)), ((30, 20), (23, 10))


def now(on: date) -> datetime:
    return datetime.combine(on, START.timetz()) + timedelta(hours=1)


@pytest.fixture
def assessed(imaged: Participant, by_coordinator: Actor) -> Participant:
    """Sums of 40, 44 and 53 mm after 100; by RECIST 1.1: PR, PR, and PD at +32 % from 40."""
    for (code, on), sizes in zip(VISITS, SHRINKING, strict=True):
        measure(imaged, code, on, by_coordinator, sizes)
        assess(imaged, code, by=by_coordinator, now=now(on))
    return imaged


def responses(participant: Participant, criteria: str = "RECIST11") -> list[tuple[str | None, str | None]]:
    found = TumourResponse.objects.filter(participant=participant, rscat=criteria).order_by("rsdtc")
    return [(one.trgresp, one.bor) for one in found]


def correct(participant: Participant, code: str, by: Actor, *sizes: int) -> Any:
    """Give T01 and T02 of a visit's imaging other longest diameters."""
    record = Imaging.objects.get(participant=participant, visit__code=code)
    rows = [
        {name: getattr(row, name) for name in ("lnkid", "lescat", "lesloc", "lesst", "ldiam", "viadiam")}
        for row in record.lesions.all()
    ]
    for row, size in zip(rows, sizes, strict=False):
        row["ldiam"] = Decimal(size)
    return fill(
        participant,
        "IMG",
        {"lesions": rows},
        by=by,
        now=now(VISITS[-1][1]),
        visit_code=code,
        reason="Measured again",
    )


def test_each_assessment_is_held_against_baseline_and_nadir(assessed: Participant) -> None:
    assert responses(assessed) == [("PR", "PR"), ("PR", "PR"), ("PD", "PR")]
    assert responses(assessed, "MRECIST") == [("PR", "PR"), ("PR", "PR"), ("PR", "PR")]
    sums = Imaging.objects.filter(participant=assessed).order_by("imgdtc").values_list("sumr11", "summr")
    assert list(sums) == [(100, 95), (40, 30), (44, 30), (53, 30)]


def test_a_corrected_lesion_moves_the_nadir_of_later_assessments(
    assessed: Participant, by_coordinator: Actor
) -> None:
    correct(assessed, "Y-M1", by_coordinator, 36, 10)  # the smallest sum is now 44, and 53 is +20.4 %
    assert responses(assessed) == [("PR", "PR"), ("PR", "PR"), ("PD", "PR")]
    correct(assessed, "Y-M1", by_coordinator, 70, 10)  # 80 mm is no response; 53 is +20.4 % from 44
    assert responses(assessed) == [("SD", "NE"), ("PR", "PR"), ("PD", "PR")]
    correct(assessed, "Y-M3", by_coordinator, 25, 20)  # 53 is less than +20 % from 45
    assert responses(assessed) == [("SD", "NE"), ("PR", "PR"), ("PR", "PR")]


def test_what_was_recomputed_is_traced_with_its_cause(assessed: Participant, by_coordinator: Actor) -> None:
    correct(assessed, "Y-M3", by_coordinator, 25, 20)
    correct(assessed, "Y-M1", by_coordinator, 34, 11)
    third = TumourResponse.objects.get(participant=assessed, rscat="RECIST11", visit__code="Y-M5")
    trail = TrailEntry.objects.filter(
        relation=TumourResponse._meta.db_table, record_id=str(third.pk), operation="UPDATE"
    ).order_by("id")
    [change] = [one for one in trail if "trgresp" in one.changes]
    assert change.changes["trgresp"] == ["PD", "PR"]
    assert change.reason.endswith("recomputed after a change to: Imaging and lesion measurements")
    assert change.person_id == by_coordinator.person_id
    assert third.derived_by == "RESPONSE-1 s0"


def test_a_corrected_baseline_judges_everything_again(assessed: Participant, by_coordinator: Actor) -> None:
    record = Imaging.objects.get(participant=assessed, visit__code="SCR")
    rows = [
        {name: getattr(row, name) for name in ("lnkid", "lescat", "lesloc", "ldiam", "viadiam")}
        for row in record.lesions.all()
    ]
    rows[1]["lescat"], rows[1]["lnkid"] = "NONTARGET", "NT02"
    fill(
        assessed, "IMG", {"lesions": rows}, by=by_coordinator, now=now(VISITS[-1][1]), reason="Not measurable"
    )
    # T02 is no target of the baseline any more, and what follows cannot be read until it is corrected there.
    assert {trgresp for trgresp, _bor in responses(assessed)} == {None}
    assert set(Imaging.objects.exclude(visit__code="SCR").values_list("sumr11", flat=True)) == {None}


def test_a_removed_examination_is_no_nadir(assessed: Participant, by_coordinator: Actor) -> None:
    first = Imaging.objects.get(participant=assessed, visit__code="Y-M1")
    second = Imaging.objects.get(participant=assessed, visit__code="Y-M3")
    at = now(VISITS[-1][1])
    for record in (first, second):
        remove_record(
            record=record, revision=record.revision, by=by_coordinator, now=at, reason="Not this one"
        )
    assert responses(assessed) == [(None, None), (None, None), ("PR", "PR")]


def test_another_answer_about_other_lesions_changes_the_best_response_later(
    assessed: Participant, by_coordinator: Actor
) -> None:
    fill(
        assessed,
        "RSP",
        {"ntrgresp": "PD"},
        by=by_coordinator,
        now=now(VISITS[-1][1]),
        visit_code="Y-M1",
        reason="Grown",
        confirmed={"ntrgresp": "Seen", "rsinv": "Seen"},
    )
    assert responses(assessed) == [("PR", "PD"), ("PR", "PD"), ("PD", "PD")]


def test_the_days_of_assignment_and_hepatectomy_count(assessed: Participant, by_investigator: Actor) -> None:
    at = now(VISITS[-1][1])
    set_anchor(participant=assessed, anchor=Anchor.A2, day=date(2026, 11, 1), by=by_investigator, now=at)
    found = TumourResponse.objects.filter(participant=assessed, rscat="RECIST11").order_by("rsdtc")
    assert [one.ovrlresp for one in found] == ["PR", "NED", "NED"]
    set_anchor(participant=assessed, anchor=Anchor.A0, day=date(2026, 10, 6), by=by_investigator, now=at)
    assert [one.bor for one in found.all()] == [None, None, None]  # an assessment lies before the assignment


def test_a_response_that_is_now_another_waits_for_the_investigator(
    assessed: Participant, by_coordinator: Actor
) -> None:
    assert not Discrepancy.objects.filter(participant=assessed, check_id="RS1").exists()
    correct(assessed, "Y-M3", by_coordinator, 25, 20)
    correct(assessed, "Y-M1", by_coordinator, 34, 11)
    [found] = Discrepancy.objects.filter(participant=assessed, check_id="RS1")
    assert (found.visit.code, found.item, found.is_open) == ("Y-M5", "rsinv", True)
    correct(assessed, "Y-M1", by_coordinator, 30, 10)
    found.refresh_from_db()
    assert not found.is_open


def test_a_changed_setting_counts_from_the_next_change_on(
    assessed: Participant, by_coordinator: Actor, data_manager: Any, by_investigator: Actor
) -> None:
    assert study.SETTINGS["response_confirmed_after"].default == 0
    assert responses(assessed)[1] == ("PR", "PR")
    study.StudySetting.objects.create(
        key="response_confirmed_after",
        version=1,
        value=28,
        effective_from=date(2026, 9, 1),
        reason="Sponsor",
        set_at=START,
        set_by=data_manager,
    )
    correct(
        assessed, "Y-M3", by_coordinator, 41, 30
    )  # 71 mm confirms nothing, and month 1 is too early for SD
    assert responses(assessed)[1] == ("PD", "PD")


def test_the_queries_do_not_grow_with_the_assessments(imaged: Participant, by_coordinator: Actor) -> None:
    def assess_visit(place: int) -> None:
        code, on = VISITS[place]
        measure(imaged, code, on, by_coordinator, SHRINKING[place])
        assess(imaged, code, by=by_coordinator, now=now(on))

    def cost(*sizes: int) -> int:
        with counted() as statements:
            correct(imaged, "Y-M1", by_coordinator, *sizes)
        return len(statements)

    assess_visit(0)
    assess_visit(1)
    with_two = cost(31, 10)
    assess_visit(2)
    assert cost(32, 10) == with_two
    # Even where all of them change.
    before = set(TumourResponse.objects.values_list("pk", "revision"))
    with_changes = cost(70, 50)
    changed = set(TumourResponse.objects.values_list("pk", "revision")) - before
    assert len(changed) == 3
    # The writing itself, and what the check across forms finds; and what stands over each one that changed is asked.
    assert with_changes <= with_two + 6 + len(changed)


def test_a_visit_may_be_imaged_in_two_examinations(imaged: Participant, by_coordinator: Actor) -> None:
    code, on = VISITS[0]
    known = {"lesst": "PRESENT"}
    image(
        imaged,
        code,
        by=by_coordinator,
        now=now(on),
        lesions=[
            {
                "lnkid": "T01",
                "lescat": "TARGET",
                "lesloc": "S6",
                "ldiam": Decimal(30),
                "viadiam": Decimal(20),
                **known,
            }
        ],
    )
    image(
        imaged,
        code,
        by=by_coordinator,
        now=now(on),
        repeat=2,
        modality="CECT",
        lesions=[
            {
                "lnkid": "T02",
                "lescat": "TARGET",
                "lesloc": "S3",
                "ldiam": Decimal(20),
                "viadiam": Decimal(0),
                **known,
            },
            non_target(1, "PV", lesst="PRESENT"),
        ],
    )
    sums = Imaging.objects.filter(participant=imaged, visit__code=code).values_list("sumr11", "summr")
    assert list(sums) == [(50, 20), (50, 20)]
    assess(imaged, code, by=by_coordinator, now=now(on))
    assert responses(imaged) == [("PR", "PR")]

"""Vital signs at later visits: changes of weight and height, saturation and puncture site."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.access import Actor
from eligibility.cross_checks import weight_changed
from eligibility.models import VitalSigns
from participants.models import Participant, Visit, VisitHeader
from records.findings import Finding, Level, Refused
from trial_edc.demo.walks import VITAL_SIGNS, fill

CONTEXT: dict[str, Any] = {
    "now": datetime.fromisoformat("2026-09-20T10:00+08:00"),
    "today": date(2026, 9, 20),
    "visit_on": date(2026, 9, 20),
}


def about(name: str, answers: dict[str, Any], **context: Any) -> list[Finding]:
    found = VitalSigns.findings(answers, {**CONTEXT, **context})
    return [finding for finding in found if finding.item == name]


@pytest.mark.parametrize(
    ("weight", "asked"),
    [("65.0", False), ("71.5", False), ("71.6", True), ("58.5", False), ("58.4", True)],
)
def test_a_weight_changed_by_more_than_a_tenth_is_asked_about(weight: str, asked: bool) -> None:
    known = {"weight_before": Decimal("65.0"), "weighed_on": date(2026, 9, 1)}
    found = about("weight", {"weight": Decimal(weight)}, **known)
    assert [finding.level for finding in found] == [Level.SOFT] * asked


@pytest.mark.parametrize(
    ("days", "check"), [(0, "X17"), (45, "X17"), (46, ""), (None, "X17")], ids=["0", "45", "46", "unknown"]
)
def test_within_45_days_the_change_is_check_x17(days: int | None, check: str) -> None:
    weighed = None if days is None else CONTEXT["today"] - timedelta(days=days)
    [found] = about("weight", {"weight": Decimal(75)}, weight_before=Decimal(65), weighed_on=weighed)
    assert found.check == check
    assert ("days before" in found.message.en) == (days is not None)


@pytest.mark.parametrize(
    ("height", "asked"), [("173.0", False), ("173.1", True), ("167.0", False), ("166.9", True)]
)
def test_a_height_more_than_3_cm_off_is_check_x23(height: str, asked: bool) -> None:
    found = about("height", {"height": Decimal(height)}, height_before=Decimal(170))
    assert [(finding.level, finding.check) for finding in found] == [(Level.SOFT, "X23")] * asked


@pytest.mark.parametrize(
    ("arm", "series", "code", "required"),
    [
        ("Y90", "Y", "Y-M1", True),
        ("Y90", "NR", "NR-M6", True),
        ("Y90", "SURGERY", "PREOP", True),
        ("Y90", "PH", "PH-M6", True),
        ("Y90", "PH", "PH-M1", False),
        ("HAIC", "NR", "NR-M3", False),
        ("HAIC", "SURGERY", "PREOP", False),
        (None, "SCREENING", "SCR", False),
    ],
)
def test_saturation_is_required_in_the_follow_up_of_y90(
    arm: str | None, series: str, code: str, required: bool
) -> None:
    item: Any = VitalSigns._meta.get_field("spo2")
    assert item.required.holds({"arm": arm, "series": series, "visit_code": code}) is required


@pytest.mark.parametrize(
    ("code", "asked", "required"),
    [
        ("H-C1", True, True),
        ("H-C4", True, True),
        ("Y-MAP", True, True),
        ("Y-INF", True, False),
        ("Y-D1", True, True),
        ("SCR", False, False),
        ("Y-M1", False, False),
    ],
)
def test_the_puncture_site_is_looked_at_after_each_catheterisation(
    code: str, asked: bool, required: bool
) -> None:
    item: Any = VitalSigns._meta.get_field("punct")
    values = {"visit_code": code}
    assert (item.applies(values), item.required.holds(values)) == (asked, required)


@pytest.mark.parametrize(("site", "asked"), [(None, 0), ("NORMAL", 0), ("HAEMATOMA", 1), ("INFECTION", 1)])
def test_a_puncture_site_that_is_not_normal_is_asked_about(site: str | None, asked: int) -> None:
    assert len(about("punct", {"punct": site})) == asked


DICTIONARY = {
    "height": (120, 220, 140, 195),
    "weight": (30, 200, 38, 110),
    "bsa": ("1.0", "2.8", "1.2", "2.3"),
    "temp": (33, 43, "35.5", "38.0"),
    "pulse": (20, 250, 50, 110),
    "sysbp": (50, 280, 90, 160),
    "diabp": (20, 180, 50, 100),
    "resp": (5, 60, 12, 24),
    "spo2": (50, 100, 94, None),
}


@pytest.mark.parametrize(("name", "ends"), DICTIONARY.items())
def test_the_ranges_are_the_dictionarys(name: str, ends: tuple[Any, ...]) -> None:
    item: Any = VitalSigns._meta.get_field(name)
    assert (*item.hard, *item.soft) == tuple(None if end is None else Decimal(end) for end in ends)


def test_the_weight_before_is_that_of_the_visit_before_with_its_day(
    participant: Participant, by_coordinator: Actor, at_start: datetime, django_assert_num_queries: Any
) -> None:
    seen = {"svdone": "Y", "svstdtc": at_start.date(), "svmode": "CLINIC"}
    fill(participant, "SV", seen, by=by_coordinator, now=at_start)
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=at_start)
    screening = Visit.objects.get(participant=participant, code="SCR")
    Participant.objects.filter(pk=participant.pk).update(status="ON_TREATMENT")
    later = Visit.objects.create(
        participant=participant,
        schedule=screening.schedule,
        code="H-R2",
        position=22,
        series="TREATMENT",
        label_en="Review",
        label_zh="评估",
        forms=["SV", "VS"],
    )
    visit = Visit.objects.select_related("participant").get(pk=later.pk)
    with django_assert_num_queries(4):
        context = VitalSigns.context(visit=visit, today=at_start.date(), now=at_start)
    assert (context["weight_before"], context["weighed_on"]) == (Decimal("65.0"), at_start.date())
    assert VisitHeader.objects.count() == 1
    with pytest.raises(Refused) as refused:
        fill(
            participant,
            "VS",
            {**VITAL_SIGNS, "weight": 50},
            by=by_coordinator,
            now=at_start,
            visit_code="H-R2",
        )
    [found] = refused.value.findings
    assert (found.item, found.check) == ("weight", "X17")
    assert "65.0 kg 0 days before" in found.message.en


@pytest.mark.parametrize(
    ("weights", "differs"),
    [
        (((0, "70"), (21, "66"), (42, "62.5")), [("70", "62.5")]),  # 6 and 5 % apart, 11 % together
        (((0, "70"), (21, "66"), (46, "62.5")), []),
        (((0, "70"), (45, "63")), []),  # 10 % is not more than 10 %
        (((0, "70"), (45, "62.9")), [("70", "62.9")]),
        (((0, "62.5"), (10, "75"), (20, "66")), [("62.5", "75"), ("75", "66")]),
    ],
)
def test_a_weight_is_held_against_all_of_the_45_days_before(
    weights: tuple[tuple[int, str], ...], differs: list[tuple[str, str]]
) -> None:
    forms: dict[str, list[Any]] = {"VS": [], "SV": []}
    for number, (day, weight) in enumerate(weights, start=1):
        forms["VS"].append(SimpleNamespace(pk=number, visit_id=number, weight=Decimal(weight), confirmed={}))
        forms["SV"].append(SimpleNamespace(visit_id=number, svstdtc=date(2026, 9, 1) + timedelta(days=day)))
    casebook: Any = SimpleNamespace(all=forms.__getitem__)
    found = list(weight_changed(casebook))
    assert [(one.record.weight, one.item) for one in found] == [
        (Decimal(after), "weight") for _before, after in differs
    ]
    for one, (before, _after) in zip(found, differs, strict=True):
        assert f"from {before} kg" in one.message.en

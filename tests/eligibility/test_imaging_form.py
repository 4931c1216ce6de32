"""The imaging form: which lesions may be followed, and that none is lost, doubled or re-labelled."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from eligibility.imaging_record import offered_lesions
from eligibility.imaging_sets import Examination, course_of
from eligibility.models import Imaging
from records.checks import Entry, RowEntry, derive, findings_of, settle
from records.items import items_of
from records.text import Text

NOW = datetime(2027, 2, 1, 2, tzinfo=UTC)
SIGNED = datetime(2026, 9, 1, 1, tzinfo=UTC)
BASELINE_ON = date(2026, 8, 20)
SCREENING, MONTH_1, MONTH_3 = 1, 2, 3
ANSWERS = {"imgmod": "CEMRI", "imgqual": "Y", "imgeval": "INVESTIGATOR"}


def mm(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def row(name: str, location: str = "S6", **given: Any) -> dict[str, Any]:
    """A row of the form; sizes are written as text."""
    category = {"T": "TARGET", "N": "NONTARGET"}[name[0]] if not name.startswith("NEW") else "NEW"
    sizes = {item: mm(given.pop(item)) for item in ("ldiam", "saxis", "viadiam") if item in given}
    return {"lnkid": name, "lescat": category, "lesloc": location, **sizes, **given}


def target(name: str = "T01", size: str = "30", viable: str = "25", **given: Any) -> dict[str, Any]:
    return row(name, **{"ldiam": size, "viadiam": viable, **given})


def later(
    name: str = "T01", size: str | None = "30", viable: str | None = "25", **given: Any
) -> dict[str, Any]:
    return row(name, **{"ldiam": size, "viadiam": viable, "lesst": "PRESENT", **given})


def examination(visit: int, on: date, *rows: dict[str, Any], key: int = 0, **given: Any) -> Examination:
    known: dict[str, Any] = {
        "key": key or visit,
        "visit": visit,
        "repeat": 1,
        "code": "SCR" if visit == SCREENING else f"V{visit}",
        "label": Text(f"Visit {visit}", f"访视{visit}"),
        "position": Decimal(visit),
        "on": on,
        "modality": "CEMRI",
        "evaluator": "INVESTIGATOR",
        "adequate": True,
        "new_lesion": "N",
        "submitted": True,
        "rows": rows,
    }
    return Examination(**{**known, **given})


def context(*others: Examination, visit: int = SCREENING, **known: Any) -> dict[str, Any]:
    base = {
        "today": NOW.date(),
        "now": NOW,
        "icfdtc": SIGNED,
        "visit_id": visit,
        "follow_up": "N" if visit == SCREENING else "Y",
        "examinations": others,
        "resected_on": None,
        "treated_on": None,
        "treatment_planned_on": None,
        "imaging_days": 28,
        "aimed_at": NOW.date(),
        "repeat": 1,
    }
    return {**base, **known}


def entry(known: dict[str, Any], *rows: dict[str, Any], **answers: Any) -> Entry:
    on = BASELINE_ON if known["follow_up"] == "N" else date(2026, 10, 1)
    follow_up = {"newles": "N"} if known["follow_up"] == "Y" else {}
    given = {item.name: None for item in items_of(Imaging)} | {
        "imgdtc": on,
        **ANSWERS,
        **follow_up,
        **answers,
    }
    return Entry(
        given, rows={"lesions": [RowEntry(dict(one), key=f"n{place}") for place, one in enumerate(rows, 1)]}
    )


def found(known: dict[str, Any], *rows: dict[str, Any], **answers: Any) -> list[tuple[str, str]]:
    """Item and level of each finding of a form submitted with these lesions."""
    typed = entry(known, *rows, **answers)
    settle(Imaging, typed, known)
    derive(Imaging, typed, known)
    return [(one.item, str(one.level)) for one in findings_of(Imaging, typed, known, complete=True)]


def sums(known: dict[str, Any], *rows: dict[str, Any], **answers: Any) -> tuple[Any, Any]:
    typed = entry(known, *rows, **answers)
    settle(Imaging, typed, known)
    derive(Imaging, typed, known)
    return typed.answers["sumr11"], typed.answers["summr"]


# -- at baseline -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([target(size="10", viable="10")], []),
        ([target(size="9.9", viable="9.9")], [("lesions-n1-ldiam", "HARD"), ("lesions-n1-viadiam", "HARD")]),
        ([target(size="30", viable="9.9")], [("lesions-n1-viadiam", "HARD")]),
        ([target(size="30", viable="31.0")], []),
        ([target(size="30", viable="31.1")], [("lesions-n1-viadiam", "HARD")]),
        ([row("T01", "NODE", ldiam="25", saxis="15")], []),
        ([row("T01", "NODE", ldiam="25", saxis="14.9")], [("lesions-n1-saxis", "HARD")]),
        ([row("NT01", "NODE", saxis="12")], []),
        ([row("NT01", "NODE", saxis="9.9")], [("lesions-n1-saxis", "SOFT")]),
        ([row("T01", "HILARNODE", ldiam="25", saxis="19.9")], [("lesions-n1-saxis", "SOFT")]),
        ([row("T01", "HILARNODE", ldiam="25", saxis="20")], []),
        ([row("T01", "PV", ldiam="25")], [("lesions-n1-lescat", "HARD")]),
        ([row("T01", "HV", ldiam="25")], [("lesions-n1-lescat", "HARD")]),
        ([row("NT01", "PV")], []),
        ([target("T01"), target("T02")], []),
        ([target("T01"), target("T02"), target("T03")], [("lesions-n3-lescat", "HARD")]),
        (
            [
                target("T01"),
                target("T02"),
                *(row(f"T0{n}", place, ldiam="12") for n, place in ((3, "LUNG"), (4, "LUNG"), (5, "BONE"))),
            ],
            [],
        ),
        ([target("T01"), target("T01")], [("lesions-n1-lnkid", "HARD"), ("lesions-n2-lnkid", "HARD")]),
        ([target("T06")], [("lesions-n1-lnkid", "HARD")]),
        ([row("NT00", "PV")], [("lesions-n1-lnkid", "HARD")]),
        ([row("NEW01", "S4", ldiam="12")], [("lesions-n1-lescat", "HARD")]),
        ([row("T01", "OTHER", ldiam="12")], [("lesions-n1-leslocd", "HARD")]),
        ([row("T01", "OTHER", ldiam="12", leslocd="spleen")], []),
        ([row("T01", "S6", viadiam="12")], [("lesions-n1-ldiam", "HARD")]),
        ([row("T01", "S6", ldiam="12")], [("lesions-n1-viadiam", "HARD")]),
    ],
)
def test_what_may_be_a_target_at_baseline(
    rows: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    assert found(context(), *rows) == expected


def test_the_last_of_too_many_targets_is_marked_once_with_those_of_other_examinations() -> None:
    elsewhere = examination(SCREENING, BASELINE_ON, target("T01"), target("T02"), key=9, repeat=2)
    assert found(context(elsewhere), target("T03")) == [("lesions-n1-lescat", "HARD")]
    assert found(context(elsewhere), target("T01")) == [("lesions-n1-lnkid", "HARD")]


def test_another_reader_lists_the_same_lesions() -> None:
    theirs = examination(SCREENING, BASELINE_ON, target("T01"), target("T02"), key=9, evaluator="IRC")
    assert found(context(theirs), target("T01"), target("T02")) == []


@pytest.mark.parametrize(
    ("known", "on", "expected"),
    [
        ({}, BASELINE_ON, []),
        ({"treated_on": date(2026, 8, 20)}, BASELINE_ON, []),
        ({"treated_on": date(2026, 8, 19)}, BASELINE_ON, [("imgdtc", "HARD")]),
        ({"treated_on": date(2026, 9, 17)}, BASELINE_ON, []),
        ({"treated_on": date(2026, 9, 18)}, BASELINE_ON, [("imgdtc", "SOFT")]),
        ({"treatment_planned_on": date(2026, 9, 18)}, BASELINE_ON, [("imgdtc", "SOFT")]),
        ({"treatment_planned_on": date(2026, 9, 17)}, BASELINE_ON, []),
        ({"treated_on": date(2026, 9, 17), "treatment_planned_on": date(2026, 9, 30)}, BASELINE_ON, []),
        ({"treated_on": date(2026, 9, 17), "imaging_days": 21}, BASELINE_ON, [("imgdtc", "SOFT")]),
        ({}, date(2027, 2, 2), [("imgdtc", "HARD")]),
    ],
)
def test_the_baseline_is_of_the_four_weeks_before_treatment(
    known: dict[str, Any], on: date, expected: list[tuple[str, str]]
) -> None:
    assert found(context(**known), imgdtc=on) == expected


def test_images_that_are_not_adequate_need_the_reason_and_no_lesions() -> None:
    assert found(context(), target(), imgqual="N") == [("imgqualr", "HARD")]
    typed = entry(context(), target(), imgqual="N", imgqualr="Motion")
    settle(Imaging, typed, context())
    assert typed.rows["lesions"] == []


# -- at follow-up ------------------------------------------------------------------------------------

BASELINE = examination(
    SCREENING, BASELINE_ON, target("T01", "60", "55"), target("T02", "40", "40"), row("NT01", "PV")
)
NT = {"lesst": "PRESENT"}
ALL_THREE = (later("T01"), later("T02"), row("NT01", "PV", **NT))


@pytest.mark.parametrize(
    ("rows", "answers", "expected"),
    [
        (ALL_THREE, {}, []),
        (ALL_THREE[:2], {}, [("imgmod", "SOFT")]),
        ((*ALL_THREE, later("T03")), {}, [("lesions-n4-lnkid", "HARD")]),
        ((later("T01", location="S5"), *ALL_THREE[1:]), {}, [("lesions-n1-lesloc", "HARD")]),
        (
            ({**later("T01", viable=None), "lescat": "NONTARGET"}, *ALL_THREE[1:]),
            {},
            [("lesions-n1-lnkid", "HARD"), ("lesions-n1-lescat", "HARD")],
        ),
        ((later("T01", size="5", viable="5"), *ALL_THREE[1:]), {}, []),
        ((later("T01", size="4.9", viable="4"), *ALL_THREE[1:]), {}, [("lesions-n1-ldiam", "SOFT")]),
        ((later("T01", size="0", viable="0"), *ALL_THREE[1:]), {}, [("lesions-n1-lesst", "HARD")]),
        ((later("T01", viable="0"), *ALL_THREE[1:]), {}, []),
        ((row("T01", "S6", lesst="ABSENT"), *ALL_THREE[1:]), {}, []),
        ((row("T01", "S6", lesst="NE"), *ALL_THREE[1:]), {}, []),
        ((row("T01", "S6", lesst="RESECTED"), *ALL_THREE[1:]), {}, [("lesions-n1-lesst", "SOFT")]),
        (
            (row("T01", "S6", lesst="PD"), *ALL_THREE[1:]),
            {},
            [("lesions-n1-ldiam", "HARD"), ("lesions-n1-viadiam", "HARD"), ("lesions-n1-lesst", "HARD")],
        ),
        ((*ALL_THREE[:2], row("NT01", "PV", lesst="PD")), {}, []),
        ((later("T01", size=None), *ALL_THREE[1:]), {}, [("lesions-n1-ldiam", "HARD")]),
        (ALL_THREE, {"newles": None}, [("newles", "HARD")]),
        (ALL_THREE, {"newles": "Y"}, [("newles", "HARD")]),
        (ALL_THREE, {"newles": "EQUIVOCAL"}, []),
        ((*ALL_THREE, row("NEW01", "LUNG", ldiam="6", **NT)), {"newles": "N"}, [("newles", "HARD")]),
        ((*ALL_THREE, row("NEW01", "LUNG", ldiam="6", **NT)), {"newles": "Y"}, []),
        ((*ALL_THREE, row("NEW01", "LUNG", ldiam="6", **NT)), {"newles": "EQUIVOCAL"}, []),
        ((*ALL_THREE, row("NEW01", "S2", ldiam="9.9", **NT)), {"newles": "Y"}, [("newles", "SOFT")]),
        ((*ALL_THREE, row("NEW01", "S2", ldiam="10", **NT)), {"newles": "Y"}, []),
        ((*ALL_THREE, row("NEW01", "S2", lesst="ABSENT")), {"newles": "N"}, []),
        (ALL_THREE, {"imgmod": "CECT"}, [("imgmod", "SOFT")]),
        (ALL_THREE, {"imgdtc": BASELINE_ON}, [("imgdtc", "HARD"), ("imgdtc", "HARD")]),
        (ALL_THREE, {"imgdtc": date(2026, 9, 1)}, []),
        (ALL_THREE, {"imgdtc": date(2026, 8, 31)}, [("imgdtc", "HARD")]),
    ],
)
def test_lesions_of_the_baseline_are_followed_as_they_are(
    rows: tuple[dict[str, Any], ...], answers: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(context(BASELINE, visit=MONTH_1), *rows, **answers) == expected


def test_a_lesion_left_out_may_stand_in_another_examination_of_the_visit() -> None:
    other = examination(MONTH_1, date(2026, 10, 2), row("NT01", "PV", **NT), key=7, repeat=2)
    assert found(context(BASELINE, other, visit=MONTH_1), *ALL_THREE[:2]) == []
    assert found(context(BASELINE, other, visit=MONTH_1), *ALL_THREE) == [("lesions-n3-lnkid", "HARD")]


def test_after_hepatectomy_no_lesion_is_missed_and_resected_is_a_state() -> None:
    known = context(BASELINE, visit=MONTH_1, resected_on=date(2026, 9, 20))
    assert found(known) == []
    assert found(known, row("T01", "S6", lesst="RESECTED")) == []


def test_two_visits_have_no_imaging_of_one_day() -> None:
    earlier = examination(MONTH_1, date(2026, 10, 1), *ALL_THREE)
    assert found(context(BASELINE, earlier, visit=MONTH_3), *ALL_THREE) == [("imgdtc", "HARD")]
    assert found(context(BASELINE, earlier, visit=MONTH_3), *ALL_THREE, imgdtc=date(2026, 10, 2)) == []


def test_a_new_lesion_keeps_its_place_at_later_visits() -> None:
    seen = row("NEW01", "LUNG", ldiam="8", **NT)
    earlier = examination(MONTH_1, date(2026, 9, 20), *ALL_THREE, seen, new_lesion="Y")
    known = context(BASELINE, earlier, visit=MONTH_3)
    assert found(known, *ALL_THREE, seen, newles="Y") == []
    moved = row("NEW01", "BONE", ldiam="8", **NT)
    assert found(known, *ALL_THREE, moved, newles="Y") == [("lesions-n4-lesloc", "HARD")]


# -- sums --------------------------------------------------------------------------------------------


def test_sums_are_of_all_examinations_of_the_visit() -> None:
    assert sums(context(), target("T01", "60", "55"), target("T02", "40.5", "38")) == (
        Decimal("100.5"),
        Decimal("93.0"),
    )
    node = examination(SCREENING, BASELINE_ON, row("T03", "NODE", ldiam="25", saxis="15.5"), key=9, repeat=2)
    assert sums(context(node), target("T01", "60", "55")) == (Decimal("75.5"), Decimal("70.5"))


def test_there_is_no_sum_where_a_target_has_no_diameter_or_none_is_listed() -> None:
    known = context(BASELINE, visit=MONTH_1)
    assert sums(known, later("T01", "50", "0"), later("T02", "30", "10")) == (
        Decimal("80.0"),
        Decimal("10.0"),
    )
    assert sums(known, later("T01", "50", "0"), row("T02", "S6", lesst="NE")) == (None, None)
    assert sums(known, later("T01", "50", "0")) == (None, None)
    assert sums(context(), row("NT01", "PV")) == (None, None)
    assert sums(known, row("T01", "S6", lesst="ABSENT"), row("T02", "S6", lesst="ABSENT")) == (
        Decimal(0),
        Decimal(0),
    )


def test_the_other_reader_has_a_sum_of_their_own() -> None:
    theirs = examination(SCREENING, BASELINE_ON, target("T01", "50", "45"), key=9, repeat=2, evaluator="IRC")
    assert sums(context(theirs), target("T01", "60", "55")) == (Decimal("60.0"), Decimal("55.0"))


# -- what a new form begins with ---------------------------------------------------------------------


def offered(known: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["lnkid"], one["lesloc"], one["lesst"]) for one in offered_lesions(known)]


def test_a_later_form_begins_with_the_lesions_known_so_far() -> None:
    assert offered(context()) == []
    assert offered(context(BASELINE, visit=MONTH_1)) == [
        ("T01", "S6", None),
        ("T02", "S6", None),
        ("NT01", "PV", None),
    ]
    seen = row("NEW01", "LUNG", ldiam="8", **NT)
    earlier = examination(MONTH_1, date(2026, 9, 20), *ALL_THREE, seen)
    assert offered(context(BASELINE, earlier, visit=MONTH_3))[3:] == [("NEW01", "LUNG", None)]
    other = examination(MONTH_3, date(2026, 10, 1), later("T01"), key=7, repeat=2)
    assert [name for name, *_rest in offered(context(BASELINE, other, visit=MONTH_3))] == ["T02", "NT01"]


def test_what_was_taken_out_is_offered_as_resected() -> None:
    operated = date(2026, 10, 15)
    known = context(BASELINE, visit=MONTH_3, resected_on=operated, aimed_at=date(2026, 11, 15))
    assert {state for _name, _place, state in offered(known)} == {"RESECTED"}
    before = context(BASELINE, visit=MONTH_3, resected_on=operated, aimed_at=operated)
    assert {state for _name, _place, state in offered(before)} == {None}
    gone = examination(MONTH_1, date(2026, 9, 20), row("T01", "S6", lesst="RESECTED"))
    assert offered(context(BASELINE, gone, visit=MONTH_3))[0] == ("T01", "S6", "RESECTED")


def test_a_course_is_in_the_order_of_dates_and_leaves_out_what_has_none() -> None:
    sets = [
        examination(MONTH_3, date(2026, 9, 10)),
        examination(MONTH_1, date(2026, 9, 20)),
        examination(MONTH_1, date(2026, 9, 25), key=8, new_lesion="EQUIVOCAL", adequate=False),
        BASELINE,
        examination(4, None),  # type: ignore[arg-type]
    ]
    course = course_of(sets)
    assert course.baseline is not None and course.baseline.on == BASELINE_ON
    assert [(one.visit, one.on) for one in course.later] == [
        (MONTH_3, date(2026, 9, 10)),
        (MONTH_1, date(2026, 9, 25)),
    ]
    assert (course.later[1].new_lesion, course.later[1].adequate) == ("EQUIVOCAL", False)
    assert course_of(sets, "IRC").baseline is None

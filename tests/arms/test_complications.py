"""Clavien-Dindo: grade from the measures taken, order, suffix, and the period."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.complications import (
    DEGREE_WORDS,
    MEASURES,
    ORDER,
    ClavienDindo,
    Degree,
    ImpossibleComplication,
    Measure,
    grade_complication,
    in_period,
    worst_grade,
)

OPERATED = dt.date(2027, 1, 12)


@pytest.mark.parametrize(
    ("measures", "grade", "major"),
    [
        ([], "I", False),
        (["NONE"], "I", False),
        (["ANTIPYRETIC"], "I", False),
        (["BEDSIDE_OPENING", "PHYSIOTHERAPY"], "I", False),
        (["OTHER_DRUG"], "II", False),
        (["TRANSFUSION"], "II", False),
        (["PARENTERAL_NUTRITION"], "II", False),
        (["PERCUTANEOUS_DRAIN"], "IIIa", True),
        (["ENDOSCOPY", "OTHER_DRUG"], "IIIa", True),
        (["RELAPAROTOMY", "PERCUTANEOUS_DRAIN"], "IIIb", True),
        (["DIALYSIS"], "IVa", True),
        (["DIALYSIS", "MULTI_ORGAN"], "IVb", True),
        (["DEATH", "RELAPAROTOMY"], "V", True),
    ],
)
def test_grade_from_measures(measures: list[str], grade: str, major: bool) -> None:
    found = grade_complication(measures).grade
    assert (str(found), found.is_major) == (grade, major)


def test_reason_names_the_measures_that_decided() -> None:
    found = grade_complication(["ANTIPYRETIC", "PERCUTANEOUS_DRAIN", "ENDOSCOPY"], disability=True)
    assert found.reason.en == "Percutaneous drain, Endoscopic intervention: grade IIIa-d."
    assert found.reason.zh == "经皮穿刺引流、内镜干预：IIIa-d级。"


def test_every_measure_and_degree_has_words() -> None:
    assert set(MEASURES) == set(Measure)
    assert set(DEGREE_WORDS) == set(Degree)


@pytest.mark.parametrize(
    ("text", "degree", "disability"),
    [
        ("I", "I", False),
        ("IIIa", "IIIa", False),
        ("IIIad", "IIIa", True),
        ("IIIa-d", "IIIa", True),
        ("IVb d", "IVb", True),
        (" V ", "V", False),
    ],
)
def test_reading_a_grade(text: str, degree: str, disability: bool) -> None:
    assert ClavienDindo.parse(text) == ClavienDindo(Degree(degree), disability)


@pytest.mark.parametrize("text", ["", "III", "IIIA", "IVc", "VI", "0", "3a", "Vd", "d", "IIId"])
def test_unknown_grades_are_refused(text: str) -> None:
    with pytest.raises(ImpossibleComplication) as caught:
        ClavienDindo.parse(text)
    assert caught.value.sentence.en and caught.value.sentence.zh


def test_unknown_measures_are_refused() -> None:
    with pytest.raises(ImpossibleComplication, match="no measure LEECH, PRAYER"):
        grade_complication(["PRAYER", "DIALYSIS", "LEECH"])


def test_death_leaves_no_disability() -> None:
    with pytest.raises(ImpossibleComplication, match="suffix d"):
        grade_complication(["DEATH"], disability=True)


def test_major_begins_at_iiia() -> None:
    major = [degree.value for degree in ORDER if ClavienDindo(degree).is_major]
    assert major == ["IIIa", "IIIb", "IVa", "IVb", "V"]


def test_worst_grade() -> None:
    grades = [ClavienDindo.parse(text) for text in ("II", "IIIa", "IIIa-d", "I")]
    assert str(worst_grade(grades)) == "IIIa-d"
    assert worst_grade([]) is None


@pytest.mark.parametrize(("days", "within"), [(0, True), (90, True), (91, False)])
def test_period_of_90_days(days: int, within: bool) -> None:
    assert in_period(OPERATED, OPERATED + dt.timedelta(days=days)) is within


def test_complication_before_the_operation_is_refused() -> None:
    with pytest.raises(ImpossibleComplication, match="lies before the operation"):
        in_period(OPERATED, OPERATED - dt.timedelta(days=1))


measures = st.lists(st.sampled_from(list(Measure)))


@given(measures, st.sampled_from(list(Measure)))
def test_one_more_measure_never_lowers_the_grade(taken: list[Measure], more: Measure) -> None:
    assert grade_complication([*taken, more]).grade >= grade_complication(taken).grade


@given(measures, st.randoms(use_true_random=False))
def test_order_of_measures_does_not_matter(taken: list[Measure], random: object) -> None:
    assert grade_complication(taken) == grade_complication(taken[::-1])


grades = st.builds(
    ClavienDindo, st.sampled_from([one for one in Degree if one is not Degree.V]), st.booleans()
)


@given(grades, grades)
def test_grades_are_ordered_and_read_back(one: ClavienDindo, other: ClavienDindo) -> None:
    assert (one < other) + (one == other) + (one > other) == 1
    assert ClavienDindo.parse(str(one)) == one
    assert not one.is_major or other < one or other.is_major

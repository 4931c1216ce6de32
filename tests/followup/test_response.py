"""Tumour response: lesions, sums, one assessment, the course, the best response, and what must always hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eligibility.codelists import NEW_LESION
from followup.codelists import CRITERIA, NON_TARGET_RESPONSE, OVERALL_RESPONSE
from followup.response import (
    CONFIRMATION_DAYS,
    PROGRESSIVE,
    Category,
    Criteria,
    Imaging,
    ImpossibleLesion,
    ImpossibleResponse,
    Lesion,
    Location,
    Margin,
    NewLesion,
    NonTarget,
    Overall,
    Reading,
    State,
    Target,
    back_dated,
    best_response,
    check_targets,
    evaluate,
    first_progression,
    judge_after_hepatectomy,
    judge_non_targets,
    judge_overall,
    judge_targets,
    sum_targets,
)

RECIST, MRECIST = Criteria.RECIST11, Criteria.MRECIST
A0 = dt.date(2026, 9, 1)
# From the best to the worst; what cannot be evaluated stands beside them.
WORSE = (Overall.CR, Overall.PR, Overall.SD, Overall.NONCRNONPD, Overall.PD)


def mm(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def lesion(name: str = "T01", longest: str | None = "30", viable: str | None = "25", **other: Any) -> Lesion:
    given = {"category": Category.TARGET, "location": Location.S8, **other}
    return Lesion(name, longest=mm(longest), viable=mm(viable), **given)


def node(name: str = "T02", short_axis: str | None = "20", **other: Any) -> Lesion:
    given = {"category": Category.TARGET, "location": Location.NODE, **other}
    return Lesion(name, short_axis=mm(short_axis), **given)


def other_lesion(state: State = State.PRESENT, name: str = "NT01", **more: Any) -> Lesion:
    return Lesion(name, Category.NONTARGET, more.pop("location", Location.PORTALVEIN), state, **more)


def day(number: int) -> dt.date:
    return A0 + dt.timedelta(days=number)


# Codes ----------------------------------------------------------------------------------------------


def test_codes_are_those_of_the_form() -> None:
    assert set(CRITERIA.values) == set(Criteria)
    assert set(NON_TARGET_RESPONSE.values) == set(NonTarget)
    assert set(NEW_LESION.values) == set(NewLesion)
    # A recurrence stands on the form as PD, with the place of the recurrence beside it.
    assert set(OVERALL_RESPONSE.values) == set(Overall) - {Overall.RECURRENCE}


# Lesions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "criteria", "diameter"),
    [
        (lesion(), RECIST, "30"),
        (lesion(), MRECIST, "25"),
        (lesion(viable="0"), MRECIST, "0"),
        (lesion(viable=None), MRECIST, None),
        (lesion(longest=None, viable=None, too_small=True), RECIST, "5"),
        (lesion(longest=None, viable=None, too_small=True), MRECIST, "5"),
        (lesion(longest=None, viable="0", too_small=True), MRECIST, "0"),
        (lesion(longest="4", viable=None, too_small=True), RECIST, "4"),
        (lesion(viable=None, location=Location.LUNG), MRECIST, "30"),
        (lesion(longest="30", viable=None, location=Location.NODE, short_axis=Decimal(16)), RECIST, "16"),
        (node(), MRECIST, "20"),
        (lesion(longest=None, viable=None, state=State.ABSENT), RECIST, "0"),
        (lesion(longest=None, viable=None, state=State.ABSENT), MRECIST, "0"),
        (lesion(longest="0", viable="0", state=State.ABSENT), RECIST, "0"),
        (lesion(longest=None, viable=None, state=State.NE), RECIST, None),
        (lesion(longest=None, viable=None, state=State.RESECTED), RECIST, None),
    ],
)
def test_diameter_that_counts(made: Lesion, criteria: Criteria, diameter: str | None) -> None:
    assert made.diameter(criteria) == mm(diameter)


@pytest.mark.parametrize(
    ("made", "criteria", "gone"),
    [
        (node(short_axis="9.9"), RECIST, True),
        (node(short_axis="10"), RECIST, False),
        (lesion(viable="0"), MRECIST, True),
        (lesion(viable="0"), RECIST, False),
        (lesion(longest=None, viable=None, state=State.NE), RECIST, None),
    ],
)
def test_gone_is_a_normal_node_or_nothing_left(made: Lesion, criteria: Criteria, gone: bool | None) -> None:
    assert made.is_gone(criteria) is gone


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"longest": "-1"}, "Lesion T01 has a longest diameter of -1 mm"),
        ({"longest": "NaN"}, "Lesion T01 has a longest diameter of NaN mm"),
        ({"longest": "Infinity"}, "Lesion T01 has a longest diameter of Infinity mm"),
        ({"longest": "500.1"}, "give 0 to 500 mm"),
        ({"longest": "30.05"}, "at most one decimal"),
        ({"longest": "100.00000000000000000000000000000000001"}, "at most one decimal"),
        ({"longest": "0", "viable": None}, "is present, so its diameter is above 0"),
        ({"viable": "31.1"}, "viable diameter more than 1 mm above its longest"),
        ({"viable": "20", "location": Location.LUNG}, "has no viable diameter"),
        ({"short_axis": Decimal(9)}, "is no node and has no short axis"),
        ({"state": State.ABSENT}, "is not there and has no diameter"),
        ({"state": State.RESECTED}, "is not there and has no diameter"),
        ({"state": State.ABSENT, "longest": None, "viable": None, "too_small": True}, "is not there"),
        ({"state": State.PD}, "is a target and is measured"),
        ({"state": "GROWN"}, "has a code that is not known: GROWN"),
        ({"location": "S9"}, "has a code that is not known: S9"),
        (
            {"location": Location.NODE, "viable": None, "short_axis": Decimal("30.1")},
            "has a short axis above its longest diameter",
        ),
    ],
)
def test_impossible_lesion_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImpossibleLesion) as caught:
        lesion(**changes)
    assert sentence in caught.value.sentence.en
    assert caught.value.sentence.zh.startswith("病灶T01")


def test_viable_diameter_may_exceed_the_longest_by_one_millimetre() -> None:
    assert lesion(viable="31").viable == 31


# Selection ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lesions", "found"),
    [
        ([lesion(longest="10", viable="10")], []),
        ([lesion(longest="9.9", viable="9.9")], ["ldiam", "viadiam"]),
        ([lesion(longest="10", viable="9.9")], ["viadiam"]),
        ([lesion(longest="10", viable=None)], ["viadiam"]),
        ([lesion(longest=None, viable="20")], ["ldiam"]),
        ([node(short_axis="15")], []),
        ([node(short_axis="14.9")], ["saxis"]),
        ([node(short_axis=None)], ["saxis"]),
        ([node(short_axis="14.9", category=Category.NONTARGET)], []),
        ([lesion(f"T0{number}", location=Location(f"S{number}")) for number in (1, 2, 3)], ["lescat"]),
        ([node(f"T0{number}") for number in (1, 2)], []),
        ([node("T01"), node("T02", location=Location.HILARNODE), node("T03")], ["lescat"]),
        ([lesion(location=Location.PORTALVEIN, viable=None)], ["lescat"]),
        (
            [
                lesion(f"T0{number}", viable=None, location=Location.OTHER, site=site)
                for number, site in enumerate(("kidney", "spleen", "Kidney ", "kidney"))
            ],
            ["lescat"],
        ),
    ],
)
def test_targets_at_baseline(lesions: list[Lesion], found: list[str]) -> None:
    assert [finding.item for finding in check_targets(lesions) if finding.level == "HARD"] == found


def test_only_recist_asks_for_no_enhancement() -> None:
    assert check_targets([lesion(viable=None)], criteria=[RECIST]) == ()


@pytest.mark.parametrize(
    ("slice_mm", "longest", "refused"),
    [("1", "10", False), ("5", "10", False), ("5.5", "10.9", True), ("5.5", "11", False), ("8", "16", False)],
)
def test_thick_slices_ask_for_twice_their_thickness(slice_mm: str, longest: str, refused: bool) -> None:
    found = check_targets([lesion(longest=longest, viable=longest)], slice_mm=Decimal(slice_mm))
    assert bool(found) is refused


@pytest.mark.parametrize(("short_axis", "asked"), [("15", True), ("19.9", True), ("20", False)])
def test_hilar_node_below_20_mm_is_asked_about(short_axis: str, asked: bool) -> None:
    found = check_targets([node(short_axis=short_axis, location=Location.HILARNODE)])
    assert [finding.level for finding in found] == ["SOFT"] * asked


def test_normal_node_is_asked_about() -> None:
    found = check_targets([node(short_axis="9.9", category=Category.NONTARGET)])
    assert [(finding.item, finding.level) for finding in found] == [("saxis", "SOFT")]


def test_impossible_selection() -> None:
    for lesions in ([lesion(), lesion()], [lesion(category=Category.NEW)]):
        with pytest.raises(ImpossibleLesion):
            check_targets(lesions)
    with pytest.raises(ImpossibleLesion, match="Slices"):
        check_targets([lesion()], slice_mm=Decimal(0))


# Sums -----------------------------------------------------------------------------------------------


def test_sum_takes_longest_diameters_and_short_axes() -> None:
    total = sum_targets([lesion(longest="30.1"), node(short_axis="15.2"), other_lesion()], RECIST)
    assert (total.tenths, total.mm, total.targets, total.complete, total.gone) == (
        453,
        Decimal("45.3"),
        2,
        True,
        False,
    )


def test_target_that_is_missing_or_resected_is_not_in_the_sum() -> None:
    total = sum_targets(
        [lesion(), lesion("T03", None, None, state=State.RESECTED)], RECIST, chosen=["T01", "T02", "T03"]
    )
    assert (total.tenths, total.not_evaluable, total.resected, total.complete) == (
        300,
        ("T02",),
        ("T03",),
        False,
    )


def test_target_that_was_not_chosen_at_baseline_is_refused() -> None:
    with pytest.raises(ImpossibleLesion, match="T02 was no target at baseline"):
        sum_targets([lesion(), node()], RECIST, chosen=["T01"])


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=5), st.randoms())
def test_sum_does_not_depend_on_the_order(tenths: list[int], random: Any) -> None:
    lesions = [
        lesion(f"T{number:02}", f"{Decimal(value) / 10}", None, location=Location.LUNG)
        for number, value in enumerate(tenths)
    ]
    shuffled = random.sample(lesions, len(lesions))
    assert sum_targets(lesions, RECIST) == sum_targets(shuffled, RECIST)
    assert sum_targets(lesions, RECIST).tenths == sum(tenths)


# Targets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criteria", "baseline", "nadir", "current", "response"),
    [
        (RECIST, "100", "100", "70", "PR"),
        (RECIST, "100", "100", "70.1", "SD"),
        (RECIST, "100", "60", "71.9", "SD"),
        (RECIST, "100", "60", "72", "PD"),
        (RECIST, "200", "50", "60", "PD"),
        (RECIST, "30", "25", "30", "PD"),
        (RECIST, "30", "24.9", "29.9", "PD"),
        (RECIST, "30", "24.9", "29.8", "SD"),
        (MRECIST, "30", "20", "24", "PD"),
        (MRECIST, "30", "20", "23.9", "SD"),
        (MRECIST, "0.1", "0.1", "0.1", "SD"),
        (RECIST, "50", "0", "0.1", "PD"),
        (MRECIST, "50", "0", "0.1", "PD"),
    ],
)
def test_target_response(criteria: Criteria, baseline: str, nadir: str, current: str, response: str) -> None:
    found = judge_targets(
        criteria, baseline=Decimal(baseline), nadir=Decimal(nadir), current=Decimal(current)
    )
    assert found.response == Target(response)


@pytest.mark.parametrize(
    ("current", "response"), [(None, "NE"), ("0", "NE"), ("71.9", "NE"), ("72", "PD"), ("10", "NE")]
)
def test_not_evaluable_unless_the_rest_suffices_for_pd(current: str | None, response: str) -> None:
    found = judge_targets(
        RECIST, baseline=Decimal(100), nadir=Decimal(60), current=mm(current), evaluable=False, gone=False
    )
    assert found.response == Target(response)


def test_all_gone_is_cr_whatever_normal_nodes_measure() -> None:
    found = judge_targets(RECIST, baseline=Decimal(40), nadir=Decimal(9), current=Decimal("19.8"), gone=True)
    assert found.response is Target.CR


def test_reason_names_sums_and_never_rounds_up_to_a_limit() -> None:
    found = judge_targets(RECIST, baseline=Decimal(300), nadir=Decimal("299.9"), current=Decimal("210.1"))
    assert found.reason.en == "Sum 210.1 mm, -29.9 % from the baseline, 300.0 mm."
    assert found.reason.zh == "直径总和210.1 mm，较基线300.0 mm变化-29.9%。"
    grown = judge_targets(RECIST, baseline=Decimal(100), nadir=Decimal(60), current=Decimal(72))
    assert grown.reason.en == "Sum 72.0 mm, +20.0 % (+12.0 mm) from the smallest, 60.0 mm."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"baseline": Decimal(0)}, "A baseline sum is above 0 mm."),
        ({"baseline": Decimal(-1)}, "A baseline sum of -1 mm is not possible"),
        ({"nadir": Decimal("100.1")}, "The smallest sum includes the baseline"),
        ({"current": Decimal("-0.1")}, "A current sum of -0.1 mm is not possible"),
        ({"current": Decimal("70.05")}, "at most one decimal"),
        ({"current": Decimal("NaN")}, "A current sum of NaN mm is not possible"),
        ({"current": Decimal(2501)}, "give 0 to 2500 mm"),
        ({"current": None}, "The current sum is needed"),
        ({"current": Decimal(0)}, "A sum of 0 mm means that every target is gone."),
        ({"gone": True, "current": Decimal(50)}, "Targets that are gone cannot have a sum of 50.0 mm."),
    ],
)
def test_impossible_sums_are_named(changes: dict[str, Any], sentence: str) -> None:
    sums: dict[str, Any] = {"baseline": Decimal(100), "nadir": Decimal(80), "current": Decimal(70)}
    with pytest.raises(ImpossibleResponse) as caught:
        judge_targets(RECIST, **{**sums, **changes})
    assert sentence in caught.value.sentence.en
    assert caught.value.sentence.zh


@st.composite
def sums(draw: st.DrawFn) -> dict[str, Decimal]:
    baseline = draw(st.integers(1, 5000))
    nadir = draw(st.integers(0, baseline))
    current = draw(st.integers(1, 6000))
    return {
        "baseline": Decimal(baseline) / 10,
        "nadir": Decimal(nadir) / 10,
        "current": Decimal(current) / 10,
    }


@given(sums())
def test_thresholds_are_exact(given_sums: dict[str, Decimal]) -> None:
    b, n, s = given_sums.values()
    found = judge_targets(RECIST, **given_sums).response
    grown = s >= Decimal("1.2") * n and (s - n >= 5 or n == 0)
    assert (found is Target.PD) == grown
    assert (found is Target.PR) == (not grown and s <= Decimal("0.7") * b)


@given(sums())
def test_pd_by_recist_is_pd_by_mrecist(given_sums: dict[str, Decimal]) -> None:
    if judge_targets(RECIST, **given_sums).response is Target.PD:
        assert judge_targets(MRECIST, **given_sums).response is Target.PD


@given(sums(), st.integers(0, 1000), st.sampled_from(Criteria))
def test_larger_targets_never_respond_better(
    given_sums: dict[str, Decimal], more: int, criteria: Criteria
) -> None:
    order = [Target.PR, Target.SD, Target.PD]
    larger = {**given_sums, "current": given_sums["current"] + Decimal(more) / 10}
    first, second = (judge_targets(criteria, **one).response for one in (given_sums, larger))
    assert order.index(second) >= order.index(first)


@given(sums(), st.sampled_from(Criteria))
def test_a_smaller_nadir_never_takes_pd_away(given_sums: dict[str, Decimal], criteria: Criteria) -> None:
    if judge_targets(criteria, **given_sums).response is Target.PD:
        lower = {**given_sums, "nadir": given_sums["nadir"] / 2 // Decimal("0.1") * Decimal("0.1")}
        assert judge_targets(criteria, **lower).response is Target.PD


@given(sums(), st.sampled_from(Criteria))
def test_not_evaluable_says_nothing_but_pd(given_sums: dict[str, Decimal], criteria: Criteria) -> None:
    found = judge_targets(criteria, **given_sums, evaluable=False).response
    whole = judge_targets(criteria, **given_sums).response
    assert found is (Target.PD if whole is Target.PD else Target.NE)


# Other lesions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lesions", "markers", "response"),
    [
        ([], True, "NA"),
        ([lesion()], True, "NA"),
        ([other_lesion(State.RESECTED)], True, "NA"),
        ([other_lesion()], True, "NONCRNONPD"),
        ([other_lesion(State.ABSENT)], True, "CR"),
        ([other_lesion(State.ABSENT)], False, "NONCRNONPD"),
        ([other_lesion(State.ABSENT)], None, "NONCRNONPD"),
        ([other_lesion(State.ABSENT), other_lesion(name="NT02")], True, "NONCRNONPD"),
        ([other_lesion(State.ABSENT), other_lesion(State.NE, "NT02")], True, "NE"),
        ([other_lesion(State.NE), other_lesion(State.PD, "NT02")], True, "PD"),
        ([other_lesion(location=Location.NODE, short_axis=Decimal("9.9"))], True, "CR"),
        ([other_lesion(location=Location.NODE, short_axis=Decimal(10))], True, "NONCRNONPD"),
    ],
)
def test_non_target_response(lesions: list[Lesion], markers: bool | None, response: str) -> None:
    assert judge_non_targets(lesions, RECIST, markers_normal=markers).response == NonTarget(response)


def test_liver_lesion_without_enhancement_is_gone_by_mrecist_only() -> None:
    lesions = [other_lesion(location=Location.S4, longest=Decimal(8), viable=Decimal(0))]
    assert judge_non_targets(lesions, MRECIST).response is NonTarget.CR
    assert judge_non_targets(lesions, RECIST).response is NonTarget.NONCRNONPD


# Overall --------------------------------------------------------------------------------------------

targets, non_targets, new_lesions = (st.sampled_from(kind) for kind in (Target, NonTarget, NewLesion))


@pytest.mark.parametrize(
    ("target", "non_target", "overall"),
    [
        ("CR", "NA", "CR"),
        ("PR", "NA", "PR"),
        ("SD", "NA", "SD"),
        ("SD", "CR", "SD"),
        ("NE", "CR", "NE"),
        ("NE", "NA", "NE"),
        ("NA", "NA", "NED"),
        ("NA", "NONCRNONPD", "NONCRNONPD"),
        ("PD", "NA", "PD"),
        ("CR", "PD", "PD"),
    ],
)
def test_overall_rows_that_the_table_leaves_out(target: str, non_target: str, overall: str) -> None:
    found = judge_overall(Target(target), NonTarget(non_target), NewLesion.N)
    assert found.response == Overall(overall)
    assert found.reason.en and found.reason.zh


@given(targets, non_targets, new_lesions)
def test_pd_dominates(target: Target, non_target: NonTarget, new: NewLesion) -> None:
    found = judge_overall(target, non_target, new)
    progressive = Target.PD is target or NonTarget.PD is non_target or NewLesion.Y is new
    assert (found.response is Overall.PD) == progressive


@given(targets, non_targets)
def test_a_new_lesion_never_improves(target: Target, non_target: NonTarget) -> None:
    without = judge_overall(target, non_target, NewLesion.N).response
    assert judge_overall(target, non_target, NewLesion.Y).response is Overall.PD
    if without in WORSE:
        assert WORSE.index(Overall.PD) >= WORSE.index(without)


@given(targets, non_targets)
def test_an_equivocal_lesion_counts_as_none_and_is_flagged(target: Target, non_target: NonTarget) -> None:
    without, equivocal = (
        judge_overall(target, non_target, new) for new in (NewLesion.N, NewLesion.EQUIVOCAL)
    )
    assert (without.response, False, True) == (equivocal.response, without.flagged, equivocal.flagged)


@given(targets, non_targets)
def test_cr_needs_every_lesion_gone(target: Target, non_target: NonTarget) -> None:
    if judge_overall(target, non_target, NewLesion.N).response is Overall.CR:
        assert target in (Target.CR, Target.NA) and non_target in (NonTarget.CR, NonTarget.NA)


def test_code_that_is_not_known_is_named() -> None:
    with pytest.raises(ImpossibleResponse, match="XX is not known here; there are CR, PR"):
        judge_overall("XX", NonTarget.CR, NewLesion.N)  # type: ignore[arg-type]
    with pytest.raises(ImpossibleResponse, match="R3 is not known"):
        judge_after_hepatectomy("R3", NonTarget.CR, NewLesion.N)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("margin", "non_target", "new", "overall", "flagged"),
    [
        ("R0", "NA", "N", "NED", False),
        ("R0", "CR", "N", "NED", False),
        ("R1", "NA", "N", "NED", False),
        (None, "NA", "N", "NED", False),
        ("R0", "NA", "EQUIVOCAL", "NED", True),
        ("R0", "NE", "N", "NE", False),
        ("R0", "NA", "Y", "RECURRENCE", False),
        ("R1", "PD", "N", "RECURRENCE", False),
        ("R2", "NONCRNONPD", "N", "NONCRNONPD", False),
        ("R2", "PD", "N", "PD", False),
        ("R2", "NONCRNONPD", "Y", "PD", False),
        ("R2", "CR", "N", "NED", False),
    ],
)
def test_after_hepatectomy(
    margin: str | None, non_target: str, new: str, overall: str, flagged: bool
) -> None:
    found = judge_after_hepatectomy(margin and Margin(margin), NonTarget(non_target), NewLesion(new))  # type: ignore[arg-type]
    assert (found.response, found.flagged) == (Overall(overall), flagged)


@given(st.sampled_from([None, *Margin]), non_targets, new_lesions)
def test_removed_lesions_are_never_a_response(
    margin: Margin | None, non_target: NonTarget, new: NewLesion
) -> None:
    found = judge_after_hepatectomy(margin, non_target, new).response
    assert found not in (Overall.CR, Overall.PR, Overall.SD)


# The course -----------------------------------------------------------------------------------------

BASELINE = Imaging(A0, [lesion(longest="60", viable="50"), node(short_axis="20"), other_lesion()])


def at(number: int, longest: str, short_axis: str = "20", **more: Any) -> Imaging:
    lesions = [lesion(longest=longest, viable=None), node(short_axis=short_axis), other_lesion()]
    return Imaging(day(number), [*lesions, *more.pop("lesions", [])], **more)


def test_nadir_is_the_smallest_sum_before() -> None:
    found = evaluate(BASELINE, [at(60, "40"), at(120, "70"), at(180, "30")], RECIST)
    assert [one.nadir_mm for one in found] == [80, 60, 60]
    assert [one.target.response for one in found] == [Target.SD, Target.PD, Target.PR]


def test_a_sum_that_is_not_complete_is_no_nadir() -> None:
    lost = Imaging(day(60), [lesion(longest="40", viable=None), node(short_axis=None), other_lesion()])
    found = evaluate(BASELINE, [lost, at(120, "60")], RECIST)
    assert [(one.nadir_mm, one.target.response) for one in found] == [(80, Target.NE), (80, Target.SD)]


def course(*steps: tuple[str | None, str]) -> list[Target]:
    """The responses of a liver lesion (None: absent) and a node."""
    imaging = [
        Imaging(
            day(60 * number),
            [
                lesion(longest=longest, viable=None, state=State.PRESENT if longest else State.ABSENT),
                node(short_axis=short_axis),
            ],
        )
        for number, (longest, short_axis) in enumerate(steps, start=1)
    ]
    return [one.target.response for one in evaluate(BASELINE, imaging, RECIST)]


def test_a_lesion_that_reappears_is_pd_though_nodes_keep_the_sum_above_0() -> None:
    assert course((None, "9"), ("4", "9")) == [Target.CR, Target.PD]
    assert course((None, "9"), ("4", "9"), ("4", "9")) == [Target.CR, Target.PD, Target.PD]


def test_a_node_that_grows_again_is_decided_by_the_sum() -> None:
    assert course((None, "9"), (None, "13.9")) == [Target.CR, Target.PR]
    assert course((None, "9"), (None, "14")) == [Target.CR, Target.PD]


@given(st.permutations([at(60, "40"), at(120, "60"), at(180, "30"), at(240, "44", "9.9")]))
def test_course_does_not_depend_on_the_order_of_entry(imaging: list[Imaging]) -> None:
    found = evaluate(BASELINE, imaging, RECIST)
    assert [one.on for one in found] == [day(60), day(120), day(180), day(240)]
    assert [one.target.response for one in found] == [Target.SD, Target.PD, Target.PR, Target.PR]


def test_a_new_lesion_listed_yet_denied_is_refused() -> None:
    new = Lesion("NEW01", Category.NEW, Location.S2)
    with pytest.raises(ImpossibleResponse, match="NEW01 listed as new"):
        evaluate(BASELINE, [at(60, "40", lesions=[new])], RECIST)
    found = evaluate(BASELINE, [at(60, "40", lesions=[new], new_lesion=NewLesion.Y)], RECIST)
    assert (found[0].overall.response, found[0].reading.new_ids) == (Overall.PD, {"NEW01"})


def test_answer_of_the_investigator_stands_for_the_states() -> None:
    found = evaluate(BASELINE, [at(60, "40", non_target=NonTarget.PD)], RECIST)
    assert found[0].overall.response is Overall.PD


def test_impossible_courses() -> None:
    without_diameter = replace(BASELINE, lesions=[lesion(longest=None, viable=None)])
    for baseline, later, sentence in (
        (BASELINE, [at(0, "40")], "does not lie after the baseline"),
        (BASELINE, [at(-1, "40")], "does not lie after the baseline"),
        (BASELINE, [at(60, "40"), at(60, "50")], "two assessments on 2026-10-31"),
        (without_diameter, [], "Without a diameter at baseline: T01"),
    ):
        with pytest.raises(ImpossibleResponse, match=sentence):
            evaluate(baseline, later, RECIST)


def test_participant_without_targets_has_no_target_response() -> None:
    baseline = replace(BASELINE, lesions=[other_lesion()])
    found = evaluate(baseline, [replace(at(60, "40"), lesions=[other_lesion(State.ABSENT)])], RECIST)
    assert (found[0].nadir_mm, found[0].target.response, found[0].overall.response) == (
        None,
        Target.NA,
        Overall.CR,
    )


@given(
    st.lists(st.integers(1, 2000), min_size=1, max_size=8),
    st.sampled_from([RECIST]),
)
def test_sums_alone_decide_a_course_of_one_lesion(tenths: list[int], criteria: Criteria) -> None:
    found = evaluate(
        replace(BASELINE, lesions=[lesion(longest="50")]),
        [
            Imaging(day(number + 1), [lesion(longest=f"{Decimal(value) / 10}", viable=None)])
            for number, value in enumerate(tenths)
        ],
        criteria,
    )
    for number, one in enumerate(found):
        nadir = min([500, *tenths[:number]])
        assert one.nadir_mm == Decimal(nadir) / 10
        grown = 10 * tenths[number] >= 12 * nadir and tenths[number] - nadir >= 50
        assert (one.overall.response is Overall.PD) == grown


# Back-dating ----------------------------------------------------------------------------------------


def read(number: int, overall: str, new: str = "N", *ids: str) -> Reading:
    return Reading(day(number), Overall(overall), NewLesion(new), frozenset(ids))


@pytest.mark.parametrize(
    ("readings", "progression"),
    [
        ([read(60, "SD", "EQUIVOCAL"), read(120, "PD", "Y")], 60),
        ([read(60, "SD", "EQUIVOCAL"), read(120, "SD", "EQUIVOCAL"), read(180, "PD", "Y")], 60),
        ([read(60, "SD", "EQUIVOCAL"), read(120, "SD"), read(180, "PD", "Y")], 180),
        ([read(60, "SD", "EQUIVOCAL"), read(120, "NE"), read(180, "PD", "Y")], 60),
        ([read(60, "SD", "EQUIVOCAL"), read(120, "SD")], None),
        ([read(60, "SD", "EQUIVOCAL"), read(120, "PD")], 120),
        ([read(60, "SD", "EQUIVOCAL", "NEW01"), read(120, "PD", "Y", "NEW01", "NEW02")], 60),
        ([read(60, "SD", "EQUIVOCAL", "NEW01"), read(120, "PD", "Y", "NEW02")], 120),
        ([read(60, "NED", "EQUIVOCAL"), read(120, "RECURRENCE", "Y")], 60),
        ([read(60, "PD", "EQUIVOCAL"), read(120, "PD", "Y")], 60),
        ([], None),
    ],
)
def test_new_lesion_is_dated_when_first_seen(readings: list[Reading], progression: int | None) -> None:
    wanted = None if progression is None else day(progression)
    assert first_progression(readings) == wanted
    assert first_progression(reversed(readings)) == wanted


def test_back_dating_after_hepatectomy_is_a_recurrence() -> None:
    found = back_dated([read(60, "NED", "EQUIVOCAL"), read(120, "RECURRENCE", "Y")])
    assert [one.overall for one in found] == [Overall.RECURRENCE, Overall.RECURRENCE]


readings_lists = st.lists(
    st.builds(
        Reading,
        st.integers(0, 800).map(day),
        st.sampled_from([one for one in Overall if one is not Overall.RECURRENCE]),
        new_lesions,
        st.sets(st.sampled_from(["NEW01", "NEW02"])).map(frozenset),
    ).map(lambda one: replace(one, overall=Overall.PD) if one.new_lesion is NewLesion.Y else one),
    max_size=7,
    unique_by=lambda one: one.on,
)


@given(readings_lists)
def test_back_dating_only_moves_progression_forward(readings: list[Reading]) -> None:
    found = back_dated(readings)
    assert back_dated(found) == found
    before = [one.on for one in readings if one.overall in PROGRESSIVE]
    after = [one.on for one in found if one.overall in PROGRESSIVE]
    assert set(before) <= set(after)
    assert bool(before) == bool(after)
    assert not before or min(after) <= min(before)


# Best response --------------------------------------------------------------------------------------


@given(readings_lists)
def test_best_response_is_none_worse_than_any_that_counts(readings: list[Reading]) -> None:
    best = best_response(readings, a0=A0, least_days_of_sd=0)
    end = first_progression(readings) or dt.date.max
    seen = [one.overall for one in back_dated(readings) if one.on <= end and one.overall in WORSE]
    assert best.response == (min(seen, key=WORSE.index) if seen else Overall.NE)
    assert best.on is None or best.on in {one.on for one in readings}


@given(readings_lists, st.sampled_from([None, 28]))
def test_a_response_begins_with_the_first_that_counts(
    readings: list[Reading], confirm_days: int | None
) -> None:
    best = best_response(readings, a0=A0, confirm_days=confirm_days)
    assert (best.responded_on is not None) == best.is_objective
    if best.responded_on is not None and best.on is not None:
        assert best.responded_on <= best.on
        [first] = [one.overall for one in back_dated(readings) if one.on == best.responded_on]
        assert first in (Overall.CR, Overall.PR)


@pytest.mark.parametrize(
    ("days", "confirm_days", "expected"),
    [
        ((("PR", 40), ("CR", 100)), None, (Overall.CR, 100, 40)),
        ((("PR", 40), ("CR", 100)), 28, (Overall.PR, 40, 40)),
        ((("PR", 40), ("SD", 60), ("CR", 100), ("CR", 140)), None, (Overall.CR, 100, 40)),
        ((("PR", 40), ("SD", 60), ("CR", 100), ("CR", 140)), 28, (Overall.CR, 100, 100)),
        ((("SD", 50),), None, (Overall.SD, 50, None)),
    ],
)
def test_the_best_and_the_first_response_have_days_of_their_own(
    days: tuple[tuple[str, int], ...], confirm_days: int | None, expected: tuple[Overall, int, int | None]
) -> None:
    readings = [Reading(A0 + dt.timedelta(days=after), Overall(result)) for result, after in days]
    best = best_response(readings, a0=A0, confirm_days=confirm_days)
    response, on, responded = expected
    assert best.response is response
    assert best.on == A0 + dt.timedelta(days=on)
    assert best.responded_on == (None if responded is None else A0 + dt.timedelta(days=responded))


@given(readings_lists, st.randoms())
def test_best_response_does_not_depend_on_the_order(readings: list[Reading], random: Any) -> None:
    shuffled = random.sample(readings, len(readings))
    assert best_response(readings, a0=A0) == best_response(shuffled, a0=A0)


@given(readings_lists, st.integers(0, 400))
def test_confirmation_never_makes_it_better(readings: list[Reading], days: int) -> None:
    order = [*WORSE, Overall.NE]
    free = best_response(readings, a0=A0).response
    asked = best_response(readings, a0=A0, confirm_days=days).response
    assert order.index(asked) >= order.index(free)


@given(readings_lists, st.integers(0, 800))
def test_a_later_end_never_makes_it_worse_unless_by_pd(readings: list[Reading], number: int) -> None:
    order = [*WORSE, Overall.NE]
    assume(first_progression(readings) is None)
    short = best_response(readings, a0=A0, hepatectomy_on=day(number)).response
    assert order.index(best_response(readings, a0=A0).response) <= order.index(short)


@pytest.mark.parametrize(
    ("readings", "best"),
    [
        ([read(60, "CR"), read(88, "CR")], "CR"),
        ([read(60, "CR"), read(87, "CR")], "SD"),
        ([read(60, "CR"), read(88, "PR")], "PR"),
        ([read(60, "CR"), read(70, "NE"), read(88, "CR")], "CR"),
        ([read(60, "PR"), read(70, "SD"), read(88, "PR")], "SD"),
        ([read(60, "PR"), read(88, "CR")], "PR"),
        ([read(60, "PR"), read(88, "CR"), read(116, "CR")], "CR"),
        ([read(60, "PR"), read(88, "PD")], "SD"),
        ([read(30, "PR"), read(50, "PD")], "PD"),
        ([read(30, "PR"), read(50, "NE")], "NE"),
    ],
)
def test_confirmation_after_four_weeks(readings: list[Reading], best: str) -> None:
    assert best_response(readings, a0=A0, confirm_days=CONFIRMATION_DAYS).response == Overall(best)


@pytest.mark.parametrize(("number", "best"), [(41, "NE"), (42, "SD"), (43, "SD")])
def test_stable_disease_counts_from_day_42(number: int, best: str) -> None:
    found = best_response([read(number, "SD")], a0=A0)
    assert (found.response, found.is_control) == (Overall(best), best == "SD")


def test_assessment_on_the_day_of_the_end_still_counts() -> None:
    readings = [read(60, "SD"), read(90, "PR"), read(91, "CR")]
    for end in ("other_treatment_on", "hepatectomy_on"):
        assert best_response(readings, a0=A0, **{end: day(90)}).response is Overall.PR


def test_impossible_best_response() -> None:
    with pytest.raises(ImpossibleResponse, match="lies before the assignment"):
        best_response([read(-1, "SD")], a0=A0)
    with pytest.raises(ImpossibleResponse, match="two assessments"):
        best_response([read(60, "SD"), read(60, "PR")], a0=A0)
    with pytest.raises(ImpossibleResponse, match="Days are counted from 0"):
        best_response([], a0=A0, confirm_days=-1)

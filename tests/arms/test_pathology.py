"""Pathological response: thresholds, what is missing, and impossible specimens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.pathology import ImpossiblePathology, ResectedLesion, pathological_response


@pytest.mark.parametrize(
    ("viable", "nodes", "threshold", "complete", "major"),
    [
        ([0], 0, 10, True, True),
        ([1], 0, 10, False, True),
        ([10], 0, 10, False, True),
        ([11], 0, 10, False, False),
        ([30], 0, 30, False, True),
        ([31], 0, 30, False, False),
        ([50], 0, 50, False, True),
        ([0], 1, 10, False, True),
        ([0], None, 10, None, True),
        ([5], None, 10, False, True),
        ([0, 0], 0, 10, True, True),
        ([0, 40], 0, 10, False, False),
        ([0, None], 0, 10, None, None),
        ([5, None], 0, 10, False, None),
        ([40, None], 0, 10, False, False),
        ([None], 1, 10, False, None),
        ([0], 0, 0, True, True),
    ],
)
def test_response(
    viable: list[int | None], nodes: int | None, threshold: int, complete: bool | None, major: bool | None
) -> None:
    found = pathological_response(
        [ResectedLesion(percent) for percent in viable], positive_nodes=nodes, mpr_threshold=threshold
    )
    assert (found.complete, found.major) == (complete, major)


def test_reason_tells_what_decided_in_both_languages() -> None:
    found = pathological_response([ResectedLesion(0), ResectedLesion(None)], positive_nodes=2)
    assert found.reason.en == (
        "At most 0 % viable tumour in a lesion; major is at most 10 %."
        " A lesion is not reported. Positive lymph nodes: 2."
    )
    assert found.reason.zh == "单个病灶存活肿瘤最多0%；主要病理缓解阈值≤10%。有病灶未报告。阳性淋巴结2枚。"


@pytest.mark.parametrize(
    ("viable", "necrosis", "fibrosis", "sentence"),
    [
        (-1, None, None, "Viable tumour is 0 to 100 %, not -1 %."),
        (101, None, None, "Viable tumour is 0 to 100 %, not 101 %."),
        (None, 101, None, "Necrosis is 0 to 100 %"),
        (None, None, -1, "Fibrosis is 0 to 100 %"),
        (50, 51, None, "add up to 101 %, more than 100 %."),
        (50, 40, 11, "add up to 101 %"),
    ],
)
def test_impossible_lesion_is_named(
    viable: int | None, necrosis: int | None, fibrosis: int | None, sentence: str
) -> None:
    with pytest.raises(ImpossiblePathology) as caught:
        ResectedLesion(viable, necrosis, fibrosis)
    assert sentence in caught.value.sentence.en
    assert caught.value.sentence.zh


def test_exactly_100_percent_is_possible() -> None:
    assert ResectedLesion(50, 40, 10).viable == 50


def test_impossible_specimen_is_named() -> None:
    with pytest.raises(ImpossiblePathology, match="at least one lesion"):
        pathological_response([])
    with pytest.raises(ImpossiblePathology, match="counted from 0"):
        pathological_response([ResectedLesion(0)], positive_nodes=-1)
    for threshold in (-1, 100):
        with pytest.raises(ImpossiblePathology, match="threshold"):
            pathological_response([ResectedLesion(0)], mpr_threshold=threshold)


percents = st.lists(st.none() | st.integers(0, 100), min_size=1, max_size=5)
thresholds = st.integers(0, 99)


@given(percents, st.none() | st.integers(0, 3), thresholds)
def test_complete_is_major(viable: list[int | None], nodes: int | None, threshold: int) -> None:
    found = pathological_response(
        [ResectedLesion(percent) for percent in viable], positive_nodes=nodes, mpr_threshold=threshold
    )
    assert not found.complete or found.major


@given(percents, thresholds, thresholds)
def test_a_higher_threshold_never_loses_a_major_response(
    viable: list[int | None], one: int, other: int
) -> None:
    lesions = [ResectedLesion(percent) for percent in viable]
    low, high = (
        pathological_response(lesions, mpr_threshold=threshold).major for threshold in sorted((one, other))
    )
    assert not low or high


@given(percents, st.randoms())
def test_another_lesion_never_improves(viable: list[int | None], random: object) -> None:
    lesions = [ResectedLesion(percent) for percent in viable]
    fewer, more = pathological_response(lesions[:1]), pathological_response(lesions)
    assert fewer.complete is not False or more.complete is False
    assert fewer.major is not False or more.major is False
    assert pathological_response(lesions[::-1]) == more

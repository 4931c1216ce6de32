"""The 165 published patients: stages, classes, criteria and refusals against a calculation of its own."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from eligibility.history.columns import PATIENT
from eligibility.history.judging import Judged, judge_row
from eligibility.history.reading import read_log
from eligibility.history.values import item_of
from tests.eligibility.screening_log import (
    BILIRUBIN,
    CRITERIA,
    DIRECT,
    LEUKOCYTES,
    LOG,
    PLATELETS,
    outcomes,
    published,
)

# -- an independent calculation, in the units of the file and from the published tables ---------------


def number(text: str) -> Decimal | None:
    return None if text == "?" else Decimal(text)


def expected_child_pugh(row: dict[str, str]) -> str | None:
    bilirubin, direct = number(row[BILIRUBIN]), number(row[DIRECT])
    if bilirubin is not None and direct is not None and direct > bilirubin:
        bilirubin = None
    albumin, inr = number(row["Albumin (mg/dL)"]), number(row["International Normalised Ratio"])
    graded = [number(row[heading]) for heading in ("Ascites degree", "Encefalopathy degree")]
    if None in (bilirubin, albumin, inr, *graded):
        return None
    score = (
        1 + (bilirubin >= 2) + (bilirubin > 3)
        + 1 + (albumin <= Decimal("3.5")) + (albumin < Decimal("2.8"))
        + 1 + (inr >= Decimal("1.7")) + (inr > Decimal("2.3"))
        + sum(graded)
    )  # fmt: skip
    return "A" if score <= 6 else "B" if score <= 9 else "C"


def expected_stage(row: dict[str, str]) -> str:
    child = expected_child_pugh(row)
    if int(row["Performance Status"]) >= 3 or child == "C":
        return "IV"
    metastasis, thrombus = row["Liver Metastasis"], row["Portal Vein Thrombosis"]
    if child is None or metastasis == "?":
        return "UNKNOWN"
    if metastasis == "1":
        return "IIIb"
    if thrombus != "0":
        return "IIIa" if thrombus == "1" else "UNKNOWN"
    nodules, size = row["Number of Nodules"], number(row["Major dimension of nodule (cm)"])
    if nodules in ("4", "5"):
        return "IIb"
    if nodules in ("?", "0") or size is None:
        return "UNKNOWN"
    if nodules == "1":
        return "Ib" if size > 5 else "Ia"
    return "IIa" if size > 3 else "Ib"


# -- the 165 -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def the_165() -> list[Judged]:
    return [judge_row(row) for row in read_log(LOG.name, LOG.read_bytes()).rows]


def test_every_patient_of_the_file_is_read(the_165: list[Judged]) -> None:
    assert [one.row.patient for one in the_165] == [str(n) for n in range(1, 166)]
    assert [one.row.number for one in the_165] == list(range(2, 167))


def test_stages_agree_with_an_independent_calculation(the_165: list[Judged]) -> None:
    assert {one.row.patient: str(one.stage.stage) for one in the_165} == {
        row[PATIENT]: expected_stage(row) for row in published()
    }
    assert Counter(str(one.stage.stage) for one in the_165) == {
        "Ia": 16, "Ib": 24, "IIa": 11, "IIb": 21, "IIIa": 11, "IIIb": 25, "IV": 40, "UNKNOWN": 17,
    }  # fmt: skip


def test_child_pugh_classes_agree_with_an_independent_calculation(the_165: list[Judged]) -> None:
    assert {one.row.patient: one.child_pugh.child_class for one in the_165} == {
        row[PATIENT]: expected_child_pugh(row) for row in published()
    }
    assert Counter(one.child_pugh.child_class for one in the_165) == {"A": 71, "B": 55, "C": 26, None: 13}


def test_criteria_agree_with_an_independent_calculation(the_165: list[Judged]) -> None:
    def expected(row: dict[str, str]) -> dict[str, str]:
        stage = expected_stage(row)
        several_small = stage == "Ib" and row["Number of Nodules"] != "1"
        passes = {True: "PASS", False: "FAIL"}
        return {
            **dict.fromkeys(CRITERIA, "UNKNOWN"),
            "I1": passes[18 <= int(row["Age at diagnosis"]) <= 75],
            "I2": passes[row["Performance Status"] in ("0", "1")],
            "I3": "UNKNOWN"
            if stage == "UNKNOWN"
            else "RULING"
            if several_small
            else passes[stage in ("Ib", "IIa", "IIb", "IIIa")],
            "I5": "FAIL" if row["Liver Metastasis"] == "1" else "UNKNOWN",
            "E6": {"0": "PASS", "1": "FAIL", "?": "UNKNOWN"}[row["Human Immunodeficiency Virus"]],
            "E9": "PASS" if row["Gender"] == "1" else "UNKNOWN",
        }

    assert {one.row.patient: outcomes(one) for one in the_165} == {
        row[PATIENT]: expected(row) for row in published()
    }
    assert Counter(str(one.conclusion) for one in the_165) == {"INELIGIBLE": 106, "PENDING": 59}


def test_refused_values_of_the_file_are_these(the_165: list[Judged]) -> None:
    def refused(row: dict[str, str]) -> set[str]:
        found = {PLATELETS} if row[PLATELETS] != "?" and Decimal(row[PLATELETS]) > 1500 else set()
        found |= {LEUKOCYTES} if row[LEUKOCYTES] != "?" and Decimal(row[LEUKOCYTES]) > 100 else set()
        proteins = row["Total Proteins (g/dL)"]
        found |= {"Total Proteins (g/dL)"} if proteins != "?" and Decimal(proteins) > 15 else set()
        found |= {"Number of Nodules"} if row["Number of Nodules"] == "0" else set()
        if "?" not in (row[DIRECT], row[BILIRUBIN]) and Decimal(row[DIRECT]) > Decimal(row[BILIRUBIN]):
            found |= {DIRECT, BILIRUBIN}
        return found

    single = {
        "58": {PLATELETS},  # 1.71
        "73": {"Alkaline phosphatase (U/L)"},  # 1.28
    }
    elsewhere = {"Oxygen Saturation (%)": "126", "Packs of cigarets per year": "510"}
    assert {
        one.row.patient: {value.heading for value in one.values.doubtful if value.doubt == "REFUSED"}
        for one in the_165
    } == {
        row[PATIENT]: refused(row)
        | single.get(row[PATIENT], set())
        | {heading for heading, given_ in elsewhere.items() if row[heading] == given_}
        for row in published()
    }
    counts = Counter(v.heading for one in the_165 for v in one.values.doubtful if v.doubt == "REFUSED")
    assert counts == {
        PLATELETS: 116,
        LEUKOCYTES: 38,
        "Total Proteins (g/dL)": 6,
        BILIRUBIN: 3,
        DIRECT: 3,
        "Number of Nodules": 1,
        "Alkaline phosphatase (U/L)": 1,
        "Oxygen Saturation (%)": 1,
        "Packs of cigarets per year": 1,
    }


def test_what_is_used_is_within_the_hard_ranges_of_the_forms(the_165: list[Judged]) -> None:
    checked = 0
    for one in the_165:
        for read in one.values.by_heading.values():
            if read.item and isinstance(read.value, Decimal):
                item = item_of(read.item)
                low, high = item_of(f"{read.item}_si").hard if item.kind == "measured" else item.hard
                assert (low is None or read.value >= low) and (high is None or read.value <= high), read
                checked += 1
    assert checked > 1500

"""A screening log's cells and lines: what is read, refused, contradicted, staged and judged of them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility.history.columns import COLUMNS
from eligibility.history.judging import Judged, judge_row
from eligibility.history.reading import Row, UnreadableLog, read_log
from eligibility.history.values import DoubtfulValue
from tests.eligibility.screening_log import BILIRUBIN, CRITERIA, LOG, SOUND, outcomes


def judged(**cells: str) -> Judged:
    """Judge one sound patient with other cells; headings are given by item, as DM_age or LB_plt."""
    by_item = {column.item.replace(".", "_"): column.heading for column in COLUMNS if column.item}
    return judge_row(
        Row(2, "1", {**SOUND, **{by_item.get(name, name): value for name, value in cells.items()}})
    )


def doubts(one: Judged) -> list[tuple[str, str, str]]:
    return [(value.item, value.given, str(value.doubt)) for value in one.values.doubtful]


# -- single values -----------------------------------------------------------------------------------


def test_platelets_per_microlitre_are_refused_and_not_converted() -> None:
    one = judged(LB_plt="193000")
    (value,) = one.values.doubtful
    assert value.sentence.en == (
        "Platelets 193000 ×10⁹/L is not possible: it must lie between 1 and 1500. Taken as not known. "
        "Read in cells per µL it would be 193 ×10⁹/L; it was not converted."
    )
    assert "×10⁹/L" in value.sentence.zh
    assert (value.likely.read_in, value.likely.value) == ("cells per µL", Decimal(193))  # type: ignore[union-attr]
    assert one.values.of("LB.plt") is None
    assert str(one.stage.stage) == "Ib"


def test_no_nodule_is_refused_and_leaves_the_stage_unknown() -> None:
    one = judged(STG_tumnum="0")
    assert doubts(one) == [("STG.tumnum", "0", "REFUSED")]
    assert str(one.stage.stage) == "UNKNOWN"
    assert outcomes(one)["I3"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("cells", "stage", "i3"),
    [
        ({"Major dimension of nodule (cm)": "5"}, "Ia", "FAIL"),
        ({"Major dimension of nodule (cm)": "5.01"}, "Ib", "PASS"),
        ({"STG_tumnum": "2", "Major dimension of nodule (cm)": "3"}, "Ib", "RULING"),
        ({"STG_tumnum": "3", "Major dimension of nodule (cm)": "3.1"}, "IIa", "PASS"),
        ({"STG_tumnum": "5", "Major dimension of nodule (cm)": "?"}, "IIb", "PASS"),
        ({"STG_vascinv": "1"}, "IIIa", "PASS"),
        ({"STG_exhep": "1", "STG_vascinv": "?"}, "IIIb", "FAIL"),
        ({"VS_ecog": "3", "STG_exhep": "?"}, "IV", "FAIL"),
        ({"VS_ecog": "?"}, "UNKNOWN", "UNKNOWN"),
        ({"STG_ascites": "?"}, "UNKNOWN", "UNKNOWN"),
    ],
)
def test_staging(cells: dict[str, str], stage: str, i3: str) -> None:
    one = judged(**cells)
    assert (str(one.stage.stage), outcomes(one)["I3"]) == (stage, i3)


@pytest.mark.parametrize(
    ("cells", "points"),
    [
        ({BILIRUBIN: "1.99", "LB_alb": "3.51", "LB_inr": "1.69"}, (1, 1, 1, 1, 1)),
        ({BILIRUBIN: "2", "LB_alb": "3.5", "LB_inr": "1.7"}, (2, 2, 2, 1, 1)),
        ({BILIRUBIN: "3", "LB_alb": "2.8", "LB_inr": "2.3"}, (2, 2, 2, 1, 1)),
        ({BILIRUBIN: "3.01", "LB_alb": "2.79", "LB_inr": "2.31"}, (3, 3, 3, 1, 1)),
        ({"STG_ascites": "2", "STG_enceph": "2"}, (1, 1, 1, 2, 2)),
        ({"STG_ascites": "3", "STG_enceph": "3"}, (1, 1, 1, 3, 3)),
        ({"LB_inr": "?", "STG_enceph": "?"}, (1, 1, None, 1, None)),
        ({"LB_inr": "1.798"}, (1, 1, 2, 1, 1)),
    ],
)
def test_child_pugh_points(cells: dict[str, str], points: tuple[int | None, ...]) -> None:
    assert tuple(judged(**cells).child_pugh.points) == points


@pytest.mark.parametrize(
    ("age", "outcome"),
    [("17", "FAIL"), ("18", "PASS"), ("75", "PASS"), ("76", "FAIL"), ("?", "UNKNOWN"), ("6O", "UNKNOWN")],
)
def test_the_age_as_given_decides_the_first_criterion(age: str, outcome: str) -> None:
    assert outcomes(judged(DM_age=age))["I1"] == outcome


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"DM_age": "67.5"}, [("DM.age", "67.5", "REFUSED")]),
        ({"DM_age": "121"}, [("DM.age", "121", "REFUSED")]),
        ({"VS_ecog": "5"}, [("VS.ecog", "5", "REFUSED")]),
        ({"STG_ascites": "0"}, [("STG.ascites", "0", "REFUSED")]),
        ({"LB_hivab": "2"}, [("LB.hivab", "2", "REFUSED")]),
        ({"LB_alb": "3,4"}, [("LB.alb", "3,4", "REFUSED")]),
        ({"LB_alb": "40"}, [("LB.alb", "40", "REFUSED")]),
        ({"LB_alb": "1.9"}, [("LB.alb", "1.9", "IMPLAUSIBLE")]),
        ({"LB_inr": "1e5"}, [("LB.inr", "1e5", "REFUSED")]),
        ({"LB_inr": "nan"}, [("LB.inr", "nan", "REFUSED")]),
        ({"LB_inr": "-1.1"}, [("LB.inr", "-1.1", "REFUSED")]),
        ({"LB_plt": "1.71"}, [("LB.plt", "1.71", "REFUSED")]),
        ({"LB_wbc": "4900"}, [("LB.wbc", "4900", "REFUSED")]),
        ({"Total Proteins (g/dL)": "69"}, [("", "69", "REFUSED")]),
        ({"Total Proteins (g/dL)": "7.1"}, []),
        (
            {"LB_dbil": "1.2"},
            [("LB.dbil", "1.2", "REFUSED"), ("LB.tbil", "1.0", "REFUSED")],
        ),
        ({"LB_dbil": "1.0"}, []),
        ({"LB_plt": ""}, []),
    ],
)
def test_doubtful_values(cells: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert doubts(judged(**cells)) == expected


def test_measurements_are_converted_exactly() -> None:
    one = judged(**{BILIRUBIN: "2.1", "LB_crea": "0.7", "LB_hgb": "13.7", "STG_tummax": "3.35"})
    read = {name: one.values.of(name) for name in ("LB.tbil", "LB.alb", "LB.crea", "LB.hgb", "STG.tummax")}
    assert read == {
        "LB.tbil": Decimal("35.91"),
        "LB.alb": Decimal(40),
        "LB.crea": Decimal("61.88"),
        "LB.hgb": Decimal(137),
        "STG.tummax": Decimal("33.5"),
    }


def test_what_the_log_does_not_say_stays_unknown() -> None:
    nothing = judge_row(Row(2, "1", dict.fromkeys(SOUND, "?")))
    assert set(outcomes(nothing).values()) == {"UNKNOWN"}
    assert str(nothing.conclusion) == "PENDING"
    assert str(nothing.stage.stage) == "UNKNOWN"


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([column.heading for column in COLUMNS]), st.text(max_size=8) | st.decimals().map(str)
    )
)
def test_no_cell_can_break_the_judgement(cells: dict[str, str]) -> None:
    one = judge_row(Row(2, "1", {**SOUND, **cells}))
    assert list(outcomes(one)) == CRITERIA
    assert str(one.conclusion) != "ELIGIBLE"
    for heading, text in cells.items():
        # Nothing given is lost without a word.
        assert (
            text in ("?", "")
            or heading in one.values.by_heading
            or heading in {value.heading for value in one.values.doubtful}
        )


def test_a_doubtful_value_always_says_why() -> None:
    for value in judged(LB_plt="193000", LB_alb="1.9", VS_ecog="x").values.doubtful:
        assert isinstance(value, DoubtfulValue)
        assert value.sentence.en != value.sentence.zh


# -- the file ----------------------------------------------------------------------------------------


def lines(*changes: Callable[[list[str]], Any]) -> bytes:
    """The first 4 lines of the file after changes."""
    first = LOG.read_text(encoding="utf-8").split("\n")[:4]
    for change in changes:
        change(first)
    return "\n".join(first).encode()


def test_each_broken_line_spoils_only_itself() -> None:
    def broken(found: list[str]) -> None:
        found[1] = ",".join(found[1].split(",")[:30])
        found[2] = found[2].replace(",0,", ',"0,', 1)
        found += ["", found[3], found[3].replace("3,", "?,", 1), found[3].replace("3,", "7,", 1), "\x00" * 3]

    log = read_log("log.csv", lines(broken))
    assert [(row.number, row.patient) for row in log.rows] == [(4, "3"), (8, "7")]
    assert [(one.number, one.sentence.en) for one in log.broken] == [
        (2, "The line has 30 cells instead of 51."),
        (3, "The line cannot be read: unexpected end of data."),
        (6, "Patient 3 stands in line 4 already."),
        (7, "The line has no usable patient number."),
        (9, "The line has 1 cells instead of 51."),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (LOG.read_bytes().split(b"\n")[0] + b"\n", "The file has headings but no patients."),
        (
            LOG.read_bytes().replace(b"Gender,", b"Sex,"),
            "Headings that are missing: Gender.",
        ),
        (
            LOG.read_bytes().replace(b"Symptoms,", b"Gender,"),
            "Headings that stand twice: Gender.",
        ),
        (
            LOG.read_bytes().replace(b"\n9,", b"\n9\xe9,"),
            "The file is not UTF-8 text (byte 0xe9 in line 10). Save it as UTF-8 and try again.",
        ),
        (
            LOG.read_text().encode("utf-16"),
            "The file is not UTF-8 text (byte 0xff in line 1). Save it as UTF-8 and try again.",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableLog) as refused:
        read_log("log.csv", content)
    assert refused.value.sentence.en == sentence


def test_semicolons_are_asked_about() -> None:
    with pytest.raises(UnreadableLog, match="separated by commas"):
        read_log("log.csv", LOG.read_bytes().replace(b",", b";"))


def test_byte_order_mark_line_ends_and_further_columns_do_no_harm() -> None:
    plain = read_log("log.csv", lines())
    windows = read_log("log.csv", b"\xef\xbb\xbf" + lines().replace(b"\n", b"\r\n"))
    assert [row.cells for row in windows.rows] == [row.cells for row in plain.rows]
    wider = read_log("log.csv", lines().replace(b"\n", b",x\n") + b",x")
    assert wider.unread == ("x",)
    assert [judge_row(row).stage for row in wider.rows] == [judge_row(row).stage for row in plain.rows]

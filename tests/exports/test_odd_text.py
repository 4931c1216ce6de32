"""Odd text through every format and back, read by other libraries than those that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas
import polars
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from exports.formats.base import Cannot, Format, fitted, shortened
from exports.formats.excel import Excel
from exports.formats.parquet import Parquet
from exports.formats.readstat import Dta, Sav, numbers_of
from exports.formats.xpt import Xpt, ibm
from tests.exports.sheets import LIST, NUMBERS, column, sheet, table

ODD = [
    "=1+1",
    "@x",
    "肝细胞癌，右叶",
    'said "yes"',
    "two\nlines",
    "two\r\nlines",
    "🙂",
    "007",
    ",",
    "'",
    "\\N",
    "NULL",
    "-",
]
# What PostgreSQL holds: everything but NUL and lone surrogates.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
TEXTS = st.one_of(st.sampled_from(ODD), st.text(CHARACTERS, min_size=1, max_size=60))
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=200)
WIDE = column("WIDE")  # some readers of XPT miscount rows of up to 80 bytes
OF_TEXT = table(column("N", "integer"), column("WORDS"), WIDE)


def written(form: Format, rows: Sequence[Sequence[str | None]], folder: Path, of: Any = OF_TEXT) -> Path:
    path = folder / f"odd.{form.extension}"
    lying = sheet(of, rows, folder)
    checked = form.preflight([lying], leave_out=False)
    assert checked.refused == []
    form.write(lying, checked.names[lying.name], path)
    return path


def numbered(texts: Sequence[str]) -> list[list[str | None]]:
    return [[str(place), text, "x" * 100] for place, text in enumerate(texts)]


def by_duckdb(path: Path) -> list[Any]:
    return [words for (words,) in duckdb.read_parquet(str(path)).select("WORDS").fetchall()]


def by_pyreadstat(path: Path) -> list[Any]:
    return list(pyreadstat.read_sav(str(path))[0]["WORDS"])


def by_calamine(path: Path) -> list[Any]:
    _heading, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [row[1] for row in rows]


READERS: list[tuple[Format, Callable[[Path], list[Any]]]] = [
    (Parquet(), by_duckdb),
    (Parquet(), lambda path: polars.read_parquet(path)["WORDS"].to_list()),
    (Sav(), by_pyreadstat),
    (Dta(), lambda path: list(pandas.read_stata(path)["WORDS"])),
    (Excel(), by_calamine),
]


@pytest.mark.parametrize(("form", "read"), READERS, ids=lambda part: getattr(part, "key", ""))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_odd_text_comes_back_as_it_was(
    form: Format, read: Callable[[Path], list[Any]], tmp_path: Path, texts: list[str]
) -> None:
    if form.padded:
        texts = [text for text in texts if not text.endswith(" ")] or ["x"]
    assert read(written(form, numbered(texts), tmp_path)) == texts


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(PLAIN.filter(lambda text: not text.endswith(" ")), min_size=1, max_size=8))
def test_plain_text_comes_back_from_a_transport_file(tmp_path: Path, texts: list[str]) -> None:
    path = written(Xpt(), numbered(texts), tmp_path)
    # pandas strips what a transport file pads; so does SAS. Blanks before the text are the text's.
    assert list(pandas.read_sas(path, encoding="ascii")["WORDS"]) == texts
    assert list(pyreadstat.read_xport(str(path))[0]["WORDS"]) == texts


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        (Xpt(), "肝", Cannot.ASCII),
        (Xpt(), "\x01", Cannot.ASCII),
        (Xpt(), "x" * 201, Cannot.LENGTH),
        (Xpt(), "x ", Cannot.SPACES),
        (Sav(), "x ", Cannot.SPACES),
        (Sav(), "x" * 32_768, Cannot.LENGTH),
        (Dta(), "肝" * 682, Cannot.LENGTH),
        (Excel(), "x" * 32_768, Cannot.LENGTH),
    ],
)
def test_what_a_format_cannot_hold_is_refused_or_left_out_by_name(
    form: Format, text: str, why: Cannot, tmp_path: Path
) -> None:
    lying = sheet(OF_TEXT, [["1", text, None]], tmp_path)
    [refused] = form.preflight([lying], leave_out=False).refused
    assert (refused.table, refused.column, refused.why) == ("ODD", "WORDS", why)
    without = form.preflight([lying], leave_out=True)
    assert (without.refused, [one.column for one in without.left]) == ([], ["WORDS"])
    assert list(without.names["ODD"]) == ["N", "WIDE"]
    form.write(lying, without.names["ODD"], tmp_path / f"odd.{form.extension}")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Xpt(), "x" * 200),
        (Sav(), "x" * 32_767),
        (Dta(), "x" * 2_045),
        (Dta(), "ends in a space "),
        (Excel(), "x" * 32_767),
    ],
)
def test_what_just_fits_is_written(form: Format, text: str, tmp_path: Path) -> None:
    readers = {"xpt": lambda path: list(pandas.read_sas(path, encoding="ascii")["WORDS"])}
    readers |= {form.key: read for form, read in READERS}
    assert readers[form.key](written(form, numbered([text]), tmp_path)) == [text]


VALUES = table(
    column("N", "integer"), column("RATIO", "decimal"), column("DAY", "date"), column("AT", "datetime"),
    column("ANSWER", "code", codes=LIST), column("ECOG", "code", codes=NUMBERS), WIDE,
)  # fmt: skip
ROWS = [
    ["1", "0.1", "2026-02-28", "2026-09-01T02:00:00+00:00", "Y", "0", "x" * 80],
    ["-2147483648", "-17.250", "1931-01-02", "1959-12-31T23:59:59+00:00", "UNK", "1", None],
    ["0", "0", "2000-02-29", "2000-01-01T00:00:01+00:00", "N", "1", "y"],
    [None, None, None, None, None, None, None],
]
NUMBER = [1, -2147483648, 0, None]
RATIO = [0.1, -17.25, 0.0, None]
DAYS = [date(2026, 2, 28), date(1931, 1, 2), date(2000, 2, 29), None]
TIMES = [datetime(2026, 9, 1, 2), datetime(1959, 12, 31, 23, 59, 59), datetime(2000, 1, 1, 0, 0, 1), None]


# pandas reads the zero of a transport file, eight bytes of zero, as the smallest number there is beside it.
ZERO_OF_PANDAS = 2.0**-260


def plain(values: Any) -> list[Any]:
    """A column of pandas as Python has it."""
    found = [None if pandas.isna(value) else value for value in values]
    return [value.to_pydatetime() if isinstance(value, pandas.Timestamp) else value for value in found]


def test_numbers_days_and_codes_in_parquet(tmp_path: Path) -> None:
    path = written(Parquet(), ROWS, tmp_path, VALUES)
    found = (
        duckdb.read_parquet(str(path)).project("N, RATIO, DAY, \"AT\" AT TIME ZONE 'UTC', ANSWER").fetchall()
    )
    assert [list(row) for row in found] == [
        list(row) for row in zip(NUMBER, RATIO, DAYS, TIMES, ["Y", "UNK", "N", None], strict=True)
    ]


def test_numbers_days_and_codes_in_spss(tmp_path: Path) -> None:
    path = written(Sav(), ROWS, tmp_path, VALUES)
    read, facts = pyreadstat.read_sav(str(path))
    assert [plain(read[name]) for name in ("N", "RATIO", "DAY", "AT")] == [NUMBER, RATIO, DAYS, TIMES]
    assert list(read["ANSWER"]) == ["Y", "UNK", "N", ""]
    assert facts.variable_value_labels["ANSWER"]["UNK"] == "Unknown | 不详"
    assert facts.column_names_to_labels["DAY"] == "The DAY | 变量DAY"


def test_numbers_days_and_codes_in_stata(tmp_path: Path) -> None:
    path = written(Dta(), ROWS, tmp_path, VALUES)
    read = pandas.read_stata(path)
    assert [plain(read[name]) for name in ("N", "RATIO")] == [NUMBER, RATIO]
    assert [plain(read[name]) for name in ("DAY", "AT")] == [
        [datetime(day.year, day.month, day.day) if day else None for day in DAYS],
        TIMES,
    ]
    assert plain(read["ANSWER"]) == ["Y = Yes | 是", "UNK = Unknown | 不详", "N = No | 否", None]
    assert plain(read["ECOG"])[0] == "0 = Active | 正常"
    numbers = pandas.read_stata(path, convert_categoricals=False)
    assert [plain(numbers[name]) for name in ("ANSWER", "ECOG")] == [[1, 3, 2, None], [0, 1, 1, None]]


def test_numbers_days_and_codes_in_a_transport_file(tmp_path: Path) -> None:
    path = written(Xpt(), ROWS, tmp_path, VALUES)
    read, facts = pyreadstat.read_xport(str(path))
    assert [plain(read[name]) for name in ("N", "RATIO", "DAY", "AT")] == [NUMBER, RATIO, DAYS, TIMES]
    again = pandas.read_sas(path, encoding="ascii").replace(ZERO_OF_PANDAS, 0.0)
    assert [plain(again[name]) for name in ("N", "RATIO")] == [NUMBER, RATIO]
    assert plain(again["DAY"]) == [(day - date(1960, 1, 1)).days if day else None for day in DAYS]
    assert [value or None for value in read["ANSWER"]] == ["Y", "UNK", "N", None]
    assert facts.column_names_to_labels["N"] == "The N"


def test_numbers_days_and_codes_in_excel(tmp_path: Path) -> None:
    path = written(Excel(), ROWS, tmp_path, VALUES)
    _heading, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    cells = [[None if value == "" else value for value in row] for row in rows]
    assert [list(row[:5]) for row in cells[:3]] == [
        list(row) for row in zip(NUMBER, RATIO, DAYS, TIMES, ["Y", "UNK", "N", None], strict=True)
    ][:3]


def test_a_number_that_excel_would_round_is_text(tmp_path: Path) -> None:
    rows = [["1234567890123456", "0.1234567890123456", None, None, None, None, None]]
    path = written(Excel(), rows, tmp_path, VALUES)
    [_heading, row] = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert row[:2] == ["1234567890123456", "0.1234567890123456"]


@given(
    st.one_of(
        st.floats(min_value=-1e70, max_value=1e70, allow_nan=False),
        st.decimals(-(10**9), 10**9, places=6).map(float),
    )
)
def test_ibm_doubles_hold_every_number_of_medicine(number: float) -> None:
    if 0 < abs(number) < 1e-70:
        return
    [raw] = ibm(np.array([number])).astype(">u8").view(np.uint64).byteswap()
    raw = int(raw)
    sign, power, fraction = raw >> 63, (raw >> 56) & 127, raw & ((1 << 56) - 1)
    value = Decimal(fraction) / Decimal(1 << 56) * Decimal(16) ** (power - 64)
    assert float(-value if sign else value) == number


def test_a_number_too_large_for_ibm_doubles_is_refused() -> None:
    with pytest.raises(OverflowError):
        ibm(np.array([1e76]))


@given(st.lists(st.text("ABCDEFG_1", min_size=1, max_size=20), unique=True), st.integers(4, 12))
def test_short_names_are_short_and_differ(names: list[str], most: int) -> None:
    short = shortened(names, most)
    assert all(len(name) <= most for name in short.values())
    assert len(set(short.values())) == len(names)
    assert all(short[name] == name for name in names if len(name) <= most)


@given(st.text(max_size=100))
def test_a_label_that_is_cut_says_so(label: str) -> None:
    cut = fitted(label, 40, 80)
    assert len(cut) <= 40 and len(cut.encode()) <= 80
    assert cut == label or cut.endswith("...")


def test_stata_numbers_a_list_of_words_and_keeps_one_of_numbers() -> None:
    assert numbers_of(LIST) == {"Y": 1, "N": 2, "UNK": 3}
    assert numbers_of(NUMBERS) == {"0": 0, "1": 1}


@pytest.mark.parametrize("form", [Parquet(), Sav(), Dta(), Excel(), Xpt()], ids=lambda form: form.key)
def test_the_same_rows_give_the_same_bytes(form: Format, tmp_path: Path) -> None:
    raw = [written(form, ROWS, tmp_path, VALUES).read_bytes() for _time in range(2)]
    assert raw[0] == raw[1]
    for month in (b"Nov", b"2026-"):
        assert form.key in ("parquet", "xlsx") or month not in raw[0][:400]


@pytest.mark.parametrize("form", [Parquet(), Sav(), Dta(), Excel(), Xpt()], ids=lambda form: form.key)
def test_a_table_without_rows_can_be_read(form: Format, tmp_path: Path) -> None:
    readers: dict[str, Callable[[Path], int]] = {
        "parquet": lambda path: len(polars.read_parquet(path)),
        "sav": lambda path: len(pyreadstat.read_sav(str(path))[0]),
        "dta": lambda path: len(pandas.read_stata(path)),
        "xlsx": lambda path: len(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()) - 1,
        "xpt": lambda path: len(pyreadstat.read_xport(str(path))[0]),
    }
    assert readers[form.key](written(form, [], tmp_path, VALUES)) == 0

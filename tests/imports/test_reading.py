"""Files as they come: encodings, separators, workbooks, odd text, and what is no table."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from imports.reading import FileRow, Format, UnreadableFile, look_through, rows_of

ODD = [
    "=1+1",
    "甲胎蛋白",
    "“引号”",
    'a "quoted" word',
    "two\nlines",
    "two\r\nlines",
    "😀 𠮷",
    "a,b;c\td",
    "+86",
    "@x",
    "-1",
]


def written(path: Path, rows: Sequence[Sequence[str]], encoding: str, delimiter: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def workbook(path: Path, rows: Sequence[Sequence[Any]], formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
        cell.data_type = "s"  # text that begins with a sign of equality, and no formula
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    book.save(path)
    return path


def read(path: Path) -> list[FileRow]:
    table = look_through(path)
    rows = list(rows_of(path, table.format, table.headings))
    assert table.rows == len(rows) or (table.format.kind == "xlsx" and table.rows >= len(rows))
    return rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_encoding_and_separator_are_told_and_every_text_comes_through(
    tmp_path: Path, encoding: str, told: str, delimiter: str
) -> None:
    path = written(
        tmp_path / "a", [["编号", "text"], *[[str(n), odd] for n, odd in enumerate(ODD)]], encoding, delimiter
    )
    assert look_through(path).format == Format("csv", told, delimiter)
    assert [row.cells["text"] for row in read(path)] == ODD


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6), delimiter=st.sampled_from(",;\t"))
@example(cells=[("=cmd|' /C calc'!A0", "\r"), ("\n", "😀")], delimiter=";")
def test_any_text_comes_through_as_it_is(
    tmp_path: Path, cells: list[tuple[str, str]], delimiter: str
) -> None:
    path = written(tmp_path / "a", [["first one", "second"], *cells], "utf-8", delimiter)
    there = [(number, pair) for number, pair in enumerate(cells, start=2) if any(one.strip() for one in pair)]
    if not there:
        with pytest.raises(UnreadableFile, match="no row"):
            look_through(path)
        return
    assert [(row.number, tuple(row.cells.values())) for row in read(path)] == there


def test_a_workbook_keeps_numbers_and_dates_exact(tmp_path: Path) -> None:
    rows = [
        ["n", "value"],
        [1, 0.1],
        [2, 396.5],
        [3, 12],
        [4, 12.0],
        [5, date(2026, 8, 3)],
        [6, datetime(2026, 8, 3, 14, 5)],
        [7, datetime(2026, 8, 3, 0, 0)],
        [8, time(9, 30)],
        [9, True],
        [10, "=1+1 as text"],
        [11, "01-001"],
    ]
    path = workbook(
        tmp_path / "a", rows, {"B6": "yyyy-mm-dd", "B7": "yyyy-mm-dd hh:mm", "B8": "yyyy-mm-dd hh:mm"}
    )
    assert {row.cells["n"]: row.cells["value"] for row in read(path)} == {
        "1": "0.1",
        "2": "396.5",
        "3": "12",
        "4": "12",
        "5": "2026-08-03",
        "6": "2026-08-03 14:05:00",
        "7": "2026-08-03 00:00:00",
        "8": "09:30:00",
        "9": "TRUE",
        "10": "=1+1 as text",
        "11": "01-001",
    }


def test_a_workbook_keeps_odd_text_and_rows_where_they_stand(tmp_path: Path) -> None:
    kept = [odd for odd in ODD if "\r" not in odd]  # XML keeps no carriage return
    rows = [["n", "text", ""], [], *[[n, odd, None] for n, odd in enumerate(kept)]]
    path = workbook(tmp_path / "a", rows)
    assert look_through(path).headings == ("n", "text")
    assert [(row.number, row.cells["text"]) for row in read(path)] == list(enumerate(kept, start=3))


def test_the_rows_of_a_workbook_are_counted_wherever_its_text_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "a", [["n"], *[[n] for n in range(700)]])
    for at_once in (1, 7, 64, 1000, 1 << 20):
        monkeypatch.setattr("imports.reading.AT_ONCE", at_once)
        assert look_through(path).rows == 700


def test_a_row_that_does_not_fit_the_headings_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a,b\n1,2\n\n3\n4,5,6\n7,8\n")
    assert [(row.number, bool(row.problem)) for row in read(path)] == [
        (2, False),
        (4, True),
        (5, True),
        (6, False),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"a,b\n", "no row"),
        (b",\n,\n", "no headings"),
        (b"a,a\n1,2\n", "called “a”"),
        (b'a,b\n1,"2\n', "from row 2"),
        (b"a,b\n1,\x00\n", "neither"),
        (b"\xff\xd8\xff\xe0JFIF\x81", "neither"),
        (b"PK\x03\x04rubbish", "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        look_through(path)


def test_a_zip_that_is_no_workbook_and_one_that_unpacks_without_end_are_refused(tmp_path: Path) -> None:
    for name, words in (("notes.txt", "neither"), ("xl/workbook.xml", "50 MB")):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as packed:
            packed.writestr(name, b"x")
            packed.filelist[0].file_size = 2 << 30 if name.startswith("xl") else 1
        path = tmp_path / "a"
        path.write_bytes(content.getvalue())
        with pytest.raises(UnreadableFile, match=words):
            look_through(path)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def most_memory(count: int) -> int:
        path = written(
            tmp_path / "a", [["a", "b"], *[[str(n), "x" * 40] for n in range(count)]], "utf-8", ","
        )
        form = look_through(path).format
        tracemalloc.start()
        try:
            for _row in rows_of(path, form, ("a", "b")):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert most_memory(20_000) < 1.5 * most_memory(1_000)


def test_a_row_named_far_below_is_not_waited_for(tmp_path: Path) -> None:
    """A workbook of a few kilobytes can hold row 1,000,000."""
    book = Workbook()
    book.active["A1"] = "heading"
    book.active["A1000000"] = "1"
    path = tmp_path / "far.xlsx"
    book.save(path)
    with pytest.raises(UnreadableFile, match=r"More than 10,000 rows above row 10002 are empty\."):
        look_through(path)

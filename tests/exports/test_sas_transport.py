"""The transport format: numbers and texts come back through pyreadstat as they were."""

from __future__ import annotations

import io
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import sas_transport
from exports.cdisc.sdtm.variables import Variable
from exports.cdisc.tabulation import Facts, Tabulation, cut, is_special, json_head, unescaped, write_json
from exports.formats.xpt import ibm

AT = datetime(2026, 9, 1, 4, 5, 6, tzinfo=UTC)
FACTS = Facts(
    "AB", "A table", (Variable("NUM", "Number", True, 8), Variable("TXT", "Text", False, 200)), ("NUM",)
)
# A transport file pads with blanks, and a text of nothing but zero bytes cannot be told from none.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")).filter(
    lambda text: len(text.encode()) <= 200
)


def written(rows: list[tuple[str, str]]) -> tuple[list[tuple[float | None, str]], list[list[object]]]:
    transport, lines, out = io.BytesIO(), io.BytesIO(), io.BytesIO()
    table = Tabulation(FACTS, AT, transport, lines)
    for number, text in rows:
        table.row([number.encode(), text.encode()])
    table.close()
    write_json(json_head(FACTS, table.rows, AT, "X", "MDV"), lines, out.write)
    assert len(transport.getvalue()) % 80 == 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ab.xpt"
        path.write_bytes(transport.getvalue())
        columns, _about = pyreadstat.read_xport(str(path), encoding="utf-8", output_format="dict")
    numbers = [None if value is None or math.isnan(value) else value for value in columns["NUM"]]
    return list(zip(numbers, columns["TXT"], strict=True)), json.loads(out.getvalue())["rows"]


@given(st.lists(st.tuples(st.floats(-1e60, 1e60).map(repr) | st.just(""), TEXT), min_size=1, max_size=5))
def test_numbers_and_texts_come_back(rows: list[tuple[str, str]]) -> None:
    # A row whose every byte is blank at the end of a file is taken for padding, and none of ours is.
    rows = [(number or "0", text) for number, text in rows]
    transport, lines = written(rows)
    for (number, text), (read, words), line in zip(rows, transport, lines, strict=True):
        assert read == pytest.approx(float(number), rel=1e-15, abs=1e-77)
        assert words == text.rstrip(" ")
        assert line == [float(number), text]


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        (b"", b"." + bytes(7)),
        (b"0", bytes(8)),
        (b"1", bytes.fromhex("4110000000000000")),
        (b"-1", bytes.fromhex("C110000000000000")),
        (b"100", bytes.fromhex("4264000000000000")),
        (b"0.1", bytes.fromhex("401999999999999A")),
        (b"-118.625", bytes.fromhex("C276A00000000000")),
    ],
)
def test_numbers_as_ibm_wrote_them(text: bytes, raw: bytes) -> None:
    assert sas_transport.number(text) == raw


@pytest.mark.parametrize("text", [b"nan", b"inf", b"1e76", b"twelve"])
def test_what_is_no_number_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        sas_transport.number(text)


def test_a_text_longer_than_its_column_is_refused() -> None:
    table = Tabulation(FACTS, AT, io.BytesIO(), io.BytesIO())
    with pytest.raises(ValueError, match="AB: TXT is longer"):
        table.row([b"1", b"x" * 201])


@given(st.text(), st.integers(4, 50))
def test_a_cut_text_is_whole_again_and_no_character_is_broken(text: str, length: int) -> None:
    pieces = cut(text.encode(errors="surrogatepass"), length)
    assert b"".join(pieces) == text.encode(errors="surrogatepass")
    assert all(len(piece) <= length for piece in pieces)
    for piece in pieces:
        piece.decode(errors="surrogatepass")


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_line_of_copy_is_read_as_it_was_meant(text: str) -> None:
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
    line = "".join(escapes.get(character, character) for character in text).encode()
    assert unescaped(line) == text.encode()
    assert is_special(line) or json.loads(f'"{line.decode()}"') == text


@given(st.floats(-7e75, 7e75))
def test_one_number_and_a_column_of_them_are_written_alike(number: float) -> None:
    [whole] = ibm(np.array([number]))
    assert int(whole).to_bytes(8, "big") == sas_transport.number(repr(number).encode())

"""Which files are taken: told by their content, never by their name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.files import CONTENT_TYPES, is_key, kind_of

HEADS = {
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00",
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
}


@pytest.mark.parametrize("kind", list(CONTENT_TYPES))
def test_each_kind_is_known_by_its_beginning(kind: str) -> None:
    assert kind_of(HEADS[kind]) == kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"%PDF",
        b"<svg xmlns=",
        b"<!doctype html>",
        b"GIF89a",
        b"MZ\x90\x00",
        b"PK\x03\x04",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x18ftypmp42",
        b" %PDF-1.7",
    ],
)
def test_nothing_else_is_taken(head: bytes) -> None:
    assert kind_of(head) is None


@given(st.binary(max_size=16))
def test_a_kind_is_one_of_those_served(head: bytes) -> None:
    assert kind_of(head) in {None, *CONTENT_TYPES}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("0123456789abcdef" * 2 + ".pdf", True),
        ("0123456789abcdef" * 2 + ".exe", False),
        ("0123456789ABCDEF" * 2 + ".pdf", False),
        ("../0123456789abcdef" * 2 + ".pdf", False),
        ("0123456789abcdef" * 2, False),
        ("0123456789abcdef" * 2 + ".pdf\n", False),
        ("", False),
    ],
)
def test_a_key_leads_out_of_no_folder(key: str, expected: bool) -> None:
    assert is_key(key) is expected

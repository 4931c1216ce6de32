"""The register of an inspector's lines and the tests that name them fit together (validation/)."""

from __future__ import annotations

from pathlib import Path

from validation import page, register

LINES = register.read()


def test_every_line_has_a_test_and_every_test_names_a_line() -> None:
    assert set(register.tests_by_line()) == {line.id for line in LINES}


def test_what_a_sabotage_takes_out_is_there() -> None:
    missing = [
        line.id
        for line in LINES
        if line.sabotage
        and line.sabotage.file
        and line.sabotage.take not in (register.ROOT / line.sabotage.file).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_the_page_names_every_line() -> None:
    written = (Path(register.ROOT) / "docs" / "validation.md").read_text(encoding="utf-8")
    assert [line.id for line in LINES if f"## {line.id}\n" not in written] == []


def test_a_page_counts_cases_and_says_what_is_missing() -> None:
    [line] = [one for one in LINES if one.id == "A1"]
    results = {"A1": {"tests/a.py::test_x[1]": "passed", "tests/a.py::test_x[2]": "failed"}}
    told = page.written([line], results, {"A1": "noticed by `test_x`"})
    assert "`tests/a.py::test_x`: failed, passed" in told
    assert "noticed by `test_x`" in told
    assert "no test yet" in page.written([line], {}, {})

"""The command that checks a file of worked cases: what it prints and its exit status."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

CASE: dict[str, Any] = {
    "id": "AL01",
    "bili_umol": 10,
    "alb_g_l": 45,
    "albi": -3.165,
    "grade": 1,
    "mALBI": "1",
}


def checked(tmp_path: Path, content: object, *options: str) -> tuple[int, list[str]]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    printed = io.StringIO()
    try:
        call_command("check_vectors", str(file), *options, stdout=printed)
    except CommandError as error:
        return error.returncode, printed.getvalue().splitlines() or [str(error)]
    return 0, printed.getvalue().splitlines()


def test_agreeing_cases_end_with_status_0(tmp_path: Path) -> None:
    assert checked(tmp_path, {"albi": [CASE]}) == (
        0,
        [
            "same        albi AL01: expected albi=-3.165, grade=1, mALBI=1; got albi=-3.1650, grade=1, mALBI=1",
            "1 cases: 1 the same, 0 different, 0 not covered by a rule yet.",
        ],
    )


def test_a_difference_ends_with_status_1(tmp_path: Path) -> None:
    status, lines = checked(tmp_path, {"albi": [{**CASE, "grade": 2}]})
    assert (status, lines[0]) == (
        1,
        "DIFFERENT   albi AL01: expected albi=-3.165, grade=2, mALBI=1; got albi=-3.1650, grade=1, mALBI=1",
    )


@pytest.mark.parametrize(("options", "status"), [((), 0), (("--strict",), 1)])
def test_a_family_without_a_rule_fails_only_when_strict(
    tmp_path: Path, options: tuple[str, ...], status: int
) -> None:
    assert checked(tmp_path, {"weather": [{"id": "W1"}], "albi": [CASE]}, *options) == (
        status,
        [
            "not covered weather W1: no rule yet",
            "same        albi AL01: expected albi=-3.165, grade=1, mALBI=1; got albi=-3.1650, grade=1, mALBI=1",
            "2 cases: 1 the same, 0 different, 1 not covered by a rule yet.",
        ],
    )


def test_a_malformed_file_ends_with_status_2(tmp_path: Path) -> None:
    assert checked(tmp_path, {"albi": [{"id": "AL01"}]}) == (
        2,
        ["albi AL01: it states no expected result; there can be albi, grade, mALBI."],
    )

"""What `make audit` makes of the advisories: what is open, what is accepted until when, what could not be asked."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from trial_edc.launcher import audit
from trial_edc.launcher.audit import ACCEPTED, Finding, read_accepted, read_report, still_open

TODAY = date(2026, 9, 1)
FINDING = Finding("django", "5.2.0", frozenset({"PYSEC-2026-1", "CVE-2026-7"}), ("5.2.1",))


def test_a_report_is_read() -> None:
    weakness = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-7"], "fix_versions": ["5.2.1"]}
    said = [
        {"name": "django", "version": "5.2.0", "vulns": [weakness]},
        {"name": "x", "skip_reason": "local"},
    ]
    assert read_report(json.dumps({"dependencies": said})) == [FINDING]
    assert str(FINDING) == "django 5.2.0: CVE-2026-7, PYSEC-2026-1 (fixed in 5.2.1)"


@pytest.mark.parametrize(
    ("accepted", "is_open"),
    [
        ({}, True),
        ({"CVE-2026-7": TODAY}, False),
        ({"PYSEC-2026-1": TODAY + timedelta(days=1)}, False),
        ({"PYSEC-2026-1": TODAY - timedelta(days=1)}, True),
        ({"PYSEC-2026-2": TODAY}, True),
    ],
)
def test_a_finding_is_accepted_through_its_last_day(accepted: dict[str, date], is_open: bool) -> None:
    assert still_open([FINDING], accepted, TODAY) == ([FINDING] if is_open else [])


def test_the_list_of_the_project_is_read_and_an_entry_without_a_day_refused() -> None:
    assert isinstance(read_accepted(ACCEPTED.read_text(encoding="utf-8")), dict)
    entry = '[[accepted]]\nid = "X"\nreason = "unused"\nuntil = 2026-09-01\n'
    assert read_accepted(entry) == {"X": TODAY}
    for lacking in ("until = 2026-09-01\n", 'reason = "unused"\n'):
        with pytest.raises(ValueError, match="needs a reason and a last day"):
            read_accepted(entry.replace(lacking, ""))


def test_where_nothing_answers_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit.sys, "executable", "/bin/false")
    assert audit.run() == audit.UNREACHABLE
    assert "could not be reached" in capsys.readouterr().err

"""`make audit`: are weaknesses known of what is installed? Apart from the checks, because it asks the internet.

Findings somebody has looked at stand in accepted-findings.toml with a reason and a last day; after it they count again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from trial_edc.launcher.folder import CHECKOUT

ACCEPTED = CHECKOUT / "accepted-findings.toml"
CLEAN, FOUND, UNREACHABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Finding:
    """A weakness known of one installed package; `names` are all its identifiers (PYSEC, CVE, GHSA)."""

    package: str
    version: str
    names: frozenset[str]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        cure = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "no fixed version yet"
        return f"{self.package} {self.version}: {', '.join(sorted(self.names))} ({cure})"


def read_report(report: str) -> list[Finding]:
    """The findings of pip-audit's JSON report; ValueError where it is none."""
    said: Any = json.loads(report)
    return [
        Finding(
            package=dependency["name"],
            version=dependency["version"],
            names=frozenset([weakness["id"], *weakness.get("aliases", [])]),
            fixed_in=tuple(weakness.get("fix_versions", [])),
        )
        for dependency in said["dependencies"]
        for weakness in dependency.get("vulns", [])
    ]


def read_accepted(text: str) -> dict[str, date]:
    """Until when each finding is accepted, by its identifier; ValueError where an entry lacks reason or day."""
    accepted = {}
    for entry in tomllib.loads(text).get("accepted", []):
        if not isinstance(entry.get("until"), date) or not entry.get("reason"):
            raise ValueError(
                f"accepted-findings.toml: {entry.get('id')} needs a reason and a last day (until)."
            )
        accepted[str(entry["id"])] = entry["until"]
    return accepted


def still_open(findings: Iterable[Finding], accepted: Mapping[str, date], today: date) -> list[Finding]:
    """The findings nobody has accepted up to today, its last day included."""
    return [one for one in findings if not any(accepted.get(name, date.min) >= today for name in one.names)]


def run() -> int:
    asked = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip_audit",
            "--local",
            "--format=json",
            "--progress-spinner=off",
            "--timeout=20",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    try:
        findings = read_report(asked.stdout)
    except ValueError:
        reason = (asked.stderr.strip().splitlines() or ["no answer"])[-1]
        print(
            f"Nothing was audited: the advisory database could not be reached or read.\n  {reason[:300]}",
            file=sys.stderr,
        )
        return UNREACHABLE
    open_ones = still_open(
        findings, read_accepted(Path(ACCEPTED).read_text(encoding="utf-8")), datetime.now(UTC).date()
    )
    for finding in open_ones:
        print(finding)
    print(f"{len(open_ones)} open, {len(findings) - len(open_ones)} accepted.")
    return FOUND if open_ones else CLEAN


if __name__ == "__main__":
    sys.exit(run())

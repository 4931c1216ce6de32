"""A pytest plugin: notes what became of the tests that name a line, in the file `VALIDATION_RESULTS` names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

Results = dict[str, dict[str, str]]  # by line: what became of each test
WORST = ("failed", "skipped", "passed")


class Recorder:
    """Collects the results in one process; with pytest-xdist, in the one that hears of all."""

    def __init__(self, target: Path, only: str) -> None:
        self.target = target
        self.only = only
        self.results: Results = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept = []
        for item in items:
            lines = [line for mark in item.iter_markers("line") for line in mark.args]
            item.user_properties.append(("lines", lines))
            if not self.only or self.only in lines:
                kept.append(item)
        if self.only:
            config.hook.pytest_deselected(items=[one for one in items if one not in kept])
            items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        lines: list[str] = dict(report.user_properties).get("lines", [])  # type: ignore[assignment]
        if report.when != "call" and report.passed:
            return
        for line in lines:
            known = self.results.setdefault(line, {})
            before = known.get(report.nodeid, "passed")
            known[report.nodeid] = min(before, report.outcome, key=WORST.index)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            self.target.write_text(json.dumps(self.results, indent=1, sort_keys=True), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    if target := os.environ.get("VALIDATION_RESULTS"):
        config.pluginmanager.register(Recorder(Path(target), os.environ.get("VALIDATION_LINE", "")))


def read(path: Path) -> Results:
    """What a run noted; nothing where it came to no end."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

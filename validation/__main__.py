"""`python -m validation` runs the tests that name a line; `python -m validation sabotage [LINE …]` breaks the product."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from validation import page, recording, register
from validation.register import ROOT, Line

PAGE = ROOT / "docs" / "validation.md"
SABOTAGED = ROOT / "validation" / "sabotaged.json"
AT_MOST = 3600  # seconds one run may take; a sabotage may make a test go on for ever


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("run", "sabotage"), default="run")
    parser.add_argument("lines", nargs="*", help="the lines to sabotage; all of them without")
    given = parser.parse_args()
    lines = register.read()
    if given.what == "sabotage":
        return sabotage([line for line in lines if not given.lines or line.id in given.lines])
    return run(lines)


def run(lines: list[Line]) -> int:
    """Run every test that names a line, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        status, results = _pytest(ROOT, Path(folder), ["-m", "line", "-n", "2"], {})
    PAGE.write_text(page.written(lines, results, _sabotaged()), encoding="utf-8")
    bare = [line.id for line in lines if not results.get(line.id)]
    print(f"{PAGE.relative_to(ROOT)} is written." + (f" Without a test: {', '.join(bare)}." if bare else ""))
    return status


def sabotage(lines: list[Line]) -> int:
    """Break the product a line at a time, in a copy of it, and see that a test of the line fails."""
    found = _sabotaged()
    unnoticed = []
    for line in lines:
        if line.sabotage is None:
            continue
        found[line.id] = outcome = _outcome(line)
        print(f"{line.id}: {line.sabotage.words} – {outcome}", flush=True)
        if not outcome.startswith("noticed"):
            unnoticed.append(line.id)
        SABOTAGED.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"Not noticed: {', '.join(unnoticed)}" if unnoticed else "Every sabotage was noticed.")
    return bool(unnoticed)


def _outcome(line: Line) -> str:
    assert line.sabotage is not None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        _copy(copy)
        environment = {"VALIDATION_LINE": line.id}
        if line.sabotage.sql:
            environment["SABOTAGE_SQL"] = line.sabotage.sql
        else:
            place = copy / line.sabotage.file
            text = place.read_text(encoding="utf-8")
            if line.sabotage.take not in text:
                return "could not be tried: the words to replace are not there"
            place.write_text(text.replace(line.sabotage.take, line.sabotage.put), encoding="utf-8")
        status, results = _pytest(copy, Path(folder), register.tests_by_line().get(line.id, []), environment)
        # What the copy's services cached lies outside of it.
        subprocess.run([sys.executable, "-m", "trial_edc.launcher", "clean-tests"], cwd=copy, check=True)
    failed = [test for test, outcome in results.get(line.id, {}).items() if outcome == "failed"]
    if status == 1 and failed:
        return f"noticed by `{failed[0].rpartition('::')[2].partition('[')[0]}`"
    return "not noticed" if status == 0 else f"came to no result (pytest ended with {status})"


def _copy(target: Path) -> None:
    """Copy what the repository holds, with the libraries of this checkout beside it."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in names.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")


def _pytest(
    place: Path, folder: Path, arguments: list[str], environment: dict[str, str]
) -> tuple[int, recording.Results]:
    """Run pytest on real services in a checkout; gives its status and what it noted."""
    notes = folder / "results.json"
    command = [
        sys.executable, "-m", "trial_edc.launcher", "services", "--for-tests", "--",
        sys.executable, "-m", "pytest", "-q", "-p", "validation.recording", *arguments,
    ]  # fmt: skip
    told = {**os.environ, **environment, "VALIDATION_RESULTS": str(notes)}
    with subprocess.Popen(command, cwd=place, env=told, start_new_session=True) as running:
        try:
            status = running.wait(timeout=AT_MOST)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGTERM)
            status = running.wait()
    return status, recording.read(notes)


def _sabotaged() -> dict[str, str]:
    return json.loads(SABOTAGED.read_text(encoding="utf-8")) if SABOTAGED.exists() else {}


if __name__ == "__main__":
    sys.exit(main())

"""A form more, in a throwaway copy: a model, a migration, a line in the schedule, and it is everywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trial_edc.launcher.folder import CHECKOUT

MODEL = """

class QualityOfLife(CaseReportForm):
    form = FormFacts("QOL", Text("Quality of life", "生活质量"), ("QS",))

    qolscore = IntegerItem(Text("Global health status", "总体健康状况"), unit="points", hard=(0, 100), name_cdash="QS.QSORRES")
    qolwhy = TextItem(Text("In the participant's words", "受试者自述"), required=NEVER)

    class Meta(CaseReportForm.Meta):
        pass
"""
IMPORTS = """from records.conditions import NEVER
from records.items import IntegerItem, TextItem
"""
DUE = 'code = "SCR"'
PROBE = Path(__file__).with_name("probe.py")
NOT_COPIED = (
    ".git",
    ".venv",
    ".demo",
    ".test-services",
    "bench-results",
    "*_cache",
    "__pycache__",
    ".hypothesis",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    place = tmp_path / "copy"
    shutil.copytree(CHECKOUT, place, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return place


def in_the_copy(copy: Path, *words: str) -> str:
    """Run a command there, on the servers of this test run."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_form_more_is_found_everywhere_with_no_other_file_changed(copy: Path) -> None:
    survival = copy / "followup" / "models" / "survival.py"
    source = survival.read_text(encoding="utf-8")
    head, rest = source.split("from records.definition import", 1)
    survival.write_text(head + IMPORTS + "from records.definition import" + rest + MODEL, encoding="utf-8")
    schedule = copy / "participants" / "schedules" / "v1.toml"
    lines = schedule.read_text(encoding="utf-8").splitlines()
    at = next(place for place in range(lines.index(DUE), len(lines)) if lines[place].startswith("forms = "))
    lines[at] = lines[at].replace('"SYM"', '"SYM", "QOL"')
    schedule.write_text("\n".join(lines) + "\n", encoding="utf-8")
    in_the_copy(
        copy, "manage.py", "makemigrations", "followup", "--name", "quality_of_life", "--verbosity", "0"
    )

    shutil.copy(PROBE, copy / "tests" / "one_form_more" / "test_probe.py")
    said = in_the_copy(
        copy,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "tests/one_form_more/test_probe.py",
    )
    assert "passed" in said

    changed = {
        str(path.relative_to(copy))
        for path in copy.rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and (
            not (CHECKOUT / path.relative_to(copy)).exists()
            or path.read_bytes() != (CHECKOUT / path.relative_to(copy)).read_bytes()
        )
    }
    migration = {name for name in changed if name.endswith("quality_of_life.py")}
    assert len(migration) == 1
    assert changed - migration == {
        "followup/models/survival.py",
        "participants/schedules/v1.toml",
        "tests/one_form_more/test_probe.py",
    }

"""Draw docs/workflows.md from the tables of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from diary.workflow import DIARY_TASK_MOVES
from exports.workflow import EXPORT_MOVES
from followup.workflow import MESSAGE_MOVES, REMINDER_MOVES
from imports.workflow import IMPORT_MOVES
from monitoring.trust import HOLD_MOVES, SIGNATURE_MOVES, VERIFICATION_MOVES
from monitoring.workflow import FIRING_MOVES, QUERY_MOVES
from participants.workflow import DISCREPANCY_MOVES, PARTICIPANT_MOVES, VISIT_MOVES

TABLES: dict[str, Mapping[Any, Sequence[Any]]] = {
    "Participant (participants/workflow.py)": PARTICIPANT_MOVES,
    "Visit (participants/workflow.py)": VISIT_MOVES,
    "Discrepancy (participants/workflow.py)": DISCREPANCY_MOVES,
    "Verification (monitoring/trust.py)": VERIFICATION_MOVES,
    "Hold (monitoring/trust.py)": HOLD_MOVES,
    "Signature (monitoring/trust.py)": SIGNATURE_MOVES,
    "Reminder (followup/workflow.py)": REMINDER_MOVES,
    "Message with reminders (followup/workflow.py)": MESSAGE_MOVES,
    "Query (monitoring/workflow.py)": QUERY_MOVES,
    "Check that fired (monitoring/workflow.py)": FIRING_MOVES,
    "Severe answer of a participant (diary/workflow.py)": DIARY_TASK_MOVES,
    "Export (exports/workflow.py)": EXPORT_MOVES,
    "Import (imports/workflow.py)": IMPORT_MOVES,
}
TARGET = Path(settings.BASE_DIR) / "docs" / "workflows.md"


def drawn() -> str:
    """One Mermaid state diagram per table; a state nobody leaves ends there."""
    parts = [
        "# Workflows",
        "",
        "Drawn by `manage.py workflow_diagrams` from the tables of allowed moves; `make check` compares.",
    ]
    for title, moves in TABLES.items():
        parts += ["", f"## {title}", "", "```mermaid", "stateDiagram-v2"]
        parts.append(f"    [*] --> {next(iter(moves))}")
        for state, following in moves.items():
            parts += [f"    {state} --> {to}" for to in following] or [f"    {state} --> [*]"]
        parts.append("```")
    return "\n".join(parts) + "\n"


class Command(BaseCommand):
    help = "Draws docs/workflows.md from the workflow tables; --check fails when it has to be drawn again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            TARGET.write_text(drawn(), encoding="utf-8")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != drawn():
            raise CommandError("docs/workflows.md differs from the tables: run manage.py workflow_diagrams.")

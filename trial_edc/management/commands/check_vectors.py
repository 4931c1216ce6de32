"""Check a file of worked cases against the rules of the trial.

Exit status 0 where every case agrees, 1 where one does not, 2 where the file cannot be used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trial_edc.vector_reading import MalformedCase
from trial_edc.vectors import Outcome, State, check, load

WORDS = {State.SAME: "same", State.DIFFERENT: "DIFFERENT", State.UNCOVERED: "not covered"}


class Command(BaseCommand):
    help = "Computes every worked case of a file with the trial's own rules and compares the results."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a JSON file of the shape of tests/vectors/vectors.json")
        parser.add_argument(
            "--strict", action="store_true", help="also fail on families that have no rule yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcomes = check(load(options["file"]))
        except MalformedCase as malformed:
            raise CommandError(str(malformed), returncode=2) from malformed
        for outcome in outcomes:
            self.stdout.write(line(outcome))
        counts = Counter(outcome.state for outcome in outcomes)
        self.stdout.write(
            f"{len(outcomes)} cases: {counts[State.SAME]} the same, {counts[State.DIFFERENT]} different, "
            f"{counts[State.UNCOVERED]} not covered by a rule yet."
        )
        if counts[State.DIFFERENT] or (options["strict"] and counts[State.UNCOVERED]):
            raise CommandError("Not every case agrees.", returncode=1)


def line(outcome: Outcome) -> str:
    """Write one case: its state, family, id, what it expects and what the rule gives."""
    head = f"{WORDS[outcome.state]:<11} {outcome.family} {outcome.id}"
    if outcome.state is State.UNCOVERED:
        return f"{head}: no rule yet"
    return f"{head}: expected {written(outcome.expected)}; got {written(outcome.got)}"


def written(results: Mapping[str, object]) -> str:
    """Write results as name=value."""
    return ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, default=_plain)}"
        for name, value in results.items()
    )


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)

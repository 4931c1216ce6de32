"""Hold the audit trail against its seals and name the first broken place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records import clock
from records.verifying import record_check, verify


class Command(BaseCommand):
    help = (
        "Recomputes every digest and MAC of the audit trail, and compares the seals with the file outside the "
        "database. Exit status 1 where anything differs."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--file", type=Path, help="a copy of the file of seals kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify(options["file"])
        record_check(verdict)
        stands = verdict.standing
        print(f"{verdict.entries} entries under {verdict.seals} seals.")
        if stands.oldest is None:
            print("Nothing is unsealed.")
        else:
            print(
                f"{stands.unsealed} unsealed, the oldest of {stands.oldest:%Y-%m-%d %H:%M:%S %Z} "
                f"({stands.seconds} seconds ago)."
            )
        ahead = clock.database_ahead().total_seconds()
        print(f"The database's clock is {ahead:+.3f} seconds from the application's.")
        if not verdict.whole:
            raise CommandError(
                "\n".join(["The trail is broken:", *(place.words for place in verdict.places)])
            )
        print("The trail is whole.")

"""Read a release of MedDRA that the sponsor licenses, and store it where asked to.

Exit status 0 where the folders hold together; 1 otherwise, with the file and line that do not.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import Access, Actor, Permission
from accounts.models import User
from records import clock
from records.findings import Refused
from safety.actions.coding import import_release
from safety.meddra_files import UnreadableRelease, read_names, read_release
from safety.models import MeddraRelease


class Command(BaseCommand):
    help = (
        "Reads a release of MedDRA in its own file layout (soc.asc … llt.asc, mdhier.asc). A dry run unless --commit "
        "is given. Nothing of MedDRA is part of this system: a licence is the sponsor's."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # --version is the release's here, not Django's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of the English files")
        parser.add_argument("--chinese", type=Path, metavar="FOLDER", help="the folder of the Chinese files")
        parser.add_argument("--version", required=True, metavar="29.0", help="the version of the release")
        parser.add_argument("--commit", action="store_true", help="store it, all in one transaction")
        parser.add_argument(
            "--by", metavar="USERNAME", help="the data manager who stores it; needed to commit"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        by = _data_manager(options["by"], now) if options["commit"] else None
        try:
            release = read_release(options["folder"])
            chinese, more = read_names(options["chinese"]) if options["chinese"] else ({}, {})
        except UnreadableRelease as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        unnamed = sum((term.level, term.code) not in chinese for term in release.terms) if chinese else 0
        counted = ", ".join(f"{level} {count}" for level, count in release.counts.items())
        self.stdout.write(f"MedDRA {options['version']}: {counted}.")
        if options["chinese"]:
            self.stdout.write(f"{len(release.terms) - unnamed} terms named in Chinese, {unnamed} not.")
        digests = {**release.digests, **{f"zh/{name}": digest for name, digest in more.items()}}
        for name, digest in digests.items():
            self.stdout.write(f"    {name} SHA-256 {digest}")
        if by is None:
            there = MeddraRelease.objects.filter(version=options["version"]).exists()
            self.stdout.write("Nothing was stored. " + ("This version is there already." if there else ""))
            return
        try:
            import_release(
                version=options["version"], release=release, chinese=chinese, digests=digests, by=by, now=now
            )
        except Refused as refused:
            raise CommandError(str(refused.sentence)) from refused
        self.stdout.write(f"Stored as MedDRA {options['version']}.")


def _data_manager(username: str | None, now: datetime) -> Actor:
    person = User.objects.filter(username=username).first() if username else None
    if person is None:
        raise CommandError("--by names the data manager who stores the release.")
    access = Access.of(person, clock.day(now))
    if not access.everywhere(Permission.CODE_EVENTS):
        raise CommandError(f"{username} is no data manager of all sites today.")
    return access.actor_everywhere(Permission.CODE_EVENTS)

"""Read a schedule file, say what it would change, and adopt it as the next version."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from accounts.access import Access, Permission
from accounts.models import User
from casebook.amendment_words import lines_of
from followup.amendment import Amended, Unplannable, totals
from followup.calendars import amendments
from participants.actions import adopt_next_schedule
from participants.actions.schedules import read_next_schedule
from participants.models import ScheduleVersion
from participants.schedule_file import ScheduleFileError
from participants.schedule_words import differences
from participants.selectors import schedule_of
from records import clock
from records.findings import Refused


class Command(BaseCommand):
    help = (
        "Says what a schedule file gets wrong or, where it can be used, what it would change in every participant's "
        "calendar. Nothing is written without --adopt."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="the schedule file (TOML)")
        parser.add_argument(
            "--effective-from", type=date.fromisoformat, required=True, help="YYYY-MM-DD, today or later"
        )
        parser.add_argument("--adopt", action="store_true", help="adopt it; needs --by and --reason")
        parser.add_argument("--by", default="", help="user name of the data manager who adopts it")
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = options["file"].read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        try:
            self._preview(source, options["effective_from"])
            if options["adopt"]:
                self._adopt(source, options)
        except ScheduleFileError as faulty:
            raise CommandError(str(faulty)) from faulty
        except (Refused, PermissionDenied) as refused:
            raise CommandError(str(refused)) from refused

    def _preview(self, source: str, on: date) -> None:
        schedule, number = read_next_schedule(source)
        newest = ScheduleVersion.objects.latest("number")
        self.stdout.write(f"Version {number} against version {newest.number}:")
        for one in differences(schedule_of(newest.pk), schedule):
            self.stdout.write(f"  {one}")
        calendars = []
        for found in amendments(schedule, on):
            if isinstance(found, Unplannable):
                self.stdout.write(f"{found.number}: the dates contradict each other; the calendar stays.")
                continue
            calendars.append(found)
            self._tell(found)
        counted = totals(calendars)
        self.stdout.write(
            f"{counted.touched} of {counted.looked_at} calendars change: {counted.added} visits added, "
            f"{counted.moved} moved, {counted.dropped} dropped, {counted.reformed} with other forms or names; "
            f"{counted.begun} begun stay."
        )

    def _tell(self, calendar: Amended) -> None:
        for line in lines_of(calendar):
            self.stdout.write(f"{calendar.number}: {line}")

    def _adopt(self, source: str, options: dict[str, Any]) -> None:
        now = clock.now()
        person = User.objects.filter(username=options["by"].lower(), is_active=True).first()
        if person is None:
            raise CommandError("Say with --by which data manager adopts it.")
        version = adopt_next_schedule(
            source=source,
            effective_from=options["effective_from"],
            reason=options["reason"],
            by=Access.of(person, clock.day(now)).actor_everywhere(Permission.CHANGE_STUDY_SETTINGS),
            now=now,
        )
        self.stdout.write(
            f"Version {version.number} is adopted, in force from {version.effective_from.isoformat()}."
        )

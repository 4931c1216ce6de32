"""Load the demo trial into an empty database marked as demo."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.access import SYSTEM
from accounts.attribution import attributed
from accounts.models import User
from records import clock
from records.clock import TrialClock
from trial_edc.demo.people import make_laboratories, make_people
from trial_edc.demo.story import OPENS_AT, tell


class Command(BaseCommand):
    help = "Loads fictitious sites, accounts and participants where the database is a demo's and empty."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("The database is not empty: nothing was loaded.")
            return
        if clock.read().kind == TrialClock.Kind.TRIAL:
            raise CommandError("This database belongs to a real trial: the demo is not loaded into it.")
        with transaction.atomic():
            clock.move_to(OPENS_AT)
            with attributed(SYSTEM, "demo"):
                make_people()
                make_laboratories()
            tell()
            # Real patients of another hospital, as its historical log: never participants.
            log = str(settings.BASE_DIR / "data" / "uci-hcc-screening.csv")
            call_command(
                "import_screening", log, site="09", commit=True, by="datamanager", stdout=io.StringIO()
            )
        self.stdout.write("The demo trial is loaded.")

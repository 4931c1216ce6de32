"""Add a site or bring one up to date, and say which consent form its ethics committee approved."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.access import SYSTEM
from accounts.actions import NotPossible, keep_site
from participants.actions import approve_consent
from records import clock
from records.findings import Refused


class Command(BaseCommand):
    help = "Adds a site or updates it; with --consent, also approves a version of the consent form there."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("code", help="two digits")
        parser.add_argument("--name-en", required=True)
        parser.add_argument("--name-zh", required=True)
        parser.add_argument(
            "--activated-on", type=date.fromisoformat, help="YYYY-MM-DD; left out: not activated"
        )
        parser.add_argument("--consent", default="", help="a version of the consent form")
        parser.add_argument("--approved-on", type=date.fromisoformat, help="needed with --consent")
        parser.add_argument("--retired-on", type=date.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["consent"] and options["approved_on"] is None:
            raise CommandError("Say with --approved-on when the ethics committee approved this version.")
        now = clock.now()
        try:
            with transaction.atomic():
                site = keep_site(
                    code=options["code"],
                    name_en=options["name_en"],
                    name_zh=options["name_zh"],
                    activated_on=options["activated_on"],
                    by=SYSTEM,
                    now=now,
                )
                if options["consent"]:
                    approve_consent(
                        site=site,
                        version=options["consent"],
                        approved_on=options["approved_on"],
                        retired_on=options["retired_on"],
                        by=SYSTEM,
                        now=now,
                    )
        except (NotPossible, Refused) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Site {site.code} is activated on {site.activated_on or 'no day yet'}.")

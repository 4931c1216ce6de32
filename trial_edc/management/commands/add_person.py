"""Open an account and grant a role from the shell: how the first system administrator comes in."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.access import SYSTEM
from accounts.actions import NotPossible, grant_role, open_account
from accounts.models import Role, Site
from records import clock


class Command(BaseCommand):
    help = "Opens an account and grants one role; asks for the password."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name as shown")
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.SYSTEM_ADMINISTRATOR)
        parser.add_argument("--site", default="", help="the site's code; left out for all sites")
        parser.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans")
        parser.add_argument("--password", default="", help="asked for when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"] or getpass.getpass("Password: ")
        now = clock.now()
        site = Site.objects.filter(code=options["site"]).first()
        if options["site"] and site is None:
            raise CommandError(f"There is no site {options['site']}.")
        try:
            with transaction.atomic():
                person = open_account(
                    username=options["username"],
                    full_name=options["name"],
                    email=options["email"],
                    password=password,
                    language=options["language"],
                    by=SYSTEM,
                    now=now,
                )
                grant_role(
                    person=person,
                    role=options["role"],
                    site=site,
                    starts_on=clock.day(now),
                    by=SYSTEM,
                    now=now,
                )
        except NotPossible as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{person.username} may sign in as {Role(options['role']).label}.")

"""Print the demo's accounts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from trial_edc.demo.people import ACCOUNTS, PASSWORD


class Command(BaseCommand):
    help = "Prints the demo's accounts with their roles; nothing where the database holds none of them."

    def handle(self, *args: Any, **options: Any) -> None:
        here = set(
            User.objects.filter(username__in=[a.username for a in ACCOUNTS]).values_list(
                "username", flat=True
            )
        )
        shown = [account for account in ACCOUNTS if account.username in here]
        for account in shown:
            where = f" at site {account.site}" if account.site else ""
            self.stdout.write(
                f"  {account.username:<16} {account.role.name.lower().replace('_', ' ')}{where}"
            )
        if shown:
            self.stdout.write(f"  password of all: {PASSWORD}")

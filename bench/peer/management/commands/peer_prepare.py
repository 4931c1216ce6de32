"""Make the peer's tables and rows; prints as JSON what a browser needs to use it, and the SQL of each page."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.peer.filling import fill, posted, signed_in
from bench.peer.models import Laboratory


class Command(BaseCommand):
    help = "Makes the peer's tables and rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--participants", type=int, required=True)
        parser.add_argument("--forms", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        # Tables without migrations are made first, and those of the history refer to persons.
        call_command("migrate", "auth", verbosity=0, interactive=False)
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
        fill(options["participants"], options["forms"])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = signed_in()
        forms = [(f"/admin/peer/laboratory/{form.pk}/change/", form) for form in Laboratory.objects.all()]
        pages = {
            "cookie": f"sessionid={client.cookies['sessionid'].value}",
            "forms": [{"path": path, "posted": posted(form)} for path, form in forms],
            "list": "/admin/peer/participant/",
        }
        path, form = forms[0]
        changed = {**posted(form), "ggt": "57.0"}
        pages["sql"] = {
            "form": _statements(lambda: client.get(path), 200),
            "save": _statements(lambda: client.post(path, changed), 302),
            "matrix": _statements(lambda: client.get(pages["list"]), 200),
        }
        self.stdout.write(json.dumps(pages))


def _statements(ask: Any, expected: int) -> int:
    """Count what one page asks of the database, transactions included, once caches are warm."""
    for _time in range(2):
        with CaptureQueriesContext(connection) as captured:
            response = ask()
        if response.status_code != expected:
            raise SystemExit(f"The peer answered {response.status_code}: {response.content[:2000]!r}")
    return len(captured)

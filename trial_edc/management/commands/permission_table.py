"""Write docs/permissions.md: which role opens which page, and what each role may do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access import GRANTS, Permission
from accounts.models import Role

TARGET = Path(settings.BASE_DIR) / "docs" / "permissions.md"
HEADS = {
    Role.COORDINATOR: "coordinator",
    Role.INVESTIGATOR: "investigator",
    Role.MONITOR: "monitor",
    Role.INSPECTOR: "inspector",
    Role.DATA_MANAGER: "data manager",
    Role.SYSTEM_ADMINISTRATOR: "system administrator",
}
HEAD = f"| {{}} | {' | '.join(HEADS.values())} |\n|---|{'---|' * len(HEADS)}"


def pages(resolver: URLResolver | None = None, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages(entry, above + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield above + str(entry.pattern), entry.callback


def _row(words: str, permission: Permission, mark: str = "●") -> str:
    marks = " | ".join(mark if permission in GRANTS[role] else " " for role in HEADS)
    return f"| {words} | {marks} |"


def written() -> str:
    """Both tables; an address without a declaration stops it."""
    parts = [
        "# Permissions",
        "",
        "Written by `manage.py permission_table` from `GRANTS` (accounts/access.py) and the declarations of pages",
        "(`@page`); `make check` compares. A role is held at one site or at all (system administrators: at none), and",
        "● reaches as far as the role: what belongs to another site is not found (404). tests/accounts/test_doors.py",
        "opens every address as every role at the own and at another site.",
        "",
        "## What each role may do",
        "",
        HEAD.format("right"),
        *[_row(f"`{permission}`", permission) for permission in Permission],
        "",
        "## Which page each role opens",
        "",
        "What a page lets somebody do once it is open asks for a right of its own. ◆: the page changes what holds for the",
        "whole trial, and opens only where the role is held at all sites.",
        "",
        HEAD.format("address"),
    ]
    everybody = []
    for address, view in sorted(pages(), key=lambda one: one[0]):
        if view.page_permission is None:
            everybody.append(
                f"- `/{address}`{'' if getattr(view, 'login_required', True) else ' (signed out, too)'}"
            )
        else:
            parts.append(_row(f"`/{address}`", view.page_permission, "◆" if view.page_everywhere else "●"))
    parts += [
        "",
        "## Open to everybody signed in; what `/` shows depends on the roles held, the others show nothing of the trial",
        "",
        *everybody,
    ]
    return "\n".join(parts) + "\n"


class Command(BaseCommand):
    help = "Writes docs/permissions.md; --check fails when it has to be written again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            TARGET.write_text(written(), encoding="utf-8")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != written():
            raise CommandError("docs/permissions.md differs from the code: run manage.py permission_table.")

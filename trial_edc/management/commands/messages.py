"""Bring the Chinese catalogues of interface words in step with the source, or say where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trial_edc.catalogues import (
    Entries,
    contradictions,
    differences,
    folder_of,
    merge,
    mo_bytes,
    po_text,
    read_catalogue,
    room_files,
    words_asked_for,
)


def rooms_of(root: Path) -> list[str]:
    """The apps whose source stands in this repository, in the order of their installation."""
    return [app.label for app in apps.get_app_configs() if Path(app.path).resolve().parent == root.resolve()]


class Command(BaseCommand):
    help = (
        "Collects the interface words of each room into <room>/locale/zh_Hans/LC_MESSAGES/django.po, keeps what is "
        "translated, and compiles django.mo. With --check writes nothing and fails where a catalogue is not complete."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "rooms", nargs="*", metavar="room", help="only these rooms; all of them when none is named"
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when anything is out of step"
        )
        parser.add_argument(
            "--root", type=Path, default=settings.BASE_DIR, help="the folder the rooms stand in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["root"]
        every = rooms_of(settings.BASE_DIR)
        unknown = sorted(set(options["rooms"]) - set(every))
        if unknown:
            raise CommandError(
                f"There is no room called {', '.join(unknown)}. The rooms are {', '.join(every)}."
            )
        chosen = options["rooms"] or every
        known = {room: read_catalogue(folder_of(root, room) / "django.po") for room in every}
        asked = {room: words_asked_for(root, room_files(root, every, room)) for room in chosen}
        if options["check"]:
            self._check(root, asked, known)
        else:
            self._write(root, asked, known)

    def _check(self, root: Path, asked: dict[str, Entries], known: dict[str, Entries]) -> None:
        problems = []
        for room, entries in asked.items():
            found = differences(entries, known[room])
            compiled = folder_of(root, room) / "django.mo"
            stored = compiled.read_bytes() if compiled.exists() else None
            if stored != (mo_bytes(known[room]) if known[room] else None):
                found.append("django.mo is not what django.po compiles to")
            problems += [f"{room}: {sentence}" for sentence in found]
        problems += contradictions(known)
        if problems:
            raise CommandError(
                "\n".join(
                    [*problems, f"{len(problems)} to mend; `manage.py messages` collects and compiles."]
                )
            )
        self.stdout.write(f"Every interface word is translated: {', '.join(asked)}.")

    def _write(self, root: Path, asked: dict[str, Entries], known: dict[str, Entries]) -> None:
        for room, entries in asked.items():
            folder = folder_of(root, room)
            if not entries:
                for name in ("django.po", "django.mo"):
                    (folder / name).unlink(missing_ok=True)
                continue
            elsewhere = {
                key: e.translation
                for r, c in known.items()
                if r != room
                for key, e in c.items()
                if e.translation
            }
            merged = merge(entries, known[room], elsewhere)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "django.po").write_text(po_text(merged), encoding="utf-8")
            (folder / "django.mo").write_bytes(mo_bytes(merged))
            open_ones = sum(1 for entry in merged.values() if not entry.translation or entry.fuzzy)
            self.stdout.write(f"{room}: {len(merged)} messages, {open_ones} without a translation")

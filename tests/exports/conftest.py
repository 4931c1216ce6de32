"""Exports written in a test's own transaction, and jobs run on a database of their own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection

from accounts.access import Access, Actor, Permission
from accounts.models import Role, Site, User
from exports.stamp import Stamp
from exports.writing import write_bundle
from participants.models import Participant
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site

DATA_AS_OF = datetime(2026, 9, 1, 4, 5, 6, 789, tzinfo=UTC)


class Files:
    """The files of an export, read back."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.zip = ZipFile(io.BytesIO(raw))
        assert self.zip.testzip() is None

    @property
    def names(self) -> list[str]:
        return self.zip.namelist()

    def table(self, name: str) -> list[list[str]]:
        """The cells of a CSV file, the header first."""
        return list(csv.reader(io.StringIO(self.zip.read(name).decode("utf-8"), newline="")))

    def rows(self, name: str) -> list[dict[str, str]]:
        header, *rows = self.table(name)
        return [dict(zip(header, row, strict=True)) for row in rows]

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads(self.zip.read("manifest.json"))


def stamp(**changed: Any) -> Stamp:
    facts: dict[str, Any] = {
        "export": 1,
        "requested_at": START,
        "requested_by": 7,
        "requested_as": "DATA_MANAGER",
        "data_as_of": DATA_AS_OF,
        "sites": None,
        "historical": False,
    }
    return Stamp(**{**facts, **changed})


@pytest.fixture
def export(db: None) -> Callable[..., Files]:
    """Write an export of what the test's transaction sees."""

    def write(*sites: Site, report: Any = lambda table, done, total: None, **changed: Any) -> Files:
        target = io.BytesIO()
        codes = tuple(site.code for site in sites) or None
        write_bundle(
            target=target,
            reader=connection,
            stamp=stamp(**{"sites": codes, **changed}),
            site_ids=[site.pk for site in sites] or None,
            report=report,
        )
        return Files(target.getvalue())

    return write


@dataclass
class Trial:
    """A committed trial: two sites with a participant each, and a data manager of everything."""

    sites: list[Site]
    participants: list[Participant]
    data_manager: User
    folder: Path

    @property
    def access(self) -> Access:
        return Access.of(self.data_manager, date(2026, 9, 1))

    @property
    def by(self) -> Actor:
        return self.access.actor(Permission.EXPORT, None)


@pytest.fixture
def trial(own_database: str, tmp_path: Path, settings: Any) -> Trial:
    settings.EXPORT_ROOT = str(tmp_path / "exports")
    clock.move_to(START)
    sites = [make_site("01"), make_site("02")]
    people = [make_person(f"coordinator{site.code}", Role.COORDINATOR, site) for site in sites]
    participants = [
        make_participant(site, actor(person, Permission.ENTER_DATA, site))
        for site, person in zip(sites, people, strict=True)
    ]
    return Trial(sites, participants, make_person("datamanager", Role.DATA_MANAGER), tmp_path / "exports")

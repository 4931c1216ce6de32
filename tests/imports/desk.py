"""A data manager at the imports: files made for a test, and an import taken from its upload to what is stored."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from accounts.access import Access, Actor, Permission
from accounts.models import Role, Site, User
from imports import actions
from imports.mapping import Column, Mapping, VisitBy
from imports.models import ImportJob, ImportRow
from imports.running import run
from participants.models import Participant, Visit
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site

VITALS = Mapping(
    form="VS",
    participant="participant",
    visit_by=VisitBy.CODE,
    visit="visit",
    columns=(Column("weight", "weight"), Column("height", "height")),
)


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


@dataclass
class Desk:
    """One site with a participant, and a data manager of it; everything is committed."""

    site: Site
    participant: Participant
    manager: User
    enters: Actor
    folder: Path

    @property
    def access(self) -> Access:
        return Access.of(self.manager, date(2026, 9, 1))

    @property
    def by(self) -> Actor:
        return self.access.actor(Permission.IMPORT, self.site.pk)

    @property
    def screening(self) -> Visit:
        return Visit.objects.select_related("participant").get(participant=self.participant, code="SCR")

    def upload(
        self, rows: Sequence[Sequence[str]] | bytes, form: str = "VS", now: datetime = START
    ) -> ImportJob:
        content = rows if isinstance(rows, bytes) else csv_bytes(rows)
        return actions.upload(access=self.access, site=self.site, form=form, chunks=[content], now=now)

    def checked(
        self, rows: Sequence[Sequence[str]] | bytes, mapping: Mapping = VITALS, **changed: Any
    ) -> ImportJob:
        """Upload a file, assign its columns, and do the dry run."""
        job = self.upload(rows, mapping.form)
        return self.check_again(job, replace(mapping, **changed))

    def check_again(self, job: ImportJob, mapping: Mapping, save_as: str = "") -> ImportJob:
        actions.assign_columns(job_id=job.pk, mapping=mapping, save_as=save_as, by=self.by, now=START)
        run(job.pk)
        return again(job)

    def ordered(self, job: ImportJob, reason: str = "From the hospital's system", **words: str) -> ImportJob:
        actions.order(
            job_id=job.pk, result_sha256=job.result_sha256, words=words, by=self.by, now=START, reason=reason
        )
        return again(job)

    def stored(
        self, rows: Sequence[Sequence[str]] | bytes, mapping: Mapping = VITALS, **changed: Any
    ) -> ImportJob:
        """The whole way, for a file of which no check asks anything."""
        job = self.ordered(self.checked(rows, mapping, **changed))
        run(job.pk)
        return again(job)


def again(job: ImportJob) -> ImportJob:
    return ImportJob.objects.get(pk=job.pk)


def results(job: ImportJob) -> list[ImportRow]:
    return list(ImportRow.objects.filter(job=job).order_by("number"))


def sentences(job: ImportJob) -> dict[int, list[str]]:
    """What is said of each row that is refused or asked about."""
    return {row.number: [one["en"] for one in row.findings] for row in results(job) if row.findings}


def open_desk(folder: Path) -> Desk:
    clock.move_to(START)
    site = make_site()
    enters = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    manager = make_person("datamanager", Role.DATA_MANAGER)
    return Desk(site, make_participant(site, enters), manager, enters, folder)

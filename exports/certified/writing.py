"""Write a site's certified copy: everything of one snapshot of the database, and the files, into a ZIP."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import IO, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from accounts.access import Actor
from accounts.models import Role, Site
from casebook.printing.filled import filled_casebook
from casebook.printing.typesetting import NotTypeset, typeset
from casebook.printing.words import Phrase, in_both, moment, phrase
from exports.bundle import Bundle, FileFacts
from exports.certified import pages
from exports.certified.people import people_of, people_tables
from exports.certified.scope import Scope
from exports.certified.software import software
from exports.certified.stored import HEADER, described, stored_tables
from exports.certified.trail import entries_of, trail_tables
from exports.codebook import CODEBOOK_HEADER, CODES_HEADER, CodeLists, codebook_rows
from exports.stamp import Report, Stamp
from exports.tables import Table
from exports.trial_tables import tables_of_export
from participants.actions.files import path_of
from participants.models import Participant
from records.study import SETTINGS, STUDY_ID
from records.text import Text

FORMAT = 1  # raised when the copy's shape changes in a way a reader has to know
HERE = Path(__file__).resolve().parent
VERIFY, README = HERE / "verify.py", HERE / "readme.txt"

# Opens a transaction of the ORM's connection that sees what `reader` sees.
Seen = Callable[[], AbstractContextManager[None]]


@dataclass
class Copy:
    """A copy being written: of which site, for whom, and what was found not to be as the database has it."""

    bundle: Bundle
    reader: BaseDatabaseWrapper
    seen: Seen
    stamp: Stamp
    site: Site
    by: Actor
    report: Report
    doubts: list[Text] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def facts(self) -> dict[str, Any]:
        """What the manifest and the pages say of the copy."""
        as_of = self.stamp.data_as_of
        return {
            "kind": "certified copy of a site",
            "format": FORMAT,
            "study": STUDY_ID,
            "fictitious": self.stamp.fictitious,
            "site": {"code": self.site.code, "name_en": self.site.name_en, "name_zh": self.site.name_zh},
            "copy": self.stamp.export,
            "requested_at": self.stamp.requested_at.astimezone(UTC).isoformat(timespec="seconds"),
            "data_as_of": as_of.astimezone(UTC).isoformat(timespec="microseconds"),
            "taken_by": {
                "account": self.by.author.pk,
                "name": self.by.author.full_name,
                "role": self.by.role,
            },
            "software": software(),
            "doubts": [{"zh": doubt.zh, "en": doubt.en} for doubt in self.doubts],
        }

    def page_facts(self) -> dict[str, Any]:
        role: Phrase = in_both(lambda: Role(self.by.role).label)
        return {**self.facts(), "moment": moment(self.stamp.data_as_of, seconds=True), "role": role}


def write_copy(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    seen: Seen,
    stamp: Stamp,
    site: Site,
    by: Actor,
    casebooks: bool,
    report: Report,
) -> tuple[int, str]:
    """Write the copy to `target`; gives the rows in it and the SHA-256 of its manifest.

    `reader` is inside a snapshot, which `seen` opens for the ORM; `casebooks`: each participant's as PDF too. Same
    data, files and stamp give the same bytes. Memory does not grow with the rows, but for one participant's.
    """
    as_of = stamp.data_as_of.astimezone(UTC)
    times = (as_of.year, as_of.month, as_of.day, as_of.hour, as_of.minute, as_of.second)
    with Bundle(target, times) as bundle:
        copy = Copy(bundle, reader, seen, stamp, site, by, report)
        scope = Scope(site.pk)
        with reader.cursor() as cursor:
            people = people_of(cursor, scope, entries_of(scope, site.pk, []))
            tidy = [
                *tables_of_export(historical=True),
                *people_tables(site.pk, people),
                *trail_tables(entries_of(scope, site.pk, people)),
            ]
            stored = stored_tables(scope, people)
            copy.total = sum(
                _count(cursor, table, [site.pk]) for table in [*tidy, *(table for _model, table in stored)]
            )
        for table in tidy:
            _write_table(copy, f"data/{table.file}", table)
        for _model, table in stored:
            _write_table(copy, f"tables/{table.file}", table)
        _write_words(copy, tidy, stored)
        _write_schedules(copy)
        uploads = _write_uploads(copy)
        lines = _write_participants(copy, casebooks=casebooks)
        bundle.text("README.txt", README.read_text(encoding="utf-8"))
        bundle.binary("verify.py", VERIFY.read_bytes())
        bundle.text("style.css", pages.STYLE.read_text(encoding="utf-8"))
        bundle.text(
            "index.html",
            pages.index_page(
                copy.page_facts(),
                lines=lines,
                tables=tidy,
                stored=[table for _model, table in stored],
                uploads=uploads,
                files=bundle.files,
            ),
        )
        bundle.files.sort(key=lambda facts: facts.name)
        rows = sum(facts.rows or 0 for facts in bundle.files)
        return rows, bundle.seal({**copy.facts(), "rows": rows})


def _count(cursor: Any, table: Table, site_ids: list[int]) -> int:
    cursor.execute(table.count(site_ids))
    return int(cursor.fetchone()[0])


def _write_table(copy: Copy, name: str, table: Table) -> None:
    def told(rows: int) -> None:
        copy.report(table.name[:40], copy.done + rows, copy.total)

    told(0)
    with copy.bundle.table(name, told) as file, copy.reader.cursor() as cursor:
        file.header(table.header)
        query = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv)").format(table.selection([copy.site.pk]))
        cursor.copy_expert(query.as_string(cursor.connection), file)
    copy.done += copy.bundle.files[-1].rows or 0


def _write_words(copy: Copy, tidy: list[Table], stored: list[Any]) -> None:
    """The dictionary: every column, every code, and every setting with its default."""
    code_lists = CodeLists()
    with copy.bundle.table("codebook.csv") as file:
        file.header(CODEBOOK_HEADER)
        for cells in codebook_rows(tidy, code_lists):
            file.row(cells)
    with copy.bundle.table("codes.csv") as file:
        file.header(CODES_HEADER)
        for row in code_lists.rows():
            file.row(row)
    with copy.bundle.table("tables/_columns.csv") as file:
        file.header(HEADER)
        for cells in described(stored):
            file.row(cells)
    with copy.bundle.table("settings_and_defaults.csv") as file:
        file.header(("KEY", "LABEL_EN", "LABEL_ZH", "DEFAULT", "SOURCE_EN", "SOURCE_ZH"))
        for setting in SETTINGS.values():
            default = json.dumps(setting.stored(setting.default), ensure_ascii=False)
            label, source = setting.label, setting.source
            file.row((setting.key, label.en, label.zh, default, source.en, source.zh))


def _write_schedules(copy: Copy) -> None:
    with copy.reader.cursor() as cursor:
        cursor.execute("SELECT number, source FROM participants_scheduleversion ORDER BY number")
        for number, source in cursor.fetchall():
            copy.bundle.text(f"schedules/v{number}.toml", source)


def _write_uploads(copy: Copy) -> list[FileFacts]:
    """The files added to forms, as they stand on the disk; one that is gone or changed is named as a doubt."""
    with copy.reader.cursor() as cursor:
        cursor.execute(
            "SELECT f.key, f.sha256 FROM participants_storedfile f "
            "JOIN participants_participant p ON p.id = f.participant_id WHERE p.site_id = %s ORDER BY f.key",
            [copy.site.pk],
        )
        stored = cursor.fetchall()
    written = []
    for key, sha256 in stored:
        copy.report("files", copy.done, copy.total)
        try:
            raw = path_of(key).read_bytes()
        except FileNotFoundError:
            copy.doubts.append(FILE_GONE.format(key=key))
            continue
        if hashlib.sha256(raw).hexdigest() != sha256:
            copy.doubts.append(FILE_CHANGED.format(key=key))
        copy.bundle.binary(f"files/{key}", raw)
        written.append(copy.bundle.files[-1])
    return written


FILE_GONE = Text("The file {key} is not in its folder on the server.", "文件{key}已不在服务器文件夹中。")
FILE_CHANGED = Text(
    "The file {key} on the server is not the one that was added.", "服务器上的文件{key}与添加时不同。"
)
NO_PDF = Text("The casebook of {number} could not be set as PDF.", "受试者{number}的病例报告表未能生成PDF。")


def _write_participants(copy: Copy, *, casebooks: bool) -> list[pages.Line]:
    """A page for each participant, and the casebook as PDF."""
    with copy.seen():
        participants = list(
            Participant.objects.filter(site=copy.site).select_related("site").order_by("number")
        )
    lines = []
    for place, participant in enumerate(participants, start=1):
        copy.report(f"{participant.number} ({place}/{len(participants)})", copy.done, copy.total)
        with copy.seen():
            content = filled_casebook(participant)
        pdf = _write_casebook(copy, participant, content) if casebooks else ""
        page = f"participants/{participant.number}.html"
        copy.bundle.text(page, pages.participant_page(content, copy.page_facts(), pdf))
        lines.append(
            pages.Line(
                participant.number,
                phrase(participant.status_words),
                phrase(participant.arm_words),
                content["records"],
                content["drafts"],
                len(content.get("signatures", ())),
                page,
                pdf,
            )
        )
    return lines


def _write_casebook(copy: Copy, participant: Participant, content: dict[str, Any]) -> str:
    printed = {**content, "with_trail": False, "trail": []}
    reference = f"{copy.site.code}-{copy.stamp.export:06d}"
    try:
        raw = typeset("filled", printed, by=copy.by, now=copy.stamp.data_as_of, reference=reference)
    except (NotTypeset, subprocess.TimeoutExpired):
        copy.doubts.append(NO_PDF.format(number=participant.number))
        return ""
    name = f"casebooks/{participant.number}.pdf"
    copy.bundle.binary(name, raw)
    return name

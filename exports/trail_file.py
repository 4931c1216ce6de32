"""The audit trail as a CSV file one can sort and search: one row per changed column, with person and reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from audit import words
from audit.filters import TrailFilter
from audit.kinds import KIND_WORDS
from audit.selectors import Names, Scope, entries_for
from exports.bundle import Bundle
from exports.stamp import Report, Stamp
from records.study import STUDY_ID
from records.text import Text
from records.zone import TRIAL_ZONE

FORMAT = 1
ROWS_AT_ONCE = 2000

# Each column with what it holds; the same whichever rows are in the file.
COLUMNS: dict[str, Text] = {
    "STUDYID": Text("Trial", "研究编号"),
    "ENTRY": Text("Number of the entry; its rows are the columns it changed", "轨迹条目编号（每个变更字段一行）"),
    "AT_UTC": Text("When, UTC", "时间（UTC）"),
    "AT_SHANGHAI": Text("When, Asia/Shanghai (UTC+8)", "时间（Asia/Shanghai，UTC+8）"),
    "TRANSACTION": Text("Transaction of the database", "数据库事务号"),
    "KIND": Text("Kind", "类别代码"),
    "KIND_EN": Text("Kind, in English", "类别（英文）"),
    "KIND_ZH": Text("Kind, in Chinese", "类别（中文）"),
    "TABLE": Text("Table", "数据表"),
    "FORM": Text("Form", "表单代码"),
    "TITLE_EN": Text("What it is, in English", "记录名称（英文）"),
    "TITLE_ZH": Text("What it is, in Chinese", "记录名称（中文）"),
    "RECORD": Text("Key of the record in its table", "记录键"),
    "OPERATION": Text("INSERT, UPDATE or DELETE", "操作（INSERT、UPDATE或DELETE）"),
    "SITE": Text("Site of the participant", "受试者所属研究中心"),
    "SUBJID": Text("Participant number", "受试者编号"),
    "FIELD": Text("Column; behind missing. or confirmed. the item it belongs to", "字段（missing.或confirmed.后为所属项目）"),
    "LABEL_EN": Text("Field, in English", "字段名称（英文）"),
    "LABEL_ZH": Text("Field, in Chinese", "字段名称（中文）"),
    "OLD": Text("Old value as stored", "原值"),
    "OLD_EN": Text("Old value in words, in English, where it is a code", "原值含义（英文）"),
    "OLD_ZH": Text("Old value in words, in Chinese, where it is a code", "原值含义（中文）"),
    "NEW": Text("New value as stored", "新值"),
    "NEW_EN": Text("New value in words, in English, where it is a code", "新值含义（英文）"),
    "NEW_ZH": Text("New value in words, in Chinese, where it is a code", "新值含义（中文）"),
    "REASON": Text("Reason", "修改原因"),
    "PERSON": Text("Key of the account; empty for the system and for unattributed changes", "账户键（系统操作或无归属者为空）"),
    "USERNAME": Text("User name", "用户名"),
    "NAME": Text("Name of the person", "姓名"),
    "ROLE": Text("Role; empty for unattributed changes", "角色（无归属者为空）"),
    "ROLE_EN": Text("Role, in English", "角色（英文）"),
    "ROLE_ZH": Text("Role, in Chinese", "角色（中文）"),
    "ACTED_AT_SITE": Text("Site the person acted at", "操作所在研究中心"),
    "REQUEST": Text("Page request", "页面请求编号"),
    "DATABASE_USER": Text("Login of the database", "数据库登录名"),
}  # fmt: skip
READ = (
    "id", "at", "transaction", "relation", "record_id", "operation", "changes", "participant_id", "person_id",
    "role", "site_id", "reason", "request", "database_user",
)  # fmt: skip


def write_trail(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    stamp: Stamp,
    scope: Scope,
    asked: TrailFilter,
    report: Report,
) -> int:
    """Write the ZIP: trail.csv, what its columns mean, and a manifest with filters and hashes; gives the rows.

    `reader` should be inside `exports.writing.snapshot`. Memory does not grow with the rows.
    """
    with Bundle(target) as bundle:
        rows, total = add_trail(
            bundle, reader=reader, scope=scope, asked=asked, report=report, about="columns.csv"
        )
        bundle.seal(
            {
                "study": STUDY_ID,
                "format": FORMAT,
                "content": "audit trail",
                "export": stamp.export,
                "requested_at": stamp.requested_at.astimezone(UTC).isoformat(timespec="seconds"),
                "requested_by": {"user_id": stamp.requested_by, "role": stamp.requested_as},
                "data_as_of": stamp.data_as_of.astimezone(UTC).isoformat(timespec="microseconds"),
                "scope": {"all_sites": stamp.sites is None, "sites": stamp.sites and list(stamp.sites)},
                "filters": asdict(asked),
                "content_sha256": bundle.digest(),
                "entries": total,
                "rows": rows,
            }
        )
    return rows


def add_trail(
    bundle: Bundle,
    *,
    reader: BaseDatabaseWrapper,
    scope: Scope,
    asked: TrailFilter,
    report: Report,
    about: str,
) -> tuple[int, int]:
    """Add trail.csv, and `about` with what its columns mean; gives the rows and the entries of the trail."""
    found = entries_for(scope, asked)
    statement, given = found.order_by("id").values_list(*READ).query.sql_with_params()
    names = Names.all()
    with bundle.table("trail.csv") as file:
        file.header(tuple(COLUMNS))
        with reader.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({statement}) counted", given)  # noqa: S608 – our own statement
            total = cursor.fetchone()[0]
        with reader.chunked_cursor() as cursor:
            cursor.cursor.itersize = ROWS_AT_ONCE
            cursor.execute(statement, given)
            for done, row in enumerate(cursor):
                for cells in rows_of(dict(zip(READ, row, strict=True)), names):
                    file.row(cells)
                report("trail", done, total)
    rows = bundle.files[-1].rows or 0
    with bundle.table(about) as columns:
        columns.header(("COLUMN", "LABEL_EN", "LABEL_ZH"))
        for name, label in COLUMNS.items():
            columns.row((name, label.en, label.zh))
    return rows, total


def rows_of(entry: dict[str, Any], names: Names) -> Iterator[list[Any]]:
    """The rows of one entry, one for each column it changed."""
    at: datetime = entry["at"]
    changes = entry["changes"]
    title, kind = words.title(entry["relation"]), words.kind(entry["relation"])
    kind_words = KIND_WORDS[kind] if kind else words.NOTHING
    number, home = names.participants.get(entry["participant_id"] or 0, ("", None))
    person, role = names.people.get(entry["person_id"] or 0), words.role_words(entry["role"])
    first = [
        STUDY_ID,
        entry["id"],
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        at.astimezone(TRIAL_ZONE).isoformat(timespec="microseconds"),
        entry["transaction"],
        kind or "",
        *(kind_words.en, kind_words.zh),
        entry["relation"],
        words.form(entry["relation"]),
        *(title.en, title.zh),
        entry["record_id"],
        entry["operation"],
        _site(names, home),
        number,
    ]
    last = [
        entry["reason"],
        entry["person_id"],
        *((person.username, person.full_name) if person else ("", "")),
        *(entry["role"], role.en, role.zh),
        _site(names, entry["site_id"]),
        entry["request"],
        entry["database_user"],
    ]
    for line in words.lines(entry["relation"], json.loads(changes) if isinstance(changes, str) else changes):
        yield [
            *first,
            *(line.column, line.label.en, line.label.zh),
            *(line.old.raw, line.old.words.en, line.old.words.zh),
            *(line.new.raw, line.new.words.en, line.new.words.zh),
            *last,
        ]


def _site(names: Names, key: int | None) -> str:
    site = names.sites.get(key or 0)
    return site.code if site else ""

"""The entries of the audit trail about one site: of its participants, of its other rows, of the trial, of its people."""

from __future__ import annotations

from psycopg2 import sql

from exports.certified.people import person_columns, roles
from exports.certified.scope import OF_THE_TRIAL, Belonging, Scope, key_of
from exports.tables import Column, Table, column
from records.codelists import CodeList
from records.install import is_audited
from records.text import Text

OPERATION = CodeList(
    "OPERATION", ("INSERT", "Added", "新增"), ("UPDATE", "Changed", "修改"), ("DELETE", "Removed", "删除")
)


def entries_of(scope: Scope, site_id: int, people: list[int]) -> sql.Composable:
    """Select the entries of a site; `people`: the accounts whose own changes are read too."""
    conditions = [
        sql.SQL("r.participant_id IN (SELECT id FROM participants_participant WHERE site_id = {})").format(
            sql.Literal(site_id)
        ),
        sql.SQL("r.relation = ANY({}::text[])").format(sql.Literal(sorted(OF_THE_TRIAL))),
        sql.SQL("(r.relation = 'accounts_user' AND r.record_id = ANY({}::text[]))").format(
            sql.Literal([str(person) for person in people])
        ),
    ]
    for model, belonging in scope.tables:
        table = model._meta.db_table
        if is_audited(model) and table not in OF_THE_TRIAL and not belonging.by_participant:
            rows = sql.SQL("SELECT r.{}::text FROM {} r WHERE {}").format(
                sql.Identifier(key_of(model)), sql.Identifier(table), belonging.condition
            )
            conditions.append(
                sql.SQL("(r.relation = {} AND (r.record_id IN ({}){}))").format(
                    sql.Literal(table), rows, _once(belonging)
                )
            )
    return sql.SQL("SELECT * FROM records_trailentry r WHERE {}").format(sql.SQL(" OR ").join(conditions))


def _once(belonging: Belonging) -> sql.Composable:
    """Rows that belonged to the site and were removed are known by what the entry says they were."""
    if belonging.by is None:
        return sql.SQL("")
    name, values = belonging.by
    return sql.SQL(" OR (r.operation = 'DELETE' AND (r.changes -> {} ->> 0)::bigint IN ({}))").format(
        sql.Literal(name), values
    )


def _entry(name: str) -> sql.Composable:
    return sql.Identifier("r", name)


WHEN = column(
    "AT",
    sql.SQL("to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"),
    "When, by the database's clock",
    "时间（数据库时钟）",
    "datetime",
)
NUMBER = column("ID", _entry("id"), "Number of the entry", "记录编号", "integer")


def _about() -> tuple[Column, ...]:
    return (
        column("RELATION", _entry("relation"), "Table", "数据表"),
        column("RECORD_ID", _entry("record_id"), "Key of the row in it", "数据行主键"),
        column("OPERATION", _entry("operation"), "What was done", "操作", "code", codes=OPERATION),
        column("SUBJID", sql.Identifier("p", "number"), "Participant number", "受试者编号"),
    )


def _by() -> tuple[Column, ...]:
    return (
        *person_columns(_entry("person_id")),
        column(
            "ROLE",
            _entry("role"),
            "Role; empty: nobody was named",
            "角色；空表示未指明",
            "code",
            codes=roles(),
        ),
    )


REASON = column("REASON", _entry("reason"), "Reason", "原因")


def trail_tables(entries: sql.Composable) -> list[Table]:
    """The trail twice: as it is kept, and one row for each field that changed, to sort and search."""
    source = sql.SQL(
        "({}) r LEFT JOIN accounts_user u ON u.id = r.person_id "
        "LEFT JOIN participants_participant p ON p.id = r.participant_id "
        "LEFT JOIN accounts_site s ON s.id = r.site_id"
    ).format(entries)
    return [
        Table(
            "trail",
            Text("Audit trail, every entry as it is kept", "稽查轨迹（原始记录）"),
            (
                NUMBER,
                WHEN,
                column("TRANSACTION", _entry("transaction"), "Database transaction", "数据库事务", "integer"),
                *_about(),
                column(
                    "PARTICIPANT_ID",
                    _entry("participant_id"),
                    "Key of the participant",
                    "受试者主键",
                    "integer",
                ),
                *_by(),
                column(
                    "SITE_ID", _entry("site_id"), "Key of the site acted at", "操作所在中心主键", "integer"
                ),
                column("SITE", sql.Identifier("s", "code"), "Site acted at", "操作所在中心"),
                REASON,
                column("REQUEST", _entry("request"), "Page request", "页面请求标识"),
                column("DATABASE_USER", _entry("database_user"), "Database login", "数据库登录名"),
                column(
                    "CHANGES",
                    _entry("changes"),
                    "Each changed column with its old and its new value (JSON)",
                    "各变更列的旧值与新值（JSON）",
                ),
            ),
            source,
            sql.SQL("r.id"),
            site=None,
        ),
        Table(
            "trail_fields",
            Text("Audit trail, one row for each changed field", "稽查轨迹（每个变更字段一行）"),
            (
                NUMBER,
                WHEN,
                *_about(),
                column("FIELD", sql.SQL("c.key"), "Field", "字段"),
                column("OLD", sql.SQL("c.value ->> 0"), "Old value; empty: none", "旧值；空表示无"),
                column("NEW", sql.SQL("c.value ->> 1"), "New value; empty: none", "新值；空表示无"),
                *_by(),
                REASON,
            ),
            source + sql.SQL(" CROSS JOIN LATERAL jsonb_each(r.changes) c"),
            sql.SQL('r.id, c.key COLLATE "C"'),
            site=None,
        ),
    ]

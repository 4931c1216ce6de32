"""Whose names stand in a copy: everybody who did something to a row of the site, and who holds or held a role there."""

from __future__ import annotations

from functools import partial
from typing import Any

from psycopg2 import sql

from accounts.access import PARTICIPANT
from accounts.models import Role, User
from casebook.printing.words import in_both
from exports.certified.scope import Scope
from exports.tables import Column, Table, column, day
from records.codelists import CodeList
from records.text import Text

PERSON = sql.SQL("accounts_user")


def people_of(cursor: Any, scope: Scope, trail: sql.Composable) -> list[int]:
    """The accounts that the site's rows name, and those that its entries of the trail name; `trail` is their SQL."""
    parts = [
        sql.SQL("SELECT r.{} FROM {} r WHERE {}").format(
            sql.Identifier(str(field.column)), sql.Identifier(model._meta.db_table), belonging.condition
        )
        for model, belonging in scope.tables
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is User
    ]
    parts.append(sql.SQL("SELECT r.person_id FROM ({}) r").format(trail))
    query = sql.SQL("SELECT DISTINCT person FROM ({}) of_site(person) WHERE person IS NOT NULL ORDER BY 1")
    cursor.execute(query.format(sql.SQL(" UNION ALL ").join(parts)))
    return [person for (person,) in cursor.fetchall()]


def roles() -> CodeList:
    """The roles with their words, the worker's and the participant's."""
    words = [(str(role), in_both(partial(_label, role))) for role in Role]
    return CodeList(
        "ROLE",
        *((role, said["en"], said["zh"]) for role, said in words),
        ("SYSTEM", "The worker", "后台进程"),
        (PARTICIPANT, "The participant", "受试者"),
    )


def _label(role: Role) -> str:
    return str(role.label)


def person_columns(number: sql.Composable) -> tuple[Column, Column]:
    return (
        column("PERSON_ID", number, "Account number of the person", "账号编号", "integer"),
        column("PERSON", sql.Identifier("u", "full_name"), "Name", "姓名"),
    )


def people_tables(site_id: int, people: list[int]) -> list[Table]:
    """Who stands behind the account numbers, and the register of roles that reach the site."""
    held = sql.SQL("(SELECT * FROM accounts_roleheld WHERE site_id = {} OR site_id IS NULL)").format(
        sql.Literal(site_id)
    )
    return [
        Table(
            "persons",
            Text("Persons, by account number", "人员（按账号编号）"),
            (
                *person_columns(sql.Identifier("u", "id")),
                column("USERNAME", sql.Identifier("u", "username"), "User name", "用户名"),
                column(
                    "ACTIVE", sql.Identifier("u", "is_active"), "Account in use (t or f)", "账号在用（t/f）"
                ),
            ),
            sql.SQL("(SELECT * FROM {} WHERE id = ANY({}::bigint[])) u").format(PERSON, sql.Literal(people)),
            sql.SQL("u.id"),
            site=None,
        ),
        Table(
            "roles",
            Text("Register of roles at the site", "本中心角色登记表"),
            (
                *person_columns(sql.Identifier("r", "user_id")),
                column("ROLE", sql.Identifier("r", "role"), "Role", "角色", "code", codes=roles()),
                column(
                    "SITE", sql.Identifier("s", "code"), "Site; empty: every one", "研究中心；空表示所有中心"
                ),
                column("FROM", day(sql.Identifier("r", "starts_on")), "From", "开始日期", "date"),
                column(
                    "TO", day(sql.Identifier("r", "ends_on")), "To, included", "结束日期（含当日）", "date"
                ),
            ),
            held
            + sql.SQL(
                " r JOIN accounts_user u ON u.id = r.user_id LEFT JOIN accounts_site s ON s.id = r.site_id"
            ),
            sql.SQL("r.user_id, r.starts_on, r.id"),
            site=None,
        ),
    ]

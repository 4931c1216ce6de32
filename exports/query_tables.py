"""Queries and checks that fired, as files of an export: what was asked, every step, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from psycopg2 import sql

from exports.tables import (
    BY_SUBJECT,
    BY_VISIT,
    SUBJECT_KEY,
    VISIT_KEY,
    Column,
    Table,
    by_subject,
    by_visit,
    column,
    moment,
    row,
)
from monitoring.workflow import FIRING_WORDS, QUERY_WORDS, STEP_WORDS, StepKind
from participants.workflow import DISCREPANCY_WORDS
from records.codelists import CodeList
from records.findings import Level
from records.text import Text


def _codes(name: str, words: Mapping[StrEnum, Text]) -> CodeList:
    return CodeList(name, *((str(code), text.en, text.zh) for code, text in words.items()))


QUERY_STATE = _codes("QUERYSTATE", QUERY_WORDS)  # type: ignore[arg-type]
QUERY_STEP = _codes("QUERYSTEP", STEP_WORDS)  # type: ignore[arg-type]
FIRING_STATE = _codes("FIRINGSTATE", FIRING_WORDS)  # type: ignore[arg-type]
DISCREPANCY_STATUS = _codes("DISCREPANCYSTATUS", DISCREPANCY_WORDS)  # type: ignore[arg-type]
LEVEL = CodeList(
    "CHECKLEVEL",
    (str(Level.HARD), "Refused the form", "拒绝保存"),
    (str(Level.SOFT), "Asked to correct or confirm", "要求更正或说明"),
)
NUMBER = column("QUERY", row("id"), "Number of the query", "质疑编号", "integer")
PLACE = (
    column("FORM", row("form"), "Form; empty: the visit or participant", "表单；空表示访视或受试者"),
    column("REPEAT", sql.SQL("nullif(r.repeat, 0)"), "Row of a repeating form", "重复记录序号", "integer"),
    column("ITEM", sql.SQL("upper(r.item)"), "Item; empty: the form as a whole", "项目；空表示整张表单"),
)
# A query about a participant as a whole has no visit.
PERHAPS_AT_A_VISIT = "{} LEFT JOIN participants_visit v ON v.id = r.visit_id"


def _step(kind: StepKind, name: str, *, first: bool = False) -> sql.Composable:
    """A column of the first or last step of a kind."""
    return sql.SQL(
        "(SELECT step.{} FROM monitoring_querystep step WHERE step.query_id = r.id AND step.kind = {} "
        "ORDER BY step.id {} LIMIT 1)"
    ).format(sql.Identifier(name), sql.Literal(str(kind)), sql.SQL("ASC" if first else "DESC"))


def _account(name: str, source: sql.Composable, en: str, zh: str) -> Column:
    return column(name, source, f"{en} (account number)", f"{zh}（账号编号）", "integer")


def query_tables() -> list[Table]:
    """Queries by people with their steps, and checks on one form that fired."""
    return [
        Table(
            "queries",
            Text("Queries", "质疑"),
            (
                *VISIT_KEY,
                NUMBER,
                *PLACE,
                column("STATE", row("state"), "State today", "当前状态", "code", codes=QUERY_STATE),
                column("QUESTION", _step(StepKind.RAISED, "words", first=True), "What was asked", "质疑内容"),
                column("RAISED_AT", moment(row("raised_at")), "Asked", "提出时间", "datetime"),
                _account("RAISED_BY", row("raised_by_id"), "Asked by", "提出人"),
                _account("ASSIGNED_TO", row("assigned_to_id"), "Assigned to", "分派给"),
                column("ANSWER", _step(StepKind.ANSWERED, "words"), "The last answer", "最近一次答复"),
                column(
                    "ANSWERED_AT",
                    moment(_step(StepKind.ANSWERED, "at")),
                    "Last answered",
                    "最近答复时间",
                    "datetime",
                ),
                column(
                    "CHANGED",
                    sql.SQL(
                        "CASE WHEN EXISTS (SELECT FROM monitoring_querystep step WHERE step.query_id = r.id "
                        "AND step.change IS NOT NULL) THEN 't' ELSE 'f' END"
                    ),
                    "The answer asked about was changed after it was asked (t or f)",
                    "提出后数据是否已更正（t/f）",
                ),
            ),
            sql.SQL(PERHAPS_AT_A_VISIT).format(by_subject("monitoring_query")),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "query_steps",
            Text("Each step of a query", "质疑的每一步"),
            (
                *SUBJECT_KEY,
                column("QUERY", row("query_id"), "Number of the query", "质疑编号", "integer"),
                column("STEP", row("kind"), "Step", "步骤", "code", codes=QUERY_STEP),
                column("AT", moment(row("at")), "When", "时间", "datetime"),
                _account("BY", row("by_id"), "By", "操作人"),
                column("ROLE", row("role"), "In which role", "角色"),
                column("WORDS", row("words"), "What was written", "内容"),
                _account("ASSIGNED_TO", row("assigned_to_id"), "Assigned to", "分派给"),
                column(
                    "CHANGE",
                    row("change"),
                    "Number in the audit trail of the last change of the answer asked about",
                    "所质疑数据最近一次修改在稽查轨迹中的编号",
                    "integer",
                ),
            ),
            by_subject("monitoring_querystep"),
            BY_SUBJECT + sql.SQL(", r.query_id, r.id"),
        ),
        Table(
            "discrepancy_steps",
            Text("Each step of what checks across forms found", "跨表核查结果的每一步"),
            (
                *SUBJECT_KEY,
                column("CHECK", sql.Identifier("d", "check_id"), "Check", "核查编号"),
                column("FORM", sql.Identifier("d", "form"), "Form", "表单"),
                column(
                    "REPEAT",
                    sql.Identifier("d", "repeat"),
                    "Row of a repeating form",
                    "重复记录序号",
                    "integer",
                ),
                column("ITEM", sql.SQL("upper(d.item)"), "Item", "项目"),
                column(
                    "STATUS", row("status"), "Status from then on", "状态", "code", codes=DISCREPANCY_STATUS
                ),
                column("AT", moment(row("at")), "When", "时间", "datetime"),
                _account("BY", row("by_id"), "By", "操作人"),
                column("COMMENT", row("comment"), "What was written", "内容"),
            ),
            sql.SQL("{} JOIN participants_discrepancy d ON d.id = r.discrepancy_id").format(
                by_subject("participants_discrepancystep")
            ),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "checks_fired",
            Text("Checks on one form that fired, and what became of it", "单表核查的触发及结果"),
            (
                *VISIT_KEY,
                *PLACE,
                column("CHECK", row("check_id"), "Check", "核查编号"),
                column("LEVEL", row("level"), "What it does", "作用", "code", codes=LEVEL),
                column("VALUE", row("value"), "The answer it fired at", "触发核查的数据"),
                column("MESSAGE_EN", row("message_en"), "What it said, in English", "核查内容（英文）"),
                column("MESSAGE_ZH", row("message_zh"), "What it said, in Chinese", "核查内容（中文）"),
                column("STATE", row("state"), "What became of it", "结果", "code", codes=FIRING_STATE),
                column("FIRED_AT", moment(row("fired_at")), "When", "时间", "datetime"),
                _account("FIRED_BY", row("fired_by_id"), "Entered by", "录入人"),
            ),
            by_visit("monitoring_checkfiring"),
            BY_VISIT + sql.SQL(", r.id"),
        ),
    ]

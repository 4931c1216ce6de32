"""The patients of historical screening logs as a file of an export: only where it is asked for, and never as subjects."""

from __future__ import annotations

from psycopg2 import sql

from eligibility import codelists
from eligibility.criteria_wording import WORDING
from eligibility.facts import Outcome
from eligibility.history.columns import COLUMNS
from eligibility.history.values import item_of
from eligibility.models.history import POINTS
from exports.tables import SITE, Column, Table, column, moment, row
from records.codelists import CodeList
from records.text import Text

OUTCOME = CodeList(
    "CRITERIONOUTCOME",
    (Outcome.PASS, "Fulfilled, or not excluded", "符合（排除标准为未触犯）"),
    (Outcome.FAIL, "Not fulfilled, or excluded", "不符合（排除标准为触犯）"),
    (Outcome.UNKNOWN, "Unknown", "未知"),
    (Outcome.RULING, "Needs a sponsor ruling", "待申办者裁定"),
)
CONCLUSION = CodeList(
    "LOGCONCLUSION",
    ("INELIGIBLE", "At least one criterion failed", "至少一条标准不符合"),
    ("PENDING", "None failed, not all known", "无不符合，但未全部判定"),
)
POINT_WORDS = (
    Text("bilirubin", "总胆红素"),
    Text("albumin", "白蛋白"),
    Text("INR", "INR"),
    Text("ascites", "腹水"),
    Text("encephalopathy", "肝性脑病"),
)


def historical_table() -> Table:
    """One row a patient of a log: origin, values as read, stage, scores, criteria, and everything as given."""
    points = [
        Column(
            f"CP_{name.upper()}",
            sql.SQL("r.child_pugh_points ->> {}").format(sql.Literal(name)),
            Text("Child-Pugh points: {words}", "Child-Pugh得分：{words}").format(words=words),
            "integer",
        )
        for name, words in zip(POINTS, POINT_WORDS, strict=True)
    ]
    return Table(
        "historical_screening",
        Text("Historical screening logs (no participants)", "历史筛选日志（非受试者）"),
        (
            SITE,
            column("ORIGIN_NAME", row("origin_name"), "File the log came in", "来源文件名"),
            column("ORIGIN_SHA256", row("origin_sha256"), "SHA-256 of the file", "来源文件SHA-256"),
            column("SOURCE_ROW", row("source_row"), "Line of the file", "文件行号", "integer"),
            column("SOURCE_PATIENT", row("source_patient"), "Patient number in the file", "文件中的患者编号"),
            *_values_as_read(),
            *points,
            column("CPTOT", row("child_pugh_score"), "Child-Pugh score", "Child-Pugh总分", "integer"),
            column(
                "CPCLS",
                sql.SQL("nullif(r.child_pugh_class, '')"),
                "Child-Pugh class",
                "Child-Pugh分级",
                "code",
                codes=codelists.CHILD_CLASS,
            ),
            column("ALBI", row("albi"), "ALBI score", "ALBI评分", "decimal"),
            column(
                "ALBIGR",
                sql.SQL("nullif(r.albi_grade, '')"),
                "ALBI grade (mALBI)",
                "ALBI分级（mALBI）",
                "code",
                codes=codelists.ALBI_GRADE,
            ),
            column("CNLC", row("cnlc"), "CNLC stage", "CNLC分期", "code", codes=codelists.CNLC),
            column(
                "CNLCED",
                row("cnlc_edition"),
                "CNLC edition",
                "CNLC版本",
                "code",
                codes=codelists.CNLC_EDITION,
            ),
            *_criteria(),
            column("CONCLUSION", row("conclusion"), "Conclusion", "结论", "code", codes=CONCLUSION),
            column(
                "DOUBTFUL", row("doubtful"), "Refused and implausible values (JSON)", "拒用及可疑数值（JSON）"
            ),
            column("GIVEN", row("given"), "Every cell as given (JSON)", "原始单元格内容（JSON）"),
            column("RULES", row("rules"), "Versions of the rules (JSON)", "规则版本（JSON）"),
            column("IMPORTED_AT", moment(row("imported_at")), "Imported", "导入时间", "datetime"),
        ),
        sql.SQL("eligibility_historicalentry r JOIN accounts_site s ON s.id = r.site_id"),
        sql.SQL('s.code COLLATE "C", r.origin_name COLLATE "C", r.source_row, r.id'),
        site=sql.SQL("r.site_id"),
    )


def _values_as_read() -> list[Column]:
    columns = []
    for one in COLUMNS:
        if one.item:
            item = item_of(one.item)
            unit = f", {item.unit}" if item.unit else ""
            columns.append(
                Column(
                    one.item.partition(".")[2].upper(),
                    sql.SQL("r.read -> {} ->> 'value'").format(sql.Literal(one.item)),
                    item.label + Text(unit, unit),
                    "code" if item.codes else "decimal",
                    item.codes,
                )
            )
    return columns


def _criteria() -> list[Column]:
    outcome = sql.SQL(
        "(SELECT result ->> 'outcome' FROM jsonb_array_elements(r.criteria) result WHERE result ->> 'id' = {})"
    )
    return [
        Column(name, outcome.format(sql.Literal(name)), words, "code", OUTCOME)
        for name, words in WORDING.items()
    ]

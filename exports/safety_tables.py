"""The tables of safety that are no forms: reports and receipts, clocks, drafts of deviations, judgements, codes."""

from __future__ import annotations

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
from records.text import Text
from safety import codelists

EVENT = column(
    "AENUM", row("number"), "Number of the adverse event (AE.REPEAT)", "不良事件序号（AE.REPEAT）", "integer"
)
OF_EVENT = sql.SQL("{} JOIN eligibility_adverseevent ae ON ae.id = {}")


def _account(name: str, en: str, zh: str) -> Column:
    return column(name.upper(), row(f"{name}_id"), f"{en} (account number)", f"{zh}（账号编号）", "integer")


def _report_tables() -> list[Table]:
    number = sql.Identifier("ae", "repeat")
    event = column(
        "AENUM", number, "Number of the adverse event (AE.REPEAT)", "不良事件序号（AE.REPEAT）", "integer"
    )
    version = sql.Identifier("version", "number")
    return [
        Table(
            "sae_reports",
            Text("Versions of the reports of serious adverse events", "严重不良事件报告各版本"),
            (
                *SUBJECT_KEY,
                event,
                column("VERSION", row("number"), "Version", "版本", "integer"),
                column("KIND", row("kind"), "Which report", "报告类型", "code", codes=codelists.REPORT),
                column("SENT", moment(row("sent")), "Sent to the sponsor", "报告申办者时间", "datetime"),
                column("REPORTER", row("reporter"), "Reported by", "报告人"),
                column("INFORMATION", row("information"), "What was new", "新信息"),
                column("AE_REVISION", row("revision"), "Revision of the form kept", "表单版本", "integer"),
                column("SNAPSHOT", row("snapshot"), "All that was known (JSON)", "当时全部内容（JSON）"),
                column("FILED_AT", moment(row("filed_at")), "Filed", "归档时间", "datetime"),
                _account("filed_by", "Filed by", "归档人"),
            ),
            OF_EVENT.format(by_subject("safety_saereport"), row("event_id")),
            BY_SUBJECT + sql.SQL(", ae.repeat, r.number"),
        ),
        Table(
            "sae_receipts",
            Text("Whom each version went to, and receipts", "报告对象及接收确认"),
            (
                *SUBJECT_KEY,
                event,
                column("VERSION", version, "Version", "版本", "integer"),
                column(
                    "RECIPIENT_KIND",
                    sql.Identifier("whom", "kind"),
                    "Kind",
                    "类别",
                    "code",
                    codes=codelists.RECIPIENT,
                ),
                column(
                    "RECIPIENT_EN",
                    sql.Identifier("whom", "name_en"),
                    "Recipient, in English",
                    "报告对象（英文）",
                ),
                column(
                    "RECIPIENT_ZH",
                    sql.Identifier("whom", "name_zh"),
                    "Recipient, in Chinese",
                    "报告对象（中文）",
                ),
                column(
                    "ACKNOWLEDGED_AT",
                    moment(row("acknowledged_at")),
                    "Receipt noted",
                    "接收确认时间",
                    "datetime",
                ),
                _account("acknowledged_by", "Noted by", "确认人"),
                column("NOTE", row("note"), "Number or name of the receipt", "回执编号或姓名"),
            ),
            sql.SQL(
                "{} JOIN safety_saereport version ON version.id = r.report_id "
                "JOIN safety_reportrecipient whom ON whom.id = r.recipient_id "
                "JOIN eligibility_adverseevent ae ON ae.id = version.event_id"
            ).format(by_subject("safety_saedelivery")),
            BY_SUBJECT + sql.SQL(", ae.repeat, version.number, r.id"),
        ),
    ]


def safety_tables() -> list[Table]:
    """Everything the room of safety keeps beside its forms, in the order of the ZIP."""
    return [
        *_report_tables(),
        Table(
            "sae_clocks",
            Text(
                "Clocks that passed 18 or 24 hours before the initial report",
                "首次报告前超过18或24小时的时钟",
            ),
            (
                *SUBJECT_KEY,
                EVENT,
                column("AWARE", moment(row("aware")), "Awareness it ran from", "获知时间", "datetime"),
                column("LIGHT", row("light"), "What passed", "状态", "code", codes=codelists.LIGHT),
                column("CROSSED", moment(row("crossed")), "When it passed", "超过时间", "datetime"),
                column("NOTICED", moment(row("noticed")), "When it was noticed", "系统记录时间", "datetime"),
            ),
            by_subject("safety_clockmark"),
            BY_SUBJECT + sql.SQL(", r.number, r.id"),
        ),
        Table(
            "deviation_drafts",
            Text("What rules found broken, and the deviation drafted for it", "规则发现的偏离及其草稿"),
            (
                *VISIT_KEY,
                column("FORM", row("form_code"), "Form it rests on", "来源表单"),
                column("REPEAT", row("repeat"), "Row of a repeating form", "重复记录序号", "integer"),
                column("PART", row("part"), "What of the form", "表单中的部分"),
                column("RULE", row("rule"), "Rule", "规则", "code", codes=codelists.RULE),
                column("STANDS", row("stands"), "It still holds (t or f)", "是否仍成立（t/f）"),
                column(
                    "DVNUM",
                    sql.Identifier("dv", "repeat"),
                    "Number of the deviation (DV.REPEAT); empty: removed",
                    "方案偏离序号（DV.REPEAT）；空表示已删除",
                    "integer",
                ),
                column(
                    "WORDS_EN", sql.SQL("r.suggested ->> 'en'"), "What was found, in English", "内容（英文）"
                ),
                column(
                    "WORDS_ZH", sql.SQL("r.suggested ->> 'zh'"), "What was found, in Chinese", "内容（中文）"
                ),
                column("DRAFTED_AT", moment(row("drafted_at")), "Drafted", "起草时间", "datetime"),
                column("CHANGED_AT", moment(row("changed_at")), "Last changed", "最近变更时间", "datetime"),
            ),
            sql.SQL("{} LEFT JOIN safety_protocoldeviation dv ON dv.id = r.deviation_id").format(
                by_visit("safety_deviationdraft")
            ),
            BY_VISIT + sql.SQL(", r.id"),
        ),
        Table(
            "laboratory_dismissals",
            Text("Graded results judged to be no adverse event", "判定非不良事件的分级检验结果"),
            (
                *VISIT_KEY,
                column("REPEAT", row("repeat"), "Number of the laboratory form", "实验室表单序号", "integer"),
                column("TEST", sql.SQL("upper({})").format(row("test")), "Test", "检查项目"),
                column("GRADE", row("grade"), "CTCAE grade", "CTCAE分级", "integer"),
                column("REASON", row("reason"), "Reason", "原因"),
                column("DISMISSED_AT", moment(row("dismissed_at")), "When", "时间", "datetime"),
                _account("dismissed_by", "By", "操作人"),
            ),
            by_visit("safety_laboratorydismissal"),
            BY_VISIT + sql.SQL(", r.id"),
        ),
        Table(
            "event_codes",
            Text("Codes of the licensed dictionary given to adverse events", "不良事件编码（MedDRA）"),
            (
                *SUBJECT_KEY,
                EVENT,
                column(
                    "VERSION",
                    row("version"),
                    "Version; the last one is in force",
                    "版本（以最后一版为准）",
                    "integer",
                ),
                column("VERBATIM", row("verbatim"), "Words that were coded", "编码时的原文"),
                column("MEDDRA", sql.Identifier("release", "version"), "Release of MedDRA", "MedDRA版本"),
                column("LLT_CODE", row("llt_code"), "Lowest level term, code", "低位语编码", "integer"),
                column("LLT", row("llt_name"), "Lowest level term", "低位语"),
                column("PT_CODE", row("pt_code"), "Preferred term, code", "首选语编码", "integer"),
                column("PT", row("pt_name"), "Preferred term", "首选语"),
                column(
                    "SOC_CODE", row("soc_code"), "System organ class, code", "系统器官分类编码", "integer"
                ),
                column("SOC", row("soc_name"), "System organ class", "系统器官分类"),
                column("REASON", row("reason"), "Why the code changed", "编码变更原因"),
                column("CODED_AT", moment(row("coded_at")), "Coded", "编码时间", "datetime"),
                _account("coded_by", "Coded by", "编码人"),
            ),
            sql.SQL("{} JOIN safety_meddrarelease release ON release.id = r.release_id").format(
                by_subject("safety_eventcoding")
            ),
            BY_SUBJECT + sql.SQL(", r.number, r.version"),
        ),
    ]

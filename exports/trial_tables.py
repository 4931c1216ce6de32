"""The tables of an export that are no forms: sites, participants and their path, visits, study settings."""

from __future__ import annotations

from psycopg2 import sql

from eligibility.codelists import CRITERIA
from eligibility.models.decision import DECISIONS
from exports.diary_tables import diary_tables
from exports.historical_table import historical_table
from exports.query_tables import DISCREPANCY_STATUS, query_tables
from exports.range_tables import range_tables
from exports.safety_tables import safety_tables
from exports.tables import (
    BY_SUBJECT,
    BY_VISIT,
    OF_PARTICIPANTS,
    SITE,
    STUDY,
    SUBJECT_KEY,
    VISIT_KEY,
    Column,
    Table,
    by_subject,
    by_visit,
    column,
    confirmations_table,
    day,
    form_tables,
    moment,
    participant,
    row,
    site,
    unique_headings,
    visit,
)
from exports.trust_tables import trust_tables
from participants.models import ARMS
from participants.workflow import PARTICIPANT_WORDS, VISIT_WORDS
from records.codelists import CodeList
from records.text import Text

ARM = CodeList("ARM", *((code, words.en, words.zh) for code, words in ARMS.items()))
PARTICIPANT_STATUS = CodeList(
    "PARTICIPANTSTATUS", *((str(state), words.en, words.zh) for state, words in PARTICIPANT_WORDS.items())
)
VISIT_STATUS = CodeList(
    "VISITSTATUS", *((str(state), words.en, words.zh) for state, words in VISIT_WORDS.items())
)

COMMENT_OF_DISCREPANCY = sql.SQL(
    "(SELECT step.comment FROM participants_discrepancystep step WHERE step.discrepancy_id = r.id "
    "AND r.status = 'CONFIRMED' ORDER BY step.id DESC LIMIT 1)"
)
DECISION = CodeList("DECISION", *((code, words.en, words.zh) for code, words in DECISIONS.items()))

# Tables with a participant that are not exported, and why.
NOT_EXPORTED: dict[str, str] = {
    "casebook_casebookprinting": "Who printed the casebook, and when; the list stands on the participant's page.",
    "followup_reminder": "What the site's staff was reminded of; they stand on the participant's page.",
    "diary_contactconsent": "Whether contact details may be kept; nothing of the trial. The certified copy has it.",
    "diary_contactdetails": "Contact details leave the site's page in no way.",
    "imports_importrow": "What the dry runs of imports found; what was stored of them stands in the forms.",
    "monitoring_visitwork": "What is still to be done at visits, counted anew from the forms.",
    "safety_ruletojudge": "Which rules the worker still judges; what they found stands in the drafts.",
}


def oversight_tables() -> list[Table]:
    """Who wrote and who checked each revision of a Y-90 plan, and which blocks two people set aside."""
    return [
        _of_a_plan(
            "plan_authors",
            "arms_planauthor",
            Text("Who entered each revision of a Y-90 plan", "钇-90计划各版本录入人"),
        ),
        _of_a_plan(
            "plan_checks", "arms_plancheck", Text("Second checks of Y-90 plans", "钇-90计划的第二人核对")
        ),
        _of_a_plan(
            "overrides",
            "arms_safetyoverride",
            Text(
                "Requests to set a block of an infusion aside, and who confirmed them",
                "解除输注限制的申请及确认人",
            ),
            column("CODE", row("code"), "Block", "限制代码"),
            column("BLOCK_EN", row("block_en"), "What is to be set aside, in English", "限制内容（英文）"),
            column("BLOCK_ZH", row("block_zh"), "What is to be set aside, in Chinese", "限制内容（中文）"),
            column("REASON", row("reason"), "Reason", "原因"),
            column(
                "CONFBY",
                sql.SQL("confirmed.by_id"),
                "Account number of the second person; empty while not confirmed",
                "第二人账号编号；未确认时为空",
                "integer",
            ),
            column(
                "CONFAT", moment(sql.SQL("confirmed.at")), "When it was confirmed", "确认时间", "datetime"
            ),
            joined="LEFT JOIN arms_overrideconfirmation confirmed ON confirmed.override_id = r.id",
        ),
    ]


def _of_a_plan(name: str, table: str, title: Text, *more: Column, joined: str = "") -> Table:
    """What people did about a plan stays when the plan is removed; its visit is then empty."""
    return Table(
        name,
        title,
        (
            *VISIT_KEY,
            column("REVISION", row("revision"), "Revision of the plan", "计划版本", "integer"),
            *more,
            column("BY", row("by_id"), "Account number of the person", "操作人账号编号", "integer"),
            column("AT", moment(row("at")), "When", "时间", "datetime"),
        ),
        sql.SQL(
            "{} LEFT JOIN arms_activityplan plan ON plan.id = r.plan_id "
            "LEFT JOIN participants_visit v ON v.id = plan.visit_id {}"
        ).format(by_subject(table), sql.SQL(joined)),
        BY_VISIT + sql.SQL(", r.id"),
    )


def trial_tables() -> list[Table]:
    """The files beside the forms, in the order of the ZIP."""
    return [
        Table(
            "sites",
            Text("Sites", "研究中心"),
            (
                STUDY,
                SITE,
                column("NAME_EN", site("name_en"), "Name in English", "英文名称"),
                column("NAME_ZH", site("name_zh"), "Name in Chinese", "中文名称"),
                column("ACTIVATED_ON", day(site("activated_on")), "Activated on", "启动日期", "date"),
            ),
            sql.SQL("accounts_site s"),
            sql.SQL('s.code COLLATE "C"'),
            site=sql.SQL("s.id"),
        ),
        Table(
            "participants",
            Text("Participants", "受试者"),
            (
                *SUBJECT_KEY,
                column("INITIALS", participant("initials"), "Initials", "姓名缩写"),
                column(
                    "STATUS",
                    participant("status"),
                    "Status today",
                    "当前状态",
                    "code",
                    codes=PARTICIPANT_STATUS,
                ),
                column("ARM", participant("arm"), "Arm", "组别", "code", codes=ARM),
                column(
                    "REGISTERED_AT",
                    moment(participant("registered_at")),
                    "Registered",
                    "登记时间",
                    "datetime",
                ),
            ),
            OF_PARTICIPANTS,
            BY_SUBJECT,
        ),
        Table(
            "statuses",
            Text("Each participant's path", "受试者状态历程"),
            (
                *SUBJECT_KEY,
                column(
                    "STATUS", row("status"), "Status from then on", "状态", "code", codes=PARTICIPANT_STATUS
                ),
                column("AT", moment(row("at")), "Since", "起始时间", "datetime"),
                column("REASON", row("reason"), "Reason", "原因"),
            ),
            by_subject("participants_participantstatus"),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "anchors",
            Text("Dates visits are counted from", "访视锚定日期"),
            (
                *SUBJECT_KEY,
                column("ANCHOR", row("name"), "Anchor", "锚定事件"),
                column("DATE", day(row("date")), "Date", "日期", "date"),
            ),
            by_subject("participants_anchordate"),
            BY_SUBJECT + sql.SQL(', r.name COLLATE "C"'),
        ),
        Table(
            "visits",
            Text("Visits, planned and done", "访视（计划与完成情况）"),
            (
                *VISIT_KEY,
                column("LABEL_EN", visit("label_en"), "Name in English", "英文名称"),
                column("LABEL_ZH", visit("label_zh"), "Name in Chinese", "中文名称"),
                column("SERIES", visit("series"), "Series of visits", "访视系列"),
                column("STATUS", visit("status"), "Status", "状态", "code", codes=VISIT_STATUS),
                column("ANCHOR", visit("anchor"), "Counted from", "锚定事件"),
                column("ANCHOR_DATE", day(visit("anchor_date")), "Date counted from", "锚定日期", "date"),
                column(
                    "TARGET_FROM", day(visit("target_from")), "Target, first day", "目标日期（起）", "date"
                ),
                column("TARGET_TO", day(visit("target_to")), "Target, last day", "目标日期（止）", "date"),
                column("WINDOW_OPEN", day(visit("window_open")), "Window opens", "时间窗开始", "date"),
                column("WINDOW_CLOSE", day(visit("window_close")), "Window closes", "时间窗结束", "date"),
                column(
                    "FORMS",
                    sql.SQL("array_to_string(v.forms, ' ')"),
                    "Forms due, separated by spaces",
                    "应填表单（空格分隔）",
                ),
                column("SCHEDULE", sql.SQL("c.number"), "Version of the schedule", "访视计划版本", "integer"),
            ),
            sql.SQL(
                "participants_visit v JOIN ({}) ON p.id = v.participant_id "
                "JOIN participants_scheduleversion c ON c.id = v.schedule_id"
            ).format(OF_PARTICIPANTS),
            BY_VISIT + sql.SQL(", v.id"),
        ),
        Table(
            "visit_statuses",
            Text("Each visit's path", "访视状态历程"),
            (
                *VISIT_KEY,
                column("STATUS", row("status"), "Status from then on", "状态", "code", codes=VISIT_STATUS),
                column("AT", moment(row("at")), "Since", "起始时间", "datetime"),
                column("REASON", row("reason"), "Reason", "原因"),
            ),
            by_visit("participants_visitstatus"),
            BY_VISIT + sql.SQL(", r.id"),
        ),
        Table(
            "decisions",
            Text("Decisions on eligibility", "入选判定"),
            (
                *SUBJECT_KEY,
                column("OUTCOME", row("outcome"), "Decision", "判定结果", "code", codes=DECISION),
                column(
                    "FAILING",
                    sql.SQL("array_to_string(r.failing, ' ')"),
                    "Criteria that failed",
                    "不符合的标准",
                    "multicode",
                    codes=CRITERIA,
                ),
                column(
                    "STRICTER",
                    sql.SQL("array_to_string(r.stricter, ' ')"),
                    "Criteria the investigator judged more strictly",
                    "研究者从严判定的标准",
                    "multicode",
                    codes=CRITERIA,
                ),
                column("REASON", row("reason"), "Reason", "原因"),
                column("DECIDED_AT", moment(row("decided_at")), "Decided", "判定时间", "datetime"),
                column(
                    "SNAPSHOT",
                    row("snapshot"),
                    "All that was on the table: results, values, versions of rules (JSON)",
                    "判定时的全部依据：结果、数值、规则版本（JSON）",
                ),
            ),
            by_subject("eligibility_eligibilitydecision"),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        *oversight_tables(),
        Table(
            "discrepancies",
            Text("What checks across forms found", "跨表核查结果"),
            (
                *VISIT_KEY,
                column("CHECK", row("check_id"), "Check", "核查编号"),
                column("FORM", row("form"), "Form", "表单"),
                column("REPEAT", row("repeat"), "Row of a repeating form", "重复记录序号", "integer"),
                column("ITEM", sql.SQL("upper({})").format(row("item")), "Item", "项目"),
                column("MESSAGE_EN", row("message_en"), "What was found, in English", "核查内容（英文）"),
                column("MESSAGE_ZH", row("message_zh"), "What was found, in Chinese", "核查内容（中文）"),
                column("STATUS", row("status"), "Status today", "当前状态", "code", codes=DISCREPANCY_STATUS),
                column("COMMENT", COMMENT_OF_DISCREPANCY, "The comment that confirmed it", "确认说明"),
            ),
            by_visit("participants_discrepancy"),
            BY_VISIT + sql.SQL(", r.id"),
        ),
        *query_tables(),
        *diary_tables(),
        *safety_tables(),
        *trust_tables(),
        Table(
            "files",
            Text(
                "Files added to forms; the files themselves are kept on the server",
                "表单附件（文件本身保存于服务器）",
            ),
            (
                *SUBJECT_KEY,
                column("KEY", row("key"), "Key of the file, as the form names it", "文件标识（与表单一致）"),
                column("SIZE", row("size"), "Size in bytes", "文件大小（字节）", "integer"),
                column("SHA256", row("sha256"), "SHA-256 of its content", "内容SHA-256"),
                column("STORED_AT", moment(row("stored_at")), "Added", "添加时间", "datetime"),
            ),
            by_subject("participants_storedfile"),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "rulings",
            Text("The sponsor's rulings on criteria", "申办方对标准的解释"),
            (
                STUDY,
                column("REFERENCE", row("reference"), "Reference", "文号"),
                column("CRITERION", row("criterion"), "Criterion", "标准", "code", codes=CRITERIA),
                column("ACCEPTS", row("accepts"), "The case is accepted (t or f)", "是否接受（t/f）"),
                column("EFFECTIVE_FROM", day(row("effective_from")), "In force from", "生效日期", "date"),
                column("TEXT", row("text"), "Ruling", "解释内容"),
                column("RECORDED_AT", moment(row("recorded_at")), "Recorded", "记录时间", "datetime"),
            ),
            sql.SQL("eligibility_sponsorruling r"),
            sql.SQL('r.reference COLLATE "C"'),
            site=None,
        ),
        *range_tables(),
        Table(
            "study_settings",
            Text("Study settings other than their defaults", "已修改的研究参数"),
            (
                STUDY,
                column("KEY", row("key"), "Setting", "参数"),
                column("VERSION", row("version"), "Version", "版本", "integer"),
                column("VALUE", row("value"), "Value (JSON)", "取值（JSON）"),
                column("EFFECTIVE_FROM", day(row("effective_from")), "In force from", "生效日期", "date"),
                column("SET_AT", moment(row("set_at")), "Set", "设定时间", "datetime"),
                column("REASON", row("reason"), "Reason", "原因"),
            ),
            sql.SQL("records_studysetting r"),
            sql.SQL('r.key COLLATE "C", r.version'),
            site=None,
        ),
        confirmations_table(),
    ]


def tables_of_export(*, historical: bool) -> list[Table]:
    """Every table of an export in the order of the ZIP; historical screening entries only when asked for."""
    log = [historical_table()] if historical else []
    return [*(unique_headings(table) for table in (*trial_tables(), *log)), *form_tables()]

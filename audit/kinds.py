"""What an entry of the trail is about: each table's kind and title, in one table.

Forms and the rows of their tables are data and carry their titles themselves. Any other audited model stands in
TABLES, or a test fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.apps import apps
from django.db import models

from records.definition import FormFacts, RowFacts
from records.text import Text


class Kind(StrEnum):
    DATA = "data"
    QUERIES = "queries"
    VERIFICATION = "verification"
    HOLDS = "holds"
    SIGNATURES = "signatures"
    REMINDERS = "reminders"
    EXPORTS = "exports"
    SIGN_IN = "sign-in"
    ACCOUNTS = "accounts"
    SETTINGS = "settings"
    TRAIL = "trail"


KIND_WORDS: dict[Kind, Text] = {
    Kind.DATA: Text("Data", "数据"),
    Kind.QUERIES: Text("Queries", "质疑"),
    Kind.VERIFICATION: Text("Verification and review", "核查与审核"),
    Kind.HOLDS: Text("Freeze and lock", "冻结与锁定"),
    Kind.SIGNATURES: Text("Signatures", "签名"),
    Kind.REMINDERS: Text("Reminders", "提醒"),
    Kind.EXPORTS: Text("Exports and printing", "导出与打印"),
    Kind.SIGN_IN: Text("Sign-in", "登录"),
    Kind.ACCOUNTS: Text("Accounts, roles and sites", "账户、角色与研究中心"),
    Kind.SETTINGS: Text("Settings and reference data", "参数与参考数据"),
    Kind.TRAIL: Text("Checks and reviews of the trail", "稽查轨迹的核验与审阅"),
}

# What concerns people's access and nothing of the trial: all that a system administrator sees.
OF_ACCESS = (Kind.SIGN_IN, Kind.ACCOUNTS)

_K = Kind
TABLES: dict[str, tuple[Kind, Text]] = {
    "accounts.User": (_K.ACCOUNTS, Text("Account", "账户")),
    "accounts.Site": (_K.ACCOUNTS, Text("Site", "研究中心")),
    "accounts.RoleHeld": (_K.ACCOUNTS, Text("Role", "角色")),
    "accounts.AccessReview": (_K.ACCOUNTS, Text("Review of access", "访问权限审阅")),
    "accounts.AccessReviewLine": (_K.ACCOUNTS, Text("Review of access, one role", "访问权限审阅条目")),
    "accounts.SecondFactor": (_K.ACCOUNTS, Text("Second factor", "第二验证因素")),
    "accounts.RecoveryCode": (_K.ACCOUNTS, Text("Recovery code", "恢复代码")),
    "accounts.PasswordUsed": (_K.ACCOUNTS, Text("Password used before", "历史密码")),
    "accounts.SignInEvent": (_K.SIGN_IN, Text("Sign-in", "登录事件")),
    "records.TrialClock": (_K.SETTINGS, Text("The trial's clock", "系统时钟")),
    "records.StudySetting": (_K.SETTINGS, Text("Study setting", "研究参数")),
    "records.TrailCheck": (_K.TRAIL, Text("Check of the trail", "稽查轨迹核验")),
    "participants.ConsentVersion": (_K.SETTINGS, Text("Approved consent form", "获批知情同意书版本")),
    "participants.Participant": (_K.DATA, Text("Participant", "受试者")),
    "participants.ParticipantStatus": (_K.DATA, Text("Status of the participant", "受试者状态")),
    "participants.AnchorDate": (_K.DATA, Text("Anchor date", "基准日期")),
    "participants.ScheduleVersion": (_K.SETTINGS, Text("Version of the visit schedule", "访视计划版本")),
    "participants.Visit": (_K.DATA, Text("Visit", "访视")),
    "participants.VisitStatus": (_K.DATA, Text("Status of the visit", "访视状态")),
    "participants.Discrepancy": (_K.QUERIES, Text("Discrepancy between forms", "表单间不一致")),
    "participants.DiscrepancyStep": (_K.QUERIES, Text("Step of a discrepancy", "不一致处理记录")),
    "participants.StoredFile": (_K.DATA, Text("File", "文件")),
    "eligibility.EligibilityDecision": (_K.DATA, Text("Eligibility decision", "入选判定")),
    "eligibility.SponsorRuling": (_K.SETTINGS, Text("Ruling of the sponsor", "申办方裁定")),
    "eligibility.HistoricalEntry": (_K.DATA, Text("Historical screening entry", "历史筛选记录")),
    "eligibility.SiteLaboratory": (_K.SETTINGS, Text("Laboratory", "实验室")),
    "eligibility.ReferenceRange": (_K.SETTINGS, Text("Reference range", "参考范围")),
    "eligibility.Judgement": (_K.DATA, Text("Judgement of a criterion", "标准判定")),
    "arms.ArmAssignment": (_K.DATA, Text("Arm assignment", "治疗分组")),
    "arms.PlanAuthor": (_K.DATA, Text("Author of a plan", "计划制定者")),
    "arms.PlanCheck": (_K.DATA, Text("Check of a plan by a second person", "计划复核")),
    "arms.SafetyOverride": (_K.DATA, Text("Safety block set aside", "安全限制解除")),
    "arms.OverrideConfirmation": (_K.DATA, Text("Second confirmation", "第二人确认")),
    "arms.NoticeRead": (_K.DATA, Text("Notice read", "提示已阅")),
    "followup.CalendarBasis": (_K.DATA, Text("Basis of the calendar", "随访日历依据")),
    "followup.Reminder": (_K.REMINDERS, Text("Reminder", "提醒")),
    "followup.ReminderAttempt": (_K.REMINDERS, Text("Sending of a reminder", "提醒发送")),
    "safety.DeviationDraft": (_K.DATA, Text("Draft of a deviation", "方案偏离草稿")),
    "safety.MeddraRelease": (_K.SETTINGS, Text("Release of MedDRA", "MedDRA版本")),
    "safety.EventCoding": (_K.DATA, Text("Coding of an event", "事件编码")),
    "safety.LaboratoryDismissal": (_K.DATA, Text("Laboratory result without an event", "未构成事件的检验结果")),
    "safety.ReportRecipient": (_K.SETTINGS, Text("Recipient of safety reports", "安全性报告接收方")),
    "safety.SaeReport": (_K.DATA, Text("Report of a serious adverse event", "SAE报告")),
    "safety.SaeDelivery": (_K.DATA, Text("Delivery of a report", "SAE报告送达")),
    "safety.ClockMark": (_K.DATA, Text("Clock of a serious adverse event", "SAE时钟")),
    "monitoring.Query": (_K.QUERIES, Text("Query", "质疑")),
    "monitoring.QueryStep": (_K.QUERIES, Text("Step of a query", "质疑处理记录")),
    "monitoring.CheckFiring": (_K.QUERIES, Text("Check that fired", "触发的核查")),
    "monitoring.Verification": (_K.VERIFICATION, Text("Verification", "核查")),
    "monitoring.VerificationStep": (_K.VERIFICATION, Text("Step of a verification", "核查记录")),
    "monitoring.VerificationPlan": (_K.VERIFICATION, Text("Plan of verification", "核查计划")),
    "monitoring.Hold": (_K.HOLDS, Text("Freeze or lock", "冻结或锁定")),
    "monitoring.HoldStep": (_K.HOLDS, Text("Step of a freeze or lock", "冻结或锁定记录")),
    "monitoring.Signature": (_K.SIGNATURES, Text("Signature", "签名")),
    "monitoring.SignatureVoid": (_K.SIGNATURES, Text("Signature voided", "签名失效")),
    "casebook.CasebookPrinting": (_K.EXPORTS, Text("Printing of a casebook", "病例报告表打印")),
    "audit.TrailReview": (_K.TRAIL, Text("Review of the trail", "稽查轨迹审阅")),
    "exports.ExportDefinition": (_K.EXPORTS, Text("Saved export", "已保存的导出")),
    "exports.ExportJob": (_K.EXPORTS, Text("Export", "导出")),
    "exports.SiteCopy": (_K.EXPORTS, Text("Certified copy of a site", "中心核证副本")),
    "exports.ExportDownload": (_K.EXPORTS, Text("Download of an export", "导出下载")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of one table of the database: its kind, its title, and the form it belongs to ("" for none)."""

    model: type[models.Model]
    kind: Kind
    title: Text
    form: str = ""


def _tables() -> Iterator[Table]:
    for model in apps.get_models(include_auto_created=True):
        facts, rows = getattr(model, "form", None), getattr(model, "rows", None)
        if isinstance(facts, FormFacts):
            yield Table(model, Kind.DATA, facts.title, facts.code)
        elif isinstance(rows, RowFacts):
            form = model._meta.get_field("record").related_model.form  # type: ignore[union-attr]
            yield Table(model, Kind.DATA, Text.join([form.title, rows.one], ": ", "："), form.code)
        elif (declared := TABLES.get(f"{model._meta.app_label}.{model._meta.object_name}")) is not None:
            yield Table(model, *declared)


@cache
def tables() -> dict[str, Table]:
    """Every audited table by its name in the database."""
    return {table.model._meta.db_table: table for table in _tables()}


def tables_of(*kinds: Kind) -> list[str]:
    """The names of the tables of some kinds."""
    return [name for name, table in tables().items() if table.kind in kinds]


def tables_of_form(code: str) -> list[str]:
    """The table of a form and those of its rows; empty for a form that does not exist."""
    return [name for name, table in tables().items() if code and table.form == code]

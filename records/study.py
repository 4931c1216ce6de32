"""The study settings: limits and choices the protocol leaves to the sponsor, typed, versioned, with a source.

A setting's value on a day is that of its newest version whose day has come, or the default written here.
Which settings exist is code; their versions are rows of StudySetting, appended by a data manager with a
reason. Rules read them through `in_force`, once for a page or an action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from records import clock
from records.codelists import CodeList
from records.findings import Refused
from records.models import StudySetting
from records.setting_kinds import Choice, Choices, NotAValue, Number, Setting
from records.text import Text
from records.treatment_settings import BSA_FORMULA, ORDERED, REGISTRY, TREATMENT, section

# The trial's number in the registry; on every export and every printed page.
STUDY_ID = "NCT07070076"

__all__ = ["BSA_FORMULA", "STUDY_ID", "Choice", "Choices", "NotAValue", "Number", "Setting"]

GROUPS = {
    "HAIC": Text("HAIC", "HAIC"),
    "GATE": Text("Limits before a HAIC cycle", "HAIC疗前核查界值"),
    "Y90": Text("Yttrium-90", "钇-90"),
    "SURGERY": Text("MDT, review, hepatectomy and pathology", "MDT、再评估、肝切除与病理"),
    "RESPONSE": Text("Imaging and response", "影像与疗效"),
    "FOLLOWUP": Text("Follow-up and reminders", "随访与提醒"),
    "DIARY": Text("The participant's record", "受试者日记"),
    "SAFETY": Text("Safety", "安全性"),
    "TRIAL": Text("Trial", "研究"),
    "TRAIL": Text("Review of the audit trail", "稽查轨迹审阅"),
}

DIARY = Text("Data management; the participant's own record", "数据管理；受试者日记")
REVIEW = Text("Data management; planned review of the trail", "数据管理；稽查轨迹计划审阅")

SERIES = CodeList(
    "SERIES",
    ("Y", "After Y-90 infusion", "钇-90输注后随访"),
    ("NR", "After the index procedure, not resected", "介入术后随访（未切除）"),
    ("PH", "After hepatectomy", "肝切除术后随访"),
    ("CAL", "Common calendar from arm assignment", "自分组起的统一影像随访"),
    ("LT", "Long-term follow-up", "长期随访"),
)
CRITERIA = CodeList("CRITERIA", ("RECIST11", "RECIST 1.1", "RECIST 1.1"), ("MRECIST", "mRECIST", "mRECIST"))
UNCERTAIN = CodeList(
    "UNCERTAIN",
    ("HOLD", "Hold for a person to settle", "暂停，由人工处理"),
    ("RESEND", "Send again under the same Message-ID", "以相同Message-ID重新发送"),
)
EFFICACY = CodeList(
    "EFFICACY",
    ("CLOSED", "Shown to nobody", "不显示"),
    ("OPEN", "Shown to roles that may see it, each look recorded", "对有权限的角色显示，每次查看均留痕"),
)

SETTINGS: dict[str, Setting] = {
    setting.key: setting
    for setting in (
        *TREATMENT,
        Number("imaging_before_treatment", "RESPONSE",
               Text("Baseline imaging before treatment, at most", "基线影像距治疗的最长间隔"),
               28, section("3"), "1", "90", Text("days", "天")),
        Choice("response_criteria", "RESPONSE", Text("Criteria of the objective response rate", "客观缓解率评价标准"),
               "MRECIST", section("6.1"), CRITERIA),
        Choice("pfs_criteria", "RESPONSE", Text("Criteria of progression-free survival", "无进展生存期评价标准"),
               "RECIST11", section("6.1"), CRITERIA),
        Number("response_confirmed_after", "RESPONSE",
               Text("A response is confirmed after; 0: not asked for", "缓解确认间隔（0：不要求确认）"),
               0, section("6.3"), "0", "180", Text("days", "天")),
        Number("stable_disease_from", "RESPONSE",
               Text("Stable disease counts from assignment on after", "SD自分组起的最短天数"),
               42, section("6.3"), "0", "180", Text("days", "天")),
        Choices("followup_series", "FOLLOWUP", Text("Follow-up series in use", "启用的随访系列"),
                ("Y", "NR", "PH", "LT"), section("7.1"), SERIES),
        Number("reminder_closing_days", "FOLLOWUP", Text("A window counts as closing before its end", "窗口期即将结束的提前天数"),
               3, section("7.2"), "0", "30", Text("days", "天")),
        Choice("uncertain_reminders", "FOLLOWUP",
               Text("A reminder that may or may not have been delivered", "投递结果不确定的提醒"),
               "HOLD", Text("Data management", "数据管理"), UNCERTAIN),
        Number("diary_link_days", "DIARY", Text("A link to the participant's record holds for", "受试者日记链接有效期"),
               180, DIARY, "1", "730", Text("days", "天")),
        Number("diary_severe_from", "DIARY", Text("A symptom is severe from (0–10)", "症状判为严重的分值（0–10分）"),
               7, section("8.22"), "1", "10"),
        Number("diary_temperature_from", "DIARY", Text("The temperature is severe from", "体温判为严重的界值"),
               Decimal("38.5"), DIARY, "37.5", "42.0", "°C", 1),
        Number("sae_report_hours", "SAFETY", Text("Initial report of an SAE, after awareness within", "SAE首次报告时限（自获知起）"),
               24, section("9"), "1", "72", Text("hours", "小时")),
        Number("sae_amber_hours", "SAFETY", Text("The clock of an SAE turns amber after", "SAE时钟变为黄色"),
               18, section("9"), "1", "72", Text("hours", "小时")),
        Number("susar_fatal_days", "SAFETY",
               Text("SUSAR, fatal or life-threatening: report within", "致死或危及生命的SUSAR报告时限"),
               7, section("9"), "1", "30", Text("days", "天")),
        Number("susar_other_days", "SAFETY", Text("SUSAR, other: report within", "其他SUSAR报告时限"),
               15, section("9"), "1", "60", Text("days", "天")),
        Number("ae_days_after_haic", "SAFETY",
               Text("Adverse events are collected after the last HAIC cycle for", "末次HAIC后不良事件收集期"),
               30, section("9"), "0", "365", Text("days", "天")),
        Number("ae_days_after_y90", "SAFETY",
               Text("Adverse events are collected after the Y-90 infusion for", "钇-90输注后不良事件收集期"),
               90, section("9"), "0", "365", Text("days", "天")),
        Number("ae_days_after_surgery", "SAFETY",
               Text("Adverse events are collected after hepatectomy for", "肝切除术后不良事件收集期"),
               90, section("9"), "0", "365", Text("days", "天")),
        Number("target_enrolment", "TRIAL", Text("Target enrolment", "计划入组例数"), 286, REGISTRY, "1", "5000"),
        Number("enrolment_months", "TRIAL", Text("Planned duration of enrolment", "计划入组期"), 36,
               Text("Data management; the registry record names no end", "数据管理；注册信息未注明截止时间"),
               "1", "120", Text("months", "个月")),
        Choice("efficacy_shown", "TRIAL", Text("Efficacy on the dashboard", "看板疗效图表"), "CLOSED",
               Text("Data management; closed while participants are enrolled", "数据管理；入组期间关闭"), EFFICACY),
        Number("trail_day_from", "TRAIL", Text("The working day begins, full hour", "工作时间开始（整点）"),
               7, REVIEW, "0", "23"),
        Number("trail_day_to", "TRAIL", Text("The working day ends, full hour", "工作时间结束（整点）"),
               21, REVIEW, "1", "24"),
        Number("trail_bulk_changes", "TRAIL",
               Text("Bulk edit: changes by one person, from", "批量修改：同一人修改次数达到"),
               50, REVIEW, "2", "5000"),
        Number("trail_bulk_minutes", "TRAIL", Text("Bulk edit: within", "批量修改：时间范围"),
               10, REVIEW, "1", "240", Text("minutes", "分钟")),
        Number("trail_late_hours", "TRAIL",
               Text("Late mass changes: before an export within", "导出前集中修改：导出前"),
               48, REVIEW, "1", "720", Text("hours", "小时")),
    )
}  # fmt: skip


class InForce(dict[str, Any]):
    """The value of every setting by key.

    `version` counts the versions in force: 0 where all are defaults. Versions are only added, and each comes into
    force once, so the number names one state of all settings.
    """

    version: int = 0


# Every version of every setting, as the page request being answered has read them; None outside of one.
_read: ContextVar[dict[str, list[StudySetting]] | None] = ContextVar("settings_read", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Ask the database for the settings once in this block, however often and for whichever days they are read."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def _versions(on: date) -> list[StudySetting]:
    """Every version in force on a day or before, the newest of each setting last."""
    kept = _read.get()
    rows = kept.get("all") if kept is not None else None
    if rows is None:
        rows = list(StudySetting.objects.order_by("key", "version"))
        if kept is not None:
            kept["all"] = rows
    return [row for row in rows if row.effective_from <= on]


def in_force(on: date) -> InForce:
    """Give the value of every setting on a day; one query, and one only for all that a page reads."""
    values = InForce({key: setting.default for key, setting in SETTINGS.items()})
    for row in _versions(on):
        values.version += 1
        if row.key in SETTINGS:
            values[row.key] = SETTINGS[row.key].parse(row.value)
    return values


def made_under(rules_version: str, settings: Mapping[str, Any] | None) -> str:
    """Name what a stored result was made under: the version of its rules and, where it read them, of the settings.

    "1", or "1 s4" for the settings as they stood with four versions in force.
    """
    version = getattr(settings, "version", None)
    return rules_version if version is None else f"{rules_version} s{version}"


def value(key: str, on: date) -> Any:
    """Give one setting's value on a day; one query. KeyError for a setting that does not exist."""
    return in_force(on)[key]


def versions(on: date) -> Mapping[str, int]:
    """Give the version in force on a day by key; 0 is the default."""
    return {**dict.fromkeys(SETTINGS, 0), **{row.key: row.version for row in _versions(on)}}


@action
def set_value(
    *, key: str, value: Any, effective_from: date, reason: str, by: Actor, now: datetime
) -> StudySetting:
    """Add a version of a setting, from today or a later day on.

    Raises Refused for a role that does not change settings at all sites, a value the setting cannot have, a day that is
    past, a missing reason, a limit that would stand on the wrong side of another, and where the newest version
    says the same from the same day or earlier.
    """
    setting = SETTINGS[key]
    if not by.may(Permission.CHANGE_STUDY_SETTINGS, None, clock.day(now)):
        raise Refused(_("Only data managers of all sites change study settings."))
    try:
        meant = setting.parse(value)
    except NotAValue as refused:
        raise Refused(refused.sentence) from refused
    if effective_from < clock.day(now):
        raise Refused(_("A setting can be changed from today on, not for days past."))
    if not reason.strip():
        raise Refused(_("Write the reason for the change."))
    _ask_order(key, meant, in_force(effective_from))
    newest = StudySetting.objects.filter(key=key).order_by("-version").first()
    if newest is None:
        same = meant == setting.default
    else:
        same = setting.parse(newest.value) == meant and newest.effective_from <= effective_from
    if same:
        raise Refused(_("The setting has this value already."))
    last = StudySetting.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    (_read.get() or {}).clear()
    return StudySetting.objects.create(
        key=key,
        version=last + 1,
        value=setting.stored(meant),
        effective_from=effective_from,
        reason=reason.strip(),
        set_at=now,
        set_by=by.author,
    )


def _ask_order(key: str, meant: Any, values: Mapping[str, Any]) -> None:
    """Refuse a limit below the one it has to follow, or above the one it has to precede."""
    for keys in ORDERED:
        if key not in keys:
            continue
        place = keys.index(key)
        for name in keys[:place][-1:]:
            if meant < values[name]:
                raise Refused(NOT_BELOW.format(label=SETTINGS[name].label, value=values[name]))
        for name in keys[place + 1 :][:1]:
            if meant > values[name]:
                raise Refused(NOT_ABOVE.format(label=SETTINGS[name].label, value=values[name]))


NOT_BELOW = Text(
    "The value cannot be below “{label}”, which is {value}. Change that one first.",
    "该值不能小于“{label}”（{value}），请先修改后者。",
)
NOT_ABOVE = Text(
    "The value cannot be above “{label}”, which is {value}. Change that one first.",
    "该值不能大于“{label}”（{value}），请先修改后者。",
)

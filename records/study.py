"""The study settings: limits and choices the protocol leaves to the sponsor, typed, versioned, with a source.

A setting's value on a day is that of its newest version whose day has come, or the default written here.
Which settings exist is code; their versions are rows of StudySetting, appended by a data manager with a
reason. Rules read them through `in_force`, once for a page or an action.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from records import clock
from records.codelists import CodeList
from records.findings import Refused
from records.models import StudySetting
from records.text import Text

# The trial's number in the registry; on every export and every printed page.
STUDY_ID = "NCT07070076"


class NotAValue(ValueError):
    """What was given is not a value of this setting; `sentence` says what would be."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Setting:
    """What every setting knows: its key, where it belongs, its words, its default and where that is from."""

    key: str
    group: str
    label: Text
    default: Any
    source: Text

    def parse(self, typed: Any) -> Any:
        """Read a value as typed or as stored; NotAValue with what would be one."""
        raise NotImplementedError

    def stored(self, value: Any) -> Any:
        """Give a value as JSON keeps it."""
        return value

    def display(self, value: Any) -> str:
        """Show a value in words of the active language."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Number(Setting):
    """A number between two limits, both included; whole where `places` is 0, kept exactly as text otherwise."""

    low: str
    high: str
    unit: str | Text = ""
    places: int = 0

    def parse(self, typed: Any) -> Any:
        words = NUMBER_BETWEEN.format(low=self.low, high=self.high, unit=self.unit, places=self.places)
        try:
            value = Decimal(str(typed).strip())
        except InvalidOperation as unreadable:
            raise NotAValue(words) from unreadable
        if not value.is_finite() or not Decimal(self.low) <= value <= Decimal(self.high):
            raise NotAValue(words)
        if value != round(value, self.places):
            raise NotAValue(words)
        return value if self.places else int(value)

    def stored(self, value: Any) -> Any:
        return f"{value:f}" if self.places else value

    def display(self, value: Any) -> str:
        return f"{value:f} {self.unit}".strip() if self.places else f"{value} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Choice(Setting):
    """One code out of a list."""

    codes: CodeList

    def parse(self, typed: Any) -> Any:
        if typed not in self.codes:
            raise NotAValue(ONE_OF_THESE)
        return typed

    def display(self, value: Any) -> str:
        return str(self.codes.label(value))


@dataclass(frozen=True, slots=True)
class Choices(Setting):
    """Any number of codes out of a list, none included; kept in the order of the list."""

    codes: CodeList

    def parse(self, typed: Any) -> Any:
        given = [typed] if isinstance(typed, str) else list(typed or ())
        if any(code not in self.codes for code in given):
            raise NotAValue(ONE_OF_THESE)
        return tuple(code for code in self.codes.values if code in given)

    def stored(self, value: Any) -> Any:
        return list(value)

    def display(self, value: Any) -> str:
        return "; ".join(str(self.codes.label(code)) for code in value) or "–"


NUMBER_BETWEEN = Text(
    "Write a number from {low} to {high} {unit} with at most {places} decimal places.",
    "请填写{low}至{high} {unit}之间的数值，最多{places}位小数。",
)
ONE_OF_THESE = Text("Choose from the list.", "请从列表中选择。")

GROUPS = {
    "HAIC": Text("HAIC", "HAIC"),
    "GATE": Text("Limits before a HAIC cycle", "HAIC疗前核查界值"),
    "Y90": Text("Yttrium-90", "钇-90"),
    "FOLLOWUP": Text("Follow-up and reminders", "随访与提醒"),
    "SAFETY": Text("Safety", "安全性"),
    "TRIAL": Text("Trial", "研究"),
}

BSA_FORMULA = CodeList(
    "BSAFORM",
    ("MOSTELLER", "Mosteller", "Mosteller"),
    ("DU_BOIS", "Du Bois", "Du Bois"),
    ("STEVENSON", "Stevenson", "Stevenson（许文生式）"),
)
CYCLE_ANCHOR = CodeList(
    "CYCLEFROM",
    ("START", "From start to start", "自上一疗程开始"),
    ("END", "From end to start", "自上一疗程结束"),
)
KEEP_OR_NEW = CodeList(
    "KEEPBSA",
    ("KEEP", "May be kept while weight changes by less than 10 %", "体重变化小于10%时可沿用"),
    ("NEW", "Always from the weight of the cycle", "每疗程按当次体重重新计算"),
)
SERIES = CodeList(
    "SERIES",
    ("Y", "After Y-90 infusion", "钇-90输注后随访"),
    ("NR", "After the index procedure, not resected", "介入术后随访（未切除）"),
    ("PH", "After hepatectomy", "肝切除术后随访"),
    ("CAL", "Common calendar from arm assignment", "自分组起的统一影像随访"),
    ("LT", "Long-term follow-up", "长期随访"),
)
UNCERTAIN = CodeList(
    "UNCERTAIN",
    ("HOLD", "Hold for a person to settle", "暂停，由人工处理"),
    ("RESEND", "Send again under the same Message-ID", "以相同Message-ID重新发送"),
)

REGISTRY = Text("NCT07070076 registry record", "NCT07070076注册信息")
SPECIFICATION = "Protocol specification {section}", "方案规格说明{section}"


def _section(number: str) -> Text:
    return Text(*SPECIFICATION).format(section=number)


SETTINGS: dict[str, Setting] = {
    setting.key: setting
    for setting in (
        Choice("bsa_formula_haic", "HAIC", Text("Body surface area for chemotherapy", "化疗用体表面积公式"),
               "MOSTELLER", _section("2.4"), BSA_FORMULA),
        Choice("haic_keep_bsa", "HAIC", Text("Body surface area of cycle 1", "第1疗程体表面积"),
               "KEEP", _section("4.2"), KEEP_OR_NEW),
        Number("haic_oxaliplatin", "HAIC", Text("Oxaliplatin, 3 h", "奥沙利铂，3小时"),
               135, REGISTRY, "10", "400", "mg/m²"),
        Number("haic_leucovorin", "HAIC", Text("Leucovorin, 1.5 h", "亚叶酸钙，1.5小时"),
               400, REGISTRY, "10", "1000", "mg/m²"),
        Number("haic_fu_2h", "HAIC", Text("5-FU, 2 h", "氟尿嘧啶，2小时"), 400, REGISTRY, "10", "1000", "mg/m²"),
        Number("haic_fu_46h", "HAIC", Text("5-FU, 46 h", "氟尿嘧啶，46小时"),
               2400, REGISTRY, "100", "5000", "mg/m²"),
        Choice("haic_interval_anchor", "HAIC", Text("Interval between cycles is counted", "疗程间隔计算方式"),
               "START", _section("4.4"), CYCLE_ANCHOR),
        Number("gate_neutrophils", "GATE", Text("Neutrophils, at least", "中性粒细胞下限"),
               Decimal("1.2"), _section("4.3"), "0", "10", "×10⁹/L", 2),
        Number("gate_platelets", "GATE", Text("Platelets, at least", "血小板下限"),
               60, _section("4.3"), "0", "300", "×10⁹/L"),
        Number("gate_bilirubin", "GATE", Text("Total bilirubin, at most", "总胆红素上限"),
               Decimal("30"), _section("4.3"), "1", "200", "µmol/L", 1),
        Number("gate_albumin", "GATE", Text("Albumin, at least", "白蛋白下限"),
               Decimal("30"), _section("4.3"), "10", "60", "g/L", 1),
        Choice("bsa_formula_resin", "Y90", Text("Body surface area for resin microspheres", "树脂微球用体表面积公式"),
               "DU_BOIS", _section("2.4"), BSA_FORMULA),
        Number("y90_half_life", "Y90", Text("Half-life of Y-90", "钇-90半衰期"),
               Decimal("64.1"), _section("5.2"), "63", "65", "h", 2),
        Number("y90_k_product", "Y90", Text("Dose constant K, product formulas", "剂量常数K（产品公式）"),
               Decimal("50"), _section("5.2"), "48", "52", "Gy·kg/GBq", 2),
        Number("y90_k_partition", "Y90", Text("Dose constant K, partition model", "剂量常数K（分区模型）"),
               Decimal("49.67"), _section("5.2"), "48", "52", "Gy·kg/GBq", 2),
        Number("y90_liver_density", "Y90", Text("Density of liver", "肝脏密度"),
               Decimal("1.03"), _section("5.2"), "0.9", "1.2", "g/mL", 3),
        Number("y90_lung_mass", "Y90", Text("Mass of the lungs", "肺质量"),
               Decimal("1.0"), _section("5.2"), "0.3", "2", "kg", 2),
        Number("y90_lung_dose", "Y90", Text("Lung dose of one treatment, at most", "单次治疗肺剂量上限"),
               30, _section("5.4"), "5", "50", "Gy"),
        Number("y90_lung_dose_total", "Y90", Text("Cumulative lung dose, at most", "累计肺剂量上限"),
               50, _section("5.4"), "10", "100", "Gy"),
        Choices("followup_series", "FOLLOWUP", Text("Follow-up series in use", "启用的随访系列"),
                ("Y", "NR", "PH", "LT"), _section("7.1"), SERIES),
        Number("reminder_closing_days", "FOLLOWUP", Text("A window counts as closing before its end", "窗口期即将结束的提前天数"),
               3, _section("7.2"), "0", "30", Text("days", "天")),
        Choice("uncertain_reminders", "FOLLOWUP",
               Text("A reminder that may or may not have been delivered", "投递结果不确定的提醒"),
               "HOLD", Text("Data management", "数据管理"), UNCERTAIN),
        Number("sae_report_hours", "SAFETY", Text("Initial report of an SAE, after awareness within", "SAE首次报告时限（自获知起）"),
               24, _section("9"), "1", "72", Text("hours", "小时")),
        Number("sae_amber_hours", "SAFETY", Text("The clock of an SAE turns amber after", "SAE时钟变为黄色"),
               18, _section("9"), "1", "72", Text("hours", "小时")),
        Number("susar_fatal_days", "SAFETY",
               Text("SUSAR, fatal or life-threatening: report within", "致死或危及生命的SUSAR报告时限"),
               7, _section("9"), "1", "30", Text("days", "天")),
        Number("susar_other_days", "SAFETY", Text("SUSAR, other: report within", "其他SUSAR报告时限"),
               15, _section("9"), "1", "60", Text("days", "天")),
        Number("ae_days_after_haic", "SAFETY",
               Text("Adverse events are collected after the last HAIC cycle for", "末次HAIC后不良事件收集期"),
               30, _section("9"), "0", "365", Text("days", "天")),
        Number("ae_days_after_y90", "SAFETY",
               Text("Adverse events are collected after the Y-90 infusion for", "钇-90输注后不良事件收集期"),
               90, _section("9"), "0", "365", Text("days", "天")),
        Number("ae_days_after_surgery", "SAFETY",
               Text("Adverse events are collected after hepatectomy for", "肝切除术后不良事件收集期"),
               90, _section("9"), "0", "365", Text("days", "天")),
        Number("target_enrolment", "TRIAL", Text("Target enrolment", "计划入组例数"), 286, REGISTRY, "1", "5000"),
        Number("enrolment_months", "TRIAL", Text("Planned duration of enrolment", "计划入组期"), 36,
               Text("Data management; the registry record names no end", "数据管理；注册信息未注明截止时间"),
               "1", "120", Text("months", "个月")),
    )
}  # fmt: skip


def in_force(on: date) -> dict[str, Any]:
    """Give the value of every setting on a day, by key; one query."""
    values = {key: setting.default for key, setting in SETTINGS.items()}
    for row in StudySetting.objects.filter(effective_from__lte=on).order_by("key", "version"):
        if row.key in SETTINGS:
            values[row.key] = SETTINGS[row.key].parse(row.value)
    return values


def value(key: str, on: date) -> Any:
    """Give one setting's value on a day; one query. KeyError for a setting that does not exist."""
    return in_force(on)[key]


def versions(on: date) -> Mapping[str, int]:
    """Give the version in force on a day by key; 0 is the default."""
    rows = StudySetting.objects.filter(effective_from__lte=on).order_by("key", "version")
    return {**dict.fromkeys(SETTINGS, 0), **dict(rows.values_list("key", "version"))}


@action
def set_value(
    *, key: str, value: Any, effective_from: date, reason: str, by: Actor, now: datetime
) -> StudySetting:
    """Add a version of a setting, from today or a later day on.

    Raises Refused for a role that does not change settings, a value the setting cannot have, a day that is
    past, a missing reason, and where the newest version says the same from the same day or earlier.
    """
    setting = SETTINGS[key]
    if Permission.CHANGE_STUDY_SETTINGS not in GRANTS.get(by.role, ()):
        raise Refused(_("Only data managers change study settings."))
    try:
        meant = setting.parse(value)
    except NotAValue as refused:
        raise Refused(refused.sentence) from refused
    if effective_from < clock.day(now):
        raise Refused(_("A setting can be changed from today on, not for days past."))
    if not reason.strip():
        raise Refused(_("Write the reason for the change."))
    newest = StudySetting.objects.filter(key=key).order_by("-version").first()
    if newest is None:
        same = meant == setting.default
    else:
        same = setting.parse(newest.value) == meant and newest.effective_from <= effective_from
    if same:
        raise Refused(_("The setting has this value already."))
    last = StudySetting.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    return StudySetting.objects.create(
        key=key,
        version=last + 1,
        value=setting.stored(meant),
        effective_from=effective_from,
        reason=reason.strip(),
        set_at=now,
        set_by=by.author,
    )

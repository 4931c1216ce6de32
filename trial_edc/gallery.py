"""Every component on one page with sample data: what the builder of the next page looks at first."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone

from accounts.pages import for_anyone_signed_in
from arms.haic_dosing import Timeline
from arms.treatment_clock import Clock, clock_of
from casebook.matrix import draw_cells
from records.codelists import MISSING, NY
from records.text import Text

T = Text

HEADER = {
    "title": T("Page title says what the page is", "页面标题说明本页内容"),
    "text": T("One sentence below it, only where it helps.", "必要时在标题下用一句话说明。"),
    "actions": [
        (T("Second action", "次要操作"), "#", "secondary"),
        (T("Next action", "下一步"), "#", "primary"),
    ],
}
LEVELS = [
    ("info", T("The visit calendar was planned again: 3 visits moved.", "访视计划已重新生成：3次访视顺延。")),
    ("success", T("Laboratory, screening: submitted.", "实验室检查（筛选期）：已提交。")),
    ("warning", T("Two answers are unusual and wait for a word.", "2项数值超出常见范围，需说明。")),
    ("error", T("Not saved: the form was changed by someone else.", "未保存：此表单已被他人修改。")),
]
BADGES = [
    ("accent", T("Screening", "筛选期")),
    ("good", T("Verified", "已核查")),
    ("warn", T("Query open", "质疑待答复")),
    ("bad", T("Overdue 4 days", "逾期4天")),
    ("info", T("Frozen", "已冻结")),
    ("", T("Withdrawn", "已退出")),
]
STRIP = {
    "number": "01-014",
    "initials": "WXM",
    "facts": [
        (T("Age", "年龄"), "57"),
        (T("Sex", "性别"), T("male", "男")),
        (T("Site", "中心"), T("01 Sun Yat-sen", "01 中山")),
        (T("Arm", "治疗组"), "HAIC"),
        (T("CNLC", "CNLC分期"), "IIa"),
    ],
    "status": T("On treatment", "治疗中"),
    "status_kind": "accent",
    "next_note": T("due today", "今日到期"),
    "next_label": T("Record cycle 2", "记录第2周期"),
    "next_url": "#",
}
WORKLIST = [
    ("overdue", T("Overdue", "逾期"), "01-014", T("SAE report: liver abscess", "SAE报告：肝脓肿"),
     T("due in 5 h 12 min", "5小时12分后到期"), True, T("Open", "打开")),
    ("partial", T("Partly entered", "部分录入"), "02-003", T("Month 1: 2 of 6 forms", "第1个月：6张表单已完成2张"),
     T("4 days over, 2026-11-02", "逾期4天，2026-11-02"), True, T("Continue", "继续录入")),
    ("open", T("Window open", "窗口期内"), "01-009", T("Month 3: window closes", "第3个月：窗口期即将结束"),
     T("in 3 days, 2026-11-09", "3天后，2026-11-09"), False, T("Start", "开始录入")),
]  # fmt: skip
COLUMNS = [
    ("SCR", T("Screening", "筛选期")),
    ("T", T("Treatment", "治疗期")),
    ("M1", T("Month 1", "第1个月")),
    ("M3", T("Month 3", "第3个月")),
    ("M6", T("Month 6", "第6个月")),
    ("M12", T("Month 12", "第12个月")),
]
STATES = {
    "submitted": T("submitted", "已提交"),
    "partial": T("partly entered", "部分录入"),
    "complete": T("entered, not submitted", "已录入，未提交"),
    "overdue": T("overdue", "逾期"),
    "open": T("window open", "窗口期内"),
    "upcoming": T("not yet due", "未到期"),
    "na": T("not applicable", "不适用"),
    "superseded": T("superseded", "已被替代"),
    "missed": T("missed", "漏访"),
    "blank": T("blank", "未录入"),
}
MATRIX = [
    (
        "01-011",
        "LJ · HAIC · IIb",
        "submitted 8/8, submitted 4/4, submitted 6/6, partial 2/6, upcoming, upcoming",
    ),
    ("01-012", "CYH · Y-90 · Ib", "submitted 8/8, submitted 5/5, overdue 0/6, upcoming, upcoming, upcoming"),
    ("01-013", "ZQ · –", "complete 8/8, na, na, na, na, na"),
    ("01-014", "WXM · HAIC · IIa", "submitted 8/8, partial 2/4, open 0/6, superseded, upcoming, upcoming"),
    ("01-015", "HDS · Y-90 · IIIa", "submitted 8/8, submitted 5/5, missed, blank 0/6, upcoming, upcoming"),
]


def _matrix_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, note, cells in MATRIX:
        drawn = []
        for (_, visit), cell in zip(COLUMNS, cells.split(", "), strict=True):
            state, _, count = cell.partition(" ")
            words = f"{number} {visit}: {STATES[state]} {count}".strip()
            drawn.append(
                {
                    "state": state,
                    "count": count,
                    "words": words,
                    "url": "#" if count else "",
                    "marks": (),
                    "asks": "",
                }
            )
        rows.append(
            {"number": number, "note": note, "url": "#", "cells": SafeString("".join(draw_cells(drawn)))}
        )
    return rows


TIMELINE = {
    "words": T(
        "Consent on 2 August, HAIC from 20 August, month 1 done, month 3 window from 12 to 26 November.",
        "8月2日签署知情同意，8月20日开始HAIC，第1个月访视已完成，第3个月窗口期为11月12日至26日。",
    ),
    "ticks": [
        ("0", T("Aug", "8月")), ("20", T("Sep", "9月")), ("40", T("Oct", "10月")), ("60", T("Nov", "11月")),
        ("80", T("Dec", "12月")), ("100", T("Jan", "1月")),
    ],
    "today": "68",
    "lanes": [
        {"label": T("Path", "入组"), "items": [
            {"kind": "event", "state": "done", "x": "1", "label": T("consent", "知情同意"), "title": "2026-08-02"},
            {"kind": "event", "state": "done", "x": "10", "label": T("eligible", "符合入组"), "title": "2026-08-16"},
        ]},
        {"label": "HAIC", "items": [
            {"kind": "period", "state": "done", "x": "12", "width": "2", "title": "1"},
            {"kind": "period", "state": "done", "x": "26", "width": "2", "title": "2"},
            {"kind": "period", "state": "", "x": "66", "width": "2", "label": "", "title": "3"},
        ]},
        {"label": T("Visits", "访视"), "items": [
            {"kind": "window", "state": "done", "x": "34", "width": "6", "label": "M1", "title": T("Month 1", "第1个月")},
            {"kind": "window", "state": "overdue", "x": "52", "width": "6", "label": "M2", "title": T("Month 2", "第2个月")},
            {"kind": "window", "state": "", "x": "74", "width": "10", "label": "M3", "title": T("Month 3", "第3个月")},
        ]},
    ],
}  # fmt: skip


def _row(name: str, label: Text, kind: str, value: Any = "", **more: Any) -> dict[str, Any]:
    row = {
        "name": name, "html_name": name, "id": f"id_{name}", "label": label, "kind": kind, "value": value,
        "missing_choices": [(code, MISSING.label(code)) for code in MISSING.values], "history_url": "#",
        "required": True, "width": "s" if kind in {"integer", "decimal"} else "m",
    }  # fmt: skip
    return row | more


ECOG = [
    ("0", T("0 fully active", "0 活动能力完全正常")),
    ("1", T("1 restricted", "1 能从事轻体力活动")),
    ("2", "2"),
    ("3", "3"),
]
CAUSES = [
    ("HBV", T("hepatitis B", "乙型肝炎")),
    ("HCV", T("hepatitis C", "丙型肝炎")),
    ("ALC", T("alcohol", "酒精性")),
]
VARICES = [("NONE", T("none", "无")), ("MILD", T("mild", "轻度")), ("MOD", T("moderate", "中度")), ("SEV", T("severe", "重度")),
           ("UNK", T("not examined", "未查"))]  # fmt: skip
FORM = [
    (T("Chemistry", "生化"), [
        _row("taken", T("Sample taken", "采样日期时间"), "datetime", "2026-08-03 08:40", missing_choices=[]),
        _row("bilirubin", T("Total bilirubin", "总胆红素"), "decimal", "34.2", units=[("umol/L", "µmol/L"), ("mg/dL", "mg/dL")],
             unit_name="bilirubin_u", unit_value="umol/L", hint=T("3–20 µmol/L", "3–20 µmol/L"), was="32.4 µmol/L"),
        _row("albumin", T("Albumin", "白蛋白"), "decimal", "4.1", units=[("g/L", "g/L"), ("g/dL", "g/dL")],
             unit_name="albumin_u", unit_value="g/L", hint=T("20–60 g/L", "20–60 g/L"),
             errors=[T("4.1 g/L is not possible in a living patient. Was it reported in g/dL? Choose the unit.",
                       "4.1 g/L 不符合生理。若报告单位为 g/dL，改选单位。")]),
        _row("platelets", T("Platelets", "血小板"), "integer", "38", unit="×10⁹/L", hint="50–450 ×10⁹/L",
             warnings=[T("38 ×10⁹/L is lower than expected (50–450).", "38 ×10⁹/L 低于常见范围（50–450）。")]),
        _row("inr", T("INR", "国际标准化比值"), "decimal", "", missing="ND"),
    ]),
    (T("History", "病史"), [
        _row("ecog", T("ECOG performance status", "ECOG评分"), "code", "1", codes=ECOG, radio=True, missing_choices=[]),
        _row("prior", T("Any previous anti-tumour treatment (incl. interferon)", "既往抗肿瘤治疗（含干扰素）"), "code", "N",
             codes=list(NY), radio=True),
        _row("prior_text", T("Describe previous treatment", "既往治疗描述"), "longtext", shown_when='{"prior": ["Y"]}', hidden=True),
        _row("cause", T("Cause of liver disease", "肝病病因"), "multicode", ["HBV"], codes=CAUSES),
        _row("varices", T("Oesophago-gastric varices", "食管胃静脉曲张"), "code", "", codes=VARICES,
             help=T("By endoscopy or contrast CT.", "依据内镜或增强CT。")),
        _row("diagnosed", T("Date of HCC diagnosis", "肝癌诊断日期"), "partialdate", "2026-07", required=False),
        _row("bsa", T("Body surface area", "体表面积"), "derived", "1.75", unit="m²",
                missing_choices=[], help=T("Mosteller, 170 cm, 65 kg", "Mosteller公式，170 cm，65 kg")),
    ]),
]  # fmt: skip
FORMS = [
    (T("Vital signs, ECOG", "生命体征、ECOG"), "#", "submitted", STATES["submitted"], False),
    (T("Laboratory", "实验室检查"), "#", "partial", STATES["partial"], True),
    (T("Liver function and tumour burden", "肝功能与肿瘤负荷"), "#", "blank", STATES["blank"], False),
    (T("Pregnancy test", "妊娠试验"), "#", "na", STATES["na"], False),
]
RESULTS = [
    {"label": "Child-Pugh", "value": T("7, B", "7分，B级"), "parts": [
        (T("Bilirubin 34.2 µmol/L", "胆红素 34.2 µmol/L"), 2), (T("Albumin 35.0 g/L", "白蛋白 35.0 g/L"), 2),
        ("INR 1.0", 1), (T("No ascites", "无腹水"), 1), (T("No encephalopathy", "无肝性脑病"), 1)]},
    {"label": "CNLC 2022", "value": "IIa", "reason": T("3 tumours, largest 42 mm, no visible thrombus, no metastasis.",
                                                     "肿瘤3个，最大42 mm，无影像学可见血管癌栓，无肝外转移。")},
    {"label": "ALBI", "value": "", "reason": T("Albumin is missing.", "缺少白蛋白。")},
]  # fmt: skip
CRITERIA = [
    ("I1", T("Age 18 to 75 years", "年龄18–75岁"), T("57 years at consent", "签署时57岁"), "PASS", ""),
    ("I3", T("CNLC stage Ib, IIa, IIb or IIIa", "CNLC分期Ib、IIa、IIb或IIIa期"), "Ib (2 × 30 mm)", "RULING",
     T("Official stage Ib; the registered wording leaves it out.", "官方分期为Ib期，注册方案文字未包含此情形。")),
    ("E4", T("Organ transplantation", "器官移植史"), T("kidney, 2019", "肾移植，2019年"), "FAIL", ""),
    ("E6", T("HIV infection", "HIV感染"), T("no result", "无结果"), "UNKNOWN",
     T("Counts as unknown until a result is entered.", "录入结果前视为不明。")),
]  # fmt: skip
STEPS = [
    (T("MDT", "多学科讨论"), "done", "2026-08-03", "#", ""),
    (T("Angiography with ⁹⁹ᵐTc-MAA", "血管造影与⁹⁹ᵐTc-MAA"), "done", "2026-08-06", "#", ""),
    (T("SPECT and activity", "SPECT与活度计算"), "current", T("Lung shunt 6.1 %", "肺分流6.1%"), "#", T("Record", "录入")),
    (T("Infusion", "微球灌注"), "waiting", T("after the activity", "完成活度计算后"), "", ""),
    (T("Distribution imaging", "分布显像"), "waiting", T("within 24 h of the infusion", "灌注后24小时内"), "", ""),
]  # fmt: skip
DOSES = [(T("Oxaliplatin 135 mg/m²", "奥沙利铂 135 mg/m²"), "236 mg"), (T("Leucovorin 400 mg/m²", "亚叶酸钙 400 mg/m²"), "700 mg"),
         (T("5-FU 400 mg/m², 2 h", "氟尿嘧啶 400 mg/m²，2小时"), "700 mg"),
         (T("5-FU 2400 mg/m², 46 h", "氟尿嘧啶 2400 mg/m²，46小时"), "4200 mg")]  # fmt: skip
CHECK = T("A check of the arithmetic, not an order.", "仅为核算，不作为医嘱。")
CYCLES = [
    {"title": T("Cycle 1", "第1周期"), "state": "done", "state_words": T("done 2026-08-20", "已完成 2026-08-20"), "state_kind": "good",
     "lines": DOSES, "note": CHECK, "url": "#", "action": T("Open", "打开")},
    {"title": T("Cycle 2", "第2周期"), "state": "current", "state_words": T("due today", "今日到期"), "state_kind": "accent",
     "lines": DOSES, "note": CHECK, "url": "#", "action": T("Record", "录入")},
    {"title": T("Cycle 3", "第3周期"), "state": "waiting", "state_words": T("planned", "计划中"), "state_kind": "",
     "note": T("Earliest 2026-10-01.", "最早2026-10-01。")},
]  # fmt: skip
STATS = [
    {
        "value": "41",
        "of": "286",
        "label": T("enrolled", "已入组"),
        "percent": 14,
        "note": T("6 behind plan", "比计划少6例"),
    },
    {
        "value": "3",
        "of": "",
        "label": T("visits overdue", "访视逾期"),
        "percent": None,
        "note": T("2 sites", "2家中心"),
    },
    {
        "value": "62 %",
        "of": "",
        "label": T("of those screened were enrolled", "筛选入组率"),
        "percent": None,
        "note": "41 / 66",
    },
]


def _clock() -> Clock:
    """A cycle in its third infusion: what is over, what runs, what comes."""
    begun = datetime(2026, 9, 3, 9, tzinfo=get_current_timezone())

    def at(hours: int) -> datetime:
        return begun + timedelta(hours=hours)

    spans = {"OXA": (at(1), at(4)), "LV": (at(4), at(6)), "FU1": (at(6), None)}
    return clock_of(Timeline(catheterised=begun, infusions=spans), at(7))


MONTHS = ["2026-08", "2026-09", "2026-10", "2026-11"]


def _charts() -> list[dict[str, Any]]:
    enrolled, plan = str(T("Enrolled", "已入组")), str(T("Plan", "计划"))
    line = {"type": "step", "labels": MONTHS, "max": 60, "y": str(T("participants", "例")), "series": [
        {"label": enrolled, "data": [6, 15, 29, 41]}, {"label": plan, "data": [12, 24, 36, 47], "plan": True}]}  # fmt: skip
    stages = ["Ib", "IIa", "IIb", "IIIa"]
    bars = {"type": "bar", "stacked": True, "labels": stages, "y": str(T("participants", "例")), "series": [
        {"label": "HAIC", "data": [5, 8, 6, 4]}, {"label": "Y-90", "data": [6, 7, 3, 2]}]}  # fmt: skip
    source = T("Forms submitted until 2026-11-05.", "截至2026-11-05已提交的表单。")
    return [
        {"id": "enrolment", "given": json.dumps(line), "data": line, "csv_url": "#", "source": source,
         "finding": T("41 of 286 enrolled, 6 behind plan", "已入组41/286例，比计划少6例"), "alt": T("Line of enrolment", "入组曲线"),
         "columns": [T("Month", "月份"), enrolled, plan], "rows": [*zip(MONTHS, [6, 15, 29, 41], [12, 24, 36, 47], strict=True)]},
        {"id": "stages", "given": json.dumps(bars), "data": bars, "csv_url": "#", "source": source,
         "finding": T("Most are stage IIa", "以IIa期为主"), "alt": T("Stages by arm", "各组分期"),
         "columns": [T("Stage", "分期"), "HAIC", "Y-90"], "rows": [*zip(stages, [5, 8, 6, 4], [6, 7, 3, 2], strict=True)]},
    ]  # fmt: skip


def _sections() -> list[dict[str, Text | SafeString]]:
    return [
        {
            "title": title,
            "rows": format_html_join(
                "", "{}", ((render_to_string("records/item.html", {"row": row}),) for row in rows)
            ),
        }
        for title, rows in FORM
    ]


@for_anyone_signed_in
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component. Nothing here comes from the database."""
    context = {
        "header": HEADER,
        "levels": LEVELS,
        "badges": BADGES,
        "strip": STRIP,
        "worklist": [dict(zip(("state", "words", "who", "what", "when", "late", "action"), row, strict=True)) for row in WORKLIST],
        "columns": COLUMNS,
        "matrix_rows": _matrix_rows(),
        "timeline": TIMELINE,
        "clock": _clock(),
        "visit": T("Screening", "筛选期"),
        "forms": FORMS,
        "form_title": T("Laboratory", "实验室检查"),
        "form_state": T("submitted 2026-08-04", "2026-08-04已提交"),
        "form_note": T("Screening · 01-014", "筛选期 · 01-014"),
        "form_state_line": T("Draft kept 14:02", "草稿已于14:02保存"),
        "summary_title": T("One answer needs another look", "1项需核对"),
        "error_list": [("id_albumin", T("Albumin", "白蛋白"), T("4.1 g/L is not possible.", "4.1 g/L 不符合生理。"))],
        "sections": _sections(),
        "results": RESULTS,
        "criteria": [dict(zip(("id", "text", "data", "verdict", "reason"), row, strict=True)) | {"value_url": "#"} for row in CRITERIA],
        "steps": [dict(zip(("title", "state", "note", "url", "action"), row, strict=True)) for row in STEPS],
        "cycles": CYCLES,
        "stats": STATS,
        "charts": _charts(),
        "progress": {"percent": 42, "text": T("Writing form 8 of 19", "正在写入第8张表单，共19张")},
        "changes": [
            {"at": datetime(2026, 8, 4, 14, 2, tzinfo=get_current_timezone()), "person": "Li J", "role": T("Site coordinator", "临床协调员"),
             "before": "32.4 µmol/L", "after": "34.2 µmol/L", "reason": T("Misread from the report.", "抄录报告时看错。")},
        ],
        "empty": {
            "title": T("Nothing waits for you", "暂无待办"),
            "text": T("No visit is due this week. The matrix shows every participant.", "本周无到期访视。可在矩阵中查看全部受试者。"),
            "actions": [(T("Open the matrix", "打开矩阵"), "#")],
        },
        "sheet": {"title": T("What is signed", "签名内容"), "text": T("The dialog says exactly what, and what it means.", "对话框写明签名内容及其含义。")},
    }  # fmt: skip
    return render(request, "components/gallery.html", context)

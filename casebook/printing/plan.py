"""The visit plan a participant takes home: what comes next, when, what happens there and what to bring.

It is written for the participant: no initials, nothing entered on forms, and no visit that is not settled yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from casebook.printing.words import TITLE, Phrase, phrase
from followup.selectors import CLOSED, WAITING
from participants.models import Participant, Visit
from participants.schedule_file import Anchor
from records.study import STUDY_ID
from records.text import Text

# Long-term visits are agreed from one to the next.
AHEAD = timedelta(days=400)
SURGERY = "SURGERY"

WEEKDAYS = (
    Text("Monday", "星期一"),
    Text("Tuesday", "星期二"),
    Text("Wednesday", "星期三"),
    Text("Thursday", "星期四"),
    Text("Friday", "星期五"),
    Text("Saturday", "星期六"),
    Text("Sunday", "星期日"),
)
# What a form due at a visit means for the participant; forms the staff fill in by themselves mean nothing.
HAPPENS = {
    "HAIC": Text("Treatment in hospital (HAIC)", "住院治疗（HAIC）"),
    "YMAP": Text("Angiography in hospital", "住院血管造影检查"),
    "YTRT": Text("Treatment in hospital (Y-90)", "住院治疗（钇-90）"),
    "SURG": Text("Operation in hospital", "住院手术"),
    "VS": Text("Examination, blood pressure, weight", "体格检查、测量血压和体重"),
    "LB": Text("Blood tests", "抽血化验"),
    "IMG": Text("CT or MRI", "CT或磁共振检查"),
    "SYM": Text("How you have felt", "询问您的身体感受"),
    "SURV": Text("How you are doing", "询问您的近况"),
}
IN_HOSPITAL = frozenset({"HAIC", "YMAP", "YTRT", "SURG"})
BRING = (
    (frozenset({"SYM"}), Text("your notes on how you have felt", "身体感受记录")),
    (frozenset({"IMG"}), Text("scans made elsewhere", "在外院所做的影像资料")),
    (IN_HOSPITAL, Text("what you need for some days in hospital", "住院生活用品")),
)


def visit_plan(
    participant: Participant, visits: Iterable[Visit], contact: str, today: date
) -> dict[str, Any]:
    """What the layout prints: the visits that wait, in the order of their days, up to some thirteen months ahead.

    An operation stands in it only when its day is known.
    """
    waiting = [visit for visit in visits if _told(participant, visit)]
    waiting.sort(key=lambda visit: (visit.target_from, visit.position))
    near = [visit for visit in waiting if visit.target_from and visit.target_from <= today + AHEAD]
    site = participant.site
    return {
        "trial": STUDY_ID,
        "title": phrase(TITLE),
        "document_title": f"{STUDY_ID} {participant.number} 访视计划 Visit plan",
        "number": participant.number,
        "site": phrase(Text(site.name_en, site.name_zh)),
        "contact": contact,
        "as_of": today.isoformat(),
        "visits": [_visit(visit) for visit in near],
        "more": len(waiting) > len(near),
    }


def _told(participant: Participant, visit: Visit) -> bool:
    settled = visit.series != SURGERY or visit.anchor == Anchor.A2
    dated = visit.target_from is not None and visit.target_to is not None
    return participant.status not in CLOSED and visit.status in WAITING and dated and settled


def _visit(visit: Visit) -> dict[str, Any]:
    assert visit.target_from is not None and visit.target_to is not None
    due = [code for code in HAPPENS if code in visit.forms]
    return {
        "label": phrase(visit.label),
        "code": visit.code,
        "first": _day(visit.target_from),
        "last": _day(visit.target_to) if visit.target_to != visit.target_from else None,
        "opens": visit.window_open.isoformat() if visit.window_open else "",
        "closes": visit.window_close.isoformat() if visit.window_close else "",
        "happens": [phrase(HAPPENS[code]) for code in due],
        "bring": [phrase(words) for codes, words in BRING if codes & set(due)],
    }


def _day(day: date) -> dict[str, str | Phrase]:
    return {"day": day.isoformat(), "weekday": phrase(WEEKDAYS[day.weekday()])}

"""Walk through what follows treatment: the MDT's review, hepatectomy, pathology, complications."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from participants.models import CaseReportForm, Participant
from records import clock
from trial_edc.demo.filling import CONFIRMED, fill

# The result that goes with each decision of the MDT.
RESULTS: dict[str, dict[str, Any]] = {
    "HEPATECTOMY": {"resres": "RESECTABLE"},
    "CONTINUE_HAIC": {"resres": "NOTYET", "reswhy": ["NOTSHRUNK"]},
    "OBSERVE": {"resres": "NOTYET", "reswhy": ["REMNANT"]},
    "OTHER_TREATMENT": {"resres": "UNRESECTABLE", "reswhy": ["METASTASIS"]},
}
REVIEW = {"flr2": Decimal("46.0"), "icgr15": Decimal("8.5"), "surgcontra": "N"}
OPERATION = {
    "surgyn": "Y",
    "surganat": "ANATOMIC",
    "surgtype": "RIGHT",
    "surgapp": "LAPAROSCOPIC",
    "surgmin": 260,
    "surgebl": 350,
    "surgtx": "N",
    "pringle": 45,
    "thrombx": "N",
    "margin_i": "R0",
}
SPECIMEN = {
    "histo": "HCC",
    "edmond": "II",
    "rmargin": "R0",
    "rmarginw": Decimal("6.0"),
    "mvi": "M0",
    "satell": "N",
    "lnexam": 0,
    "lnpos": 0,
    "fibrosis": "S4",
}
LESION = {"pathlnk": "T01", "viable": 20, "necrosis": 70, "lesfibr": 10, "pathsize": Decimal("48.0")}
NO_TUMOUR_LEFT = {"histo": "NOVIABLE", "edmond": None}


def decide(
    participant: Participant, code: str, *, by: Actor, now: datetime, nextstep: str, **changed: Any
) -> CaseReportForm:
    """Hold the MDT at a visit and submit its review with the decision taken."""
    answers = {"resdtc": clock.day(now), **REVIEW, **RESULTS[nextstep], "nextstep": nextstep, **changed}
    confirmed = dict.fromkeys(answers, CONFIRMED)
    return fill(participant, "RES", answers, by=by, now=now, visit_code=code, confirmed=confirmed)


def walk_through_surgery(
    participant: Participant,
    *,
    by: Actor,
    now: datetime,
    viable: int = 20,
    complication: str = "",
    size: Decimal | None = None,
    **changed: Any,
) -> None:
    """Operate at `now`, discharge after 9 days, read the specimen after 12, and enter a complication of that grade.

    `size` is that of the lesion in the specimen, `changed` other answers of the operation and of the specimen.
    """
    today = clock.day(now)
    later = now + timedelta(days=12)
    mine = {name: given for name, given in changed.items() if name in (*OPERATION, "surgtxu")}
    operation = {**OPERATION, "surgdtc": today, "hospout": today + timedelta(days=9), **mine}
    confirmed = dict.fromkeys(operation, CONFIRMED)
    at: dict[str, Any] = {"by": by, "now": later, "visit_code": "SURG"}
    header = {"svdone": "Y", "svstdtc": today, "svmode": "INPATIENT", "svoowrsn": "As arranged"}
    fill(participant, "SV", header, **at)
    fill(participant, "SURG", operation, **at, confirmed=confirmed)
    others = {name: given for name, given in changed.items() if name not in mine}
    specimen = {**SPECIMEN, "pathno": f"P{today:%y%m%d}", **({} if viable else NO_TUMOUR_LEFT), **others}
    lesion = {**LESION, "viable": viable, "necrosis": 90 - viable}
    if size is not None:
        lesion["pathsize"] = size
    asked = dict.fromkeys(specimen, CONFIRMED)
    fill(participant, "PATH", specimen, **at, rows={"lesions": [lesion]}, confirmed=asked)
    if complication:
        answers = {
            "pocterm": "BILELEAK",
            "cdgrade": complication,
            "cdsuffd": "N",
            "bilegr": "B",
            "pocdtc": today + timedelta(days=3),
            "pocenrf": "N",
            "pocendtc": today + timedelta(days=8),
            "reop": "N",
            "readm": "N",
        }
        fill(participant, "POC", answers, **at, confirmed=dict.fromkeys(answers, CONFIRMED))
    participant.refresh_from_db()

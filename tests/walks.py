"""Walk participants along the path by the real actions: one section per room, each beginning where the last ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from eligibility.actions import confirm_eligible
from participants.models import CaseReportForm, Participant, Visit
from records import clock
from records.actions import save_record
from records.checks import Entry
from records.definition import forms
from records.items import DecimalItem

# ---- Any form -------------------------------------------------------------------------------------


def fill(
    participant: Participant,
    code: str,
    answers: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    visit_code: str = "SCR",
    submit: bool = True,
    reason: str = "",
    **reasons: dict[str, str],
) -> CaseReportForm:
    """Save a form as its page would: `answers` over what is stored; `missing` and `confirmed` by item."""
    visit = Visit.objects.select_related("participant__site").get(participant=participant, code=visit_code)
    model: Any = forms()[code]
    record = model.objects.filter(visit=visit, repeat=1).first()
    entry = Entry.of(record) if record else Entry({})
    entry.answers |= {
        name: Decimal(value)
        if isinstance(value, int) and isinstance(model._meta.get_field(name), DecimalItem)
        else value
        for name, value in answers.items()
    }
    entry.missing |= reasons.get("missing", {})
    entry.confirmed |= reasons.get("confirmed", {})
    return save_record(
        model=model,
        place={"participant": visit.participant, "visit": visit, "repeat": 1},
        entry=entry,
        context=model.context(visit=visit, today=clock.day(now), now=now),
        submit=submit,
        by=by,
        now=now,
        reason=reason,
        revision=record.revision if record else None,
    )


# ---- eligibility ----------------------------------------------------------------------------------

DEMOGRAPHICS = {"brthdtc": "1970-05-04", "sex": "M", "ethnic_cn": "HAN"}
HISTORY = {
    "hccdxdtc": "2026-08",
    "hccdxm": "CLINICAL",
    "hcctype": "NOBIOPSY",
    "etiol": ["HBV"],
    "cirrh": "Y",
    "varices": "NONE",
    "portht": "N",
    "priortx": "N",
    "priorifn": "N",
    "maligoth": "N",
    "transpl": "N",
    "allergy": ["NONE"],
    "subabuse": "N",
    "gibyn": "N",
    "cvyn": "N",
    "psych": "NONE",
    "mhsev": "N",
}
VITAL_SIGNS = {
    "height": Decimal("170.0"),
    "weight": Decimal("65.0"),
    "temp": Decimal("36.6"),
    "pulse": 72,
    "sysbp": 125,
    "diabp": 78,
    "resp": 16,
    "spo2": 98,
    "ecog": "0",
    "peabn": "N",
}
LABORATORY = {
    "hemyn": "Y",
    "wbc": Decimal("5.20"),
    "neut": Decimal("3.10"),
    "lym": Decimal("1.50"),
    "hgb": Decimal(138),
    "plt": Decimal(165),
    "chemyn": "Y",
    "alt": Decimal("42.0"),
    "ast": Decimal("38.0"),
    "alp": Decimal("110.0"),
    "ggt": Decimal("55.0"),
    "tbil": Decimal("15.2"),
    "dbil": Decimal("5.1"),
    "alb": Decimal("41.3"),
    "crea": Decimal("72.0"),
    "urea": Decimal("5.10"),
    "k": Decimal("4.20"),
    "na": Decimal("140.0"),
    "cl": Decimal("103.0"),
    "ca": Decimal("2.30"),
    "gluc": Decimal("5.20"),
    "coagyn": "Y",
    "pt": Decimal("12.8"),
    "ptctl": Decimal("12.0"),
    "inr": Decimal("1.06"),
    "markyn": "Y",
    "afp": Decimal("312.50"),
    "pivka": Decimal("2480.00"),
    "pivkau": "mAU/mL",
}
VIROLOGY = {
    "viryn": "Y",
    "hbsag": "POS",
    "hbvdna": Decimal("320.00"),
    "hcvab": "NEG",
    "hivab": "NEG",
}
# CNLC Ib: a single tumour of 7.2 cm, Child-Pugh A, no thrombus, no metastasis.
STAGING = {
    "ascites": "NONE",
    "enceph": "NONE",
    "chestct": "Y",
    "tumdiff": "N",
    "tumnum": 1,
    "tummax": Decimal("72.0"),
    "vascinv": "N",
    "exhep": "N",
    "cnlcinv": "Ib",
}
JUDGEMENT = {"potres": "Y", "ecgyn": "Y", "e11j": "N"}


def walk_to_screened(
    participant: Participant, *, by: Actor, now: datetime, submit: bool = True, **changed: dict[str, Any]
) -> Participant:
    """Enter and submit the screening forms of somebody eligible; change answers by form: `VS={"ecog": "2"}`.

    An answer changed to None is left out with the reason ND where its item offers that.
    """
    today = clock.day(now)
    forms_in_order: dict[str, dict[str, Any]] = {
        "SV": {"svdone": "Y", "svstdtc": today, "svmode": "CLINIC"},
        "DM": DEMOGRAPHICS,
        "MH": HISTORY,
        "VS": VITAL_SIGNS,
        "LB": {**LABORATORY, **VIROLOGY, "lbdtc": now, "virdtc": today},
        "STG": {**STAGING, "imgdtc": today - timedelta(days=5)},
        "IE": {**JUDGEMENT, "trtpdtc": today + timedelta(days=6)},
    }
    for code, answers in forms_in_order.items():
        asked = {**answers, **changed.get(code, {})}
        model: Any = forms()[code]
        left_out = {
            name: "ND"
            for name, value in asked.items()
            if value is None and "ND" in model._meta.get_field(name).missing
        }
        fill(
            participant,
            code,
            asked,
            by=by,
            now=now,
            submit=submit,
            missing=left_out,
            confirmed=dict.fromkeys(asked, "Checked against the source"),
        )
    participant.refresh_from_db()
    return participant


def walk_to_eligible(
    participant: Participant, *, by: Actor, investigator: Actor, now: datetime, **changed: dict[str, Any]
) -> Participant:
    """Screen a participant and confirm eligibility: `by` enters, `investigator` decides."""
    walk_to_screened(participant, by=by, now=now, **changed)
    confirm_eligible(participant=participant, by=investigator, now=now)
    participant.refresh_from_db()
    return participant

"""Entering the forms kept throughout the study, as their page would."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.access import Actor
from participants.models import CaseReportForm, Participant, Visit
from participants.selectors import next_repeat
from records import clock
from records.actions import save_record
from records.checks import Entry, RowEntry
from records.definition import forms
from records.zone import TRIAL_ZONE

NOT_GIVEN = dict.fromkeys(("aerel_drug", "aerel_haic", "aerel_y90", "aerel_maa", "aerel_surg"), "NA")
EVENT: dict[str, Any] = {
    "aeterm": "upper abdominal pain",
    "aedecod": "Abdominal pain",
    "aestdtc": "2026-09-01",
    "aetoxgr": 2,
    "aeout": "RECOVERING",
    "aesi": "NONE",
    "aeser": "N",
    "aeacn": "NOTAPPLICABLE",
}
CRITERIA = dict.fromkeys(("aesdth", "aeslife", "aeshosp", "aesdisab", "aescong", "aesmie"), "N")
NARRATIVE = "Fever and right upper abdominal pain; CT showed a liver abscess of 4 cm, which was drained. " * 2


def at(text: str) -> datetime:
    """A moment in Shanghai: `at("2026-10-01 08:00")`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=TRIAL_ZONE)


def serious(aware: str, **more: Any) -> dict[str, Any]:
    """The answers of a complete serious adverse event, as far as the report goes."""
    return {
        **EVENT,
        **CRITERIA,
        "aeterm": "liver abscess",
        "aedecod": "Hepatic infection",
        "aestdtc": aware[:10],
        "aetoxgr": 3,
        "aeser": "Y",
        "aeshosp": "Y",
        "saeaware": at(aware),
        "saerep": at(aware),
        "saeec": at(aware),
        "saeorg": at(aware),
        "saenarr": NARRATIVE,
        **more,
    }


def log_of(participant: Participant) -> Visit:
    return Visit.objects.select_related("participant__site").get(participant=participant, code="LOG")


def enter(
    participant: Participant,
    code: str,
    answers: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    repeat: int | None = None,
    submit: bool = True,
    reason: str = "",
    missing: dict[str, str] | None = None,
    confirmed: dict[str, str] | None = None,
    rows: dict[str, list[dict[str, Any]]] | None = None,
) -> Any:
    """Save one of several records: a new one, or with `repeat` that one, `answers` over what is stored."""
    model: type[CaseReportForm] = forms()[code]  # type: ignore[assignment]
    visit = log_of(participant)
    number = repeat or next_repeat(model, visit)
    record = model._default_manager.filter(visit=visit, repeat=number).first()
    entry = Entry.of(record) if record else Entry({})
    entry.answers |= answers
    entry.missing |= missing or {}
    entry.confirmed |= confirmed or {}
    for name, given in (rows or {}).items():
        entry.rows[name] = [RowEntry(row, key=f"n{index}") for index, row in enumerate(given)]
    return save_record(
        model=model,
        place={"participant": visit.participant, "visit": visit, "repeat": number},
        entry=entry,
        context=model.context(visit=visit, repeat=number, today=clock.day(now), now=now),
        submit=submit,
        by=by,
        now=now,
        reason=reason,
        revision=record.revision if record else None,
    )

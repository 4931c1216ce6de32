"""Checks across forms that concern adverse events and their reports; none keeps an event from being saved.

Source: protocol specification sections 8.19 (an event begins after consent), 8.26 (X01, X21) and 9 (which events
are collected, and for how long).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from eligibility.event_record import RELATIONS, related
from eligibility.event_rules import (
    COLLECTED_WORDS,
    Collected,
    CollectionDays,
    Period,
    collection_period,
    judge_onset,
)
from participants.cross_checks import Casebook, CrossCheck, Mismatch
from participants.dates import PartialDate
from participants.workflow import ParticipantState
from records import clock, study
from records.text import Text

ASK = Text(" Correct the date, or confirm.", "请更正日期，或填写说明予以确认。")
BEFORE_CONSENT = Text(
    "The event began before consent ({consent}) and belongs to medical history.",
    "该事件发生于知情同意（{consent}）之前，应记入既往史。",
)
AFTER_COLLECTION = Text(
    "The event began after the period of collection ({last}): only a related serious event is collected.",
    "该事件发生于收集期（至{last}）之后：仅收集相关的严重不良事件。",
)
LATE_REPORT = Text(
    "The serious adverse event was reported more than {hours} hours after the site became aware of it. "
    "Correct the times, or confirm with the reason.",
    "严重不良事件在获知后超过{hours}小时才报告。请更正时间，或填写原因予以确认。",
)
NOT_REPORTED = Text(
    "The serious adverse event is not reported, and the {hours} hours are over. Report it, then enter when.",
    "严重不良事件获知已超过{hours}小时仍未报告。请立即报告并填写报告时间。",
)


# Where a participant stands as long as another HAIC cycle may follow.
UNDER_TREATMENT = (ParticipantState.ASSIGNED, ParticipantState.ON_TREATMENT)


def _haic_goes_on(casebook: Casebook) -> bool:
    """Whether a HAIC cycle may still follow, or one has begun of which nobody has said when its catheter was removed.

    The last cycle is known once treatment is over: the participant has moved on, or its end was declared.
    """
    if any(one.hprocdt and not _cycle_ended(one) for one in casebook.all("HAIC")):
        return True
    participant = casebook.participant
    if participant.arm != "HAIC" or participant.status not in UNDER_TREATMENT:
        return False
    return not any(one.submitted and one.dsscat == "EOT" for one in casebook.all("DS"))


def _cycle_ended(cycle: Any) -> datetime | None:
    """When a cycle ended; where nobody knows when the catheter was removed, the last moment that is known."""
    if cycle.hcathout or "hcathout" not in cycle.missing:
        ended: datetime | None = cycle.hcathout
        return ended
    return max((at for at in (cycle.hprocdt, cycle.fu2en) if at), default=None)


def period_of(casebook: Casebook) -> Period | None:
    """The days on which an adverse event has to begin to be collected; None while consent is not known."""
    signed = next((one.icfdtc for one in casebook.all("DM") if one.icfdtc), None)
    if signed is None:
        return None
    consent = clock.day(signed)

    def days(moments: Iterable[date | None]) -> list[date]:
        """The days of treatment; one before consent is a deviation of its own, and ends no period."""
        found = [
            clock.day(moment) if isinstance(moment, datetime) else moment for moment in moments if moment
        ]
        return [day for day in found if day >= consent]

    settings = study.in_force(casebook.today)
    return collection_period(
        consent,
        haic_ends=days(_cycle_ended(one) for one in casebook.all("HAIC")),
        infusions=days(one.yinfdt for one in casebook.all("YTRT")),
        hepatectomies=days(one.surgdtc for one in casebook.all("SURG")),
        haic_goes_on=_haic_goes_on(casebook),
        limits=CollectionDays(
            after_haic=settings["ae_days_after_haic"],
            after_y90=settings["ae_days_after_y90"],
            after_hepatectomy=settings["ae_days_after_surgery"],
        ),
    )


def _began(casebook: Casebook) -> Iterable[tuple[Any, Collected, Period]]:
    """Each event whose first day is known, with where it belongs by that day."""
    events = [one for one in casebook.all("AE") if one.aestdtc]
    period = period_of(casebook) if events else None
    if period is not None:
        for event in events:
            yield event, judge_onset(PartialDate.parse(event.aestdtc), period), period


def before_consent(casebook: Casebook) -> Iterable[Mismatch]:
    """X01 of an adverse event: one that began before consent is medical history."""
    for event, where, period in _began(casebook):
        if where is Collected.HISTORY:
            yield Mismatch(event, "aestdtc", BEFORE_CONSENT.format(consent=period.first) + ASK)
        elif where is Collected.UNKNOWN:
            yield Mismatch(event, "aestdtc", COLLECTED_WORDS[where] + ASK)


def after_collection(casebook: Casebook) -> Iterable[Mismatch]:
    """After the period only serious events that are related are collected."""
    for event, where, period in _began(casebook):
        if where is not Collected.IF_RELATED:
            continue
        answers = {name: getattr(event, name) for name in RELATIONS}
        if event.aeser == "N" or related(answers, event.missing) is False:
            yield Mismatch(event, "aestdtc", AFTER_COLLECTION.format(last=period.last) + ASK)


def late_report(casebook: Casebook) -> Iterable[Mismatch]:
    """X21: a serious adverse event reported later than 24 hours after awareness, or not at all by then."""
    serious = [one for one in casebook.all("AE") if one.aeser == "Y" and one.saeaware is not None]
    hours = study.value("sae_report_hours", casebook.today) if serious else 0
    for one in serious:
        due = one.saeaware + timedelta(hours=hours)
        if one.saerep is None:
            if casebook.now > due:
                yield Mismatch(one, "saerep", NOT_REPORTED.format(hours=hours))
        elif one.saerep > due:
            yield Mismatch(one, "saerep", LATE_REPORT.format(hours=hours))


TREATMENT = {
    "HAIC": ("hprocdt", "hcathout", "fu2en"),
    "YTRT": ("yinfdt",),
    "SURG": ("surgdtc",),
    "DS": ("dsscat",),
}
CHECKS = (
    CrossCheck(
        "X01AE",
        Text("Adverse event before consent", "不良事件早于知情同意"),
        {"AE": ("aestdtc",), "DM": ("icfdtc",)},
        before_consent,
    ),
    CrossCheck(
        "AEPERIOD",
        Text("Adverse event after the period of collection", "不良事件晚于收集期"),
        {"AE": ("aestdtc", "aeser", *RELATIONS), "DM": ("icfdtc",), **TREATMENT},
        after_collection,
        # The end of treatment, which closes the period, may also follow from a plan or a review.
        daily=True,
    ),
    CrossCheck(
        "X21",
        Text("Serious adverse event reported late", "严重不良事件迟报"),
        {"AE": ("aeser", "saeaware", "saerep")},
        late_report,
        daily=True,
    ),
)

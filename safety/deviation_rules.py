"""Which rules of the protocol were broken, read from what the forms say: drafts for the form of deviations.

Each rule is a function of plain facts that gives breaches, each with the form it rests on; a person decides what
becomes of a draft. RULES names for each rule the answers that can change its outcome.
Source: protocol specification 0.2 (C8, C10), 3 (I6), 4.4, 5.8, 8.25, 8.26 (X21, X25) and 9.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from arms.deviations import Deviation
from participants.dates import trial_day
from records.text import Text
from records.zone import TRIAL_ZONE

# For each rule the forms that can change its outcome, with the items it reads there; EVERY: any of them.
EVERY: Final[tuple[str, ...]] = ()
# What the time of a sample before treatment is taken from.
SAMPLED: Final = ("lbdtc", "hemyn", "chemyn", "coagyn", "neut", "plt", "tbil", "alb", "inr", "crea")
RULES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "CONSENT": {
        "DM": ("icfdtc",),
        "IE": ("procdtc",),
        "HAIC": ("hprocdt",),
        "YMAP": ("ymapdtc",),
        "YTRT": ("yinfdt",),
    },
    "ELIGIBILITY": {**dict.fromkeys(("DM", "MH", "LB", "STG", "IE", "ARM"), EVERY), "VS": ("ecog",)},
    "FIRST_DAY": {
        "DM": EVERY,
        "MH": ("gibyn", "gibdtc", "cvyn", "cvdtc"),
        "LB": ("hcg", "hcgdtc"),
        "IE": EVERY,
        "HAIC": ("hprocdt",),
        "YMAP": ("ymapdtc",),
        "ARM": EVERY,
    },
    "DOSE": dict.fromkeys(("HAIC", "YMAP", "YDOS", "YTRT"), EVERY),
    "INTERVAL": {"HAIC": EVERY},
    "WINDOW": {"SV": EVERY},
    "LABS": {"SV": EVERY, "LB": SAMPLED, "HAIC": EVERY, "YTRT": EVERY},
    "PROHIBITED": {"SACT": EVERY, "DS": EVERY, "SURG": EVERY, "RSP": ("rsdtc", "rscat", "rsinv", "recurfl")},
    "SAELATE": {"AE": ("aeterm", "aeser", "saeaware", "saerep")},
    "SECOND_Y90": {"YTRT": EVERY},
    "CYCLES": {"DS": EVERY, "HAIC": EVERY},
}
LABORATORY_DAYS: Final = 7
MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Source:
    """The form a breach rests on: its code, visit and number there; `part` tells several breaches of it apart."""

    form: str
    visit: int
    repeat: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule found broken: category and severity as proposed, the day it happened, and what it was."""

    rule: str
    source: Source
    category: str
    severity: str
    on: dt.date
    words: Text


def breaches(rule: str, source: Source, found: Iterable[Deviation]) -> Iterable[Breach]:
    """Give what the course of treatment itself counts as deviations the rule and the form they rest on."""
    for one in found:
        yield Breach(rule, source, one.category, one.severity, one.on, one.words)


# Consent and eligibility ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Procedure:
    """Something done for the study alone, and when: a day where no time is known."""

    source: Source
    label: Text
    at: dt.datetime | dt.date


def before_consent(signed: dt.datetime | None, procedures: Iterable[Procedure]) -> Iterable[Breach]:
    """Find study procedures before consent was signed; the same minute is allowed, and the same day of a bare day.

    Times have a zone. Nothing is found while consent is not known. Source: section 3, I6 and consent timing.
    """
    if signed is None:
        return
    for one in procedures:
        early = one.at < signed if isinstance(one.at, dt.datetime) else one.at < trial_day(signed)
        if early:
            words = Text(
                "{label} ({at}) before informed consent ({signed}).",
                "{label}（{at}）早于知情同意（{signed}）。",
            ).format(label=one.label, at=_moment(one.at), signed=_moment(signed))
            yield Breach("CONSENT", one.source, "CONSENT", "MAJOR", trial_day(one.at), words)


def _moment(at: dt.datetime | dt.date) -> str:
    if not isinstance(at, dt.datetime):
        return at.isoformat()
    local = at.astimezone(TRIAL_ZONE) if at.tzinfo else at
    return f"{local:%Y-%m-%d %H:%M}"


def not_eligible(assignment: Source, on: dt.date, failing: Iterable[tuple[str, Text]]) -> Iterable[Breach]:
    """Find criteria (id and reason) that fail by the data although an arm was assigned on that day."""
    for criterion, reason in failing:
        kind = Text("inclusion", "入选标准") if criterion.startswith("I") else Text("exclusion", "排除标准")
        words = Text(
            "An arm was assigned although {kind} {number} is not fulfilled: {reason}",
            "{kind}{number}不符合仍完成分组：{reason}",
        ).format(kind=kind, number=criterion[1:], reason=reason)
        source = Source(assignment.form, assignment.visit, assignment.repeat, criterion)
        yield Breach("ELIGIBILITY", source, "ELIGIBILITY", "MAJOR", on, words)


# Treatment ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose given beside the one it is held against, in `unit`; `limit` is the difference (%) still allowed."""

    source: Source
    drug: Text
    given: Decimal
    planned: Decimal
    unit: str
    limit: Decimal
    on: dt.date


def dose_off(doses: Iterable[Dose]) -> Iterable[Breach]:
    """Find doses further off than allowed; exactly the limit is within. A planned dose of 0 is held against nothing.

    Source: sections 4.2 (more than 10 %) and 5.8 (more than 20 %).
    """
    for one in doses:
        if one.planned <= 0:
            continue
        percent = 100 * (one.given - one.planned) / one.planned
        if abs(percent) > one.limit:
            words = Text(
                "{drug}: {given} {unit} given, {planned} {unit} planned ({percent} %).",
                "{drug}：实际{given} {unit}，计划{planned} {unit}（{percent}%）。",
            ).format(
                drug=one.drug,
                given=f"{one.given:f}",
                planned=f"{one.planned:f}",
                unit=one.unit,
                percent=f"{percent.quantize(Decimal('0.1'), ROUND_HALF_UP):+f}",
            )
            yield Breach("DOSE", one.source, "DOSE", "MINOR", one.on, words)


@dataclass(frozen=True, slots=True)
class OtherTreatment:
    """Anti-tumour treatment outside the protocol and the day it began."""

    source: Source
    label: Text
    on: dt.date


def prohibited(treatments: Iterable[OtherTreatment], until: dt.date | None) -> Iterable[Breach]:
    """Find other anti-tumour treatment begun before the study treatment was over.

    `until`: the day on which it ended, progressed or the liver was resected, whichever came first; None while
    none of these is known. Treatment from that day on is follow-up. Source: section 8.25.
    """
    for one in treatments:
        if until is None or one.on < until:
            words = Text(
                "Other anti-tumour treatment ({label}) from {day} while the study treatment was not over.",
                "研究治疗结束前（{day}起）使用其他抗肿瘤治疗：{label}。",
            ).format(label=one.label, day=one.on)
            yield Breach("PROHIBITED", one.source, "PROHIBITED", "MAJOR", one.on, words)


# Visits and laboratory ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """A visit that took place, with its window; both ends belong to it, None leaves a side open."""

    source: Source
    label: Text
    on: dt.date
    opens: dt.date | None
    closes: dt.date | None


def outside_window(visits: Iterable[VisitSeen]) -> Iterable[Breach]:
    """Find visits that took place outside their window (X25)."""
    for one in visits:
        early = one.opens is not None and one.on < one.opens
        late = one.closes is not None and one.on > one.closes
        if early or late:
            words = Text(
                "{label} on {day}, outside its window {opens} to {closes}.",
                "{label}（{day}）不在时间窗{opens}至{closes}内。",
            ).format(label=one.label, day=one.on, opens=one.opens or "…", closes=one.closes or "…")
            yield Breach("WINDOW", one.source, "VISITWINDOW", "MINOR", one.on, words)


@dataclass(frozen=True, slots=True)
class Cleared:
    """A treatment and the laboratory sample of its visit that cleared it; None where there is none.

    `limit`: how many days old the sample may be.
    """

    source: Source
    label: Text
    on: dt.date
    sampled: dt.date | None
    limit: int = LABORATORY_DAYS


def cleared_late(treatments: Iterable[Cleared]) -> Iterable[Breach]:
    """Find treatments without a laboratory sample, or with one older than allowed or taken afterwards.

    Source: sections 4.4 (7 days before a cycle) and 7.5 (7 days before Y-90).
    """
    for one in treatments:
        if one.sampled is None:
            words = Text("{label}: no laboratory results before it.", "{label}：治疗前无实验室检查结果。")
        elif one.sampled > one.on:
            words = Text(
                "{label}: the laboratory sample was taken afterwards ({day}).",
                "{label}：实验室采样晚于治疗（{day}）。",
            )
        elif (one.on - one.sampled).days > one.limit:
            words = Text(
                "{label}: the laboratory results are {days} days old, more than {limit}.",
                "{label}：实验室检查结果距治疗{days}天，超过{limit}天。",
            )
        else:
            continue
        days = (one.on - one.sampled).days if one.sampled else 0
        words = words.format(label=one.label, day=one.sampled, days=days, limit=one.limit)
        yield Breach("LABS", one.source, "MISSEDTEST", "MINOR", one.on, words)


@dataclass(frozen=True, slots=True)
class DueTests:
    """A visit that took place and at which laboratory tests were due.

    `due_by`: the last day on which they could still be done for it. `missing`: what was not done, by panel; the
    empty panel stands for a laboratory form that was never begun.
    """

    source: Source
    label: Text
    on: dt.date
    due_by: dt.date
    missing: tuple[tuple[str, Text], ...]


def missing_tests(visits: Iterable[DueTests], today: dt.date) -> Iterable[Breach]:
    """Find laboratory tests that were due at a visit and were not done, once they cannot be done for it any more.

    A panel that a person declared as not done counts at once. Source: sections 7.4, 7.5 and 8.25.
    """
    for one in visits:
        for panel, name in one.missing:
            if not panel and today <= one.due_by:
                continue
            words = Text("{label}: {tests} not done.", "{label}：未进行{tests}。").format(
                label=one.label, tests=name
            )
            source = Source(one.source.form, one.source.visit, one.source.repeat, panel)
            yield Breach("LABS", source, "MISSEDTEST", "MINOR", one.on, words)


# Reporting ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reported:
    """A serious adverse event: when the investigator became aware, and when the initial report was sent."""

    source: Source
    number: int
    term: str
    aware: dt.datetime
    sent: dt.datetime | None


def reported_late(
    events: Iterable[Reported], now: dt.datetime, within: dt.timedelta = dt.timedelta(hours=24)
) -> Iterable[Breach]:
    """Find serious adverse events reported later than `within` after awareness, or not yet and overdue (X21).

    Counted to the minute: 24:00 is in time, 24:01 late. Times have a zone.
    """
    for one in events:
        until = one.sent or now.replace(second=0, microsecond=0)
        elapsed = until.astimezone(dt.UTC) - one.aware.astimezone(dt.UTC)
        if elapsed <= within:
            continue
        due = one.aware + within
        if one.sent is None:
            words = Text(
                "Serious adverse event {number} ({term}): not reported by {due}.",
                "严重不良事件{number}（{term}）：截至{due}仍未报告。",
            )
        else:
            words = Text(
                "Serious adverse event {number} ({term}): reported {late} min late ({sent}, due {due}).",
                "严重不良事件{number}（{term}）：迟报{late}分钟（{sent}报告，应于{due}前）。",
            )
        words = words.format(
            number=one.number,
            term=one.term,
            due=_moment(due),
            sent=_moment(until),
            late=(elapsed - within) // MINUTE,
        )
        yield Breach("SAELATE", one.source, "SAELATE", "MAJOR", trial_day(due), words)


def rules_reading(form: str, changed: Collection[str] | None = None) -> tuple[str, ...]:
    """Give the rules whose outcome changed items of a form can change; None: the form as a whole."""
    return tuple(
        rule
        for rule, read in RULES.items()
        if form in read
        and (changed is None or read[form] == EVERY or not set(read[form]).isdisjoint(changed))
    )

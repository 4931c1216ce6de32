"""Enrolment: planned and actual, the way from registration to treatment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import choice, selectors
from dashboards.cards import Ask, Card, Question, bars, percent
from dashboards.flow import flow_card
from dashboards.plan import START, last_day, months_shown, pace_from, planned_by, reached_on
from dashboards.selectors import Enrolled
from eligibility.criteria_wording import WORDING
from participants.models import ARMS
from records.text import Text

# -- enrolment ---------------------------------------------------------------------------------------


def enrolment(question: Question) -> Card:
    """Enrolled over time against the plan, by month."""
    view, today = question.view, question.today
    target, months = question.settings["target_enrolment"], question.settings["enrolment_months"]
    found = question.enrolled
    shown = months_shown(today, start=START, months=months)
    actual, planned, running = [], [], sum(n for month, n in found.by_month.items() if month < START)
    for month in shown:
        running += found.by_month[month]
        actual.append(running if month <= today else None)
        planned.append(int(planned_by(last_day(month), target=target, start=START, months=months)))
    by_today = int(planned_by(today, target=target, start=START, months=months))
    projected = _projected(question, found, target)
    plan_words = _("Plan") if view.whole_trial else _("Plan for the whole trial")
    return Card(
        id="enrolment",
        finding=_enrolment_finding(question, found.total, target, by_today),
        text=projected.words
        if view.whole_trial
        else _("The plan of %(target)s is for the whole trial; it is not divided by site or arm.")
        % {"target": target},
        data={
            "type": "step",
            "labels": [f"{month:%Y-%m}" for month in shown],
            "max": target,
            "y": _("participants"),
            "series": [
                {"label": _("Enrolled"), "data": actual},
                {"label": plan_words, "data": planned, "plan": True},
                *(
                    [
                        {
                            "label": projected.line,
                            "data": _line_to(projected.day, question, shown),
                            "plan": True,
                            "colour": 2,
                        }
                    ]
                    if projected.day
                    else []
                ),
            ],
        },
        alt=_(
            "Enrolled participants at the end of each month beside the plan; the numbers are in the table."
        ),
        columns=[_("Month"), _("Newly enrolled"), _("Enrolled"), plan_words],
        rows=[
            (f"{month:%Y-%m}", found.by_month[month] if month <= today else "", "" if n is None else n, plan)
            for month, n, plan in zip(shown, actual, planned, strict=True)
        ],
        source=_(
            "Arm assignments until %(day)s, %(where)s. Plan: %(target)s in %(months)s months from %(start)s, evenly."
        )
        % {"day": today, "where": question.where, "target": target, "months": months, "start": START},
    )


PROJECTED = Text("At the pace since {since}", "按{since}以来的入组速度推算")
REACHES = Text(
    "At the pace since {since} ({recent} enrolled in {days} days), {target} are reached on {day}.",
    "按{since}以来的速度（{days}天入组{recent}例），预计{day}达到{target}例。",
)
NEVER_REACHES = Text(
    "At the pace since {since} ({recent} enrolled in {days} days), {target} are not reached within twenty years.",
    "按{since}以来的速度（{days}天入组{recent}例），二十年内无法达到{target}例。",
)
REACHED = Text("{target} were reached on {day}.", "已于{day}达到{target}例。")


@dataclass(frozen=True, slots=True)
class Projection:
    """The day the target is reached (None: not foreseen, or reached already), that in words, and the line's name."""

    day: date | None = None
    words: str = ""
    line: str = ""


def _projected(question: Question, found: Enrolled, target: int) -> Projection:
    """When the target is reached at the present pace, or when it was; of the whole trial alone."""
    view, today = question.view, question.today
    if not view.whole_trial:
        return Projection()
    if found.total >= target:
        return Projection(words=str(REACHED.format(target=target, day=selectors.enrolled_on(view, target))))
    since = pace_from(today, selectors.enrolled_on(view, 1))
    days, recent = (today - since).days + 1, selectors.enrolled_since(view, since)
    day = reached_on(today, enrolled=found.total, recent=recent, days=days, target=target)
    words = REACHES if day else NEVER_REACHES
    said = words.format(since=since, days=days, recent=recent, target=target, day=day)
    return Projection(day, str(said), str(PROJECTED.format(since=since)))


def _line_to(reached: date, question: Question, shown: list[date]) -> list[float | None]:
    """The straight line from today's number to the target, at the end of each month shown."""
    total, target, days = (
        question.enrolled.total,
        question.settings["target_enrolment"],
        (reached - question.today).days,
    )
    line: list[float | None] = []
    for month in shown:
        end = last_day(month)
        if end < question.today:
            line.append(None)
        else:
            part = min((end - question.today).days / days, 1)
            line.append(round(total + (target - total) * part, 1))
    return line


def _enrolment_finding(question: Question, number: int, target: int, planned: int) -> str:
    words = {"n": number, "target": target, "d": abs(number - planned), "where": question.where}
    if not question.view.whole_trial:
        return _("%(n)s of %(target)s enrolled at %(where)s") % words
    if number < planned:
        return _("%(n)s of %(target)s enrolled, %(d)s behind plan") % words
    if number > planned:
        return _("%(n)s of %(target)s enrolled, %(d)s ahead of plan") % words
    return _("%(n)s of %(target)s enrolled, as planned") % words


def sites_and_arms(question: Question) -> Card:
    """Enrolled by site and arm."""
    view = question.view
    counts = question.enrolled.by_site_and_arm
    arms = [view.arm] if view.arm else list(ARMS)
    numbers_of = {site: [counts[site.pk, arm] for arm in arms] for site in view.sites}
    # A site that takes no part in the trial is there for its historical log.
    by_site = {site: found for site, found in numbers_of.items() if site.activated_on or any(found)}
    by_arm = [sum(numbers) for numbers in zip(*by_site.values(), strict=True)] or [0] * len(arms)
    total, names = sum(by_arm), [str(ARMS[arm]) for arm in arms]
    parts = Text.join(
        [Text(f"{ARMS[arm].en} {n}", f"{ARMS[arm].zh} {n}") for arm, n in zip(arms, by_arm, strict=True)],
        en="; ",
        zh="；",
    )
    source = _("Arm assignments until %(day)s, %(where)s.") % {"day": question.today, "where": question.where}
    if not total:
        return Card(id="sites", finding=_("Nobody enrolled so far"), source=source)
    leader = max(by_site, key=lambda site: sum(by_site[site]))
    finding = str(parts)
    if len(by_site) > 1:
        finding = _("%(site)s enrolled most, %(n)s of %(total)s; %(arms)s") % {
            "site": leader.name,
            "n": sum(by_site[leader]),
            "total": total,
            "arms": parts,
        }
    return Card(
        id="sites",
        finding=finding,
        data=bars(
            [Truncator(str(site)).chars(22) for site in by_site],
            [(name, [row[n] for row in by_site.values()]) for n, name in enumerate(names)],
            horizontal=True,
            stacked=True,
            x=_("participants"),
        ),
        alt=_("Enrolled participants of each site, divided by arm; the numbers are in the table."),
        columns=[_("Site"), *names, _("Together")],
        rows=[(str(site), *numbers, sum(numbers)) for site, numbers in by_site.items()]
        + ([(_("Together"), *by_arm, total)] if len(by_site) > 1 else []),
        source=source,
    )


# -- screening ---------------------------------------------------------------------------------------


def screening(question: Question) -> Card:
    """From registration to treatment."""
    found = selectors.funnel(question.view)
    steps = [
        (_("Registered"), found.registered),
        (_("Screening decided"), found.decided),
        (_("Eligible"), found.eligible),
        (_("Arm assigned"), found.assigned),
        (_("Treated"), found.treated),
    ]
    aside = [
        (_("Still in screening"), found.in_screening),
        (_("Screen failures"), found.failed),
        (_("Left before a decision"), found.left_before_decision),
    ]
    source = _("Status histories until %(day)s, %(where)s, both arms.") % {
        "day": question.today,
        "where": question.place,
    }
    if not found.registered:
        return Card(id="screening", finding=_("Nobody registered so far"), source=source)
    return Card(
        id="screening",
        finding=_("%(n)s of %(total)s registered were assigned an arm (%(percent)s)")
        % {
            "n": found.assigned,
            "total": found.registered,
            "percent": percent(found.assigned, found.registered),
        },
        text=" · ".join(f"{words}: {number}" for words, number in aside),
        data=bars(
            [words for words, _number in steps],
            [(_("Participants"), [number for _words, number in steps])],
            horizontal=True,
            x=_("participants"),
        ),
        alt=_(
            "Participants who reached each step from registration to treatment; the numbers are in the table."
        ),
        columns=[_("Step"), _("Participants"), _("Of the registered")],
        rows=[(words, number, percent(number, found.registered)) for words, number in [*steps, *aside]],
        source=source,
    )


def most_frequent_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Criteria with their numbers, the most frequent first, then in the protocol's order."""
    order = list(WORDING)
    return sorted(counts.items(), key=lambda one: (-one[1], order.index(one[0])))


def criteria_card(card_id: str, finding: str, alt: str, counts: dict[str, int], source: str) -> Card:
    """A bar for each criterion; its wording stands in the table."""
    rows = most_frequent_first(counts)
    return Card(
        id=card_id,
        finding=finding,
        data=bars(
            [code for code, _number in rows],
            [(_("Participants"), [number for _code, number in rows])],
            horizontal=True,
            x=_("participants"),
        ),
        alt=alt,
        columns=[_("Criterion"), _("Number")],
        rows=[(f"{code} {WORDING[code]}", number) for code, number in rows],
        source=source,
    )


def failures(question: Question) -> Card:
    """Why screening failed, by criterion."""
    counts = selectors.failing_criteria(question.view)
    source = _("Decisions of the investigators until %(day)s; one participant can fail several criteria.") % {
        "day": question.today
    }
    if not counts:
        return Card(id="failures", finding=_("No screen failures so far"), source=source)
    (first, number), *_others = most_frequent_first(counts)
    finding = ngettext(
        "%(criterion)s is the most frequent reason for screen failure (%(n)s participant)",
        "%(criterion)s is the most frequent reason for screen failure (%(n)s participants)",
        number,
    ) % {"criterion": first, "n": number}
    alt = _("Screen failures by criterion; the numbers are in the table.")
    return criteria_card("failures", finding, alt, counts, source)


# -- follow-up --------------------------------------------------------------------------------------


def follow_up(question: Question) -> Card:
    """Follow-up visits due and overdue."""
    rows = selectors.follow_up_waiting(question.view, question.today)
    overdue, due = sum(row.overdue for row in rows), sum(row.due for row in rows)
    source = _("Visit calendars on %(day)s, %(where)s. Overdue: the last day of the window has passed.") % {
        "day": question.today,
        "where": question.where,
    }
    if not rows:
        return Card(id="follow-up", finding=_("No follow-up visit is due"), source=source)
    return Card(
        id="follow-up",
        finding=ngettext(
            "%(overdue)s follow-up visit is overdue, %(due)s due now",
            "%(overdue)s follow-up visits are overdue, %(due)s due now",
            overdue,
        )
        % {"overdue": overdue, "due": due},
        data=bars(
            [row.code for row in rows],
            [(_("Overdue"), [row.overdue for row in rows]), (_("Due now"), [row.due for row in rows])],
            (6, 1),
            horizontal=True,
            stacked=True,
            x=_("visits"),
        ),
        alt=_("Visits of follow-up that are overdue or due now, by visit; the numbers are in the table."),
        columns=[_("Visit"), _("Overdue"), _("Due now")],
        rows=[(f"{row.code} {Text(row.label_en, row.label_zh)}", row.overdue, row.due) for row in rows],
        source=source,
    )


CARDS: dict[str, Ask] = {
    "enrolment": enrolment,
    "sites": sites_and_arms,
    "flow": flow_card,
    "screening": screening,
    "failures": failures,
    **choice.CARDS,
    "follow-up": follow_up,
}

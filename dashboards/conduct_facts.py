"""How the trial is run, by site: visits, entry, completeness, queries, verification, assessments, reports, deviations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from dashboards.selectors import View
from dashboards.statements import rows_of, table_of
from dashboards.treatment_facts import Spread, quartiles
from eligibility.models import AdverseEvent
from followup.models import TumourResponse
from monitoring.plan import DEFAULT
from participants.models import CaseReportForm, VisitHeader
from records.definition import forms
from safety.models import ProtocolDeviation

BySite = dict[int, dict[str, int]]

HEADERS, RESPONSES = table_of(VisitHeader), table_of(TumourResponse)
EVENTS, DEVIATIONS = table_of(AdverseEvent), table_of(ProtocolDeviation)
# A visit's day where it took place; forms that are kept throughout the study stand at no visit.
VISITS = (
    f"participants_visit v JOIN participants_participant p ON p.id = v.participant_id "
    f"LEFT JOIN {HEADERS} h ON h.visit_id = v.id AND h.state = 'SUBMITTED' AND h.svdone = 'Y' "
    "AND h.svstdtc IS NOT NULL"
)
OUTSIDE = "(h.svstdtc < v.window_open OR h.svstdtc > v.window_close)"


def visits(view: View, today: date) -> BySite:
    """Visits with a window, by what became of them: those that took place, were missed, or are past and open.

    Cancelled and superseded visits do not count, nor those whose window is still open and that did not take place.
    """
    statement = f"""
        SELECT p.site_id,
            count(*) FILTER (WHERE h.id IS NOT NULL AND NOT coalesce({OUTSIDE}, false)) AS inside,
            count(*) FILTER (WHERE h.id IS NOT NULL AND {OUTSIDE}) AS outside,
            count(*) FILTER (WHERE h.id IS NULL AND v.status = 'MISSED') AS missed,
            count(*) FILTER (WHERE h.id IS NULL AND v.status IN ('PLANNED', 'STARTED', 'DONE')
                             AND v.window_close < %(today)s) AS overdue
        FROM {VISITS}
        WHERE v.window_close IS NOT NULL AND v.status NOT IN ('CANCELLED', 'SUPERSEDED') AND {{where}}
        GROUP BY 1
    """  # noqa: S608 – our own words
    return _named(rows_of(statement, view, today=today), "inside", "outside", "missed", "overdue")


def assessments(view: View, today: date) -> BySite:
    """Tumour assessments that are due by the calendar: made in the window, made outside it, or not made.

    Made: a submitted form of response with its day. Not made: its window has passed or the visit was missed.
    """
    outside = "(r.rsdtc < v.window_open OR r.rsdtc > v.window_close)"
    statement = f"""
        SELECT p.site_id,
            count(*) FILTER (WHERE r.id IS NOT NULL AND NOT coalesce({outside}, false)),
            count(*) FILTER (WHERE r.id IS NOT NULL AND {outside}),
            count(*) FILTER (WHERE r.id IS NULL AND (v.window_close < %(today)s OR v.status = 'MISSED'))
        FROM participants_visit v JOIN participants_participant p ON p.id = v.participant_id
        LEFT JOIN LATERAL (
            SELECT a.id, a.rsdtc FROM {RESPONSES} a
            WHERE a.visit_id = v.id AND a.state = 'SUBMITTED' AND a.rsdtc IS NOT NULL ORDER BY a.rsdtc, a.id LIMIT 1
        ) r ON true
        WHERE v.forms @> ARRAY['RSP']::varchar[] AND v.status NOT IN ('CANCELLED', 'SUPERSEDED') AND {{where}}
        GROUP BY 1
    """  # noqa: S608 – our own words
    return _named(rows_of(statement, view, today=today), "inside", "outside", "missing")


@cache
def _records() -> str:
    """The records of all forms: form, participant, visit, state, when first entered, how far verified."""
    return " UNION ALL ".join(
        f"SELECT '{code}'::text AS form, r.participant_id, r.visit_id, r.state, r.entered_at, k.state AS verified "  # noqa: S608
        f"FROM {table_of(model)} r LEFT JOIN monitoring_verification k "
        f"ON k.form = '{code}' AND k.record_id = r.id AND k.kind = 'SOURCE'"
        for code, model in forms().items()
        if issubclass(model, CaseReportForm)
    )


def entry_lag(view: View) -> dict[int, Spread]:
    """By site: days from a visit to the first entry of each form of it, where the sites are."""
    lag = "(r.entered_at AT TIME ZONE 'Asia/Shanghai')::date - h.svstdtc"
    statement = f"""
        SELECT p.site_id, {quartiles(lag)} FROM ({_records()}) r
        JOIN participants_participant p ON p.id = r.participant_id
        JOIN {HEADERS} h ON h.visit_id = r.visit_id AND h.state = 'SUBMITTED' AND h.svdone = 'Y'
        WHERE h.svstdtc IS NOT NULL AND {{where}} GROUP BY 1
    """  # noqa: S608 – our own words
    return {site: Spread.of(known, found) for site, known, found in rows_of(statement, view)}


def completeness(view: View) -> BySite:
    """Forms due at visits that took place: submitted, begun, not begun."""
    statement = f"""
        SELECT p.site_id, count(*) FILTER (WHERE r.best = 'SUBMITTED'), count(*) FILTER (WHERE r.best = 'DRAFT'),
               count(*) FILTER (WHERE r.best IS NULL)
        FROM {VISITS} CROSS JOIN LATERAL unnest(v.forms) due(form)
        LEFT JOIN (
            SELECT visit_id, form, min(state) AS best FROM ({_records()}) every_one GROUP BY 1, 2
        ) r ON r.visit_id = v.id AND r.form = due.form
        WHERE h.id IS NOT NULL AND {{where}} GROUP BY 1
    """  # noqa: S608 – our own words
    return _named(rows_of(statement, view), "submitted", "begun", "absent")


def verification(view: View, plans: Mapping[str, tuple[str, ...]]) -> BySite:
    """Submitted records of which the plan asks something, by how far they are held against the source."""
    unplanned = [code for code in forms() if not plans.get(code, DEFAULT.get(code, ("*",)))]
    statement = f"""
        SELECT p.site_id, count(*) FILTER (WHERE r.verified = 'COMPLETE'),
               count(*) FILTER (WHERE r.verified = 'CHANGED'), count(*) FILTER (WHERE r.verified = 'PARTIAL'),
               count(*) FILTER (WHERE r.verified IS NULL OR r.verified IN ('WITHDRAWN', 'REMOVED'))
        FROM ({_records()}) r JOIN participants_participant p ON p.id = r.participant_id
        WHERE r.state = 'SUBMITTED' AND r.form <> ALL (%(unplanned)s::text[]) AND {{where}} GROUP BY 1
    """  # noqa: S608 – our own words
    return _named(
        rows_of(statement, view, unplanned=unplanned), "complete", "changed", "partial", "not_verified"
    )


def queries(view: View) -> BySite:
    """Queries people raised, by their state, and differences between forms that are still open."""
    statement = """
        SELECT p.site_id, count(*) FILTER (WHERE state = 'OPEN'), count(*) FILTER (WHERE state = 'ANSWERED'),
               count(*) FILTER (WHERE state = 'CLOSED'), count(*) FILTER (WHERE state = 'DIFFERENCE')
        FROM (
            SELECT q.participant_id, q.state FROM monitoring_query q
            UNION ALL
            SELECT d.participant_id, 'DIFFERENCE' FROM participants_discrepancy d WHERE d.status = 'OPEN'
        ) each JOIN participants_participant p ON p.id = each.participant_id WHERE {where} GROUP BY 1
    """
    return _named(rows_of(statement, view), "open", "answered", "closed", "differences")


def reports(view: View, hours: int) -> BySite:
    """Serious adverse events whose awareness is entered, by the initial report: in time, late, not sent."""
    statement = f"""
        SELECT p.site_id,
            count(*) FILTER (WHERE r.saerep <= r.saeaware + make_interval(hours => %(hours)s)),
            count(*) FILTER (WHERE r.saerep > r.saeaware + make_interval(hours => %(hours)s)),
            count(*) FILTER (WHERE r.saerep IS NULL)
        FROM {EVENTS} r JOIN participants_participant p ON p.id = r.participant_id
        WHERE r.aeser = 'Y' AND r.saeaware IS NOT NULL AND {{where}} GROUP BY 1
    """  # noqa: S608 – our own words
    return _named(rows_of(statement, view, hours=hours), "in_time", "late", "not_sent")


def deviations(view: View) -> tuple[BySite, dict[str, dict[str, int]]]:
    """Submitted deviations by severity: of each site, and of each category; one query."""
    statement = f"""
        SELECT p.site_id, coalesce(r.dvdecod, ''), coalesce(r.dvsev, ''), count(*)
        FROM {DEVIATIONS} r JOIN participants_participant p ON p.id = r.participant_id
        WHERE r.state = 'SUBMITTED' AND {{where}} GROUP BY 1, 2, 3
    """  # noqa: S608 – our own words
    sites: BySite = {}
    categories: dict[str, dict[str, int]] = {}
    for site, category, severity, number in rows_of(statement, view):
        for found in (sites.setdefault(site, {}), categories.setdefault(category, {})):
            found[severity] = found.get(severity, 0) + number
    return sites, categories


def _named(rows: list[tuple[Any, ...]], *names: str) -> BySite:
    return {site: dict(zip(names, numbers, strict=True)) for site, *numbers in rows}

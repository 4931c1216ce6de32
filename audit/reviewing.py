"""What a review of the trail looks at, in figures: odd hours, bulk edits, late mass changes, change rates.

Everything is read from the trail itself. A change after submission is an entry that changes an item of a form which
an earlier entry shows submitted, or of a row of such a form's tables that was changed with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import User
from audit.filters import TrailFilter
from audit.kinds import Kind, tables, tables_of
from audit.selectors import Scope
from audit.words import column_label, items_of_table, title
from participants.models import Participant
from records.models import Record, Row
from records.text import Text
from records.zone import TRIAL_ZONE

MOST_LINES = 20

# The fields on which eligibility, doses, endpoints and safety rest: form and item.
CRITICAL: dict[str, tuple[str, ...]] = {
    "AE": ("aestdtc", "aetoxgr", "aeout", "aeser", "saeaware"),
    "DS": ("dsdecod", "dsstdtc"),
    "HAIC": ("hbsa", "oxadose", "lvdose", "fu1dose", "fu2dose", "hprocdt"),
    "IMG": ("imgdtc", "newles", "ldiam", "viadiam", "lesst"),
    "LB": ("lbdtc", "plt", "tbil", "alb", "inr", "crea"),
    "PATH": ("pcr", "mpr", "viable"),
    "RSP": ("trgresp", "ovrlresp", "rsinv"),
    "STG": ("ascites", "enceph", "tumnum", "tummax", "pvtt", "exhep", "cnlcinv"),
    "SURV": ("ssstat", "lastalive", "dthdtc"),
    "YDOS": ("lsf", "vliver", "vtumour", "aplan"),
    "YTRT": ("yinfdt", "ypreact", "yresact"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a figure: who or what, how many, and the filters that show these entries in the trail."""

    words: str
    count: int
    asked: TrailFilter
    note: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What a review looks at, for a period and a scope."""

    entries: int
    unattributed: int
    changes: int  # after submission
    odd_hours: list[Line]
    bulk: list[Line]
    late: list[Line]
    sites: list[Line]
    fields: list[Line]

    def summary(self) -> dict[str, int]:
        """What is kept with a completed review."""
        return {
            "entries": self.entries,
            "unattributed": self.unattributed,
            "changes_after_submission": self.changes,
            "people_at_odd_hours": len(self.odd_hours),
            "bulk_edits": len(self.bulk),
            "late_mass_changes": len(self.late),
            "critical_fields_changed": sum(line.critical for line in self.fields),
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """From the study settings: the working day's hours, what counts as bulk, and what as late."""

    day_from: int
    day_to: int
    bulk_changes: int
    bulk_minutes: int
    late_hours: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Limits:
        return cls(
            int(settings["trail_day_from"]),
            int(settings["trail_day_to"]),
            int(settings["trail_bulk_changes"]),
            int(settings["trail_bulk_minutes"]),
            int(settings["trail_late_hours"]),
        )


def figures(*, scope: Scope, from_day: str, to_day: str, limits: Limits) -> Figures:
    """Read every figure of a period (days in Shanghai, both included); a fixed number of queries."""
    asked = TrailFilter(from_day=from_day, to_day=to_day)
    reading = _Reading(scope, asked, limits)
    changed = reading.changed_items()
    return Figures(
        *reading.totals(),
        sum(count for *_place, count in changed),
        reading.odd_hours(),
        reading.bulk(),
        reading.late(),
        reading.by_site(changed),
        reading.by_field(changed),
    )


class _Reading:
    """The queries of one review; `within` is the condition every one of them shares."""

    def __init__(self, scope: Scope, asked: TrailFilter, limits: Limits) -> None:
        self.asked, self.limits = asked, limits
        self.within = "e.at >= %(begins)s AND e.at < %(ends)s"
        self.given: dict[str, Any] = {"begins": asked.begins, "ends": asked.ends, "zone": str(TRIAL_ZONE)}
        if scope.site_ids is not None:
            people = Participant.objects.filter(site_id__in=scope.site_ids)
            self.given["people"] = list(people.values_list("pk", flat=True))
            self.within += " AND e.participant_id = ANY(%(people)s)"
        data = {name: table.model for name, table in tables().items() if table.kind is Kind.DATA}
        self.given["forms"] = [name for name, model in data.items() if issubclass(model, Record)]
        self.given["rows"] = [name for name, model in data.items() if issubclass(model, Row)]
        self.given["holds"] = tables_of(Kind.HOLDS)
        self.people = {user.pk: user for user in User.objects.all()}
        # A change after submission, of entry e.
        self.after_submission = (
            "e.operation <> 'INSERT' AND ((e.relation = ANY(%(forms)s) AND EXISTS (SELECT FROM records_trailentry s "
            "WHERE s.relation = e.relation AND s.record_id = e.record_id AND s.id < e.id "
            "AND s.changes #>> '{state,1}' = 'SUBMITTED')) OR (e.relation = ANY(%(rows)s) AND e.reason <> ''))"
        )

    def ask(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self.given, **more})
            return cursor.fetchall()

    def name(self, person: int) -> str:
        return self.people[person].full_name if person in self.people else str(person)

    def _asked(self, **more: str) -> TrailFilter:
        return TrailFilter(**{**self.asked.given(), **more})

    def _person(self, person: int) -> str:
        return self.people[person].username if person in self.people else ""

    def totals(self) -> tuple[int, int]:
        [(entries, unattributed)] = self.ask(
            f"SELECT count(*), count(*) FILTER (WHERE e.role = '' AND e.person_id IS NULL) "  # noqa: S608 – our own words
            f"FROM records_trailentry e WHERE {self.within}"
        )
        return entries, unattributed

    def odd_hours(self) -> list[Line]:
        """People with entries outside the working day's hours."""
        found = self.ask(
            "SELECT e.person_id, count(*), min(e.at), max(e.at) FROM records_trailentry e "  # noqa: S608
            f"WHERE {self.within} AND e.person_id IS NOT NULL AND NOT (extract(hour FROM e.at AT TIME ZONE %(zone)s) "
            ">= %(day_from)s AND extract(hour FROM e.at AT TIME ZONE %(zone)s) < %(day_to)s) "
            "GROUP BY e.person_id ORDER BY count(*) DESC, e.person_id LIMIT %(most)s",
            day_from=self.limits.day_from,
            day_to=self.limits.day_to,
            most=MOST_LINES,
        )
        return [
            Line(
                self.name(person),
                count,
                self._asked(person=self._person(person)),
                f"{_moment(first)} – {_moment(last)}",
            )
            for person, count, first, last in found
        ]

    def bulk(self) -> list[Line]:
        """People who changed or removed many rows within one stretch of a few minutes."""
        found = self.ask(
            "SELECT e.person_id, date_bin(%(stretch)s, e.at, %(begins)s) AS bin, count(*) FROM records_trailentry e "  # noqa: S608
            f"WHERE {self.within} AND e.operation <> 'INSERT' AND e.person_id IS NOT NULL "
            "AND e.relation = ANY(%(forms)s || %(rows)s) "
            "GROUP BY e.person_id, bin HAVING count(*) >= %(bulk)s ORDER BY count(*) DESC, bin LIMIT %(most)s",
            stretch=timedelta(minutes=self.limits.bulk_minutes),
            bulk=self.limits.bulk_changes,
            most=MOST_LINES,
        )
        return [
            Line(self.name(person), count, self._on(start, person=self._person(person)), _moment(start))
            for person, start, count in found
        ]

    def _on(self, moment: datetime, **more: str) -> TrailFilter:
        day = moment.astimezone(TRIAL_ZONE).date().isoformat()
        return TrailFilter(**{**more, "from_day": day, "to_day": day})

    def late(self) -> list[Line]:
        """People who changed submitted answers shortly before data were exported, or after a freeze."""
        found = self.ask(
            "WITH exported AS (SELECT at FROM records_trailentry WHERE relation = 'exports_exportjob' "  # noqa: S608
            "AND changes #>> '{data_as_of,1}' IS NOT NULL AND at >= %(begins)s), "
            "held AS (SELECT participant_id, min(at) AS at FROM records_trailentry "
            "WHERE relation = ANY(%(holds)s) AND participant_id IS NOT NULL GROUP BY participant_id), "
            "near AS MATERIALIZED (SELECT e.*, EXISTS (SELECT FROM held WHERE held.participant_id = e.participant_id "
            "AND held.at < e.at) AS after_hold, EXISTS (SELECT FROM exported WHERE exported.at > e.at "
            "AND exported.at <= e.at + %(late)s) AS before_export FROM records_trailentry e "
            f"WHERE {self.within} AND e.person_id IS NOT NULL AND e.operation <> 'INSERT'), "
            # Few entries are near: only of those the history is asked.
            "late AS MATERIALIZED (SELECT * FROM near WHERE after_hold OR before_export) "
            "SELECT e.person_id, count(*) FILTER (WHERE after_hold), count(*) FILTER (WHERE before_export), count(*) "
            f"FROM late e WHERE {self.after_submission} GROUP BY e.person_id HAVING count(*) >= %(bulk)s "
            "ORDER BY count(*) DESC LIMIT %(most)s",
            late=timedelta(hours=self.limits.late_hours),
            bulk=self.limits.bulk_changes,
            most=MOST_LINES,
        )
        return [
            Line(
                self.name(person),
                count,
                self._asked(person=self._person(person), kind=Kind.DATA.value),
                str(LATE.format(held=held, exported=exported)),
            )
            for person, held, exported, count in found
        ]

    def changed_items(self) -> list[tuple[int, str, str, int]]:
        """Changes after submission by site, table and column: how often each was changed."""
        found = self.ask(
            "SELECT p.site_id, e.relation, key, count(*) FROM records_trailentry e "  # noqa: S608
            "JOIN participants_participant p ON p.id = e.participant_id, jsonb_object_keys(e.changes) AS key "
            f"WHERE {self.within} AND {self.after_submission} GROUP BY 1, 2, 3"
        )
        return [
            (site, relation, column, count)
            for site, relation, column, count in found
            if column in items_of_table(relation)
        ]

    def by_site(self, changed: Iterable[tuple[int, str, str, int]]) -> list[Line]:
        """Changed answers per site, with those per 100 forms that stand submitted."""
        forms_of_site = " UNION ALL ".join(
            f"SELECT participant_id FROM {name} WHERE state = 'SUBMITTED'"  # noqa: S608 – our own names
            for name in self.given["forms"]
        )
        submitted = dict(
            self.ask(
                f"SELECT p.site_id, count(*) FROM ({forms_of_site}) form "  # noqa: S608
                "JOIN participants_participant p ON p.id = form.participant_id GROUP BY p.site_id"
            )
        )
        counts: dict[int, int] = {}
        for site, _relation, _column, count in changed:
            counts[site] = counts.get(site, 0) + count
        names = dict(self.ask("SELECT id, code FROM accounts_site ORDER BY code"))
        return [
            Line(
                code,
                counts[site],
                self._asked(kind=Kind.DATA.value),
                str(RATE.format(rate=100 * counts[site] // submitted[site], forms=submitted[site]))
                if submitted.get(site)
                else "",
            )
            for site, code in names.items()
            if site in counts
        ]

    def by_field(self, changed: Iterable[tuple[int, str, str, int]]) -> list[Line]:
        """The fields changed most often after submission; critical ones first."""
        counts: dict[tuple[str, str], int] = {}
        for _site, relation, column, count in changed:
            counts[relation, column] = counts.get((relation, column), 0) + count
        found = [
            Line(
                f"{title(relation)}: {column_label(relation, column)}",
                count,
                self._asked(form=tables()[relation].form, field=column),
                critical=column in CRITICAL.get(tables()[relation].form, ()),
            )
            for (relation, column), count in counts.items()
        ]
        return sorted(found, key=lambda line: (not line.critical, -line.count, line.words))[:MOST_LINES]


LATE = Text("{held} after a freeze, {exported} before an export", "冻结后{held}处，导出前{exported}处")
RATE = Text("{rate} per 100 forms submitted ({forms})", "每100份已提交表单{rate}处（共{forms}份）")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M}"

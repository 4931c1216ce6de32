"""Which rows of which table belong to one site; found from the models, so that a new table comes along by itself.

A row belongs to a site by its participant, else by its site (a row that names no site concerns every one), else by
the row it hangs on. A table that none of this reaches is declared here, or a test asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from psycopg2 import sql

from records.install import HIDDEN_COLUMNS, installed_models, is_audited

# Tables that concern every site, copied whole.
OF_THE_TRIAL: dict[str, str] = {
    "eligibility_sponsorruling": "The sponsor's rulings on criteria.",
    "monitoring_verificationplan": "What is verified of each form.",
    "participants_scheduleversion": "The versions of the visit schedule.",
    "records_studysetting": "The versions of the study settings.",
    "records_seal": "The seals of the trail: hashes of its batches and nothing else.",
    "records_trailcheck": "When the whole trail was held against its seals, and whether it was whole.",
    "safety_meddrarelease": "Which releases of MedDRA were used.",
}

# Tables of the trail that are not copied, and why.
LEFT_OUT: dict[str, str] = {
    "accounts_passwordused": "Hashes of passwords.",
    "accounts_recoverycode": "Secrets of single persons.",
    "accounts_secondfactor": "Secrets of single persons.",
    "arms_noticeread": "That a person has read a notice shown once.",
    "followup_calendarbasis": "A mark of how far the planner has come; the schedule and the settings are copied.",
    "records_trialclock": "The clock of a demonstration; it does not move in a trial.",
}

# Rows that belong to a site by something else than a foreign key. What was asked or found of several sites together may
# name participants of another one in words: it is left out.
BY_HAND: dict[str, str] = {
    "accounts_signinevent": "r.person_id IN (SELECT user_id FROM accounts_roleheld WHERE site_id = {site})",
    "accounts_site": "r.id = {site}",
    "audit_trailreview": "r.site_ids = ARRAY[{site}]::bigint[]",
    "exports_exportdefinition": "r.site_ids = ARRAY[{site}]::bigint[] OR r.scope = 'ALL' OR {site} = ANY(r.site_ids)",
    "exports_exportjob": "(r.site_ids = ARRAY[{site}]::bigint[] "
    "OR r.filters = '{{}}' AND (r.scope = 'ALL' OR {site} = ANY(r.site_ids)))",
}

PEOPLE = str(settings.AUTH_USER_MODEL)
OF_PARTICIPANTS = "r.participant_id IN (SELECT id FROM participants_participant WHERE site_id = {site})"


@dataclass(frozen=True, slots=True)
class Belonging:
    """How a table's rows belong to a site: SQL about a row called `r`.

    `by`: the column that says so and the values it then has, for rows that are there no longer; None for a table
    whose rows are never removed, or that the trail itself knows by participant.
    """

    condition: sql.Composable
    by: tuple[str, sql.Composable] | None = None
    by_participant: bool = False


def _column(field: Any) -> str:
    return str(field.column)


class Scope:
    """The tables of one site."""

    def __init__(self, site_id: int) -> None:
        self._site = sql.Literal(site_id)
        self._known: dict[str, Belonging | None] = {}

    def of(self, model: type[models.Model]) -> Belonging | None:
        """How the rows of a table belong to the site; None where they do not. Accounts are not asked for here."""
        table = model._meta.db_table
        if table not in self._known:
            self._known[table] = None  # a table that hangs on itself is reached by nothing
            self._known[table] = self._find(model)
        return self._known[table]

    def _find(self, model: type[models.Model]) -> Belonging | None:
        table = model._meta.db_table
        if table in BY_HAND:
            return Belonging(sql.SQL(BY_HAND[table]).format(site=self._site))
        if table in LEFT_OUT or table == models_table(PEOPLE):
            return None
        if table in OF_THE_TRIAL:
            return Belonging(sql.SQL("true"))
        keys = [
            field
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model is not None
        ]
        named = {_column(field): field for field in keys}
        participant, site = named.get("participant_id"), named.get("site_id")
        if participant is not None and not participant.null:
            return Belonging(sql.SQL(OF_PARTICIPANTS).format(site=self._site), by_participant=True)
        if site is not None:
            any_site = sql.SQL(" OR r.site_id IS NULL" if site.null else "")
            condition = sql.SQL("(r.site_id = {}{})").format(self._site, any_site)
            return Belonging(condition, ("site_id", sql.SQL("SELECT {}").format(self._site)))
        for field in keys:
            above = None if field.null else self._hangs_on(field)
            if above is not None:
                return above
        if participant is not None:
            return Belonging(sql.SQL(OF_PARTICIPANTS).format(site=self._site), by_participant=True)
        return None

    def _hangs_on(self, field: Any) -> Belonging | None:
        other: type[models.Model] = field.related_model
        if other._meta.db_table in OF_THE_TRIAL:
            return None
        above = self.of(other)
        if above is None:
            return None
        rows = sql.SQL("SELECT r.{} FROM {} r WHERE {}").format(
            sql.Identifier(key_of(other)), sql.Identifier(other._meta.db_table), above.condition
        )
        column = _column(field)
        return Belonging(sql.SQL("{} IN ({})").format(sql.Identifier("r", column), rows), (column, rows))

    @cached_property
    def tables(self) -> list[tuple[type[models.Model], Belonging]]:
        """Every table with rows of the site, in the order of their names; accounts are left to `people`."""
        found = []
        for model in sorted(installed_models(), key=lambda model: model._meta.db_table):
            if is_audited(model) or model._meta.db_table in OF_THE_TRIAL:
                belonging = self.of(model)
                if belonging is not None:
                    found.append((model, belonging))
        return found


def models_table(label: str) -> str:
    """The table of Django's label of a model: `accounts.User`, `accounts_user`."""
    return label.replace(".", "_").lower()


def key_of(model: type[models.Model]) -> str:
    assert model._meta.pk is not None
    return _column(model._meta.pk)


def undeclared() -> list[str]:
    """Tables of the trail that no rule reaches and nobody has declared."""
    scope = Scope(0)
    reached = {model._meta.db_table for model, _belonging in scope.tables}
    return [
        model._meta.db_table
        for model in installed_models()
        if is_audited(model)
        and model._meta.db_table not in reached
        and model._meta.db_table not in LEFT_OUT
        and model._meta.db_table != models_table(PEOPLE)
    ]


def kept_columns(model: type[models.Model]) -> list[Any]:
    """The columns of a table that may be read in a copy: what the trail hides, a copy hides."""
    hidden = HIDDEN_COLUMNS.get(model._meta.db_table, ())
    return [field for field in model._meta.concrete_fields if _column(field) not in hidden]

"""Exports: the rate of each format beside PostgreSQL's COPY of the same rows, and the worker's memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable

from django.db import connection
from psycopg2 import sql

from accounts.access import Access, Permission
from accounts.models import User
from bench import trial
from bench.report import CHECKOUT, Figure
from bench.run import Run
from exports.actions import request_export
from exports.asked import CSV, Asked
from exports.formats.registry import FORMATS, WHOLE
from exports.tables import form_tables
from exports.trial_tables import tables_of_export
from records import clock
from records.definition import forms, row_groups


def _copy(selections: Iterable[sql.Composable]) -> float:
    """Stream rows out of the database, into nothing; gives the seconds."""
    started = time.perf_counter()
    with open(os.devnull, "wb") as nowhere, connection.cursor() as cursor:
        for selection in selections:
            copy = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv)").format(selection)
            cursor.copy_expert(copy.as_string(cursor.connection), nowhere)
    return time.perf_counter() - started


def _rows() -> list[sql.Composable]:
    """The rows of the formats that are a file a table."""
    return [table.selection(None) for table in tables_of_export(historical=False)]


def _forms() -> list[sql.Composable]:
    """The rows of forms and of the tables inside them, from which the CDISC formats are made."""
    return [table.selection(None) for table in form_tables()]


def _trail() -> list[sql.Composable]:
    """The entries of the trail about these."""
    relations = [
        model._meta.db_table for form in forms().values() for model in (form, *row_groups(form).values())
    ]
    return [
        sql.SQL("SELECT * FROM records_trailentry WHERE relation = ANY ({})").format(sql.Literal(relations))
    ]


def _export(database: str, form: str = CSV) -> dict[str, float]:
    """Write one export in a process of its own, as a worker does."""
    person = User.objects.get(username="datamanager")
    access = Access.of(person, clock.today())
    job = request_export(
        access=access,
        sites=None,
        historical=False,
        asked=Asked(format=form, leave_out=True),
        by=access.actor(Permission.EXPORT, None),
        now=clock.now(),
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.export_once", str(job.pk)],
        cwd=CHECKOUT,
        env={**os.environ, **trial.environment(database)},
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def export(run: Run) -> list[Figure]:
    """The whole trial's export in turn with a bare COPY of the same rows; the peak of memory, few rows and many."""
    trial.use(run.few)
    small = _export(run.few)
    trial.use(run.all)
    ratios, rates, copies, peaks = [], [], [], []
    for _round in range(min(run.options.rounds, 5)):
        copied = _copy(_rows())
        told = _export(run.all)
        ratios.append(copied / told["seconds"])
        rates.append(told["rows"] / told["seconds"])
        copies.append(told["rows"] / copied)
        peaks.append(told["peak_mb"])
    peak = max(peaks)
    return [
        Figure(
            "export.rate",
            f"CSV export of {told['rows']:.0f} rows, rows/s, beside COPY",
            f"{statistics.median(rates):.0f}",
            statistics.median(ratios),
            f"{statistics.median(copies):.0f}",
        ),
        Figure(
            "export.memory",
            f"its memory, MB, beside that for {small['rows']:.0f} rows",
            f"{peak:.0f}",
            peak / small["peak_mb"],
            f"{small['peak_mb']:.0f}",
        ),
        *_formats(run),
    ]


def _formats(run: Run) -> list[Figure]:
    """Every other format once, its time as a multiple of COPY's of the same rows, and the worker's memory."""
    flat = {key: _rows for key, form in FORMATS.items() if form.rows and form.spooled}
    cdisc = {key: _trail if key == "odm-audit" else _forms for key in WHOLE}
    figures, peaks = [], []
    for key, rows in {**flat, **cdisc}.items():
        told = _export(run.all, key)
        copied = _copy(rows())
        peaks.append(told["peak_mb"])
        label = FORMATS[key].label if key in FORMATS else WHOLE[key].label
        figures.append(
            Figure(
                f"export.{key}",
                f"{label.en} of {told['rows']:.0f} rows, s ({told['peak_mb']:.0f} MB), beside COPY",
                f"{told['seconds']:.1f}",
                told["seconds"] / copied,
                f"{copied:.1f}",
            )
        )
    peak = max(peaks)
    return [*figures, Figure("export.formats", "the most memory of these, MB", f"{peak:.0f}", peak)]

"""What stands at an extent, read for verification and signing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.reading import rows_where
from monitoring.extents import Extent
from participants.models import CaseReportForm
from participants.reading import Entered, entered_of
from records.definition import forms, row_groups
from records.digest import sha256


def entered_at(extent: Extent) -> list[Entered]:
    """Every record of a form, a visit or a participant with its rows, drafts too; their visits are not fetched.

    One query for a visit or a participant; for a form one, and one for each table of rows.
    """
    assert extent.participant
    if not extent.form:
        visit = extent.visit
        return [one for one in entered_of(extent.participant) if not visit or one.record.visit_id == visit.pk]
    assert extent.visit
    model: Any = forms()[extent.form]
    found = rows_where(model, {"visit": extent.visit, "repeat": extent.repeat})
    return [_with_rows(record) for record in found]


def _with_rows(record: CaseReportForm) -> Entered:
    rows = {name: list(getattr(record, name).all()) for name in row_groups(type(record))}
    return Entered(record, rows)


def submitted(records: Iterable[Entered]) -> list[Entered]:
    return [one for one in records if one.record.submitted]


def seen(records: Sequence[Entered]) -> str:
    """What a page shows of some records, in short: another word as soon as one of them is saved, added or removed."""
    return sha256(sorted([one.record.form.code, one.record.pk, one.record.revision] for one in records))[:16]

"""The database itself refuses what the page refuses: every item of every form, by hand-typed SQL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg2.errorcodes
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from accounts.models import User
from participants.models import CaseReportForm, Participant, Visit
from records.definition import forms
from records.items import DecimalItem, Item, MultiCodeItem, items_of
from tests.cast import START

NO_CODE = "NO_SUCH_CODE"
EXAMPLES = {"text": "x", "date": "2026-08-03", "datetime": "2026-08-03 14:05+08", "partialdate": "2026-08"}
FORMS = list(forms().items())


@pytest.fixture(params=FORMS, ids=[code for code, _model in FORMS])
def blank(request: pytest.FixtureRequest, participant: Participant, coordinator: User) -> Any:
    """An empty draft of a form, as a row."""
    _code, model = request.param
    visit = Visit.objects.get(participant=participant, code="SCR")
    model._default_manager.filter(visit=visit).delete()
    return model._default_manager.create(
        participant=participant, visit=visit, repeat=1, entered_at=START, entered_by=coordinator
    )


def why_refused(row: CaseReportForm, **values: Any) -> str:
    """Write values by SQL; "" where the database takes them, otherwise the definition of what stood in the way."""
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(column)} = %s" for column in values)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {quote(row._meta.db_table)} SET {columns} WHERE id = %s", [*values.values(), row.pk]
            )
            transaction.set_rollback(True)
    except IntegrityError as refused:
        assert refused.__cause__.pgcode == psycopg2.errorcodes.CHECK_VIOLATION  # type: ignore[union-attr]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
                [row._meta.db_table, refused.__cause__.diag.constraint_name],  # type: ignore[union-attr]
            )
            return str(cursor.fetchone()[0])
    except DataError as too_large:
        return f"{too_large}"
    return ""


def example(item: Item) -> Any:
    """A value the item may hold."""
    if isinstance(item, MultiCodeItem):
        assert item.codes is not None
        return [item.codes.values[0]]
    if item.codes is not None:
        return item.codes.values[0]
    if item.kind in EXAMPLES:
        return EXAMPLES[item.kind]
    return next((bound for bound in item.hard if bound is not None), Decimal(1))


def impossible(item: Item) -> Iterator[Any]:
    """Values the item may not hold."""
    if isinstance(item, MultiCodeItem):
        yield [NO_CODE]
        yield [example(item)[0], NO_CODE]
        yield []
    elif item.codes is not None:
        yield NO_CODE
        yield ""
    elif item.kind == "partialdate":
        yield from ("2026-13", "2026-00", "2026-8", "26", "2026-08-32", "soon", "")
    step = Decimal(1).scaleb(-item.decimal_places) if isinstance(item, DecimalItem) else Decimal(1)
    low, high = item.hard
    if low is not None:
        yield low - step
    if high is not None:
        yield high + step


def test_what_an_item_cannot_be_is_refused_in_its_column(blank: CaseReportForm) -> None:
    taken = [
        (item.column, value)
        for item in items_of(type(blank))
        for value in impossible(item)
        if item.column not in why_refused(blank, **{item.column: value})
    ]
    assert taken == []


def test_both_ends_of_a_hard_range_are_taken(blank: CaseReportForm) -> None:
    refused = [
        (item.column, bound, why)
        for item in items_of(type(blank))
        for bound in item.hard
        if bound is not None and item.column in (why := why_refused(blank, **{item.column: bound}))
    ]
    assert refused == []


def test_an_answer_and_the_reason_for_its_absence_exclude_each_other(blank: CaseReportForm) -> None:
    taken = []
    for item in items_of(type(blank)):
        if not item.missing:
            continue
        reason = f'{{"{item.column}": "{item.missing[0]}"}}'
        assert why_refused(blank, missing=reason) == "", item.column
        if item.column not in why_refused(blank, **{item.column: example(item)}, missing=reason):
            taken.append(item.column)
    assert taken == []


def test_a_form_is_submitted_by_somebody_at_some_time_or_not_at_all(
    blank: CaseReportForm, coordinator: User
) -> None:
    by = coordinator.pk
    assert "submitted" in why_refused(blank, state="SUBMITTED")
    assert "submitted" in why_refused(blank, state="SUBMITTED", submitted_at=START)
    assert "submitted" in why_refused(blank, state="SUBMITTED", submitted_by_id=by)
    assert "submitted" in why_refused(blank, submitted_at=START, submitted_by_id=by)
    assert "state" in why_refused(blank, state="LOCKED")


def test_a_form_stands_once_at_a_visit(blank: CaseReportForm) -> None:
    values = {
        field.attname: getattr(blank, field.attname)
        for field in blank._meta.concrete_fields
        if not field.primary_key
    }
    with pytest.raises(IntegrityError, match="once_a"), transaction.atomic():
        type(blank)._default_manager.create(**values)


@pytest.mark.parametrize(("code", "model"), FORMS, ids=[code for code, _model in FORMS])
def test_every_item_that_takes_part_in_the_checks_has_a_constraint(code: str, model: Any) -> None:
    unguarded = [
        item.name
        for item in items_of(model)
        if (item.codes is not None or item.hard != (None, None) or item.missing or item.kind == "partialdate")
        and not item.db_check(connection)
    ]
    assert unguarded == []

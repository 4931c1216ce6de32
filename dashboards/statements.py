"""SQL over the participants of a view, where a sum over sums is more than Django's queries say."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model

from dashboards.selectors import View

# Whose study treatment began: the set in which safety is told.
TREATED = (
    "p.arm IS NOT NULL AND EXISTS (SELECT 1 FROM participants_participantstatus s "
    "WHERE s.participant_id = p.id AND s.status = 'ON_TREATMENT')"
)


def rows_of(statement: str, view: View, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement in which `{where}` stands for the view's condition on participants `p`."""
    condition, given = view.where()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(where=condition), {**given, **parameters})
        return list(cursor.fetchall())


def table_of(model: type[Model]) -> str:
    """A model's table, quoted."""
    return connection.ops.quote_name(model._meta.db_table)

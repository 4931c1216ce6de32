"""Pages of a long list of rows, read together with how many there are."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window


def counted(found: QuerySet[Any], first: int, last: int) -> tuple[int, list[Any]]:
    """How many rows there are, and some of them, counted from 0, the last excluded; one query where there are any.

    The rows of the query have to be distinct without DISTINCT. 0 where there are none from `first` on.
    """
    rows = list(found.annotate(of_all=Window(Count("pk")))[first:last])
    return (rows[0].of_all if rows else 0), rows


class CountedPaginator(Paginator):
    """A page and the number of all rows in one query; three where a page is asked for that is not there.

    The rows of the query have to be distinct without DISTINCT.
    """

    def __init__(self, found: QuerySet[Any], per_page: int) -> None:
        super().__init__(found, per_page)
        self.found = found

    def get_page(self, number: Any) -> Page[Any]:
        wanted = int(number) if str(number or "").isdecimal() and int(number) > 0 else 1
        first = (wanted - 1) * self.per_page
        there, rows = counted(self.found, first, first + self.per_page)
        if not rows and wanted > 1:
            return super().get_page(number)
        self.count = there
        return Page(rows, wanted, self)

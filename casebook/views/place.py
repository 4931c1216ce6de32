"""Where on the form page somebody is; every page of a form begins here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, QueryDict
from django.urls import reverse

from accounts.access import Permission
from accounts.pages import PageRequest
from participants.models import CaseReportForm, Visit
from participants.selectors import next_repeat, records_at, visit_or_404
from records import clock
from records.definition import forms


@dataclass(slots=True)
class Place:
    """Where on the form page somebody is: the visit, the form, which of several records, and all of them.

    `record` is None for one that is not begun; `repeat` 0 where only the list of several is shown. `gone` is the number
    under which something was typed into a record that was removed since, or 0: `repeat` then is where it can go.
    """

    visit: Visit
    model: type[CaseReportForm]
    repeat: int
    record: CaseReportForm | None
    records: list[CaseReportForm]
    gone: int = 0

    @property
    def code(self) -> str:
        return self.model.form.code

    def address(self, name: str = "entry", repeat: int | None = None) -> str:
        """The address of a page of this form; of several records, of one."""
        number = self.repeat if repeat is None else repeat
        more = [number] if self.model.form.several and number else []
        return reverse(f"casebook:{name}", args=[self.visit.pk, self.code, *more])

    @property
    def typed_under(self) -> int:
        """The number under which what is typed here is kept until it is saved."""
        return self.gone or self.repeat

    def key(self) -> dict[str, Any]:
        return {"participant": self.visit.participant, "visit": self.visit, "repeat": self.repeat}

    def context(self, request: PageRequest) -> dict[str, Any]:
        today = clock.day(request.now)
        return self.model.context(visit=self.visit, repeat=self.repeat or 1, today=today, now=request.now)


def place_or_404(
    request: PageRequest,
    visit_id: int,
    code: str,
    repeat: int | None,
    permission: Permission = Permission.SEE_PARTICIPANTS,
    *,
    typed: bool = False,
) -> Place:
    """Find the form; 404 for one that is not of this visit, and for a record that neither is nor comes next.

    Who comes with something `typed` into a record that was removed meanwhile is led to the number it can go to.
    """
    visit = visit_or_404(request.access, visit_id, permission)
    model = forms().get(code)
    if model is None or not issubclass(model, CaseReportForm) or code not in visit.may_hold:
        raise Http404
    if repeat == 0 or (not model.form.several and repeat not in (None, 1)):
        raise Http404
    records = records_at(model, visit)
    gone = 0
    if _next_is_taken(model, visit, repeat, records):
        # A request beside this one may have begun it since: the form submitted while it still computes.
        records = records_at(model, visit)
        if repeat not in [one.repeat for one in records]:
            following = next_repeat(model, visit)
            if not (typed and repeat and _was_given(model, repeat, following)):
                raise Http404
            gone, repeat = repeat, following
    chosen = repeat or _at_first(model, visit, records)
    record = next((one for one in records if one.repeat == chosen), None)
    if record is not None:
        record.visit, record.participant = visit, visit.participant
    return Place(visit, model, chosen, record, records, gone)


def _next_is_taken(
    model: type[CaseReportForm], visit: Visit, repeat: int | None, records: list[CaseReportForm]
) -> bool:
    """Whether somebody asks for one of several records that is not among these and does not come next either."""
    if not repeat or not model.form.several or repeat in [one.repeat for one in records]:
        return False
    if model.form.beside:
        other: Any = forms()[model.form.beside]
        if other._default_manager.filter(visit=visit, repeat=repeat).exists():
            return False
    return repeat != next_repeat(model, visit)


def _was_given(model: type[CaseReportForm], repeat: int, following: int) -> bool:
    """Whether a number that no record has now may have been one's: numbers rise, but for forms beside another."""
    return repeat < following or bool(model.form.beside)


def _at_first(model: type[CaseReportForm], visit: Visit, records: list[CaseReportForm]) -> int:
    """Which record opens when none is named: the only one or the first; 0 where a list tells them apart."""
    if not records:
        return next_repeat(model, visit) if model.form.several else 1
    return 0 if len(records) > 1 and model.form.listed else records[0].repeat


def is_anothers(request: PageRequest) -> bool:
    """Whether what is posted was typed by another person than who is signed in by now, on a desk they share."""
    return request.POST.get("typed_by", str(request.user.pk)) != str(request.user.pk)


def page_of(posted: QueryDict) -> UUID | None:
    """The opened page something was typed on, as its form names it; None where none is named."""
    try:
        return UUID(posted.get("page", ""))
    except ValueError:
        return None

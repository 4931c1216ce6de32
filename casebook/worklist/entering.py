"""Forms that want finishing: typed and not saved, missing at visits, left as drafts."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission
from casebook.models import UnsavedEntry
from casebook.selectors import unsaved_of
from casebook.worklist.distance import since, since_moment
from casebook.worklist.sections import NOTHING, Desk, Found, Line, Section, found_in, line
from monitoring.selectors.work import Draft, Missing, drafts, missing_forms
from participants.workflow import VisitState
from records import clock
from records.definition import forms

SITE_STAFF = frozenset({Permission.ENTER_DATA})


def _title(code: str, repeat: int) -> str:
    """A form's title, with the number of one of several."""
    model: Any = forms()[code]
    return f"{model.form.title} {repeat}" if model.form.several else str(model.form.title)


def _address(visit_id: int, code: str, repeat: int) -> str:
    number = [repeat] if forms()[code].form.several else []
    return reverse("casebook:entry", args=[visit_id, code, *number])


def _unsaved(desk: Desk, first: int, last: int) -> Found:
    """Forms into which this person typed something they have not saved."""
    found = unsaved_of(desk.access).filter(form__in=list(forms()))
    if desk.site:
        found = found.filter(visit__participant__site=desk.site)

    def drawn(one: UnsavedEntry) -> Line:
        participant = one.visit.participant
        return line(
            participant.number,
            participant.pk,
            f"{one.visit.label} · {_title(one.form, one.repeat)}",
            _("typed %(at)s") % {"at": since_moment(one.kept_at, desk.moment)},
            f"{_address(one.visit_id, one.form, one.repeat)}?unsaved={one.pk}",
            _("Take up"),
            state="partial",
            words=_("not saved"),
        )

    return found_in(found, first, last, drawn)


def _missing(state: VisitState, desk: Desk, first: int, last: int) -> Found:
    """Visits that took place, or were begun, and forms due at them of which nothing is entered."""
    desk.count_work()
    sites = desk.sites(Permission.ENTER_DATA)
    found = desk.once(("missing", first, last), lambda: missing_forms(sites, first, last))
    if state not in found:
        return NOTHING
    number, rows = found[state]
    return Found(number, [_missing_line(one, desk) for one in rows])


def _missing_line(one: Missing, desk: Desk) -> Line:
    count = len(one.forms)
    said = ngettext("%(count)s form missing", "%(count)s forms missing", count) % {"count": count}
    return line(
        one.number,
        one.participant_id,
        f"{one.label} · {said}: {_title(one.forms[0], 1)}{' …' if count > 1 else ''}",
        since(one.since, desk.today) if one.since else "",
        reverse("casebook:entry", args=[one.visit_id, one.forms[0]]),
        _("Enter"),
        state="partial",
        words=said,
    )


def _drafts(desk: Desk, first: int, last: int) -> Found:
    """Forms that were begun and not submitted, of whatever visit."""
    desk.count_work()
    number, rows = drafts(desk.sites(Permission.ENTER_DATA), first, last)

    def drawn(one: Draft) -> Line:
        return line(
            one.number,
            one.participant_id,
            f"{one.label} · {_title(one.form, one.repeat)}",
            _("begun %(at)s") % {"at": since(clock.day(one.begun), desk.today)},
            _address(one.visit_id, one.form, one.repeat),
            _("Continue"),
            state="partial",
            words=_("partly entered"),
        )

    return Found(number, [drawn(one) for one in rows])


UNSAVED = Section("unsaved", lambda: _("Typed and not saved"), SITE_STAFF, _unsaved)
MISSING = Section(
    "missing", lambda: _("Forms missing from done visits"), SITE_STAFF, partial(_missing, VisitState.DONE)
)
BEGUN = Section("begun", lambda: _("Begun, not complete"), SITE_STAFF, partial(_missing, VisitState.STARTED))
DRAFTS = Section("drafts", lambda: _("Drafts left open"), SITE_STAFF, _drafts)

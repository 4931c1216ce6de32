"""Versions of the visit schedule: what each says, what differs, and a new one previewed before it is adopted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, one_at_a_time, page
from casebook.amendment_words import lines_of
from casebook.forms import ScheduleForm
from followup.amendment import Amended, Unplannable, totals
from followup.calendars import amendments
from participants.actions import adopt_next_schedule
from participants.actions.schedules import read_next_schedule
from participants.models import ScheduleVersion
from participants.schedule_file import Schedule, ScheduleFileError
from participants.schedule_words import differences, timing_words, window_words
from participants.selectors import next_schedule_number, schedule_in_force, schedule_of
from records import clock
from records.findings import Refused
from records.study import STUDY_ID

# The preview counts every participant and tells so many of them; the command adopt_schedule tells all.
MOST_TOLD = 300


@require_safe
@page(Permission.SEE_PARTICIPANTS)
def schedules(request: PageRequest) -> HttpResponse:
    """Every version, the newest first, with what it changed."""
    today = clock.day(request.now)
    versions = list(ScheduleVersion.objects.select_related("adopted_by").order_by("-number"))
    current = schedule_in_force(today)
    given = {
        "breadcrumb": [(_("Visit schedule"), "")],
        "versions": [
            {
                "version": version,
                "state": _state(version, current, versions),
                "differences": differences(schedule_of(before.pk), schedule_of(version.pk))
                if before
                else None,
            }
            for version, before in zip(versions, [*versions[1:], None], strict=True)
        ],
        "may_change": request.access.everywhere(Permission.CHANGE_STUDY_SETTINGS),
    }
    return render(request, "casebook/schedules.html", given)


def _state(
    version: ScheduleVersion, current: ScheduleVersion, versions: list[ScheduleVersion]
) -> tuple[str, str]:
    """Whether a version is in force, in words and as a badge; the newest whose day has come is."""
    if version == current:
        return _("in force"), "good"
    if version.number < current.number:
        later = [one for one in versions if version.number < one.number <= current.number]
        if any(one.effective_from <= version.effective_from for one in later):
            return _("replaced before it was followed"), ""
        return _("replaced"), ""
    return _("not yet in force"), "info"


def _version_or_404(number: str | int) -> ScheduleVersion:
    if not str(number).isdecimal() or int(number) > 2**31 - 1:
        raise Http404
    return get_object_or_404(ScheduleVersion.objects.select_related("adopted_by"), number=int(number))


@require_safe
@page(Permission.SEE_PARTICIPANTS)
def schedule(request: PageRequest, number: int) -> HttpResponse:
    """One version: its visits, and in words what differs from another (`?against=`; the one before it)."""
    version = _version_or_404(number)
    others = list(ScheduleVersion.objects.exclude(pk=version.pk).order_by("number"))
    asked = request.GET.get("against", "")
    before = [one for one in others if one.number < version.number]
    other = _version_or_404(asked) if asked else next(iter(before[::-1]), None)
    read = schedule_of(version.pk)
    given = {
        "breadcrumb": [(_("Visit schedule"), reverse("casebook:schedules")), (str(version), "")],
        "version": version,
        "schedule": read,
        "visits": [
            (visit, timing_words(visit), window_words(visit))
            for visit in sorted(read.visits, key=lambda one: one.order)
        ],
        "others": others,
        "other": other,
        "differences": differences(schedule_of(other.pk), read) if other and other != version else [],
    }
    return render(request, "casebook/schedule.html", given)


@require_safe
@page(Permission.SEE_PARTICIPANTS)
def schedule_source(request: PageRequest, number: int) -> HttpResponse:
    """The file of a version as it was adopted: what the next one is written from."""
    version = _version_or_404(number)
    disposition = f'attachment; filename="{STUDY_ID}-schedule-v{version.number}.toml"'
    headers = {"Content-Disposition": disposition}
    return HttpResponse(version.source, content_type="application/toml; charset=utf-8", headers=headers)


@page(Permission.CHANGE_STUDY_SETTINGS, everywhere=True)
@one_at_a_time
def new_schedule(request: PageRequest) -> HttpResponse:
    """A file becomes the next version: first its faults or what it would change, then, with a reason, adopted."""
    adopting = request.POST.get("action") == "adopt"
    form = ScheduleForm(
        request.POST or None,
        request.FILES or None,
        adopting=adopting,
        today=clock.day(request.now),
    )
    found: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            if adopting:
                return _adopt(request, form)
            found = _preview(form)
        except ScheduleFileError as faulty:
            form.add_error(None, _("This file cannot become a version. Nothing was changed."))
            found = {"problems": faulty.problems}
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
            found = _preview(form)
    given = {
        "breadcrumb": [(_("Visit schedule"), reverse("casebook:schedules")), (_("New version"), "")],
        "form": form,
        "number": next_schedule_number(),
        **found,
    }
    return render(request, "casebook/new_schedule.html", given, status=422 if form.errors else 200)


def _adopt(request: PageRequest, form: ScheduleForm) -> HttpResponse:
    given = form.cleaned_data
    version = adopt_next_schedule(
        source=given["source"],
        effective_from=given["effective_from"],
        reason=given["reason"],
        by=request.access.actor_everywhere(Permission.CHANGE_STUDY_SETTINGS),
        now=request.now,
    )
    words = _("Version %(number)s is adopted, in force from %(day)s. Calendars follow on that day.")
    messages.success(request, words % {"number": version.number, "day": version.effective_from.isoformat()})
    return redirect("casebook:schedules")


def _preview(form: ScheduleForm) -> dict[str, Any]:
    """What the file differs in from the newest version, and what it would do to each calendar; nothing is written."""
    schedule, number = read_next_schedule(form.cleaned_data["source"])
    newest = ScheduleVersion.objects.order_by("-number").first()
    assert newest is not None  # a trial begins with version 1
    return {
        "schedule": schedule,
        "number": number,
        "newest": newest,
        "differences": differences(schedule_of(newest.pk), schedule),
        **_calendars(schedule, form),
    }


def _calendars(schedule: Schedule, form: ScheduleForm) -> dict[str, Any]:
    found = list(amendments(schedule, form.cleaned_data["effective_from"]))
    calendars = [one for one in found if isinstance(one, Amended)]
    touched = [one for one in calendars if one.changes]
    return {
        "totals": totals(calendars),
        "unplannable": [one.number for one in found if isinstance(one, Unplannable)],
        "calendars": [(one.number, lines_of(one)) for one in touched[:MOST_TOLD]],
        "not_told": max(len(touched) - MOST_TOLD, 0),
    }

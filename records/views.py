"""Study settings, with what is in force, since when and why; and the search of a list of terms."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from records import clock, study
from records.definition import term_lists
from records.findings import Refused
from records.forms import SettingForm
from records.models import StudySetting
from records.text import CHINESE


@page(Permission.SEE_PARTICIPANTS)
def study_settings(request: PageRequest) -> HttpResponse:
    """List every setting with its history."""
    return _page(request)


@page(Permission.CHANGE_STUDY_SETTINGS, everywhere=True)
def study_setting(request: PageRequest, key: str) -> HttpResponse:
    """The same with the form that changes one setting."""
    setting = study.SETTINGS.get(key)
    if setting is None:
        raise Http404
    today = clock.day(request.now)
    initial = {"value": study.value(key, today), "effective_from": today.isoformat()}
    form = SettingForm(request.POST or None, setting=setting, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            study.set_value(
                key=key,
                **form.cleaned_data,
                by=request.access.actor_everywhere(Permission.CHANGE_STUDY_SETTINGS),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("“%(setting)s” is changed.") % {"setting": setting.label})
            return redirect("study_settings")
    return _page(request, setting, form, status=422 if form.errors else 200)


def _page(
    request: PageRequest,
    setting: study.Setting | None = None,
    form: SettingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    history = defaultdict(list)
    for row in StudySetting.objects.select_related("set_by").order_by("key", "-version"):
        history[row.key].append(row)
    today = clock.day(request.now)
    given = {
        "breadcrumb": [(_("Study settings"), "")],
        "groups": [
            (
                words,
                [_row(one, history[key], today) for key, one in study.SETTINGS.items() if one.group == group],
            )
            for group, words in study.GROUPS.items()
        ],
        "may_change": request.access.everywhere(Permission.CHANGE_STUDY_SETTINGS),
        "setting": setting,
        "form": form,
    }
    return render(request, "records/study_settings.html", given, status=status)


def _row(setting: study.Setting, versions: list[StudySetting], today: Any) -> dict[str, Any]:
    """One setting: its value in force, and each version newest first."""
    current = next((row for row in versions if row.effective_from <= today), None)
    value = setting.parse(current.value) if current else setting.default
    return {
        "setting": setting,
        "value": setting.display(value),
        "since": current.effective_from if current else None,
        "version": current.version if current else 0,
        "default": setting.display(setting.default),
        "history": [(row, setting.display(setting.parse(row.value))) for row in versions],
        "ahead": bool(versions) and versions[0].effective_from > today,
    }


LONGEST_SEARCH = 100


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def find_terms(request: PageRequest, name: str) -> JsonResponse:
    """The terms of a list that hold what was typed; in the body, so that it stands in no log of addresses."""
    terms = term_lists().get(name)
    if terms is None:
        raise Http404
    chinese = (get_language() or "").startswith(CHINESE)
    return JsonResponse(
        {
            "terms": [
                {
                    "label": str(term.words),
                    "other": term.words.en if chinese else "",
                    "group": str(term.group),
                    "grades": {str(grade): wording for grade, wording in term.grades.items()},
                }
                for term in terms.search(request.POST.get("typed", "")[:LONGEST_SEARCH])
            ]
        }
    )

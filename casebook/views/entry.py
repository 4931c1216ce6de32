"""The form page: one form of one participant at one visit, for reading and for typing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from casebook.actions import forget_unsaved
from casebook.history import changes_of
from casebook.models import UnsavedEntry
from casebook.selectors import (
    form_states,
    forms_of_visit,
    next_form,
    states_and_unsaved,
    told_apart,
)
from casebook.uploads import file_items, show_refused, take_files, to_add_again
from casebook.views.place import Place, is_anothers, page_of, place_or_404
from eligibility.policies import due_forms
from monitoring.actions.firings import note_refusal
from monitoring.page import QueryMarks
from monitoring.panel import panel_of
from monitoring.places import Place as QueryPlace
from monitoring.places import form_words
from monitoring.selectors.asked import asked_at
from participants.actions import read_file
from participants.header import crumbs, strip
from participants.models import StoredFile
from participants.selectors import next_repeat
from records import clock, events
from records.actions import Unread, remove_record, save_record, saved_meanwhile
from records.definition import row_groups
from records.drawing import draw
from records.entry import EntryForm, ItemsForm, entry_form
from records.files import CONTENT_TYPES
from records.findings import Overtaken, Refused
from records.items import Item, items_of
from records.layout import given_condition
from records.models import Record, Row
from records.result_rows import live
from safety.page import aside_of


def _why_not(request: PageRequest, place: Place) -> str:
    """The sentence that says why this form is not open for entry now; "" where it is."""
    site_id = place.visit.participant.site_id
    if not request.access.may(Permission.ENTER_DATA, site_id):
        return _only_reading()
    by = request.access.actor(Permission.ENTER_DATA, site_id)
    record = place.record or place.model(
        visit=place.visit, participant=place.visit.participant, repeat=place.repeat or 1
    )
    try:
        events.ask_guards(record=record, by=by, now=request.now)
    except Refused as refused:
        return str(refused.sentence)
    return ""


def _only_reading() -> str:
    return _("You are reading: your role does not enter data at this site.")


def _form(place: Place, context: Mapping[str, Any], posted: Any, why_not: str) -> EntryForm:
    return entry_form(place.model)(
        posted,
        record=place.record,
        context=context,
        history_url=place.address("history") if place.record else "",
        files_url=place.address("file") if place.record else "",
        readonly=bool(why_not),
    )


@page(Permission.SEE_PARTICIPANTS)
def entry(request: PageRequest, visit_id: int, code: str, repeat: int | None = None) -> HttpResponse:
    typed_before = request.method == "POST" or "unsaved" in request.GET
    place = place_or_404(request, visit_id, code, repeat, typed=typed_before)
    if request.method == "POST":
        return _save(request, place)
    why_not = _why_not(request, place)
    kept = _taken_up(request, place)
    if place.gone and kept is None:
        raise Http404
    if not place.repeat:
        return _page(request, place, None, why_not)
    context = place.context(request)
    typed = kept.as_posted() if kept else None
    form = _form(place, context, typed, why_not)
    notice = ""
    if typed is not None and _is_removed(place, typed):
        place.gone = place.typed_under
        notice = _removed_meanwhile(place, why_not)
    elif typed is not None and _seen_revision(typed) != (place.record.revision if place.record else None):
        form.compare()
    form.compute()
    return _page(request, place, form, why_not, kept=kept, notice=notice)


def _taken_up(request: PageRequest, place: Place) -> UnsavedEntry | None:
    """What the person typed here earlier without saving it, where they ask for it again and still enter data."""
    key = request.GET.get("unsaved", "")
    if not key.isdecimal() or not request.access.may(Permission.ENTER_DATA, place.visit.participant.site_id):
        return None
    mine = UnsavedEntry.objects.filter(person=request.user.pk, form=place.code, repeat=place.typed_under)
    return mine.filter(pk=key, visit=place.visit).first()


def _is_removed(place: Place, typed: QueryDict) -> bool:
    """Whether something was typed into a record that is not there any more."""
    return bool(place.gone) or (
        place.model.form.several and place.record is None and _seen_revision(typed) is not None
    )


def _removed_meanwhile(place: Place, why_not: str) -> str:
    """The sentence for who typed into a record that was removed: what they typed is theirs to save, or to copy."""
    if why_not:
        said = _(
            "Number %(gone)s was removed meanwhile. What you typed stands below and is not saved: copy what you need."
        )
    else:
        said = _(
            "Number %(gone)s was removed meanwhile. What you typed stands below and is not saved: save it as number %(next)s, or copy what you need and leave."
        )
    return said % {"gone": place.gone, "next": place.repeat}


def _save(request: PageRequest, place: Place) -> HttpResponse:
    """Save what was typed; whether the form is open now is asked as it is saved."""
    if not request.access.may(Permission.ENTER_DATA, place.visit.participant.site_id):
        raise PermissionDenied(_only_reading())
    if not place.repeat:
        raise Http404
    context = place.context(request)
    if is_anothers(request):
        return _show_anothers(request, place, context)
    posted, refused_files = take_files(request, place.model, place.visit.participant)
    form = _form(place, context, posted, "")
    show_refused(form, refused_files)
    then = request.POST.get("action", "save")
    reason = request.POST.get("reason", "")
    refusal = notice = ""
    if _is_removed(place, request.POST):
        place.gone = place.typed_under
        form.compute()
        notice = _removed_meanwhile(place, "")
        return _page(request, place, form, "", notice=notice, reason=reason, status=422)
    place.gone = _moved_from(request.POST)
    if form.is_valid():
        try:
            _save_once(request, place, form, context, submit=then in ("submit", "another"), reason=reason)
        except Refused as refused:
            refusal = str(refused.sentence)
            if isinstance(refused, Overtaken):
                form.compare()
            _note(request, place, refused, form)  # before what was refused is taken out of the answers
            form.show(refused.findings)
        else:
            if "kept" in request.POST:
                author = request.access.actor(Permission.ENTER_DATA, place.visit.participant.site_id).author
                for number in {place.repeat, place.typed_under}:
                    forget_unsaved(person=author, visit=place.visit, form=place.code, repeat=number)
            said = _("%(form)s submitted.") if then in ("submit", "another") else _("%(form)s saved.")
            messages.success(request, said % {"form": place.model.form.title})
            return redirect(_whither(place, then))
    elif place.record is not None and _seen_revision(request.POST) != place.record.revision:
        # The page that comes back carries the revision there is now, so it has to show what that holds.
        notice = saved_meanwhile()
        form.compare()
    form.compute()
    return _page(request, place, form, "", refusal=refusal, notice=notice, reason=reason, status=422)


def _show_anothers(request: PageRequest, place: Place, context: dict[str, Any]) -> HttpResponse:
    """Show what another person typed to who signed in after them; nothing of it is saved, and no file is taken."""
    form = _form(place, context, request.POST, "")
    show_refused(form, to_add_again(request, place.model))
    notice = _(
        "Somebody else typed this before you signed in. Nothing of it is saved: check every answer and save it under your name, or leave this page."
    )
    if _is_removed(place, request.POST):
        place.gone = place.typed_under
        notice = f"{notice} {_removed_meanwhile(place, '')}"
    else:
        place.gone = _moved_from(request.POST)
        if place.record is not None and _seen_revision(request.POST) != place.record.revision:
            form.compare()
    form.compute()
    return _page(request, place, form, "", notice=notice, reason=request.POST.get("reason", ""), status=422)


def _save_once(
    request: PageRequest,
    place: Place,
    form: EntryForm,
    context: dict[str, Any],
    *,
    submit: bool,
    reason: str,
) -> None:
    """Save what was typed; where the same form is begun twice at the same moment, look again who was first."""
    for known, last in ((place.record, place.record is not None), (Unread.UNREAD, True)):
        try:
            save_record(
                model=place.model,
                place=place.key(),
                entry=form.entry(),
                context=context,
                submit=submit,
                by=request.access.actor(Permission.ENTER_DATA, place.visit.participant.site_id),
                now=request.now,
                reason=reason,
                revision=_seen_revision(request.POST),
                known=known,
            )
        except Overtaken:
            if last:
                raise
        else:
            return


def _note(request: PageRequest, place: Place, refused: Refused, form: EntryForm) -> None:
    """Keep which checks fired at what was typed: of a refused form nothing else is stored."""
    if refused.findings:
        by = request.access.actor(Permission.ENTER_DATA, place.visit.participant.site_id)
        here = QueryPlace(place.visit.participant, place.visit, place.code, place.repeat)
        note_refusal(
            place=here,
            findings=refused.findings,
            entry=form.entry(),
            context=form.context,
            by=by,
            now=request.now,
        )


def _seen_revision(posted: QueryDict) -> int | None:
    """The revision the person had before them; None for a form they saw empty."""
    seen = re.fullmatch(r"[0-9]{1,9}", posted.get("revision", ""))
    return int(seen[0]) if seen else None


def _moved_from(posted: QueryDict) -> int:
    """The number of the removed record into which this was typed before it got another; 0 for none."""
    said = re.fullmatch(r"[1-9][0-9]{0,3}", posted.get("gone", ""))
    return int(said[0]) if said else 0


def _whither(place: Place, then: str) -> str:
    visit, code = place.visit, place.code
    if then == "another":
        return place.address(repeat=next_repeat(place.model, visit))
    if then == "save" or place.model.form.listed:
        return place.address()
    following = next_form(visit, form_states([visit.pk])[visit.pk], after=code)
    if following:
        return reverse("casebook:entry", args=[visit.pk, following])
    return reverse("casebook:participant", args=[visit.participant_id])


def _drawn(form: ItemsForm) -> Callable[[Item], bool]:
    """Whether an item has a row on the page, as far as other forms' answers decide that."""
    names = frozenset(item.name for item in items_of(form.model))
    return lambda item: given_condition(item, names).holds(form.context)


def _results(form: ItemsForm) -> list[dict[str, Any]]:
    """The computed items of a form or of a row, for the panel and for the places in the form that follow.

    Those beside a laboratory result stand in its own row; `live` gives them.
    """
    items = {item.name: item for item in items_of(form.model)}
    is_drawn = _drawn(form)
    return [
        {
            "id": f"id_{form.add_prefix(name)}" if items[name].derived and is_drawn(items[name]) else "",
            "label": items[name].label,
            "answer": items[name].display(derived.value),
            "value": f"{items[name].display(derived.value)} {items[name].unit}".strip()
            if derived.value is not None
            else "",
            "reason": derived.reason,
        }
        for name, derived in form.derived.items()
        if not items[name].companion_of
    ]


def _page(
    request: PageRequest,
    place: Place,
    form: EntryForm | None,
    why_not: str,
    *,
    refusal: str = "",
    notice: str = "",
    reason: str = "",
    kept: UnsavedEntry | None = None,
    status: int = 200,
) -> HttpResponse:
    visit, record, facts = place.visit, place.record, place.model.form
    entered, unsaved = states_and_unsaved(visit, request.access.user)
    anothers = is_anothers(request)  # their page stays theirs
    opened = kept.page if kept else (not anothers and page_of(request.POST)) or uuid4()
    offered = [] if kept or status == 422 or why_not else unsaved[place.code, place.repeat]
    listed = [
        (f.title, f.url, f.state, f.words, f.code == place.code, f.due)
        for f in forms_of_visit(visit, entered)
    ]
    problems = form.all_problems() if form else []
    asked = asked_at(visit.pk)
    here = QueryPlace(visit.participant, visit, place.code, place.repeat)
    marks = QueryMarks(request.access, here, asked)
    trust = panel_of(request.access, visit, place.code, place.repeat, record) if form else None
    if form and trust:
        form.mark(lambda name, label: marks.at_item(name, label) + trust.at_item(name, label))
    return render(
        request,
        "casebook/entry.html",
        {
            "scripts": draw("records/scripts.html", "page", {}),
            "breadcrumb": [*crumbs(visit.participant), (visit.label, ""), (facts.title, "")],
            "strip": strip(visit.participant, clock.day(request.now), known=form.context if form else None),
            "visit": visit,
            "forms": [one[:-1] for one in listed if one[-1]],
            "may_be": [one[:-1] for one in listed if not one[-1]],
            "form": form,
            "form_title": facts.title,
            "several": told_apart(place.model, place.records) if facts.several else None,
            "repeat": place.repeat,
            "is_new": form is not None and record is None,
            "add_url": reverse("casebook:another", args=[visit.pk, place.code])
            if facts.several and not why_not and (record or not form)
            else "",
            "record": record,
            "aside": aside_of(record, request.now),
            "panel": trust,
            "why_not": why_not,
            "notice": notice,
            "error_list": problems or ([("", "", refusal)] if refusal else []),
            "discrepancies": asked.checks(place.code, place.repeat),
            "queries": marks.at_form(form_words(place.code, place.repeat)) if form else "",
            "may_answer": request.access.may(Permission.ENTER_DATA, visit.participant.site_id),
            "reason": reason or (kept.as_posted().get("reason", "") if kept else ""),
            # Typed and not saved: taken up on this page, or offered.
            "stored": form.stored_values() if form and form.overtaken and not why_not else None,
            "gone": place.gone,
            "save_url": place.address() if place.gone else "",
            "taken_up": kept,
            "offered": offered,
            "opened": opened,
            "was_kept": "kept" in request.POST and not anothers,
            "unsaved_url": place.address("unsaved", place.typed_under) if form and not why_not else "",
            "drop_url": place.address("drop", place.typed_under) if kept or offered else "",
            "reason_error": refusal if record and record.submitted and not reason and refusal else "",
            "results": _results(form) if form else [],
            "multipart": bool(file_items(place.model)),
            "has_derived": form is not None
            and any(item.derived and not item.companion_of for item in items_of(place.model)),
            "derived_url": place.address("derived") if form else "",
            "remove_url": place.address("remove") if record and facts.several and not why_not else "",
            "has_next": len(due_forms(visit)) > 1 and not facts.listed,
        },
        status=status,
    )


@page(Permission.ENTER_DATA)
def another(request: PageRequest, visit_id: int, code: str) -> HttpResponse:
    """Lead to the next of several records, under a number that no other ever had."""
    place = place_or_404(request, visit_id, code, None)
    if not place.model.form.several:
        raise Http404
    return redirect(place.address(repeat=next_repeat(place.model, place.visit)))


@require_POST
@page(Permission.ENTER_DATA)
def remove(request: PageRequest, visit_id: int, code: str, repeat: int) -> HttpResponse:
    """Remove one of several records, with a reason; the trail keeps what it was."""
    place = place_or_404(request, visit_id, code, repeat)
    if place.record is None:
        raise Http404
    try:
        remove_record(
            record=place.record,
            revision=_seen_revision(request.POST) or 0,
            by=request.access.actor(Permission.ENTER_DATA, place.visit.participant.site_id),
            now=request.now,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return redirect(place.address())
    messages.success(
        request, _("%(form)s %(number)s removed.") % {"form": place.model.form.title, "number": repeat}
    )
    return redirect(reverse("casebook:entry", args=[visit_id, code]))


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def derived(request: PageRequest, visit_id: int, code: str, repeat: int | None = None) -> HttpResponse:
    """What the rules say of the answers typed so far; stores nothing."""
    place = place_or_404(request, visit_id, code, repeat, typed=True)
    form = _form(place, place.context(request), request.POST, "")
    form.compute()
    rows = [result for rows in form.rows.values() for row in rows for result in _results(row)]
    given = {"results": _results(form), "rows": rows, "parts": live(form, _drawn(form)), "live": True}
    return HttpResponse(render_to_string("records/derived.html", given, request))


@page(Permission.SEE_PARTICIPANTS)
def file(request: PageRequest, visit_id: int, code: str, repeat: int | None = None) -> HttpResponse:
    """The file of one item as it was added, to be kept or opened on the person's own machine, never run here."""
    place = place_or_404(request, visit_id, code, repeat)
    name = request.GET.get("item", "")
    known = {item.name for item in file_items(place.model)}
    key = getattr(place.record, name) if place.record is not None and name in known else None
    if key is None:
        raise Http404
    stored = get_object_or_404(StoredFile, key=key, participant=place.visit.participant)
    try:
        content = read_file(stored)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return redirect(place.address())
    kind = key.rpartition(".")[2]
    answer = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    called = f"{place.visit.participant.number}-{place.visit.code}-{code}-{place.repeat}-{name}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{called}"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@page(Permission.SEE_TRAIL)
def history(request: PageRequest, visit_id: int, code: str, repeat: int | None = None) -> HttpResponse:
    """Everything that happened to one item, of the form or of a row, newest first, for the drawer."""
    place = place_or_404(request, visit_id, code, repeat)
    record: Record | Row | None = place.record
    group, _dash, rest = request.GET.get("item", "").rpartition("-")
    if group and place.record is not None:
        name, _dash, key = group.rpartition("-")
        if name not in row_groups(place.model) or not (key.isascii() and key.isdigit()):
            raise Http404
        record = getattr(place.record, name).filter(number=int(key)).first()
    item = next((item for item in items_of(type(record)) if item.name == rest), None) if record else None
    if record is None or not isinstance(item, Item):
        raise Http404
    return render(request, "records/history.html", {"changes": changes_of(record, item)})

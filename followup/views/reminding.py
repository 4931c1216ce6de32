"""How people are reminded: the rules in words, the form that changes one, and each person's own wishes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.models import Role
from accounts.pages import PageRequest, for_anyone_signed_in, page
from followup.actions import set_rule, set_wishes
from followup.channels import channels
from followup.due_reminders import rules_on, wishes_of
from followup.forms import NewRuleForm, RuleForm, WishesForm
from followup.models import ReminderRule
from followup.reminder_rules import CHANNEL_WORDS, DEFAULTS, Rule
from records import clock
from records.findings import Refused


@page(Permission.SEE_PARTICIPANTS)
def rules(request: PageRequest) -> HttpResponse:
    """Every rule in words, in force or not, with its versions."""
    return _rules_page(request)


@page(Permission.CHANGE_STUDY_SETTINGS, everywhere=True)
def new_rule(request: PageRequest) -> HttpResponse:
    form = NewRuleForm(
        request.POST or None, initial={"effective_from": clock.day(request.now).isoformat(), "amount": 0}
    )
    return _change(request, form, "")


@page(Permission.CHANGE_STUDY_SETTINGS, everywhere=True)
def change_rule(request: PageRequest, rule: str) -> HttpResponse:
    """Give one rule a new version."""
    last = ReminderRule.objects.filter(name=rule).order_by("-version").first()
    present = last.rule if last else next((one for one in DEFAULTS if one.name == rule), None)
    if present is None:
        raise Http404
    day = clock.day(request.now).isoformat()
    form = RuleForm(request.POST or None, initial=RuleForm.of(present, last.active if last else True, day))
    return _change(request, form, rule)


def _change(request: PageRequest, form: RuleForm, name: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            set_rule(
                **{"name": name, **form.content()},
                by=request.access.actor_everywhere(Permission.CHANGE_STUDY_SETTINGS),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The rule is kept."))
            return redirect("followup:rules")
    return _rules_page(request, form, name, status=422 if form.errors else 200)


def _rules_page(
    request: PageRequest, form: RuleForm | None = None, name: str = "", status: int = 200
) -> HttpResponse:
    versions = defaultdict(list)
    for row in ReminderRule.objects.select_related("set_by").order_by("name", "-version"):
        versions[row.name].append(row)
    today = clock.day(request.now)
    in_force = {rule.name: rule for rule in rules_on(today)}
    known = {rule.name: rule for rule in DEFAULTS} | {key: rows[0].rule for key, rows in versions.items()}
    given = {
        "breadcrumb": [(_("Rules of reminders"), reverse("followup:rules") if form else "")],
        "rules": [
            _row(in_force.get(key, rule), key in in_force, versions[key], today)
            for key, rule in sorted(
                known.items(), key=lambda one: (one[1].about, one[1].role, one[1].after, one[0])
            )
        ],
        "may_change": request.access.everywhere(Permission.CHANGE_STUDY_SETTINGS),
        "form": form,
        "name": name,
    }
    return render(request, "followup/rules.html", given, status=status)


def _row(rule: Rule, in_force: bool, versions: list[ReminderRule], today: Any) -> dict[str, Any]:
    return {
        "rule": rule,
        "role": Role(rule.role).label,
        "channel": CHANNEL_WORDS[rule.channel],
        "ready": channels()[rule.channel].ready,
        "in_force": in_force,
        "ahead": bool(versions) and versions[0].effective_from > today,
        "versions": [
            (one, one.rule.words, Role(one.role).label, CHANNEL_WORDS[one.rule.channel]) for one in versions
        ],
    }


@for_anyone_signed_in
def wishes(request: Any) -> HttpResponse:
    """When and how this person is reminded."""
    form = WishesForm(request.POST or None, initial=WishesForm.of(wishes_of(request.user)))
    if request.method == "POST" and form.is_valid():
        try:
            set_wishes(**form.cleaned_data, by=Actor(request.user, "", None), now=request.now)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("Your wishes are kept."))
            return redirect("followup:wishes")
    return render(
        request,
        "followup/wishes.html",
        {"breadcrumb": [(_("How I am reminded"), "")], "form": form},
        status=422 if form.errors else 200,
    )

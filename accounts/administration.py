"""The system administrator's pages: accounts, and the register of roles. Nothing of the trial is on them."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.actions import NotPossible, end_role, grant_role, open_account, set_active
from accounts.forms import AccountForm, RoleForm
from accounts.models import RoleHeld, User
from accounts.pages import PageRequest, page


def _today(request: PageRequest) -> date:
    today: date = request.now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return today


@page(Permission.MANAGE_ACCOUNTS)
def accounts_list(request: PageRequest) -> HttpResponse:
    """Everybody with an account and the roles they hold or held."""
    people = User.objects.prefetch_related("roles__site")
    return render(request, "accounts/list.html", {"people": people, "today": _today(request)})


@page(Permission.MANAGE_ACCOUNTS)
def account_new(request: PageRequest) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = open_account(
                **form.cleaned_data,
                by=request.access.actor(Permission.MANAGE_ACCOUNTS, None),
                now=request.now,
            )
        except NotPossible as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The account of %(name)s is open.") % {"name": person.full_name})
            return redirect("account", person.pk)
    return render(
        request,
        "accounts/new.html",
        {"form": form, "breadcrumb": [(_("Accounts"), reverse("accounts_list")), (_("New account"), "")]},
        status=422 if form.is_bound else 200,
    )


@page(Permission.MANAGE_ACCOUNTS)
def account(request: PageRequest, pk: int) -> HttpResponse:
    """One person: roles from–to, granting a further one."""
    person = get_object_or_404(User.objects.prefetch_related("roles__site"), pk=pk)
    form = RoleForm(request.POST or None, initial={"starts_on": _today(request).isoformat()})
    if request.method == "POST" and form.is_valid():
        by = request.access.actor(Permission.MANAGE_ACCOUNTS, None)
        try:
            grant_role(person=person, **form.cleaned_data, by=by, now=request.now)
        except NotPossible as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The role was granted."))
            return redirect("account", pk)
    return render(
        request,
        "accounts/account.html",
        {
            "person": person,
            "form": form,
            "today": _today(request),
            "breadcrumb": [(_("Accounts"), reverse("accounts_list")), (person, "")],
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@page(Permission.MANAGE_ACCOUNTS)
def role_end(request: PageRequest, pk: int) -> HttpResponse:
    """End a role today: the last day it holds."""
    held = get_object_or_404(RoleHeld, pk=pk, ends_on=None)
    try:
        end_role(
            held=held,
            ends_on=_today(request),
            by=request.access.actor(Permission.MANAGE_ACCOUNTS, None),
            now=request.now,
        )
    except NotPossible as refused:
        messages.error(request, str(refused))
    return redirect("account", held.user_id)


@require_POST
@page(Permission.MANAGE_ACCOUNTS)
def account_active(request: PageRequest, pk: int) -> HttpResponse:
    """Disable an account, or open it again, as the button said; nobody disables their own."""
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        messages.error(request, _("You cannot disable your own account."))
    else:
        by = request.access.actor(Permission.MANAGE_ACCOUNTS, None)
        set_active(person=person, active=request.POST.get("active") == "1", by=by, now=request.now)
    return redirect("account", pk)

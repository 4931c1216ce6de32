"""The system administrator's pages: accounts, and the register of roles. Nothing of the trial is on them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access_reviews, door, second_factors
from accounts.access import Permission
from accounts.actions import (
    NotPossible,
    end_role,
    give_password,
    grant_role,
    open_account,
    set_active,
    unlock,
    unlock_address,
)
from accounts.forms import AccountForm, FirstPasswordForm, RoleForm
from accounts.models import RoleHeld, SignInEvent, User
from accounts.own_account import device_words
from accounts.pages import PageRequest, page


def _today(request: PageRequest) -> date:
    today: date = request.now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return today


@page(Permission.MANAGE_ACCOUNTS)
def accounts_list(request: PageRequest) -> HttpResponse:
    """Everybody with an account and the roles they hold or held."""
    people = User.objects.prefetch_related("roles__site")
    context = {"people": people, "today": _today(request), "endings": access_reviews.endings_asked()}
    return render(request, "accounts/list.html", context)


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
            "locked_until": door.locked_until(now=request.now, name_key=door.key_of(person.username)),
            "factors": second_factors.factors_of(person),
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


@page(Permission.MANAGE_ACCOUNTS)
def account_password(request: PageRequest, pk: int) -> HttpResponse:
    """A new first password for a person who forgot theirs; it ends the lock and every session."""
    person = get_object_or_404(User, pk=pk)
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = request.access.actor(Permission.MANAGE_ACCOUNTS, None)
        try:
            give_password(person=person, password=form.cleaned_data["password"], by=by, now=request.now)
        except NotPossible as refused:
            form.add_error("password", str(refused))
        else:
            messages.success(
                request,
                _("%(name)s signs in with this password and then chooses an own one.") % {"name": person},
            )
            return redirect("account", pk)
    context = {
        "form": form,
        "title": _("New first password"),
        "lead": _("For %(name)s. Tell it to nobody else; it has to be changed at the first sign-in.")
        % {"name": person},
        "button": _("Give this password"),
        "breadcrumb": [
            (_("Accounts"), reverse("accounts_list")),
            (person, reverse("account", args=[pk])),
            (_("New first password"), ""),
        ],
    }
    return render(request, "accounts/confirm.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(Permission.MANAGE_ACCOUNTS)
def account_unlock(request: PageRequest, pk: int) -> HttpResponse:
    """End the lock of an account before its time."""
    person = get_object_or_404(User, pk=pk)
    unlock(person=person, by=request.access.actor(Permission.MANAGE_ACCOUNTS, None), now=request.now)
    messages.success(request, _("The account is unlocked."))
    return redirect("account", pk)


@require_POST
@page(Permission.MANAGE_ACCOUNTS)
def account_factors_end(request: PageRequest, pk: int) -> HttpResponse:
    """Remove every second factor of a person who lost them; nobody removes their own this way."""
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        messages.error(request, _("Remove your own second factor on the page of your account."))
        return redirect("account", pk)
    by = request.access.actor(Permission.MANAGE_ACCOUNTS, None)
    second_factors.remove_all_factors(person=person, by=by, now=request.now)
    messages.success(request, _("The second factor was removed."))
    return redirect("account", pk)


LATEST_EVENTS = 200
NOTICED = (
    SignInEvent.Kind.FAILED,
    SignInEvent.Kind.REFUSED,
    SignInEvent.Kind.LOCKED,
    SignInEvent.Kind.ADDRESS_LOCKED,
)


@page(Permission.MANAGE_ACCOUNTS)
def sign_ins(request: PageRequest) -> HttpResponse:
    """What happened at the door, newest first, and what is locked now; of failures alone, if asked."""
    events = SignInEvent.objects.select_related("person", "done_by")
    failures_only = request.GET.get("show") == "failures"
    if failures_only:
        events = events.filter(kind__in=NOTICED)
    locked = []
    recent = SignInEvent.objects.filter(
        kind=SignInEvent.Kind.ADDRESS_LOCKED,
        at__gt=request.now - timedelta(minutes=settings.SIGN_IN_LOCK_MINUTES),
    )
    for address in sorted({str(event.address) for event in recent}):
        until = door.locked_until(now=request.now, address=address)
        if until:
            locked.append((address, until))
    return render(
        request,
        "accounts/sign_ins.html",
        {
            "events": [(event, device_words(event.device)) for event in events[:LATEST_EVENTS]],
            "failures_only": failures_only,
            "locked_addresses": locked,
            "breadcrumb": [(_("Accounts"), reverse("accounts_list")), (_("Sign-ins"), "")],
        },
    )


@require_POST
@page(Permission.MANAGE_ACCOUNTS)
def address_unlock(request: PageRequest) -> HttpResponse:
    """End the lock of an address before its time."""
    address = request.POST.get("address", "")
    if door.is_address(address) and door.locked_until(now=request.now, address=address):
        by = request.access.actor(Permission.MANAGE_ACCOUNTS, None)
        unlock_address(address=address, by=by, now=request.now)
        messages.success(request, _("The address is unlocked."))
    return redirect("sign_ins")

"""One's own account: the second factor, the browsers one is signed in with, and what happened at the door."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import second_factors
from accounts.access import Actor
from accounts.actions import end_sessions
from accounts.forms import AppForm, OwnPasswordForm, PasskeyForm
from accounts.models import SecondFactor, Session, SignInEvent
from accounts.pages import back_to, for_anyone_signed_in, machine_now, to_add_second_factor
from accounts.reauthentication import NotConfirmed, confirm_identity

SHOWN_EVENTS = 20
BROWSERS = (("Edg/", "Edge"), ("MicroMessenger", "WeChat"), ("QQBrowser", "QQ Browser"), ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


def device_words(device: str) -> str:
    """A browser's own words, shortened to its name, its version and the system."""
    words = []
    for mark, name in BROWSERS:
        if mark in device:
            version = re.search(re.escape(mark.rstrip("/")) + r"/(\d+)", device)
            words.append(f"{name} {version[1]}" if version else name)
            break
    words += [name for mark, name in SYSTEMS if mark in device][:1]
    return " · ".join(words) or device[:40]


def _own_sessions(request: Any) -> list[dict[str, Any]]:
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    found = Session.objects.filter(person=request.user, expire_date__gt=machine_now(request)).order_by(
        "-expire_date"
    )
    return [
        {
            "name": one.name,
            "device": device_words(one.device),
            "address": one.address,
            "begun": one.begun,
            # A session is renewed at most once a minute (accounts/middleware.py).
            "seen": one.expire_date - idle,
            "this": one.session_key == request.session.session_key,
        }
        for one in found
    ]


def _by(request: Any) -> Actor:
    return Actor(request.user, "", None)


@never_cache
@to_add_second_factor
@for_anyone_signed_in
def own_account(request: Any) -> HttpResponse:
    """What guards one's account, and what happened at its door."""
    events = list(SignInEvent.objects.filter(person=request.user).select_related("done_by")[:SHOWN_EVENTS])
    factors = second_factors.factors_of(request.user)
    return render(
        request,
        "accounts/own.html",
        {
            "factors": factors,
            "codes_left": second_factors.codes_left(request.user) if factors else 0,
            "sessions": _own_sessions(request),
            "events": [(event, device_words(event.device)) for event in events],
            "required": settings.SECOND_FACTOR_REQUIRED,
            "owed": settings.SECOND_FACTOR_REQUIRED and not factors,
            "next": back_to(request, request.GET.get("next", "")),
            "breadcrumb": [(_("Account security"), "")],
        },
    )


@require_POST
@for_anyone_signed_in
def sessions_end(request: Any) -> HttpResponse:
    """Sign out one browser, or all but this one."""
    others = Session.objects.filter(person=request.user).exclude(session_key=request.session.session_key)
    wanted = request.POST.get("session", "")
    ended = [one for one in others.select_related("person") if wanted in ("others", one.name)]
    end_sessions(sessions=ended, by=_by(request), now=request.now)
    messages.success(request, _("Signed out there. Whoever sits there has to sign in again."))
    return redirect("own_account")


# -- the second factor ---------------------------------------------------------------------------------


def _confirmed(request: Any, form: Any) -> bool:
    """Whether the password typed along is the person's own; the form says so where it is not."""
    try:
        confirm_identity(
            person=request.user,
            username=request.user.username,
            password=form.cleaned_data["password"],
            request=request,
            now=request.now,
        )
    except NotConfirmed as refused:
        form.add_error("password", str(refused))
        return False
    return True


def _after_adding(request: Any) -> HttpResponse:
    """The first factor brings recovery codes, shown now and never again."""
    request.session["second_factor"] = True
    if second_factors.codes_left(request.user):
        messages.success(request, _("The second factor was added."))
        return redirect("own_account")
    return _show_codes(request)


def _show_codes(request: Any) -> HttpResponse:
    codes = second_factors.make_codes(person=request.user, by=_by(request), now=request.now)
    breadcrumb = [(_("Account security"), reverse("own_account")), (_("Recovery codes"), "")]
    return render(request, "accounts/codes.html", {"codes": codes, "breadcrumb": breadcrumb})


@sensitive_post_parameters()
@never_cache
@to_add_second_factor
@for_anyone_signed_in
def add_app(request: Any) -> HttpResponse:
    """Add an authenticator app: its camera reads the secret, its first code shows that it has it."""
    form = AppForm(request.POST or None, initial={"name": _("My phone")})
    secret = request.session.get("new_secret") if request.method == "POST" else None
    if secret and form.is_valid() and _confirmed(request, form):
        try:
            second_factors.add_app(
                person=request.user,
                name=form.cleaned_data["name"],
                secret=secret,
                code=form.cleaned_data["code"],
                moment=machine_now(request),
                by=_by(request),
                now=request.now,
            )
        except second_factors.NotAdded as refused:
            form.add_error("code", str(refused))
        else:
            del request.session["new_secret"]
            return _after_adding(request)
    if secret is None:
        secret = request.session["new_secret"] = second_factors.new_secret()
    return render(
        request,
        "accounts/add_app.html",
        {
            "form": form,
            "picture": second_factors.qr_code(secret, request.user),
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "breadcrumb": [(_("Account security"), reverse("own_account")), (_("Authenticator app"), "")],
        },
        status=422 if form.is_bound else 200,
    )


@sensitive_post_parameters()
@never_cache
@to_add_second_factor
@for_anyone_signed_in
def add_passkey(request: Any) -> HttpResponse:
    """Add a passkey: the browser's, the phone's or a security key."""
    form = PasskeyForm(request.POST or None, initial={"name": _("My passkey")})
    place = second_factors.Place.of(request)
    if request.method == "POST" and form.is_valid() and _confirmed(request, form):
        try:
            second_factors.add_passkey(
                person=request.user,
                name=form.cleaned_data["name"],
                answer=form.cleaned_data["passkey"],
                challenge=request.session.pop("new_passkey", ""),
                place=place,
                by=_by(request),
                now=request.now,
            )
        except second_factors.NotAdded as refused:
            form.add_error(None, str(refused))
        else:
            return _after_adding(request)
    options, request.session["new_passkey"] = second_factors.registration_options(request.user, place)
    return render(
        request,
        "accounts/add_passkey.html",
        {
            "form": form,
            "options": options,
            "breadcrumb": [(_("Account security"), reverse("own_account")), (_("Passkey"), "")],
        },
        status=422 if form.is_bound else 200,
    )


@sensitive_post_parameters()
@never_cache
@to_add_second_factor
@for_anyone_signed_in
def new_codes(request: Any) -> HttpResponse:
    """New recovery codes in the place of those before."""
    if not second_factors.factors_of(request.user):
        raise Http404
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _confirmed(request, form):
        return _show_codes(request)
    context = {
        "form": form,
        "title": _("New recovery codes"),
        "lead": _("The codes you have now will no longer be accepted."),
        "button": _("Make new codes"),
        "breadcrumb": [(_("Account security"), reverse("own_account")), (_("Recovery codes"), "")],
    }
    return render(request, "accounts/confirm.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@never_cache
@for_anyone_signed_in
def remove_factor(request: Any, pk: int) -> HttpResponse:
    """End one's own authenticator app or passkey; not the last one where a second factor is required."""
    factor = get_object_or_404(
        SecondFactor.objects.select_related("person"), pk=pk, person=request.user, ended_at=None
    )
    last = settings.SECOND_FACTOR_REQUIRED and len(second_factors.factors_of(request.user)) == 1
    form = OwnPasswordForm(request.POST or None)
    if last:
        messages.error(request, _("This is your only second factor. Add another one first."))
        return redirect("own_account")
    if request.method == "POST" and form.is_valid() and _confirmed(request, form):
        second_factors.remove_factor(factor=factor, by=_by(request), now=request.now)
        messages.success(request, _("The second factor was removed."))
        return redirect("own_account")
    context = {
        "form": form,
        "title": _("Remove “%(name)s”") % {"name": factor.name},
        "lead": _("It will no longer be accepted at the sign-in."),
        "button": _("Remove"),
        "breadcrumb": [(_("Account security"), reverse("own_account")), (factor.name, "")],
    }
    return render(request, "accounts/confirm.html", context, status=422 if form.is_bound else 200)

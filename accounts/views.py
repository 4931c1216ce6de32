"""Signing in and out, the session, the language of the page, the site one works at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import door, second_factors
from accounts.access import Actor, visible_sites
from accounts.actions import choose_language
from accounts.attribution import attributed
from accounts.forms import NewPasswordForm, SecondStepForm, SignInForm
from accounts.models import Session, User
from accounts.pages import (
    PageRequest,
    back_to,
    before_all_is_ready,
    for_anyone_signed_in,
    machine_now,
    unattended,
)

# Between the password and the second factor nobody is signed in; the session holds this for so long.
PENDING = "pending"
PENDING_FOR = timedelta(minutes=10)


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is a page of ours."""
    return back_to(request, request.POST.get("next", ""))


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


# -- the door ------------------------------------------------------------------------------------------


def _let_in(request: Any, person: User, *, second_factor: bool) -> None:
    """Sign a person in who has proved who they are: a new session under a new key."""
    login(request, person, settings.AUTHENTICATION_BACKENDS[0])
    origin = door.Origin.of(request)
    request.session.pop(PENDING, None)
    request.session.update(
        {"address": origin.address, "device": origin.device, "second_factor": second_factor}
    )
    door.note(door.Kind.SIGNED_IN, now=request.now, origin=origin, person=person)
    Session.objects.filter(expire_date__lt=machine_now(request)).delete()  # those nobody came back to


def _ask_second_factor(request: Any, person: User, target: str) -> None:
    request.session.cycle_key()
    request.session[PENDING] = {
        "person": person.pk,
        "next": target,
        "until": str(machine_now(request) + PENDING_FOR),
    }


def _pending(request: Any) -> tuple[User, dict[str, Any]] | None:
    """Who has given the right password and owes the second factor, and what was kept meanwhile."""
    kept = request.session.get(PENDING)
    if not kept or machine_now(request) > datetime.fromisoformat(kept["until"]):
        return None
    person = User.objects.filter(pk=kept["person"], is_active=True).first()
    return (person, kept) if person else None


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth_views.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        person: User = form.get_user()
        if second_factors.factors_of(person):
            _ask_second_factor(self.request, person, self.get_success_url())
            response: HttpResponse = redirect("second_step")
        else:
            _let_in(self.request, person, second_factor=False)
            response = redirect(self.get_success_url())
        _remember_language(response, person.language)
        return response


@login_not_required
@never_cache
@for_anyone_signed_in
def second_step(request: Any) -> HttpResponse:
    """The code of the authenticator app, a recovery code, or a passkey; only then is anybody signed in."""
    pending = _pending(request)
    if pending is None:
        return redirect("login")
    person, kept = pending
    form = SecondStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            passed = _second_factor_shown(request, person, kept, **form.cleaned_data)
        except door.LockedOut as locked:
            request.session.pop(PENDING)
            form.add_error(None, str(locked))
        else:
            if passed:
                _let_in(request, person, second_factor=True)
                return redirect(kept["next"])
            form.add_error(None, _("The code or the passkey is not right."))
    options, challenge = second_factors.sign_in_options(person, second_factors.Place.of(request))
    if PENDING in request.session:
        request.session[PENDING] = {**kept, "challenge": challenge}
    context = {"form": form, "options": options}
    return render(request, "registration/second_step.html", context, status=422 if form.is_bound else 200)


def _second_factor_shown(request: Any, person: User, kept: dict[str, Any], code: str, passkey: str) -> bool:
    def shown() -> User | None:
        right = second_factors.proves(
            person,
            code=code,
            passkey=passkey,
            challenge=kept.get("challenge", ""),
            place=second_factors.Place.of(request),
            moment=machine_now(request),
            now=request.now,
        )
        return person if right else None

    return (
        door.attempt(username=person.username, request=request, now=request.now, succeeds=shown) is not None
    )


class SignOut(auth_views.LogoutView):
    """Sign out, and have the browser forget the pages it kept."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        person = request.user
        door.note(door.Kind.SIGNED_OUT, now=request.now, origin=door.Origin.of(request), person=person)
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


# -- the session of the page open ----------------------------------------------------------------------


def _session_answer(request: Any, status: int = 200) -> JsonResponse:
    return JsonResponse({"person": request.user.pk, "token": get_token(request)}, status=status)


@login_not_required
@never_cache
@require_safe
@unattended
@before_all_is_ready
@for_anyone_signed_in
def session_state(request: Any) -> HttpResponse:
    """Who is signed in, for the script of a page left open: 401 for nobody. Being asked renews nothing."""
    return _session_answer(request, 200 if request.user.is_authenticated else 401)


@require_POST
@never_cache
@before_all_is_ready
@for_anyone_signed_in
def session_renew(request: Any) -> HttpResponse:
    """Somebody is there: the session goes on."""
    request.session.modified = True
    return _session_answer(request)


@login_not_required
@never_cache
@require_POST
@for_anyone_signed_in
def sign_in_again(request: Any) -> HttpResponse:
    """Sign in over a page left open, so that what was typed there stays; answers with what the page needs to go on.

    `step` is "password" or "second": which of them has still to be given; 422 with a sentence where it was not right.
    """
    try:
        if request.POST.get("code"):
            pending = _pending(request)
            if pending is None:
                return JsonResponse({"step": "password", "sentence": ""}, status=422)
            person, kept = pending
            if not _second_factor_shown(request, person, kept, request.POST["code"], ""):
                sentence = _("The code or the passkey is not right.")
                return JsonResponse({"step": "second", "sentence": sentence}, status=422)
            _let_in(request, person, second_factor=True)
            return _session_answer(request)
        username, password = request.POST.get("username", ""), request.POST.get("password", "")
        found = door.try_password(username=username, password=password, request=request, now=request.now)
    except door.LockedOut as locked:
        return JsonResponse({"step": "password", "sentence": str(locked)}, status=422)
    if found is None:
        sentence = str(SignInForm.error_messages["invalid_login"])
        return JsonResponse({"step": "password", "sentence": sentence}, status=422)
    if second_factors.factors_of(found):
        _ask_second_factor(request, found, "/")
        return JsonResponse({"step": "second", "sentence": ""})
    _let_in(request, found, second_factor=False)
    return _session_answer(request)


# -- language, site, password --------------------------------------------------------------------------


@login_not_required
@require_POST
@before_all_is_ready
@for_anyone_signed_in
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, in mails too."""
    response = redirect(_back(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _remember_language(response, language)
        if isinstance(request.user, User):
            choose_language(person=request.user, language=language)
    return response


@require_POST
@for_anyone_signed_in
def choose_site(request: PageRequest) -> HttpResponse:
    """Work at one of one's sites, or at all of them."""
    chosen = request.POST.get("site", "")
    own = {str(site.pk) for site in visible_sites(request.access)}
    request.session["site"] = int(chosen) if chosen in own else None
    return redirect(_back(request))


class PasswordChange(auth_views.PasswordChangeView):
    """A new password for oneself; the trail keeps that it was changed and by whom, never the password."""

    form_class = NewPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_success_url(self) -> str:
        return str(reverse("password_change_done"))

    def form_valid(self, form: Any) -> HttpResponse:
        person = self.request.user
        assert isinstance(person, User)
        form.user.must_change_password = False
        with attributed(Actor(person, "", None), "password changed by its owner"):
            response = super().form_valid(form)
            now = self.request.now  # type: ignore[attr-defined]
            door.note(door.Kind.PASSWORD_CHANGED, now=now, origin=door.Origin.of(self.request), person=person)
        return response


sign_in = before_all_is_ready(for_anyone_signed_in(SignIn.as_view()))
sign_out = before_all_is_ready(for_anyone_signed_in(SignOut.as_view()))
password_change = before_all_is_ready(for_anyone_signed_in(PasswordChange.as_view()))
password_change_done = for_anyone_signed_in(auth_views.PasswordChangeDoneView.as_view())

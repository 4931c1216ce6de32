"""Signing in and out, the language of the page, the site one works at."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.access import Actor, visible_sites
from accounts.actions import choose_language
from accounts.attribution import attributed
from accounts.forms import SignInForm
from accounts.models import User
from accounts.pages import PageRequest, for_anyone_signed_in


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is a page of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return "/"


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth_views.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {"hide_search": True}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        person = form.get_user()
        assert isinstance(person, User)
        _remember_language(response, person.language)
        return response


@login_not_required
@require_POST
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

    def form_valid(self, form: Any) -> HttpResponse:
        person = self.request.user
        assert isinstance(person, User)
        with attributed(Actor(person, "", None), "password changed by its owner"):
            return super().form_valid(form)


sign_in = SignIn.as_view()
sign_out = for_anyone_signed_in(auth_views.LogoutView.as_view())
password_change = for_anyone_signed_in(PasswordChange.as_view())
password_change_done = for_anyone_signed_in(auth_views.PasswordChangeDoneView.as_view())
sign_in.page_permission = None  # type: ignore[attr-defined]

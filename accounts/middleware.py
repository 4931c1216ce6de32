"""How long somebody stays signed in, and what they have to do before anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import SecondFactor
from accounts.pages import machine_now

# A session is written at most this often: a page more a minute costs nothing.
RENEWED_AFTER = timedelta(minutes=1)


class AccountMiddleware:
    """End a session that has lasted long enough; renew it where somebody is there; lead to what is missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session: Any = request.session
        if session.session_key is not None and SESSION_KEY in session and session.begun is not None:
            longest = timedelta(seconds=settings.SESSION_LONGEST)
            if machine_now(request) - session.begun > longest:
                session.flush()
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        person = request.user
        if not person.is_authenticated:
            return None
        session: Any = request.session
        left = session.expires - machine_now(request) if session.expires else timedelta(0)
        if left < timedelta(seconds=settings.SESSION_COOKIE_AGE) - RENEWED_AFTER:
            session.modified |= not getattr(view, "unattended", False)
        step = None if getattr(view, "before_all_is_ready", False) else _missing_step(request, person, view)
        if step is None:
            return None
        there = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{reverse(step)}?{urlencode({'next': there})}")


def _missing_step(request: HttpRequest, person: Any, view: Any) -> str | None:
    """The page a person has to see first; None where they may go where they want."""
    if person.must_change_password:
        return "password_change"
    if not settings.SECOND_FACTOR_REQUIRED or request.session.get("second_factor"):
        return None
    if SecondFactor.objects.filter(person=person, ended_at=None).exists():
        # Added in another browser since: this one has yet to show it.
        request.session.flush()
        return "login"
    return None if getattr(view, "to_add_second_factor", False) else "own_account"

"""Closed by default: a page says who may open it, or nobody may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.access import Access, Permission, visible_sites
from accounts.models import Site

View = Callable[..., HttpResponseBase]


class PageRequest(HttpRequest):
    """A request as pages get it: with the person's access and the trial's clock on it."""

    access: Access
    now: Any
    trial_clock: Any


def page(permission: Permission, *, everywhere: bool = False) -> Callable[[View], View]:
    """Open a page only to people who hold `permission` somewhere; where exactly is asked of each object.

    `everywhere`: the page changes what holds for the whole trial, so the right has to be held at all sites.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.access.may_somewhere(permission):
                raise PermissionDenied(_("Your role does not include this page."))
            if everywhere:
                request.access.actor_everywhere(permission)
            return view(request, *args, **kwargs)

        guarded.page_permission = permission  # type: ignore[attr-defined]
        guarded.page_everywhere = everywhere  # type: ignore[attr-defined]
        return guarded

    return declare


# The first half of the locks taken by `one_at_a_time`, so that they are no other part's.
HEAVY = 4907


def one_at_a_time(view: View) -> View:
    """Work on one such request of a person at a time, on all servers together; a second one meanwhile is refused (429)."""

    @wraps(view)
    def alone(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [HEAVY, request.user.pk])
            (free,) = cursor.fetchone()
        if not free:
            return render(request, "429.html", status=429)
        try:
            return view(request, *args, **kwargs)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [HEAVY, request.user.pk])

    return alone


def unattended(view: View) -> View:
    """Declare a page that asks for itself: being asked does not show that somebody is there (accounts/middleware.py)."""
    view.unattended = True  # type: ignore[attr-defined]
    return view


def before_all_is_ready(view: View) -> View:
    """Declare a page open to a person who has yet to choose a password or to add a second factor."""
    view.before_all_is_ready = True  # type: ignore[attr-defined]
    return view


def to_add_second_factor(view: View) -> View:
    """Declare a page open to a person who has yet to add a second factor: there it is done."""
    view.to_add_second_factor = True  # type: ignore[attr-defined]
    return view


def machine_now(request: HttpRequest) -> datetime:
    """The machine's time, whatever the trial's clock of a demo says: for sessions and codes of authenticator apps."""
    moment: datetime = request.now - request.trial_clock.ahead  # type: ignore[attr-defined]
    return moment


def back_to(request: HttpRequest, target: str) -> str:
    """An address to lead somebody to, if it is one of ours; the home page otherwise."""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return "/"


def working_site(request: PageRequest) -> Site | None:
    """The site a person chose to work at in the header; None for all of theirs."""
    chosen = request.session.get("site")
    return next((site for site in visible_sites(request.access) if site.pk == chosen), None)


def for_anyone_signed_in(view: View) -> View:
    """Declare a page that shows nothing of the trial (language, password, own account)."""
    view.page_permission = None  # type: ignore[attr-defined]
    return view

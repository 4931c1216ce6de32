"""What the frame around every page shows: where one is, who one is, what one may open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import Access, Permission, visible_sites
from accounts.models import Role
from accounts.pages import PageRequest
from records.clock import TrialClock
from records.drawing import draw

# Permission to see it, words, and the name of the address.
Entries = tuple[tuple[Permission, Callable[[], str], str], ...]
NAVIGATION: Entries = (
    (Permission.SEE_PARTICIPANTS, lambda: _("Home"), "casebook:home"),
    (Permission.SEE_PARTICIPANTS, lambda: _("Participants"), "casebook:matrix"),
    (Permission.SEE_PARTICIPANTS, lambda: _("Safety"), "safety:overview"),
    (Permission.SEE_PARTICIPANTS, lambda: _("Queries"), "monitoring:queries"),
    (Permission.REVIEW_DATA, lambda: _("Verification"), "monitoring:to_verify"),
    (Permission.SIGN, lambda: _("To sign"), "monitoring:to_sign"),
    (Permission.SEE_DASHBOARD, lambda: _("Dashboard"), "dashboards:enrolment"),
    (Permission.MANAGE_ACCOUNTS, lambda: _("Accounts"), "accounts_list"),
    (Permission.MANAGE_ACCOUNTS, lambda: _("Sign-ins"), "sign_ins"),
)

# What one opens now and then, behind a word of its own.
MORE: Entries = (
    (Permission.SEE_TRAIL, lambda: _("Audit trail"), "audit:trail"),
    (Permission.EXPORT, lambda: _("Exports"), "exports:list"),
    (Permission.TAKE_COPY, lambda: _("Certified copies"), "exports:copies"),
    (Permission.CHANGE_STUDY_SETTINGS, lambda: _("Study settings"), "study_settings"),
    (Permission.MANAGE_ACCOUNTS, lambda: _("Audit trail"), "audit:accounts"),
)


def _entries(
    request: HttpRequest, access: Access | None, known: Entries
) -> tuple[tuple[str, str, bool], ...]:
    """What of the navigation this person may open: words, address, whether it is the page shown."""
    return tuple(
        (words(), reverse(name), request.path == reverse(name))
        for permission, words, name in known
        if access and access.may_somewhere(permission)
    )


def _session_parts(request: HttpRequest) -> SafeString:
    """What static/js/session.js puts on the page of somebody signed in; drawn once for all people."""
    person = request.user
    words = {
        "idle": settings.IDLE_SECONDS,
        "person": str(person.pk),
        "username": person.get_username(),
        "name": str(person),
    }
    return draw("components/session.html", "session", words, ("person", "username", "name"))


def _bar(request: HttpRequest, access: Access | None) -> SafeString:
    """The bar on top; drawn once for all who have the same roles, sites and language. Nothing of the trial for nobody."""
    sites = visible_sites(access) if access else ()
    chosen = request.session.get("site") if sites else None
    current = next((site for site in sites if site.pk == chosen), sites[0] if len(sites) == 1 else None)
    words = {
        "token": get_token(request),
        "here": request.get_full_path(),
        "person": str(request.user) if access else "",
        "username": request.user.get_username() if access else "",
        "language": get_language(),
        "navigation": _entries(request, access, NAVIGATION),
        "more": _entries(request, access, MORE),
        "site": str(current or ""),
        "sites": tuple((site.pk, str(site)) for site in sites) if len(sites) > 1 else (),
        "search": access is not None and access.may_somewhere(Permission.SEE_PARTICIPANTS),
        "sees_access": access is not None and access.may_somewhere(Permission.SEE_ACCESS),
        "roles": tuple(str(Role(role).label) for role in access.roles) if access else (),
    }
    return draw("components/bar.html", "bar", words, ("token", "here", "person", "username"))


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its words; nothing of the trial for a person who is not signed in."""
    if not isinstance(request, PageRequest) and not hasattr(request, "access"):
        return {"bar": partial(_bar, request, None)}
    demo = request.trial_clock.kind == TrialClock.Kind.DEMO  # type: ignore[attr-defined]
    if not request.user.is_authenticated:
        return {"demo": demo, "bar": partial(_bar, request, None)}
    return {
        "demo": demo,
        "session_parts": _session_parts(request),
        "bar": partial(_bar, request, request.access),
    }

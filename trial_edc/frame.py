"""What the frame around every page shows: where one is, who one is, what one may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.access import Permission, visible_sites
from accounts.models import Role
from accounts.pages import PageRequest
from records.clock import TrialClock
from records.drawing import draw

# Permission to see it, words, address, and the url names' namespace that marks it as the current one.
NAVIGATION = (
    (Permission.SEE_PARTICIPANTS, lambda: _("Home"), "casebook:home"),
    (Permission.SEE_PARTICIPANTS, lambda: _("Participants"), "casebook:matrix"),
    (Permission.SEE_PARTICIPANTS, lambda: _("Safety"), "safety:overview"),
    (Permission.SEE_PARTICIPANTS, lambda: _("Queries"), "monitoring:queries"),
    (Permission.REVIEW_DATA, lambda: _("Verification"), "monitoring:to_verify"),
    (Permission.SIGN, lambda: _("To sign"), "monitoring:to_sign"),
    (Permission.SEE_DASHBOARD, lambda: _("Dashboard"), "dashboards:enrolment"),
    (Permission.SEE_TRAIL, lambda: _("Audit trail"), "audit:trail"),
    (Permission.EXPORT, lambda: _("Exports"), "exports:list"),
    (Permission.IMPORT, lambda: _("Imports"), "imports:list"),
    (Permission.TAKE_COPY, lambda: _("Certified copies"), "exports:copies"),
    (Permission.CHANGE_STUDY_SETTINGS, lambda: _("Study settings"), "study_settings"),
    (Permission.MANAGE_ACCOUNTS, lambda: _("Accounts"), "accounts_list"),
    (Permission.MANAGE_ACCOUNTS, lambda: _("Sign-ins"), "sign_ins"),
    (Permission.MANAGE_ACCOUNTS, lambda: _("Audit trail"), "audit:accounts"),
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


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its words; nothing of the trial for a person who is not signed in."""
    if not isinstance(request, PageRequest) and not hasattr(request, "access"):
        return {}
    demo = request.trial_clock.kind == TrialClock.Kind.DEMO  # type: ignore[attr-defined]
    if not request.user.is_authenticated:
        return {"demo": demo, "hide_search": True}
    access = request.access
    sites = visible_sites(access)
    chosen = request.session.get("site")
    current = next((site for site in sites if site.pk == chosen), sites[0] if len(sites) == 1 else None)
    return {
        "demo": demo,
        "session_parts": _session_parts(request),
        "navigation": [
            (words(), reverse(name), request.path == reverse(name))
            for permission, words, name in NAVIGATION
            if access.may_somewhere(permission)
        ],
        "sees_access": access.may_somewhere(Permission.SEE_ACCESS),
        "own_sites": sites,
        "current_site": current,
        "hide_search": not access.may_somewhere(Permission.SEE_PARTICIPANTS),
        "role_names": [Role(role).label for role in access.roles],
    }

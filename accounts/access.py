"""Who may do what, and where: one table of roles, and one person's reach through the roles held today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Role, RoleHeld, Site, User


class Permission(StrEnum):
    SEE_PARTICIPANTS = auto()
    SEE_TRAIL = auto()
    SEE_DASHBOARD = auto()
    SEE_EFFICACY = auto()
    ENTER_DATA = auto()
    DECIDE_ELIGIBILITY = auto()
    ASSIGN_ARM = auto()
    SETTLE_REMINDERS = auto()
    SEE_QUEUE = auto()
    REPORT_SAE = auto()
    SEE_CONTACTS = auto()
    ACKNOWLEDGE_SAE = auto()
    CODE_EVENTS = auto()
    RAISE_QUERIES = auto()
    VERIFY_SOURCE = auto()
    REVIEW_DATA = auto()
    FREEZE = auto()
    LOCK = auto()
    SIGN = auto()
    TAKE_COPY = auto()
    REVIEW_TRAIL = auto()
    SEE_ACCESS = auto()
    REVIEW_ACCESS = auto()
    EXPORT = auto()
    IMPORT = auto()
    CHANGE_STUDY_SETTINGS = auto()
    MANAGE_ACCOUNTS = auto()


P = Permission
GRANTS: dict[str, frozenset[Permission]] = {
    Role.COORDINATOR: frozenset(
        {
            P.SEE_PARTICIPANTS,
            P.SEE_TRAIL,
            P.SEE_DASHBOARD,
            P.ENTER_DATA,
            P.SETTLE_REMINDERS,
            P.REPORT_SAE,
            P.SEE_CONTACTS,
        }
    ),
    Role.INVESTIGATOR: frozenset(
        {
            P.SEE_PARTICIPANTS,
            P.SEE_TRAIL,
            P.SEE_DASHBOARD,
            P.SEE_EFFICACY,
            P.ENTER_DATA,
            P.DECIDE_ELIGIBILITY,
            P.ASSIGN_ARM,
            P.SETTLE_REMINDERS,
            P.REPORT_SAE,
            P.SEE_CONTACTS,
            P.SIGN,
            P.TAKE_COPY,
            P.SEE_ACCESS,
        }
    ),
    Role.MONITOR: frozenset(
        {
            P.SEE_PARTICIPANTS,
            P.SEE_TRAIL,
            P.SEE_DASHBOARD,
            P.RAISE_QUERIES,
            P.VERIFY_SOURCE,
            P.REVIEW_DATA,
            P.FREEZE,
        }
    ),
    Role.INSPECTOR: frozenset({P.SEE_PARTICIPANTS, P.SEE_TRAIL, P.SEE_DASHBOARD, P.TAKE_COPY, P.SEE_ACCESS}),
    Role.DATA_MANAGER: frozenset(
        {
            P.SEE_PARTICIPANTS,
            P.SEE_TRAIL,
            P.SEE_DASHBOARD,
            P.SEE_EFFICACY,
            P.EXPORT,
            P.IMPORT,
            P.CHANGE_STUDY_SETTINGS,
            P.SETTLE_REMINDERS,
            P.SEE_QUEUE,
            P.ACKNOWLEDGE_SAE,
            P.CODE_EVENTS,
            P.RAISE_QUERIES,
            P.REVIEW_DATA,
            P.FREEZE,
            P.LOCK,
            P.TAKE_COPY,
            P.REVIEW_TRAIL,
            P.SEE_ACCESS,
            P.REVIEW_ACCESS,
        }
    ),
    Role.SYSTEM_ADMINISTRATOR: frozenset({P.MANAGE_ACCOUNTS, P.SEE_ACCESS, P.SEE_QUEUE}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts and in which role at which site; what the audit trail keeps of them."""

    person: User | None
    role: str
    site_id: int | None

    @property
    def author(self) -> User:
        """The person, where only a person can act; the system never signs or decides."""
        if self.person is None:
            raise PermissionDenied(_("This needs a person; the system does not decide."))
        return self.person

    @property
    def person_id(self) -> int | None:
        return self.person.pk if self.person else None

    def may(self, permission: Permission, site_id: int | None, on: date) -> bool:
        """Whether the role acted in grants this, and it is held here on a day; None: at all sites.

        At most one query. The system never may: what it does by itself asks nobody.
        """
        if self.person is None or permission not in GRANTS.get(self.role, ()):
            return False
        held = Access.of(self.person, on)
        return held.everywhere(permission) if site_id is None else held.may(permission, site_id)


# The worker acting by itself: finding reminders, sending them, writing an export.
SYSTEM = Actor(person=None, role="SYSTEM", site_id=None)
# Somebody at the door who has not proved who they are.
VISITOR = Actor(person=None, role="VISITOR", site_id=None)
# A participant writing their own record: no account, known by the link the site handed out (diary/).
PARTICIPANT = "PARTICIPANT"


def participant_at(site_id: int) -> Actor:
    """A participant of this site; whose data it is stands beside it in the trail."""
    return Actor(person=None, role=PARTICIPANT, site_id=site_id)


@dataclass(frozen=True, slots=True)
class Holding:
    role: str
    site_id: int | None  # None: every site


class Access:
    """What one person may do today. Without a role: nothing."""

    def __init__(self, user: User | None, holdings: Iterable[Holding], sites: Iterable[Site] = ()) -> None:
        self.user = user
        self.holdings = tuple(holdings)
        self.known_sites = {site.pk: site for site in sites}
        self.sites_seen: list[Site] | None = None

    @classmethod
    def of(cls, user: User, on: date) -> Access:
        """The roles `user` holds on a day; one query, none for somebody whose roles were read along."""
        register = user.register
        if register is None:
            register = list(RoleHeld.objects.filter(user=user).select_related("site"))
        held = [one for one in register if one.starts_on <= on and (one.ends_on is None or one.ends_on >= on)]
        holdings = [Holding(one.role, one.site_id) for one in held]
        return cls(user, holdings, [one.site for one in held if one.site is not None])

    def _granting(self, permission: Permission) -> list[Holding]:
        return [holding for holding in self.holdings if permission in GRANTS[holding.role]]

    def may_somewhere(self, permission: Permission) -> bool:
        return bool(self._granting(permission))

    def may(self, permission: Permission, site_id: int) -> bool:
        return any(holding.site_id in (None, site_id) for holding in self._granting(permission))

    def everywhere(self, permission: Permission) -> bool:
        return any(holding.site_id is None for holding in self._granting(permission))

    def site_ids(self, permission: Permission) -> set[int] | None:
        """The sites where this may be done; None: everywhere."""
        found = set()
        for holding in self._granting(permission):
            if holding.site_id is None:
                return None
            found.add(holding.site_id)
        return found

    def sites_at(self, permission: Permission, site: Site | None) -> list[int] | None:
        """The same as a list, narrowed to a site where one is chosen; empty where it may be done nowhere of that."""
        found = self.site_ids(permission)
        if site is None:
            return None if found is None else sorted(found)
        return [site.pk] if found is None or site.pk in found else []

    def sites(self, permission: Permission) -> Q:
        """A condition on Site: the sites where this may be done."""
        return self.at_sites(permission, "pk")

    def at_sites(self, permission: Permission, path: str = "site") -> Q:
        """The same condition on a model that reaches its site by `path`."""
        found = self.site_ids(permission)
        return Q() if found is None else Q(**{f"{path}__in": found})

    def actor(self, permission: Permission, site_id: int | None) -> Actor:
        """The person in the role that lets them do this here; PermissionDenied where none does.

        With None, in a role held anywhere: for what is narrowed to the person's sites by itself, as a list of theirs is.
        """
        for holding in self._granting(permission):
            if site_id is None or holding.site_id in (None, site_id):
                return Actor(self.user, holding.role, site_id)
        raise PermissionDenied(
            _("Your role does not allow this here. The site's administrator can tell you who may.")
        )

    def actor_at(self, permission: Permission, site: Site | None) -> Actor:
        """The same for what is done at a site or, with None, for all of them: then the role is held at all sites."""
        return self.actor(permission, site.pk) if site else self.actor_everywhere(permission)

    def actor_everywhere(self, permission: Permission) -> Actor:
        """The person in the role that lets them do this at all sites; PermissionDenied where none does."""
        for holding in self._granting(permission):
            if holding.site_id is None:
                return Actor(self.user, holding.role, None)
        raise PermissionDenied(_("This concerns all sites, and your role does not allow it at all of them."))

    @property
    def roles(self) -> list[str]:
        return sorted({holding.role for holding in self.holdings})


NOBODY = Access(None, ())


def visible_sites(access: Access) -> list[Site]:
    """The sites whose participants this person may see, in the order of their codes; at most one query a request."""
    if access.sites_seen is None:
        access.sites_seen = _visible_sites(access)
    return access.sites_seen


def _visible_sites(access: Access) -> list[Site]:
    if not access.may_somewhere(Permission.SEE_PARTICIPANTS):
        return []
    seen = access.site_ids(Permission.SEE_PARTICIPANTS)
    if seen is None or not seen <= set(access.known_sites):
        return list(Site.objects.filter(access.sites(Permission.SEE_PARTICIPANTS)))
    return sorted((access.known_sites[pk] for pk in seen), key=lambda site: site.code)

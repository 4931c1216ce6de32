"""The fixed cast of tests: two hospitals, one person per role, and participants walked along by real actions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from accounts.access import Access, Actor, Permission
from accounts.models import Role, RoleHeld, Site, User
from participants.actions import register
from participants.models import ConsentVersion, Participant
from records import clock

START = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def make_site(code: str = "01", activated_on: date | None = date(2026, 8, 1)) -> Site:
    site = Site.objects.create(
        code=code, name_en=f"Hospital {code}", name_zh=f"第{code}医院", activated_on=activated_on
    )
    ConsentVersion.objects.create(site=site, version="1.0", approved_on=date(2026, 7, 1))
    return site


PASSWORD = "correct horse battery"


class QuickHasher(PBKDF2PasswordHasher):
    """Production's hash with one round instead of a million."""

    iterations = 1


def make_person(
    username: str, role: Role | None = None, site: Site | None = None, language: str = "en"
) -> User:
    user = User(
        username=username, full_name=username.title(), email=f"{username}@example.org", language=language
    )
    user.set_password(PASSWORD)
    user.save()
    if role:
        RoleHeld.objects.create(user=user, role=role, site=site, starts_on=date(2026, 1, 1))
    return user


def actor(user: User, permission: Permission, site: Site) -> Actor:
    return Access.of(user, date(2026, 9, 1)).actor(permission, site.pk)


def make_participant(
    site: Site, by: Actor, *, initials: str = "ZQ", now: datetime = START, signed: datetime | None = None
) -> Participant:
    return register(
        site=site,
        initials=initials,
        consent_signed_at=signed or now - timedelta(hours=1),
        consent_version="1.0",
        consent_signer="SUBJECT",
        copy_given="Y",
        by=by,
        now=now,
    )


def machine_time() -> datetime:
    """What sessions and authenticator apps go by, wherever the trial's clock stands."""
    return clock.now(clock.TrialClock())


@pytest.fixture
def site(db: None) -> Site:
    return make_site()


@pytest.fixture
def other_site(db: None) -> Site:
    return make_site("02")


@pytest.fixture
def at_start(db: None) -> datetime:
    """The trial's clock stands at 2026-09-01 10:00 in Shanghai."""
    clock.move_to(START)
    return START


@pytest.fixture
def coordinator(site: Site) -> User:
    return make_person("coordinator", Role.COORDINATOR, site)


@pytest.fixture
def investigator(site: Site) -> User:
    return make_person("investigator", Role.INVESTIGATOR, site)


@pytest.fixture
def monitor(site: Site) -> User:
    return make_person("monitor", Role.MONITOR, site)


@pytest.fixture
def data_manager(db: None) -> User:
    return make_person("datamanager", Role.DATA_MANAGER)


@pytest.fixture
def system_administrator(db: None) -> User:
    return make_person("sysadmin", Role.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def by_coordinator(coordinator: User, site: Site) -> Actor:
    return actor(coordinator, Permission.ENTER_DATA, site)


@pytest.fixture
def by_investigator(investigator: User, site: Site) -> Actor:
    return actor(investigator, Permission.DECIDE_ELIGIBILITY, site)


@pytest.fixture
def participant(site: Site, by_coordinator: Actor, at_start: datetime) -> Participant:
    return make_participant(site, by_coordinator)

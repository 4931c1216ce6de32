"""The demo's hospitals and accounts: fictitious, one person per role, all with the same password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib.auth.hashers import make_password

from accounts.access import Access, Permission
from accounts.models import Role, RoleHeld, Site, User
from eligibility.laboratories.actions import add_laboratory, begin_with_usual_limits
from participants.models import ConsentVersion
from records.zone import TRIAL_ZONE

PASSWORD = "radioembolisation"  # noqa: S105 – printed on purpose: the demo is fictitious
SINCE = date(2026, 7, 1)


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    full_name: str
    role: Role
    site: str  # the site's code; "" for all sites or none
    language: str = "zh-hans"


SITES = (
    ("01", "Demo Hospital East", "示范医院东院", date(2026, 8, 1)),
    ("02", "Demo Hospital West", "示范医院西院", date(2026, 9, 15)),
    ("03", "Demo Hospital South", "示范医院南院", date(2026, 11, 1)),
    # Another hospital, whose historical screening log can be read; it has not been activated.
    ("09", "Another hospital (historical log)", "其他医院（历史筛选记录）", None),
)
ACCOUNTS = (
    Account("coordinator", "Coordinator 01", Role.COORDINATOR, "01"),
    Account("investigator", "Investigator 01", Role.INVESTIGATOR, "01"),
    Account("coordinator02", "Coordinator 02", Role.COORDINATOR, "02"),
    Account("investigator02", "Investigator 02", Role.INVESTIGATOR, "02"),
    Account("coordinator03", "Coordinator 03", Role.COORDINATOR, "03", "en"),
    Account("investigator03", "Investigator 03", Role.INVESTIGATOR, "03", "en"),
    Account("monitor", "Monitor", Role.MONITOR, ""),
    Account("inspector", "Inspector", Role.INSPECTOR, ""),
    Account("datamanager", "Trial administrator", Role.DATA_MANAGER, ""),
    Account("sysadmin", "System administrator", Role.SYSTEM_ADMINISTRATOR, ""),
)


def make_people() -> None:
    """Make the sites, their consent forms, and everybody's account with its role."""
    sites = {}
    for code, name_en, name_zh, activated_on in SITES:
        sites[code] = Site.objects.create(
            code=code, name_en=name_en, name_zh=name_zh, activated_on=activated_on
        )
        ConsentVersion.objects.create(site=sites[code], version="1.0", approved_on=SINCE)
    password = make_password(PASSWORD)
    for account in ACCOUNTS:
        user = User.objects.create(
            username=account.username,
            full_name=account.full_name,
            email=f"{account.username}@demo.invalid",
            language=account.language,
            password=password,
        )
        RoleHeld.objects.create(user=user, role=account.role, site=sites.get(account.site), starts_on=SINCE)


def make_laboratories() -> None:
    """Give each hospital its laboratory, with the usual limits for adults."""
    manager = User.objects.get(username="datamanager")
    by = Access.of(manager, SINCE).actor(Permission.CHANGE_STUDY_SETTINGS, None)
    now = datetime.combine(SINCE, time(9), tzinfo=TRIAL_ZONE)
    for site in Site.objects.exclude(activated_on=None):
        laboratory = add_laboratory(
            site=site, code="LAB1", name_en="Clinical laboratory", name_zh="检验科", by=by, now=now
        )
        begin_with_usual_limits(laboratory=laboratory, effective_from=SINCE, by=by, now=now)

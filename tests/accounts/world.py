"""Two hospitals with everything pages can be about, for the test that opens every page as everybody.

What a page's number stands for is found by trying: every table counts from a thousand of its own, so a number names
one object of one kind. A page about a new kind of thing is tried by itself, once something here makes one at a site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

from accounts.access import GRANTS, Actor, Permission
from accounts.models import Role, Site, User
from eligibility.laboratories.actions import add_laboratory, begin_with_usual_limits
from eligibility.models import AdverseEvent
from exports.models import ExportDefinition, ExportJob
from followup.models import Reminder, ReminderMessage
from imports.models import ImportJob, ImportProgress
from monitoring.actions.queries import raise_query
from monitoring.places import Place
from participants.models import Discrepancy, DiscrepancyStep, Participant, Visit
from records import clock
from records.install import installed_models
from safety.actions import file_report
from tests.browsing import at_the_desk
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.conftest import as_superuser_of
from tests.diary.writing import opened, send_severe
from tests.safety.entering import at, enter
from trial_edc.demo.walks import walk_to_eligible

EVERYWHERE = "DATA_MANAGER at all sites"
LATER = at("2026-11-10 10:00")
SITE_ROLES = [role for role in Role if role != Role.SYSTEM_ADMINISTRATOR]
OWN_ROOMS = {config.label for config in apps.get_app_configs() if not config.name.startswith("django")}


def count_apart(database: str) -> None:
    """Let every table count from a thousand of its own."""
    statements = []
    for number, model in enumerate(installed_models(), start=1):
        key = model._meta.pk
        if isinstance(key, models.BigAutoField):
            table, column = (
                connection.ops.quote_name(model._meta.db_table),
                connection.ops.quote_name(key.column),
            )
            statements.append(f"ALTER TABLE {table} ALTER COLUMN {column} RESTART WITH {number * 1000 + 1}")
    as_superuser_of(database, "; ".join(statements))


@dataclass
class World:
    """The two sites, and one client for each role at the first; for data managers another of all sites."""

    own: Site
    other: Site
    clients: dict[str, Client]
    numbers: dict[int, dict[str, list[int]]]  # by site: by model the ids of its objects


def build() -> World:
    clock.move_to(START)
    own, other = make_site("01"), make_site("02")
    manager = make_person("manager", Role.DATA_MANAGER)
    for site in (own, other):
        populate(site, manager)
    clock.move_to(LATER)
    clients = {
        str(role): at_the_desk(make_person(f"as-{role.lower()[:8]}", role, own)) for role in SITE_ROLES
    }
    administrator = make_person("as-system", Role.SYSTEM_ADMINISTRATOR)
    clients[str(Role.SYSTEM_ADMINISTRATOR)] = at_the_desk(administrator)
    clients[EVERYWHERE] = at_the_desk(manager)
    clients["nobody"] = at_the_desk(make_person("as-nobody"))
    return World(own, other, clients, {site.pk: dict(objects_of(site)) for site in (own, other)})


def populate(site: Site, manager: User) -> None:
    """A participant found eligible, with a serious event reported, and what hangs on it."""
    coordinator = make_person(f"coordinator-{site.code}", Role.COORDINATOR, site)
    investigator = make_person(f"investigator-{site.code}", Role.INVESTIGATOR, site)
    manages = actor(manager, Permission.CHANGE_STUDY_SETTINGS, site)
    laboratory = add_laboratory(
        site=site, code="LAB1", name_en="Lab", name_zh="检验科", by=manages, now=START
    )
    begin_with_usual_limits(laboratory=laboratory, effective_from=START.date(), by=manages, now=START)
    enters = actor(coordinator, Permission.ENTER_DATA, site)
    decides = actor(investigator, Permission.DECIDE_ELIGIBILITY, site)
    participant = make_participant(site, enters)
    walk_to_eligible(participant, by=enters, investigator=decides, now=START)
    report_an_event(participant, enters)
    send_severe(opened(participant, enters))
    visit = Visit.objects.filter(participant=participant).order_by("id").first()
    assert visit is not None
    message = ReminderMessage.objects.create(
        key=f"k-{site.code}",
        message_id=f"<{site.code}@x>",
        site=site,
        recipient=coordinator,
        channel="MAIL",
        gathered_at=START,
        status="UNCERTAIN",
        next_try_at=START,
    )
    Reminder.objects.create(
        key=f"k-{site.code}",
        participant=participant,
        visit=visit,
        recipient=coordinator,
        rule="visit-closing",
        about="CLOSES",
        after=timedelta(days=-3),
        channel="MAIL",
        due_since=START,
        status="IN_MESSAGE",
        message=message,
    )
    found = Discrepancy.objects.create(
        participant=participant,
        visit=visit,
        check_id="X1",
        form="VS",
        record_id=1,
        repeat=1,
        item="height",
        message_en="Different.",
        message_zh="不一致。",
    )
    DiscrepancyStep.objects.create(
        participant=participant, discrepancy=found, status="OPEN", at=START, by=coordinator
    )
    monitor = make_person(f"monitor-{site.code}", Role.MONITOR, site)
    raise_query(
        place=Place(participant, visit, "VS", 1, "height"),
        words="Is it so?",
        by=actor(monitor, Permission.RAISE_QUERIES, site),
        now=START,
    )
    ExportDefinition.objects.create(
        name=f"All of {site.code}",
        created_at=START,
        created_by=manager,
        created_as="DATA_MANAGER",
        scope="SITES",
        site_ids=[site.pk],
    )
    for content in (ExportJob.Content.DATA, ExportJob.Content.TRAIL):
        ExportJob.objects.create(
            requested_at=START,
            requested_by=manager,
            requested_as="DATA_MANAGER",
            scope="SITES",
            site_ids=[site.pk],
            content=content,
        )
    job = ImportJob.objects.create(
        site=site,
        form="VS",
        uploaded_at=START,
        uploaded_by=manager,
        uploaded_as="DATA_MANAGER",
        key=f"{site.code:0>32}",
        size=1,
        sha256="0" * 64,
        kind="csv",
        encoding="utf-8",
        delimiter=",",
        headings=["participant", "weight"],
        rows=1,
    )
    ImportProgress.objects.create(job=job, touched=START)


def report_an_event(participant: Participant, by: Actor) -> None:
    aware = START + timedelta(days=30)
    least = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": aware}
    event: AdverseEvent = enter(participant, "AE", least, submit=False, by=by, now=aware + timedelta(hours=1))
    event.refresh_from_db()
    file_report(
        event=event,
        kind="INITIAL",
        revision=event.revision,
        sent=aware + timedelta(hours=3),
        reporter="Zhang Min",
        information="",
        by=by,
        now=aware + timedelta(hours=4),
    )


# -- what belongs to a site ----------------------------------------------------------------------------


def site_id_of(found: models.Model, depth: int = 4) -> int | None:
    """The site a row belongs to: its own, or that of the first row it points to that has one."""
    if isinstance(found, Site):
        return found.pk
    sites = getattr(found, "site_ids", None)
    if sites:
        return int(sites[0])
    for field in found._meta.concrete_fields:
        if field.is_relation and field.related_model is Site:
            value: int | None = getattr(found, field.attname)
            return value
    if depth == 0 or isinstance(found, User):
        return None
    for field in found._meta.concrete_fields:
        if (
            field.is_relation
            and field.related_model is not User
            and getattr(found, field.attname) is not None
        ):
            reached = site_id_of(getattr(found, field.name), depth - 1)
            if reached is not None:
                return reached
    return None


def objects_of(site: Site) -> Iterator[tuple[str, list[int]]]:
    """The ids of what belongs to a site, by model; participants, visits and sites first."""
    first = (Participant, Visit, Site)
    rest = [
        model for model in installed_models() if model not in first and model._meta.app_label in OWN_ROOMS
    ]
    for model in (*first, *rest):
        key = model._meta.pk
        if not isinstance(key, models.AutoField):
            continue
        ids = [one.pk for one in model._default_manager.order_by("pk")[:400] if site_id_of(one) == site.pk]
        if ids:
            yield model._meta.label, ids


# -- asking --------------------------------------------------------------------------------------------


def undone(ask: Callable[[], Any]) -> Any:
    """What a request answers, with everything it wrote undone."""
    block = transaction.atomic()
    block._from_testcase = (
        True  # as in a TestCase: what must not stand within a transaction may stand in this one
    )
    with block:
        try:
            return ask()
        finally:
            transaction.set_rollback(True)


def allowed(role: str, permission: Permission | None, *, everywhere: bool = False) -> bool:
    """Whether a page of this permission opens to a role at one site; `everywhere`: it asks for all of them."""
    if everywhere and role != EVERYWHERE:
        return False
    held = Role.DATA_MANAGER if role == EVERYWHERE else role
    return permission is None or permission in GRANTS.get(held, frozenset())

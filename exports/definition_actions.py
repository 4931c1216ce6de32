"""The verbs of saved exports and of files' time: save, retire, run, run what is due, delete what was kept long enough."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Access, Actor, Permission
from accounts.attribution import action
from accounts.models import Site
from exports.actions import ask_scope, queue
from exports.asked import Asked
from exports.models import ExportDefinition, ExportJob
from exports.policies import ask_saved, ask_wishes, file_of
from exports.schedules import Schedule, is_due
from exports.workflow import ExportState
from records import clock
from records.findings import Refused
from records.zone import TRIAL_ZONE


@action
def save_definition(
    *,
    access: Access,
    name: str,
    sites: Collection[Site] | None,
    historical: bool,
    asked: Asked,
    kept_days: int,
    schedule: Schedule,
    by: Actor,
    now: datetime,
) -> ExportDefinition:
    """Save an export under a name; nothing is written yet.

    Raises PermissionDenied where the person may not export all of it, Refused where a saved export has the name, or
    wishes exclude each other.
    """
    ask_scope(access, sites)
    ask_wishes(asked, historical=historical, kept_days=kept_days)
    try:
        with transaction.atomic():
            return ExportDefinition.objects.create(
                name=name,
                created_at=now,
                created_by=by.author,
                created_as=by.role,
                scope=ExportJob.Scope.ALL if sites is None else ExportJob.Scope.SITES,
                site_ids=sorted(site.pk for site in sites or ()),
                historical=historical,
                asked=asked.kept(),
                kept_days=kept_days,
                schedule=schedule,
            )
    except IntegrityError as taken:
        raise Refused(_("A saved export has this name already.")) from taken


@action
def retire_definition(*, definition_id: int, by: Actor, now: datetime) -> None:
    """Take a saved export out of use; what it exported stays. Nothing where it is retired already."""
    definition = ExportDefinition.objects.select_for_update().get(pk=definition_id)
    if definition.retired_at is None:
        definition.retired_at, definition.retired_by = now, by.author
        definition.save(update_fields=["retired_at", "retired_by"])


@action
def run_definition(*, access: Access, definition: ExportDefinition, by: Actor, now: datetime) -> ExportJob:
    """Queue an export of a saved definition; the worker still has to be told.

    Raises PermissionDenied where the person may not export all of it, Refused for a retired one and for wishes that
    were fulfilled once and no longer are.
    """
    ask_scope(access, _sites(definition))
    if definition.retired_at is not None:
        raise Refused(_("This saved export is retired."))
    ask_saved(definition)
    return queue(**_facts(definition, by, now))


def _sites(definition: ExportDefinition) -> list[Site] | None:
    if definition.scope == ExportJob.Scope.ALL:
        return None
    return list(Site.objects.filter(pk__in=definition.site_ids))


def _facts(definition: ExportDefinition, by: Actor, now: datetime) -> dict[str, object]:
    return {
        "requested_at": now,
        "requested_by": by.author,
        "requested_as": by.role,
        "scope": definition.scope,
        "site_ids": definition.site_ids,
        "historical": definition.historical,
        "asked": definition.asked,
        "definition": definition,
        "kept_days": definition.kept_days,
    }


def due_definitions(now: datetime) -> list[ExportDefinition]:
    """Saved exports whose schedule asks for one now."""
    planned = ExportDefinition.objects.filter(retired_at=None).exclude(schedule=Schedule.NEVER)
    return [
        one
        for one in planned.select_related("created_by").order_by("id")
        if is_due(Schedule(one.schedule), one.scheduled_at or one.created_at, now, TRIAL_ZONE)
    ]


@action
def run_scheduled(*, definition_id: int, by: Actor, now: datetime) -> ExportJob | None:
    """Queue what a schedule asks for, on behalf of who saved it.

    None where another worker was quicker, where that person may no longer export all of it, or where its wishes are
    no longer fulfilled, as the list of saved exports says: the moment is then past as well.
    """
    definition = ExportDefinition.objects.select_for_update().get(pk=definition_id)
    since = definition.scheduled_at or definition.created_at
    if definition.retired_at or not is_due(Schedule(definition.schedule), since, now, TRIAL_ZONE):
        return None
    definition.scheduled_at = now
    definition.save(update_fields=["scheduled_at"])
    author = definition.created_by
    access = Access.of(author, clock.day(now))
    if not author.is_active or not _may(access, definition):
        return None
    try:
        ask_saved(definition)
    except Refused:
        return None
    return queue(**_facts(definition, Actor(author, definition.created_as, None), now))


def _may(access: Access, definition: ExportDefinition) -> bool:
    if definition.scope == ExportJob.Scope.ALL:
        return access.everywhere(Permission.EXPORT)
    return all(access.may(Permission.EXPORT, site_id) for site_id in definition.site_ids)


@action
def remove_old_files(*, by: Actor, now: datetime) -> int:
    """Delete the files of exports that were kept as long as was asked for; the exports stay. Gives how many."""
    written = ExportJob.objects.filter(status=ExportState.DONE, removed_at=None)
    written = written.exclude(content=ExportJob.Content.COPY)
    old = [
        job for job in written.select_for_update().order_by("id") if job.kept_until and job.kept_until <= now
    ]
    for job in old:
        file_of(job).unlink(missing_ok=True)
        job.removed_at = now
        job.save(update_fields=["removed_at"])
    return len(old)

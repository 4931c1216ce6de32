"""Reads of exports, always through the sites a person may export."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import Access, Permission
from accounts.models import Site
from exports.models import ExportDefinition, ExportJob
from participants.selectors import schedule_in_force, schedule_of
from records import clock
from records.text import Text


def exportable_sites(access: Access) -> list[Site]:
    """The sites whose data this person may export, in the order of their codes."""
    if not access.may_somewhere(Permission.EXPORT):
        return []
    return list(Site.objects.filter(access.sites(Permission.EXPORT)))


def visits_planned() -> list[tuple[str, Text]]:
    """The visits of today's schedule, code and name, in its order."""
    schedule = schedule_of(schedule_in_force(clock.today()).pk)
    return [(visit.code, visit.label) for visit in schedule.visits]


def definitions_for(access: Access) -> QuerySet[ExportDefinition]:
    """The saved exports in use of which every site is one this person may export."""
    found = (
        ExportDefinition.objects.filter(retired_at=None).select_related("created_by").order_by("name", "id")
    )
    if not access.may_somewhere(Permission.EXPORT):
        return found.none()
    own = access.site_ids(Permission.EXPORT)
    if own is None:
        return found
    return found.filter(scope=ExportJob.Scope.SITES, site_ids__contained_by=sorted(own))


def definition_or_404(access: Access, pk: int) -> ExportDefinition:
    return get_object_or_404(definitions_for(access), pk=pk)


# By which permission a person requests and fetches what.
PERMISSIONS = {
    ExportJob.Content.DATA: Permission.EXPORT,
    ExportJob.Content.TRAIL: Permission.SEE_TRAIL,
    ExportJob.Content.COPY: Permission.TAKE_COPY,
}


def jobs_for(access: Access, content: ExportJob.Content = ExportJob.Content.DATA) -> QuerySet[ExportJob]:
    """The exports of data, of the trail, or certified copies, of which every site is one this person may read; none without the right.

    Exports of the trail are their requester's own, and those of everybody for who may export data of these sites.
    """
    permission = PERMISSIONS[content]
    jobs = ExportJob.objects.filter(content=content)
    jobs = jobs.order_by("-id").select_related(
        "requested_by", "finished_by", "progress", "copy", "definition"
    )
    jobs = jobs.annotate(times_downloaded=Count("downloads"))
    if not access.may_somewhere(permission):
        return jobs.none()
    if content == ExportJob.Content.TRAIL and not access.may_somewhere(Permission.EXPORT):
        jobs = jobs.filter(requested_by=access.user)
    own = access.site_ids(permission)
    if own is None:
        return jobs
    return jobs.filter(Q(scope=ExportJob.Scope.SITES) & Q(site_ids__contained_by=sorted(own)))


def job_or_404(access: Access, pk: int, content: ExportJob.Content = ExportJob.Content.DATA) -> ExportJob:
    """One export; 404 for those that reach beyond the person's sites."""
    return get_object_or_404(jobs_for(access, content), pk=pk)


def copy_sites(access: Access) -> list[Site]:
    """The sites of which this person may take a certified copy, in the order of their codes."""
    if not access.may_somewhere(Permission.TAKE_COPY):
        return []
    return list(Site.objects.filter(access.sites(Permission.TAKE_COPY)))


def site_codes(job: ExportJob) -> tuple[str, ...] | None:
    """The codes of an export's sites; None for every site."""
    if job.scope == ExportJob.Scope.ALL:
        return None
    return tuple(Site.objects.filter(pk__in=job.site_ids).order_by("code").values_list("code", flat=True))

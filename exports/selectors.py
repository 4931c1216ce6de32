"""Reads of exports, always through the sites a person may export."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import Access, Permission
from accounts.models import Site
from exports.models import ExportJob


def exportable_sites(access: Access) -> list[Site]:
    """The sites whose data this person may export, in the order of their codes."""
    if not access.may_somewhere(Permission.EXPORT):
        return []
    return list(Site.objects.filter(access.sites(Permission.EXPORT)))


def jobs_for(access: Access) -> QuerySet[ExportJob]:
    """The exports of which every site is one this person may export; none without the permission."""
    jobs = ExportJob.objects.order_by("-id").select_related("requested_by", "finished_by", "progress")
    jobs = jobs.annotate(times_downloaded=Count("downloads"))
    if not access.may_somewhere(Permission.EXPORT):
        return jobs.none()
    if access.everywhere(Permission.EXPORT):
        return jobs
    own = [site.pk for site in exportable_sites(access)]
    return jobs.filter(Q(scope=ExportJob.Scope.SITES) & Q(site_ids__contained_by=own))


def job_or_404(access: Access, pk: int) -> ExportJob:
    """One export; 404 for those that reach beyond the person's sites."""
    return get_object_or_404(jobs_for(access), pk=pk)


def site_codes(job: ExportJob) -> tuple[str, ...] | None:
    """The codes of an export's sites; None for every site."""
    if job.scope == ExportJob.Scope.ALL:
        return None
    return tuple(Site.objects.filter(pk__in=job.site_ids).order_by("code").values_list("code", flat=True))

"""Reads of imports, always through the sites where a person may import."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import Access, Permission
from accounts.models import Site
from imports.mapping import Mapping, fingerprint, read
from imports.models import ImportJob, SavedMapping
from participants.models import CaseReportForm
from records.definition import forms
from records.text import Text

KEPT = Path(__file__).parent / "mappings"


def import_sites(access: Access) -> list[Site]:
    """The sites for which this person may import, in the order of their codes."""
    if not access.may_somewhere(Permission.IMPORT):
        return []
    return list(Site.objects.filter(access.sites(Permission.IMPORT)))


def jobs_for(access: Access) -> QuerySet[ImportJob]:
    """The imports of those sites, the newest first; none without the right."""
    if not access.may_somewhere(Permission.IMPORT):
        return ImportJob.objects.none()
    jobs = ImportJob.objects.filter(access.at_sites(Permission.IMPORT)).order_by("-id")
    return jobs.select_related("site", "uploaded_by", "ordered_by", "finished_by", "progress")


def job_or_404(access: Access, pk: int) -> ImportJob:
    """One import; 404 for those of other sites."""
    return get_object_or_404(jobs_for(access), pk=pk)


def forms_offered() -> list[tuple[str, Text]]:
    """The forms a file can be of: those of a participant's casebook."""
    return [(code, model.form.title) for code, model in forms().items() if issubclass(model, CaseReportForm)]


def saved_mappings(site_id: int, form: str) -> list[SavedMapping]:
    """The newest mapping of each name a site has for a form; one query."""
    found: dict[str, SavedMapping] = {}
    for one in SavedMapping.objects.filter(site_id=site_id, form=form):
        found.setdefault(one.name, one)
    return list(found.values())


def remembered(saved: Iterable[SavedMapping], headings: Sequence[str]) -> SavedMapping | None:
    """The newest mapping that was saved for a file with the same headings."""
    mark = fingerprint(headings)
    return next((one for one in saved if one.fingerprint == mark), None)


@cache
def kept_mappings() -> dict[str, tuple[str, Mapping]]:
    """The mappings that come with the system (mappings/), by the name of their file: the name shown, and the mapping."""
    found = {}
    for path in sorted(KEPT.glob("*.toml")):
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = (str(given["name"]), read(given))
    return found


def kept_for(form: str, headings: Sequence[str]) -> dict[str, tuple[str, Mapping]]:
    """Those of them that read a file with these headings as this form."""
    return {
        stem: (name, mapping)
        for stem, (name, mapping) in kept_mappings().items()
        if mapping.form == form and set(mapping.headings) <= set(headings)
    }

"""What a data manager says of a file: which site and form it is for, and what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from imports.mapping import Column, Mapping, ParticipantBy, VisitBy
from imports.models import ImportJob
from imports.selectors import forms_offered
from imports.targets import importable, named, target_of

PARTICIPANT_BY = {
    ParticipantBy.NUMBER: _("its number, as 01-001"),
    ParticipantBy.SEQUENCE: _("its number at the site, as 1"),
}
VISIT_BY = {
    VisitBy.CODE: _("a column holds the visit's code"),
    VisitBy.WINDOW: _("a column holds its date: the visit of that day, or the one whose window holds it"),
    VisitBy.DAY: _("a column holds its date: the visit of that day, or an unscheduled one is begun"),
    VisitBy.ONLY: _("there is only one visit this form belongs to"),
}


class UploadForm(forms.Form):
    """A file, the site it is from and the form it is for."""

    site = forms.TypedChoiceField(label=_("Site"))
    form = forms.ChoiceField(label=_("Form"))
    file = forms.FileField(label=_("File (.csv or .xlsx)"))

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [(str(site.pk), str(site)) for site in sites]  # type: ignore[attr-defined]
        self.fields["site"].coerce = {str(site.pk): site for site in sites}.__getitem__  # type: ignore[attr-defined]
        for name in ("site", "form"):
            self.fields[name].widget.attrs["class"] = "form-select"
        self.fields["form"].choices = [(code, f"{code} · {title}") for code, title in forms_offered()]  # type: ignore[attr-defined]


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Read lines such as "0 = N"; a line without a sign is passed over."""
    for line in text.splitlines():
        before, sign, behind = line.partition("=")
        if sign and before.strip():
            yield before.strip(), behind.strip()


def as_lines(values: AnyMapping[str, str]) -> str:
    return "\n".join(f"{before} = {behind}" for before, behind in values.items())


def mapping_posted(posted: QueryDict, job: ImportJob) -> Mapping:
    """What the page of the columns says, as far as it can be read; what is wrong with it, `problems` tells.

    An item is meant by its name or by its label in either language.
    """
    model = importable(job.form)
    assert model is not None

    def item(words: str) -> str:
        return words if target_of(model, words) else named(model, words) or words

    columns, key = [], []
    for place, heading in enumerate(job.headings):
        target = posted.get(f"target-{place}", "").strip()
        if not target:
            continue
        column = Column(
            heading,
            item(target),
            posted.get(f"unit-{place}", "").strip(),
            dict(lines_of(posted.get(f"values-{place}", ""))),
        )
        columns.append(column)
        if posted.get(f"key-{place}"):
            key.append(column.target)
    visit_by = _one_of(VisitBy, posted.get("visit_by", ""), VisitBy.ONLY)
    return Mapping(
        form=job.form,
        participant=posted.get("participant", ""),
        participant_by=_one_of(ParticipantBy, posted.get("participant_by", ""), ParticipantBy.NUMBER),
        visit_by=visit_by,
        visit="" if visit_by is VisitBy.ONLY else posted.get("visit", ""),
        repeat=posted.get("repeat", "") if model.form.several else "",
        columns=tuple(columns),
        key=tuple(key) if model.form.several else (),
        fixed={item(name): text for name, text in lines_of(posted.get("fixed", ""))},
        submit=posted.get("submit") == "yes",
        blank_clears=bool(posted.get("blank_clears")),
    )


def _one_of(kind: Any, words: str, otherwise: Any) -> Any:
    return kind(words) if words in set(kind) else otherwise

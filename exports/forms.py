"""What a data manager asks for: the whole trial or some sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Access, Permission
from accounts.models import Site
from exports.asked import CSV, Asked
from exports.formats.registry import about_of, keys, label_of
from exports.models import DAYS_KEPT, MOST_DAYS_KEPT
from exports.schedules import SCHEDULE_WORDS, Schedule
from exports.selectors import copy_sites, exportable_sites, visits_planned
from records import definition

ALL, SOME = "all", "some"


class ExportRequestForm(forms.Form):
    """What an export holds, in which format, and whether to keep it under a name: offers only what the person may export.

    Without a name it is one export; with one it is saved, and made by its schedule or whenever asked for.
    """

    scope = forms.ChoiceField(
        choices=[(ALL, _("The whole trial")), (SOME, _("Some sites"))], initial=ALL, widget=forms.RadioSelect
    )
    sites = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    format = forms.ChoiceField(initial=CSV, required=False, widget=forms.RadioSelect)
    only_forms = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    only_visits = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    no_queries = forms.BooleanField(required=False)
    no_reasons = forms.BooleanField(required=False)
    trail = forms.BooleanField(required=False)
    historical = forms.BooleanField(required=False)
    labels = forms.ChoiceField(
        choices=[("", _("Codes")), ("en", _("Words in English")), ("zh", _("Words in Chinese"))],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    deidentified = forms.BooleanField(required=False)
    masked = forms.BooleanField(required=False)
    leave_out = forms.BooleanField(required=False)
    kept_days = forms.IntegerField(required=False, min_value=1, max_value=MOST_DAYS_KEPT, initial=DAYS_KEPT)
    name = forms.CharField(required=False, max_length=60)
    schedule = forms.ChoiceField(required=False, initial=Schedule.NEVER.value, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, access: Access) -> None:
        super().__init__(data)
        self.own_sites = exportable_sites(access)
        self.everywhere = access.everywhere(Permission.EXPORT)
        self._offer("sites", [(str(site.pk), str(site)) for site in self.own_sites])
        self._offer("format", [(key, str(label_of(key))) for key in keys()])
        self._offer(
            "only_forms", [(code, f"{code} {form.form.title}") for code, form in definition.forms().items()]
        )
        self._offer("only_visits", [(code, f"{code} {label}") for code, label in visits_planned()])
        self._offer("schedule", [(str(one), str(words)) for one, words in SCHEDULE_WORDS.items()])
        if not self.everywhere:
            del self.fields["scope"]
            self.fields["sites"].initial = [str(site.pk) for site in self.own_sites]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def abouts(self) -> dict[str, str]:
        """What each format is for, by its key."""
        return {key: str(about_of(key)) for key in keys()}

    def chosen(self) -> list[Site] | None:
        """The sites asked for; None for the whole trial."""
        if self.cleaned_data.get("scope", SOME) == ALL:
            return None
        return [site for site in self.own_sites if str(site.pk) in self.cleaned_data["sites"]]

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(
            format=given["format"] or CSV,
            forms=tuple(given["only_forms"]),
            visits=tuple(given["only_visits"]),
            since=given["since"],
            until=given["until"],
            queries=not given["no_queries"],
            trail=given["trail"],
            reasons=not given["no_reasons"],
            labels=given["labels"],
            deidentified=given["deidentified"],
            masked=given["masked"] and given["deidentified"],
            leave_out=given["leave_out"],
        )

    @property
    def narrowed(self) -> bool:
        """Whether forms, visits or days are chosen, so that their choices stand open."""
        return any(self[name].value() for name in ("only_forms", "only_visits", "since", "until"))

    @property
    def kept(self) -> int:
        return self.cleaned_data["kept_days"] or DAYS_KEPT


class CopyRequestForm(forms.Form):
    """A site of which to take a certified copy, and whether casebooks come along as PDF."""

    site = forms.ChoiceField()
    casebooks = forms.BooleanField(required=False, initial=True)

    def __init__(self, data: Any = None, *, access: Access) -> None:
        super().__init__(data)
        self.own_sites = copy_sites(access)
        site = self.fields["site"]
        assert isinstance(site, forms.ChoiceField)
        site.choices = [(str(one.pk), str(one)) for one in self.own_sites]

    def chosen(self) -> Site:
        """The site asked for."""
        return next(site for site in self.own_sites if str(site.pk) == self.cleaned_data["site"])

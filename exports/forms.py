"""What a data manager asks for: the whole trial or some sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Access, Permission
from accounts.models import Site
from exports.selectors import copy_sites, exportable_sites

ALL, SOME = "all", "some"


class ExportRequestForm(forms.Form):
    """Scope of an export: offers only what the person may export."""

    scope = forms.ChoiceField(
        choices=[(ALL, _("The whole trial")), (SOME, _("Some sites"))], initial=ALL, widget=forms.RadioSelect
    )
    sites = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    historical = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, access: Access) -> None:
        super().__init__(data)
        self.own_sites = exportable_sites(access)
        self.everywhere = access.everywhere(Permission.EXPORT)
        sites = self.fields["sites"]
        assert isinstance(sites, forms.MultipleChoiceField)
        sites.choices = [(str(site.pk), str(site)) for site in self.own_sites]
        if not self.everywhere:
            del self.fields["scope"]
            sites.initial = [str(site.pk) for site in self.own_sites]

    def chosen(self) -> list[Site] | None:
        """The sites asked for; None for the whole trial."""
        if self.cleaned_data.get("scope", SOME) == ALL:
            return None
        return [site for site in self.own_sites if str(site.pk) in self.cleaned_data["sites"]]


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

"""What people type on the pages of safety: a version of a report, and somebody reports go to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Access, Permission
from accounts.inner_form import InnerForm
from accounts.models import Site
from records.items import DateTimeItem
from records.parsing import NotReadable, as_typed, parse
from safety import codelists

MOMENT = DateTimeItem()
NAMES_RECIPIENTS = Permission.CHANGE_STUDY_SETTINGS


class ReportForm(InnerForm):
    kind = forms.ChoiceField(label=_("Which report"), widget=forms.RadioSelect)
    sent = forms.CharField(label=_("Sent to the sponsor"), help_text=_("Date and time, as 2026-8-3 14:05"))
    reporter = forms.CharField(
        label=_("Reported by"), max_length=120, help_text=_("Who answers for the report at the site")
    )
    information = forms.CharField(
        label=_("What is new"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, *args: Any, kinds: list[str], sent: datetime | None, reporter: str, **kwargs: Any
    ) -> None:
        given = {"kind": kinds[0], "sent": as_typed(MOMENT, sent), "reporter": reporter}
        super().__init__(*args, initial=given, **kwargs)
        self.fields["kind"].choices = [(one, codelists.REPORT.label(one)) for one in kinds]  # type: ignore[attr-defined]
        self.fields["sent"].widget.attrs |= {"data-date": "datetime", "autocomplete": "off"}
        if kinds == ["INITIAL"]:
            del self.fields["information"]
            self.helper.layout = Layout(*self.fields)

    def clean_sent(self) -> Any:
        try:
            return parse(MOMENT, self.cleaned_data["sent"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused


class RecipientForm(InnerForm):
    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect)
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Site"), required=False, empty_label=_("Every site")
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120)
    contact = forms.CharField(label=_("How it is reached"), max_length=200, required=False)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        """Offer the sites where the person names recipients, and every site to whom does so at all of them."""
        super().__init__(*args, **kwargs)
        site: Any = self.fields["site"]
        site.queryset = Site.objects.filter(access.sites(NAMES_RECIPIENTS)).order_by("code")
        if not access.everywhere(NAMES_RECIPIENTS):
            site.required, site.empty_label = True, None
        self.fields["kind"].choices = list(codelists.RECIPIENT)  # type: ignore[attr-defined]

"""Registration: the few answers that make a person a participant."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from participants import codelists
from participants.models import ConsentVersion
from records.codelists import NY
from records.items import DateTimeItem
from records.parsing import NotReadable, parse

CONSENT_TIME = DateTimeItem()


class RegistrationForm(forms.Form):
    site = forms.TypedChoiceField(label=_("Site"))
    initials = forms.RegexField(
        r"^\s*[A-Za-z]{2,4}\s*$",
        label=_("Initials (pinyin)"),
        help_text=_("2 to 4 letters, never the name."),
        error_messages={"invalid": _("Write 2 to 4 Latin letters, for example ZQH.")},
    )
    consent_signed_at = forms.CharField(
        label=_("Consent signed (date and time)"), help_text=_("For example 2026-8-3 14:05, Beijing time.")
    )
    consent_version = forms.ChoiceField(label=_("Consent form version"))
    consent_signer = forms.ChoiceField(label=_("Signed by"), widget=forms.RadioSelect)
    copy_given = forms.ChoiceField(label=_("Copy given to the participant"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [(str(site.pk), str(site)) for site in sites]  # type: ignore[attr-defined]
        self.fields["site"].coerce = {str(site.pk): site for site in sites}.__getitem__  # type: ignore[attr-defined]
        versions = (
            ConsentVersion.objects.filter(site__in=sites)
            .order_by("-approved_on")
            .values_list("version", flat=True)
        )
        self.fields["consent_version"].choices = [(version, version) for version in dict.fromkeys(versions)]  # type: ignore[attr-defined]
        self.fields["consent_signer"].choices = list(codelists.CONSENT_SIGNER)  # type: ignore[attr-defined]
        self.fields["copy_given"].choices = list(NY)  # type: ignore[attr-defined]
        for name in ("initials", "consent_signed_at"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["consent_signed_at"].widget.attrs |= {"data-date": "datetime"}
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.fields)

    def clean_consent_signed_at(self) -> Any:
        try:
            return parse(CONSENT_TIME, self.cleaned_data["consent_signed_at"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused

"""Registration, the few answers that make a person a participant; and a new version of the visit schedule."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import inside
from accounts.models import Site
from participants import codelists
from participants.models import ConsentVersion
from records.codelists import NY
from records.items import DateItem, DateTimeItem
from records.parsing import NotReadable, parse

CONSENT_TIME = DateTimeItem()
DAY = DateItem()
# A schedule file has some fifteen kilobytes.
LARGEST_SCHEDULE = 256 * 1024


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
        self.helper = inside(self)

    def clean_consent_signed_at(self) -> Any:
        try:
            return parse(CONSENT_TIME, self.cleaned_data["consent_signed_at"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused


class ScheduleForm(forms.Form):
    """A schedule file, chosen or carried along from the preview, with its day and, to adopt it, the reason."""

    file = forms.FileField(
        label=_("Schedule file (TOML)"),
        required=False,
        help_text=_("Take the file of the newest version, change it, and raise its version by one."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    effective_from = forms.CharField(
        label=_("In force from"), help_text=_("Today or later. Until then every calendar stays as it is.")
    )
    reason = forms.CharField(
        label=_("Reason for the new version"),
        help_text=_("For example the number of the protocol amendment. Needed to adopt it."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    source = forms.CharField(
        required=False, max_length=LARGEST_SCHEDULE, widget=forms.HiddenInput, strip=False
    )

    def __init__(self, *args: Any, adopting: bool, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["effective_from"].initial = today.isoformat()
        self.fields["reason"].required = adopting
        self.fields["effective_from"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}
        self.helper = inside(self)
        self.helper.layout = Layout("file", "effective_from", "reason")

    def clean_effective_from(self) -> Any:
        try:
            day = parse(DAY, self.cleaned_data["effective_from"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused
        if day < self.today:
            raise forms.ValidationError(_("A version takes effect from today on, not for days past."))
        return day

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        file = given.get("file")
        if file is not None:
            given["source"] = self._read(file)
        elif not given.get("source"):
            self.add_error("file", _("Choose the schedule file."))
        # A browser sends what it carries along with other ends of lines.
        given["source"] = given.get("source", "").replace("\r\n", "\n")
        return given

    def _read(self, file: Any) -> str:
        if file.size > LARGEST_SCHEDULE:
            self.add_error("file", _("The file is too large for a schedule."))
            return ""
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", _("The file is not text in UTF-8."))
            return ""


class ContactForm(forms.Form):
    """How participants of one site reach the study team."""

    words = forms.CharField(
        label=_("How participants reach the study team"),
        help_text=_("For example the office, its telephone number and its hours."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

"""What comes from a participant's phone, and what the site types on its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import InnerForm
from diary.actions import Written
from diary.contact_cipher import Contact
from diary.models.entries import COLDEST, HOTTEST, SYMPTOMS, WORST
from followup import codelists
from records.items import DateItem
from records.parsing import NotReadable, parse
from records.zone import TRIAL_ZONE

DAY = DateItem()


class EntryFromPhone(forms.Form):
    """An entry as a phone posts it: `stated` as Beijing wall time, `typed` in UTC, both ISO 8601."""

    key = forms.UUIDField()
    replaces = forms.UUIDField(required=False)
    stated = forms.CharField(max_length=30)
    typed = forms.CharField(max_length=30)
    temperature = forms.DecimalField(
        min_value=COLDEST, max_value=HOTTEST, max_digits=3, decimal_places=1, required=False
    )
    test = forms.ChoiceField(
        required=False, choices=[("", ""), *((code, code) for code in codelists.OWN_TEST.values)]
    )
    test_words = forms.CharField(max_length=100, required=False)
    value = forms.CharField(max_length=100, required=False)
    unit = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=1000, required=False)
    photo = forms.FileField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SYMPTOMS:
            self.fields[name] = forms.IntegerField(min_value=0, max_value=WORST, required=False)

    def clean_stated(self) -> datetime:
        return _moment(self.cleaned_data["stated"]).replace(tzinfo=TRIAL_ZONE)

    def clean_typed(self) -> datetime:
        return _moment(self.cleaned_data["typed"]).replace(tzinfo=UTC)

    @property
    def written(self) -> Written:
        """The entry; a result belongs to a test, and words of one's own to another than those of the list."""
        given = self.cleaned_data
        tested, other = bool(given["test"]), given["test"] == "OTHER"
        return Written(
            key=given["key"],
            replaces=given["replaces"],
            stated=given["stated"],
            typed=given["typed"],
            symptoms={name: given[name] for name in SYMPTOMS},
            temperature=given["temperature"],
            test=given["test"],
            test_words=given["test_words"] if other else "",
            value=given["value"] if tested else "",
            unit=given["unit"] if tested else "",
            note=given["note"].strip(),
        )

    @property
    def sentence(self) -> str:
        """What is wrong, in one sentence a participant understands."""
        if "stated" in self.errors:
            return str(_("Write the date and the time."))
        if "temperature" in self.errors:
            return str(_("The temperature has to be between 34 and 43 °C, as 37.2."))
        if "note" in self.errors:
            return str(_("The note is too long: at most 1000 letters."))
        if {"test_words", "value", "unit"} & set(self.errors):
            return str(_("The test result is too long. Shorten it, or send a photo."))
        if "photo" in self.errors:
            return str(_("The photo cannot be read. Take it again."))
        return str(_("The entry cannot be read. Write it anew."))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=None)
    except ValueError as unreadable:
        raise forms.ValidationError("unreadable") from unreadable


# -- at the site ---------------------------------------------------------------------------------------


class HandOutForm(InnerForm):
    call = forms.CharField(
        label=_("Number the participant calls"),
        max_length=40,
        help_text=_("Of the study team, by day and by night. It stands on the sheet and on the phone."),
    )


class ContactForm(InnerForm):
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("Mail address"), max_length=200, required=False)
    other = forms.CharField(
        label=_("Another way"),
        max_length=400,
        required=False,
        help_text=_("As WeChat, or a relative with their number"),
    )
    signed_on = forms.CharField(
        label=_("Consent to this given on"), help_text=_("Date, as 2026-8-3"), max_length=20
    )

    def __init__(self, *args: Any, consented: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if consented:
            del self.fields["signed_on"]
            self.helper.layout = Layout(*self.fields)
        else:
            self.fields["signed_on"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}

    def clean_signed_on(self) -> Any:
        return _day(self.cleaned_data["signed_on"])

    @property
    def contact(self) -> Contact:
        given = self.cleaned_data
        return Contact(given["phone"].strip(), given["email"].strip(), given["other"].strip())


class WithdrawForm(InnerForm):
    signed_on = forms.CharField(
        label=_("Consent withdrawn on"), help_text=_("Date, as 2026-8-3"), max_length=20
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="withdraw", **kwargs)
        self.fields["signed_on"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}

    def clean_signed_on(self) -> Any:
        return _day(self.cleaned_data["signed_on"])


def _day(text: str) -> Any:
    try:
        return parse(DAY, text)
    except NotReadable as refused:
        raise forms.ValidationError(str(refused.sentence)) from refused

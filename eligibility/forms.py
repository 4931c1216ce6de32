"""What a data manager types to record a ruling of the sponsor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import inside
from eligibility.models.decision import OPEN_TO_RULING
from records.items import DateItem
from records.parsing import NotReadable, parse

DAY = DateItem()


class RulingForm(forms.Form):
    criterion = forms.ChoiceField(label=_("Criterion"), widget=forms.RadioSelect)
    reference = forms.CharField(label=_("Number of the ruling"), max_length=40)
    effective_from = forms.CharField(
        label=_("Date of the ruling"), help_text=_("It counts from this day on, for every participant.")
    )
    accepts = forms.ChoiceField(label=_("The case it clarifies"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What the ruling says"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criterion"].choices = list(OPEN_TO_RULING.items())  # type: ignore[attr-defined]
        self.fields["accepts"].choices = [("Y", _("may be enrolled")), ("N", _("is excluded"))]  # type: ignore[attr-defined]
        self.fields["effective_from"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}
        self.helper = inside(self)

    def clean_effective_from(self) -> Any:
        try:
            return parse(DAY, self.cleaned_data["effective_from"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused

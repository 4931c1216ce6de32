"""What a data manager types to add a laboratory, and a version of a reference range."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import inside
from accounts.models import Site
from eligibility.laboratories.actions import TESTS
from eligibility.reference_ranges import BOTH, OLDEST, SEXES, YOUNGEST
from records.items import DateItem, DecimalItem
from records.parsing import NotReadable, parse

DAY = DateItem()
LIMIT = DecimalItem(places=6, digits=18)


def _read(item: Any, typed: str) -> Any:
    try:
        return parse(item, typed)
    except NotReadable as refused:
        raise forms.ValidationError(str(refused.sentence)) from refused


class LaboratoryForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=None)
    code = forms.RegexField(
        r"^\s*[A-Za-z0-9-]{1,10}\s*$",
        label=_("Code"),
        help_text=_("Up to 10 letters and digits, for example LAB1; it stands in every export."),
        error_messages={"invalid": _("Write up to 10 Latin letters, digits or hyphens.")},
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=100)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=100)

    def __init__(self, *args: Any, sites: Iterable[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(pk__in=[site.pk for site in sites])  # type: ignore[attr-defined]
        for name in ("code", "name_en", "name_zh"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.helper = inside(self)


class UsualLimitsForm(forms.Form):
    effective_from = forms.CharField(label=_("In force from"))

    def clean_effective_from(self) -> Any:
        return _read(DAY, self.cleaned_data["effective_from"])


class RangeForm(UsualLimitsForm):
    test = forms.ChoiceField(label=_("Test and unit"))
    sex = forms.ChoiceField(label=_("For"), widget=forms.RadioSelect, initial=BOTH)
    age_from = forms.IntegerField(
        label=_("From age (years)"), initial=YOUNGEST, min_value=0, max_value=OLDEST
    )
    age_to = forms.IntegerField(
        label=_("To age (years, included)"), initial=OLDEST, min_value=0, max_value=OLDEST
    )
    lower = forms.CharField(label=_("Lower limit"), required=False)
    upper = forms.CharField(label=_("Upper limit"), required=False)
    field_order = ("test", "sex", "age_from", "age_to", "lower", "upper", "effective_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["test"].choices = [  # type: ignore[attr-defined]
            (f"{name} {unit}", f"{item.label} ({unit})" if unit else str(item.label))
            for name, item in TESTS.items()
            for unit in getattr(item, "units", (item.unit,))
        ]
        self.fields["sex"].choices = [(code, words) for code, words in SEXES.items()]  # type: ignore[attr-defined]
        self.fields["effective_from"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}
        for name in ("lower", "upper"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.helper = inside(self)

    def clean_lower(self) -> Decimal | None:
        return _read(LIMIT, self.cleaned_data["lower"])

    def clean_upper(self) -> Decimal | None:
        return _read(LIMIT, self.cleaned_data["upper"])

    def version(self) -> dict[str, Any]:
        """The version of a range as the action takes it."""
        test, _space, unit = self.cleaned_data["test"].partition(" ")
        return {**self.cleaned_data, "test": test, "unit": unit}

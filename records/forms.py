"""What a data manager types to change a study setting: the value as its kind asks for it, the day, the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import inside
from records.items import DateItem
from records.parsing import NotReadable, parse
from records.setting_kinds import Choice, Choices, NotAValue, Number, Setting

DAY = DateItem()


def _value_field(setting: Setting) -> forms.Field:
    label = _("New value")
    if isinstance(setting, Choice):
        return forms.ChoiceField(label=label, choices=list(setting.codes), widget=forms.RadioSelect)
    if isinstance(setting, Choices):
        return forms.MultipleChoiceField(
            label=label, choices=list(setting.codes), required=False, widget=forms.CheckboxSelectMultiple
        )
    assert isinstance(setting, Number)
    hint = f"{setting.low}–{setting.high} {setting.unit}".strip()
    return forms.CharField(label=label, help_text=hint, max_length=12)


class SettingForm(forms.Form):
    effective_from = forms.CharField(
        label=_("In force from"), help_text=_("Today or later; what was worked out before stays as it is.")
    )
    reason = forms.CharField(
        label=_("Reason for the change"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        self.fields["value"] = _value_field(setting)
        self.order_fields(["value", "effective_from", "reason"])
        self.fields["effective_from"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}
        self.helper = inside(self)

    def clean_value(self) -> Any:
        try:
            return self.setting.parse(self.cleaned_data["value"])
        except NotAValue as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused

    def clean_effective_from(self) -> Any:
        try:
            return parse(DAY, self.cleaned_data["effective_from"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused

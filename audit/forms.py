"""What a reviewer of the trail fills in: the period, and what was found."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _


class PeriodForm(forms.Form):
    """Days in Shanghai, both included."""

    from_day = forms.DateField(input_formats=["%Y-%m-%d"])
    to_day = forms.DateField(input_formats=["%Y-%m-%d"])

    def clean(self) -> dict[str, Any]:
        days = super().clean() or {}
        if days.get("from_day") and days.get("to_day") and days["to_day"] < days["from_day"]:
            raise forms.ValidationError(_("The period ends before it begins."))
        return days


class ReviewForm(forms.Form):
    """Findings in words; that there were none is one too."""

    findings = forms.CharField(max_length=4000)

"""What people type about reminders: a rule, and their own wishes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import InnerForm
from accounts.models import Role
from followup.channels import channels
from followup.models import ReminderPreference
from followup.models.reminding import NOT_WRITTEN_TO
from followup.reminder_rules import ABOUT_WORDS, CHANNEL_WORDS, DAY, HOUR, MINUTE, About, Channel, Rule
from records.items import DateItem
from records.parsing import NotReadable, parse

A_DAY = DateItem()
UNITS = {"DAYS": DAY, "HOURS": HOUR, "MINUTES": MINUTE}


class RuleForm(InnerForm):
    about = forms.ChoiceField(label=_("Counted from"), widget=forms.RadioSelect)
    amount = forms.IntegerField(label=_("How long"), min_value=0, max_value=100_000)
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=[("DAYS", _("days")), ("HOURS", _("hours")), ("MINUTES", _("minutes"))],
        help_text=_("Visits are counted in days; the report also in hours and minutes."),
    )
    side = forms.ChoiceField(
        label=_("Before or after"),
        choices=[("BEFORE", _("before")), ("AFTER", _("after, or at the moment itself"))],
        initial="AFTER",
        widget=forms.RadioSelect,
    )
    visits = forms.CharField(
        label=_("Only these visits"),
        max_length=400,
        required=False,
        help_text=_("Codes of the schedule with spaces between them; none: every visit."),
    )
    role = forms.ChoiceField(
        label=_("To"), choices=[one for one in Role.choices if one[0] not in NOT_WRITTEN_TO]
    )
    channel = forms.ChoiceField(label=_("Channel"), widget=forms.RadioSelect)
    active = forms.BooleanField(label=_("In force"), required=False, initial=True)
    effective_from = forms.CharField(label=_("From"), help_text=_("Today or later"))
    reason = forms.CharField(
        label=_("Reason for the change"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = list(ABOUT_WORDS.items())  # type: ignore[attr-defined]
        ready = [(one, CHANNEL_WORDS[one]) for one, way in channels().items() if way.ready]
        self.fields["channel"].choices = ready  # type: ignore[attr-defined]
        self.fields["channel"].initial = Channel.MAIL
        self.fields["effective_from"].widget.attrs |= {"data-date": "date", "autocomplete": "off"}

    @staticmethod
    def of(rule: Rule, active: bool, day: str) -> dict[str, Any]:
        """What the form shows of a rule, to be in force from a day on."""
        unit = next(name for name, size in UNITS.items() if not rule.after % size)
        return {
            "about": rule.about,
            "amount": abs(rule.after) // UNITS[unit],
            "unit": unit,
            "side": "BEFORE" if rule.after < timedelta(0) else "AFTER",
            "visits": " ".join(rule.visits),
            "role": rule.role,
            "channel": rule.channel,
            "active": active,
            "effective_from": day,
        }

    def clean_effective_from(self) -> Any:
        try:
            return parse(A_DAY, self.cleaned_data["effective_from"])
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused

    def clean_visits(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["visits"].upper().replace(",", " ").replace("，", " ").split())

    def content(self) -> dict[str, Any]:
        """The rule as followup.actions.set_rule takes it, its name aside."""
        given = dict(self.cleaned_data)
        span = given.pop("amount") * UNITS[given.pop("unit")]
        after = -span if given.pop("side") == "BEFORE" else span
        return {
            **given,
            "about": About(given["about"]),
            "channel": Channel(given["channel"]),
            "after": after,
        }


class NewRuleForm(RuleForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=20,
        help_text=_("Small letters, digits and hyphens, as visit-soon; it never changes."),
    )
    field_order = ("name",)


class WishesForm(InnerForm):
    zone = forms.ChoiceField(label=_("Time zone"))
    quiet_from = forms.TimeField(
        label=_("Quiet from"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("The message of the day comes then. The same time twice: never quiet."),
    )
    phone = forms.CharField(
        label=_("Telephone for text messages"),
        max_length=24,
        required=False,
        help_text=_("With + and the country, as +8613800000000"),
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    wechat = forms.CharField(label=_("WeChat account"), max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(one for one in available_timezones() if "/" in one and not one.startswith("Etc/"))
        self.fields["zone"].choices = [(one, one.replace("_", " ")) for one in zones]  # type: ignore[attr-defined]

    @staticmethod
    def of(wishes: ReminderPreference | None) -> dict[str, Any]:
        """What the form shows of somebody's wishes, or of somebody who has said nothing."""
        shown = wishes or ReminderPreference()
        return {name: getattr(shown, name) for name in WishesForm.base_fields}

"""What an investigator types to sign, and a data manager to change the plan of verification."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inner_form import inside
from accounts.reauthentication import Confirmation, NotConfirmed, confirm_identity
from monitoring.codelists import MEANINGS, MEANINGS_AT
from monitoring.plan import ALL
from monitoring.trust import Level

# In the session: that its person has signed in it with name and password.
HAS_SIGNED = "has_signed"


class SigningForm(forms.Form):
    """The meaning, and who signs: user name and password at the first signing of a session, then the password."""

    meaning = forms.ChoiceField(label=_("What the signature means"), widget=forms.RadioSelect)
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, request: Any, level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.confirmation: Confirmation | None = None
        offered = [(code, MEANINGS.label(code)) for code in MEANINGS_AT[level]]
        meaning: Any = self.fields["meaning"]
        meaning.choices, meaning.initial = offered, offered[0][0]
        if request.session.get(HAS_SIGNED) == request.user.pk:
            del self.fields["username"]
        self.helper = inside(self)

    def confirm(self) -> bool:
        """Ask who sits at the desk; what is wrong stands in the form. Failures count like those at the door."""
        try:
            self.confirmation = confirm_identity(
                person=self.request.user,
                username=self.cleaned_data.get("username", self.request.user.username),
                password=self.cleaned_data["password"],
                request=self.request,
                now=self.request.now,
            )
        except NotConfirmed as refused:
            self.add_error("password", str(refused))
            return False
        self.request.session[HAS_SIGNED] = self.request.user.pk
        return True


class PlanForm(forms.Form):
    """Which items of a form are verified: all of them, those ticked, or none."""

    whole = forms.BooleanField(label=_("Everything in the form (100 %)"), required=False)
    items = forms.MultipleChoiceField(
        label=_("Only these"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Reason for the change"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items: Any = self.fields["items"]
        items.choices = choices
        self.helper = inside(self)

    @property
    def chosen(self) -> tuple[str, ...]:
        return ALL if self.cleaned_data["whole"] else tuple(self.cleaned_data["items"])

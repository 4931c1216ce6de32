"""Forms of the account pages."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Site, User


def _helper(form: forms.BaseForm) -> FormHelper:
    helper = FormHelper(form)
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*form.fields)
    return helper


class SignInForm(AuthenticationForm):
    """Says the same of a wrong name, a wrong password and a disabled account."""

    error_messages = {
        "invalid_login": _("The user name or the password is not right."),
        "inactive": _("The user name or the password is not right."),
    }


class AccountForm(forms.ModelForm):
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters; the person changes it after the first sign-in."),
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "email", "language")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = _helper(self)

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean_password(self) -> str:
        return str(self.cleaned_data["password"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    site = forms.ModelChoiceField(
        Site.objects.all(),
        label=_("Site"),
        required=False,
        empty_label=_("all sites"),
        help_text=_("Coordinators and investigators belong to one site."),
    )
    starts_on = forms.DateField(
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"],
        label=_("From"),
        widget=forms.TextInput(attrs={"data-date": "date", "autocomplete": "off"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = _helper(self)

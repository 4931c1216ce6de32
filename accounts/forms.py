"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from accounts import door
from accounts.inner_form import inside
from accounts.models import Role, Site, User
from accounts.reauthentication import NotConfirmed, confirm_identity


class SignInForm(AuthenticationForm):
    """Says the same of a wrong name, a wrong password and a disabled account; the door keeps and counts them."""

    error_messages = {
        "invalid_login": _("The user name or the password is not right."),
        "inactive": _("The user name or the password is not right."),
    }

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            request: Any = self.request
            try:
                self.user_cache = door.try_password(
                    username=username, password=password, request=request, now=request.now
                )
            except door.LockedOut as locked:
                raise forms.ValidationError(str(locked), code="locked") from locked
            if self.user_cache is None:
                raise self.get_invalid_login_error()
        return self.cleaned_data


class NewPasswordForm(PasswordChangeForm):
    """A new password for oneself; the old one is tried at the door, so that failures count and lock there too."""

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        typed: str = self.cleaned_data["old_password"]
        try:
            confirm_identity(
                person=self.user,
                username=self.user.username,
                password=typed,
                request=self.request,
                now=self.request.now,
            )
        except NotConfirmed as refused:
            locked = isinstance(refused.__cause__, door.LockedOut)
            raise forms.ValidationError(
                str(refused) if locked else self.error_messages["password_incorrect"],
                code="password_incorrect",
            ) from refused
        return typed


class SecondStepForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the authenticator app, or a recovery code"),
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}
        ),
    )
    passkey = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("code") and not self.cleaned_data.get("passkey"):
            raise forms.ValidationError(_("Type the code, or use the passkey."))
        return self.cleaned_data


class OwnPasswordForm(forms.Form):
    """Asked before what keeps somebody out, or lets somebody in, is changed."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AppForm(OwnPasswordForm):
    name = forms.CharField(label=_("Name, to tell it from others"), max_length=60)
    code = forms.CharField(
        label=_("Code the app shows now"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    field_order = ("code", "name", "password")


class PasskeyForm(OwnPasswordForm):
    name = forms.CharField(label=_("Name, to tell it from others"), max_length=60)
    passkey = forms.CharField(max_length=20_000, widget=forms.HiddenInput)
    field_order = ("name", "password", "passkey")


class AccountForm(forms.ModelForm):
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; the person has to change it at the first sign-in."),
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "email", "language")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = inside(self)

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean_password(self) -> str:
        return str(self.cleaned_data["password"])


class FirstPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("First password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; the person has to change it at the first sign-in."),
    )


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
        self.helper = inside(self)

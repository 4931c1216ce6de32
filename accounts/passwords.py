"""The rule Django has not: a password is not taken again."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import PasswordUsed, User


class NotUsedBefore:
    """Refuse the present password and the `last` ones (AUTH_PASSWORD_VALIDATORS)."""

    def __init__(self, last: int = 5) -> None:
        self.last = last

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        used = PasswordUsed.objects.filter(person=user).values_list("password", flat=True)[: self.last]
        if any(check_password(password, one) for one in {user.password, *used}):
            raise ValidationError(
                _("This password was used before. Choose one that differs from the last %(last)s.")
                % {"last": self.last},
                code="password_used_before",
            )

    def password_changed(self, password: str, user: User) -> None:
        """Keep the hash; Django calls this where a person is saved with a new password."""
        PasswordUsed.objects.create(person=user, password=user.password)

    def get_help_text(self) -> str:
        return _("Your password can’t be one of your last %(last)s.") % {"last": self.last}

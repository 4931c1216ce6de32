"""Who is signed in: the person, with every role of the register and its site, in one query a request."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import RoleHeld, User
from accounts.reading import rows_where


class Backend(ModelBackend):
    """Django's own; what it reads of a person is what the page asks next anyhow."""

    def get_user(self, user_id: Any) -> User | None:
        held = rows_where(RoleHeld, {"user": user_id}, along=("user", "site"))
        person: Any = held[0].user if held else super().get_user(user_id)
        if person is None or not self.user_can_authenticate(person):
            return None
        person.register = held
        found: User = person
        return found

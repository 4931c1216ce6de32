"""Sessions in the database, each with its person, address and browser, so that they can be listed and ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models import Session


class SessionStore(DatabaseStore):
    """Django's own, with columns beside the data; `begun` and `expires` are as stored, None before that."""

    begun: datetime | None = None
    expires: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        if row is not None:
            self.begun, self.expires = row.begun, row.expire_date
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.person_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.address, row.device = data.get("address"), data.get("device", "")
        if self.begun is not None:
            row.begun = self.begun
        return row

    def flush(self) -> None:
        super().flush()
        self.begun = self.expires = None

"""Sessions in the database, each with its person, address and browser, so that they can be listed and ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.models import Session
from accounts.reading import rows_where


class SessionStore(DatabaseStore):
    """Django's own, with columns beside the data; `begun` and `expires` are as stored, None before that."""

    begun: datetime | None = None
    expires: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        """Django's own in one planned statement: every page asks. An expired session's key is given up."""
        found = rows_where(Session, {"session_key": self.session_key}, order="session_key")
        now = timezone.now()  # noqa: TID251 – the machine's time, as Django writes what expires
        row = next((one for one in found if one.expire_date > now), None)
        if row is None:
            self._session_key = None
        else:
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

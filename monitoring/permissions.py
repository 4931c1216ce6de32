"""Which right each kind of reading data over takes."""

from __future__ import annotations

from accounts.access import Permission
from monitoring.trust import Kind

PERMISSION_OF = {Kind.SOURCE: Permission.VERIFY_SOURCE, Kind.REVIEW: Permission.REVIEW_DATA}

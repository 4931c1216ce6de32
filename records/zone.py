"""Where the trial is: moments are stored in UTC and shown, and days counted, as at the sites. Pure."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

TRIAL_ZONE: Final = ZoneInfo("Asia/Shanghai")

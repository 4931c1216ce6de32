"""Whether efficacy is shown at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def efficacy_is_shown(settings: Mapping[str, Any]) -> bool:
    """By the study setting, which a data manager opens with a reason; closed unless somebody did."""
    return bool(settings["efficacy_shown"] == "OPEN")

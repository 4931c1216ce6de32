"""A tumour judged resectable and not resected: pointed out after the days of the study settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import User
from arms.cross_checks import resectable_and_not_resected
from participants.cross_checks import Casebook
from participants.models import Participant
from records import clock, study


def casebook(
    participant: Participant, at: datetime, days: int, operated_after: int | None = None
) -> Casebook:
    """Judged resectable `days` before; a hepatectomy so many days after that, where there was one."""
    reviewed = clock.day(at) - timedelta(days=days)
    surgery: list[Any] = []
    if operated_after is not None:
        surgery.append(SimpleNamespace(surgdtc=reviewed + timedelta(days=operated_after)))
    review = SimpleNamespace(resres="RESECTABLE", resdtc=reviewed)
    return Casebook(participant, at, {"RES": [review], "SURG": surgery})


@pytest.mark.parametrize(
    ("days", "operated_after", "expected"),
    [(60, None, 0), (61, None, 1), (61, 0, 0), (61, 61, 0), (61, -1, 1)],
)
def test_x13_after_sixty_days(
    days: int, operated_after: int | None, expected: int, participant: Participant, at_start: datetime
) -> None:
    found = list(resectable_and_not_resected(casebook(participant, at_start, days, operated_after)))
    assert len(found) == expected
    assert all(one.item == "resres" and "60 days later" in one.message.en for one in found)


def test_x13_after_the_days_of_the_settings(
    participant: Participant, data_manager: User, at_start: datetime
) -> None:
    today, by = clock.day(at_start), Actor(data_manager, "DATA_MANAGER", None)
    study.set_value(
        key="surgery_waits", value=75, effective_from=today, reason="Amendment", by=by, now=at_start
    )
    assert list(resectable_and_not_resected(casebook(participant, at_start, 75))) == []
    (found,) = resectable_and_not_resected(casebook(participant, at_start, 76))
    assert "75天后仍无肝切除记录" in found.message.zh

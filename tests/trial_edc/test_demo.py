"""The demo is loaded into no real trial's database; what it shows stands in test_demo_trial.py."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from records import clock
from records.clock import TrialClock


def test_a_real_trials_database_takes_no_demo(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "read", lambda: TrialClock(kind=TrialClock.Kind.TRIAL))
    with pytest.raises(CommandError, match="real trial"):
        call_command("load_demo")
    assert not User.objects.exists()

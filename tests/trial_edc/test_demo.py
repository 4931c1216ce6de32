"""The demo: every workflow state, and nothing of it in a real trial's database."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from eligibility.models import HistoricalEntry
from participants.models import Participant
from participants.workflow import ParticipantState
from records import clock
from records.clock import TrialClock
from records.models import TrailEntry
from trial_edc.demo.people import ACCOUNTS, PASSWORD
from trial_edc.demo.story import CAST, OPENS_AT


@pytest.mark.slow
def test_the_demo_shows_every_stage_of_the_path(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo")

    assert Participant.objects.count() == len(CAST)
    shown = set(Participant.objects.values_list("status", flat=True))
    assert shown == {str(state) for state in ParticipantState} - {"COMPLETED", "WITHDRAWN", "DIED"}
    assert set(Participant.objects.exclude(arm=None).values_list("arm", flat=True)) == {"HAIC", "Y90"}
    assert HistoricalEntry.objects.count() == 165
    assert clock.today() == OPENS_AT.date()
    assert not TrailEntry.objects.filter(role="").exclude(relation="records_trialclock").exists()
    for account in ACCOUNTS:
        assert User.objects.get(username=account.username).check_password(PASSWORD)

    # A second time it leaves the database alone, and the accounts are printed with their password.
    call_command("load_demo")
    assert Participant.objects.count() == len(CAST)
    capsys.readouterr()
    call_command("demo_accounts")
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()[:-1]] == [
        account.username for account in ACCOUNTS
    ]
    assert PASSWORD in printed.splitlines()[-1]


def test_a_real_trials_database_takes_no_demo(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "read", lambda: TrialClock(kind=TrialClock.Kind.TRIAL))
    with pytest.raises(CommandError, match="real trial"):
        call_command("load_demo")
    assert not User.objects.exists()

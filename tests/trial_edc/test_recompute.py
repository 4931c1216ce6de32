"""Computing again what is stored: listed first, written by a data manager with a reason, in the trail."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.access import Actor
from accounts.models import User
from eligibility.models import VitalSigns
from participants.models import Participant
from records.models import TrailEntry
from tests.cast import START, make_person
from trial_edc.demo.walks import VITAL_SIGNS, fill


@pytest.fixture
def under_old_rules(participant: Participant, by_coordinator: Actor, at_start: None) -> VitalSigns:
    """A body surface area that other rules made."""
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    VitalSigns.objects.update(bsa="1.90", derived_by="0")
    return VitalSigns.objects.get()


@pytest.fixture
def manager(db: None) -> User:
    return make_person("manager", "DATA_MANAGER")


def run(*words: str) -> str:
    out = StringIO()
    call_command("recompute", *words, stdout=out)
    return out.getvalue()


def test_nothing_differs(participant: Participant, by_coordinator: Actor, at_start: None) -> None:
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    assert run() == "Every derived value is as the rules make it.\n"


@pytest.mark.line("M12")
def test_differences_are_listed_and_nothing_is_written(under_old_rules: VitalSigns) -> None:
    version = VitalSigns.rules_version
    assert run("VS") == (
        f"01-001 SCR VS 1 bsa: 1.90 -> 1.75 (rules 0 -> {version})\n"
        "1 values differ; nothing is written without --write.\n"
    )
    assert run("LB") == "Every derived value is as the rules make it.\n"
    assert str(VitalSigns.objects.get().bsa) == "1.90"


def test_written_they_stand_in_the_trail_with_person_and_reason(
    under_old_rules: VitalSigns, manager: User
) -> None:
    assert "stored." in run("VS", "--write", "--by", "manager", "--reason", "Rules of version 1")
    record = VitalSigns.objects.get()
    assert (str(record.bsa), record.derived_by) == ("1.75", VitalSigns.rules_version)
    entry = TrailEntry.objects.filter(relation="eligibility_vitalsigns", changes__has_key="bsa").latest("id")
    assert (entry.changes["bsa"], entry.reason, entry.person_id, entry.role) == (
        [1.90, 1.75],
        "Rules of version 1",
        manager.pk,
        "DATA_MANAGER",
    )
    assert run("VS") == "Every derived value is as the rules make it.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("XX",), "There is no form XX"),
        (("--write", "--reason", "x"), "Say with --by"),
        (("--write", "--by", "coordinator", "--reason", "x"), "no data manager"),
        (("--write", "--by", "manager", "--reason", " "), "Say with --reason"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(
    under_old_rules: VitalSigns, manager: User, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*words)
    assert str(VitalSigns.objects.get().bsa) == "1.90"

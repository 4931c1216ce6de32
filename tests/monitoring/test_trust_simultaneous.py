"""A lock while somebody saves, a signature while a correction comes: one waits for the other, nothing is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from accounts.access import Actor, Permission
from accounts.models import Role
from eligibility.models import VitalSigns
from monitoring.actions import hold, holds, sign, verify
from monitoring.extents import Extent
from monitoring.models import Hold, Signature, Verification
from monitoring.selectors.contents import entered_at, seen
from monitoring.selectors.readiness import readiness_of
from monitoring.selectors.signatures import verifies
from monitoring.trust import HoldState, Kind
from participants.models import Participant, Visit
from participants.selectors import schedule_of
from records import actions, clock
from records.findings import Refused
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import VITAL_SIGNS

PATIENCE = 60


@dataclass
class Here:
    participant: Participant
    visit: Visit
    coordinator: Actor
    investigator: Actor
    monitor: Actor
    data_manager: Actor

    @property
    def form(self) -> Extent:
        return Extent.of_form(self.visit, "VS", 1)


@pytest.fixture
def here(own_database: str) -> Iterator[Here]:
    schedule_of.cache_clear()
    clock.move_to(START)
    site = make_site()
    by = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    participant = make_participant(site, by)
    fill(participant, "VS", VITAL_SIGNS, by=by, now=START)
    visit = Visit.objects.select_related("participant__site").get(participant=participant, code="SCR")
    yield Here(
        participant,
        visit,
        by,
        actor(make_person("investigator", Role.INVESTIGATOR, site), Permission.SIGN, site),
        actor(make_person("monitor", Role.MONITOR, site), Permission.VERIFY_SOURCE, site),
        actor(make_person("manager", Role.DATA_MANAGER), Permission.LOCK, site),
    )
    schedule_of.cache_clear()


def at_once(**jobs: Callable[[], Any]) -> dict[str, str]:
    """Run jobs on a thread and a connection each, from the same moment on; give what became of each."""
    outcomes: dict[str, str] = {}
    start = threading.Barrier(len(jobs), timeout=PATIENCE)

    def run(name: str, job: Callable[[], Any]) -> None:
        try:
            start.wait()
            job()
            outcomes[name] = "done"
        except Refused as refused:
            outcomes[name] = type(refused).__name__
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the comparison below shows it
            outcomes[name] = repr(wrong)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=job) for job in jobs.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes


def correct(here: Here) -> None:
    fill(here.participant, "VS", {"pulse": 90}, by=here.coordinator, now=START, reason="Misread")


@pytest.mark.parametrize("level", ["TRIAL", "SITE", "PARTICIPANT", "VISIT", "FORM"])
def test_a_lock_waits_for_a_save_that_has_begun(
    here: Here, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The save has asked the guard and found nothing; the lock comes; the save ends first, whole."""
    site = here.participant.site
    extent = {
        "TRIAL": Extent.of_trial(),
        "SITE": Extent.of_site(site),
        "PARTICIPANT": Extent.of_participant(here.visit.participant),
        "VISIT": Extent.of_visit(here.visit),
        "FORM": here.form,
    }[level]
    asked, order = threading.Event(), []
    store = actions._store

    def slowly(record: Any, changed: Any) -> None:
        asked.set()
        # Long enough for the lock to be asked for and, were it not made to wait, to be set.
        waiting.wait(1.5)
        store(record, changed)
        order.append("saved")

    waiting = threading.Event()
    monkeypatch.setattr(actions, "_store", slowly)

    def lock() -> None:
        asked.wait(PATIENCE)
        hold(extent=extent, to=HoldState.LOCKED, by=here.data_manager, now=START)
        order.append("locked")

    assert at_once(save=lambda: correct(here), lock=lock) == {"save": "done", "lock": "done"}
    assert order == ["saved", "locked"]
    assert VitalSigns.objects.get().pulse == 90
    with pytest.raises(Refused, match="locked"):
        correct(here)


def test_a_save_waits_for_a_lock_that_has_begun_and_is_refused(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = threading.Event()
    create = holds.HoldStep.objects.create

    def slowly(**words: Any) -> Any:
        taken.set()
        threading.Event().wait(1.0)
        return create(**words)

    monkeypatch.setattr(holds.HoldStep.objects, "create", slowly)

    def save() -> None:
        taken.wait(PATIENCE)
        correct(here)

    outcomes = at_once(
        save=save,
        lock=lambda: hold(
            extent=Extent.of_visit(here.visit), to=HoldState.LOCKED, by=here.data_manager, now=START
        ),
    )
    assert outcomes == {"save": "OnHold", "lock": "done"}
    assert VitalSigns.objects.get().pulse == VITAL_SIGNS["pulse"]
    assert Hold.objects.get().state == "LOCKED"


def test_a_lock_and_a_save_at_once_never_leave_a_change_behind_the_lock(here: Here) -> None:
    outcomes = at_once(
        save=lambda: correct(here),
        lock=lambda: hold(extent=here.form, to=HoldState.LOCKED, by=here.data_manager, now=START),
    )
    assert outcomes["lock"] == "done"
    changed = VitalSigns.objects.get().pulse == 90
    assert outcomes["save"] == ("done" if changed else "OnHold")


@pytest.mark.parametrize("round_", range(3))
def test_a_signature_is_of_what_was_seen_or_refused(here: Here, round_: int) -> None:
    saw = readiness_of(here.form, START).sha256
    outcomes = at_once(
        save=lambda: correct(here),
        sign=lambda: sign(extent=here.form, meaning="REVIEWED", saw=saw, by=here.investigator, now=START),
    )
    assert outcomes["save"] == "done"
    if outcomes["sign"] == "done":
        # It came first: it was of what was seen, and the correction voided it.
        signature = Signature.objects.get()
        assert signature.sha256 == saw and not signature.stands
        assert not verifies(signature, here.form)
    else:
        assert outcomes["sign"] == "Overtaken"
        assert not Signature.objects.exists()


def test_of_two_who_sign_at_once_one_does(here: Here) -> None:
    saw = readiness_of(here.form, START).sha256

    def once() -> None:
        sign(extent=here.form, meaning="REVIEWED", saw=saw, by=here.investigator, now=START)

    assert sorted(at_once(one=once, other=once).values()) == ["Refused", "done"]
    assert Signature.objects.count() == 1


def test_verification_is_of_what_was_seen_or_refused(here: Here) -> None:
    saw = seen(entered_at(here.form))
    outcomes = at_once(
        save=lambda: correct(here),
        verify=lambda: verify(extent=here.form, kind=Kind.SOURCE, saw=saw, by=here.monitor, now=START),
    )
    assert outcomes["save"] == "done"
    if outcomes["verify"] == "done":
        assert (Verification.objects.get().state, Verification.objects.get().fallen) == ("CHANGED", ["pulse"])
    else:
        assert outcomes["verify"] == "Overtaken"
        assert not Verification.objects.exists()

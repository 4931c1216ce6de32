"""Two people at the same form at the same moment, on two connections: one is kept, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from accounts.access import Actor, Permission
from accounts.models import Role
from eligibility.models import VitalSigns
from participants.models import CaseReportForm, MedicalHistory, Participant, Visit, VisitHeader, VisitStatus
from participants.selectors import schedule_of
from records import clock, events
from records.actions import save_record
from records.checks import Entry
from records.findings import Overtaken
from records.models import TrailEntry
from tests.cast import START, actor, make_participant, make_person, make_site

PATIENCE = 60


@pytest.fixture
def here(own_database: str) -> Iterator[tuple[Participant, Actor]]:
    schedule_of.cache_clear()
    clock.move_to(START)
    site = make_site()
    by = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    yield make_participant(site, by), by
    schedule_of.cache_clear()


def save(
    visit: Visit,
    by: Actor,
    answers: dict[str, Any],
    revision: int | None,
    model: type[CaseReportForm] = MedicalHistory,
    submit: bool = False,
) -> CaseReportForm:
    return save_record(
        model=model,
        place={"participant": visit.participant, "visit": visit, "repeat": 1},
        entry=Entry(dict(answers)),
        context=model.context(visit=visit, today=START.date(), now=START),
        submit=submit,
        by=by,
        now=START,
        revision=revision,
    )


def at_once(*jobs: Callable[[], Any]) -> list[str]:
    """Run jobs on a thread and a connection each; give what became of each, sorted."""
    outcomes: list[str] = []

    def run(job: Callable[[], Any]) -> None:
        try:
            job()
            outcomes.append("saved")
        except Overtaken as overtaken:
            outcomes.append(str(overtaken))
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the comparison below shows it
            outcomes.append(repr(wrong))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(outcomes)


def meeting(parties: int) -> Callable[..., None]:
    """A guard at which that many people wait for each other, after each has looked whether the form is there."""
    barrier = threading.Barrier(parties, timeout=PATIENCE)

    def wait(*, record: Any, by: Actor, now: datetime) -> None:
        barrier.wait()

    return wait


def test_of_two_who_begin_a_form_at_once_one_is_kept(
    here: tuple[Participant, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    participant, by = here
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")
    guard = meeting(2)
    monkeypatch.setattr(events, "_table", lambda: ({}, (guard,)))

    outcomes = at_once(
        lambda: save(visit, by, {"cirrh": "Y"}, None), lambda: save(visit, by, {"cirrh": "N"}, None)
    )

    assert outcomes == [
        "saved",
        "他人同时开始录入此表单，重新打开后继续。",
    ]
    (kept,) = MedicalHistory.objects.all()
    assert kept.revision == 1
    trail = TrailEntry.objects.filter(relation="participants_medicalhistory")
    assert [(entry.operation, entry.changes["cirrh"]) for entry in trail] == [("INSERT", [None, kept.cirrh])]


def test_of_two_who_change_a_form_at_once_one_is_kept(here: tuple[Participant, Actor]) -> None:
    participant, by = here
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")
    save(visit, by, {"cirrh": "Y"}, None)
    start = threading.Barrier(2, timeout=PATIENCE)

    def change(answers: dict[str, Any]) -> None:
        start.wait()
        save(visit, by, answers, 1)

    outcomes = at_once(lambda: change({"cirrh": "N"}), lambda: change({"cirrh": "Y", "portht": "Y"}))

    assert outcomes == ["saved", "您打开后他人已保存此表单。核对后重新保存。"]
    assert MedicalHistory.objects.get().revision == 2


def test_two_forms_of_one_visit_begun_at_once_begin_the_visit_once(
    here: tuple[Participant, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    participant, by = here
    Visit.objects.filter(participant=participant).update(status="PLANNED")
    steps = VisitStatus.objects.count()
    visits = [
        Visit.objects.select_related("participant").get(participant=participant, code="SCR") for _ in range(2)
    ]
    subscribers, guards = events._table()
    table = (subscribers, (*guards, meeting(2)))
    monkeypatch.setattr(events, "_table", lambda: table)

    outcomes = at_once(
        lambda: save(visits[0], by, {"cirrh": "Y"}, None),
        lambda: save(visits[1], by, {"pulse": 72}, None, VitalSigns),
    )

    assert outcomes == ["saved", "saved"]
    assert list(VisitStatus.objects.order_by("id").values_list("status", flat=True))[steps:] == ["STARTED"]
    assert Visit.objects.get(pk=visits[0].pk).status == "STARTED"


def test_a_header_submitted_while_another_form_is_begun_do_not_stand_in_each_others_way(
    here: tuple[Participant, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    participant, by = here
    Visit.objects.filter(participant=participant).update(status="PLANNED")
    visits = [
        Visit.objects.select_related("participant").get(participant=participant, code="SCR") for _ in range(2)
    ]
    subscribers, guards = events._table()
    both, begun = threading.Barrier(2, timeout=PATIENCE), threading.Event()

    # Both have stored their form; then the header begins the visit, and only then the other form follows.
    def before(event: events.Saved) -> None:
        both.wait()
        if event.record.form.code == "VS":
            begun.wait(PATIENCE)

    def after(event: events.Saved) -> None:
        if event.record.form.code == "SV":
            begun.set()

    table = ({**subscribers, events.Saved: (before, *subscribers[events.Saved], after)}, guards)
    monkeypatch.setattr(events, "_table", lambda: table)
    header = {"svdone": "Y", "svstdtc": START.date(), "svmode": "CLINIC"}

    outcomes = at_once(
        lambda: save(visits[0], by, header, None, VisitHeader, submit=True),
        lambda: save(visits[1], by, {"pulse": 72}, None, VitalSigns),
    )

    assert outcomes == ["saved", "saved"]


def test_two_registrations_at_once_take_two_numbers(here: tuple[Participant, Actor]) -> None:
    participant, by = here
    start = threading.Barrier(2, timeout=PATIENCE)

    def register(initials: str) -> None:
        start.wait()
        make_participant(participant.site, by, initials=initials)

    assert at_once(lambda: register("AB"), lambda: register("CD")) == ["saved", "saved"]
    assert [p.number for p in Participant.objects.order_by("number")] == ["01-001", "01-002", "01-003"]

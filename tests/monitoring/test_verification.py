"""Verify and review: by field and in bulk; it falls with a change, visibly, and is renewed; its history stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from monitoring.actions import hold, set_plan, verify, withdraw
from monitoring.extents import Extent
from monitoring.models import Verification, VerificationPlan, VerificationStep
from monitoring.policies.trust import NotTheirs, OnHold
from monitoring.selectors.contents import entered_at, seen, submitted
from monitoring.trust import HoldState, Kind
from participants.models import CaseReportForm, Participant, Visit
from records.actions import remove_record, save_record
from records.checks import Entry
from records.findings import Overtaken, Refused
from tests.cast import START, actor, make_person
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import HISTORY

pytestmark = pytest.mark.django_db


def read(extent: Extent, by: Actor, items: list[str] | None = None, kind: Kind = Kind.SOURCE) -> int:
    """Verify what stands at an extent now."""
    return verify(
        extent=extent, kind=kind, saw=seen(submitted(entered_at(extent))), by=by, now=START, items=items
    )


def of_form(visit: Visit, form: str = "VS", repeat: int = 1) -> Extent:
    return Extent.of_form(visit, form, repeat)


def state_of(record: CaseReportForm, kind: Kind = Kind.SOURCE) -> tuple[str, list[str]]:
    one = Verification.objects.get(form=record.form.code, record_id=record.pk, kind=kind)
    return one.state, one.fallen


def steps_of(record: CaseReportForm) -> list[tuple[str, int | None, list[str]]]:
    steps = VerificationStep.objects.filter(
        verification__form=record.form.code, verification__record_id=record.pk
    )
    return [(step.state, step.by_id, sorted(step.items)) for step in steps]


def test_a_form_is_verified_as_a_whole(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor
) -> None:
    assert read(of_form(screening), by_monitor) == 1
    assert state_of(vital_signs) == ("COMPLETE", [])
    one = Verification.objects.get()
    assert one.items["height"][1:] == [START.isoformat(), "Monitor"]


def test_the_critical_fields_suffice_and_fewer_do_not(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor
) -> None:
    read(of_form(screening), by_monitor, ["height", "weight"])
    assert state_of(vital_signs) == ("PARTIAL", [])
    read(of_form(screening), by_monitor, ["ecog"])
    assert state_of(vital_signs) == ("COMPLETE", [])
    assert sorted(Verification.objects.get().items) == ["ecog", "height", "weight"]


def test_a_change_makes_fall_what_changed_and_only_that(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_coordinator: Actor
) -> None:
    participant = screening.participant
    read(of_form(screening), by_monitor)
    fill(participant, "VS", {"weight": Decimal("66.0")}, by=by_coordinator, now=START, reason="Misread")
    assert state_of(vital_signs) == ("CHANGED", ["weight"])
    fill(participant, "VS", {"pulse": 80}, by=by_coordinator, now=START, reason="Misread")
    assert state_of(vital_signs) == ("CHANGED", ["pulse", "weight"])
    read(of_form(screening), by_monitor, ["weight"])
    assert state_of(vital_signs) == ("CHANGED", ["pulse"])
    read(of_form(screening), by_monitor)
    assert state_of(vital_signs) == ("COMPLETE", [])
    coordinator, monitor = by_coordinator.person_id, by_monitor.person_id
    steps = steps_of(vital_signs)
    assert [(state, by) for state, by, _items in steps] == [
        ("COMPLETE", monitor),
        ("CHANGED", coordinator),
        ("CHANGED", coordinator),
        ("CHANGED", monitor),
        ("COMPLETE", monitor),
    ]
    assert steps[1][2] == ["weight"] and steps[2][2] == ["pulse"]
    assert (
        VerificationStep.objects.get(pk__in=[VerificationStep.objects.order_by("id")[1].pk]).reason
        == "Misread"
    )


def test_the_old_value_again_stands_verified_again(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_coordinator: Actor
) -> None:
    read(of_form(screening), by_monitor)
    for weight in ("66.0", "65.0"):
        fill(
            screening.participant,
            "VS",
            {"weight": Decimal(weight)},
            by=by_coordinator,
            now=START,
            reason="Typo",
        )
    assert state_of(vital_signs) == ("COMPLETE", [])
    assert [state for state, _by, _items in steps_of(vital_signs)] == ["COMPLETE", "CHANGED", "COMPLETE"]


def test_a_blank_that_was_verified_falls_when_it_is_filled_in(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_coordinator: Actor
) -> None:
    read(of_form(screening), by_monitor)
    fill(
        screening.participant,
        "VS",
        {"peabn": "Y", "peabntx": "Liver 2 cm"},
        by=by_coordinator,
        now=START,
        reason="Late",
    )
    assert state_of(vital_signs) == ("CHANGED", ["peabn", "peabntx"])


def test_rows_added_changed_and_removed_count(
    participant: Participant, screening: Visit, by_coordinator: Actor, by_monitor: Actor
) -> None:
    one = {"mhterm": "Hypertension", "mhstdtc": "2015", "mhenrf": "N"}
    rows = [one, {**one, "mhterm": "Gout"}]
    record = fill(participant, "MH", {**HISTORY, "conditions": rows}, by=by_coordinator, now=START)
    read(of_form(screening, "MH"), by_monitor)
    assert state_of(record) == ("COMPLETE", [])
    model: Any = type(record)
    fresh = model.objects.get(pk=record.pk)
    entry = Entry.of(fresh)
    entry.rows["conditions"] = entry.rows["conditions"][:1]
    save_record(
        model=model,
        place={"participant": screening.participant, "visit": screening, "repeat": 1},
        entry=entry,
        context=model.context(visit=screening, today=START.date(), now=START),
        submit=True,
        by=by_coordinator,
        now=START,
        reason="Not his",
        revision=fresh.revision,
    )
    state, fallen = state_of(record)
    assert state == "CHANGED"
    assert {address.rsplit("-", 1)[0] for address in fallen} == {"conditions-2"}
    read(of_form(screening, "MH"), by_monitor)
    assert state_of(record) == ("COMPLETE", [])
    assert not [
        name for name in Verification.objects.get(kind=Kind.SOURCE, form="MH").items if "conditions-2" in name
    ]


def test_verification_and_review_are_told_apart(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_data_manager: Actor
) -> None:
    read(of_form(screening), by_monitor, ["height"])
    read(of_form(screening), by_data_manager, kind=Kind.REVIEW)
    assert state_of(vital_signs, Kind.SOURCE)[0] == "PARTIAL"
    assert state_of(vital_signs, Kind.REVIEW)[0] == "COMPLETE"


@pytest.mark.parametrize(
    ("role", "source", "review"),
    [
        (Role.COORDINATOR, False, False),
        (Role.INVESTIGATOR, False, False),
        (Role.MONITOR, True, True),
        (Role.INSPECTOR, False, False),
        (Role.DATA_MANAGER, False, True),
    ],
)
def test_who_verifies_and_who_reviews(
    vital_signs: CaseReportForm, screening: Visit, site: Site, role: Role, source: bool, review: bool
) -> None:
    person = make_person("somebody", role, site)
    by = actor(person, Permission.SEE_PARTICIPANTS, site)
    for kind, may in ((Kind.SOURCE, source), (Kind.REVIEW, review)):
        if may:
            assert read(of_form(screening), by, kind=kind) == 1
        else:
            with pytest.raises(NotTheirs):
                read(of_form(screening), by, kind=kind)


def test_a_monitor_of_another_site_does_not_verify_here(
    vital_signs: CaseReportForm, screening: Visit, site: Site, other_site: Site
) -> None:
    stranger = make_person("stranger", Role.MONITOR, other_site)
    with pytest.raises(NotTheirs):
        read(of_form(screening), Actor(stranger, Role.MONITOR, site.pk))


def test_what_was_not_seen_is_not_verified(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_coordinator: Actor
) -> None:
    saw = seen(submitted(entered_at(of_form(screening))))
    fill(screening.participant, "VS", {"pulse": 90}, by=by_coordinator, now=START, reason="Misread")
    with pytest.raises(Overtaken):
        verify(extent=of_form(screening), kind=Kind.SOURCE, saw=saw, by=by_monitor, now=START)
    assert not Verification.objects.exists()


def test_drafts_are_not_verified(
    participant: Participant, screening: Visit, by_coordinator: Actor, by_monitor: Actor
) -> None:
    fill(participant, "VS", {"height": Decimal("170.0")}, by=by_coordinator, now=START, submit=False)
    with pytest.raises(Refused, match="Only submitted forms"):
        read(of_form(screening), by_monitor)


def test_a_visit_and_a_casebook_are_verified_in_one_act(
    vital_signs: CaseReportForm,
    screening: Visit,
    participant: Participant,
    by_monitor: Actor,
    by_data_manager: Actor,
) -> None:
    assert read(Extent.of_visit(screening), by_monitor) == 2
    assert {step.act for step in VerificationStep.objects.all()} != {""}
    assert len({step.act for step in VerificationStep.objects.all()}) == 1
    assert read(Extent.of_participant(screening.participant), by_data_manager, kind=Kind.REVIEW) == 2


def test_it_is_withdrawn_with_a_reason_and_given_again(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor
) -> None:
    extent = of_form(screening)
    read(extent, by_monitor)
    saw = seen(entered_at(extent))
    with pytest.raises(Refused, match="reason"):
        withdraw(extent=extent, kind=Kind.SOURCE, saw=saw, by=by_monitor, now=START, reason=" ")
    withdraw(extent=extent, kind=Kind.SOURCE, saw=saw, by=by_monitor, now=START, reason="Wrong chart")
    assert state_of(vital_signs) == ("WITHDRAWN", [])
    read(extent, by_monitor)
    assert [state for state, _by, _items in steps_of(vital_signs)] == ["COMPLETE", "WITHDRAWN", "COMPLETE"]


def test_a_removed_record_keeps_what_was_verified(
    participant: Participant, vital_signs: CaseReportForm, by_coordinator: Actor, by_monitor: Actor
) -> None:
    log = Visit.objects.select_related("participant__site").get(participant=participant, code="LOG")
    record = fill(
        participant,
        "CM",
        {"cmtrt": "Entecavir"},
        by=by_coordinator,
        now=START,
        visit_code="LOG",
        submit=False,
    )
    model: Any = type(record)
    model.objects.filter(pk=record.pk).update(
        state="SUBMITTED", submitted_at=START, submitted_by=by_coordinator.person
    )
    record.refresh_from_db()
    read(Extent.of_form(log, "CM", 1), by_monitor)
    remove_record(record=record, revision=record.revision, by=by_coordinator, now=START, reason="Not taken")
    state, fallen = state_of(record)
    assert state == "REMOVED" and "cmtrt" in fallen
    assert steps_of(record)[-1][:2] == ("REMOVED", by_coordinator.person_id)


def test_a_lock_stops_verification_and_a_freeze_does_not(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_data_manager: Actor
) -> None:
    hold(extent=Extent.of_visit(screening), to=HoldState.FROZEN, by=by_monitor, now=START)
    read(of_form(screening), by_monitor, ["height"])
    hold(extent=Extent.of_visit(screening), to=HoldState.LOCKED, by=by_data_manager, now=START)
    with pytest.raises(OnHold, match="The visit is locked"):
        read(of_form(screening), by_monitor)


# -- the plan -------------------------------------------------------------------------------------------


def test_another_plan_judges_again_what_is_complete(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_data_manager: Actor
) -> None:
    read(of_form(screening), by_monitor, ["height", "weight", "ecog"])
    set_plan(form="VS", items=["*"], reason="Risk assessed anew", by=by_data_manager, now=START)
    assert state_of(vital_signs)[0] == "PARTIAL"
    set_plan(form="VS", items=["ecog"], reason="Enough", by=by_data_manager, now=START)
    assert state_of(vital_signs)[0] == "COMPLETE"
    assert [(one.version, one.items) for one in VerificationPlan.objects.filter(form="VS")] == [
        (1, ["*"]),
        (2, ["ecog"]),
    ]


def test_a_plan_is_changed_by_a_data_manager_with_a_reason(
    vital_signs: CaseReportForm, by_monitor: Actor, by_data_manager: Actor
) -> None:
    for by, items, reason, words in (
        (by_monitor, ["ecog"], "Why", "Only data managers"),
        (by_data_manager, ["ecog"], " ", "reason"),
        (by_data_manager, ["nonsense"], "Why", "no such item"),
        (by_data_manager, ["height", "weight", "ecog"], "Why", "says so already"),
    ):
        with pytest.raises(Refused, match=words):
            set_plan(form="VS", items=items, reason=reason, by=by, now=START)
    assert not VerificationPlan.objects.exists()


def test_a_plan_names_a_table_of_rows_as_a_whole(by_data_manager: Actor) -> None:
    assert set_plan(form="MH", items=["conditions"], reason="Why", by=by_data_manager, now=START).items == [
        "conditions"
    ]

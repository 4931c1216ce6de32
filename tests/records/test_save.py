"""Saving a form: drafts, submissions, corrections, and everything that stands in the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from participants.models import CaseReportForm, Participant, Visit
from records import clock, events
from records.actions import derive_again, save_record
from records.checks import Entry
from records.definition import forms
from records.findings import Overtaken, Refused
from records.models import TrailEntry
from records.text import Text
from tests.cast import START
from trial_edc.demo.walks import VITAL_SIGNS

LATER = START + timedelta(hours=3)


def save(
    participant: Participant,
    code: str,
    answers: dict[str, Any],
    *,
    by: Actor,
    submit: bool = False,
    revision: int | None = None,
    reason: str = "",
    missing: dict[str, str] | None = None,
    confirmed: dict[str, str] | None = None,
    now: datetime = START,
) -> CaseReportForm:
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")
    model: Any = forms()[code]
    return save_record(
        model=model,
        place={"participant": visit.participant, "visit": visit, "repeat": 1},
        entry=Entry(dict(answers), dict(missing or {}), dict(confirmed or {})),
        context=model.context(visit=visit, today=clock.day(now), now=now),
        submit=submit,
        by=by,
        now=now,
        reason=reason,
        revision=revision,
    )


def stored(code: str) -> list[CaseReportForm]:
    return list(forms()[code]._default_manager.all())  # type: ignore[arg-type]


def findings(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(finding.item, finding.level.value) for finding in refused.value.findings]


# -- drafts and submissions ----------------------------------------------------------------------------


def test_a_draft_may_be_incomplete(participant: Participant, by_coordinator: Actor) -> None:
    record = save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    kept = forms()["VS"]._default_manager.get(pk=record.pk)
    assert (kept.state, kept.revision, kept.pulse, kept.height) == ("DRAFT", 1, 72, None)
    assert (kept.entered_at, kept.entered_by_id) == (START, by_coordinator.person_id)
    assert (kept.submitted_at, kept.submitted_by_id, kept.submitted) == (None, None, False)


def test_a_submission_says_who_and_when(participant: Participant, by_coordinator: Actor) -> None:
    save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    record = save(participant, "VS", VITAL_SIGNS, by=by_coordinator, submit=True, revision=1, now=LATER)
    assert (record.state, record.revision, record.submitted) == ("SUBMITTED", 2, True)
    assert (record.submitted_at, record.submitted_by_id) == (LATER, by_coordinator.person_id)
    assert record.entered_at == START


def test_a_submission_asks_for_every_required_answer_and_stores_nothing(
    participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused, match="not saved") as refused:
        save(participant, "VS", {"pulse": 72, "height": Decimal(170)}, by=by_coordinator, submit=True)
    assert findings(refused) == [
        (item, "HARD") for item in ("weight", "temp", "sysbp", "diabp", "ecog", "peabn")
    ]
    assert stored("VS") == []


def test_a_reason_for_a_missing_answer_is_kept_beside_the_answers(
    participant: Participant, by_coordinator: Actor
) -> None:
    answers = {**VITAL_SIGNS, "temp": None}
    record = save(participant, "VS", answers, by=by_coordinator, submit=True, missing={"temp": "ND"})
    assert (record.temp, record.missing) == (None, {"temp": "ND"})


def test_computed_values_are_stored_with_the_version_of_their_rules(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = save(participant, "VS", {"height": Decimal(170), "weight": Decimal(65)}, by=by_coordinator)
    assert (record.bsa, record.bsaform, record.derived_by) == (Decimal("1.75"), "MOSTELLER", "1")


def test_a_computed_value_that_is_sent_along_is_computed_all_the_same(
    participant: Participant, by_coordinator: Actor
) -> None:
    answers = {"height": Decimal(170), "weight": Decimal(65), "bsa": Decimal("2.50")}
    assert save(participant, "VS", answers, by=by_coordinator).bsa == Decimal("1.75")


def test_an_impossible_value_is_refused_in_a_draft_too(
    participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused) as refused:
        save(participant, "VS", {"pulse": 251}, by=by_coordinator)
    assert findings(refused) == [("pulse", "HARD")]
    assert stored("VS") == []


def test_an_unusual_value_may_stand_in_a_draft_and_asks_for_a_word_on_submission(
    participant: Participant, by_coordinator: Actor
) -> None:
    answers = {**VITAL_SIGNS, "pulse": 120}
    draft = save(participant, "VS", answers, by=by_coordinator)
    with pytest.raises(Refused, match="Some values are unusual") as refused:
        save(participant, "VS", answers, by=by_coordinator, submit=True, revision=1)
    assert findings(refused) == [("pulse", "SOFT")]
    assert draft.revision == stored("VS")[0].revision == 1
    record = save(
        participant,
        "VS",
        answers,
        by=by_coordinator,
        submit=True,
        revision=1,
        confirmed={"pulse": "after stairs"},
    )
    assert (record.state, record.confirmed) == ("SUBMITTED", {"pulse": "after stairs"})


def test_a_word_for_something_that_is_not_unusual_is_not_kept(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = save(participant, "VS", {"pulse": 72}, by=by_coordinator, confirmed={"pulse": "after stairs"})
    assert record.confirmed == {}


# -- corrections ---------------------------------------------------------------------------------------


@pytest.fixture
def submitted(participant: Participant, by_coordinator: Actor) -> CaseReportForm:
    return save(participant, "VS", VITAL_SIGNS, by=by_coordinator, submit=True)


@pytest.mark.line("A3")
@pytest.mark.parametrize("reason", ["", "   "])
def test_a_correction_needs_a_reason(
    submitted: CaseReportForm, participant: Participant, by_coordinator: Actor, reason: str
) -> None:
    with pytest.raises(Refused, match="Write the reason for the change"):
        save(participant, "VS", {**VITAL_SIGNS, "pulse": 80}, by=by_coordinator, revision=1, reason=reason)
    (kept,) = stored("VS")
    assert (kept.pulse, kept.revision) == (72, 1)


def test_a_correction_keeps_the_submission_and_leaves_its_reason_in_the_trail(
    submitted: CaseReportForm, participant: Participant, by_coordinator: Actor
) -> None:
    record = save(
        participant,
        "VS",
        {**VITAL_SIGNS, "pulse": 80},
        by=by_coordinator,
        revision=1,
        reason="misread",
        now=LATER,
    )
    assert (record.state, record.revision, record.submitted_at) == ("SUBMITTED", 2, START)
    entry = TrailEntry.objects.filter(relation="eligibility_vitalsigns").latest("id")
    assert (entry.operation, entry.reason, entry.changes["pulse"]) == ("UPDATE", "misread", [72, 80])


def test_a_submitted_form_stays_complete(
    submitted: CaseReportForm, participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused) as refused:
        save(
            participant, "VS", {**VITAL_SIGNS, "pulse": None}, by=by_coordinator, revision=1, reason="misread"
        )
    assert findings(refused) == [("pulse", "HARD")]


@pytest.mark.parametrize("submit", [False, True])
def test_saving_what_is_there_already_changes_nothing(
    submitted: CaseReportForm, participant: Participant, by_coordinator: Actor, submit: bool
) -> None:
    before = TrailEntry.objects.count()
    record = save(participant, "VS", VITAL_SIGNS, by=by_coordinator, revision=1, submit=submit, now=LATER)
    assert (record.revision, record.submitted_at) == (1, START)
    assert TrailEntry.objects.count() == before


def test_another_reason_for_a_missing_answer_is_a_change(
    participant: Participant, by_coordinator: Actor
) -> None:
    counted = {"symtest": "CBC", "symval": "5.2"}
    save(participant, "SYM", counted, by=by_coordinator, missing={"symunit": "NK"})
    record = save(participant, "SYM", counted, by=by_coordinator, missing={"symunit": "NA"}, revision=1)
    assert (record.revision, record.missing) == (2, {"symunit": "NA"})


def test_submitting_alone_raises_the_revision(participant: Participant, by_coordinator: Actor) -> None:
    save(participant, "VS", VITAL_SIGNS, by=by_coordinator)
    assert save(participant, "VS", VITAL_SIGNS, by=by_coordinator, submit=True, revision=1).revision == 2


# -- who was first -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", [None, 1, 3])
def test_a_revision_that_is_not_the_stored_one_is_overtaken(
    participant: Participant, by_coordinator: Actor, seen: int | None
) -> None:
    save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    save(participant, "VS", {"pulse": 73}, by=by_coordinator, revision=1)
    with pytest.raises(Overtaken, match="Somebody else saved this form"):
        save(participant, "VS", {"pulse": 74}, by=by_coordinator, revision=seen)
    (kept,) = stored("VS")
    assert (kept.pulse, kept.revision) == (73, 2)


def test_a_form_that_is_gone_is_overtaken(participant: Participant, by_coordinator: Actor) -> None:
    with pytest.raises(Overtaken):
        save(participant, "VS", {"pulse": 74}, by=by_coordinator, revision=1)
    assert stored("VS") == []


# -- guards and events ---------------------------------------------------------------------------------


class Listener:
    """A table of events that writes down what it was told, and guards that refuse when asked to."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.refusal = ""

    def note(self, event: Any) -> None:
        extra = [sorted(event.changed)] if hasattr(event, "changed") else []
        reason = [event.reason] if hasattr(event, "reason") else []
        self.told.append((type(event).__name__, *extra, *reason))

    def guard(self, *, record: Any, by: Actor, now: datetime) -> None:
        self.told.append(("asked", record.pk is not None, record.state, by.role, now))
        if self.refusal:
            raise Refused(self.refusal)


@pytest.fixture
def listener(participant: Participant, monkeypatch: pytest.MonkeyPatch) -> Listener:
    hearing = Listener()
    table = dict.fromkeys(events.EVENTS, (hearing.note,))
    monkeypatch.setattr(events, "_table", lambda: (table, (hearing.guard,)))
    return hearing


def test_guards_are_asked_and_events_follow_in_order(
    listener: Listener, participant: Participant, by_coordinator: Actor
) -> None:
    save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    save(participant, "VS", VITAL_SIGNS, by=by_coordinator, submit=True, revision=1, now=LATER)
    save(
        participant,
        "VS",
        {**VITAL_SIGNS, "pulse": 80},
        by=by_coordinator,
        revision=2,
        reason="misread",
        now=LATER,
    )
    save(participant, "VS", {**VITAL_SIGNS, "pulse": 80}, by=by_coordinator, revision=3, now=LATER)
    others = sorted({*VITAL_SIGNS, "bsa", "bsaform"} - {"pulse"})
    assert listener.told == [
        ("asked", False, "DRAFT", "COORDINATOR", START),
        ("Saved", ["pulse"], ""),
        ("asked", True, "DRAFT", "COORDINATOR", LATER),
        ("Saved", others, ""),
        ("Submitted",),
        ("asked", True, "SUBMITTED", "COORDINATOR", LATER),
        ("Saved", ["pulse"], "misread"),
        ("Corrected", ["pulse"], "misread"),
        ("asked", True, "SUBMITTED", "COORDINATOR", LATER),
    ]


def test_a_guard_that_refuses_leaves_nothing(
    listener: Listener, participant: Participant, by_coordinator: Actor
) -> None:
    listener.refusal = "Not now."
    with pytest.raises(Refused, match=r"Not now\."):
        save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    assert stored("VS") == []
    assert [told[0] for told in listener.told] == ["asked"]


def test_a_subscriber_that_refuses_undoes_the_save(
    participant: Participant, by_coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(event: events.Saved) -> None:
        raise Refused(Text("The calendar cannot follow.", "访视计划无法生成。"))

    monkeypatch.setattr(events, "_table", lambda: ({events.Saved: (refuse,)}, ()))
    before = TrailEntry.objects.count()
    with pytest.raises(Refused, match="cannot follow"):
        save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    assert stored("VS") == []
    assert TrailEntry.objects.count() == before


def test_nothing_is_told_of_a_form_that_was_refused(
    listener: Listener, participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused):
        save(participant, "VS", {"pulse": 251}, by=by_coordinator)
    assert [told[0] for told in listener.told] == ["asked"]


# -- the whole table at work ---------------------------------------------------------------------------


def test_a_form_begins_its_visit_and_the_header_closes_it(
    participant: Participant, by_coordinator: Actor
) -> None:
    visit = Visit.objects.get(participant=participant, code="SCR")
    save(participant, "VS", {"pulse": 72}, by=by_coordinator)
    visit.refresh_from_db()
    assert visit.status == "STARTED"
    header = {"svdone": "Y", "svstdtc": START.date(), "svmode": "CLINIC"}
    save(participant, "SV", header, by=by_coordinator, submit=True)
    visit.refresh_from_db()
    assert visit.status == "DONE"
    not_done = {"svdone": "N", "svreasnd": "REFUSED"}
    save(participant, "SV", not_done, by=by_coordinator, revision=1, reason="she did not come")
    visit.refresh_from_db()
    assert visit.status == "MISSED"
    assert list(visit.statuses.values_list("status", "reason"))[-1] == ("MISSED", "REFUSED")


def test_recomputing_keeps_what_somebody_saved_since_the_form_was_read(
    participant: Participant, by_coordinator: Actor
) -> None:
    save(participant, "VS", {"height": Decimal(170), "weight": Decimal(70), "pulse": 72}, by=by_coordinator)
    (read_before,) = stored("VS")
    model: Any = forms()["VS"]
    computed = model.objects.get().bsa
    model.objects.update(pulse=80, revision=2, bsa=None)
    context = model.context(visit=read_before.visit, today=clock.day(START), now=START)

    derive_again(record=read_before, context=context, by=by_coordinator, now=START, reason="x")

    after = model.objects.get()
    assert (after.pulse, after.bsa, after.revision) == (80, computed, 3)
    assert computed is not None

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor, Permission
from accounts.models import Role, User
from eligibility.actions import confirm_eligible, declare_screen_failure, record_ruling
from eligibility.facts import Conclusion, Outcome
from eligibility.models import EligibilityDecision, Staging
from eligibility.selectors import assess, seen, stage_of
from participants.actions import set_anchor
from participants.models import Participant, Visit
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState
from records.findings import Refused
from records.models import TrailEntry
from tests.cast import actor, make_participant, make_person, make_site
from trial_edc.demo.walks import fill, walk_to_eligible, walk_to_screened

FORMS = ("DM", "MH", "VS", "LB", "STG", "IE")


@pytest.fixture
def by_data_manager(data_manager: User, site: Any) -> Actor:
    return actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)


def as_shown(participant: Participant, now: datetime) -> str:
    """What somebody who opens the page now has before them."""
    return seen(assess(participant, now))


def confirm(*, participant: Participant, by: Actor, now: datetime) -> EligibilityDecision:
    return confirm_eligible(participant=participant, saw=as_shown(participant, now), by=by, now=now)


def declare(*, participant: Participant, reason: str, by: Actor, now: datetime) -> EligibilityDecision:
    saw = as_shown(participant, now)
    return declare_screen_failure(participant=participant, saw=saw, reason=reason, by=by, now=now)


def refusal(action: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        action(**arguments)
    return str(refused.value.sentence)


def test_confirming_moves_the_participant_and_keeps_what_was_on_the_table(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=at_start)

    assert participant.status == ParticipantState.ELIGIBLE
    decision = EligibilityDecision.objects.get(participant=participant)
    assert (decision.outcome, decision.failing, decision.decided_by) == (
        "ELIGIBLE",
        [],
        by_investigator.person,
    )
    assert len(decision.snapshot["criteria"]) == 17
    assert decision.snapshot["stage"]["cnlc"] == "Ib"
    assert decision.snapshot["stage"]["edition"] == "2022"
    assert decision.snapshot["child_pugh"]["score"] == 5
    assert set(decision.snapshot["forms"]) == {"SV", *FORMS}
    ecog = decision.snapshot["criteria"][1]
    assert (ecog["id"], ecog["outcome"], ecog["answers"]) == ("I2", "PASS", {"VS.ecog": "0"})


def test_a_decision_stays_as_it_was_made(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=at_start)
    before = EligibilityDecision.objects.get(participant=participant).snapshot

    fill(participant, "VS", {"ecog": "2"}, by=by_coordinator, now=at_start, reason="Source checked")

    assert EligibilityDecision.objects.get(participant=participant).snapshot == before
    assert assess(participant, at_start).conclusion is Conclusion.INELIGIBLE
    for change in (
        "UPDATE eligibility_eligibilitydecision SET reason = 'x'",
        "DELETE FROM eligibility_sponsorruling",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_forms_that_are_not_submitted_are_named(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start, submit=False)
    sentence = refusal(confirm, participant=participant, by=by_investigator, now=at_start)
    assert sentence.startswith("These forms are not submitted yet: Demographics and informed consent; ")


def test_what_is_open_or_fails_is_named(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(
        participant,
        by=by_coordinator,
        now=at_start,
        VS={"ecog": "2"},
        LB={"hivab": "CONFIRM"},
        MH={"priorifn": "HEP"},
    )
    sentence = refusal(confirm, participant=participant, by=by_investigator, now=at_start)
    assert sentence == ("Not fulfilled: I2. Not known yet: E6. Waiting for a ruling of the sponsor: E5.")
    assert participant.status == ParticipantState.SCREENING


def test_only_an_investigator_of_the_site_decides(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, monitor: User, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    elsewhere = make_site("02")
    stranger = make_person("stranger", Role.INVESTIGATOR, elsewhere)
    for by in (
        by_coordinator,
        actor(monitor, Permission.SEE_PARTICIPANTS, participant.site),
        actor(stranger, Permission.DECIDE_ELIGIBILITY, elsewhere),
    ):
        said = refusal(confirm, participant=participant, by=by, now=at_start)
        assert said == "An investigator of this site decides on eligibility."
        assert refusal(declare, participant=participant, reason="Not suitable", by=by, now=at_start) == said


def test_nothing_is_decided_on_what_the_investigator_did_not_see(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    saw = as_shown(participant, at_start)
    decide: dict[str, Any] = {"participant": participant, "by": by_investigator, "now": at_start}
    changed = {"tbil": Decimal(19)}
    fill(participant, "LB", changed, by=by_coordinator, now=at_start, reason="Misread")
    said = "What the decision rests on changed after you opened this page. Read it again, then decide."
    for before in (saw, ""):
        assert refusal(confirm_eligible, saw=before, **decide) == said
        assert refusal(declare_screen_failure, saw=before, reason="Bilirubin too high", **decide) == said
    assert not EligibilityDecision.objects.exists()
    confirm(**decide)
    assert EligibilityDecision.objects.get().snapshot["forms"]["LB"] == 2


def test_a_ruling_that_changes_nothing_shown_changes_nothing(
    participant: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    by_data_manager: Actor,
    at_start: datetime,
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    saw = as_shown(participant, at_start)
    record_ruling(
        criterion="I3", reference="CLR-001", effective_from=date(2026, 9, 1), accepts=True, text="Included.",
        by=by_data_manager, now=at_start,
    )  # fmt: skip
    assert as_shown(participant, at_start) == saw
    confirm_eligible(participant=participant, saw=saw, by=by_investigator, now=at_start)


def test_whoever_decides_waits_for_those_who_save_before_anything_is_read(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    saw = as_shown(participant, at_start)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        confirm_eligible(participant=participant, saw=saw, by=by_investigator, now=at_start)
    statements = [one["sql"] for one in asked.captured_queries]
    waits = next(number for number, sql in enumerate(statements) if "pg_advisory_xact_lock(7309" in sql)
    reads = next(number for number, sql in enumerate(statements) if " FROM " in sql)
    assert waits < reads


def test_a_screen_failure_needs_a_criterion_and_a_reason(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    sentence = refusal(
        declare,
        participant=participant,
        reason="He prefers not",
        by=by_investigator,
        now=at_start,
    )
    assert sentence.startswith("No criterion fails.")

    fill(
        participant,
        "VS",
        {"ecog": "3"},
        by=by_coordinator,
        now=at_start,
        reason="Typing error",
        confirmed={"cnlcinv": "See above"},
    )
    assert (
        refusal(declare, participant=participant, reason="short", by=by_investigator, now=at_start)
        == "Write the reason in at least 10 characters."
    )

    declare(participant=participant, reason="Performance status 3", by=by_investigator, now=at_start)
    participant.refresh_from_db()
    assert participant.status == ParticipantState.SCREEN_FAILURE
    assert EligibilityDecision.objects.get(participant=participant).failing == ["I2", "I3"]
    assert participant.statuses.last().reason == "I2, I3: Performance status 3"  # type: ignore[union-attr]


def test_the_investigator_may_be_stricter_never_more_lenient(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    stricter = {"iestrict": ["E1"], "ieovrd": "Unstable angina in June"}
    walk_to_screened(participant, by=by_coordinator, now=at_start, IE=stricter)
    assert assess(participant, at_start).conclusion is Conclusion.ELIGIBLE
    assert refusal(confirm, participant=participant, by=by_investigator, now=at_start) == (
        "The investigator's own answer excludes: E1."
    )
    decision = declare(
        participant=participant, reason="Cardiac risk too high", by=by_investigator, now=at_start
    )
    assert (decision.failing, decision.stricter) == (["E1"], ["E1"])
    assert decision.snapshot["stricter_reason"] == "Unstable angina in June"


def test_stricter_answers_need_ten_characters(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        fill(
            participant,
            "IE",
            {"iestrict": ["E1"], "ieovrd": "No"},
            by=by_coordinator,
            now=at_start,
            submit=False,
        )
    assert [finding.item for finding in refused.value.findings] == ["ieovrd"]


def test_a_ruling_counts_for_everybody_from_its_day(
    participant: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    by_data_manager: Actor,
    at_start: datetime,
) -> None:
    small = {"tumnum": 2, "tummax": 25}
    walk_to_screened(participant, by=by_coordinator, now=at_start, STG=small)
    assert assess(participant, at_start).results[2].outcome is Outcome.RULING
    ruling = {
        "criterion": "I3",
        "reference": "CLR-001",
        "effective_from": date(2026, 9, 2),
        "accepts": True,
        "text": "Two or three tumours of at most 3 cm are included.",
        "now": at_start,
    }
    assert (
        refusal(record_ruling, **ruling, by=by_investigator)
        == "A data manager of all sites records rulings of the sponsor."
    )
    record_ruling(**ruling, by=by_data_manager)
    assert (
        refusal(record_ruling, **ruling, by=by_data_manager)
        == "A ruling with this number is recorded already."
    )
    assert refusal(
        record_ruling, **{**ruling, "criterion": "E2", "reference": "CLR-002"}, by=by_data_manager
    ) == ("This criterion leaves nothing to a ruling.")

    assert assess(participant, at_start).conclusion is Conclusion.PENDING
    tomorrow = at_start + timedelta(days=1)
    assert assess(participant, tomorrow).conclusion is Conclusion.ELIGIBLE
    decision = confirm(participant=participant, by=by_investigator, now=tomorrow)
    assert "CLR-001" in decision.snapshot["criteria"][2]["reason"]["en"]


def test_no_treatment_form_before_eligibility(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        fill(participant, "ARM", {}, by=by_coordinator, now=at_start, submit=False)
    assert str(refused.value.sentence) == "This form opens when the investigator has confirmed eligibility."


def test_vital_signs_of_another_visit_wait_too(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    screening = Visit.objects.get(participant=participant, code="SCR")
    Visit.objects.create(
        participant=participant,
        schedule=screening.schedule,
        code="H-C1",
        position=20,
        series="TREATMENT",
        label_en="HAIC cycle 1",
        label_zh="HAIC 第1疗程",
        forms=["VS"],
    )
    with pytest.raises(Refused):
        fill(
            participant,
            "VS",
            {"weight": 60},
            by=by_coordinator,
            now=at_start,
            visit_code="H-C1",
            submit=False,
        )


def test_stages_of_many_in_one_query(
    participant: Participant, by_coordinator: Actor, at_start: datetime, django_assert_num_queries: Any
) -> None:
    other = make_participant(participant.site, by_coordinator, initials="LW")
    unstaged = make_participant(participant.site, by_coordinator, initials="HM")
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    walk_to_screened(
        other, by=by_coordinator, now=at_start, STG={"vascinv": "Y", "pvtt": "II", "hvivc": "NONE"}
    )
    with django_assert_num_queries(1):
        stages = stage_of([participant, other, unstaged])
    assert stages == {participant.pk: "Ib", other.pk: "IIIa"}


def test_a_correction_recomputes_the_stage_in_the_same_breath(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    fill(
        participant,
        "LB",
        {"tbil": 60, "dbil": 20, "alb": 27, "inr": 2},
        by=by_coordinator,
        now=at_start,
        reason="Wrong sheet",
        confirmed=dict.fromkeys(("tbil", "alb", "inr"), "Seen on the report"),
    )
    staging = Staging.objects.get(participant=participant)
    assert (staging.cptot, staging.cpcls, staging.cnlc) == (10, "C", "IV")
    trail = TrailEntry.objects.filter(relation="eligibility_staging", operation="UPDATE").latest("id")
    assert trail.changes["cpcls"] == ["A", "C"]
    assert trail.reason.endswith("recomputed after a change to: Laboratory")
    assert trail.role == "COORDINATOR"


def test_an_open_adverse_event_of_grade_3_asks_for_the_investigators_judgement(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    event = {"aeterm": "fever", "aestdtc": "2026-09-01", "aetoxgr": 3, "aeout": "NOTRECOVERED"}
    fill(participant, "AE", event, by=by_coordinator, now=at_start, visit_code="LOG", submit=False)

    def e1() -> Any:
        return next(one for one in assess(participant, at_start).results if one.id == "E1")

    assert (e1().outcome, e1().value.en) == (Outcome.UNKNOWN, "fever grade 3")
    fill(participant, "IE", {"e1j": "TOLERATES"}, by=by_coordinator, now=at_start, reason="asked")
    assert e1().outcome is Outcome.PASS
    ended = {"aeout": "RECOVERED", "aeendtc": "2026-09-01"}
    fill(participant, "AE", ended, by=by_coordinator, now=at_start, visit_code="LOG", submit=False)
    assert e1().value.en == "None of grade 3 or more"


def test_an_event_after_assignment_says_nothing_about_eligibility(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    later = at_start + timedelta(days=5)
    event = {"aeterm": "fever", "aestdtc": "2026-09-04", "aetoxgr": 3, "aeout": "NOTRECOVERED"}
    fill(participant, "AE", event, by=by_coordinator, now=later, visit_code="LOG", submit=False)
    participant.arm = "HAIC"
    set_anchor(participant=participant, anchor=Anchor.A0, day=date(2026, 9, 3), by=by_coordinator, now=later)
    outcomes = {one.id: one.outcome for one in assess(participant, later).results}
    assert outcomes["E1"] is Outcome.PASS

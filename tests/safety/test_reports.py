"""Versions of a report: filed once, kept as they were, sent to those who are named, and never overwritten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from accounts.access import Access, Actor, Permission
from accounts.models import Site, User
from eligibility.models import AdverseEvent
from participants.models import Participant
from records import clock, study
from records.actions import remove_record
from records.findings import Overtaken, Refused
from safety.actions import acknowledge, add_recipient, file_report, retire_recipient
from safety.models import ReportRecipient, SaeDelivery, SaeReport
from safety.selectors.clocks import clock_of, recipients_of, running_clocks, susar_of, watched_events
from tests.cast import actor, make_participant
from tests.safety.entering import NOT_GIVEN, at, enter, serious

AWARE = "2026-10-01 08:00"
NOW = at("2026-10-01 12:00")


@pytest.fixture
def by(by_coordinator: Actor) -> Actor:
    return by_coordinator


@pytest.fixture
def by_data_manager(data_manager: User, site: Site) -> Actor:
    return actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)


@pytest.fixture
def event(participant: Participant, by: Actor) -> AdverseEvent:
    """A serious adverse event of which hardly anything is known."""
    clock.move_to(NOW)
    least = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": at(AWARE)}
    found: AdverseEvent = enter(participant, "AE", least, submit=False, by=by, now=at("2026-10-01 09:00"))
    return found


def filed(event: AdverseEvent, by: Actor, **changed: Any) -> SaeReport:
    event.refresh_from_db()
    given: dict[str, Any] = {
        "kind": "INITIAL",
        "revision": event.revision,
        "sent": at("2026-10-01 11:00"),
        "reporter": "Zhang Min",
        "information": "",
        "now": NOW,
        **changed,
    }
    return file_report(event=event, by=by, **given)


def refusal(event: AdverseEvent, by: Actor, **changed: Any) -> str:
    with pytest.raises(Refused) as refused:
        filed(event, by, **changed)
    return str(refused.value.sentence)


def test_the_least_makes_an_initial_report_and_stops_the_clock(event: AdverseEvent, by: Actor) -> None:
    settings = study.in_force(clock.day(NOW))
    running = clock_of(event, NOW, settings)
    assert running is not None and (running.light, running.reported) == ("GREEN", False)
    report = filed(event, by)
    assert (report.number, report.kind, report.reporter) == (1, "INITIAL", "Zhang Min")
    event.refresh_from_db()
    assert event.saerep == at("2026-10-01 11:00")
    assert report.revision == event.revision
    stopped = clock_of(event, NOW + timedelta(days=9), settings)
    assert stopped is not None and (stopped.light, stopped.reported) == ("GREEN", True)
    assert report.snapshot["participant"]["number"] == "01-001"
    assert report.snapshot["answers"]["aeterm"] == "liver abscess"
    words = {line["item"]: (line["en"], line["zh"]) for line in report.snapshot["lines"]}
    assert words["aeser"] == (["Serious", "Yes"], ["是否严重", "是"])


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reporter": "  "}, "Write who reports."),
        ({"sent": at("2026-10-01 07:59")}, "before awareness"),
        ({"sent": at("2026-10-01 12:01")}, "in the future"),
        ({"kind": "FOLLOWUP", "information": "x"}, "File the initial report first."),
        ({"kind": "NONSENSE"}, "Choose which report it is."),
    ],
)
def test_an_initial_report_is_refused_with_what_is_missing(
    event: AdverseEvent, by: Actor, changed: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(event, by, **changed)
    assert SaeReport.objects.count() == 0


@pytest.mark.parametrize("lacking", [{"aeser": None}, {"aeser": "N"}, {"saeaware": None}, {"aeterm": None}])
def test_without_event_seriousness_and_awareness_there_is_nothing_to_report(
    event: AdverseEvent, participant: Participant, by: Actor, lacking: dict[str, Any]
) -> None:
    enter(participant, "AE", lacking, repeat=1, submit=False, by=by, now=NOW)
    assert "A report needs the event" in refusal(event, by)


def test_only_people_of_the_site_report(
    event: AdverseEvent, site: Site, monitor: User, data_manager: User
) -> None:
    for person in (monitor, data_manager):
        by = actor(person, Permission.SEE_PARTICIPANTS, site)
        assert refusal(event, by) == "Your role does not report serious adverse events."


def test_versions_follow_one_another(event: AdverseEvent, participant: Participant, by: Actor) -> None:
    filed(event, by)
    assert "has been filed already" in refusal(event, by)
    assert refusal(event, by, kind="FOLLOWUP") == "Write what is new."
    news = {"kind": "FOLLOWUP", "information": "Drained under CT.", "sent": at("2026-10-01 11:30")}
    assert "before the version before it" in refusal(event, by, **{**news, "sent": at("2026-10-01 10:59")})
    follow_up = filed(event, by, **news)
    assert (follow_up.number, follow_up.follow_up, str(follow_up.words)) == (2, 1, "Follow-up report 1")
    final = {**news, "kind": "FINAL", "sent": NOW}
    assert "needs the form complete" in refusal(event, by, **final)
    complete = serious(AWARE, saerep=at("2026-10-01 11:00"))
    enter(participant, "AE", complete, repeat=1, missing=NOT_GIVEN, by=by, now=NOW)
    assert str(filed(event, by, **final).words) == "Final report"
    assert [one.number for one in SaeReport.objects.order_by("number")] == [1, 2, 3]
    assert SaeReport.objects.get(number=1).snapshot["answers"].get("aetoxgr") is None
    assert SaeReport.objects.get(number=3).snapshot["answers"]["aetoxgr"] == 3


def test_a_report_is_of_the_form_the_person_saw(
    event: AdverseEvent, participant: Participant, by: Actor
) -> None:
    seen = event.revision
    enter(participant, "AE", {"aetoxgr": 4}, repeat=1, submit=False, by=by, now=NOW)
    with pytest.raises(Overtaken):
        file_report(
            event=event,
            kind="INITIAL",
            revision=seen,
            sent=NOW,
            reporter="Zhang",
            information="",
            by=by,
            now=NOW,
        )


def test_the_time_in_the_form_and_in_the_report_is_one(
    event: AdverseEvent, participant: Participant, by: Actor
) -> None:
    enter(participant, "AE", {"saerep": at("2026-10-01 10:00")}, repeat=1, submit=False, by=by, now=NOW)
    assert "sent at 2026-10-01 10:00" in refusal(event, by)
    assert filed(event, by, sent=at("2026-10-01 10:00")).number == 1


def test_a_version_can_be_neither_changed_nor_removed_not_even_by_sql(event: AdverseEvent, by: Actor) -> None:
    report = filed(event, by)
    for statement in ("UPDATE safety_saereport SET information = 'x'", "DELETE FROM safety_saereport"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    event.refresh_from_db()
    with pytest.raises(Refused, match="cannot be removed"):
        remove_record(record=event, revision=event.revision, by=by, now=NOW, reason="by mistake")
    assert SaeReport.objects.get() == report


# -- recipients ----------------------------------------------------------------------------------------


def test_a_new_trial_knows_sponsor_institution_and_ethics_committee(site: Site) -> None:
    assert [one.kind for one in recipients_of(site)] == ["SPONSOR", "INSTITUTION", "ETHICS"]


def test_a_version_goes_to_those_named_for_its_site(
    event: AdverseEvent, by: Actor, by_data_manager: Actor, site: Site, other_site: Site
) -> None:
    named = {"kind": "OTHER", "contact": "", "by": by_data_manager, "now": NOW}
    add_recipient(site=other_site, name_en="Elsewhere", name_zh="他处", **named)
    mine = add_recipient(site=site, name_en="Here", name_zh="本处", **named)
    report = filed(event, by)
    assert [one.recipient.kind for one in report.deliveries.all()] == [
        "SPONSOR",
        "INSTITUTION",
        "ETHICS",
        "OTHER",
    ]
    retire_recipient(recipient=mine, by=by_data_manager, now=NOW)
    assert mine not in recipients_of(site)
    assert SaeDelivery.objects.filter(recipient=mine).count() == 1
    with pytest.raises(Refused, match="retired already"):
        retire_recipient(recipient=mine, by=by_data_manager, now=NOW)


def test_only_a_data_manager_names_recipients(by: Actor, site: Site) -> None:
    recipient = ReportRecipient.objects.earliest("pk")
    with pytest.raises(Refused):
        add_recipient(site=site, kind="OTHER", name_en="X", name_zh="某", contact="", by=by, now=NOW)
    with pytest.raises(Refused):
        retire_recipient(recipient=recipient, by=by, now=NOW)


def test_a_receipt_is_noted_once(
    event: AdverseEvent, by: Actor, by_data_manager: Actor, site: Site, monitor: User
) -> None:
    delivery = filed(event, by).deliveries.earliest("pk")
    with pytest.raises(Refused):
        acknowledge(delivery=delivery, note="", by=actor(monitor, Permission.SEE_PARTICIPANTS, site), now=NOW)
    noted = acknowledge(delivery=delivery, note="No. 2026-17", by=by_data_manager, now=NOW)
    assert (noted.acknowledged_by, noted.note) == (by_data_manager.person, "No. 2026-17")
    with pytest.raises(Refused, match="noted already"):
        acknowledge(delivery=delivery, note="", by=by, now=NOW)


# -- what is shown -------------------------------------------------------------------------------------


def access(person: User) -> Access:
    return Access.of(person, NOW.date())


def test_clocks_run_until_the_report_and_the_next_due_stands_first(
    event: AdverseEvent, participant: Participant, by: Actor, coordinator: User, other_site: Site
) -> None:
    settings = study.in_force(clock.day(NOW))
    other = make_participant(participant.site, by, initials="LM")
    earlier = {"aeterm": "bleeding", "aeser": "Y", "saeaware": at("2026-09-30 08:30")}
    enter(other, "AE", earlier, submit=False, by=by, now=NOW)
    unknown = {"aeterm": "collapse", "aeser": "Y"}
    enter(other, "AE", unknown, submit=False, by=by, now=NOW)
    enter(other, "AE", {"aeterm": "cough", "aeser": "N"}, submit=False, by=by, now=NOW)
    found = running_clocks(access(coordinator), NOW, settings)
    assert [(one.event.aeterm, one.mark) for one in found] == [
        ("collapse", "overdue"),
        ("bleeding", "overdue"),
        ("liver abscess", "open"),
    ]
    assert running_clocks(access(coordinator), NOW, settings, other_site) == []
    filed(event, by)
    assert len(running_clocks(access(coordinator), NOW, settings)) == 2
    assert len(watched_events(access(coordinator), NOW, settings, Q(participant=participant))) == 1


@pytest.mark.parametrize(
    ("minute", "mark"),
    [
        ("2026-10-02 01:59", "open"),
        ("2026-10-02 02:00", "partial"),
        ("2026-10-02 08:00", "partial"),
        ("2026-10-02 08:01", "overdue"),
    ],
)
def test_the_light_turns_at_18_and_after_24_hours(
    event: AdverseEvent, coordinator: User, minute: str, mark: str
) -> None:
    for seconds in (0, 59):
        now: datetime = at(minute) + timedelta(seconds=seconds)
        (found,) = running_clocks(access(coordinator), now, study.in_force(clock.day(now)))
        assert found.mark == mark


@pytest.mark.parametrize(
    ("criterion", "due"), [("aesdth", "2026-10-08"), ("aeslife", "2026-10-08"), ("aeshosp", "2026-10-16")]
)
def test_a_susar_is_due_7_or_15_days_after_the_sponsor_knows(
    event: AdverseEvent, participant: Participant, by: Actor, criterion: str, due: str
) -> None:
    settings = study.in_force(clock.day(NOW))
    answers = {"aerel_drug": "POSSIBLE", "saeexp": "N", criterion: "Y"}
    enter(participant, "AE", answers, repeat=1, submit=False, by=by, now=NOW)
    event.refresh_from_db()
    assert (event.susar, susar_of(event, settings)) == ("Y", None)
    filed(event, by)
    event.refresh_from_db()
    deadlines = susar_of(event, settings)
    assert deadlines is not None and deadlines.report.isoformat() == due

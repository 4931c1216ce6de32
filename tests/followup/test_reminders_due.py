"""Reminders: which become due to whom, and how they are gathered into messages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, Actor, Permission
from accounts.models import Role, RoleHeld, Site, User
from eligibility.models import AdverseEvent
from followup.actions import create_due_reminders, gather_messages, set_rule, set_wishes
from followup.due_reminders import rules_on
from followup.letters import letter
from followup.models import Reminder, ReminderMessage
from followup.reminder_rules import DAY, About, Channel
from followup.selectors import messages_to_send
from followup.workflow import MessageState, ReminderState
from participants.actions import move_participant, move_visit
from participants.models import Participant, Visit
from participants.workflow import ParticipantState, VisitState
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from safety.actions import add_recipient, file_report
from tests.cast import START, actor, make_participant, make_person
from tests.followup.conftest import Mailbox, counted
from tests.followup.reminded import CLOSING, OVERDUE, find, messages, sent
from tests.safety.entering import at, enter
from trial_edc.demo.walks import fill


@pytest.fixture
def reminder(participant: Participant) -> Reminder:
    return find(CLOSING)[0]


@pytest.fixture
def by_manager(data_manager: User, site: Site) -> Actor:
    return actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)


def states() -> list[tuple[str, str]]:
    """Of each reminder its rule and where it stands."""
    return [
        (one.rule, one.sending.status if one.sending else one.status)
        for one in Reminder.objects.select_related("message").order_by("pk")
    ]


# ---- which become due ------------------------------------------------------------------------------


def rules(now: datetime) -> list[str]:
    return [reminder.rule.removeprefix("visit-") for reminder in find(now)]


def test_a_visit_is_reminded_of_once_a_window_by_each_rule(participant: Participant) -> None:
    visit = Visit.objects.get(code="SCR")
    visit.status = VisitState.PLANNED
    visit.save()
    assert rules(START) == ["opens"]
    assert rules(START + timedelta(days=24)) == ["opens"]
    assert rules(START + timedelta(days=25)) == ["opens", "closing"]
    assert rules(START + timedelta(days=28)) == ["opens", "closing"]
    assert rules(START + timedelta(days=29)) == ["opens", "closing", "overdue"]
    assert rules(START + timedelta(days=300)) == ["opens", "closing", "overdue"]


def test_a_visit_that_has_begun_needs_no_word_that_its_window_opens(participant: Participant) -> None:
    assert Visit.objects.get(code="SCR").status == VisitState.STARTED
    assert rules(START) == []
    assert rules(CLOSING) == ["closing"]


def test_a_visit_that_stays_overdue_is_brought_before_the_investigator(
    participant: Participant, investigator: User
) -> None:
    assert {one.recipient for one in find(START + timedelta(days=34))} == {
        RoleHeld.objects.get(role=Role.COORDINATOR).user
    }
    [escalated] = [one for one in find(START + timedelta(days=35)) if one.rule == "visit-escalation"]
    assert escalated.recipient == investigator


def test_an_earlier_step_not_sent_in_time_is_not_sent_any_more(
    participant: Participant, mailbox: Mailbox
) -> None:
    find(CLOSING)
    find(OVERDUE)
    assert states() == [("visit-closing", "CANCELLED"), ("visit-overdue", "DUE")]
    old, new = messages()
    assert [sent(old).status, sent(new).status] == [MessageState.CANCELLED, MessageState.SENT]
    assert [one["Message-ID"] for one in mailbox.messages] == [new.message_id]


def test_every_active_coordinator_of_the_site_with_an_address_is_written_to(
    site: Site, other_site: Site, participant: Participant, coordinator: User, investigator: User
) -> None:
    second = make_person("second", Role.COORDINATOR, site)
    make_person("elsewhere", Role.COORDINATOR, other_site)
    for username, change in (("gone", {"is_active": False}), ("silent", {"email": ""})):
        person = make_person(username, Role.COORDINATOR, site)
        User.objects.filter(pk=person.pk).update(**change)
    former = make_person("former", Role.COORDINATOR, site)
    RoleHeld.objects.filter(user=former).update(ends_on=date(2026, 9, 26))
    assert {found.recipient for found in find(CLOSING)} == {coordinator, second}


def test_a_window_that_moved_is_another_reminder_and_the_unsent_one_is_not_needed(reminder: Reminder) -> None:
    visit = reminder.visit
    assert visit is not None
    visit.window_close = date(2026, 9, 30)
    visit.save()
    old, new = find(CLOSING)
    assert (old.status, new.status) == (ReminderState.CANCELLED, ReminderState.IN_MESSAGE)
    assert (new.rule, new.window_close) == ("visit-closing", date(2026, 9, 30))


@pytest.mark.parametrize("state", [VisitState.DONE, VisitState.MISSED])
def test_a_visit_done_or_missed_drops_what_was_not_sent(
    reminder: Reminder, state: VisitState, by_coordinator: Actor, mailbox: Mailbox
) -> None:
    [message] = messages()
    visit = Visit.objects.get(pk=reminder.visit_id)
    move_visit(visit=visit, to=state, by=by_coordinator, now=CLOSING)
    assert sent(message).status == MessageState.CANCELLED
    move_visit(visit=visit, to=VisitState.STARTED, by=by_coordinator, now=CLOSING)
    find(CLOSING)
    assert states() == [("visit-closing", "DUE")]
    assert sent(message).status == MessageState.SENT


def test_a_submitted_visit_header_drops_the_reminders_of_its_visit_at_once(
    reminder: Reminder, by_coordinator: Actor
) -> None:
    header = {"svdone": "Y", "svstdtc": clock.day(START), "svmode": "CLINIC"}
    fill(reminder.participant, "SV", header, by=by_coordinator, now=CLOSING)
    assert states() == [("visit-closing", "CANCELLED")]
    assert [message.status for message in messages()] == [MessageState.CANCELLED]


def test_a_message_keeps_the_visits_that_are_still_due(
    site: Site, by_coordinator: Actor, at_start: datetime, mailbox: Mailbox
) -> None:
    first, second = make_participant(site, by_coordinator), make_participant(site, by_coordinator)
    find(CLOSING)
    visit = Visit.objects.get(participant=first, code="SCR")
    move_visit(visit=visit, to=VisitState.DONE, by=by_coordinator, now=CLOSING)
    [message] = messages()
    assert sent(message).status == MessageState.SENT
    [mail] = mailbox.messages
    assert first.number not in mail.get_content()
    assert second.number in mail.get_content()


def test_nobody_is_reminded_of_a_participant_who_left(reminder: Reminder, by_coordinator: Actor) -> None:
    move_participant(
        participant=reminder.participant, to=ParticipantState.WITHDRAWN, by=by_coordinator, now=CLOSING
    )
    assert [found.status for found in find(CLOSING)] == [ReminderState.CANCELLED]


def test_somebody_who_is_no_coordinator_any_more_is_not_written_to(
    reminder: Reminder, coordinator: User, mailbox: Mailbox
) -> None:
    RoleHeld.objects.filter(user=coordinator).update(ends_on=date(2026, 9, 26))
    assert sent(messages()[0]).status == MessageState.CANCELLED
    assert mailbox.kept == []


def test_searching_takes_the_same_number_of_queries_for_one_visit_and_for_many(
    site: Site, by_coordinator: Actor, at_start: datetime
) -> None:
    def queries(participants: int) -> int:
        for _number in range(participants):
            make_participant(site, by_coordinator)
        clock.move_to(CLOSING)
        with counted() as found:
            create_due_reminders(by=SYSTEM, now=CLOSING)
        clock.move_to(START)
        return len(found)

    assert (queries(1), queries(8)) == (9, 9)
    assert Reminder.objects.count() == 9


# ---- gathered into messages ------------------------------------------------------------------------


def test_what_comes_due_after_the_message_of_the_day_waits_for_the_next(
    site: Site, by_coordinator: Actor, at_start: datetime, mailbox: Mailbox
) -> None:
    make_participant(site, by_coordinator)
    find(CLOSING)
    assert sent(messages()[0]).status == MessageState.SENT
    clock.move_to(START)
    make_participant(site, by_coordinator)
    find(CLOSING + timedelta(hours=5))
    assert [one.status for one in Reminder.objects.order_by("pk")] == ["IN_MESSAGE", "WAITING"]
    find(CLOSING + timedelta(hours=21, minutes=59))  # 07:59
    assert len(messages()) == 1
    find(CLOSING + timedelta(hours=22))
    assert [message.reminders.count() for message in messages()] == [1, 1]


def test_what_comes_due_before_the_message_of_the_day_has_left_goes_with_it(
    site: Site, by_coordinator: Actor, at_start: datetime
) -> None:
    make_participant(site, by_coordinator)
    find(CLOSING)
    clock.move_to(START)
    make_participant(site, by_coordinator)
    find(CLOSING + timedelta(hours=1))
    assert [message.reminders.count() for message in messages()] == [2]


def test_gathered_twice_or_with_a_clock_put_back_it_is_one_message(reminder: Reminder) -> None:
    for now in (CLOSING, CLOSING - timedelta(hours=1), CLOSING + timedelta(minutes=1)):
        gather_messages(by=SYSTEM, now=now)
        create_due_reminders(by=SYSTEM, now=now)
    assert len(messages()) == Reminder.objects.count() == 1


def test_nothing_is_sent_in_the_recipients_night(
    participant: Participant, coordinator: User, mailbox: Mailbox
) -> None:
    set_wishes(
        zone="Europe/Berlin",
        quiet_from=time(21),
        quiet_until=time(9),
        phone="",
        wechat="",
        by=Actor(coordinator, "", None),
        now=START,
    )
    find(at("2026-09-27 14:59"))  # 08:59 in Berlin
    assert messages() == []
    find(at("2026-09-27 15:00"))
    [message] = messages()
    clock.move_to(at("2026-09-28 03:00"))  # 21:00 in Berlin, the mail server was down till then
    assert sent(message).status == MessageState.DUE
    assert message.next_try_at == at("2026-09-28 15:00")
    assert (message.attempts.count(), mailbox.kept) == (0, [])
    assert messages_to_send(at("2026-09-28 14:59")) == []
    clock.move_to(at("2026-09-28 15:00"))
    assert sent(message).status == MessageState.SENT


def test_somebody_of_two_sites_has_one_message_of_each(
    site: Site, other_site: Site, by_coordinator: Actor, coordinator: User, at_start: datetime
) -> None:
    RoleHeld.objects.create(
        user=coordinator, role=Role.COORDINATOR, site=other_site, starts_on=date(2026, 1, 1)
    )
    make_participant(site, by_coordinator)
    make_participant(other_site, actor(coordinator, Permission.ENTER_DATA, other_site))
    find(CLOSING)
    assert {message.site for message in messages()} == {site, other_site}
    assert len(messages()) == 2


# ---- the report of a serious adverse event ---------------------------------------------------------


@pytest.fixture
def event(participant: Participant, by_coordinator: Actor, coordinator: User) -> Any:
    """Known at 20:00, so due at 20:00 the day after."""
    found = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": at("2026-09-02 20:00")}
    clock.move_to(at("2026-09-02 20:30"))
    return enter(participant, "AE", found, submit=False, by=by_coordinator, now=at("2026-09-02 20:30"))


def reports() -> list[str]:
    return list(Reminder.objects.filter(about=About.REPORT).order_by("pk").values_list("rule", flat=True))


def test_a_report_is_reminded_of_by_the_minute_one_message_each(event: Any, mailbox: Mailbox) -> None:
    find(at("2026-09-03 13:59"))
    assert reports() == []
    find(at("2026-09-03 14:00"))
    find(at("2026-09-03 14:01"))
    assert reports() == ["report-6h"]
    [message] = messages()
    assert (message.urgent, sent(message).status) == (True, MessageState.SENT)
    [mail] = mailbox.messages
    assert mail["Subject"] == "Clinical trial: a report is due"
    assert mail.get_content().splitlines()[0] == (
        "01-001 · a report is due by 2026-09-03 20:00 (Asia/Shanghai)"
    )
    assert "abscess" not in mail.get_content() and "adverse" not in mail.get_content()


def test_it_waits_neither_for_the_morning_nor_for_the_message_of_the_day(
    event: Any, mailbox: Mailbox
) -> None:
    find(at("2026-09-03 20:00"))  # the night begins
    [message] = messages()
    assert reports() == ["report-late"]
    assert sent(message).status == MessageState.SENT


def test_a_step_not_sent_gives_way_to_the_next(event: Any, mailbox: Mailbox) -> None:
    find(at("2026-09-03 14:00"))
    find(at("2026-09-03 19:00"))
    assert states() == [("report-6h", "CANCELLED"), ("report-1h", "DUE")]


def test_a_report_sent_is_not_reminded_of(event: Any, by_coordinator: Actor, mailbox: Mailbox) -> None:
    find(at("2026-09-03 14:00"))
    reported = {
        "aeterm": "liver abscess",
        "aeser": "Y",
        "saeaware": at("2026-09-02 20:00"),
        "saerep": at("2026-09-03 14:00"),
    }
    clock.move_to(at("2026-09-03 14:01"))
    enter(
        event.participant,
        "AE",
        reported,
        submit=False,
        by=by_coordinator,
        now=at("2026-09-03 14:01"),
        repeat=1,
    )
    assert [sent(message).status for message in messages()] == [MessageState.CANCELLED]
    find(at("2026-09-03 21:00"))
    assert (reports(), mailbox.kept) == (["report-6h"], [])


# ---- rules that a data manager sets ----------------------------------------------------------------

SOON = {
    "name": "visit-soon",
    "about": About.CLOSES,
    "after": -10 * DAY,
    "role": "INVESTIGATOR",
    "channel": Channel.MAIL,
    "visits": ("SCR",),
    "active": True,
    "effective_from": date(2026, 9, 5),
    "reason": "Screenings were often late.",
}


def test_a_rule_holds_from_its_day_on_until_its_next_version(
    participant: Participant, investigator: User, by_manager: Actor
) -> None:
    set_rule(**SOON, by=by_manager, now=START)
    assert "visit-soon" not in {rule.name for rule in rules_on(date(2026, 9, 4))}
    assert rules(START + timedelta(days=17)) == []
    assert rules(START + timedelta(days=18)) == ["soon"]
    ended = {**SOON, "active": False, "effective_from": clock.day(CLOSING)}
    set_rule(**ended, by=by_manager, now=START + timedelta(days=19))
    assert "visit-soon" in {rule.name for rule in rules_on(clock.day(CLOSING) - DAY)}
    find(CLOSING)
    assert states() == [("visit-soon", "CANCELLED"), ("visit-closing", "DUE")]


def test_a_first_rule_can_be_ended(participant: Participant, by_manager: Actor) -> None:
    rule = next(one for one in rules_on(date(2026, 9, 1)) if one.name == "visit-closing")
    set_rule(
        name=rule.name,
        about=rule.about,
        after=rule.after,
        role=rule.role,
        channel=rule.channel,
        visits=(),
        active=False,
        effective_from=date(2026, 9, 1),
        reason="Too many.",
        by=by_manager,
        now=START,
    )
    assert find(CLOSING) == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Visit Soon"},
        {"name": "x" * 21},
        {"after": timedelta(hours=5)},
        {"after": timedelta(days=366)},
        {"role": "SYSTEM_ADMINISTRATOR"},
        {"role": "NOBODY"},
        {"visits": ("NOSUCH",)},
        {"about": About.REPORT},
        {"effective_from": date(2026, 8, 31)},
        {"reason": " "},
        {
            "name": "visit-closing",
            "after": -3 * DAY,
            "role": "COORDINATOR",
            "visits": (),
        },
    ],
)
def test_a_rule_that_cannot_be_is_refused(at_start: datetime, by_manager: Actor, change: Any) -> None:
    with pytest.raises(Refused):
        set_rule(**{**SOON, **change}, by=by_manager, now=START)
    set_rule(**SOON, by=by_manager, now=START)


def test_only_a_data_manager_sets_rules(at_start: datetime, by_coordinator: Actor) -> None:
    with pytest.raises(Refused):
        set_rule(**SOON, by=by_coordinator, now=START)


# ---- pages -----------------------------------------------------------------------------------------


def test_a_data_manager_changes_a_rule_on_its_page(
    client: Client, at_start: datetime, data_manager: User, coordinator: User
) -> None:
    client.force_login(data_manager)
    typed = {
        "about": "CLOSES",
        "amount": "5",
        "unit": "DAYS",
        "side": "BEFORE",
        "visits": "scr，y-f1",
        "role": "COORDINATOR",
        "channel": "MAIL",
        "active": "on",
        "effective_from": "2026-09-02",
        "reason": "Three days were too few.",
    }
    address = reverse("followup:change_rule", args=["visit-closing"])
    assert 'value="3"' in client.get(address).content.decode()
    assert client.post(address, {**typed, "visits": "nosuch"}).status_code == 422
    assert client.post(address, {**typed, "visits": "scr"}).status_code == 302
    rule = next(one for one in rules_on(date(2026, 9, 2)) if one.name == "visit-closing")
    assert (rule.after, rule.visits) == (-5 * DAY, ("SCR",))
    client.force_login(coordinator)
    assert client.post(address, typed).status_code == 403
    page = client.get(reverse("followup:rules")).content.decode()
    assert "3 days before a visit&#x27;s window closes" in page  # today's
    assert "Three days were too few." in page


def test_everybody_says_for_themselves_how_they_are_reminded(
    client: Client, at_start: datetime, coordinator: User
) -> None:
    client.force_login(coordinator)
    address = reverse("followup:wishes")
    typed = {
        "zone": "Europe/Berlin",
        "quiet_from": "22:00",
        "quiet_until": "07:30",
        "phone": "+86 138-0000-0000",
        "wechat": "lm_01",
    }
    for wrong in ({"phone": "13800000000"}, {"zone": "Europe/Nowhere"}, {"wechat": "a b"}):
        assert client.post(address, {**typed, **wrong}).status_code == 422
    assert client.post(address, typed).status_code == 302
    wishes = coordinator.reminder_preference
    assert (wishes.zone, wishes.quiet_until, wishes.phone) == ("Europe/Berlin", time(7, 30), "+8613800000000")
    [row] = TrailEntry.objects.filter(relation="followup_reminderpreference")
    assert row.changes["phone"] == ["hidden", "hidden"]


def test_the_system_keeps_no_wishes_of_its_own(at_start: datetime) -> None:
    with pytest.raises(PermissionDenied):
        set_wishes(
            zone="Asia/Shanghai",
            quiet_from=time(20),
            quiet_until=time(8),
            phone="",
            wechat="",
            by=SYSTEM,
            now=START,
        )
    assert ReminderMessage.objects.count() == 0


# ---- a SUSAR -----------------------------------------------------------------------------------------


@pytest.fixture
def susar(participant: Participant, by_coordinator: Actor) -> AdverseEvent:
    """Fatal, known and reported to the sponsor on 1 October: to the authority by the 8th, and again by the 16th."""
    answers = {
        "aeterm": "liver abscess",
        "aeser": "Y",
        "saeaware": at("2026-10-01 08:00"),
        "aesdth": "Y",
        "aerel_drug": "POSSIBLE",
        "saeexp": "N",
    }
    clock.move_to(at("2026-10-01 12:00"))
    event: AdverseEvent = enter(
        participant, "AE", answers, submit=False, by=by_coordinator, now=at("2026-10-01 12:00")
    )
    filed(event, "INITIAL", "2026-10-01 12:00", by_coordinator)
    return event


def filed(event: AdverseEvent, kind: str, sent_at: str, by: Actor) -> None:
    event.refresh_from_db()
    information = "" if kind == "INITIAL" else "Culture: no growth."
    report = {"kind": kind, "revision": event.revision, "reporter": "Zhang Min", "information": information}
    file_report(event=event, sent=at(sent_at), by=by, now=at(sent_at), **report)  # type: ignore[arg-type]


def an_authority(by_manager: Actor, now: datetime) -> None:
    names = {"name_en": "Agency", "name_zh": "监管部门", "contact": ""}
    add_recipient(site=None, kind="AUTHORITY", **names, by=by_manager, now=now)


def susar_rules(now: str) -> list[str]:
    """The rules about a SUSAR of which somebody has been reminded by now."""
    return [one.rule for one in find(at(now)) if one.about == About.SUSAR]


def test_data_managers_are_reminded_of_the_days_of_a_susar(
    susar: AdverseEvent, data_manager: User, mailbox: Mailbox
) -> None:
    assert susar_rules("2026-10-05 23:59") == []
    assert susar_rules("2026-10-06 09:00") == ["susar-soon"]
    [message] = [one for one in messages() if one.recipient == data_manager]
    assert (message.urgent, sent(message).status) == (False, MessageState.SENT)
    [mail] = mailbox.messages
    assert mail["Subject"] == "Clinical trial: a report is due"
    assert mail.get_content().splitlines()[0] == "01-001 · a report is due by 2026-10-08"
    assert "abscess" not in mail.get_content() and "SUSAR" not in mail.get_content()
    assert susar_rules("2026-10-07 23:59") == ["susar-soon"]
    assert susar_rules("2026-10-08 09:00") == ["susar-soon", "susar-last-day"]
    assert susar_rules("2026-10-09 09:00") == ["susar-soon", "susar-last-day", "susar-late"]


def test_each_report_to_an_authority_settles_one_day_of_a_susar(
    susar: AdverseEvent, by_coordinator: Actor, by_manager: Actor
) -> None:
    # The initial report went to nobody: there was no authority among the recipients then.
    an_authority(by_manager, at("2026-10-02 09:00"))
    clock.move_to(at("2026-10-03 09:00"))
    filed(susar, "FOLLOWUP", "2026-10-03 09:00", by_coordinator)
    assert susar_rules("2026-10-13 23:59") == []
    assert susar_rules("2026-10-14 09:00") == ["susar-soon"]
    filed(susar, "FOLLOWUP", "2026-10-14 10:00", by_coordinator)
    assert susar_rules("2026-10-17 09:00") == ["susar-soon"]


def test_a_visit_and_a_report_of_one_day_stand_in_one_message(
    susar: AdverseEvent, by_manager: Actor, data_manager: User, site: Site
) -> None:
    set_rule(
        name="manager-overdue",
        about=About.CLOSES,
        after=DAY,
        role=Role.DATA_MANAGER,
        channel=Channel.MAIL,
        visits=(),
        active=True,
        effective_from=date(2026, 10, 6),
        reason="Data management follows overdue visits.",
        by=by_manager,
        now=at("2026-10-05 09:00"),
    )
    find(at("2026-10-06 09:00"))
    [message] = [one for one in messages() if one.recipient == data_manager]
    written = letter(message, list(message.reminders.order_by("pk")), at("2026-10-06 09:00"))
    assert written.title == "Clinical trial: visits and reports need your attention"
    assert "01-001 · a report is due by 2026-10-08" in written.items

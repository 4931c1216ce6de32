"""Reminders: which become due, what the mail says, and what each answer of a real mail server leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from followup.delivery import deliver

from accounts.access import SYSTEM, Access, Actor
from accounts.models import Role, RoleHeld, Site, User
from followup import sending
from followup.actions import create_due_reminders
from followup.actions.reminders import MOST_TRIES, WAITS, NotMine
from followup.models import Reminder, ReminderAttempt
from followup.selectors import reminders_of, reminders_to_send, troubled_reminders
from followup.workflow import Outcome, ReminderKind, ReminderState, Settlement
from participants.actions import move_participant, move_visit
from participants.models import Participant, Visit
from participants.workflow import ParticipantState, VisitState
from records import clock
from records.models import TrailEntry
from tests.cast import START, make_participant, make_person
from tests.followup.conftest import Mailbox, counted
from trial_edc.demo.walks import fill

CLOSING = START + timedelta(days=26)  # screening closes on day 28
OVERDUE = START + timedelta(days=30)


def find(now: datetime) -> list[Reminder]:
    clock.move_to(now)
    create_due_reminders(by=SYSTEM, now=now)
    return list(Reminder.objects.order_by("pk"))


@pytest.fixture
def reminder(participant: Participant) -> Reminder:
    return find(CLOSING)[0]


def sent(reminder: Reminder) -> Reminder:
    sending.send(reminder.pk)
    reminder.refresh_from_db()
    return reminder


def last(reminder: Reminder) -> ReminderAttempt:
    return reminder.attempts.latest("number")


# ---- which become due ------------------------------------------------------------------------------


def kinds(now: datetime) -> list[str]:
    return [reminder.kind for reminder in find(now)]


def test_a_visit_is_reminded_of_once_a_window_for_each_kind(participant: Participant) -> None:
    visit = Visit.objects.get(code="SCR")
    visit.status = VisitState.PLANNED
    visit.save()
    assert kinds(START) == ["OPENS"]
    assert kinds(START + timedelta(days=24)) == ["OPENS"]
    assert kinds(START + timedelta(days=25)) == ["OPENS", "CLOSING"]
    assert kinds(START + timedelta(days=28)) == ["OPENS", "CLOSING"]
    assert kinds(START + timedelta(days=29)) == ["OPENS", "CLOSING", "OVERDUE"]
    assert kinds(START + timedelta(days=300)) == ["OPENS", "CLOSING", "OVERDUE"]


def test_a_visit_that_has_begun_needs_no_word_that_its_window_opens(participant: Participant) -> None:
    assert Visit.objects.get(code="SCR").status == VisitState.STARTED
    assert kinds(START) == []
    assert kinds(CLOSING) == ["CLOSING"]


def test_an_earlier_kind_not_sent_in_time_is_not_sent_any_more(
    participant: Participant, mailbox: Mailbox
) -> None:
    closing = find(CLOSING)[0]
    overdue = find(OVERDUE)[1]
    assert [sent(closing).status, sent(overdue).status] == [ReminderState.CANCELLED, ReminderState.SENT]
    assert [message["Message-ID"] for message in mailbox.messages] == [overdue.message_id]


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
    visit.window_close = date(2026, 9, 30)
    visit.save()
    old, new = find(CLOSING)
    assert (old.status, new.status) == (ReminderState.CANCELLED, ReminderState.DUE)
    assert old.message_id != new.message_id
    assert (new.kind, new.window_close) == (ReminderKind.CLOSING, date(2026, 9, 30))


@pytest.mark.parametrize("state", [VisitState.DONE, VisitState.MISSED])
def test_a_visit_done_or_missed_drops_what_was_not_sent(
    reminder: Reminder, state: VisitState, by_coordinator: Actor, mailbox: Mailbox
) -> None:
    visit = Visit.objects.get(pk=reminder.visit_id)
    move_visit(visit=visit, to=state, by=by_coordinator, now=CLOSING)
    assert sent(reminder).status == ReminderState.CANCELLED
    move_visit(visit=visit, to=VisitState.STARTED, by=by_coordinator, now=CLOSING)
    assert [found.status for found in find(CLOSING)] == [ReminderState.DUE]
    assert sent(reminder).status == ReminderState.SENT


def test_a_submitted_visit_header_drops_the_reminders_of_its_visit_at_once(
    reminder: Reminder, by_coordinator: Actor
) -> None:
    header = {"svdone": "Y", "svstdtc": clock.day(START), "svmode": "CLINIC"}
    fill(reminder.participant, "SV", header, by=by_coordinator, now=CLOSING)
    reminder.refresh_from_db()
    assert reminder.status == ReminderState.CANCELLED


def test_nobody_is_reminded_of_a_participant_who_left(reminder: Reminder, by_coordinator: Actor) -> None:
    move_participant(
        participant=reminder.participant, to=ParticipantState.WITHDRAWN, by=by_coordinator, now=CLOSING
    )
    assert [found.status for found in find(CLOSING)] == [ReminderState.CANCELLED]


def test_somebody_who_is_no_coordinator_any_more_is_not_written_to(
    reminder: Reminder, coordinator: User, mailbox: Mailbox
) -> None:
    RoleHeld.objects.filter(user=coordinator).update(ends_on=date(2026, 9, 26))
    assert sent(reminder).status == ReminderState.CANCELLED
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

    assert (queries(1), queries(8)) == (6, 6)
    assert Reminder.objects.count() == 9


# ---- what the mail says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "subject", "first_line"),
    [
        ("en", "Clinical trial: a visit needs your attention", "A visit in the trial needs your attention."),
        ("zh-hans", "临床研究：有访视需要处理", "研究中有一项访视需要您处理。"),
    ],
)
def test_the_mail_is_in_the_recipients_language(
    reminder: Reminder, coordinator: User, mailbox: Mailbox, language: str, subject: str, first_line: str
) -> None:
    coordinator.language = language
    coordinator.save()
    assert sent(reminder).status == ReminderState.SENT
    [message] = mailbox.messages
    assert message["Subject"] == subject
    assert message.get_content().splitlines()[0] == first_line


def test_the_mail_says_where_to_look_and_nothing_of_whom(
    reminder: Reminder, mailbox: Mailbox, settings: Any
) -> None:
    settings.SITE_ADDRESS = "https://edc.example.org"
    settings.DEFAULT_FROM_EMAIL = "Trial <trial@example.org>"
    sent(reminder)
    [message] = mailbox.messages
    participant = reminder.participant
    assert mailbox.recipients == ["coordinator@example.org"]
    assert message.get_content().splitlines()[4] == f"https://edc.example.org/participants/{participant.pk}/"
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(message["Date"]) - CLOSING) < timedelta(minutes=1)
    whole = f"{message.as_string()} {message.get_content()}"
    site = participant.site
    clinical = [participant.number, participant.initials, "SCR", "Screening", "HAIC", "Y-90", "liver"]
    assert [word for word in [*clinical, site.name_en, site.name_zh] if word in whole] == []


def test_the_message_id_is_the_reminders_own_and_does_not_show_its_key(reminder: Reminder) -> None:
    local, _, host = reminder.message_id.strip("<>").partition("@")
    assert (len(local), host) == (40, "127.0.0.1")


# ---- what the mail server answers ------------------------------------------------------------------


def test_sending_what_was_sent_does_nothing(reminder: Reminder, mailbox: Mailbox) -> None:
    assert [sent(reminder).status, sent(reminder).status] == [ReminderState.SENT] * 2
    assert (len(mailbox.kept), reminder.attempts.count()) == (1, 1)
    attempt = last(reminder)
    assert (attempt.outcome, attempt.answer, attempt.fault) == (Outcome.SENT, 250, "")


def test_a_passing_refusal_is_tried_again_ever_later_and_then_shown_as_failed(
    reminder: Reminder, mailbox: Mailbox
) -> None:
    mailbox.answers["RCPT"] = "451 Try again later"
    now, waits, states = CLOSING, [], []
    for _try in range(MOST_TRIES):
        clock.move_to(now)
        states.append(sent(reminder).status)
        waits.append(round((reminder.next_try_at - now) / timedelta(minutes=1)))
        assert reminders_to_send(now) == []
        now = reminder.next_try_at
    assert states == [ReminderState.DUE] * len(WAITS) + [ReminderState.FAILED]
    assert waits[:-1] == [1, 5, 15, 60, 240]
    assert [(one.outcome, one.answer) for one in reminder.attempts.all()] == [
        (Outcome.RETRY, 451)
    ] * MOST_TRIES
    assert sent(reminder).attempts.count() == MOST_TRIES


def test_a_reminder_waits_until_its_next_try(reminder: Reminder, mailbox: Mailbox) -> None:
    mailbox.answers["RCPT"] = "451 Try again later"
    sent(reminder)
    mailbox.answers.clear()
    assert sent(reminder).status == ReminderState.DUE
    assert reminders_to_send(reminder.next_try_at) == [reminder.pk]
    clock.move_to(reminder.next_try_at)
    assert sent(reminder).status == ReminderState.SENT
    assert len(mailbox.kept) == 1


def drop_the_connection(mailbox: Mailbox, settings: Any) -> None:
    mailbox.answers["DATA"] = "drop"


def say_no_to_the_content(mailbox: Mailbox, settings: Any) -> None:
    mailbox.answers["DATA"] = "554 Not this content"


def say_later_to_the_content(mailbox: Mailbox, settings: Any) -> None:
    mailbox.answers["DATA"] = "452 Mailbox full"


def say_no_to_the_recipient(mailbox: Mailbox, settings: Any) -> None:
    mailbox.answers["RCPT"] = "550 No such person here"


def point_to_a_closed_port(mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_PORT = 1


def ask_for_encryption_the_server_has_not(mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_USE_TLS = True


@pytest.mark.parametrize(
    ("trouble", "state", "outcome", "answer", "fault", "left"),
    [
        (drop_the_connection, "UNCERTAIN", "UNCERTAIN", None, "SMTPServerDisconnected", True),
        (say_no_to_the_content, "FAILED", "REFUSED", 554, "", True),
        (say_later_to_the_content, "DUE", "RETRY", 452, "", True),
        (say_no_to_the_recipient, "FAILED", "REFUSED", 550, "", False),
        (point_to_a_closed_port, "DUE", "RETRY", None, "ConnectionRefusedError", False),
        (ask_for_encryption_the_server_has_not, "DUE", "RETRY", None, "SMTPNotSupportedError", False),
    ],
)
def test_each_trouble_has_its_outcome(
    reminder: Reminder,
    mailbox: Mailbox,
    settings: Any,
    trouble: Callable[[Mailbox, Any], None],
    state: str,
    outcome: str,
    answer: int | None,
    fault: str,
    left: bool,
) -> None:
    trouble(mailbox, settings)
    assert sent(reminder).status == state
    attempt = last(reminder)
    assert (attempt.outcome, attempt.answer, attempt.fault) == (outcome, answer, fault)
    assert (attempt.handed_over_at is not None) == left


def test_lines_that_begin_with_a_dot_arrive_as_they_were(mailbox: Mailbox) -> None:
    message = EmailMessage("Dots", ".\n..two\n.three\nend", "a@example.org", ["b@example.org"])
    left: list[int] = []
    answer = deliver(message, sending.mail_server(), before_it_leaves=lambda: left.append(len(mailbox.kept)))
    assert (answer, left) == (250, [0])
    assert mailbox.messages[0].get_content().splitlines() == [".", "..two", ".three", "end"]


def test_nothing_leaves_where_the_last_word_before_it_fails(mailbox: Mailbox) -> None:
    def fail() -> None:
        raise NotMine

    message = EmailMessage("Never", "Never.", "a@example.org", ["b@example.org"])
    with pytest.raises(NotMine):
        deliver(message, sending.mail_server(), before_it_leaves=fail)
    assert mailbox.kept == []


# ---- what a person decides -------------------------------------------------------------------------


@pytest.fixture
def uncertain(reminder: Reminder, mailbox: Mailbox) -> Reminder:
    mailbox.answers["DATA"] = "drop"
    found = sent(reminder)
    mailbox.answers.clear()
    mailbox.kept.clear()
    return found


def decide(client: Client, reminder: Reminder, settlement: str) -> int:
    address = reverse("followup:settle_reminder", args=[reminder.pk])
    answer = client.post(address, {"settlement": settlement})
    reminder.refresh_from_db()
    return answer.status_code


def test_a_coordinator_says_that_an_uncertain_reminder_was_delivered(
    client: Client, uncertain: Reminder, coordinator: User, mailbox: Mailbox
) -> None:
    client.force_login(coordinator)
    assert decide(client, uncertain, "DELIVERED") == 302
    assert (uncertain.status, last(uncertain).settled) == (ReminderState.SENT, Settlement.DELIVERED)
    assert (last(uncertain).settled_by, last(uncertain).settled_at is not None) == (coordinator, True)
    assert (sent(uncertain).status, mailbox.kept) == (ReminderState.SENT, [])
    assert decide(client, uncertain, "SEND_AGAIN") == 302
    assert uncertain.status == ReminderState.SENT


def test_a_failed_reminder_is_sent_again_when_a_person_says_so(
    client: Client, reminder: Reminder, coordinator: User, mailbox: Mailbox
) -> None:
    mailbox.answers["RCPT"] = "550 No such person here"
    assert sent(reminder).status == ReminderState.FAILED
    client.force_login(coordinator)
    decide(client, reminder, "DELIVERED")
    assert reminder.status == ReminderState.FAILED
    decide(client, reminder, "SEND_AGAIN")
    mailbox.answers.clear()
    assert sent(reminder).status == ReminderState.SENT
    assert [message["Message-ID"] for message in mailbox.messages] == [reminder.message_id]


@pytest.mark.parametrize(
    ("role", "here", "status"),
    [
        (Role.INVESTIGATOR, True, 302),
        (Role.COORDINATOR, False, 404),
        (Role.MONITOR, True, 403),
        (Role.SYSTEM_ADMINISTRATOR, None, 403),
        (None, None, 403),
    ],
)
def test_only_those_who_settle_reminders_here_decide(
    client: Client,
    uncertain: Reminder,
    site: Site,
    other_site: Site,
    role: Role | None,
    here: bool | None,
    status: int,
) -> None:
    place = {True: site, False: other_site, None: None}[here]
    client.force_login(make_person("somebody", role, place))
    assert decide(client, uncertain, "DELIVERED") == status
    assert uncertain.status == (ReminderState.SENT if status == 302 else ReminderState.UNCERTAIN)


@pytest.mark.parametrize("settlement", ["", "SENT", "DELETE"])
def test_a_decision_that_is_none_changes_nothing(
    client: Client, uncertain: Reminder, coordinator: User, settlement: str
) -> None:
    client.force_login(coordinator)
    decide(client, uncertain, settlement)
    assert (uncertain.status, last(uncertain).settled) == (ReminderState.UNCERTAIN, "")


def test_what_waits_for_a_person_is_listed_for_those_who_may_decide(
    uncertain: Reminder, coordinator: User, monitor: User, other_site: Site
) -> None:
    elsewhere = make_person("elsewhere", Role.COORDINATOR, other_site)
    people = {person: Access.of(person, clock.today()) for person in (coordinator, monitor, elsewhere)}
    found = {person: troubled_reminders(access) for person, access in people.items()}
    assert found == {coordinator: [uncertain], monitor: [], elsewhere: []}


# ---- what is shown ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Delivery uncertain", "It was delivered", "Send again", "Handed over, no answer kept"]),
        ("zh-hans", ["送达情况不明", "确认已送达", "重新发送", "邮件已交出，未留存服务器应答"]),
    ],
)
def test_every_reminder_and_its_attempts_are_shown(
    uncertain: Reminder, language: str, words: list[str]
) -> None:
    with override(language):
        page = render_to_string(
            "followup/_reminders.html",
            {"reminders": reminders_of(uncertain.participant), "may_settle": True, "csrf_token": "x"},
        )
    assert [word for word in words if word not in page] == []


def test_an_uncertain_reminder_stands_on_the_participants_page(
    client: Client, uncertain: Reminder, coordinator: User, monitor: User
) -> None:
    address = reverse("casebook:participant", args=[uncertain.participant_id])
    client.cookies["django_language"] = "en"

    def shown(person: User) -> tuple[bool, bool]:
        client.force_login(person)
        page = client.get(address).content.decode()
        return "Delivery uncertain" in page, reverse("followup:settle_reminder", args=[uncertain.pk]) in page

    assert shown(coordinator) == (True, True)
    assert shown(monitor) == (True, False)


def test_showing_reminders_takes_two_queries_whatever_there_is(
    reminder: Reminder, site: Site, django_assert_num_queries: Any
) -> None:
    for number in range(4):
        make_person(f"more{number}", Role.COORDINATOR, site)
    assert len(find(CLOSING)) == 5
    participant = reminder.participant
    with django_assert_num_queries(2):
        found = reminders_of(participant)
        render_to_string("followup/_reminders.html", {"reminders": found, "may_settle": False})


def test_the_trail_names_the_system_as_the_sender(reminder: Reminder, mailbox: Mailbox) -> None:
    sent(reminder)
    rows = TrailEntry.objects.filter(relation="followup_reminderattempt").order_by("id")
    assert [(row.operation, row.role, row.participant_id) for row in rows] == [
        ("INSERT", "SYSTEM", reminder.participant_id),
        ("UPDATE", "SYSTEM", reminder.participant_id),
        ("UPDATE", "SYSTEM", reminder.participant_id),
    ]

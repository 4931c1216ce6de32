"""Sending: what a message says, what each answer of a real mail server leads to, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.access import Access
from accounts.models import Role, Site, User
from followup.actions.messages import MOST_TRIES, WAITS, NotMine
from followup.channels.mail import deliver, mail_server
from followup.models import ReminderAttempt, ReminderMessage
from followup.selectors import messages_to_send, reminders_of, troubled_reminders
from followup.workflow import MessageState, Outcome, Settlement
from participants.models import Participant
from records import clock
from records.models import TrailEntry
from tests.cast import make_participant, make_person
from tests.followup.conftest import Mailbox
from tests.followup.reminded import CLOSING, find, messages, sent


@pytest.fixture
def message(participant: Participant) -> ReminderMessage:
    find(CLOSING)
    [only] = messages()
    return only


def last(message: ReminderMessage) -> ReminderAttempt:
    return message.attempts.latest("number")


# ---- what the mail says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "subject", "first_line"),
    [
        (
            "en",
            "Clinical trial: a visit needs your attention",
            "01-001 · SCR · the window is open until 2026-09-29",
        ),
        ("zh-hans", "临床研究：有1项访视需要处理", "01-001 · SCR · 访视窗开放至2026-09-29"),
    ],
)
def test_the_mail_is_in_the_recipients_language(
    message: ReminderMessage,
    coordinator: User,
    mailbox: Mailbox,
    language: str,
    subject: str,
    first_line: str,
) -> None:
    coordinator.language = language
    coordinator.save()
    assert sent(message).status == MessageState.SENT
    [mail] = mailbox.messages
    assert mail["Subject"] == subject
    assert mail.get_content().splitlines()[0] == first_line


def test_the_mail_says_where_to_look_and_nothing_of_whom(
    message: ReminderMessage, participant: Participant, mailbox: Mailbox, settings: Any
) -> None:
    settings.SITE_ADDRESS = "https://edc.example.org"
    settings.DEFAULT_FROM_EMAIL = "Trial <trial@example.org>"
    sent(message)
    [mail] = mailbox.messages
    assert mailbox.recipients == ["coordinator@example.org"]
    assert mail.get_content().splitlines()[3] == f"https://edc.example.org/participants/{participant.pk}/"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(mail["Date"]) - CLOSING) < timedelta(minutes=1)
    whole = f"{mail.as_string()} {mail.get_content()}"
    site = participant.site
    clinical = [participant.initials, "Screening", "HAIC", "Y-90", "liver"]
    assert [word for word in [*clinical, site.name_en, site.name_zh] if word in whole] == []


def test_one_mail_tells_of_everything_due_at_the_site(
    site: Site, by_coordinator: Any, at_start: Any, mailbox: Mailbox
) -> None:
    participants = [make_participant(site, by_coordinator) for _number in range(3)]
    find(CLOSING)
    [one] = messages()
    sent(one)
    [mail] = mailbox.messages
    assert mail["Subject"] == "Clinical trial: 3 visits need your attention"
    lines = mail.get_content().splitlines()
    assert [line[:6] for line in lines[:3]] == [participant.number for participant in participants]
    assert lines[5:8] == [f"http://127.0.0.1:8000/participants/{one.pk}/" for one in participants]


def test_the_message_id_is_the_messages_own_and_does_not_show_its_key(message: ReminderMessage) -> None:
    local, _, host = message.message_id.strip("<>").partition("@")
    assert (len(local), host) == (40, "127.0.0.1")


# ---- what the mail server answers ------------------------------------------------------------------


def test_sending_what_was_sent_does_nothing(message: ReminderMessage, mailbox: Mailbox) -> None:
    assert [sent(message).status, sent(message).status] == [MessageState.SENT] * 2
    assert (len(mailbox.kept), message.attempts.count()) == (1, 1)
    attempt = last(message)
    assert (attempt.outcome, attempt.answer, attempt.fault) == (Outcome.SENT, 250, "")


def test_a_passing_refusal_is_tried_again_ever_later_and_then_shown_as_failed(
    message: ReminderMessage, mailbox: Mailbox
) -> None:
    mailbox.answers["RCPT"] = "451 Try again later"
    now, waits, states = CLOSING, [], []
    for _try in range(MOST_TRIES):
        clock.move_to(now)
        states.append(sent(message).status)
        waits.append(round((message.next_try_at - now) / timedelta(minutes=1)))
        assert messages_to_send(now) == []
        now = message.next_try_at
    assert states == [MessageState.DUE] * len(WAITS) + [MessageState.FAILED]
    assert waits[:-1] == [1, 5, 15, 60, 240]
    assert [(one.outcome, one.answer) for one in message.attempts.all()] == [
        (Outcome.RETRY, 451)
    ] * MOST_TRIES
    assert sent(message).attempts.count() == MOST_TRIES


def test_a_reminder_waits_until_its_next_try(message: ReminderMessage, mailbox: Mailbox) -> None:
    mailbox.answers["RCPT"] = "451 Try again later"
    sent(message)
    mailbox.answers.clear()
    assert sent(message).status == MessageState.DUE
    assert messages_to_send(message.next_try_at) == [message.pk]
    clock.move_to(message.next_try_at)
    assert sent(message).status == MessageState.SENT
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
    message: ReminderMessage,
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
    assert sent(message).status == state
    attempt = last(message)
    assert (attempt.outcome, attempt.answer, attempt.fault) == (outcome, answer, fault)
    assert (attempt.handed_over_at is not None) == left


def test_lines_that_begin_with_a_dot_arrive_as_they_were(mailbox: Mailbox) -> None:
    message = EmailMessage("Dots", ".\n..two\n.three\nend", "a@example.org", ["b@example.org"])
    left: list[int] = []
    answer = deliver(message, mail_server(), before_it_leaves=lambda: left.append(len(mailbox.kept)))
    assert (answer, left) == (250, [0])
    assert mailbox.messages[0].get_content().splitlines() == [".", "..two", ".three", "end"]


def test_nothing_leaves_where_the_last_word_before_it_fails(mailbox: Mailbox) -> None:
    def fail() -> None:
        raise NotMine

    message = EmailMessage("Never", "Never.", "a@example.org", ["b@example.org"])
    with pytest.raises(NotMine):
        deliver(message, mail_server(), before_it_leaves=fail)
    assert mailbox.kept == []


# ---- what a person decides -------------------------------------------------------------------------


@pytest.fixture
def uncertain(message: ReminderMessage, mailbox: Mailbox) -> ReminderMessage:
    mailbox.answers["DATA"] = "drop"
    found = sent(message)
    mailbox.answers.clear()
    mailbox.kept.clear()
    return found


def decide(client: Client, message: ReminderMessage, settlement: str) -> int:
    address = reverse("followup:settle_message", args=[message.pk])
    answer = client.post(address, {"settlement": settlement})
    message.refresh_from_db()
    return answer.status_code


def test_a_coordinator_says_that_an_uncertain_reminder_was_delivered(
    client: Client, uncertain: ReminderMessage, coordinator: User, mailbox: Mailbox
) -> None:
    client.force_login(coordinator)
    assert decide(client, uncertain, "DELIVERED") == 302
    assert (uncertain.status, last(uncertain).settled) == (MessageState.SENT, Settlement.DELIVERED)
    assert (last(uncertain).settled_by, last(uncertain).settled_at is not None) == (coordinator, True)
    assert (sent(uncertain).status, mailbox.kept) == (MessageState.SENT, [])
    assert decide(client, uncertain, "SEND_AGAIN") == 302
    assert uncertain.status == MessageState.SENT


def test_a_failed_reminder_is_sent_again_when_a_person_says_so(
    client: Client, message: ReminderMessage, coordinator: User, mailbox: Mailbox
) -> None:
    mailbox.answers["RCPT"] = "550 No such person here"
    assert sent(message).status == MessageState.FAILED
    client.force_login(coordinator)
    decide(client, message, "DELIVERED")
    assert message.status == MessageState.FAILED
    decide(client, message, "SEND_AGAIN")
    mailbox.answers.clear()
    assert sent(message).status == MessageState.SENT
    assert [one["Message-ID"] for one in mailbox.messages] == [message.message_id]


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
def test_only_those_who_settle_messages_here_decide(
    client: Client,
    uncertain: ReminderMessage,
    site: Site,
    other_site: Site,
    role: Role | None,
    here: bool | None,
    status: int,
) -> None:
    place = {True: site, False: other_site, None: None}[here]
    client.force_login(make_person("somebody", role, place))
    assert decide(client, uncertain, "DELIVERED") == status
    assert uncertain.status == (MessageState.SENT if status == 302 else MessageState.UNCERTAIN)


@pytest.mark.parametrize("settlement", ["", "SENT", "DELETE"])
def test_a_decision_that_is_none_changes_nothing(
    client: Client, uncertain: ReminderMessage, coordinator: User, settlement: str
) -> None:
    client.force_login(coordinator)
    decide(client, uncertain, settlement)
    assert (uncertain.status, last(uncertain).settled) == (MessageState.UNCERTAIN, "")


def test_what_waits_for_a_person_is_listed_for_those_who_may_decide(
    uncertain: ReminderMessage, coordinator: User, monitor: User, other_site: Site
) -> None:
    elsewhere = make_person("elsewhere", Role.COORDINATOR, other_site)
    people = {person: Access.of(person, clock.today()) for person in (coordinator, monitor, elsewhere)}
    found = {person: list(troubled_reminders(access)) for person, access in people.items()}
    assert found == {coordinator: list(uncertain.reminders.all()), monitor: [], elsewhere: []}


# ---- what is shown ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Delivery uncertain", "It was delivered", "Send again", "Handed over, no answer kept"]),
        ("zh-hans", ["送达情况不明", "确认已送达", "重新发送", "消息已交出，未留存服务器应答"]),
    ],
)
def test_every_reminder_and_its_attempts_are_shown(
    uncertain: ReminderMessage, participant: Participant, language: str, words: list[str]
) -> None:
    with override(language):
        page = render_to_string(
            "followup/_reminders.html",
            {"reminders": reminders_of(participant), "may_settle": True, "csrf_token": "x"},
        )
    assert [word for word in words if word not in page] == []


def test_an_uncertain_reminder_stands_on_the_participants_page(
    client: Client, uncertain: ReminderMessage, participant: Participant, coordinator: User, monitor: User
) -> None:
    address = reverse("casebook:participant", args=[participant.pk])
    client.cookies["django_language"] = "en"

    def shown(person: User) -> tuple[bool, bool]:
        client.force_login(person)
        page = client.get(address).content.decode()
        return "Delivery uncertain" in page, reverse("followup:settle_message", args=[uncertain.pk]) in page

    assert shown(coordinator) == (True, True)
    assert shown(monitor) == (True, False)


def test_showing_reminders_takes_two_queries_whatever_there_is(
    message: ReminderMessage, participant: Participant, site: Site, django_assert_num_queries: Any
) -> None:
    for number in range(4):
        make_person(f"more{number}", Role.COORDINATOR, site)
    assert len(find(CLOSING)) == 5
    with django_assert_num_queries(2):
        found = reminders_of(participant)
        render_to_string("followup/_reminders.html", {"reminders": found, "may_settle": False})


def test_the_trail_names_the_system_as_the_sender(message: ReminderMessage, mailbox: Mailbox) -> None:
    sent(message)
    rows = TrailEntry.objects.filter(relation="followup_reminderattempt").order_by("id")
    assert [(row.operation, row.role) for row in rows] == [
        ("INSERT", "SYSTEM"),
        ("UPDATE", "SYSTEM"),
        ("UPDATE", "SYSTEM"),
    ]

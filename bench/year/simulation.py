"""Live the year: move the clock from one thing to the next, break machines meanwhile, and hold the mails against the plan."""

from __future__ import annotations

import logging
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.access import SYSTEM, Access, Actor, Permission
from accounts.actions import keep_site
from accounts.models import Role, RoleHeld, User
from bench.servers import at_database
from bench.year.machines import PATIENCE, Broker, Crew, MailServer
from bench.year.plan import FIRST_DAY, Event, Plan, Visit
from followup.actions import drop_reminders, replan_all_where_needed, set_wishes
from followup.due_reminders import due_now, quiet_hours_of
from followup.models import Reminder, ReminderAttempt, ReminderMessage
from followup.workflow import MessageState, ReminderState
from participants.actions import approve_consent, move_visit, register
from participants.models import Participant
from participants.models import Visit as StoredVisit
from participants.selectors import schedule_in_force, schedule_of
from participants.workflow import VisitState
from records import clock
from records.zone import TRIAL_ZONE
from trial_edc.demo.filling import fill

SERIES = "CAL"
BEGINS = datetime.combine(FIRST_DAY, clock_time(6), TRIAL_ZONE) - timedelta(days=1)
SECONDS_TO_SETTLE = 180
BEAT_SECONDS = 2.0

logging.getLogger("mail.log").setLevel(logging.WARNING)


@dataclass
class Result:
    """What came of a year. The four lists are empty where every reminder was sent once, the uncertain ones aside."""

    reminders: int = 0
    messages: int = 0
    mails: int = 0
    uncertain: list[str] = field(default_factory=list)
    attempts: int = 0
    kills: int = 0
    broker_restarts: int = 0
    seconds: float = 0
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.missing or self.unexpected or self.repeated or self.wrong)


class Year:
    """One year in the database this process stands in, which has to be a demo's or a test's."""

    def __init__(
        self,
        plan: Plan,
        *,
        kills: float,
        broker_restarts: float,
        workers: int = 2,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.plan, self.say = plan, say
        self.kill_chance, self.restart_chance, self.size = kills, broker_restarts, workers
        self.chance = random.Random(plan.seed)
        self.result = Result()
        self.people: dict[tuple[int, str], User] = {}
        self.participants: list[Participant] = []

    # ---- the trial -------------------------------------------------------------------------------

    def found(self) -> None:
        """Make sites, people, participants and their visits; the first look at calendars finds nothing to do then."""
        clock.move_to(BEGINS)
        for number in range(self.plan.sites):
            site = keep_site(
                code=f"{11 + number}",
                name_en=f"Hospital {number}",
                name_zh=f"第{number}医院",
                activated_on=date(2026, 8, 1),
                by=SYSTEM,
                now=BEGINS,
            )
            approve_consent(
                site=site,
                version="1.0",
                approved_on=date(2026, 7, 1),
                retired_on=None,
                by=SYSTEM,
                now=BEGINS,
            )
            for role in (Role.COORDINATOR, Role.INVESTIGATOR):
                name = f"{role.lower()}{number}"
                person = User.objects.create(
                    username=name,
                    full_name=name.title(),
                    email=f"{name}@example.org",
                    language=("zh-hans", "en")[number % 2],
                )
                RoleHeld.objects.create(user=person, role=role, site=site, starts_on=date(2026, 8, 1))
                self.people[number, str(role)] = person
        self._wish(self.people[0, "COORDINATOR"])
        for number in range(self.plan.participants):
            self.participants.append(self._register(self.plan.site_of(number)))
        replan_all_where_needed(by=SYSTEM, now=BEGINS)
        self._plan_visits()

    def _wish(self, abroad: User) -> None:
        set_wishes(
            zone="Europe/Berlin",
            quiet_from=clock_time(20),
            quiet_until=clock_time(8),
            phone="",
            wechat="",
            by=Actor(abroad, "", None),
            now=BEGINS,
        )

    def _by(self, site: int, role: str = "COORDINATOR") -> Actor:
        person = self.people[site, role]
        access = Access.of(person, FIRST_DAY)
        [place] = access.known_sites
        return access.actor(Permission.ENTER_DATA, place)

    def _register(self, site: int) -> Participant:
        by = self._by(site)
        [place] = Access.of(by.author, FIRST_DAY).known_sites.values()
        participant = register(
            site=place,
            initials="ZQ",
            consent_signed_at=BEGINS - timedelta(hours=1),
            consent_version="1.0",
            consent_signer="SUBJECT",
            copy_given="Y",
            by=by,
            now=BEGINS,
        )
        screening = StoredVisit.objects.select_related("participant").get(participant=participant, code="SCR")
        move_visit(visit=screening, to=VisitState.DONE, by=by, now=BEGINS)
        return participant

    def _plan_visits(self) -> None:
        version = schedule_in_force(FIRST_DAY)
        codes = [one.code for one in schedule_of(version.pk).visits if one.series == SERIES]
        rows = []
        for number, visit in enumerate(self.plan.visits):
            middle = visit.opens + (visit.closes - visit.opens) / 2
            rows.append(
                StoredVisit(
                    participant=self.participants[visit.participant],
                    schedule=version,
                    code=codes[number % len(codes)],
                    occurrence=1 + number // len(codes) % 100,
                    position=100 + number % 6,
                    series=SERIES,
                    label_en="Follow-up",
                    label_zh="随访",
                    anchor="A0",
                    anchor_date=FIRST_DAY,
                    target_from=middle,
                    target_to=middle,
                    window_open=visit.opens,
                    window_close=visit.closes,
                )
            )
        for visit, row in zip(self.plan.visits, StoredVisit.objects.bulk_create(rows), strict=True):
            visit.pk = row.pk

    # ---- the year --------------------------------------------------------------------------------

    def live(self) -> Result:
        """Live it from the first day to the last; raises TimeoutError where the queue does not come to rest."""
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            self.mail, self.broker = MailServer(random.Random(self.plan.seed)), Broker(Path(folder))
            self.crew = Crew(self._environment(), self.size, Path(folder))
            try:
                agenda = self.plan.agenda()
                for number, (moment, what, about) in enumerate(agenda):
                    if number % 100 == 0:
                        self.say(f"{moment:%Y-%m-%d}, {len(self.mail.kept)} mails")
                    clock.move_to(moment)
                    getattr(self, f"_{what}")(about)
                self._settle()
            finally:
                self.crew.stop()
                self.broker.stop()
                self.mail.stop()
        self._judge()
        self.result.seconds = time.monotonic() - begun
        return self.result

    def _environment(self) -> dict[str, str]:
        database = str(connection.settings_dict["NAME"])
        return {
            **os.environ,
            "DATABASE_URL": at_database(os.environ["DATABASE_URL"], database),
            "CELERY_BROKER_URL": self.broker.url,
            "CELERY_QUEUE": "year",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "BEAT_SECONDS": str(BEAT_SECONDS),
        }

    def _done(self, visit: Visit) -> None:
        stored = StoredVisit.objects.select_related("participant").get(pk=visit.pk)
        by = self._by(self.plan.site_of(visit.participant))
        move_visit(visit=stored, to=VisitState.DONE, by=by, now=clock.now())
        drop_reminders(visits=[stored], by=by, now=clock.now())

    def _aware(self, event: Event) -> None:
        self._enter(event, {"aeterm": "liver abscess", "aeser": "Y", "saeaware": event.aware})

    def _sent(self, event: Event) -> None:
        self._enter(event, {"saerep": event.sent}, reason="report sent")

    def _enter(self, event: Event, answers: dict[str, Any], reason: str = "") -> None:
        fill(
            self.participants[event.participant],
            "AE",
            answers,
            by=self._by(self.plan.site_of(event.participant)),
            now=clock.now(),
            visit_code="LOG",
            repeat=event.number,
            submit=False,
            reason=reason,
        )

    def _look(self, _nothing: None) -> None:
        """Let worker and beat find and send what is due, and break something meanwhile."""
        breaking = threading.Thread(target=self._break, daemon=True)
        breaking.start()
        try:
            self._settle()
        finally:
            breaking.join(PATIENCE)

    def _break(self) -> None:
        if self.chance.random() < self.kill_chance:
            time.sleep(self.chance.uniform(0, BEAT_SECONDS))
            self.crew.kill(self.chance.choice(self.crew.running))
            self.result.kills += 1
            self.crew.start()
        if self.chance.random() < self.restart_chance:
            time.sleep(self.chance.uniform(0, BEAT_SECONDS))
            self.broker.restart()
            self.result.broker_restarts += 1

    def _settle(self) -> None:
        """Wait until nothing due is left unsent; what a server put off is waited for on the trial's clock."""
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while not self._at_rest():
            if time.monotonic() > deadline:
                raise TimeoutError(f"At {clock.now()} this is left: {self._left()}\n{self.crew.last_words()}")
            time.sleep(0.1)
            now = clock.now()
            put_off = ReminderMessage.objects.filter(status=MessageState.DUE)
            later = list(put_off.values_list("next_try_at", flat=True))
            if later and all(moment > now for moment in later) and not self._unwritten(now):
                clock.move_to(min(later))

    def _unwritten(self, now: datetime) -> bool:
        due = due_now(now)
        known = Reminder.objects.filter(key__in=due).exclude(status=ReminderState.CANCELLED).count()
        waiting = Reminder.objects.filter(status=ReminderState.WAITING).select_related(
            "participant", "recipient__reminder_preference"
        )
        return known < len(due) or any(self._may_go(one, now) for one in waiting)

    def _may_go(self, one: Reminder, now: datetime) -> bool:
        """Whether a waiting reminder could be sent now: it is urgent, or its message of the day has not left."""
        quiet = quiet_hours_of(one.recipient)
        if one.about == "REPORT":
            return True
        key = f"DAY:{one.participant.site_id}:{one.recipient_id}:{one.channel}:{quiet.day(now)}"
        return not quiet.at(now) and not ReminderMessage.objects.filter(key=key).exists()

    def _at_rest(self) -> bool:
        # In this order: what is written between the two questions is seen by the second.
        if self._unwritten(clock.now()):
            return False
        open_messages = Q(status=MessageState.DUE) | Q(status=MessageState.CLAIMED)
        return not ReminderMessage.objects.filter(open_messages).exists()

    def _left(self) -> dict[str, int]:
        return {
            **Counter(ReminderMessage.objects.values_list("status", flat=True)),
            **Counter(Reminder.objects.values_list("status", flat=True)),
        }

    # ---- what came of it -------------------------------------------------------------------------

    def _judge(self) -> None:
        found, people = self.result, {place: person.pk for place, person in self.people.items()}
        pks = [participant.pk for participant in self.participants]
        wanted = self.plan.keys(people) | self.plan.report_keys(people, pks)
        by_id = {one.message_id: one for one in ReminderMessage.objects.all()}
        reminders = list(Reminder.objects.select_related("message", "participant", "visit"))
        out = {
            one.key
            for one in reminders
            if one.sending and one.sending.status in (MessageState.SENT, MessageState.UNCERTAIN)
        }
        found.missing = sorted(wanted - out)
        found.unexpected = sorted({one.key for one in reminders} - wanted)
        mails = [message_from_bytes(content, policy=policy.default) for content in self.mail.kept]
        times = Counter(str(mail["Message-ID"]) for mail in mails)
        uncertain = {
            key for key, message in by_id.items() if message.attempts.filter(outcome="UNCERTAIN").exists()
        }
        found.repeated = sorted(key for key, number in times.items() if number > 1)
        found.missing += sorted(set(by_id) - set(times) - uncertain)
        found.unexpected += sorted(set(times) - set(by_id))
        for mail in mails:
            message = by_id.get(str(mail["Message-ID"]))
            if message is not None:
                self._hold(mail, message, [one for one in reminders if one.sending == message])
        for attempt in ReminderAttempt.objects.select_related("message__recipient__reminder_preference"):
            message = attempt.message
            if not message.urgent and quiet_hours_of(message.recipient).at(attempt.started_at):
                found.wrong.append(f"{message.key} in quiet hours")
        found.reminders, found.messages, found.mails = len(reminders), len(by_id), len(mails)
        found.attempts = ReminderAttempt.objects.count()
        found.uncertain = sorted(by_id[key].key for key in uncertain)

    def _hold(self, mail: Any, message: ReminderMessage, carried: list[Reminder]) -> None:
        """The mail says what its reminders are, one line each, to the one they are for."""
        lines = [line for line in mail.get_content().splitlines() if " · " in line]
        said = Counter(tuple(line.split(" · ")[: 2 if len(line.split(" · ")) > 2 else 1]) for line in lines)
        meant = Counter(
            (one.participant.number, one.visit.code) if one.visit else (one.participant.number,)
            for one in carried
        )
        to = [person for person in self.people.values() if person.pk == message.recipient_id]
        if said != meant or [person.email for person in to] != [str(mail["To"])]:
            self.result.wrong.append(f"{message.key}: {lines}")

"""What happens in the simulated year, and which reminders have to come of it, worked out apart from the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 9, 1)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WINDOW_DAYS = 14
VISITS_EACH = 6
# After the quiet hours of people in Shanghai, and after those of one in Berlin.
LOOKS = (time(8, 30), time(15, 10))
VISITS_HAPPEN = time(16, 0)
REPORT_WITHIN = 24 * HOUR
# When a visit is done, in days after its window opened: mostly in time, some late, some never.
DONE_AFTER = ((0, 4), (4, 10), (4, 10), (10, 13), (13, 15), (16, 20), (22, 30), (None, None))
# How long after awareness a report is sent, in hours: mostly before anybody has to be reminded.
SENT_AFTER = ((2, 17), (2, 17), (18, 22), (23, 24), (25, 40))


@dataclass
class Visit:
    participant: int  # counted from 0
    opens: date
    done_on: date | None
    pk: int = 0

    @property
    def closes(self) -> date:
        return self.opens + timedelta(days=WINDOW_DAYS)

    def step(self, role: str, today: date) -> str | None:
        """The rule due on a day by the rules a new trial begins with; None before the first and once it is done."""
        if self.done_on is not None and today > self.done_on:
            return None
        steps = {
            "COORDINATOR": (
                ("visit-opens", self.opens),
                ("visit-closing", self.closes - 3 * DAY),
                ("visit-overdue", self.closes + DAY),
            ),
            "INVESTIGATOR": (("visit-escalation", self.closes + 7 * DAY),),
        }[role]
        return next((name for name, begins in reversed(steps) if begins <= today), None)


@dataclass
class Event:
    participant: int
    aware: datetime
    sent: datetime | None
    number: int = 1

    @property
    def due(self) -> datetime:
        return self.aware + REPORT_WITHIN

    def steps(self) -> Iterator[tuple[str, datetime]]:
        """The rules that come due before the report is sent, each with its moment."""
        for name, moment in (
            ("report-6h", self.due - 6 * HOUR),
            ("report-1h", self.due - HOUR),
            ("report-late", self.due),
        ):
            if self.sent is None or moment < self.sent:
                yield name, moment


@dataclass
class Plan:
    """A year of so many participants; the same seed is the same year."""

    participants: int
    days: int
    sites: int
    events: int
    seed: int = 20260901
    visits: list[Visit] = field(default_factory=list)
    serious: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        drawing = Random(self.seed)
        apart = max(1, (self.days - 10) // VISITS_EACH)
        for participant in range(self.participants):
            for number in range(VISITS_EACH):
                opens = FIRST_DAY + timedelta(days=2 + number * apart + drawing.randrange(apart))
                low, high = drawing.choice(DONE_AFTER)
                after = None if low is None or high is None else drawing.randint(low, high)
                done = None if after is None else opens + timedelta(days=after)
                self.visits.append(Visit(participant, opens, done))
        taken: dict[int, int] = {}
        for _number in range(self.events):
            participant = drawing.randrange(self.participants)
            day = FIRST_DAY + timedelta(days=drawing.randrange(1, max(2, self.days - 3)))
            aware = datetime.combine(day, time(drawing.randrange(24), drawing.randrange(60)), SHANGHAI)
            low, high = drawing.choice(SENT_AFTER)
            # Away from the full hour, so that no step falls together with the report.
            sent = aware + drawing.randrange(low, high) * HOUR + 30 * MINUTE
            taken[participant] = taken.get(participant, 0) + 1
            self.serious.append(Event(participant, aware, sent, taken[participant]))

    @property
    def ends(self) -> datetime:
        return datetime.combine(FIRST_DAY + timedelta(days=self.days), time(), SHANGHAI)

    def site_of(self, participant: int) -> int:
        return participant % self.sites

    def agenda(self) -> list[tuple[datetime, str, Visit | Event | None]]:
        """Everything in its order: look, done, aware, reported; a look at the steps of each report besides."""
        found: list[tuple[datetime, str, Visit | Event | None]] = []
        for number in range(self.days):
            day = FIRST_DAY + timedelta(days=number)
            found += [(datetime.combine(day, at, SHANGHAI), "look", None) for at in LOOKS]
        for visit in self.visits:
            if visit.done_on is not None:
                found.append((datetime.combine(visit.done_on, VISITS_HAPPEN, SHANGHAI), "done", visit))
        for event in self.serious:
            found.append((event.aware + 10 * MINUTE, "aware", event))
            found += [(moment + MINUTE, "look", None) for _name, moment in event.steps()]
            if event.sent is not None:
                found.append((event.sent, "sent", event))
        return sorted((one for one in found if one[0] < self.ends), key=lambda one: (one[0], one[1]))

    def keys(self, people: dict[tuple[int, str], int]) -> set[str]:
        """The key of every reminder that has to be sent; `people`: by site and role the recipient's number."""
        wanted = set()
        for visit in self.visits:
            window = f"V{visit.pk}:{visit.opens}:{visit.closes}"
            for role in ("COORDINATOR", "INVESTIGATOR"):
                person = people[self.site_of(visit.participant), role]
                for number in range(self.days):
                    step = visit.step(role, FIRST_DAY + timedelta(days=number))
                    if step:
                        wanted.add(f"{step}:MAIL:{window}:{person}")
        return wanted

    def report_keys(self, people: dict[tuple[int, str], int], pks: list[int]) -> set[str]:
        """The same of the reports; `pks`: the participants' numbers in the database."""
        wanted = set()
        for event in self.serious:
            due = event.due.astimezone(ZoneInfo("UTC"))
            name = f"AE{pks[event.participant]}.{event.number}:{due:%Y%m%dT%H%M}"
            for step, moment in event.steps():
                if moment + MINUTE < self.ends:
                    for role, suffix in (("COORDINATOR", ""), ("INVESTIGATOR", "-inv")):
                        person = people[self.site_of(event.participant), role]
                        wanted.add(f"{step}{suffix}:MAIL:{name}:{person}")
        return wanted

"""A participant at their phone: a link handed out and opened, and entries as the phone sends them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.access import VISITOR, Actor, participant_at
from diary.actions import Written, hand_out_link, open_link, receive_entry
from diary.models import DiaryEntry, DiaryLink
from participants.models import Participant
from records.zone import TRIAL_ZONE
from tests.cast import START
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import DEMOGRAPHICS

CALL = "021-5555 0100"
YEAR = str(DEMOGRAPHICS["brthdtc"])[:4]


def known(participant: Participant, by: Actor, now: datetime = START) -> Participant:
    """The demographics form is entered, so that a year of birth is known."""
    fill(participant, "DM", DEMOGRAPHICS, by=by, now=now, submit=False)
    return participant


def opened(participant: Participant, by: Actor, now: datetime = START) -> DiaryLink:
    """A link handed out and opened on a phone."""
    link, token = hand_out_link(participant=known(participant, by), call=CALL, by=by, now=now)
    opening = open_link(token=token, year=YEAR, address="192.0.2.7", by=VISITOR, now=now)
    assert opening.refused is None
    link.refresh_from_db()
    return link


def written(**changed: Any) -> Written:
    """An entry of this moment with one mild symptom."""
    given: dict[str, Any] = {
        "key": uuid.uuid4(),
        "stated": START,
        "typed": START,
        "symptoms": {"sym_pain": 2},
    }
    return Written(**{**given, **changed})


def send(link: DiaryLink, now: datetime = START, **changed: Any) -> DiaryEntry:
    return receive_entry(
        link=link,
        written=written(**{"stated": now, "typed": now, **changed}),
        photo=None,
        size=0,
        by=participant_at(link.participant.site_id),
        now=now,
    )


def send_severe(link: DiaryLink, now: datetime = START) -> DiaryEntry:
    return send(link, now, symptoms={"sym_fever": 8}, temperature=Decimal("39.2"))


@dataclass
class Phone:
    """A browser of the participant's, and what its page posts."""

    client: Client = field(default_factory=lambda: Client(headers={"Accept-Language": "en"}))

    def state(self) -> Any:
        answer = self.client.get("/my-record/state/")
        assert answer.status_code == 200
        return answer.json()

    def open(self, token: str, year: str = YEAR) -> Any:
        return self.client.post("/my-record/open/", {"token": token, "year": year})

    def send(self, now: datetime = START, **changed: Any) -> Any:
        posted = {
            "key": str(uuid.uuid4()),
            "stated": f"{now.astimezone(TRIAL_ZONE):%Y-%m-%dT%H:%M}",
            "typed": f"{now + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S.000Z}",
            "sym_pain": "2",
            **changed,
        }
        return self.client.post("/my-record/entries/", posted)

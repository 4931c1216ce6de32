"""Take an entry a participant sent; keep what the site says to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from diary.actions.links import ended, note_use
from diary.models import DiaryEntry, DiaryLink, DiaryTask, DiaryTaskStep, EntryRemark
from diary.policies import TooMany, ask_right, ask_taking_part
from diary.severity import Limits, severe_answers
from diary.workflow import DiaryTaskState, LinkStanding, RemarkKind
from participants.actions import store_file
from participants.models import Demographics, Participant
from records import clock, study
from records.findings import Refused

# A phone's clock may be ahead of ours by this much.
AHEAD = timedelta(minutes=15)
# What one link may bring within a day: far above what anybody writes.
MOST_A_DAY = 60


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as the phone sent it; None and "" are what was not answered."""

    key: UUID
    stated: datetime
    typed: datetime
    replaces: UUID | None = None
    symptoms: Mapping[str, int | None] = field(default_factory=dict)
    temperature: Decimal | None = None
    test: str = ""
    test_words: str = ""
    value: str = ""
    unit: str = ""
    note: str = ""

    @property
    def says_nothing(self) -> bool:
        answered = any(value is not None for value in self.symptoms.values())
        return not (answered or self.temperature is not None or self.test or self.note)


def limits_on(now: datetime) -> Limits:
    settings = study.in_force(clock.day(now))
    return Limits(settings["diary_severe_from"], settings["diary_temperature_from"])


@action
def receive_entry(
    *, link: DiaryLink, written: Written, photo: BinaryIO | None, size: int, by: Actor, now: datetime
) -> DiaryEntry:
    """Store an entry once, and in the same transaction the task a severe answer raises.

    Entries by one link wait for each other; one whose key is stored is given as it stands. The correction of an entry
    that was corrected before replaces the latest correction. Raises LinkEnded where the link is not in force or the
    participant takes part no longer, TooMany beyond sixty entries a day, Refused for an entry that says nothing, is of
    the future or of before the consent, corrects what is not there, and for a file that is none.
    """
    link = DiaryLink.objects.select_for_update(of=("self",)).select_related("participant").get(pk=link.pk)
    if link.standing(now) != LinkStanding.IN_USE:
        raise ended(link)
    participant = link.participant
    ask_taking_part(participant)
    stored = DiaryEntry.objects.filter(key=written.key).first()
    if stored is not None:
        if stored.participant_id != participant.pk:
            raise Refused(_("This entry cannot be stored. Write it anew."))
        return stored
    if link.entries.filter(received__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise TooMany(
            _("Very many entries came today. This one is sent tomorrow; call the study team if it is urgent.")
        )
    if written.says_nothing and photo is None:
        raise Refused(_("Answer at least one question, then save."))
    _ask_time(written, participant, now)
    entry = DiaryEntry.objects.create(
        participant=participant,
        link=link,
        key=written.key,
        replaces=_latest_of(written.replaces, participant),
        stated=written.stated,
        typed=written.typed,
        received=now,
        **written.symptoms,
        temperature=written.temperature,
        test=written.test,
        test_words=written.test_words,
        value=written.value,
        unit=written.unit,
        note=written.note,
        photo=store_file(participant=participant, content=photo, size=size, by=by, now=now)
        if photo
        else None,
    )
    _raise_task(entry, now)
    note_use(link=link, by=by, now=now)
    return entry


def _ask_time(written: Written, participant: Participant, now: datetime) -> None:
    if written.stated > now + AHEAD:
        raise Refused(_("The time is in the future. Check the date and the time."))
    consent = Demographics.objects.filter(participant=participant).values_list("icfdtc", flat=True).first()
    if consent is not None and clock.day(written.stated) < clock.day(consent):
        raise Refused(_("The time is before you joined the study. Check the date."))


def _latest_of(key: UUID | None, participant: Participant) -> DiaryEntry | None:
    """The entry a correction replaces: the one named, or what replaced it since."""
    if key is None:
        return None
    entry = DiaryEntry.objects.filter(key=key, participant=participant).first()
    if entry is None:
        raise Refused(_("The entry you correct is not known. Write it as a new entry."))
    while (later := DiaryEntry.objects.filter(replaces=entry).first()) is not None:
        entry = later
    return entry


def _raise_task(entry: DiaryEntry, now: datetime) -> None:
    reasons = severe_answers(entry.symptoms, entry.temperature, limits_on(now))
    if reasons:
        task = DiaryTask.objects.create(
            participant_id=entry.participant_id, entry=entry, reasons=reasons, raised=now
        )
        DiaryTaskStep.objects.create(
            participant_id=entry.participant_id, task=task, state=DiaryTaskState.OPEN, at=now
        )


@action
def remark(*, entry: DiaryEntry, kind: RemarkKind, comment: str, by: Actor, now: datetime) -> EntryRemark:
    """Mark an entry as seen, once a person, or comment on it; the entry stays as the participant wrote it."""
    ask_right(by, Permission.ENTER_DATA, entry.participant.site_id)
    if kind == RemarkKind.COMMENT and not comment.strip():
        raise Refused(_("Write the comment."))
    if kind == RemarkKind.SEEN:
        seen = EntryRemark.objects.filter(entry=entry, by=by.author, kind=kind).first()
        if seen is not None:
            return seen
    return EntryRemark.objects.create(
        participant_id=entry.participant_id,
        entry=entry,
        kind=kind,
        comment=comment.strip() if kind == RemarkKind.COMMENT else "",
        at=now,
        by=by.author,
    )

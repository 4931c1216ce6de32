"""The verbs of the visit schedule: adopt a version. What a version changes is worked out in followup/amendment.py."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from participants.models import ScheduleVersion
from participants.schedule_file import Schedule, ScheduleFileError, lacks, parse
from participants.selectors import next_schedule_number
from records import clock
from records.definition import forms
from records.findings import Refused
from records.text import Text

WRONG_NUMBER = Text(
    'The file calls itself version "{said}". The next version is {number}: write version = "{number}".',
    '文件自称第“{said}”版，下一版应为第{number}版：请写 version = "{number}"。',
)


@action
def adopt_schedule(
    *, number: int, effective_from: date, source: str, by: Actor, now: datetime, reason: str = ""
) -> bool:
    """Add a version of the visit schedule; False where that number exists (a version never changes).

    Raises ScheduleFileError where the file cannot be used.
    """
    parse(source, known_forms=forms())
    _version, created = ScheduleVersion.objects.get_or_create(
        number=number,
        defaults={
            "effective_from": effective_from,
            "source": source,
            "adopted_at": now,
            "adopted_by": by.person,
            "reason": reason,
        },
    )
    return created


def read_next_schedule(source: str) -> tuple[Schedule, int]:
    """Read a file that is to become the next version, and give the number of that version; one query.

    Raises ScheduleFileError naming every fault, among them what the trial needs and the file does not have.
    """
    schedule = parse(source, known_forms=forms())
    number = next_schedule_number()
    problems = lacks(schedule)
    if schedule.version != str(number):
        problems.insert(0, WRONG_NUMBER.format(said=schedule.version, number=number))
    if problems:
        raise ScheduleFileError(problems)
    return schedule, number


@action
def adopt_next_schedule(
    *, source: str, effective_from: date, reason: str, by: Actor, now: datetime
) -> ScheduleVersion:
    """Adopt a file as the next version, from today or a later day on.

    Calendars follow when its day has come (followup.actions.replan_all_where_needed). Raises ScheduleFileError for
    a file that cannot be followed; Refused for a role that does not change the study's settings at all sites, a day
    that is past, a missing reason, and where somebody else adopted a version at the same moment.
    """
    if not by.may(Permission.CHANGE_STUDY_SETTINGS, None, clock.day(now)):
        raise Refused(_("Only data managers of all sites adopt a version of the visit schedule."))
    _schedule, number = read_next_schedule(source)
    if effective_from < clock.day(now):
        raise Refused(_("A version takes effect from today on, not for days past."))
    if not reason.strip():
        raise Refused(_("Write the reason for the new version."))
    with transaction.atomic():
        created = adopt_schedule(
            number=number, effective_from=effective_from, source=source, by=by, now=now, reason=reason.strip()
        )
    if not created:
        raise Refused(_("Somebody else adopted a version just now. Look at it, and preview yours again."))
    return ScheduleVersion.objects.get(number=number)

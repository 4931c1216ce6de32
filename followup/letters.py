"""What a message says: which visits of whom by number and code, until when, and where to look. No clinical data, no names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from followup.channels import Letter
from followup.due_reminders import quiet_hours_of
from followup.models import Reminder, ReminderMessage
from followup.reminder_rules import About
from records import clock


def letter(message: ReminderMessage, reminders: Sequence[Reminder], now: datetime) -> Letter:
    """Write a message in its recipient's language; at least one reminder, each with its participant and visit."""
    person = message.recipient
    zone = ZoneInfo(quiet_hours_of(person).zone)
    with override(person.language):
        items = tuple(_item(one, clock.day(now), zone) for one in reminders)
        people = sorted({(one.participant.number, one.participant_id) for one in reminders})
        links = [settings.SITE_ADDRESS + reverse("casebook:participant", args=[pk]) for _number, pk in people]
        lines = [
            *items,
            "",
            _("Sign in and open the casebook:"),
            *links,
            "",
            _(
                "This message was sent by the trial's data system. When and how you are reminded, you can change there:"
            ),
            settings.SITE_ADDRESS + reverse("followup:wishes"),
        ]
    return Letter(
        key=message.key,
        message_id=message.message_id,
        language=person.language,
        title=_title(reminders, person.language),
        lines=tuple(lines),
        items=items,
        link=links[0] if len(links) == 1 else settings.SITE_ADDRESS + "/",
        at=now,
    )


def _title(reminders: Sequence[Reminder], language: str) -> str:
    reports, count = sum(About(one.about).of_report for one in reminders), len(reminders)
    with override(language):
        if 0 < reports < count:
            return _("Clinical trial: visits and reports need your attention")
        title = (
            ngettext("Clinical trial: a report is due", "Clinical trial: %(count)d reports are due", count)
            if reports
            else ngettext(
                "Clinical trial: a visit needs your attention",
                "Clinical trial: %(count)d visits need your attention",
                count,
            )
        )
        return title % {"count": count}


def _item(reminder: Reminder, today: date, zone: ZoneInfo) -> str:
    number = reminder.participant.number
    if reminder.visit is None:
        assert reminder.report_due is not None
        due = (
            f"{reminder.report_due.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
            if About(reminder.about).urgent
            else clock.day(reminder.report_due).isoformat()
        )
        return _("%(number)s · a report is due by %(due)s") % {"number": number, "due": due}
    words = {"number": number, "visit": reminder.visit.code}
    opens, closes = reminder.window_open, reminder.window_close
    if closes is not None and closes < today:
        return _("%(number)s · %(visit)s · the window closed on %(day)s") % {**words, "day": closes}
    if opens is not None and opens > today:
        return _("%(number)s · %(visit)s · the window opens on %(day)s") % {**words, "day": opens}
    if closes is not None:
        return _("%(number)s · %(visit)s · the window is open until %(day)s") % {**words, "day": closes}
    return _("%(number)s · %(visit)s · planned for %(day)s") % {
        **words,
        "day": reminder.visit.target_from or today,
    }

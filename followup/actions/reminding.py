"""How people are reminded: a data manager sets rules, a person their own wishes, the worker its sign of life."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from accounts.models import Role
from followup.models import Heartbeat, ReminderPreference, ReminderRule
from followup.models.reminding import NOT_WRITTEN_TO
from followup.reminder_rules import DEFAULTS, FARTHEST, NAME, About, Channel
from participants.selectors import schedule_in_force, schedule_of
from records import clock
from records.findings import Refused

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
WECHAT = re.compile(r"[A-Za-z0-9_-]{0,64}")


@action
def set_rule(
    *,
    name: str,
    about: About,
    after: timedelta,
    role: str,
    channel: Channel,
    visits: tuple[str, ...],
    active: bool,
    effective_from: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> ReminderRule:
    """Give a rule a new version from a day on, or a new trial rule its first; `active` False ends it.

    Raises Refused for another role than a data manager's of all sites, a past day, no reason, a name or a span no
    rule can have, a visit rule about parts of a day, visits the schedule has not, and where nothing would change.
    """
    if not by.may(Permission.CHANGE_STUDY_SETTINGS, None, clock.day(now)):
        raise Refused(_("Only data managers of all sites change the rules of reminders."))
    if not NAME.fullmatch(name):
        raise Refused(
            _("A rule's name has 2 to 20 small letters, digits and hyphens, and begins with a letter.")
        )
    if abs(after) > FARTHEST or after % about.unit:
        raise Refused(_("The span is at most a year, of a visit in whole days."))
    if role in NOT_WRITTEN_TO or role not in Role.values:
        raise Refused(_("Nobody of this role is reminded."))
    if about.of_report and visits:
        raise Refused(_("A rule about a report names no visits."))
    unknown = set(visits) - set(codes_of_schedule(clock.day(now)))
    if unknown:
        raise Refused(_("The schedule has no visit %(codes)s.") % {"codes": ", ".join(sorted(unknown))})
    if effective_from < clock.day(now):
        raise Refused(_("A rule can be changed from today on, not for days past."))
    if not reason.strip():
        raise Refused(_("Write the reason for the change."))
    last = ReminderRule.objects.filter(name=name).order_by("-version").first()
    new = ReminderRule(
        name=name,
        version=last.version + 1 if last else 1,
        about=about,
        after=after,
        role=role,
        channel=channel,
        visits=sorted(set(visits)),
        active=active,
        effective_from=effective_from,
        reason=reason.strip(),
        set_at=now,
        set_by=by.author,
    )
    before = last.rule if last else next((rule for rule in DEFAULTS if rule.name == name), None)
    if before == new.rule and (last.active if last else True) == active:
        raise Refused(_("The rule says this already."))
    new.save()
    return new


def codes_of_schedule(day: date) -> list[str]:
    return [visit.code for visit in schedule_of(schedule_in_force(day).pk).visits]


@action
def set_wishes(
    *, zone: str, quiet_from: time, quiet_until: time, phone: str, wechat: str, by: Actor, now: datetime
) -> ReminderPreference:
    """Keep how a person wishes to be reminded; each person their own. Refused for what cannot be reached."""
    if zone not in available_timezones():
        raise Refused(_("This time zone is not known."))
    phone = re.sub(r"[ -]", "", phone)
    if phone and not PHONE.fullmatch(phone):
        raise Refused(_("Write the telephone number with + and the country, as +8613800000000."))
    if not WECHAT.fullmatch(wechat.strip()):
        raise Refused(_("A WeChat account has letters, digits, hyphens and underscores."))
    wishes, _created = ReminderPreference.objects.update_or_create(
        person=by.author,
        defaults={
            "zone": zone,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "phone": phone,
            "wechat": wechat.strip(),
        },
    )
    return wishes


@action
def beat(*, task: str, by: Actor, now: datetime, ended: bool = False) -> None:
    """Leave the worker's sign of life: that a task begins, or has come to its end."""
    Heartbeat.objects.update_or_create(task=task, defaults={"ended" if ended else "began": now})

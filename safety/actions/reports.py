"""The verbs of a report: file a version, acknowledge its receipt, name recipients; and what the clock brings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from accounts.models import Site
from eligibility.models import AdverseEvent
from records import clock, study
from records.actions import save_record
from records.checks import Entry
from records.findings import Overtaken, Refused
from records.zone import TRIAL_ZONE
from safety import codelists
from safety.clocks import Light
from safety.models import ClockMark, ReportRecipient, SaeDelivery, SaeReport
from safety.models.reports import delivered_to
from safety.selectors.clocks import clock_of, recipients_of, snapshot_of

# What an initial report cannot do without; a follow-up report brings the rest.
LEAST = ("aeterm", "aeser", "saeaware")
FILED = "首次报告已发送 / initial report sent"


@action
def file_report(
    *,
    event: AdverseEvent,
    kind: str,
    revision: int,
    sent: datetime,
    reporter: str,
    information: str,
    by: Actor,
    now: datetime,
) -> SaeReport:
    """Keep a version of the report as it was sent: initial, follow-up or final. Versions are never changed.

    An initial report needs the participant, the event, that it is serious, the moment of awareness and who
    reports; it enters its time in the form where none stands there yet. A follow-up or final report needs new
    information, and a final one the form submitted. Raises Refused with what is missing, for another role, for a
    time before awareness or in the future, for a second initial report and for another version before it;
    Overtaken where the form is not the one the person saw. A lock stops what would be entered in the form alone:
    reports go on (docs/adr/0017-locked-values-do-not-follow.md).
    """
    if by.person is None or Permission.REPORT_SAE not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not report serious adverse events."))
    event = (
        AdverseEvent.objects.select_for_update(of=("self",))
        .select_related("participant__site", "visit")
        .get(pk=event.pk)
    )
    if event.revision != revision:
        raise Overtaken(
            _("The form was changed after you opened it. Look at it again, then file the report.")
        )
    reports = list(event.reports.order_by("number"))
    _ask(event, kind, reports, sent, reporter.strip(), information.strip(), now)
    if kind == "INITIAL" and event.saerep is None:
        event = _enter_time(event, sent, by, now)
    report = SaeReport.objects.create(
        participant_id=event.participant_id,
        event=event,
        kind=kind,
        number=len(reports) + 1,
        revision=event.revision,
        snapshot=snapshot_of(event),
        information=information.strip(),
        reporter=reporter.strip(),
        sent=sent,
        filed_at=now,
        filed_by=by.person,
    )
    SaeDelivery.objects.bulk_create(delivered_to(recipients_of(event.participant.site), report))
    return report


def _ask(
    event: AdverseEvent,
    kind: str,
    reports: list[SaeReport],
    sent: datetime,
    reporter: str,
    information: str,
    now: datetime,
) -> None:
    if kind not in codelists.REPORT:
        raise Refused(_("Choose which report it is."))
    if event.aeser != "Y" or any(getattr(event, name) is None for name in LEAST):
        raise Refused(
            _("A report needs the event, that it is serious, and the moment of awareness. Enter them first.")
        )
    assert event.saeaware is not None
    if not reporter:
        raise Refused(_("Write who reports."))
    if sent > now:
        raise Refused(_("The report was sent in the future. Check the date and the time."))
    if sent < event.saeaware:
        raise Refused(_("The report was sent before awareness. Check the date and the time."))
    if kind == "INITIAL":
        if reports:
            raise Refused(_("The initial report has been filed already. File a follow-up report."))
        if event.saerep is not None and event.saerep != sent:
            raise Refused(
                _(
                    "The form says that the initial report was sent at %(time)s. Give the same time, or correct it there."
                )
                % {"time": f"{event.saerep.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M}"}
            )
        return
    if not reports:
        raise Refused(_("File the initial report first."))
    if sent < reports[-1].sent:
        raise Refused(_("The report was sent before the version before it. Check the date and the time."))
    if not information:
        raise Refused(_("Write what is new."))
    if kind == "FINAL" and not event.submitted:
        raise Refused(_("A final report needs the form complete. Submit it first."))


def _enter_time(event: AdverseEvent, sent: datetime, by: Actor, now: datetime) -> AdverseEvent:
    """Write in the form when the initial report left, so that it stands in one place and stops the clock."""
    entry = Entry.of(event)
    entry.answers["saerep"] = sent
    context = AdverseEvent.context(visit=event.visit, repeat=event.repeat, today=clock.day(now), now=now)
    saved = save_record(
        model=AdverseEvent,
        place={"participant": event.participant, "visit": event.visit, "repeat": event.repeat},
        entry=entry,
        context=context,
        submit=False,
        by=by,
        now=now,
        reason=FILED,
        revision=event.revision,
    )
    saved.visit, saved.participant = event.visit, event.participant
    return saved


@action
def acknowledge(*, delivery: SaeDelivery, note: str, by: Actor, now: datetime) -> SaeDelivery:
    """Note that a recipient confirmed the receipt of a version; Refused where it was noted already."""
    if by.person is None or not {Permission.ACKNOWLEDGE_SAE, Permission.REPORT_SAE} & GRANTS.get(
        by.role, frozenset()
    ):
        raise Refused(_("Your role does not note receipts."))
    delivery = SaeDelivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if delivery.acknowledged_at is not None:
        raise Refused(_("The receipt was noted already."))
    delivery.acknowledged_at, delivery.acknowledged_by, delivery.note = now, by.person, note.strip()
    delivery.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
    return delivery


# Recipients -------------------------------------------------------------------------------------------

FIRST_RECIPIENTS = (
    ("SPONSOR", "Safety desk of the sponsor-investigator", "申办者（研究者）安全性信息负责人"),
    ("INSTITUTION", "Clinical trial office of the institution", "研究机构办公室"),
    ("ETHICS", "Ethics committee of the institution", "研究机构伦理委员会"),
)


@action
def name_first_recipients(*, by: Actor, now: datetime) -> None:
    """Give a new trial the recipients of section 9: sponsor, institution and ethics committee of every site."""
    if not ReportRecipient.objects.exists():
        for kind, english, chinese in FIRST_RECIPIENTS:
            ReportRecipient.objects.create(
                kind=kind, name_en=english, name_zh=chinese, added_at=now, added_by=by.person
            )


@action
def add_recipient(
    *, site: Site | None, kind: str, name_en: str, name_zh: str, contact: str, by: Actor, now: datetime
) -> ReportRecipient:
    """Name somebody further reports go to, of one site or (None) of every site; data managers of it do."""
    _ask_data_manager(by, site.pk if site else None, now)
    if kind not in codelists.RECIPIENT or not name_en.strip() or not name_zh.strip():
        raise Refused(_("Write the name in both languages and choose the kind."))
    return ReportRecipient.objects.create(
        site=site,
        kind=kind,
        name_en=name_en.strip(),
        name_zh=name_zh.strip(),
        contact=contact.strip(),
        added_at=now,
        added_by=by.person,
    )


@action
def retire_recipient(*, recipient: ReportRecipient, by: Actor, now: datetime) -> None:
    """Send no further reports there; what was sent stays. Whoever may name one there retires it."""
    _ask_data_manager(by, recipient.site_id, now)
    locked = ReportRecipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    if locked.retired_at is not None:
        raise Refused(_("This recipient is retired already."))
    locked.retired_at, locked.retired_by = now, by.person
    locked.save(update_fields=["retired_at", "retired_by"])


def _ask_data_manager(by: Actor, site_id: int | None, now: datetime) -> None:
    if by.may(Permission.CHANGE_STUDY_SETTINGS, site_id, clock.day(now)):
        return
    if site_id is None:
        raise Refused(_("A data manager of all sites names who receives the reports of every site."))
    raise Refused(_("A data manager of the site names who receives its reports."))


# The clock --------------------------------------------------------------------------------------------


@action
def mark_clocks(*, by: Actor, now: datetime) -> list[AdverseEvent]:
    """Note each clock that passed 18 or 24 hours with its report not sent; give the events newly past 24."""
    settings = study.in_force(clock.day(now))
    limits = {
        Light.AMBER: timedelta(hours=settings["sae_amber_hours"]),
        Light.RED: timedelta(hours=settings["sae_report_hours"]),
    }
    running = AdverseEvent.objects.filter(aeser="Y", saeaware__isnull=False, saerep__isnull=True)
    known = set(
        ClockMark.objects.filter(participant__in=running.values("participant")).values_list(
            "participant_id", "number", "aware", "light"
        )
    )
    newly_late = []
    for event in running.select_related("participant__site"):
        read = clock_of(event, now, settings)
        if read is None or read.light is Light.GREEN:
            continue
        passed = [Light.AMBER] if read.light is Light.AMBER else [Light.AMBER, Light.RED]
        for light in passed:
            mark: dict[str, Any] = {
                "participant_id": event.participant_id,
                "number": event.repeat,
                "aware": event.saeaware,
                "light": str(light),
            }
            if tuple(mark.values()) in known or not _marked(mark, limits[light], now):
                continue
            if light is Light.RED:
                newly_late.append(event)
    return newly_late


def _marked(mark: dict[str, Any], after: timedelta, now: datetime) -> bool:
    """Store a mark; False where another worker did at the same moment."""
    try:
        with transaction.atomic():
            ClockMark.objects.create(**mark, crossed=mark["aware"] + after, noticed=now)
    except IntegrityError:
        return False
    return True

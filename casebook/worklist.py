"""What needs a person today: visits and decisions, most pressing first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Access, Permission
from accounts.models import Site
from casebook.selectors import Marks, form_states, next_form, unsaved_of
from followup.selectors import troubled_reminders
from monitoring.extents import Extent
from monitoring.page import query_row
from monitoring.selectors.progress import fallen, to_sign
from monitoring.selectors.queries import to_answer, to_close
from monitoring.views.signing import sign_line
from participants.models import Participant, Visit
from participants.selectors import open_discrepancies, participants_for, visits_for
from participants.workflow import ParticipantState, VisitState
from records import clock, study
from records.definition import forms
from safety.page import source_url, worklist_row
from safety.selectors.clocks import running_clocks
from safety.selectors.deviations import drafts_waiting
from safety.selectors.laboratory import prompts

MOST = 100
AHEAD = 7


@dataclass(slots=True)
class Group:
    """Rows of one kind under one heading; `items` as templates/components/worklist.html reads them."""

    title: str
    items: list[dict[str, Any]] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return f"{self.title} ({len(self.items)})"


def worklist(access: Access, moment: datetime, site: Site | None) -> list[Group]:
    """Everything that waits at the sites of this person; twelve queries whatever there is.

    Three more where a laboratory result calls for an adverse event, and for an investigator, who signs; two for whoever
    answers queries and for whoever asks them, one where there are none; one more for a monitor.
    """
    here, today = Q(participant__site=site) if site else Q(), clock.day(moment)
    settings = study.in_force(today)
    closing_days = timedelta(days=settings["reminder_closing_days"])
    due = list(
        visits_for(access)
        .filter(here)
        .filter(
            Q(status=VisitState.STARTED)
            | Q(status=VisitState.PLANNED, target_from__lte=today + timedelta(days=AHEAD))
            | Q(status=VisitState.PLANNED, window_open__lte=today)
        )
        # A hepatectomy is expected, not owed: once its time has passed it waits on the treatment page.
        .exclude(series="SURGERY", status=VisitState.PLANNED, window_close=None, target_to__lt=today)
        .select_related("participant")
        .order_by(F("window_close").asc(nulls_last=True), "target_to", "pk")[:MOST]
    )
    entered, marks = form_states(visit.pk for visit in due), Marks(today)
    overdue, closing, now, soon, begun = (
        Group(_("Overdue")),
        Group(_("Window closing")),
        Group(_("Due now")),
        Group(_("In the next seven days")),
        Group(_("Begun, not complete")),
    )
    for visit in due:
        item, group = _visit_row(visit, entered[visit.pk], marks), now
        last = visit.window_close or (None if visit.window_open else visit.target_to)
        if visit.status == VisitState.STARTED:
            group = begun
        elif last and last < today:
            group = overdue
            item["late"] = True
        elif visit.window_close and visit.window_close - today <= closing_days:
            group = closing
        elif (visit.window_open or visit.target_from or today) > today:
            group = soon
        group.items.append(item)
    return [
        _unsaved(access, site),
        _clocks(access, moment, settings, site),
        _results(access, here),
        *_decisions(access, site),
        _to_sign(access, here),
        _fallen(access, here),
        _deviations(access, here),
        *_queries(access, here, moment),
        _checks(access, site),
        _reminders(access, site),
        overdue,
        closing,
        now,
        begun,
        soon,
    ]


def _unsaved(access: Access, site: Site | None) -> Group:
    """Forms into which this person typed something they have not saved."""
    group = Group(_("Typed and not saved"))
    for one in unsaved_of(access):
        participant = one.visit.participant
        if site and participant.site_id != site.pk:
            continue
        model: Any = forms().get(one.form)
        if model is None:
            continue
        number = [one.repeat] if model.form.several else []
        group.items.append(
            {
                "state": "partial",
                "words": _("not saved"),
                "who": participant.number,
                "what": f"{one.visit.label} · {model.form.title}",
                "when": _("typed %(at)s")
                % {"at": one.kept_at.astimezone(clock.TRIAL_ZONE).strftime("%Y-%m-%d %H:%M")},
                "late": False,
                "url": reverse("casebook:entry", args=[one.visit_id, one.form, *number])
                + f"?unsaved={one.pk}",
                "action": _("Take up"),
            }
        )
    return group


def _clocks(access: Access, moment: datetime, settings: Mapping[str, Any], site: Site | None) -> Group:
    """Serious adverse events whose initial report has not been sent."""
    running = running_clocks(access, moment, settings, site)
    return Group(_("SAE clocks running"), [worklist_row(one, moment, settings) for one in running])


def _results(access: Access, here: Q) -> Group:
    """Laboratory results that call for an adverse event and have none."""
    group = Group(_("Laboratory results without an adverse event"))
    for one in prompts(access, here)[:MOST]:
        group.items.append(
            {
                "state": "open",
                "words": _("no adverse event"),
                "who": one.participant.number,
                "what": f"{one.label} · {_('grade %(grade)s') % {'grade': one.result.grade}}",
                "when": one.result.on.isoformat(),
                "late": False,
                "url": reverse("casebook:participant", args=[one.participant.pk]) + "#safety",
                "action": _("Judge"),
            }
        )
    return group


def _to_sign(access: Access, here: Q) -> Group:
    """Visits that are complete, and what a change has voided since it was signed."""
    group = Group(_("To sign"))
    for one in to_sign(access, here, MOST):
        line = sign_line(one)
        group.items.append(
            {
                "state": "open" if line["void"] else "complete",
                "words": _("voided by a change") if line["void"] else _("to sign"),
                "who": line["who"],
                "what": line["what"],
                "when": _("voided by a change of %(form)s") % line["void"] if line["void"] else "",
                "late": False,
                "url": line["url"],
                "action": _("Read and sign"),
            }
        )
    return group


def _fallen(access: Access, here: Q) -> Group:
    """Forms that were verified against the source and changed since."""
    group = Group(_("Changed since verified"))
    for one in fallen(access, here)[:MOST]:
        one.visit.participant = one.participant
        place = Extent.of_form(one.visit, one.form, one.repeat)
        group.items.append(
            {
                "state": "open",
                "words": one.words,
                "who": one.participant.number,
                "what": str(place.words).partition(" · ")[2],
                "when": "",
                "late": False,
                "url": place.home,
                "action": _("Verify again"),
            }
        )
    return group


def _deviations(access: Access, here: Q) -> Group:
    """Deviations that were drafted and wait for a person, and those whose source was corrected since."""
    group = Group(_("Drafts of deviations"))
    for draft in drafts_waiting(access, here)[:MOST]:
        record = draft.deviation
        group.items.append(
            {
                "state": "partial" if draft.stands else "open",
                "words": draft.rule_words,
                "who": draft.participant.number,
                "what": draft.words,
                "when": "" if draft.stands else _("source corrected"),
                "late": False,
                "url": reverse("casebook:entry", args=[record.visit_id, "DV", record.repeat])
                if record
                else source_url(draft),
                "action": _("Complete") if draft.stands else _("Open"),
            }
        )
    return group


def _checks(access: Access, site: Site | None) -> Group:
    """What checks across forms found and the site has to answer."""
    group = Group(_("Checks to answer"))
    found = open_discrepancies(access)
    for one in (found.filter(participant__site=site) if site else found)[:MOST]:
        group.items.append(
            {
                "state": "open",
                "words": one.status_words,
                "who": one.participant.number,
                "what": f"{one.check_id} · {one.message}",
                "when": "",
                "late": False,
                "url": reverse("casebook:entry", args=[one.visit_id, one.form, one.repeat]),
                "action": _("Answer"),
            }
        )
    return group


def _queries(access: Access, here: Q, moment: datetime) -> list[Group]:
    """Questions to the site for whoever answers them, and answers for whoever asked."""
    answers, closes = Group(_("Queries to answer")), Group(_("Answered queries, to close"))
    if access.may_somewhere(Permission.ENTER_DATA):
        found = to_answer(access, here, access.user, MOST)
        answers.items += [query_row(one, moment, _("Answer")) for one in found]
    if access.may_somewhere(Permission.RAISE_QUERIES):
        answered = to_close(access, here, access.user, clock.day(moment), MOST)
        closes.items += [query_row(one, moment, _("Close or ask again")) for one in answered]
    return [answers, closes]


def _reminders(access: Access, site: Site | None) -> Group:
    """Reminders that could not be delivered, or may not have been, and wait for a person."""
    group = Group(_("Reminders to settle"))
    for reminder in troubled_reminders(access):
        if site and reminder.participant.site_id != site.pk:
            continue
        group.items.append(
            {
                "state": "overdue",
                "words": reminder.status_words,
                "who": reminder.participant.number,
                "what": reminder.status_words,
                "when": "",
                "late": True,
                "url": reverse("casebook:participant", args=[reminder.participant_id]) + "#reminders",
                "action": _("Settle"),
            }
        )
    return group


def _visit_row(visit: Visit, entered: dict[str, str], marks: Marks) -> dict[str, Any]:
    state, words, count = marks.of(visit, entered)
    form = next_form(visit, entered) or (visit.forms[0] if visit.forms else "SV")
    return {
        "state": state,
        "words": words,
        "who": visit.participant.number,
        "what": f"{visit.label}{f' · {count}' if count else ''}",
        "when": _distance(visit, marks.today),
        "late": False,
        "url": reverse("casebook:entry", args=[visit.pk, form]),
        "action": _("Continue") if entered else _("Begin"),
    }


def _distance(visit: Visit, today: date) -> str:
    """The date that matters next, and how far it is, in words."""
    last = visit.window_close or visit.target_to
    opens = visit.window_open or visit.target_from
    if opens and opens > today:
        return _days(_("from %(day)s"), opens, (opens - today).days, ahead=True)
    if last and last >= today:
        return _days(_("until %(day)s"), last, (last - today).days, ahead=True)
    if last:
        return _days(_("since %(day)s"), last, (today - last).days, ahead=False)
    return ""


def _days(words: str, day: date, count: int, *, ahead: bool) -> str:
    if not count:
        distance = _("today")
    elif ahead:
        distance = ngettext("in %(count)s day", "in %(count)s days", count) % {"count": count}
    else:
        distance = ngettext("%(count)s day over", "%(count)s days over", count) % {"count": count}
    return f"{words % {'day': day.isoformat()}} · {distance}"


def _decisions(access: Access, site: Site | None) -> list[Group]:
    """Participants who wait for the investigator: to be found eligible, or for an arm."""
    if not access.may_somewhere(Permission.DECIDE_ELIGIBILITY):
        return []
    people = participants_for(access, Permission.DECIDE_ELIGIBILITY)
    if site:
        people = people.filter(site=site)
    waiting = people.filter(status__in=[ParticipantState.SCREENING, ParticipantState.ELIGIBLE]).order_by(
        "number"
    )
    decide, assign = Group(_("Eligibility to decide")), Group(_("Arm to assign"))
    for participant in waiting[:MOST]:
        eligible = participant.status == ParticipantState.ELIGIBLE
        (assign if eligible else decide).items.append(_decision_row(participant, eligible=eligible))
    return [decide, assign]


def _decision_row(participant: Participant, *, eligible: bool) -> dict[str, Any]:
    return {
        "state": "open",
        "words": participant.status_words,
        "who": participant.number,
        "what": participant.status_words,
        "when": "",
        "late": False,
        "url": reverse("arms:workflow" if eligible else "eligibility:decide", args=[participant.pk]),
        "action": _("Assign the arm") if eligible else _("Look at the criteria"),
    }

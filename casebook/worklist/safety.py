"""What safety asks for: reports within hours, results to judge, deviations to complete."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from casebook.worklist.distance import since
from casebook.worklist.sections import Desk, Found, Line, Section, found_in, line
from records import clock
from safety.models import DeviationDraft
from safety.page import source_url, worklist_row
from safety.selectors.clocks import running_clocks
from safety.selectors.deviations import drafts_waiting
from safety.selectors.laboratory import Prompt, prompts

# Nothing else is as urgent, so all clocks stand on the home page.
ALL = 100


def _clocks(desk: Desk, first: int, last: int) -> Found:
    """Serious adverse events whose initial report has not been sent."""
    running = running_clocks(desk.access, desk.moment, desk.settings, desk.site)
    lines = [worklist_row(one, desk.moment, desk.settings) for one in running[first:last]]
    for row, one in zip(lines, running[first:last], strict=True):
        if not desk.access.may(Permission.REPORT_SAE, one.participant.site_id):
            row["action"] = _("View")
    return Found(len(running), lines)


def _results(desk: Desk, first: int, last: int) -> Found:
    """Laboratory results that call for an adverse event and have none, the oldest first."""
    found = prompts(desk.access, desk.here & desk.access.at_sites(Permission.ENTER_DATA, "participant__site"))
    found.sort(key=lambda one: one.result.on)

    def drawn(one: Prompt) -> Line:
        grade = _("grade %(grade)s") % {"grade": one.result.grade}
        return line(
            one.participant.number,
            one.participant.pk,
            f"{one.label} · {grade}",
            since(one.result.on, desk.today),
            reverse("casebook:participant", args=[one.participant.pk]) + "#safety",
            _("Judge"),
            words=_("no adverse event"),
        )

    return Found(len(found), [drawn(one) for one in found[first:last]])


def _deviations(desk: Desk, first: int, last: int) -> Found:
    """Deviations that were drafted and wait for a person, and those whose source was corrected since."""
    found = drafts_waiting(
        desk.access, desk.here & desk.access.at_sites(Permission.ENTER_DATA, "participant__site")
    )

    def drawn(draft: DeviationDraft) -> Line:
        record, corrected = draft.deviation, _("source corrected")
        return line(
            draft.participant.number,
            draft.participant_id,
            str(draft.words) if draft.stands else f"{draft.words} · {corrected}",
            since(clock.day(draft.drafted_at), desk.today),
            reverse("casebook:entry", args=[record.visit_id, "DV", record.repeat])
            if record
            else source_url(draft),
            _("Complete") if draft.stands else _("Open"),
            state="partial" if draft.stands else "open",
            words=str(draft.rule_words),
        )

    return found_in(found.order_by("drafted_at", "pk"), first, last, drawn)


WATCHING = frozenset({Permission.REPORT_SAE, Permission.ACKNOWLEDGE_SAE, Permission.REVIEW_DATA})
SITE_STAFF = frozenset({Permission.ENTER_DATA})

CLOCKS = Section("clocks", lambda: _("SAE clocks running"), WATCHING, _clocks, shown=ALL)
RESULTS = Section("results", lambda: _("Laboratory results without an adverse event"), SITE_STAFF, _results)
DEVIATIONS = Section("deviations", lambda: _("Drafts of deviations"), SITE_STAFF, _deviations)

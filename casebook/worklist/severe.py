"""What participants wrote on their phones that somebody at the site has to see to today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from casebook.worklist.distance import since
from casebook.worklist.sections import Desk, Found, Line, Section, found_in
from diary.models import DiaryTask
from diary.page import worklist_row
from diary.selectors import open_tasks
from records import clock


def _severe(desk: Desk, first: int, last: int) -> Found:
    """Severe answers nobody has seen to, the longest waiting first."""
    at_my_sites = desk.access.at_sites(Permission.ENTER_DATA, "participant__site")

    def drawn(task: DiaryTask) -> Line:
        return {
            "who_url": reverse("casebook:participant", args=[task.participant_id]),
            **worklist_row(task),
            "when": since(clock.day(task.raised), desk.today),
        }

    return found_in(open_tasks(desk.access, desk.here & at_my_sites), first, last, drawn)


SEVERE = Section(
    "severe", lambda: _("Severe answers of participants"), frozenset({Permission.ENTER_DATA}), _severe
)

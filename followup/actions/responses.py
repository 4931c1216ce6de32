"""Keep every assessment's computed response in step with the imaging and with what it is judged by.

A corrected lesion can move the smallest sum, and with it what every later assessment says; so all of a
participant's assessments are computed again, and those that change keep the reason in the trail.
"""

from __future__ import annotations

from typing import Any, Final

from followup.models import TumourResponse
from followup.tumour_course import read_course
from participants.schedule_file import Anchor
from records import clock, events
from records.actions import derive_all_again
from records.text import Text

# Items that the computed response of other forms reads; the days of assignment and hepatectomy are anchors.
READ: Final = {
    "IMG": {"imgdtc", "imgqual", "imgeval", "newles", "lesions"},
    "RSP": {"rscat", "ntrgresp", "recurfl"},
    "SURG": {"surgyn", "margin_i"},
    "PATH": {"rmargin"},
    "SACT": {"sactint", "sactstdtc"},
}
ANCHORS: Final = (Anchor.A0, Anchor.A2)
ANCHOR_MOVED: Final = Text("date of assignment or hepatectomy", "分组或手术日期")


def keep_responses_in_step(event: events.Saved | events.Deleted | events.AnchorMoved) -> None:
    """Compute a participant's assessments again after something they are judged by changed or was removed.

    Ten queries and what the changed records tell others, however many assessments there are.
    """
    if isinstance(event, events.AnchorMoved):
        if event.anchor in ANCHORS:
            _compute_again(event, event.participant.pk, ANCHOR_MOVED)
        return
    record: Any = event.record
    read = READ.get(record.form.code) if hasattr(record, "form") else None
    if read is None or (isinstance(event, events.Saved) and not read & event.changed):
        return
    but = record.pk if isinstance(record, TumourResponse) else None
    _compute_again(event, record.participant_id, record.form.title, but=but)


def _compute_again(event: events.Event, participant_id: int, what: Text, but: int | None = None) -> None:
    found = TumourResponse.objects.filter(participant_id=participant_id).values_list("pk", flat=True)
    keys = [key for key in found if key != but]
    if not keys:
        return
    today = clock.day(event.now)
    course = read_course(participant_id, TumourResponse.objects.all(), today)
    derive_all_again(
        model=TumourResponse,
        keys=keys,
        context_of=lambda one: TumourResponse.context_of(course, one.visit, today),
        by=event.by,
        now=event.now,
        reason=f"{what.zh}更改后重新计算 / recomputed after a change to: {what.en}",
    )

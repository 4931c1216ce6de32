"""Whether an extent is ready to be signed: everything due is submitted and complete, and no question is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eligibility.policies import due_forms
from monitoring.content import entry_of, manifest_of, seal
from monitoring.extents import Extent
from monitoring.selectors.contents import entered_at
from monitoring.selectors.holds import Held, held_over
from monitoring.selectors.open_queries import open_queries_at
from monitoring.selectors.signatures import visits_of
from participants.models import Visit
from participants.reading import Entered
from participants.workflow import VisitState
from records import clock
from records.checks import findings_of
from records.findings import Level


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands at an extent and what of it keeps the extent from being signed; `sha256` is what would be signed."""

    records: Sequence[Entered]
    visits: dict[int, Visit]
    held: Held | None
    drafts: int
    blank: int
    faulty: int
    queries: int
    manifest: list[dict[str, object]]
    sha256: str


def readiness_of(extent: Extent, now: datetime) -> Readiness:
    """Read an extent whole, and judge every submitted form of it once more as if it were submitted now."""
    assert extent.participant
    records, visits = entered_at(extent), visits_of(extent)
    for visit in visits.values():
        visit.participant = extent.participant
    number = extent.participant.number
    manifest = manifest_of(records, visits, number)
    return Readiness(
        records,
        visits,
        held_over(extent),
        sum(not one.record.submitted for one in records),
        _blank(extent, records, visits),
        sum(_is_faulty(one, visits[one.record.visit_id], now) for one in records if one.record.submitted),
        open_queries_at(extent),
        manifest,
        seal(number, extent.key, manifest),
    )


def _blank(extent: Extent, records: Sequence[Entered], visits: dict[int, Visit]) -> int:
    """How many forms are due and not entered: at the visit to be signed, or at every one that took place."""
    if extent.form:
        return 0
    there = {(one.record.visit_id, one.record.form.code) for one in records}
    happened = [
        visit
        for visit in visits.values()
        if extent.visit or visit.throughout or visit.status in (VisitState.STARTED, VisitState.DONE)
    ]
    return sum(
        (visit.pk, code) not in there
        for visit in happened
        if visit.status != VisitState.MISSED
        for code in due_forms(visit)
    )


def _is_faulty(entered: Entered, visit: Visit, now: datetime) -> bool:
    """Whether a form could not be submitted as it stands: what other forms say may ask for more since then."""
    model = type(entered.record)
    context = model.context(visit=visit, repeat=entered.record.repeat, today=clock.day(now), now=now)
    found = findings_of(model, entry_of(entered), context, complete=True)
    return any(one.level is Level.HARD for one in found)

"""The small marks of the matrix: which visits are verified, signed, frozen, locked, asked about; one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection

from monitoring.selectors.queries import OPEN_AT_VISITS
from monitoring.trust import HoldState, stricter

# Holds of these participants and of all they lie in; signatures of visits and casebooks; records wholly verified.
TRUSTED = f"""
SELECT 'HOLD', coalesce(h.participant_id, p.id), h.visit_id, h.state, 0
FROM monitoring_hold h
LEFT JOIN participants_participant p
       ON p.id = ANY (%(ids)s) AND (h.level = 'TRIAL' OR (h.level = 'SITE' AND p.site_id = h.site_id))
WHERE h.state <> 'OPEN' AND h.level <> 'FORM' AND (h.participant_id = ANY (%(ids)s) OR h.level IN ('TRIAL', 'SITE'))
UNION ALL
SELECT 'SIGNED', s.participant_id, s.visit_id, '', 0 FROM monitoring_signature s
WHERE s.participant_id = ANY (%(ids)s) AND s.state = 'STANDING' AND s.level <> 'FORM'
UNION ALL
SELECT 'VERIFIED', v.participant_id, v.visit_id, v.state, count(*) FROM monitoring_verification v
WHERE v.participant_id = ANY (%(ids)s) AND v.kind = 'SOURCE' AND v.state IN ('COMPLETE', 'CHANGED')
GROUP BY 2, 3, 4
UNION ALL
SELECT 'ASKED', asked.participant_id, asked.visit_id, '', asked.number FROM ({OPEN_AT_VISITS}) asked
"""  # noqa: S608 – our own words


@dataclass(slots=True)
class TrustMarks:
    """What stands over the visits of some participants; keys are (participant, visit), visit None for all of them."""

    people: set[int] = field(default_factory=set)  # whose visits have any mark
    holds: dict[tuple[int, int | None], HoldState] = field(default_factory=dict)
    signed: set[tuple[int, int | None]] = field(default_factory=set)
    verified: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    changed: set[int] = field(default_factory=set)
    # Open queries of a participant by visit; 0: at none.
    asked: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, participant_id: int, visit_id: int, records: int) -> tuple[str, ...]:
        """The marks of a visit at which so many records are entered: words of templates/components/cell.html."""
        if participant_id not in self.people:
            return ()
        found = []
        if visit_id in self.changed:
            found.append("changed")
        elif records and self.verified[visit_id] == records:
            found.append("verified")
        if (participant_id, visit_id) in self.signed or ((participant_id, None) in self.signed and records):
            found.append("signed")
        own = self.holds.get((participant_id, visit_id), HoldState.OPEN)
        around = self.holds.get((participant_id, None), HoldState.OPEN)
        held = own if stricter(own, around) else around
        if held != HoldState.OPEN and records:
            found.append(str(held).lower())
        return tuple(found)


def trust_marks(participant_ids: Collection[int]) -> TrustMarks:
    """Read the marks of all visits of some participants; one query."""
    marks = TrustMarks()
    with connection.cursor() as cursor:
        cursor.execute(TRUSTED, {"ids": list(participant_ids), "people": list(participant_ids)})
        for what, participant_id, visit_id, state, count in cursor.fetchall():
            if what == "ASKED":
                marks.asked[participant_id][visit_id] = count
                continue
            marks.people.add(participant_id)
            if what == "SIGNED":
                marks.signed.add((participant_id, visit_id))
            elif what == "VERIFIED" and state == "CHANGED":
                marks.changed.add(visit_id)
            elif what == "VERIFIED":
                marks.verified[visit_id] = count
            elif participant_id is not None:
                known = marks.holds.get((participant_id, visit_id), HoldState.OPEN)
                if stricter(HoldState(state), known):
                    marks.holds[participant_id, visit_id] = HoldState(state)
    return marks

"""What stands over one record: holds, signatures, verification, the plan; one statement for a page, one for a save."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from accounts.prepared import ask
from monitoring.extents import keys_around
from monitoring.selectors.holds import Held, strictest
from monitoring.selectors.plans import plan_of
from participants.models import CaseReportForm, Visit

PLAN = """
SELECT 'PLAN', to_jsonb(newest.items) FROM (
    SELECT items FROM monitoring_verificationplan WHERE form = %(form)s ORDER BY version DESC LIMIT 1) newest
"""

VERIFICATIONS = """
SELECT 'VERIFICATION', to_jsonb(v) FROM monitoring_verification v
WHERE v.form = %(form)s AND v.record_id = %(record)s
"""

# A save: what it may not touch, what it voids, what falls, which checks had fired (migration 0003).
TOUCHED = """
SELECT what, body
FROM monitoring_touched(%(site)s, %(participant)s, %(keys)s, %(visit)s, %(form)s, %(repeat)s, %(record)s)
"""

# A page: the same with who, when and why; of signatures those that stand, or the last that did.
SHOWN = f"""
SELECT 'HOLD', jsonb_build_object('key', h.key, 'state', h.state, 'at', step.at, 'by', person.full_name,
                                  'reason', step.reason)
FROM monitoring_hold h
JOIN LATERAL (SELECT * FROM monitoring_holdstep s WHERE s.hold_id = h.id ORDER BY s.id DESC LIMIT 1) step ON true
JOIN accounts_user person ON person.id = step.by_id
WHERE h.key = ANY (%(keys)s) AND h.state <> 'OPEN'
UNION ALL
SELECT 'SIGNATURE', to_jsonb(s) - 'manifest' || jsonb_build_object('void', (
    SELECT to_jsonb(v) || jsonb_build_object('by', person.full_name)
    FROM monitoring_signaturevoid v LEFT JOIN accounts_user person ON person.id = v.by_id
    WHERE v.signature_id = s.id))
FROM monitoring_signature s
WHERE s.key = ANY (%(keys)s)
AND NOT EXISTS (SELECT 1 FROM monitoring_signature later WHERE later.key = s.key AND later.id > s.id)
UNION ALL {VERIFICATIONS} UNION ALL {PLAN}
"""  # noqa: S608 – our own words


@dataclass(slots=True)
class Standing:
    """What was found over a record; each part as the statement gives it."""

    holds: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    verifications: list[dict[str, Any]] = field(default_factory=list)
    firings: list[dict[str, Any]] = field(default_factory=list)
    plan: tuple[str, ...] = ()

    @property
    def held(self) -> Held | None:
        return strictest([(one["key"], one["state"]) for one in self.holds])


def touched_by(record: CaseReportForm) -> Standing:
    """What a change of this record meets; one query. Nobody changes it until the transaction ends."""
    return _read(
        TOUCHED, record.participant.site_id, record.visit, record.form.code, record.repeat, record.pk
    )


# Where the guard leaves what it read for those who are told of the same change.
MET = "_met_by_the_guard"


def meet(record: CaseReportForm) -> Standing:
    """The same, asked before a record is changed; who is told of the change takes it up again (`met`)."""
    found = touched_by(record)
    vars(record)[MET] = found
    return found


def met(record: CaseReportForm) -> Standing:
    """What the guard met at this record before this change; values computed again pass no guard, and are asked for."""
    found = vars(record).get(MET)
    return found if found is not None else touched_by(record)


def forget_met(record: CaseReportForm) -> None:
    """Ask again at the next change of this record."""
    vars(record).pop(MET, None)


def standing_over(visit: Visit, form: str, repeat: int, record: CaseReportForm | None) -> Standing:
    """What a page says of a record, or of one to come; one query."""
    return _read(SHOWN, visit.participant.site_id, visit, form, repeat, record.pk if record else None)


def _read(
    statement: str, site_id: int, visit: Visit, form: str, repeat: int, record_id: int | None
) -> Standing:
    keys = keys_around(site_id, visit.participant_id, visit.pk, form, repeat)
    words: dict[str, Any] = {
        "site": site_id,
        "participant": visit.participant_id,
        "keys": keys,
        "visit": visit.pk,
        "form": form,
        "repeat": repeat,
        "record": record_id,
    }
    found = Standing()
    stored: list[str] | None = None
    kinds = {
        "HOLD": found.holds,
        "SIGNATURE": found.signatures,
        "VERIFICATION": found.verifications,
        "FIRING": found.firings,
    }
    for what, body in ask(statement, words):
        read = json.loads(body) if isinstance(body, str) else body
        if what == "PLAN":
            stored = read
        else:
            kinds[what].append(read)
    found.plan = plan_of(form, stored)
    return found

"""The verbs of coding: store a release of MedDRA, and give an adverse event its code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from eligibility.models import AdverseEvent
from records import clock, events
from records.findings import Refused
from records.terms import fold
from safety.meddra_files import Release
from safety.models import EventCoding, MeddraPath, MeddraRelease, MeddraTerm
from safety.selectors.coding import place_of

ROWS_AT_ONCE = 5000


@action
def import_release(
    *,
    version: str,
    release: Release,
    chinese: Mapping[tuple[str, int], str],
    digests: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> MeddraRelease:
    """Store a release under its version, terms and paths in one transaction; a version is stored once.

    `chinese` names terms by level and code; `digests` are the SHA-256 of all files read. Raises Refused for
    another role than a data manager's of all sites and for a version that is there.
    """
    if not by.may(Permission.CODE_EVENTS, None, clock.day(now)):
        raise Refused(_("A data manager of all sites stores a release of MedDRA."))
    if MeddraRelease.objects.filter(version=version).exists():
        raise Refused(_("MedDRA %(version)s has been imported already.") % {"version": version})
    stored = MeddraRelease.objects.create(
        version=version,
        counts=release.counts,
        digests=dict(digests),
        chinese=bool(chinese),
        imported_at=now,
        imported_by=by.author,
    )
    terms = []
    for term in release.terms:
        other = chinese.get((term.level, term.code), "")
        terms.append(
            MeddraTerm(
                release=stored,
                level=term.level,
                code=term.code,
                name_en=term.name,
                name_zh=other,
                searched=f"{fold(term.name)} {fold(other)}".strip(),
                current=term.current,
                parent=term.parent,
            )
        )
    MeddraTerm.objects.bulk_create(terms, batch_size=ROWS_AT_ONCE)
    MeddraPath.objects.bulk_create(
        [
            MeddraPath(
                release=stored, pt=way.pt, hlt=way.hlt, hlgt=way.hlgt, soc=way.soc, primary=way.primary
            )
            for way in release.paths
        ],
        batch_size=ROWS_AT_ONCE,
    )
    return stored


@action
def code_event(
    *, event: AdverseEvent, release: MeddraRelease, llt: int, reason: str, by: Actor, now: datetime
) -> EventCoding:
    """Give an adverse event the code of a lowest level term; a code given before stays, as an earlier version.

    Raises Refused for another role than a data manager's, an event without words, a term that is not a current
    one of the release, the code it has already, another code without a reason, and an event that is locked.
    """
    _ask_coder(by)
    event = AdverseEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
    events.ask_act_guards(events.Act.on(event))
    if not event.aeterm:
        raise Refused(_("The event has no words yet."))
    place = place_of(release, llt)
    if place is None:
        raise Refused(
            _("MedDRA %(version)s has no current term of this code.") % {"version": release.version}
        )
    mine = EventCoding.objects.filter(participant_id=event.participant_id, number=event.repeat)
    last = mine.order_by("version").last()
    if last is not None and (last.llt_code, last.release_id, last.verbatim) == (
        llt,
        release.pk,
        event.aeterm,
    ):
        raise Refused(_("The event has this code already."))
    if last is not None and not reason.strip():
        raise Refused(_("Write why the code changes."))
    return EventCoding.objects.create(
        participant_id=event.participant_id,
        number=event.repeat,
        version=(mine.aggregate(last=Max("version"))["last"] or 0) + 1,
        verbatim=event.aeterm,
        release=release,
        llt_code=place.llt.code,
        llt_name=place.llt.name_en,
        pt_code=place.pt.code,
        pt_name=place.pt.name_en,
        soc_code=place.soc.code,
        soc_name=place.soc.name_en,
        reason=reason.strip(),
        coded_at=now,
        coded_by=by.author,
    )


def _ask_coder(by: Actor) -> None:
    if by.person is None or Permission.CODE_EVENTS not in GRANTS.get(by.role, ()):
        raise Refused(_("A data manager codes adverse events."))

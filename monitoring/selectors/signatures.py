"""Signatures: those that stand, those that were voided, and whether one is of what stands there now."""

from __future__ import annotations

from django.db.models import Q

from monitoring.content import manifest_of, seal
from monitoring.extents import Extent
from monitoring.models import Signature
from monitoring.selectors.contents import entered_at
from monitoring.trust import Level, SignatureState
from participants.models import Visit


def _touches(extent: Extent) -> Q:
    """Signatures that a change within an extent would void: of it, of what lies in it, and of what it lies in."""
    match extent.level:
        case Level.TRIAL:
            return Q()
        case Level.SITE:
            return Q(participant__site=extent.site)
        case Level.PARTICIPANT:
            return Q(participant=extent.participant)
    around = Q(participant=extent.participant, level=str(Level.PARTICIPANT))
    if extent.level is Level.VISIT:
        return around | Q(visit=extent.visit)
    return (
        around
        | Q(visit=extent.visit, level=str(Level.VISIT))
        | Q(visit=extent.visit, form=extent.form, repeat=extent.repeat)
    )


def standing_within(extent: Extent) -> list[Signature]:
    """The signatures a change within this extent would void, by participant; one query."""
    found = Signature.objects.filter(_touches(extent), state=SignatureState.STANDING)
    return list(found.select_related("participant", "visit").order_by("participant__number", "pk"))


def signatures_of(extent: Extent) -> list[Signature]:
    """Every signature of exactly this extent, newest first, voided ones with what voided them; one query."""
    found = Signature.objects.filter(key=extent.key)
    return list(found.select_related("void__by", "void__visit").order_by("-pk"))


def visits_of(extent: Extent) -> dict[int, Visit]:
    """The visits of an extent by number."""
    if extent.visit:
        return {extent.visit.pk: extent.visit}
    assert extent.participant
    return {visit.pk: visit for visit in extent.participant.visits.all()}


def verifies(signature: Signature, extent: Extent) -> bool:
    """Say whether a signature is of this extent as it stands: worked out again with the definitions it names."""
    assert extent.participant
    if signature.key != extent.key:
        return False
    definitions = {(line["form"], line["record"]): line["definition"] for line in signature.manifest}
    number = extent.participant.number
    manifest = manifest_of(entered_at(extent), visits_of(extent), number, definitions)
    return seal(number, extent.key, manifest) == signature.sha256

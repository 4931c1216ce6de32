"""Sign a form, a visit or a casebook."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from monitoring.codelists import MEANINGS_AT
from monitoring.extents import Extent
from monitoring.models import Signature
from monitoring.policies.trust import ask_signer, why_not_ready
from monitoring.selectors.readiness import readiness_of
from monitoring.still import stand_still
from monitoring.trust import SignatureState
from records.findings import Overtaken, Refused


class NotReady(Refused):
    """Something is missing or open, so that it cannot be signed."""


@action
def sign(*, extent: Extent, meaning: str, saw: str, by: Actor, now: datetime) -> Signature:
    """Sign what stands at an extent, as it was seen; whoever saves there at that moment is waited for.

    `saw` is the hash of what the person had before them (Readiness.sha256). That the person is who they are is
    asked again before (forms.SigningForm). Raises Refused for somebody else than an investigator of the site, for
    a meaning that is not offered here, and where it is signed already; NotReady where drafts, missing values or open
    queries are in the way or it is locked; Overtaken where something was saved since it was shown.
    """
    assert extent.participant
    stand_still(extent)
    ask_signer(extent, by, now)
    if meaning not in MEANINGS_AT[extent.level]:
        raise Refused(_("Choose what the signature means."))
    found = readiness_of(extent, now)
    if found.sha256 != saw:
        raise Overtaken(_("Something was saved after you opened this page. Read it again, then sign."))
    sentence = why_not_ready(
        held=found.held,
        records=len(found.records),
        drafts=found.drafts,
        blank=found.blank,
        faulty=found.faulty,
        queries=found.queries,
    )
    if sentence:
        raise NotReady(sentence)
    if Signature.objects.filter(key=extent.key, state=SignatureState.STANDING).exists():
        raise Refused(_("It is signed already."))
    return Signature.objects.create(
        participant=extent.participant,
        level=str(extent.level),
        key=extent.key,
        visit=extent.visit,
        form=extent.form,
        repeat=extent.repeat,
        meaning=meaning,
        name=by.author.full_name,
        by=by.author,
        role=by.role,
        at=now,
        sha256=found.sha256,
        manifest=found.manifest,
    )

"""Keep contact details under the participant's consent, and remove them when it is withdrawn."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from diary.contact_cipher import Contact, encrypted
from diary.models import ContactConsent, ContactDetails
from diary.policies import ask_right
from participants.models import Participant
from records import clock
from records.findings import Refused


@action
def keep_contact(
    *, participant: Participant, contact: Contact, signed_on: date | None, by: Actor, now: datetime
) -> ContactDetails:
    """Keep or change contact details. The first time it takes the day the participant consented to it.

    Raises Refused for another role or site, without a consent, for a consent of the future and for empty details.
    """
    participant = _locked(participant, by)
    if contact.empty:
        raise Refused(_("Write at least one way to reach the participant."))
    if not consented(participant):
        _note(participant, given=True, signed_on=signed_on, by=by, now=now)
    details, _made = ContactDetails.objects.update_or_create(
        participant=participant,
        defaults={"ciphertext": encrypted(contact), "kept_at": now, "kept_by": by.author},
    )
    return details


@action
def withdraw_contact(*, participant: Participant, signed_on: date | None, by: Actor, now: datetime) -> None:
    """Note that the consent was withdrawn, and remove the details for good. Refused where there is no consent."""
    participant = _locked(participant, by)
    if not consented(participant):
        raise Refused(_("There is no consent to withdraw."))
    _note(participant, given=False, signed_on=signed_on, by=by, now=now)
    ContactDetails.objects.filter(participant=participant).delete()


def consented(participant: Participant) -> bool:
    """Whether the consent to contact details holds; the latest word counts."""
    latest = participant.contact_consents.order_by("-id").first()
    return latest is not None and latest.given


def _locked(participant: Participant, by: Actor) -> Participant:
    ask_right(by, Permission.SEE_CONTACTS, participant.site_id)
    return Participant.objects.select_for_update().get(pk=participant.pk)


def _note(participant: Participant, *, given: bool, signed_on: date | None, by: Actor, now: datetime) -> None:
    if signed_on is None:
        raise Refused(_("Write the day the participant said so."))
    if signed_on > clock.day(now):
        raise Refused(_("The day is in the future. Check the date."))
    latest = participant.contact_consents.order_by("-id").first()
    if latest is not None and signed_on < latest.signed_on:
        raise Refused(_("The day is before the one noted last. Check the date."))
    ContactConsent.objects.create(
        participant=participant, given=given, signed_on=signed_on, at=now, by=by.author
    )

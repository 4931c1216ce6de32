"""Who at the site may do what about a participant's record, and when a participant may write."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from followup.selectors import CLOSED
from participants.models import Participant
from records.findings import Refused


class LinkEnded(Refused):
    """The link is good for nothing any more, or was never opened on this phone."""


class TooMany(Refused):
    """So much was sent or tried in a short time that it has to wait."""


def ask_right(by: Actor, permission: Permission, site_id: int) -> None:
    """Refuse whoever is no person in a role with this right at the participant's site."""
    if by.person is None or permission not in GRANTS.get(by.role, ()) or by.site_id not in (None, site_id):
        raise Refused(_("Your role does not allow this at this site."))


def ask_taking_part(participant: Participant) -> None:
    """Refuse entries of somebody who takes part no longer."""
    if participant.status in CLOSED:
        raise LinkEnded(
            _("Your part in the study has ended. Please call the study team if you have questions.")
        )

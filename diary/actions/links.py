"""Hand a link out, take it back, and open it on the participant's phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission, participant_at
from accounts.attribution import action, attributed
from diary.models import DiaryKnock, DiaryLink
from diary.policies import LinkEnded, TooMany, ask_right, ask_taking_part
from diary.tokens import hash_of, new_secret, origin_key
from diary.workflow import KnockOutcome, LinkStanding
from participants.models import Demographics, Participant
from records import clock, study
from records.findings import Refused

REPLACED = "已发放新链接 / another link was handed out"
# So many failed attempts from one address within so long, and it has to wait.
FAILURES_OF_AN_ORIGIN = 20
FAILURES_WITHIN = timedelta(minutes=30)
# A link's last use is kept to this, so that a phone that asks often does not fill the trail.
USED_AGAIN_AFTER = timedelta(hours=1)


@action
def hand_out_link(*, participant: Participant, call: str, by: Actor, now: datetime) -> tuple[DiaryLink, str]:
    """Make a link for a participant and give it with its token, which is kept nowhere: it is shown once.

    A link handed out before ends with it. Raises Refused for another role or site, for somebody who takes part no
    longer, without a number to call, and where no date of birth is known, which opens the link.
    """
    ask_right(by, Permission.ENTER_DATA, participant.site_id)
    participant = Participant.objects.select_for_update().get(pk=participant.pk)
    ask_taking_part(participant)
    if not call.strip():
        raise Refused(_("Write the number the participant calls."))
    if not _year_of_birth(participant):
        raise Refused(_("Enter the date of birth in the demographics form first: its year opens the link."))
    for link in DiaryLink.objects.select_for_update().filter(participant=participant, revoked_at=None):
        _revoke(link, REPLACED, by, now)
    token = new_secret()
    days = int(study.value("diary_link_days", clock.day(now)))
    link = DiaryLink.objects.create(
        participant=participant,
        token_hash=hash_of(token),
        call=call.strip(),
        handed_out_at=now,
        handed_out_by=by.author,
        expires=now + timedelta(days=days),
    )
    return link, token


@action
def revoke_link(*, link: DiaryLink, why: str, by: Actor, now: datetime) -> DiaryLink:
    """Take a link back: from then on nothing is taken by it. Refused without a reason, and where it was taken back."""
    link = DiaryLink.objects.select_for_update(of=("self",)).select_related("participant").get(pk=link.pk)
    ask_right(by, Permission.ENTER_DATA, link.participant.site_id)
    if link.revoked_at is not None:
        raise Refused(_("The link was revoked already."))
    if not why.strip():
        raise Refused(_("Write why the link is revoked."))
    return _revoke(link, why.strip(), by, now)


def _revoke(link: DiaryLink, why: str, by: Actor, now: datetime) -> DiaryLink:
    link.revoked_at, link.revoked_by, link.revoked_why = now, by.author, why
    link.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
    return link


# -- on the phone --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """How an attempt to open a link ended: the phone's secret where it was opened, else a sentence (`refused`)."""

    outcome: KnockOutcome
    link: DiaryLink | None = None
    device: str = ""
    refused: Refused | None = None


@action
def open_link(*, token: str, year: str, address: str | None, by: Actor, now: datetime) -> Opening:
    """Bind a link to the phone that shows its token and the year of birth; the phone's secret is given once.

    What failed is kept, so nothing is raised: the caller reads `refused`. Attempts on one link wait for each other.
    From an address that failed too often nothing is tried or kept.
    """
    origin = origin_key(address)
    failed = DiaryKnock.objects.filter(origin=origin, tried__gt=now - FAILURES_WITHIN)
    if failed.exclude(outcome=KnockOutcome.OPENED).count() >= FAILURES_OF_AN_ORIGIN:
        return Opening(
            KnockOutcome.UNKNOWN, refused=TooMany(_("Too many attempts. Try again in half an hour."))
        )
    link = (
        DiaryLink.objects.select_for_update(of=("self",))
        .select_related("participant")
        .filter(token_hash=hash_of(token))
        .first()
    )
    opening = _opened(link, year.strip(), now)
    DiaryKnock.objects.create(link=link, tried=now, origin=origin, outcome=opening.outcome)
    return opening


def _opened(link: DiaryLink | None, year: str, now: datetime) -> Opening:
    if link is None:
        return Opening(
            KnockOutcome.UNKNOWN, refused=LinkEnded(_("This link is not known. Scan the code again."))
        )
    standing = link.standing(now)
    if standing == LinkStanding.IN_USE:
        return Opening(
            KnockOutcome.TAKEN,
            link,
            refused=LinkEnded(
                _("This link was opened on another phone or browser. Ask the study team for a new one.")
            ),
        )
    if standing != LinkStanding.WAITING:
        return Opening(KnockOutcome.ENDED, link, refused=ended(link))
    if year != _year_of_birth(link.participant):
        with attributed(participant_at(link.participant.site_id)):
            link.wrong_years += 1
            link.save(update_fields=["wrong_years"])
        return Opening(KnockOutcome.WRONG_YEAR, link, refused=Refused(_("The year of birth is not right.")))
    device = new_secret()
    with attributed(participant_at(link.participant.site_id)):
        link.device_hash, link.opened, link.last_used = hash_of(device), now, now
        link.save(update_fields=["device_hash", "opened", "last_used"])
    return Opening(KnockOutcome.OPENED, link, device)


def ended(link: DiaryLink | None) -> LinkEnded:
    """What is said of a link that is in force no longer, and of a phone that holds none."""
    call = f" {link.call}" if link else ""
    return LinkEnded(
        _(
            "Your link is no longer valid. Ask the study team for a new one; what you wrote stays on this phone."
        )
        + call
    )


def note_use(*, link: DiaryLink, by: Actor, now: datetime) -> None:
    """Keep when a link was used last, to the hour: a phone that asks often writes nothing."""
    if link.last_used is None or now - link.last_used >= USED_AGAIN_AFTER:
        with attributed(by):
            link.last_used = now
            link.save(update_fields=["last_used"])


def _year_of_birth(participant: Participant) -> str:
    born = Demographics.objects.filter(participant=participant).values_list("brthdtc", flat=True).first()
    return str(born or "")[:4]

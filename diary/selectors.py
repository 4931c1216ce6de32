"""Reading the participants' records: tasks that wait, one participant's entries and links, who sent what last."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import Access, Permission
from diary.models import ContactDetails, DiaryEntry, DiaryLink, DiaryTask
from diary.tokens import hash_of
from diary.workflow import UNSETTLED, LinkStanding
from participants.models import Participant


def open_tasks(access: Access, here: Q | None = None) -> QuerySet[DiaryTask]:
    """Severe answers the site has not seen to, oldest first, at the sites this person sees; one query with what a row shows.

    `here` narrows them further, by the participant or the site.
    """
    return (
        DiaryTask.objects.filter(
            access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site"),
            here or Q(),
            state__in=UNSETTLED,
        )
        .select_related("participant__site", "entry")
        .order_by("raised", "id")
    )


def diaries(access: Access) -> QuerySet[Participant]:
    """Participants with a link or an entry, with when they sent one last (`last_received`) and used their link (`last_used`)."""
    return (
        Participant.objects.filter(access.at_sites(Permission.SEE_PARTICIPANTS), diary_links__isnull=False)
        .select_related("site")
        .annotate(last_received=Max("diary_entries__received"), last_used=Max("diary_links__last_used"))
        .order_by("number")
    )


def entries_of(participant: Participant) -> QuerySet[DiaryEntry]:
    """All entries of a participant, the newest first, with remarks and task; five queries."""
    return (
        DiaryEntry.objects.filter(participant=participant)
        .select_related("replaces", "replaced_by", "photo", "task__entry")
        .prefetch_related("remarks__by", "task__steps__by")
    )


def links_of(participant: Participant) -> QuerySet[DiaryLink]:
    return participant.diary_links.select_related("handed_out_by", "revoked_by")


def link_or_404(access: Access, pk: int) -> DiaryLink:
    return get_object_or_404(
        DiaryLink.objects.select_related("participant__site").filter(
            access.at_sites(Permission.ENTER_DATA, "participant__site")
        ),
        pk=pk,
    )


def entry_or_404(access: Access, pk: int, permission: Permission) -> DiaryEntry:
    return get_object_or_404(
        DiaryEntry.objects.select_related("participant__site", "photo").filter(
            access.at_sites(permission, "participant__site")
        ),
        pk=pk,
    )


def task_or_404(access: Access, pk: int) -> DiaryTask:
    return get_object_or_404(
        DiaryTask.objects.select_related("participant__site").filter(
            access.at_sites(Permission.ENTER_DATA, "participant__site")
        ),
        pk=pk,
    )


def contact_of(participant: Participant) -> ContactDetails | None:
    return ContactDetails.objects.select_related("kept_by").filter(participant=participant).first()


# -- for the phone -------------------------------------------------------------------------------------


def link_of_device(secret: str) -> DiaryLink | None:
    """The link a phone's secret belongs to, whatever it is worth now."""
    if not secret:
        return None
    links = DiaryLink.objects.select_related("participant")
    return links.filter(device_hash=hash_of(secret)).first()


def in_use(link: DiaryLink | None, now: datetime) -> bool:
    return link is not None and link.standing(now) == LinkStanding.IN_USE


def sent_lately(link: DiaryLink, most: int = 5) -> list[dict[str, str]]:
    """The last entries that came by this link, by their keys and times alone, those that were corrected left out."""
    found = link.entries.filter(replaced_by=None).order_by("-received", "-id")[:most]
    return [{"key": str(one.key), "stated": one.stated.isoformat()} for one in found]


def call_before(participant: Participant) -> str:
    """The number to call of the site's link handed out last, to be offered again."""
    links = DiaryLink.objects.filter(participant__site_id=participant.site_id).order_by("-id")
    return links.values_list("call", flat=True).first() or ""

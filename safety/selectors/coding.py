"""Reads of the licensed dictionary and of what was coded by it: suggestions, places, and events without a code."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length

from accounts.access import Access, Permission
from eligibility.ctcae import CTCAE
from eligibility.models import AdverseEvent
from records.terms import fold
from records.text import Text
from safety.models import EventCoding, MeddraPath, MeddraRelease, MeddraTerm

MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A lowest level term with its preferred term and primary system organ class."""

    llt: MeddraTerm
    pt: MeddraTerm
    soc: MeddraTerm


def newest_release() -> MeddraRelease | None:
    """The release imported last, by which events are coded; None where the sponsor has given none."""
    return MeddraRelease.objects.order_by("-imported_at", "-pk").first()


def place_of(release: MeddraRelease, llt: int) -> Place | None:
    """Where a current lowest level term stands in the hierarchy; None for another code. Three queries."""
    found = _placed(release, MeddraTerm.objects.filter(release=release, level="LLT", code=llt, current=True))
    return found[0] if found else None


def search(release: MeddraRelease, typed: str, most: int = MOST_FOUND) -> list[Place]:
    """The current terms that hold every word typed, in either language, the shortest first; three queries.

    A term whose name was typed in full, or begins with what was typed, comes first.
    """
    words = fold(typed).split()
    if not words:
        return []
    found = MeddraTerm.objects.filter(release=release, level="LLT", current=True)
    for word in words:
        found = found.filter(searched__contains=word)
    whole = Q(searched=" ".join(words)) | Q(searched__startswith=f"{' '.join(words)} ")
    ranked = found.annotate(whole=Q(whole), length=Length("name_en"))
    return _placed(release, ranked.order_by(F("whole").desc(), "length", "code")[:most])


def suggestions(release: MeddraRelease, event: AdverseEvent) -> list[Place]:
    """What an event may be coded as: by its own words, then by its CTCAE term; at most eight."""
    term = CTCAE.get(event.aedecod)
    found: dict[int, Place] = {}
    for words in (event.aeterm or "", *((term.words.en, term.words.zh) if term else ())):
        for place in search(release, words):
            found.setdefault(place.llt.code, place)
    return list(found.values())[:MOST_FOUND]


def _placed(release: MeddraRelease, terms: QuerySet[MeddraTerm]) -> list[Place]:
    leaves = list(terms)
    preferred = [leaf.parent for leaf in leaves if leaf.parent is not None]
    classes = dict(
        MeddraPath.objects.filter(release=release, primary=True, pt__in=preferred).values_list("pt", "soc")
    )
    wanted = Q(level="PT", code__in=preferred) | Q(level="SOC", code__in=classes.values())
    above = {(one.level, one.code): one for one in MeddraTerm.objects.filter(wanted, release=release)}
    return [
        Place(leaf, above["PT", leaf.parent], above["SOC", classes[leaf.parent]])
        for leaf in leaves
        if leaf.parent in classes
    ]


@dataclass(frozen=True, slots=True)
class Coded:
    """An adverse event with its code as it stands; None where it has none, or was coded by other words."""

    event: AdverseEvent
    coding: EventCoding | None

    @property
    def stale(self) -> bool:
        """Whether the words of the event were changed after it was coded."""
        return self.coding is not None and self.coding.verbatim != self.event.aeterm


def events_to_code(access: Access, release: MeddraRelease | None) -> list[Coded]:
    """Every adverse event with words, those without a code of this release first; two queries."""
    if not access.may_somewhere(Permission.CODE_EVENTS):
        return []
    newest = EventCoding.objects.filter(participant=OuterRef("participant"), number=OuterRef("repeat"))
    events = (
        AdverseEvent.objects.filter(access.at_sites(Permission.CODE_EVENTS, "participant__site"))
        .exclude(aeterm=None)
        .annotate(coding_id=Subquery(newest.order_by("-version").values("pk")[:1]))
        .select_related("participant__site")
        .order_by("participant__number", "repeat")
    )
    found = list(events)
    ids = [event.coding_id for event in found if event.coding_id]
    codings = {one.pk: one for one in EventCoding.objects.filter(pk__in=ids).select_related("release")}
    coded = [Coded(event, codings.get(event.coding_id)) for event in found]
    return sorted(coded, key=lambda one: not needs_code(one, release))


def needs_code(one: Coded, release: MeddraRelease | None) -> bool:
    """Whether an event waits for a code: it has none, its words changed, or a newer release came."""
    if one.coding is None or one.stale:
        return True
    return release is not None and one.coding.release_id != release.pk


def coding_of(event: AdverseEvent) -> list[EventCoding]:
    """The codes an event was given, the one in force last."""
    mine = EventCoding.objects.filter(participant_id=event.participant_id, number=event.repeat)
    return list(mine.select_related("release", "coded_by").order_by("version"))


def words_of(coding: EventCoding) -> Text:
    """A code in words: preferred term and class."""
    return Text(f"{coding.pt_name} ({coding.soc_name})", f"{coding.pt_name}（{coding.soc_name}）")

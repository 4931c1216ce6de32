"""Holding the trail against its seals: every entry, every seal, and the file outside the database."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.access import SYSTEM
from accounts.attribution import attributed
from records import clock
from records.models import Seal, TrailCheck
from records.sealing import ENTRIES, Standing, facts_of, known_keys, sealing_paused, standing
from records.seals import FIRST_MAC, SealFacts, leaf, read_leaves, read_line

log = logging.getLogger(__name__)

MOST_PLACES = 100
ROWS_AT_ONCE = 5000
SEALS_AT_ONCE = 10  # with their leaves, up to 200 kB each


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One place where the trail is not what was sealed: at which seal, and what is wrong there."""

    seal: int
    words: str


@dataclass(slots=True)
class Verdict:
    """What verifying found: how much stands under seals, what does not, and the broken places in order."""

    seals: int
    entries: int
    standing: Standing
    places: list[Place] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.places

    @property
    def first(self) -> str:
        """The first broken place; "" where the trail is whole."""
        return self.places[0].words if self.places else ""


def verify(file: Path | None = None) -> Verdict:
    """Recompute every digest and every MAC; time grows with the entries, memory does not.

    `file`: a copy of the file of seals kept elsewhere; left out: the one sealing writes.
    """
    path = file or Path(settings.TRAIL_SEAL_FILE)
    with sealing_paused(wait=True):
        lines = path.read_bytes().decode("utf-8", "replace").splitlines() if path.exists() else []
        seals = [facts_of(seal) for seal in Seal.objects.defer("leaves").order_by("number")]
        stands = standing()
    keys = known_keys()
    places = [*_broken_chain(seals, keys), *_broken_file(lines, seals, keys)]
    entries = 0
    for seal, kept, rows in _batches(seals):
        entries += len(rows)
        if hashlib.sha256(b"".join(rows.values())).hexdigest() != seal.digest or len(rows) != seal.count:
            places += _broken_entries(seal, kept, rows)
        if len(places) > MOST_PLACES:
            break
    return Verdict(len(seals), entries, stands, sorted(places))


def _broken_chain(seals: Iterable[SealFacts], keys: Mapping[str, str]) -> Iterator[Place]:
    nothing = SealFacts(0, 0, 0, 0, 0, "", "", "", "", FIRST_MAC)
    for before, seal in pairwise([nothing, *seals]):
        if seal.number != before.number + 1:
            missing = _span("Seal", "Seals", before.number + 1, seal.number - 1)
            yield Place(before.number + 1, f"{missing} missing from the database.")
        elif seal.previous_mac != before.mac:
            yield Place(seal.number, f"Seal {seal.number} does not follow the seal before it.")
        elif seal.after_id != before.last_id:
            yield Place(seal.number, f"Seal {seal.number} does not begin where the seal before it ends.")
        if seal.key not in keys:
            yield Place(seal.number, f"Seal {seal.number} was made with a key that is not known here.")
        elif not seal.made_with(keys[seal.key]):
            yield Place(seal.number, f"Seal {seal.number} was altered or not made with the key.")


def _broken_file(lines: list[str], seals: list[SealFacts], keys: Mapping[str, str]) -> Iterator[Place]:
    """Hold the file's lines against the seals of the database, by their numbers."""
    stored = {seal.number: seal for seal in seals}
    written: dict[int, SealFacts] = {}
    for number, line in enumerate(lines, start=1):
        try:
            seal = read_line(line)
        except ValueError:
            yield Place(number, f"Line {number} of the file of seals is no seal.")
            continue
        if seal.number in written:
            yield Place(seal.number, f"Seal {seal.number} stands twice in the file of seals.")
            continue
        written[seal.number] = seal
        if seal.number not in stored:
            good = seal.key in keys and seal.made_with(keys[seal.key])
            what = f"entries {seal.first_id} to {seal.last_id}" if good else "not made with the key"
            yield Place(
                seal.number,
                f"Seal {seal.number} ({what}) stands in the file of seals and not in the database.",
            )
        elif seal != stored[seal.number]:
            yield Place(
                seal.number, f"Seal {seal.number} differs between the file of seals and the database."
            )
    for number in sorted(stored.keys() - written.keys()):
        yield Place(number, f"Seal {number} is missing from the file of seals.")


def _batches(seals: list[SealFacts]) -> Iterator[tuple[SealFacts, bytes, dict[int, bytes]]]:
    """Give each seal with the leaves kept with it, and the leaves of the entries that stand in its place now."""
    with transaction.atomic(), connection.chunked_cursor() as kept, connection.chunked_cursor() as entries:
        kept.cursor.itersize, entries.cursor.itersize = SEALS_AT_ONCE, ROWS_AT_ONCE
        kept.execute("SELECT number, leaves FROM records_seal ORDER BY number")
        entries.execute(f"{ENTRIES} ORDER BY id")
        lists, rest = iter(kept), iter(entries)
        waiting: Any = next(rest, None)
        for seal in seals:
            number, leaves = next(lists, (None, b""))
            rows: dict[int, bytes] = {}
            while waiting is not None and waiting[0] <= seal.last_id:
                rows[waiting[0]] = leaf(waiting)
                waiting = next(rest, None)
            yield seal, bytes(leaves) if number == seal.number else b"", rows


def _broken_entries(seal: SealFacts, leaves: bytes, rows: Mapping[int, bytes]) -> Iterator[Place]:
    if hashlib.sha256(leaves).hexdigest() != seal.digest:
        yield Place(
            seal.number,
            f"Seal {seal.number}: {len(rows)} entries from {seal.after_id + 1} to {seal.last_id} are not the "
            f"{seal.count} that were sealed; which of them cannot be told, the seal's own list was altered.",
        )
        return
    sealed = dict(read_leaves(leaves))
    found = {key: digest for row in rows.values() for key, digest in read_leaves(row)}
    differences = (
        (
            "altered after sealing",
            sorted(key for key in sealed if found.get(key, sealed[key]) != sealed[key]),
        ),
        ("missing", sorted(sealed.keys() - found.keys())),
        ("inserted after sealing", sorted(found.keys() - sealed.keys())),
    )
    for what, keys in differences:
        for first, last in _runs(keys):
            yield Place(seal.number, f"Seal {seal.number}: {_span('entry', 'entries', first, last)} {what}.")


def _runs(keys: list[int]) -> Iterator[tuple[int, int]]:
    """Join neighbouring ids: [1, 2, 3, 7] gives (1, 3), (7, 7)."""
    start = 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or keys[place] != keys[place - 1] + 1:
            yield keys[start], keys[place - 1]
            start = place


def _span(one: str, several: str, first: int, last: int) -> str:
    return f"{one} {first} is" if first == last else f"{several} {first} to {last} are"


def record_check(verdict: Verdict) -> TrailCheck:
    """Keep what verifying found, and say aloud where something is wrong."""
    ahead = clock.database_ahead()
    if not verdict.whole:
        log.critical("The audit trail is broken: %s", verdict.first)
    if abs(ahead.total_seconds()) > settings.CLOCK_DRIFT_SECONDS:
        log.error("The database's clock is %+.1f seconds from the application's.", ahead.total_seconds())
    with attributed(SYSTEM):
        return TrailCheck.objects.create(
            at=clock.real_now(),
            seals=verdict.seals,
            entries=verdict.entries,
            unsealed=verdict.standing.unsealed,
            broken=verdict.first,
            database_ahead=ahead,
        )

"""Sealing the trail: committed entries, in the order of their ids, under a key the database never holds.

A transaction that commits late holds ids lower than some that are there to see. So nothing is sealed before every
transaction that may hold a lower id has ended; whatever appears below a seal afterwards was inserted.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min

from records import clock
from records.models import Seal, TrailEntry
from records.seals import COLUMNS, FIRST_MAC, SealFacts, good_key, key_name, leaf, mac

log = logging.getLogger(__name__)

MOST_ENTRIES = 5000  # of one seal
LOCK = 0x5345414C
SECONDS_BETWEEN_LOOKS = 0.05

# How the canonical form asks for a column (records/seals.py).
_AS_TEXT = {
    "at": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    "changes": "changes::text",
}
ENTRIES = f"SELECT {', '.join(_AS_TEXT.get(name, name) for name in COLUMNS)} FROM records_trailentry "  # noqa: S608 – our own names


def known_keys() -> dict[str, str]:
    """Give every key that may have made a seal, by its name: the present one and those before it."""
    return {key_name(key): key for key in (good_key(settings.TRAIL_SEAL_KEY), *settings.TRAIL_SEAL_OLD_KEYS)}


def text_of(moment: datetime) -> str:
    """Write a moment as the canonical form does."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def facts_of(seal: Seal) -> SealFacts:
    return SealFacts(
        number=seal.number,
        after_id=seal.after_id,
        first_id=seal.first_id,
        last_id=seal.last_id,
        count=seal.count,
        digest=seal.digest,
        previous_mac=seal.previous_mac,
        sealed_at=text_of(seal.sealed_at),
        key=seal.key,
        mac=seal.mac,
    )


@contextmanager
def sealing_paused(*, wait: bool) -> Iterator[bool]:
    """Hold the lock of sealing, so that file and database stand still; False where another has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_lock(%s)", [LOCK])
        alone = wait or bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def seal_trail(*, patience: float | None = None) -> int:
    """Seal what is committed and unsealed; gives how many entries.

    `patience`: the seconds to wait for transactions under way (settings: TRAIL_SEAL_PATIENCE). Where they take
    longer, or another worker is at it, nothing is sealed and the next run tries again. Outside of a transaction.
    """
    key = good_key(settings.TRAIL_SEAL_KEY)
    patience = settings.TRAIL_SEAL_PATIENCE if patience is None else patience
    sealed = 0
    with sealing_paused(wait=False) as alone:
        if not alone:
            return 0
        last = Seal.objects.defer("leaves").order_by("-number").first()
        if last is not None:
            _mend_file(last)
        settled = _settled(last.last_id if last else 0, patience)
        while settled is not None and settled > (last.last_id if last else 0):
            last = _seal_next(last, settled, key)
            _append(last)
            sealed += last.count
    return sealed


def _settled(sealed: int, patience: float) -> int | None:
    """Give an id below which no further entry can appear; None where it cannot be told yet."""
    with connection.cursor() as cursor:
        # Our own transaction id is drawn after the highest id was seen, so whoever drew a lower id has a lower one.
        cursor.execute(
            "SELECT max(id), CASE WHEN max(id) > %s THEN pg_current_xact_id()::text::bigint END "
            "FROM records_trailentry",
            [sealed],
        )
        highest, ours = cursor.fetchone()
        if ours is None:
            return None
        deadline = time.monotonic() + patience
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > ours:
                return int(highest)
            if time.monotonic() >= deadline:
                log.info("The trail is not sealed now: a transaction has been under way for a while.")
                return None
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _seal_next(last: Seal | None, settled: int, key: str) -> Seal:
    after = last.last_id if last else 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"{ENTRIES} WHERE id > %s AND id <= %s ORDER BY id LIMIT %s", [after, settled, MOST_ENTRIES]
        )
        rows = cursor.fetchall()
        leaves = b"".join(leaf(row) for row in rows)
        moment = clock.real_now()
        facts = SealFacts(
            number=last.number + 1 if last else 1,
            after_id=after,
            first_id=rows[0][0],
            last_id=settled if len(rows) < MOST_ENTRIES else rows[-1][0],
            count=len(rows),
            digest=hashlib.sha256(leaves).hexdigest(),
            previous_mac=last.mac if last else FIRST_MAC,
            sealed_at=text_of(moment),
            key=key_name(key),
        )
        values: dict[str, Any] = {name: getattr(facts, name) for name in facts.__slots__}
        return Seal.objects.create(
            **{**values, "sealed_at": moment, "mac": mac(facts, key), "leaves": leaves},
        )


# ---- The file outside the database --------------------------------------------------------------------


def _append(seal: Seal) -> None:
    _write(facts_of(seal).line().encode())


def _write(content: bytes) -> None:
    path = Path(settings.TRAIL_SEAL_FILE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _mend_file(last: Seal) -> None:
    """Write the last seal's line where the process died between database and file; nothing older is written again."""
    line = facts_of(last).line().encode()
    path = Path(settings.TRAIL_SEAL_FILE)
    written, begun = _end_of(path) if path.exists() else (b"", b"")
    if begun and line.startswith(begun):
        _write(line[len(begun) :])
    elif begun:
        _write(b"\n")  # what was begun is no seal; the next one stands on a line of its own
    elif written != line:
        before = Seal.objects.defer("leaves").filter(number=last.number - 1).first()
        if written == (facts_of(before).line().encode() if before else b""):
            _write(line)
        else:
            log.error("The file of seals does not end where the database does; verify_trail says where.")


def _end_of(path: Path) -> tuple[bytes, bytes]:
    """Give the last whole line of a file, and what stands behind it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        *lines, begun = file.read().split(b"\n")
    return (lines[-1] + b"\n" if lines else b""), begun


# ---- What stands ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """The last seal, and what is not sealed yet: how many entries, the oldest of them, and for how long."""

    number: int
    sealed_at: datetime | None
    unsealed: int
    oldest: datetime | None

    @property
    def seconds(self) -> int:
        """The age of the oldest unsealed entry; 0 where there is none."""
        return max(0, int((clock.real_now() - self.oldest).total_seconds())) if self.oldest else 0

    @property
    def late(self) -> bool:
        return self.seconds > settings.TRAIL_SEAL_LATE


def standing() -> Standing:
    """Tell how far the trail is sealed; two queries."""
    last = Seal.objects.defer("leaves").order_by("-number").first()
    found = TrailEntry.objects.filter(id__gt=last.last_id if last else 0).aggregate(
        n=Count("id"), oldest=Min("at")
    )
    return Standing(last.number if last else 0, last.sealed_at if last else None, found["n"], found["oldest"])

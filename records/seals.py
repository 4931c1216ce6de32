"""How entries of the audit trail are sealed: the canonical form of an entry, its digest, a seal and its MAC.

Pure, and without anything of the database: whoever holds a copy of entries and seals recomputes both with the
standard library alone.

An entry's canonical form is a JSON array of its columns in the order of COLUMNS, in UTF-8, without spaces and with
no character escaped that JSON does not ask for:
    numbers     as they are (id, transaction, participant_id, person_id, site_id); null where empty
    at          text, UTC to the microsecond: "2026-09-01T02:00:00.000000Z"
    changes     text: the JSON exactly as PostgreSQL writes a jsonb, `{"cirrh": [null, "Y"]}`
    the others  text
Its digest is the SHA-256 of that.

A seal covers all entries with an id above `after_id` up to `last_id`. Its leaves are, for each entry in the order
of ids, 8 bytes of id (big-endian) and 32 bytes of digest; `digest` is the SHA-256 of the leaves, `mac` the
HMAC-SHA-256, under a key the database never holds, of the seal's other fields with the MAC of the seal before.
Whoever may see only some entries can check them all the same: the leaves of the others say nothing of them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = (
    "id",
    "at",
    "transaction",
    "relation",
    "record_id",
    "operation",
    "changes",
    "participant_id",
    "person_id",
    "role",
    "site_id",
    "reason",
    "request",
    "database_user",
)
LEAF = struct.Struct(">q32s")
SHORTEST_KEY = 32
FIRST_MAC = "0" * 64  # what the first seal names as the MAC before it


def canonical(entry: Sequence[Any]) -> bytes:
    """Give an entry's canonical form; `entry` holds the columns in the order of COLUMNS, as described above."""
    return json.dumps(list(entry), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def leaf(entry: Sequence[Any]) -> bytes:
    """Give the id and the digest of an entry, 40 bytes."""
    return LEAF.pack(entry[0], hashlib.sha256(canonical(entry)).digest())


def read_leaves(leaves: bytes) -> Iterator[tuple[int, bytes]]:
    """Give id and digest of each entry; ValueError where the bytes are no leaves."""
    if len(leaves) % LEAF.size:
        raise ValueError("These are no leaves of a seal.")
    return LEAF.iter_unpack(leaves)


class NoKey(Exception):
    """There is no key to seal the trail with, or none worth the name."""


def good_key(key: str) -> str:
    """Give the key back where it is long enough to keep a secret; NoKey otherwise."""
    if len(key) < SHORTEST_KEY:
        raise NoKey(
            f"Set TRAIL_SEAL_KEY to a random text of at least {SHORTEST_KEY} characters: "
            "the audit trail is sealed with it."
        )
    return key


def key_name(key: str) -> str:
    """Name a key without giving it away: 16 hexadecimal digits."""
    return hmac.new(key.encode(), b"name of the key", hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What a seal says; `mac` is "" before it is sealed.

    number     from 1, without a gap
    after_id   the last id of the seal before, 0 for the first: what the seal covers begins above it
    last_id    the last id it covers; it may belong to an entry that was rolled back
    first_id   the lowest id among its entries, at the same time above `after_id`
    count      how many entries there are
    sealed_at  text, UTC to the microsecond
    """

    number: int
    after_id: int
    first_id: int
    last_id: int
    count: int
    digest: str
    previous_mac: str
    sealed_at: str
    key: str
    mac: str = ""

    def message(self) -> bytes:
        """What the MAC is made of: the other fields in their order, as a JSON array."""
        return canonical(
            [
                self.number,
                self.after_id,
                self.first_id,
                self.last_id,
                self.count,
                self.digest,
                self.previous_mac,
                self.sealed_at,
                self.key,
            ]
        )

    def made_with(self, key: str) -> bool:
        """Whether the MAC is this key's."""
        return hmac.compare_digest(mac(self, key), self.mac)

    def line(self) -> str:
        """Give the seal as a line of the file outside the database, with its line feed."""
        words = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(words, separators=(",", ":")) + "\n"


def mac(seal: SealFacts, key: str) -> str:
    return hmac.new(key.encode(), seal.message(), hashlib.sha256).hexdigest()


def read_line(line: str) -> SealFacts:
    """Read a line of the file; ValueError for one that is no seal."""
    try:
        words: Any = json.loads(line)
        if not isinstance(words, Mapping):
            raise ValueError("This line is no seal.")
        return SealFacts(**words)
    except (TypeError, json.JSONDecodeError) as broken:
        raise ValueError("This line is no seal.") from broken

"""What was verified and what was signed, as digests, in the one canonical form of records/digest.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from monitoring.trust import VerificationState
from records.digest import sha256

# Half of SHA-256: it tells changes apart, it is no proof by itself.
ITEM_DIGEST = 32


def item_digest(value: Any, along: Mapping[str, Any], missing: str | None) -> str:
    """The digest of one answer as it can be held against a source.

    `along` is what is entered with it (sign, unit), by what is put behind its name; `missing` why there is none.
    Without an answer it is the digest of that, so that filling it in later is a change as well.
    """
    beside = {name: one for name, one in along.items() if one is not None}
    return sha256([value, beside, missing])[:ITEM_DIGEST]


def fallen(verified: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The addresses whose answer is not what was verified: another value, none, or a row that is no longer there."""
    return frozenset(address for address, digest in verified.items() if now.get(address) != digest)


def judge(verified: Mapping[str, str], now: Mapping[str, str], wanted: Collection[str]) -> VerificationState:
    """Say how far a record is verified.

    verified  digests of what was verified, by address ("tbil", "lesions-2-ldiam")
    now       digests of every answer as it stands
    wanted    the addresses the plan asks for that hold something

    CHANGED where anything verified has fallen, whatever else was; COMPLETE where all that is wanted stands verified;
    WITHDRAWN where nothing is.
    """
    if fallen(verified, now):
        return VerificationState.CHANGED
    if not verified:
        return VerificationState.WITHDRAWN
    return VerificationState.COMPLETE if set(wanted) <= set(verified) else VerificationState.PARTIAL

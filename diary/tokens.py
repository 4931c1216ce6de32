"""Secrets of the links: what the participant's phone holds, and what the database keeps of it."""

from __future__ import annotations

import hashlib
import secrets

from django.utils.crypto import salted_hmac


def new_secret() -> str:
    """256 bits nobody can guess, as 43 letters that stand in an address and in a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret; of 256 bits a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode()).hexdigest()


def name_of_diary(participant_id: int) -> str:
    """What a phone calls the diary its entries belong to; it says nothing of the participant, on two phones alike."""
    return salted_hmac("diary.name", str(participant_id), algorithm="sha256").hexdigest()[:32]


def origin_key(address: str | None) -> str:
    """What the attempts from one address are counted by; the address itself is not kept."""
    return salted_hmac("diary.origin", address or "", algorithm="sha256").hexdigest()

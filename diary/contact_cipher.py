"""Contact details as they are stored: encrypted, so that a copy of the database alone tells nobody's number."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@dataclass(frozen=True, slots=True)
class Contact:
    """How the site reaches a participant. Each may be empty, not all of them."""

    phone: str = ""
    email: str = ""
    other: str = ""

    @property
    def empty(self) -> bool:
        return not (self.phone or self.email or self.other)


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"diary contact {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def encrypted(contact: Contact) -> str:
    return _cipher().encrypt(json.dumps(asdict(contact)).encode()).decode()


def decrypted(ciphertext: str) -> Contact:
    return Contact(**json.loads(_cipher().decrypt(ciphertext.encode())))

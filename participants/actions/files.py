"""Take a file into the folder of files, and give it back only as it was taken."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.access import PARTICIPANT, Actor
from accounts.attribution import action
from participants.models import Participant, StoredFile
from records.files import HEAD_BYTES, MOST_BYTES, kind_of
from records.findings import Refused


def path_of(key: str) -> Path:
    """Where a file stands."""
    return Path(settings.FILES_ROOT) / key[:2] / key


@action
def store_file(
    *, participant: Participant, content: BinaryIO, size: int, by: Actor, now: datetime
) -> StoredFile:
    """Keep an image or a PDF of a participant's, told by its content; a form names it by its key.

    It stands on the disk before the database knows of it, so that no key leads nowhere. Raises Refused for a file
    that is empty, above 10 MB or of another kind, and for somebody who is neither a person nor the participant.
    """
    if by.person is None and by.role != PARTICIPANT:
        raise Refused(_("A person adds a file."))
    if not 0 < size <= MOST_BYTES:
        raise Refused(_("A file has at most 10 MB, and is not empty. Take a smaller photo."))
    data = content.read(MOST_BYTES + 1)
    kind = kind_of(data[:HEAD_BYTES])
    if kind is None or len(data) != size:
        raise Refused(_("This is neither an image nor a PDF. Choose a JPEG, PNG, WebP, HEIC or PDF file."))
    key = f"{secrets.token_hex(16)}.{kind}"
    path = path_of(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return StoredFile.objects.create(
        participant=participant,
        key=key,
        size=size,
        sha256=hashlib.sha256(data).hexdigest(),
        stored_at=now,
        stored_by=by.person,
    )


def read_file(stored: StoredFile) -> bytes:
    """Give a file's content where it is still the one that was taken; Refused otherwise."""
    try:
        data = path_of(stored.key).read_bytes()
    except FileNotFoundError as missing:
        raise Refused(_("The file is not in its folder. Tell the data manager.")) from missing
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise Refused(_("The file is not the one that was added. Tell the data manager."))
    return data

"""Uploaded files: which kinds are taken, told by their content and never by their name."""

from __future__ import annotations

import re
from typing import Final

MOST_BYTES: Final = 10 * 1024 * 1024
HEAD_BYTES: Final = 16  # enough to tell every kind
# What a form keeps of a file: a name nobody can guess, and the kind.
KEY: Final = r"^[0-9a-f]{32}\.(jpg|png|webp|heic|pdf)$"
CONTENT_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
}
_HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1")


def kind_of(head: bytes) -> str | None:
    """Tell an image or a PDF by its first bytes: jpg, png, webp, heic or pdf; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "heic"
    return "pdf" if head.startswith(b"%PDF-") else None


def is_key(text: str) -> bool:
    return re.fullmatch(KEY, text) is not None

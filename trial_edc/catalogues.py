"""Catalogues of interface words: what the source asks for, what is translated, and where the two differ.

Works on folders and text alone, with Babel in place of the gettext programs, so that it runs wherever Python
does. A catalogue's text is a pure function of its words: sorted, without dates or line numbers, so that two
people who add a sentence each do not meet in the same line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
FRAME = "trial_edc"  # the room that owns templates of no room: base, components, registration, errors
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NAMED = re.compile(r"%\(\w+\)[a-zA-Z]|%[sd]|(?<!\{)\{\w+[^{}]*\}(?!\})")

Key = tuple[str, str, str]  # context, singular, plural; an empty string stands for none


@dataclass(slots=True)
class Entry:
    """One message: its words in Chinese ("" where there are none yet) and the files that ask for it."""

    translation: str = ""
    fuzzy: bool = False
    files: set[str] = field(default_factory=set)


Entries = dict[Key, Entry]


class UnreadableTemplate(ValueError):
    """A template whose translation tags cannot be read."""


class _PlainCatalog(Catalog):
    """A catalogue whose header says what a reader needs and nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", LANGUAGE),
            ("Plural-Forms", "nplurals=1; plural=0;"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


# -- what the source asks for ------------------------------------------------------------------------


def room_files(root: Path, rooms: Iterable[str], room: str) -> list[Path]:
    """List the files whose words belong to a room, relative to `root`: its Python and its templates.

    `templates/<room>/` belongs to that room; every other template to the frame.
    """
    python = [
        path
        for path in (root / room).rglob("*.py")
        if not {"migrations", "locale"} & set(path.relative_to(root).parts)
    ]
    others = set(rooms) - {room}
    templates = [
        path
        for path in (root / "templates").rglob("*")
        if path.suffix in {".html", ".txt"}
        and _owner(path.relative_to(root / "templates"), room, others) == room
    ]
    return sorted(path.relative_to(root) for path in [*python, *templates])


def _owner(template: Path, room: str, others: set[str]) -> str:
    folder = template.parts[0]
    return folder if folder == room or folder in others else FRAME


def words_asked_for(root: Path, files: Iterable[Path]) -> Entries:
    """Read the messages of Python files and Django templates.

    Raises UnreadableTemplate where a translation block holds another tag.
    """
    found: Entries = {}
    for path in files:
        source = (root / path).read_text(encoding="utf-8")
        if path.suffix != ".py":
            try:
                # Between parentheses, because the text around the tags is no Python and its indents mean nothing.
                source = f"({templatize(source, origin=str(path))}\n)"
            except SyntaxError as refused:
                raise UnreadableTemplate(str(refused)) from refused
        for key in _messages(source):
            found.setdefault(key, Entry()).files.add(path.as_posix())
    return found


def _messages(source: str) -> Iterator[Key]:
    for _, message, _, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if singular:
            yield context or "", singular, plural


# -- what is translated -----------------------------------------------------------------------------


def folder_of(root: Path, room: str) -> Path:
    return root / room / "locale" / LANGUAGE / "LC_MESSAGES"


def read_catalogue(path: Path) -> Entries:
    """Read a .po file; a file that is not there holds nothing."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=LANGUAGE)
    entries: Entries = {}
    for message in [*catalogue, *catalogue.obsolete.values()]:
        if not message.id:
            continue
        singular, plural = message.id if isinstance(message.id, tuple) else (message.id, "")
        words = message.string[0] if isinstance(message.string, tuple) else message.string
        entries[message.context or "", singular, plural] = Entry(words or "", message.fuzzy)
    return entries


def merge(asked: Entries, known: Entries, elsewhere: Mapping[Key, str]) -> Entries:
    """Give what is asked for the translations that are known here, or else in another room.

    What nobody asks for any more is left out; a message still marked fuzzy keeps its mark.
    """
    merged: Entries = {}
    for key, entry in asked.items():
        before = known.get(key, Entry())
        merged[key] = Entry(before.translation or elsewhere.get(key, ""), before.fuzzy, entry.files)
    return merged


def _catalogue(entries: Entries, *, for_people: bool) -> Catalog:
    catalogue = _PlainCatalog(locale=LANGUAGE, header_comment="", fuzzy=False)
    for (context, singular, plural), entry in entries.items():
        catalogue.add(
            (singular, plural) if plural else singular,
            (entry.translation,) if plural else entry.translation,
            locations=[(name, 0) for name in sorted(entry.files)] if for_people else [],
            flags={"fuzzy"} if entry.fuzzy else set(),
            context=context or None,
        )
    return catalogue


def po_text(entries: Entries) -> str:
    """Write a catalogue as people edit it: sorted by its English words, wrapped, without line numbers."""
    out = io.BytesIO()
    write_po(out, _catalogue(entries, for_people=True), width=100, sort_output=True, include_lineno=False)
    return out.getvalue().decode().lstrip("#\n").lstrip()


def mo_bytes(entries: Entries) -> bytes:
    """Compile a catalogue as Django reads it; untranslated and fuzzy messages are left out."""
    out = io.BytesIO()
    write_mo(out, _catalogue(entries, for_people=False))
    return out.getvalue()


# -- where the two differ ---------------------------------------------------------------------------


def differences(asked: Entries, known: Entries) -> list[str]:
    """List, one sentence each, why a catalogue is not a full translation of what the source asks for."""
    found = []
    for key in sorted(asked.keys() | known.keys()):
        if key not in known:
            found.append(f"missing: {_shown(key)} ({', '.join(sorted(asked[key].files))})")
        elif key not in asked:
            found.append(f"obsolete: {_shown(key)}")
        elif known[key].fuzzy:
            found.append(f"fuzzy: {_shown(key)}")
        elif not known[key].translation:
            found.append(f"untranslated: {_shown(key)} ({', '.join(sorted(asked[key].files))})")
        else:
            found += _placeholder_differences(key, known[key].translation)
    return found


def _placeholder_differences(key: Key, translation: str) -> list[str]:
    wanted = sorted(NAMED.findall(key[2] or key[1]))
    given = sorted(NAMED.findall(translation))
    if wanted == given:
        return []
    return [
        f"placeholders: {_shown(key)} has {' '.join(wanted) or 'none'}, its translation {' '.join(given) or 'none'}"
    ]


def contradictions(catalogues: Mapping[str, Entries]) -> list[str]:
    """List messages that two rooms translate differently; Django would show one of them everywhere."""
    seen: dict[Key, tuple[str, str]] = {}
    found = []
    for room, entries in catalogues.items():
        for key, entry in sorted(entries.items()):
            if not entry.translation:
                continue
            other, words = seen.setdefault(key, (room, entry.translation))
            if words != entry.translation:
                found.append(
                    f"contradiction: {_shown(key)} is {words!r} in {other} and {entry.translation!r} in {room}"
                )
    return found


def _shown(key: Key) -> str:
    context, singular, plural = key
    return repr(singular) + (f" / {plural!r}" if plural else "") + (f" [{context}]" if context else "")

"""Long lists of standard terms (CTCAE and the like): found by typing, stored as the standard spells them.

A list is made once from its source. Searching knows both languages and further words people use for a term,
and takes British and American spelling as one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from records.text import Text

MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Term:
    """One term: `code` as stored and exported, `words` as shown, `group` the class it belongs to.

    `also` are further words it is found by, `grades` the standard's wording of each grade it has, and `note` its
    definition.
    """

    code: str
    words: Text
    group: Text
    also: str = ""
    note: str = ""
    grades: Mapping[int, str] = field(default_factory=dict)


def fold(text: str) -> str:
    """Bring a text to the form in which it is compared: letters and figures, no case, no width, one spelling."""
    signs = unicodedata.normalize("NFKC", text).casefold()
    plain = " ".join("".join(sign if sign.isalnum() else " " for sign in signs).split())
    return plain.replace("ae", "e").replace("oe", "e").replace("our", "or").replace("leuc", "leuk")


class TermList:
    """A named list of terms; read when it is first asked, once in the life of a process.

    `general` is the wording of the grades for something that is not, or not yet, one of the terms.
    """

    def __init__(
        self,
        name: str,
        title: Text,
        load: Callable[[], Iterable[Term]],
        general: Callable[[], Mapping[int, str]] = dict,
    ) -> None:
        self.name = name
        self.title = title
        self._load = load
        self._general = general

    @cached_property
    def terms(self) -> dict[str, Term]:
        """Every term by its code, in the order of the standard."""
        return {term.code: term for term in self._load()}

    @cached_property
    def general(self) -> Mapping[int, str]:
        return self._general()

    @cached_property
    def _searched(self) -> list[tuple[Term, tuple[str, str], str, str]]:
        """Each term with its two names, the other words for it, and its definition, folded."""
        return [
            (term, (fold(term.words.en), fold(term.words.zh)), fold(term.also), fold(term.note))
            for term in self.terms.values()
        ]

    @cached_property
    def _named(self) -> dict[str, Term]:
        return {name: term for term, names, _also, _note in self._searched for name in names}

    def get(self, code: str | None) -> Term | None:
        """Give the term of a code; None for a code the list does not have."""
        return self.terms.get(code or "")

    def named(self, typed: str) -> Term | None:
        """Give the term whose name in either language was typed in full; None for anything else."""
        return self._named.get(fold(typed))

    def grades_of(self, code: str | None) -> Mapping[int, str]:
        """Give the wording of the grades a term has; the general wording where there is no such term."""
        term = self.get(code)
        return term.grades if term else self.general

    def search(self, typed: str, most: int = MOST_FOUND) -> list[Term]:
        """Find the terms that hold every word typed, the likeliest first; none for nothing typed.

        A name typed in full comes first, then terms another word for which was typed in full, then names that
        begin so, names that hold it at the beginning of a word, or anywhere, then terms found by part of another
        word for them, and last by their definition; the shorter name first among equals.
        """
        wanted = fold(typed)
        words = wanted.split()
        if not words:
            return []
        found = []
        for place, (term, names, also, note) in enumerate(self._searched):
            known = f"{names[0]} {names[1]} {also}"
            if all(word in known for word in words):
                other_word = 1 if f" {wanted} " in f" {also} " else 5
                rank = min(other_word, *(_rank(name, wanted, words) for name in names))
            elif all(word in known or word in note for word in words):
                rank = 6
            else:
                continue
            found.append((rank, len(term.words.en) if rank > 2 else 0, place, term))
        return [term for _rank_of, _length, _place, term in sorted(found, key=lambda one: one[:3])[:most]]


def _rank(name: str, wanted: str, words: list[str]) -> int:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 2
    if all(f" {word}" in f" {name}" for word in words):
        return 3
    return 4 if all(word in name for word in words) else 5

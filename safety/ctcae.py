"""The terms of CTCAE v4.03: find one by typed words, and say which grades it has and what each means.

The 790 terms stand in safety/terms/ctcae-4.03.json as published by the National Cancer Institute (2010), in
English. safety/terms/words.json adds the trial's own Chinese for system organ classes and common terms, and
other words by which a term is looked for; it is no official translation, and the English term is what counts.
Source: CTCAE v4.03 (NCI, 2010); protocol specification sections 6.6 and 8.19.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from records.text import Text

TERMS: Final = Path(__file__).parent / "terms"
GRADES: Final = (1, 2, 3, 4, 5)
FOUND_AT_MOST: Final = 20


class UnknownTerm(ValueError):
    """A term, or a grade of it, that CTCAE v4.03 does not have; `sentence` says which."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Term:
    """One term with its system organ class, definition, and the wording of each grade it has.

    `name` is the English term, which is stored; `label` shows it, in Chinese where the trial has a word. `also`:
    other words by which it is found.
    """

    name: str
    label: Text
    soc: Text
    definition: str
    wordings: Mapping[int, str]
    also: tuple[str, ...]

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades it has, in order."""
        return tuple(self.wordings)

    def wording(self, grade: int) -> str:
        """Return what a grade means. Raises UnknownTerm for a grade that the term does not have."""
        if grade not in self.wordings:
            words = Text(
                "{term} has no grade {grade}; there are {grades}.", "{term}没有{grade}级，可选：{grades}。"
            )
            raise UnknownTerm(
                words.format(term=self.label, grade=grade, grades=", ".join(map(str, self.grades)))
            )
        return self.wordings[grade]


@cache
def terms() -> Mapping[str, Term]:
    """Return every term by its English name, in the order of the publication; read once."""
    listed = json.loads((TERMS / "ctcae-4.03.json").read_text(encoding="utf-8"))
    words = json.loads((TERMS / "words.json").read_text(encoding="utf-8"))
    return {
        entry["term"]: _term(entry, words["soc"], words["terms"].get(entry["term"], {})) for entry in listed
    }


def _term(entry: Mapping[str, object], socs: Mapping[str, str], own: Mapping[str, object]) -> Term:
    name, soc, grades, also = entry["term"], entry["soc"], entry["grades"], own.get("also", [])
    assert isinstance(name, str) and isinstance(soc, str)
    assert isinstance(grades, dict) and isinstance(also, list)
    return Term(
        name=name,
        label=Text(name, str(own.get("zh", name))),
        soc=Text(soc, socs[soc]),
        definition=str(entry["definition"]),
        wordings={grade: grades[str(grade)] for grade in GRADES if grades[str(grade)]},
        also=tuple(also),
    )


def term(name: str) -> Term:
    """Return a term by its exact English name. Raises UnknownTerm for any other."""
    found = terms().get(name)
    if found is None:
        words = Text("CTCAE v4.03 has no term {name}.", "CTCAE v4.03中没有术语{name}。")
        raise UnknownTerm(words.format(name=repr(name)))
    return found


def search(typed: str, *, most: int = FOUND_AT_MOST) -> tuple[Term, ...]:
    """Find terms by typed words, the best first, at most `most` of them.

    Every word typed has to be found. Upper and lower case, accents, punctuation and British spelling (anaemia,
    oedema, tumour, leucocyte) make no difference; Chinese is found anywhere in a term. Order: the term's name or
    another word for it as typed; a beginning of it; words of it that begin as typed; parts of it; the system organ
    class; the definition. Within these, shorter names first, then by the alphabet. Nothing typed finds nothing.
    """
    words = _plain(typed).split()
    if not words or most < 1:
        return ()
    ranked = [
        (rank, len(one.name), one.name)
        for one, texts in _indexed()
        if (rank := _rank(words, texts)) is not None
    ]
    return tuple(terms()[name] for _, _, name in sorted(ranked)[:most])


@dataclass(frozen=True, slots=True)
class _Texts:
    names: tuple[str, ...]
    all_names: str
    soc: str
    definition: str


@cache
def _indexed() -> tuple[tuple[Term, _Texts], ...]:
    found = []
    for one in terms().values():
        names = tuple(_plain(name) for name in _unique((one.name, one.label.zh, *one.also)))
        soc = f"{_plain(one.soc.en)} {_plain(one.soc.zh)}"
        found.append((one, _Texts(names, " ".join(names), soc, _plain(one.definition))))
    return tuple(found)


def _rank(words: list[str], texts: _Texts) -> int | None:
    """Say how well a term fits, 0 the best; None where a word is not found."""
    whole = " ".join(words)
    if whole in texts.names:
        return 0
    if any(name.startswith(whole) for name in texts.names):
        return 1
    starts = texts.all_names.split()
    if all(any(start.startswith(word) for start in starts) for word in words):
        return 2
    for rank, text in enumerate(
        (
            texts.all_names,
            f"{texts.all_names} {texts.soc}",
            f"{texts.all_names} {texts.soc} {texts.definition}",
        ),
        start=3,
    ):
        if all(_within(word, text, anywhere=rank == 3) for word in words):
            return rank
    return None


def _within(word: str, text: str, *, anywhere: bool) -> bool:
    """Say whether a word is in a text: within a name anywhere, further away only at the beginning of a word."""
    return word in text if anywhere or not word.isascii() else f" {word}" in f" {text}"


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


_SPELLING: Final = (
    ("ae", "e"),
    ("oe", "e"),
    ("tumour", "tumor"),
    ("leuco", "leuko"),
    ("odour", "odor"),
    ("colour", "color"),
)


def _plain(text: str) -> str:
    """Bring a text to the form in which it is compared: lower case, American spelling, words and digits only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    plain = " ".join(re.findall(r"\w+", plain))
    for british, american in _SPELLING:
        plain = plain.replace(british, american)
    return plain

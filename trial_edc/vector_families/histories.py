"""Read a history written in words, such as `PR 2026-12-07; hepatectomy R0 2026-12-20; recurrence 2027-06-21`.

Grammar. A history is clauses between semicolons. A clause is words with a date, and notes in parentheses, which
are clauses themselves; where a clause has more dates than one, its parts between commas are clauses. A date is
`YYYY-MM-DD`, or `MM-DD` of the first year that does not go back before the date written before it. The words of
a clause say what it is; the first kind of KINDS whose words are found decides. What cannot be read is refused
rather than guessed.

Missed assessments (`one assessment missed`, `≥ 2 missed`, `before 2nd scheduled assessment`: one) lie between
what stands before them and what comes next; each becomes a scheduled assessment of one day there. A progression
with the words `confirmed` or `new lesion` is dated back to an `equivocal new lesion` before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from followup.endpoints import Assessment, History, Intent, Operation, Slot, Treatment
from followup.response import Margin, Overall


class UnreadableHistory(ValueError):
    """A part of a history that the grammar does not know."""


DATE: Final = re.compile(r"\b(?:(\d{4})-)?(\d{2})-(\d{2})\b")
COUNTS: Final = {"no": 0, "one": 1, "a": 1, "single": 1, "two": 2, "three": 3, "four": 4, "several": 2}
COUNT: Final = rf"\b(?P<count>{'|'.join(COUNTS)}|\d+)"
ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4}
ORDINAL: Final = rf"(?:{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))"
VISITS: Final = r"(?:[\w-]+ ){0,3}?(?:assessments?|visits?|scans?|imaging)"
ABSENT: Final = r"(?:missed|skipped|not done|inadequate|not evaluable)"
MISSED: Final = (
    re.compile(rf"{COUNT}(?: or more|\+)? (?:{VISITS} )?(?:was |were )?(?:consecutively )?{ABSENT}"),
    re.compile(rf"{ABSENT} (?:[≥>=]+ ?)?{COUNT}(?: or more)? {VISITS}"),
)
ORDINALS_MISSED: Final = re.compile(
    rf"(?P<which>{ORDINAL}(?:(?:,| and| &) {ORDINAL})*) {VISITS} (?:was |were )?{ABSENT}"
)
BEFORE_ORDINAL: Final = re.compile(
    rf"before (?:the )?(?P<which>{ORDINAL}) (?:scheduled|planned|assess|visit)"
)

NOT_AFTER_RESULT: Final = (
    r"^(?!.*\b(?:cr|pr|sd|pd|ned|death|died|recurrence|relapse|progression|growth|free)\b[^-].*\b{0})"
)
TREATMENTS: Final = (
    r"(?:tace|tki|ici|rfa|mwa|sbrt|anti-?pd-?l?-?1|pd-l?1|\w+nib|\w+mab|chemotherapy|radiotherapy|radiofrequency"
    r"|immunotherapy|ablation|transplant\w*|systemic|targeted|therapeutic|second-line|off-protocol"
    r"|(?:other|new) [\w -]*(?:treatment|therapy))\b"
)
# What a clause can be, by its words in lower case; the first that fits decides.
KINDS: Final = (
    ("last imaging", r"last (?:adequate )?(?:tumou?r )?(?:imaging|assessment|scan)"),
    ("nothing", r"stopp?ed|discontinu|still on|continues|toxicity"),
    ("adjuvant", NOT_AFTER_RESULT.format("adjuvant") + r".*adjuvant"),
    ("treatment", NOT_AFTER_RESULT.format(TREATMENTS) + rf".*\b{TREATMENTS}"),
    ("nothing", r"clinical|symptomatic|undocumented|without imaging"),
    ("no baseline", r"no baseline|baseline (?:\w+ )*missing|without (?:a )?baseline"),
    ("nothing", r"no (?:[\w-]+ )*(?:imaging|assessments?|scans?)\b"),
    ("equivocal", r"equivocal"),
    ("death", r"\bdeath\b|\bdied\b|\bdead\b"),
    (
        "metastasis",
        r"(?:explor|laparo|operat|surg|resect)\w*.*metasta|metasta.*(?:explor|laparo|operat|surg)",
    ),
    (
        "disease-free",
        r"disease-?free|tumou?r-?free|no recurrence|without recurrence|\bned\b|no evidence of disease",
    ),
    ("not evaluable", r"not evaluable|inadequate|unreadable|\bne\b"),
    ("stable", r"\bstable\b|no (?:progression|growth|new lesion|pd)\b|without (?:progression|growth)|\bsd\b"),
    ("response", r"\bcr\b|\bpr\b|complete response|partial response"),
    ("recurrence", r"recurren|relapse"),
    ("progression", r"\bpd\b|progress|growth|\bgrew\b|growing|new lesion|metasta"),
    ("explored", r"(?:explor|laparo)\w*|unresectable|not resected"),
    ("resection", r"\br[012]\b|hepatectomy|resect|operation|surgery"),
    ("alive", r"alive|last contact|lost to|withdr"),
)
RESULTS: Final = {
    "last imaging": Overall.SD,
    "disease-free": Overall.NED,
    "not evaluable": Overall.NE,
    "stable": Overall.SD,
    "equivocal": Overall.SD,
    "recurrence": Overall.RECURRENCE,
    "progression": Overall.PD,
}
UNDATED: Final = ("nothing", "no baseline", "alive", "missed")


@dataclass
class _Draft:
    """What has been read so far."""

    a0: date
    latest: date
    baseline: bool = True
    assessments: list[Assessment] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)
    died_on: date | None = None
    last_alive_on: date | None = None
    equivocal_on: date | None = None
    confirmed: bool = False
    missed: int = 0


def read_history(text: str, a0: date) -> History:
    """Read a history in words. Raises UnreadableHistory for a part that is not understood.

    A history that cannot have happened raises ImpossibleHistory, as History does.
    """
    draft = _Draft(a0, a0)
    for clause, is_note in _clauses(text):
        _read(clause, draft, is_note=is_note)
    return History(
        a0,
        draft.baseline,
        tuple(draft.assessments),
        tuple(draft.slots),
        tuple(draft.operations),
        tuple(draft.treatments),
        draft.died_on,
        draft.last_alive_on,
    )


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """Give the clauses in order, the notes of a clause before it, and say which are notes."""
    for clause in re.split(r";(?![^()]*\))", text):
        for notes in re.findall(r"\(([^()]*)\)", clause):
            yield from ((note.strip(), True) for note in re.split(r"[;,]", notes) if note.strip())
        words = re.sub(r"\([^()]*\)", " ", clause)
        parts = re.split(r",| then ", words) if len(DATE.findall(words)) > 1 else [words]
        yield from ((part.strip(), False) for part in parts if part.strip())


def _read(clause: str, draft: _Draft, *, is_note: bool) -> None:
    day, words = _day(clause, draft)
    missed = _missed(words, dated=day is not None)
    kind = "missed" if missed is not None and day is None else _kind(words)
    if missed is not None:
        draft.missed = missed
    if "equivocal" not in words and re.search("confirm|new lesion", words):
        draft.confirmed = True
    if kind is None or (missed is None and "miss" in words and kind != "no baseline"):
        # A note without a date only explains, as in `PD (new lesion)`.
        if day is None and is_note and "miss" not in words:
            return
        raise UnreadableHistory(f"The history cannot be read at {clause!r}.")
    if day is not None:
        _note(kind, day, words, draft)
    elif kind == "no baseline":
        draft.baseline = False
    elif kind not in UNDATED and not is_note:
        raise UnreadableHistory(f"The history gives no date at {clause!r}.")


def _day(clause: str, draft: _Draft) -> tuple[date | None, str]:
    """Take the date out of a clause; the rest is in lower case."""
    found = DATE.findall(clause)
    if len(found) > 1:
        raise UnreadableHistory(f"The history has more dates than one at {clause!r}.")
    words = " ".join(DATE.sub(" ", clause).lower().split())
    if not found:
        return None, words
    year, month, day = found[0]
    try:
        if year:
            when = date(int(year), int(month), int(day))
        else:
            when = date(draft.latest.year, int(month), int(day))
            if when < draft.latest:
                when = date(draft.latest.year + 1, int(month), int(day))
    except ValueError:
        raise UnreadableHistory(f"The history has no possible date at {clause!r}.") from None
    draft.latest = max(draft.latest, when)
    return when, words


def _missed(words: str, *, dated: bool) -> int | None:
    """Say how many scheduled assessments were missed, None where the words do not tell.

    A dated assessment that is inadequate stands for itself.
    """
    if found := BEFORE_ORDINAL.search(words):
        which = found["which"]
        return (ORDINALS.get(which) or int(re.sub(r"\D", "", which))) - 1
    if dated and "miss" not in words:
        return None
    if found := ORDINALS_MISSED.search(words):
        return len(re.findall(ORDINAL, found["which"]))
    for pattern in MISSED:
        if found := pattern.search(words):
            count = found["count"]
            return COUNTS[count] if count in COUNTS else int(count)
    return None


def _kind(words: str) -> str | None:
    return next((kind for kind, pattern in KINDS if re.search(pattern, words)), None)


def _note(kind: str, day: date, words: str, draft: _Draft) -> None:
    margin = re.search(r"\br([012])\b", words)
    if kind in RESULTS or kind == "response":
        result = RESULTS.get(kind) or (Overall.CR if re.search(r"\bcr\b|complete", words) else Overall.PR)
        _assessed(day, result, draft)
        if kind == "equivocal" and draft.equivocal_on is None:
            draft.equivocal_on = day
    elif kind == "death":
        _place_missed(day, draft)
        draft.died_on = day
    elif kind == "metastasis":
        _place_missed(day, draft)
        draft.operations.append(Operation(day, resected=False, metastasis=True))
    elif kind == "explored":
        draft.operations.append(Operation(day, resected=False))
    elif kind == "resection":
        draft.operations.append(Operation(day, Margin(f"R{margin[1]}") if margin else None))
    elif kind in ("adjuvant", "treatment"):
        intent = Intent.ADJUVANT if kind == "adjuvant" else Intent.THERAPEUTIC
        draft.treatments.append(Treatment(day, intent))
    elif kind == "alive":
        draft.last_alive_on = day


def _assessed(day: date, result: Overall, draft: _Draft) -> None:
    _place_missed(day, draft)
    if any(one.on == day for one in draft.assessments):
        return  # said twice, as in `last imaging`
    if result is Overall.NE:
        draft.slots.append(Slot(day, day))
    progressive = result in (Overall.PD, Overall.RECURRENCE)
    first_seen = draft.equivocal_on if progressive and draft.confirmed else None
    draft.assessments.append(Assessment(day, result, first_seen=first_seen))


def _place_missed(day: date, draft: _Draft) -> None:
    """Put the missed assessments evenly between the last assessment and this day."""
    before = max((one.on for one in draft.assessments if one.on < day), default=draft.a0)
    step = (day - before) / (draft.missed + 1)
    if draft.missed and step < timedelta(days=1):
        raise UnreadableHistory(f"{draft.missed} missed assessments do not fit between {before} and {day}.")
    for number in range(1, draft.missed + 1):
        missed_on = before + number * step
        draft.slots.append(Slot(missed_on, missed_on))
    draft.missed = 0

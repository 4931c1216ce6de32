"""What an edit check found: where, how grave, and a sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from records.text import Text


class Level(StrEnum):
    HARD = "HARD"  # refused
    SOFT = "SOFT"  # asked about; can be confirmed with a comment


@dataclass(frozen=True, slots=True)
class Finding:
    item: str  # the item it stands at; "" for the form as a whole
    level: Level
    message: Text
    check: str = ""  # the check's identifier, where the specification gives it one
    on_submission: bool = False  # asked of a complete form only: a draft is saved all the same


class Refused(Exception):
    """An action was refused for a reason fit for the screen."""

    def __init__(self, sentence: str | Text, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.findings = findings


class Overtaken(Refused):
    """Somebody else saved the record after this person opened it."""

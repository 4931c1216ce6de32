"""What a way to a person has to be able to do: name their address, and hand a letter over at most once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accounts.models import User
from followup.models import ReminderPreference


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in its recipient's language. `key` is the same however often it is sent; so is `message_id`.

    `lines` is the whole text; `items` one line for each reminder in it, `link` where to look.
    """

    key: str
    message_id: str
    language: str
    title: str
    lines: tuple[str, ...]
    items: tuple[str, ...]
    link: str
    at: datetime


class NotDelivered(Exception):
    """The message was not delivered. `lasting`: trying again is of no use."""

    def __init__(self, *, answer: int | None = None, fault: str = "", lasting: bool = False) -> None:
        super().__init__(f"{answer or ''} {fault}".strip())
        self.answer, self.fault, self.lasting = answer, fault, lasting


class Unanswered(Exception):
    """The whole message left and no answer came: it may have been delivered."""

    def __init__(self, fault: str, answer: int | None = None) -> None:
        super().__init__(fault)
        self.fault, self.answer = fault, answer


class Way(Protocol):
    """One channel. `ready`: whether it is set up on this machine."""

    @property
    def ready(self) -> bool: ...

    def address_of(self, person: User, wishes: ReminderPreference | None) -> str:
        """Where this person is reached; "" where they are not."""
        ...

    def deliver(self, letter: Letter, address: str, *, before_it_leaves: Callable[[], None]) -> int:
        """Hand one letter over and give the answer's code.

        `before_it_leaves` is called before anything is sent that the other side could act on; where it raises,
        nothing is sent. Raises NotDelivered and Unanswered.
        """
        ...

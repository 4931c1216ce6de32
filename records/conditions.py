"""When a question applies: conditions on other answers, read by the server and, as JSON, by the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class When:
    """True where every named answer is one of the given codes.

    `When(sex="F", childpot=("Y", "N"))`. A name is an item of the same form or a word of its context
    (for instance `arm`, `sex`). The code "" stands for an answer not given (yet), which otherwise makes the
    condition false.
    """

    def __init__(self, **answers: str | tuple[str, ...]) -> None:
        self.answers = {
            name: (codes,) if isinstance(codes, str) else tuple(codes) for name, codes in answers.items()
        }

    def holds(self, values: Mapping[str, Any]) -> bool:
        for name, codes in self.answers.items():
            given = values.get(name)
            if given is None:
                given = ""
            if isinstance(given, str):
                if given not in codes:
                    return False
            elif isinstance(given, (list, tuple)):
                if not (set(given) or {""}) & set(codes):
                    return False
            elif str(given) not in codes:
                return False
        return True

    def as_json(self) -> str:
        return json.dumps({name: list(codes) for name, codes in self.answers.items()})


class _Constant(When):
    def __init__(self, value: bool) -> None:
        super().__init__()
        self.value = value

    def holds(self, values: Mapping[str, Any]) -> bool:
        return self.value

    def as_json(self) -> str:
        return ""


class Either(When):
    """True where one of several conditions is; for what is required, not for what is shown."""

    def __init__(self, *parts: When) -> None:
        super().__init__(**{name: codes for part in parts for name, codes in part.answers.items()})
        self.parts = parts

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(part.holds(values) for part in self.parts)

    def as_json(self) -> str:
        raise TypeError("A page cannot watch one of several conditions.")


ALWAYS = _Constant(True)
NEVER = _Constant(False)

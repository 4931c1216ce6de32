"""Which answers of a participant are severe enough for the site to act on; pure, limits come as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

TEMPERATURE: Final = "temperature"


@dataclass(frozen=True, slots=True)
class Limits:
    """From which value on an answer is severe, the value itself included: 0–10 for a symptom, °C for the temperature."""

    symptom: int
    temperature: Decimal


def severe_answers(
    symptoms: Mapping[str, int | None], temperature: Decimal | None, limits: Limits
) -> list[str]:
    """The names of the severe answers in the order of the form, the temperature last; what is not answered is not severe."""
    found = [name for name, value in symptoms.items() if value is not None and value >= limits.symptom]
    if temperature is not None and temperature >= limits.temperature:
        found.append(TEMPERATURE)
    return found

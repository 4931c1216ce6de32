from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PartialDate:
    earliest: date
    latest: date

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        parts = [int(p) for p in text.split("-")]
        if len(parts) == 3:
            d = date(*parts)
            return cls(d, d)
        if len(parts) == 2:
            return cls(date(parts[0], parts[1], 1), date(parts[0], parts[1], calendar.monthrange(*parts)[1]))
        return cls(date(parts[0], 1, 1), date(parts[0], 12, 31))


def completed_years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_at(born: PartialDate, on: date) -> tuple[int, int]:
    return completed_years(born.latest, on), completed_years(born.earliest, on)

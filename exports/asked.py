"""What somebody asks of an export beside the sites: parts, period, words, de-identification, and the format.

Pure: it is kept as JSON with the job and with saved definitions, and read back from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

CSV = "csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """One export's wishes; every default is the whole trial as CSV with codes.

    forms, visits   codes; empty: all
    since, until    days on which forms were first entered, both included
    queries         queries, discrepancies and checks that fired, with their steps
    trail           the audit trail too, as trail.csv
    reasons         the columns <ITEM>_MISSING
    labels          "" for codes, "en" or "zh" for their words
    deidentified    exports/deidentify.py says what that means
    masked          sites under other codes, and without what tells them; only of a de-identified export
    leave_out       leave out columns the format cannot hold, instead of refusing the export
    """

    format: str = CSV
    forms: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    queries: bool = True
    trail: bool = False
    reasons: bool = True
    labels: str = ""
    deidentified: bool = False
    masked: bool = False
    leave_out: bool = False

    def kept(self) -> dict[str, Any]:
        """As JSON: what differs from the defaults."""
        default = asdict(Asked())
        found: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if value == default[name]:
                continue
            if isinstance(value, date):
                found[name] = value.isoformat()
            else:
                found[name] = list(value) if isinstance(value, tuple) else value
        return found

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Asked:
        """Read what `kept` gave. Raises TypeError for a wish it does not know."""
        given = dict(kept)
        for name in ("forms", "visits"):
            if name in given:
                given[name] = tuple(given[name])
        for name in ("since", "until"):
            if given.get(name):
                given[name] = date.fromisoformat(given[name])
        return cls(**given)

    @property
    def whole(self) -> bool:
        """Whether nothing narrows the rows or the tables."""
        return not (self.forms or self.visits or self.since or self.until)

"""What an export is told about itself, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from exports.asked import Asked
from exports.deidentify import ONCE

# Told the table being written, the rows written and the rows there are, now and then.
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the manifest says of an export beside its files.

    `sites` are codes, None for every site; `fictitious`: the database is no real trial's; `definition`: the name of the
    saved export it was made by; `key`: exports of one key have the same codes and shifts where they are de-identified.
    """

    export: int
    requested_at: datetime
    requested_by: int
    requested_as: str
    data_as_of: datetime
    sites: tuple[str, ...] | None
    historical: bool
    fictitious: bool = False
    asked: Asked = field(default_factory=Asked)
    definition: str = ""
    key: str = ONCE

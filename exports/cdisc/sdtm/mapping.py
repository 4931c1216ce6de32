"""How items of forms become datasets of SDTM, as data: conditions, observations, domains.

SQL does the turning of wide forms into long domains, because a wide form turned row by row in Python takes several times
as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exports.cdisc.sdtm.expressions import Expression, Source, quoted

# -- conditions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Is:
    """An item has one of these codes."""

    item: str
    codes: tuple[str, ...]

    def sql(self, source: Source) -> str:
        listed = ", ".join(quoted(code) for code in self.codes)
        return f"{source.find(self.item)[0]} IN ({listed})"


@dataclass(frozen=True)
class Includes:
    """An item of several codes holds this one."""

    item: str
    code: str

    def sql(self, source: Source) -> str:
        return f"{quoted(self.code)} = ANY({source.find(self.item)[0]})"


@dataclass(frozen=True)
class Has:
    """Any of these items has an answer; `or_missing`: or a reason why it has none."""

    of: tuple[str, ...]
    or_missing: bool = False

    def sql(self, source: Source) -> str:
        parts = []
        for name in self.of:
            column, item = source.find(name)
            parts.append(f"{column} IS NOT NULL")
            if self.or_missing and item.missing:
                parts.append(f"{source.alias_of(name)}.missing ? {quoted(name)}")
        return f"({' OR '.join(parts)})"


@dataclass(frozen=True)
class Where:
    """A condition in SQL."""

    text: str

    def sql(self, source: Source) -> str:
        return self.text


Condition = Is | Includes | Has | Where


# -- domains ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Supplement:
    """A value that no variable of the domain is for: its name in QNAM, its label and its expression."""

    name: str
    label: str
    value: Expression
    origin: str = "Collected"


@dataclass(frozen=True)
class Observation:
    """One record a form, or a row inside it, gives where all of `when` hold.

    `rows` names the table inside the form; `table` a table that is no form. `findings`: items whose reason for
    having no result stands in --REASND.
    """

    form: str
    values: Mapping[str, Expression]
    when: tuple[Condition, ...] = ()
    rows: str = ""
    supplements: tuple[Supplement, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lines:
    """Records that no form gives, as SQL: the participant's key, a key of the record, then these columns as text.

    `columns` names them in order with the most bytes each takes. The SQL may read `subj u`.
    """

    columns: Mapping[str, int]
    sql: str


@dataclass(frozen=True)
class Domain:
    """One dataset of SDTM.

    `variables` in the order of the standard; `keys` make its records unique, `order` numbers them within a
    participant. `homes` are the forms (or "MH.conditions") whose items no variable takes go into its supplemental
    qualifiers, related by --GRPID where a form gives several records (`grouped`). `everybody`: also participants
    without the form.
    """

    name: str
    label: str
    kind: str  # class of the observation
    structure: str
    variables: tuple[str, ...]
    keys: tuple[str, ...]
    observations: Sequence[Observation] = ()
    homes: tuple[str, ...] = ()
    grouped: bool = False
    lines: Lines | None = None
    order: tuple[str, ...] = ()
    everybody: bool = False

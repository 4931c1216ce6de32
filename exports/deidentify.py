"""A de-identified export: what is left out, what stands under a code, and how far each participant's dates move.

- Free text, initials, names, accounts and files are left out; so is the date of birth. The age stays, 90 for all from
  90 on.
- The times at which the system noted something are left out: a row that is new in this week's file was entered this
  week, which would tell the shift to within days. For the same reason no days of entry narrow such an export.
- All other days and times of one participant move back by the same number of days, 1 to 365, so that intervals and study
  days stay right, and no date is the true one. A date of which the day or month is not known moves from its middle
  and stays as imprecise as it was.
- Participants stand under codes, and rows in the order of the codes, so that neither tells who was enrolled when.
  Sites do where they are masked; what tells a site is then left out.

- What rows are joined by (the number of a query, the key of an entry of a diary) stands under a code, the same in every
  file of the export, and rows stand in the order of these codes. The number of a query counts through the trial and the
  key of an entry stands in identified data as well: either would join the two. What points into the audit trail is left
  out.

Shift and codes come from a secret of the server and the key of the definition: the same participant has the same ones
in every export of one definition, and others in those of another. All exports without a definition share one key:
several shifts of one participant would, taken together, tell the true day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from psycopg2 import sql

from exports.sensitivity import Sensitivity, sensitivity
from exports.tables import Column, Table
from records.text import Text

MOST_DAYS = 365
OLDEST = 90
ONCE = "once"  # the key of exports without a definition
# What rows are joined by: the letter its codes begin with, and the columns it stands in.
KEYS = {"Q": "query", "D": "diary entry"}
LETTERS = {"QUERY": "Q", "KEY": "D", "REPLACES": "D"}
LEFT_OUT = {Sensitivity.TEXT, Sensitivity.PERSON, Sensitivity.BIRTH, Sensitivity.SYSTEM_TIME}


@dataclass(frozen=True, slots=True)
class Disguise:
    """What one participant or site becomes: a code, and days to move back (0 for a site)."""

    id: int
    code: str
    days: int


def _bytes(secret: str, *about: str) -> bytes:
    return hmac.digest(secret.encode(), "\0".join(("deidentified export", *about)).encode(), "sha256")


def of_participant(secret: str, key: str, participant_id: int) -> Disguise:
    """The code and shift of one participant in the exports of one key."""
    raw = _bytes(secret, key, "participant", str(participant_id))
    days = 1 + int.from_bytes(raw[:8], "big") % MOST_DAYS
    return Disguise(participant_id, f"P{raw[8:14].hex().upper()}", days)


def of_site(secret: str, key: str, site_id: int) -> Disguise:
    raw = _bytes(secret, key, "site", str(site_id))
    return Disguise(site_id, f"S{raw[8:11].hex().upper()}", 0)


def key_codes(secret: str, key: str) -> dict[str, bytes]:
    """The keys of HMAC from which the codes of what rows are joined by are made, by the letter they begin with.

    They are made in SQL, so that the keys of the rows need not be held: what the database is told tells the secret as
    little as codes do.
    """
    return {letter: _bytes(secret, key, "key", what) for letter, what in KEYS.items()}


def mark(secret: str, key: str) -> str:
    """Tells exports with the same codes and shifts from others, without telling the secret."""
    return hashlib.sha256(_bytes(secret, key, "mark")).hexdigest()[:16]


def _lookup(alias: str, disguises: Sequence[Disguise]) -> sql.Composable:
    return sql.SQL("unnest({}::bigint[], {}::text[], {}::integer[]) AS {}(id, code, days)").format(
        sql.Literal([one.id for one in disguises]),
        sql.Literal([one.code for one in disguises]),
        sql.Literal([one.days for one in disguises]),
        sql.Identifier(alias),
    )


def _key_code(column: Column, codes: Mapping[str, bytes]) -> sql.Composable:
    """The SQL of a key's code: HMAC-SHA-256 (RFC 2104) of its text, of which 48 bits are kept; none for none."""
    letter = LETTERS[column.name]
    block = codes[letter].ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
    return sql.SQL(
        "({} || upper(left(encode(sha256({}::bytea || sha256({}::bytea || "
        "convert_to(({})::text, 'UTF8'))), 'hex'), 12)))"
    ).format(
        sql.Literal(letter), sql.Literal(f"\\x{outer.hex()}"), sql.Literal(f"\\x{inner.hex()}"), column.source
    )


def deidentified(
    table: Table,
    people: Sequence[Disguise],
    sites: Sequence[Disguise],
    codes: Mapping[str, bytes],
    *,
    masked: bool,
) -> Table:
    """The table as a de-identified export has it; `codes` as `key_codes` gives them."""
    of_participants = "SUBJID" in table.header
    has_site = "SITE" in table.header
    columns = [
        changed
        for column in table.columns
        if (changed := _disguised(table, column, codes, shifted=of_participants, masked=masked)) is not None
    ]
    rows, order = table.rows, table.order
    joined = next((one for one in table.columns if sensitivity(table, one) == Sensitivity.KEY), None)
    if joined is not None:
        order = sql.SQL('{} COLLATE "C", {}').format(_key_code(joined, codes), order)
    if of_participants:
        rows = sql.SQL("{} LEFT JOIN {} ON who.id = p.id").format(rows, _lookup("who", people))
        order = sql.SQL('who.code COLLATE "C", {}').format(order)
    if masked and has_site:
        rows = sql.SQL("{} LEFT JOIN {} ON place.id = s.id").format(rows, _lookup("place", sites))
        order = sql.SQL('place.code COLLATE "C", {}').format(order) if not of_participants else order
    return replace(table, columns=tuple(columns), rows=rows, order=order)


def _disguised(
    table: Table, column: Column, codes: Mapping[str, bytes], *, shifted: bool, masked: bool
) -> Column | None:
    """The column as it may go out; None where it may not."""
    if column.reason_for is not None:
        # Why a birthday is missing says nothing; a reason without its item would puzzle.
        about = replace(column, item=column.reason_for, reason_for=None)
        return None if sensitivity(table, about) in LEFT_OUT else column
    how = sensitivity(table, column)
    if how in LEFT_OUT or (masked and how == Sensitivity.OF_SITE):
        return None
    if how == Sensitivity.SUBJECT:
        return replace(
            column, source=sql.Identifier("who", "code"), label=Text("Code of the participant", "受试者代码")
        )
    if how == Sensitivity.SITE and masked:
        return replace(
            column, source=sql.Identifier("place", "code"), label=Text("Code of the site", "研究中心代码")
        )
    if how == Sensitivity.KEY:
        return replace(
            column,
            source=_key_code(column, codes),
            kind="text",
            label=column.label + Text(" (under a code)", "（以代码表示）"),
        )
    if how == Sensitivity.AGE:
        return replace(column, source=sql.SQL("least({}, {})").format(column.source, sql.Literal(OLDEST)))
    if how == Sensitivity.DATE and shifted:
        return replace(column, source=_moved(column))
    return column


def _moved(column: Column) -> sql.Composable:
    """The SQL of a day or time, moved back; its text keeps its form."""
    source = column.source
    if column.kind == "date":
        return sql.SQL("to_char(({})::date - who.days, 'YYYY-MM-DD')").format(source)
    if column.kind == "datetime":
        return sql.SQL(
            "to_char((({})::timestamptz - who.days * interval '1 day') AT TIME ZONE 'UTC', "
            '\'YYYY-MM-DD"T"HH24:MI:SS"+00:00"\')'
        ).format(source)
    middle = sql.SQL(
        "({0} || CASE length({0}) WHEN 4 THEN '-07-01' WHEN 7 THEN '-15' ELSE '' END)::date"
    ).format(source)
    return sql.SQL("left(to_char({} - who.days, 'YYYY-MM-DD'), length({}))").format(middle, source)

"""The trial as it stands, as one ODM file of type Snapshot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from exports.cdisc.odm.metadata import Definitions, definitions
from exports.cdisc.odm.plans import (
    STATE_GROUP,
    STATE_ITEMS,
    STUDY_OID,
    FormPlan,
    Group,
    event_oid,
    items_with_oids,
    plans,
)
from exports.cdisc.odm.reading import PLACE, all_rows
from exports.cdisc.odm.text import FORBIDDEN, Unwritable, attribute, content, element
from exports.stamp import Report, Stamp
from participants.schedule_file import Schedule, parse
from records.items import Item
from records.study import STUDY_ID

CHARACTERS_AT_ONCE = 1 << 18
# Kinds whose stored text never holds a character that XML would have to escape.
PLAIN = ("integer", "decimal", "measured", "date", "datetime", "partialdate", "file")


def write_odm(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    stamp: Stamp,
    site_ids: list[int] | None,
    report: Report,
) -> int:
    """Write the snapshot to `target`; gives the rows of forms, and of tables inside forms, that are in it.

    `site_ids`: the sites to read, None for all. `reader` should be inside `snapshot`. Same data and same stamp,
    same bytes; memory does not grow with the rows. Unwritable, with the place in words, for a character that XML
    cannot carry.
    """
    write = Buffered(target)
    defined = definitions(schedules(reader))
    write(header(stamp, defined, "Snapshot"))
    write(defined.study + "\n")
    write(admin_data(reader, site_ids, defined, stamp))
    write(f'<ClinicalData StudyOID="{STUDY_OID}" MetaDataVersionOID="{defined.version}">\n')
    rows = Nesting(write).write_all(reader, site_ids, report)
    write("</ClinicalData>\n</ODM>\n")
    write.flush()
    return rows


class Buffered:
    """Collects text and hands it on as UTF-8 in large pieces."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._waiting: list[str] = []
        self._size = 0

    def __call__(self, text: str) -> None:
        self._waiting.append(text)
        self._size += len(text)
        if self._size > CHARACTERS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._target.write("".join(self._waiting).encode("utf-8"))
        self._waiting.clear()
        self._size = 0


def header(stamp: Stamp, defined: Definitions, file_type: str) -> str:
    """Write the root's start: what the file is, as of when; it says so where the trial is a demonstration."""
    moment = instant(stamp.data_as_of)
    names = {
        "xmlns": "http://www.cdisc.org/ns/odm/v1.3",
        "ODMVersion": "1.3.2",
        "FileType": file_type,
        "FileOID": f"{STUDY_ID}.{file_type}.{moment}",
        "Granularity": "SingleSite" if stamp.sites and len(stamp.sites) == 1 else "All",
        "CreationDateTime": moment,
        "AsOfDateTime": moment,
        "Originator": STUDY_ID,
    }
    if stamp.fictitious:
        names["Description"] = "FICTITIOUS DATA - 虚构数据"
    given = "".join(f' {name}="{attribute(value)}"' for name, value in names.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM{given}>\n'


def instant(moment: datetime) -> str:
    """Write a moment as everywhere in the files: UTC, to the second, with its offset."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def schedules(reader: BaseDatabaseWrapper) -> list[Schedule]:
    """The versions of the visit schedule that were adopted, oldest first."""
    with reader.cursor() as cursor:
        cursor.execute("SELECT source FROM participants_scheduleversion ORDER BY number")
        return [parse(source) for (source,) in cursor.fetchall()]


def admin_data(
    reader: BaseDatabaseWrapper,
    site_ids: list[int] | None,
    defined: Definitions,
    stamp: Stamp,
    users: str = "",
    signatures: str = "",
) -> str:
    """Write the sites, and the people where the file names any."""
    with reader.cursor() as cursor:
        cursor.execute(
            "SELECT code, name_en FROM accounts_site WHERE %s::bigint[] IS NULL OR id = ANY(%s) "
            'ORDER BY code COLLATE "C"',
            [site_ids, site_ids],
        )
        sites = cursor.fetchall()
    day = stamp.data_as_of.astimezone(UTC).date().isoformat()
    version = element(
        "MetaDataVersionRef", StudyOID=STUDY_OID, MetaDataVersionOID=defined.version, EffectiveDate=day
    )
    places = [
        element("Location", version, OID=f"LOC.{code}", Name=name, LocationType="Site")
        for code, name in sites
    ]
    places.append(element("Location", version, OID="LOC.SPONSOR", Name="Sponsor", LocationType="Sponsor"))
    return "\n".join([f'<AdminData StudyOID="{STUDY_OID}">', users, *places, signatures, "</AdminData>\n"])


# -- rows --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns of a row that make one item group: where they begin, how each is opened, which need escaping."""

    start: int
    openings: tuple[str, ...]
    escaped: tuple[int, ...]
    names: tuple[str, ...]  # by which reasons and comments are filed

    def write(self, row: tuple[Any, ...]) -> str:
        """Write the items that are there."""
        found: tuple[Any, ...] | list[Any] = row[self.start : self.start + len(self.openings)]
        if self.escaped:
            found = list(found)
            for place in self.escaped:
                value = found[place]
                if value is not None:
                    found[place] = attribute(value)
        return "".join(
            [
                f'{opening}{value}"/>'
                for opening, value in zip(self.openings, found, strict=True)
                if value is not None
            ]
        )

    def write_annotated(
        self, row: tuple[Any, ...], missing: dict[str, str], confirmed: dict[str, str]
    ) -> str:
        """Write the items, those with a reason or a comment too."""
        parts = []
        for place, (opening, name) in enumerate(zip(self.openings, self.names, strict=True)):
            value = row[self.start + place]
            said = said_of(missing.get(name), confirmed.get(name))
            if value is None and not said:
                continue
            parts.append(annotated(opening, value, said))
        return "".join(parts)


def annotated(opening: str, value: str | None, said: str) -> str:
    """Write one item; `opening` ends where its value begins."""
    if value is None:
        opening = opening.removesuffix('Value="') + 'IsNull="Yes'
    text = "" if value is None else attribute(value)
    return f'{opening}{text}">{said}</ItemData>' if said else f'{opening}{text}"/>'


def said_of(missing: str | None, confirmed: str | None) -> str:
    """Write why an answer is missing and the comment that confirmed it; "" where neither was said."""
    said = f'<Annotation SeqNum="1">{flag("MISSING", "CL.MISSING", missing)}</Annotation>' if missing else ""
    if confirmed is None:
        return said
    comment = element("Comment", content(confirmed), SponsorOrSite="Site")
    return (
        f'{said}<Annotation SeqNum="2">{comment}{flag("CONFIRMED", "CL.FLAGTYPE", "CONFIRMED")}</Annotation>'
    )


def flag(kind: str, codes: str, value: str) -> str:
    return (
        f'<Flag><FlagValue CodeListOID="{codes}">{content(value)}</FlagValue>'
        f'<FlagType CodeListOID="CL.FLAGTYPE">{kind}</FlagType></Flag>'
    )


def opening_of(oid: str) -> str:
    return f'<ItemData ItemOID="{oid}" Value="'


class RowWriter:
    """Writes the rows of one table: a form's own with its state, or those of a table inside it."""

    def __init__(self, plan: FormPlan, group: Group | None) -> None:
        self.plan, self.group = plan, group
        self._oids = {item: oid for oid, item in items_with_oids(plan)}
        at = PLACE
        self._state: Cells | None = None
        self._answers: list[tuple[Group, int]] = []
        if group is not None:
            self._cells = self._cells_of(at, group.items)
            return
        self._state = Cells(at, tuple(opening_of(fact.oid) for fact in STATE_ITEMS), (), ())
        at += len(STATE_ITEMS)
        own, *others = plan.groups
        self._cells = self._cells_of(at, own.items)
        at += len(own.items)
        for other in others:
            if other.answers is not None:
                self._answers.append((other, at))
                at += 1

    def _cells_of(self, start: int, items: tuple[Item, ...]) -> Cells:
        return Cells(
            start,
            tuple(opening_of(self._oids[item]) for item in items),
            tuple(place for place, item in enumerate(items) if item.kind not in PLAIN and not item.codes),
            tuple(item.name for item in items),
        )

    def write(self, row: tuple[Any, ...]) -> str:
        """Write the item groups of a row."""
        try:
            return self._write(row)
        except Unwritable as unwritable:
            raise unwritable_at(row, self.plan, self._cells, unwritable) from None

    def _write(self, row: tuple[Any, ...]) -> str:
        missing_text, confirmed_text = row[PLACE - 2], row[PLACE - 1]
        missing: dict[str, str] = {} if missing_text == "{}" else json.loads(missing_text)
        confirmed: dict[str, str] = {} if confirmed_text == "{}" else json.loads(confirmed_text)
        if missing or confirmed:
            items = self._cells.write_annotated(row, missing, confirmed)
        else:
            items = self._cells.write(row)
        if self.group is not None:
            return f'<ItemGroupData ItemGroupOID="{self.group.oid}" ItemGroupRepeatKey="{row[PLACE - 3]}">{items}</ItemGroupData>\n'
        assert self._state is not None
        parts = [f'<ItemGroupData ItemGroupOID="{STATE_GROUP}">{self._state.write(row)}</ItemGroupData>\n']
        if items:
            parts.append(f'<ItemGroupData ItemGroupOID="{self.plan.groups[0].oid}">{items}</ItemGroupData>\n')
        for group, at in self._answers:
            name = group.items[0].name
            said = said_of(missing.get(name), confirmed.get(name))
            if row[at] is not None or said:
                parts.append(several_answers(group.oid, self._oids[group.items[0]], row[at], said))
        return "".join(parts)


def several_answers(group: str, oid: str, answers: str | None, said: str) -> str:
    """Write each answer of a question with several as a group of its own, numbered; what is said stands at the first."""
    return "".join(
        f'<ItemGroupData ItemGroupOID="{group}" ItemGroupRepeatKey="{number}">'
        f"{annotated(opening_of(oid), answer, said if number == 1 else '')}</ItemGroupData>\n"
        for number, answer in enumerate(answers.split(" ") if answers else [None], 1)
    )


def unwritable_at(row: tuple[Any, ...], plan: FormPlan, cells: Cells, why: Unwritable) -> Unwritable:
    """Name the place of a character that cannot be written; what it says stays out of the message."""
    named = next(
        (
            name
            for place, name in enumerate(cells.names)
            if isinstance(value := row[cells.start + place], str) and FORBIDDEN.search(value)
        ),
        "comment",
    )
    placed = Unwritable(chr(int(why.character[2:], 16)))
    placed.place = (plan.form.form.code, named.upper())
    placed.args = (f"{plan.form.form.code}.{named.upper()} of participant {row[0]} at visit {row[5]}: {why}",)
    return placed


class Nesting:
    """Opens and closes the elements around rows: participant, visit, form."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def write_all(self, reader: BaseDatabaseWrapper, site_ids: list[int] | None, report: Report) -> int:
        sources: list[tuple[FormPlan, Group | None]] = []
        for plan in plans():
            sources.append((plan, None))
            sources += [(plan, group) for group in plan.groups if group.rows is not None]
        writers = [RowWriter(plan, group) for plan, group in sources]
        several = [plan.form.form.several for plan, _group in sources]
        write = self._write
        participant: str | None = None
        visit: int | None = None
        form: tuple[int, int] | None = None  # which form, and which record of it
        rows = 0
        total = _count(reader, sources, site_ids)
        for place, source, row in all_rows(reader, sources, site_ids):
            if (place[4], place[6]) != form:
                if form is not None:
                    write("</FormData>\n")
                if place[3] != visit or place[0] != participant:
                    if visit is not None:
                        write("</StudyEventData>\n")
                    if place[0] != participant:
                        if participant is not None:
                            write("</SubjectData>\n")
                        participant = place[0]
                        write(
                            f'<SubjectData SubjectKey="{participant}"><SiteRef LocationOID="LOC.{row[1]}"/>\n'
                        )
                    visit = place[3]
                    write(
                        f'<StudyEventData StudyEventOID="{event_oid(row[5])}" StudyEventRepeatKey="{row[3]}">\n'
                    )
                form = (place[4], place[6])
                repeat = f' FormRepeatKey="{row[6]}"' if several[source] else ""
                write(f'<FormData FormOID="{writers[source].plan.oid}"{repeat}>\n')
            write(writers[source].write(row))
            rows += 1
            if rows % 1000 == 0:
                report(writers[source].plan.form.form.code, rows, total)
        if participant is not None:
            write("</FormData>\n</StudyEventData>\n</SubjectData>\n")
        report("", rows, total)
        return rows


def _count(
    reader: BaseDatabaseWrapper, sources: list[tuple[FormPlan, Group | None]], site_ids: list[int] | None
) -> int:
    total = 0
    with reader.cursor() as cursor:
        for plan, group in sources:
            model = group.rows if group and group.rows else plan.form
            cursor.execute(
                f"SELECT count(*) FROM {model._meta.db_table} r JOIN participants_participant p "  # noqa: S608 – names of our own tables
                "ON p.id = r.participant_id WHERE %s::bigint[] IS NULL OR p.site_id = ANY(%s)",
                [site_ids, site_ids],
            )
            total += cursor.fetchone()[0]
    return total

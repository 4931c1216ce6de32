"""What one entry of the trail says, as ODM: the change of a form, of a row in it, a signature, a step of a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exports.cdisc.odm.plans import (
    STATE_GROUP,
    STATE_ITEMS,
    FormPlan,
    Group,
    event_oid,
    form_oid,
    items_with_oids,
    plans,
)
from exports.cdisc.odm.snapshot import PLAIN, flag, opening_of
from exports.cdisc.odm.text import attribute, content, element
from records.definition import forms, row_groups
from records.items import Item

# Numbers of an item's annotations: why it is missing, what confirmed it, and far behind them steps of queries.
MISSING, CONFIRMED, STEPS, SIGNATURES = 1, 2, 1000, 1_000_000_000
AS_WRITTEN = json.JSONDecoder(parse_float=str, parse_int=str)
TRANSACTIONS = {"INSERT": "Insert", "UPDATE": "Update", "DELETE": "Remove"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the trail with the place it is about; `changes` maps columns to [old, new]."""

    id: int
    at: datetime
    relation: str
    operation: str
    changes: Mapping[str, list[Any]]
    person: int | None
    role: str
    reason: str
    location: str  # of the site where it was done, or the sponsor's
    participant: str
    site: str
    visit: str | None
    occurrence: int | None
    repeat: int | None
    number: int | None  # of a row inside a form
    form: str = ""  # of a signature, of a step of a query
    item: str = ""  # of a step of a query


def changes_of(text: str) -> dict[str, list[Any]]:
    """Read the changes of an entry; numbers stay as they are written."""
    found: dict[str, list[Any]] = AS_WRITTEN.decode(text)
    return found


# -- places ------------------------------------------------------------------------------------------


def at_place(entry: Entry, form: str, inside: str, *, here: str = "") -> str:
    """Put content into participant, visit and form; `here` stands directly at the innermost of them that is named."""
    if form:
        inside = _form(form, entry.repeat, "Context", here + inside)
    elif entry.visit:
        inside = here + inside
    if entry.visit:
        inside = _event(entry, inside)
    elif not form:
        inside = here + inside
    # SiteRef comes before annotations and visits, and after a signature.
    site = f'<SiteRef LocationOID="LOC.{entry.site}"/>'
    if not entry.visit and inside.startswith("<Signature"):
        end = inside.index("</Signature>") + len("</Signature>")
        inside = inside[:end] + site + inside[end:]
    else:
        inside = site + inside
    return f'<SubjectData SubjectKey="{entry.participant}" TransactionType="Context">{inside}</SubjectData>\n'


def _event(entry: Entry, inside: str) -> str:
    return (
        f'<StudyEventData StudyEventOID="{event_oid(entry.visit or "")}" StudyEventRepeatKey="{entry.occurrence}" '
        f'TransactionType="Context">{inside}</StudyEventData>'
    )


def _form(code: str, repeat: int | None, transaction: str, inside: str) -> str:
    several = f' FormRepeatKey="{repeat}"' if forms()[code].form.several else ""
    return f'<FormData FormOID="{form_oid(forms()[code])}"{several} TransactionType="{transaction}">{inside}</FormData>'


def _group(oid: str, repeat: object, transaction: str, inside: str) -> str:
    key = "" if repeat is None else f' ItemGroupRepeatKey="{repeat}"'
    return (
        f'<ItemGroupData ItemGroupOID="{oid}"{key} TransactionType="{transaction}">{inside}</ItemGroupData>'
    )


def audit_record(entry: Entry) -> str:
    """Who did it, where, when and why; the trail's own number and the role say where to find it."""
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    reason = f"<ReasonForChange>{content(entry.reason)}</ReasonForChange>" if entry.reason else ""
    return (
        f'<AuditRecord><UserRef UserOID="{user_oid(entry.person)}"/><LocationRef LocationOID="{entry.location}"/>'
        f"<DateTimeStamp>{moment}</DateTimeStamp>{reason}"
        f"<SourceID>{f'trail {entry.id} {entry.role}'.rstrip()}</SourceID></AuditRecord>"
    )


def user_oid(person: int | None) -> str:
    return "USR.SYSTEM" if person is None else f"USR.{person}"


# -- changes of forms --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """An item, or a fact of a form, as an entry writes it.

    column, name   of its values; by which reasons and comments are filed, "" for a fact of a form
    text           makes of a stored value what stands in the attribute
    opening        the element up to where its value begins
    removed        the element where there is no value (any more)
    """

    oid: str
    column: str
    name: str
    text: Callable[[str], str]
    opening: str
    removed: str

    @classmethod
    def of(cls, oid: str, column: str, name: str, text: Callable[[str], str]) -> Written:
        opening = opening_of(oid).replace(" Value=", ' TransactionType="Upsert" Value=')
        removed = f'<ItemData ItemOID="{oid}" TransactionType="Remove" IsNull="Yes"/>'
        return cls(oid, column, name, text, opening, removed)


class Changes:
    """Writes the changes of one table: a form, or the rows of a table inside it."""

    def __init__(self, plan: FormPlan, group: Group | None) -> None:
        self._code = plan.form.form.code
        self._group = group
        oids = {item: oid for oid, item in items_with_oids(plan)}
        self._groups = [
            (
                one,
                [Written.of(oids[item], str(item.column), item.name, text_of(item)) for item in one.items],
            )
            for one in ([group] if group else [one for one in plan.groups if one.rows is None])
        ]
        # Where the items of a group stand, by their columns: an entry names few of them.
        self._places = {
            one.oid: {written.column: place for place, written in enumerate(items)}
            for one, items in self._groups
        }

    def write(self, entry: Entry) -> str:
        transaction = TRANSACTIONS[entry.operation]
        said = audit_record(entry)
        if self._group is not None:
            [(group, items)] = self._groups
            inside = "" if entry.operation == "DELETE" else self._items(entry, group, items)
            found = _group(self._group.oid, entry.number, transaction, said + inside)
            return at_place(entry, self._code, found)
        inside = "" if entry.operation == "DELETE" else "".join(self._form_groups(entry))
        form = _form(self._code, entry.repeat, transaction, said + inside)
        whole = _event(entry, form)
        site = f'<SiteRef LocationOID="LOC.{entry.site}"/>'
        return f'<SubjectData SubjectKey="{entry.participant}" TransactionType="Context">{site}{whole}</SubjectData>\n'

    def _form_groups(self, entry: Entry) -> Iterator[str]:
        state = "".join(_state(entry))
        if state:
            yield _group(STATE_GROUP, None, "Upsert", state)
        for group, items in self._groups:
            if group.answers is not None:
                yield from self._answers(entry, group, items[0])
                continue
            inside = self._items(entry, group, items)
            if inside:
                yield _group(group.oid, None, "Upsert", inside)

    def _items(self, entry: Entry, group: Group, items: Sequence[Written]) -> str:
        changes, places = entry.changes, self._places[group.oid]
        missing, confirmed = Reasons.of(entry, "missing"), Reasons.of(entry, "confirmed")
        if missing or confirmed:
            return "".join(
                _item(one, changes.get(one.column), missing, confirmed)
                for one in items
                if one.column in changes or missing.touches(one) or confirmed.touches(one)
            )
        parts = []
        for place in sorted([places[column] for column in changes if column in places]):
            one = items[place]
            value = changes[one.column][1]
            parts.append(one.removed if value is None else f'{one.opening}{one.text(value)}"/>')
        return "".join(parts)

    def _answers(self, entry: Entry, group: Group, one: Written) -> Iterator[str]:
        """Several answers are as many groups: those there are now, and those that are gone."""
        missing, confirmed = Reasons.of(entry, "missing"), Reasons.of(entry, "confirmed")
        said = missing.touches(one) or confirmed.touches(one)
        if one.column not in entry.changes:
            if said:
                yield _group(group.oid, 1, "Upsert", _item(one, None, missing, confirmed))
            return
        old, new = (value or [] for value in entry.changes[one.column])
        nothing = Reasons({}, {})
        for number in range(1, max(len(old), len(new), 1) + 1):
            value = new[number - 1] if number <= len(new) else None
            first = (missing, confirmed) if number == 1 else (nothing, nothing)
            if value is None and not (number == 1 and missing.now(one)):
                if number <= len(old) or (number == 1 and said):
                    yield _group(group.oid, number, "Remove", "")
            else:
                was = old[number - 1] if number <= len(old) else None
                yield _group(group.oid, number, "Upsert", _item(one, (was, value), *first))


@dataclass(frozen=True, slots=True)
class Reasons:
    """Reasons or comments by item, before and after an entry; both empty where the entry left them as they were."""

    before: Mapping[str, str]
    after: Mapping[str, str]

    @classmethod
    def of(cls, entry: Entry, column: str) -> Reasons:
        before, after = entry.changes.get(column, (None, None))
        return cls(before or {}, after or {})

    def __bool__(self) -> bool:
        """Whether the entry touched any."""
        return self.before != self.after

    def now(self, one: Written) -> str | None:
        return self.after.get(one.name)

    def touches(self, one: Written) -> bool:
        return self.before.get(one.name) != self.after.get(one.name)


def _item(one: Written, change: Sequence[Any] | None, missing: Reasons, confirmed: Reasons) -> str:
    """Write an item with what is said of it; `change` its value before and after, None where it stayed."""
    why = missing.now(one)
    text = one.text(change[1]) if change and change[1] is not None else None
    said = _annotation(MISSING, "MISSING", one, missing) + _annotation(CONFIRMED, "CONFIRMED", one, confirmed)
    if change and text is None and not why and not confirmed.now(one):
        return one.removed
    if not change and not missing.touches(one):
        return f'<ItemData ItemOID="{one.oid}" TransactionType="Context">{said}</ItemData>'
    if not change and not why:
        return one.removed
    if text is None:
        opening = one.opening.removesuffix('Value="') + 'IsNull="Yes'
        return f'{opening}">{said}</ItemData>' if said else f'{opening}"/>'
    return f'{one.opening}{text}">{said}</ItemData>' if said else f'{one.opening}{text}"/>'


def _annotation(number: int, kind: str, one: Written, reasons: Reasons) -> str:
    if not reasons.touches(one):
        return ""
    now = reasons.now(one)
    if now is None:
        return f'<Annotation SeqNum="{number}" TransactionType="Remove"/>'
    inside = (
        flag("MISSING", "CL.MISSING", now)
        if kind == "MISSING"
        else element("Comment", content(now), SponsorOrSite="Site") + flag(kind, "CL.FLAGTYPE", kind)
    )
    return f'<Annotation SeqNum="{number}" TransactionType="Upsert">{inside}</Annotation>'


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def text_of(item: Item) -> Callable[[str], str]:
    """How an item's value out of the trail becomes what the snapshot has."""
    if item.kind == "datetime":
        return _moment
    if item.kind == "decimal" and item.companion_of:
        return _trimmed
    return str if item.kind in PLAIN or item.codes else attribute


STATE = [
    Written.of(fact.oid, fact.column, "", _moment if fact.data_type == "datetime" else attribute)
    for fact in STATE_ITEMS
]


def _state(entry: Entry) -> Iterator[str]:
    for one in STATE:
        if one.column in entry.changes:
            value = entry.changes[one.column][1]
            yield one.removed if value is None else f'{one.opening}{one.text(value)}"/>'


# -- signatures and queries --------------------------------------------------------------------------


def signature(entry: Entry) -> str:
    """A signature as it was given, at the form, visit or participant it is of; what became of it as an annotation."""
    if entry.operation != "INSERT":
        if "state" not in entry.changes:
            return ""
        said = flag("SIGNATURE", "CL.SIGNATURESTATE", str(entry.changes["state"][1]))
        number = f'<Annotation SeqNum="{SIGNATURES + entry.id}" TransactionType="Insert">{said}</Annotation>'
        return at_place(entry, entry.form, "", here=number)
    given = {name: new for name, (_old, new) in entry.changes.items()}
    moment = datetime.fromisoformat(given["at"]).astimezone(UTC).isoformat(timespec="microseconds")
    said = element(
        "Signature",
        element("UserRef", UserOID=user_oid(given["by_id"])),
        element("LocationRef", LocationOID=entry.location),
        element("SignatureRef", SignatureOID=f"SD.{given['meaning']}"),
        element("DateTimeStamp", moment),
        element("CryptoBindingManifest", content(f"sha256:{given['sha256']}")),
    )
    return at_place(entry, entry.form, "", here=said)


def query_step(entry: Entry) -> str:
    """A step of a query as an annotation where it was asked."""
    form, item = entry.form, entry.item
    given = {name: new for name, (_old, new) in entry.changes.items()}
    words = str(given.get("words") or "")
    inside = (
        element("Comment", content(words), SponsorOrSite="Site" if given["kind"] == "ANSWERED" else "Sponsor")
        if words
        else ""
    )
    inside += flag("QUERY", "CL.QUERYSTEP", str(given["kind"]))
    said = f'<Annotation SeqNum="{STEPS + int(given["id"])}" TransactionType="Insert">{inside}</Annotation>'
    place = item_place(form, item) if form and item else None
    if place is None:
        return at_place(entry, form, "", here=said)
    group, number, oid = place
    if oid:
        said = f'<ItemData ItemOID="{oid}" TransactionType="Context">{said}</ItemData>'
    return at_place(entry, form, _group(group, number, "Context", said))


def item_place(code: str, item: str) -> tuple[str, int | None, str] | None:
    """The group, row and item a query names: `item`, `table-number`, `table-number-item`; None for what is gone."""
    model = forms().get(code)
    if model is None:
        return None
    plan = next(plan for plan in plans() if plan.form is model)
    parts = item.split("-")
    tables = row_groups(model)
    for group in plan.groups:
        if len(parts) == 1 and group.rows is None:
            for one in group.items:
                if one.name == item:
                    number = 1 if group.answers is not None else None
                    return group.oid, number, {i: o for o, i in items_with_oids(plan)}[one]
        elif (
            len(parts) > 1
            and group.rows is not None
            and group.rows is tables.get(parts[0])
            and parts[1].isdigit()
        ):
            oids = {one.name: oid for oid, one in items_with_oids(plan) if one in group.items}
            return group.oid, int(parts[1]), oids.get(parts[2], "") if len(parts) > 2 else ""
    return None

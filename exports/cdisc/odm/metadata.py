"""The definitions of the trial as ODM's Study: events, forms, item groups, items, code lists, units, ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from exports.cdisc.odm.plans import (
    STATE_GROUP,
    STATE_ITEMS,
    STUDY_OID,
    FormPlan,
    Group,
    event_oid,
    form_oid,
    items_with_oids,
    plans,
)
from exports.cdisc.odm.text import content, element
from monitoring.trust import SIGNATURE_WORDS
from monitoring.workflow import STEP_WORDS
from participants.schedule_file import Schedule, VisitDefinition
from records.codelists import MISSING, CodeList
from records.conditions import ALWAYS
from records.definition import forms
from records.items import DecimalItem, Item, MeasuredItem
from records.study import STUDY_ID
from records.text import Text

DATA_TYPES = {
    "integer": "integer",
    "decimal": "float",
    "measured": "float",
    "date": "date",
    "datetime": "datetime",
    "partialdate": "partialDate",
}
DATE_LENGTHS = ("date", "datetime", "partialDate")
FLAGS = CodeList(
    "FLAGTYPE",
    ("MISSING", "Why the answer is missing", "缺失原因"),
    ("CONFIRMED", "Comment that confirmed an unusual value", "异常值确认说明"),
    ("QUERY", "Step of a query", "质疑操作"),
    ("SIGNATURE", "Whether a signature stands", "签名状态"),
)
STEPS = CodeList("QUERYSTEP", *((str(kind), words.en, words.zh) for kind, words in STEP_WORDS.items()))
SIGNATURES = CodeList(
    "SIGNATURESTATE", *((str(state), words.en, words.zh) for state, words in SIGNATURE_WORDS.items())
)


@dataclass(slots=True)
class CodeListNames:
    """Gives each code list an identifier: its name, and the item's where another list has that name already."""

    known: dict[tuple[tuple[str, Text], ...], str] = field(default_factory=dict)
    lists: dict[str, CodeList] = field(default_factory=dict)

    def oid(self, codes: CodeList, item: str) -> str:
        content_of = tuple(codes)
        if content_of not in self.known:
            named = f"CL.{codes.name}"
            if not codes.name or named in self.lists:
                named = f"CL.{item}"
            self.known[content_of] = named
            self.lists[named] = codes
        return self.known[content_of]


@dataclass(frozen=True, slots=True)
class Definitions:
    """The Study element, and the identifier of the version of metadata it holds: a hash over its content."""

    study: str
    version: str


def definitions(schedules: Sequence[Schedule]) -> Definitions:
    """Write the definitions; `schedules` are the versions of the visit schedule, oldest first."""
    names = CodeListNames()
    for flag in (FLAGS, MISSING, STEPS, SIGNATURES):
        names.oid(flag, flag.name)
    events = _events(schedules)
    units = sorted(
        {unit for plan in plans() for _oid, item in items_with_oids(plan) for unit in _units(item)}
    )
    body = "\n".join(
        [
            _protocol(events),
            *(_event(visit, codes, number) for number, (visit, codes) in enumerate(events, 1)),
            *(_form(plan) for plan in plans()),
            *_groups(),
            *_items(names),
            *(_code_list(oid, codes) for oid, codes in names.lists.items()),
        ]
    )
    version = f"MDV.{hashlib.sha256(body.encode()).hexdigest()[:12]}"
    basic = "\n".join(_unit(unit) for unit in units)
    study = (
        f'<Study OID="{STUDY_OID}">\n<GlobalVariables>'
        + element("StudyName", STUDY_ID)
        + element(
            "StudyDescription", "Y-90 SIRT versus HAIC in initially unresectable hepatocellular carcinoma"
        )
        + element("ProtocolName", STUDY_ID)
        + f"</GlobalVariables>\n<BasicDefinitions>\n{basic}\n</BasicDefinitions>\n"
        + f'<MetaDataVersion OID="{version}" Name="{version}">\n{body}\n</MetaDataVersion>\n</Study>'
    )
    return Definitions(study, version)


def words(text: Text) -> str:
    """Write a phrase in both languages."""
    return (
        f'<TranslatedText xml:lang="en">{content(text.en)}</TranslatedText>'
        f'<TranslatedText xml:lang="zh-Hans">{content(text.zh)}</TranslatedText>'
    )


# -- visits and forms --------------------------------------------------------------------------------


def _events(schedules: Iterable[Schedule]) -> list[tuple[VisitDefinition, list[str]]]:
    """Every visit of any version, as the latest defines it, with the forms any version allows at it."""
    latest: dict[str, VisitDefinition] = {}
    allowed: dict[str, set[str]] = {}
    for schedule in schedules:
        for visit in schedule.visits:
            latest[visit.code] = visit
            allowed.setdefault(visit.code, set()).update((*visit.forms, *visit.optional))
    order = list(forms())
    return [
        (visit, sorted(allowed[code], key=order.index))
        for code, visit in sorted(latest.items(), key=lambda one: (one[1].order, one[0]))
    ]


def _protocol(events: Sequence[tuple[VisitDefinition, list[str]]]) -> str:
    refs = "".join(
        element("StudyEventRef", StudyEventOID=event_oid(visit.code), OrderNumber=number, Mandatory="No")
        for number, (visit, _codes) in enumerate(events, 1)
    )
    return f"<Protocol>{refs}</Protocol>"


def _event(visit: VisitDefinition, codes: Sequence[str], _number: int) -> str:
    refs = [
        element("FormRef", FormOID=form_oid(forms()[code]), OrderNumber=number, Mandatory="Yes" if code in visit.forms else "No")
        for number, code in enumerate(codes, 1)
    ]  # fmt: skip
    return element(
        "StudyEventDef",
        element("Description", words(visit.label)),
        *refs,
        OID=event_oid(visit.code),
        Name=visit.code,
        Repeating="Yes",
        Type="Scheduled" if visit.timings else "Unscheduled",
    )


def _form(plan: FormPlan) -> str:
    oids = [STATE_GROUP, *(group.oid for group in plan.groups)]
    refs = [
        element("ItemGroupRef", ItemGroupOID=oid, OrderNumber=number, Mandatory="No")
        for number, oid in enumerate(oids, 1)
    ]
    facts = plan.form.form
    return element(
        "FormDef",
        element("Description", words(facts.title)),
        *refs,
        OID=plan.oid,
        Name=facts.code,
        Repeating="Yes" if facts.several else "No",
    )


def _groups() -> Iterator[str]:
    yield element(
        "ItemGroupDef",
        *(
            element("ItemRef", ItemOID=item.oid, OrderNumber=number, Mandatory="No")
            for number, item in enumerate(STATE_ITEMS, 1)
        ),
        OID=STATE_GROUP,
        Name="STATE",
        Repeating="No",
    )
    for plan in plans():
        oids = {item: oid for oid, item in items_with_oids(plan)}
        for group in plan.groups:
            yield _group(group, oids)


def _group(group: Group, oids: dict[Item, str]) -> str:
    refs = [
        element("ItemRef", ItemOID=oids[item], OrderNumber=number, Mandatory=_mandatory(item))
        for number, item in enumerate(group.items, 1)
    ]
    return element(
        "ItemGroupDef",
        element("Description", words(group.title)),
        *refs,
        OID=group.oid,
        Name=group.oid.removeprefix("IG."),
        Repeating="Yes" if group.repeating else "No",
    )


def _mandatory(item: Item) -> str:
    always = item.required is ALWAYS and item.shown_when is ALWAYS and not item.derived
    return "Yes" if always else "No"


# -- items -------------------------------------------------------------------------------------------


def _items(names: CodeListNames) -> Iterator[str]:
    for fact in STATE_ITEMS:
        codes = [element("CodeListRef", CodeListOID=names.oid(fact.codes, fact.oid))] if fact.codes else []
        yield element(
            "ItemDef",
            element("Question", words(fact.label)),
            *codes,
            OID=fact.oid,
            Name=fact.oid.removeprefix("I.STATE."),
            DataType=fact.data_type,
            Length=fact.length,
        )
    for plan in plans():
        for oid, item in items_with_oids(plan):
            yield _item(oid, item, names)


def _item(oid: str, item: Item, names: CodeListNames) -> str:
    inside = [element("Question", words(item.label))]
    inside += [element("MeasurementUnitRef", MeasurementUnitOID=f"MU.{unit}") for unit in _units(item)]
    inside += list(_ranges(item))
    if item.codes:
        inside.append(element("CodeListRef", CodeListOID=names.oid(item.codes, oid)))
    if item.name_cdash:
        inside.append(element("Alias", Context="CDISC", Name=item.name_cdash))
    kind = DATA_TYPES.get(item.kind, "text")
    return element(
        "ItemDef",
        *inside,
        OID=oid,
        Name=item.name.upper(),
        DataType=kind,
        Length=None if kind in DATE_LENGTHS else _length(item),
        SignificantDigits=item.decimal_places if isinstance(item, DecimalItem) else None,
        Origin="Derived" if item.derived else "CRF",
    )


def _length(item: Item) -> int:
    if item.codes:
        return max(len(code) for code in item.codes.values)
    if isinstance(item, DecimalItem):
        return int(item.max_digits)
    return int(getattr(item, "max_length", None) or 10)


def _units(item: Item) -> tuple[str, ...]:
    if isinstance(item, MeasuredItem):
        return tuple(item.units)
    return (item.unit,) if item.unit else ()


def _ranges(item: Item) -> Iterator[str]:
    for (low, high), strength in ((item.hard, "Hard"), (item.soft, "Soft")):
        for limit, comparator in ((low, "GE"), (high, "LE")):
            if limit is not None:
                value = element("CheckValue", str(limit))
                yield element("RangeCheck", value, Comparator=comparator, SoftHard=strength)


def _unit(unit: str) -> str:
    return element(
        "MeasurementUnit",
        element("Symbol", element("TranslatedText", content(unit), xml__lang="en")),
        OID=f"MU.{unit}",
        Name=unit,
    )


def _code_list(oid: str, codes: CodeList) -> str:
    inside = [
        element("CodeListItem", element("Decode", words(label)), CodedValue=code) for code, label in codes
    ]
    return element("CodeList", *inside, OID=oid, Name=oid.removeprefix("CL."), DataType="text")

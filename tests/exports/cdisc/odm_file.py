"""Reads an ODM file the way a stranger would: by its schema, in one pass, and by what no schema can say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import odmlib
from lxml import etree

from tests.exports.sheets import ran

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
SCHEMA = Path(odmlib.__file__).parent / "schemas/odm/1.3.2/ODM1-3-2.xsd"
KEYS = (
    ("SubjectData", "SubjectKey", ""),
    ("StudyEventData", "StudyEventOID", "StudyEventRepeatKey"),
    ("FormData", "FormOID", "FormRepeatKey"),
    ("ItemGroupData", "ItemGroupOID", "ItemGroupRepeatKey"),
    ("ItemData", "ItemOID", ""),
)
REFERENCES = {
    "StudyEventRef": "StudyEventOID",
    "FormRef": "FormOID",
    "ItemGroupRef": "ItemGroupOID",
    "ItemRef": "ItemOID",
    "CodeListRef": "CodeListOID",
    "MeasurementUnitRef": "MeasurementUnitOID",
}
TYPES = {
    "integer": r"-?[0-9]+",
    "float": r"-?[0-9]+(\.[0-9]+)?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "partialDate": r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?",
    "datetime": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2}|Z)",
    "text": r"(?s).*",
}
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One item's value, None where it has none, with the reason for that and the comment on it."""

    value: str | None
    missing: str | None = None
    comment: str | None = None


@dataclass
class OdmFile:
    """What stands in a file; `problems` are sentences about what contradicts its own definitions."""

    answers: dict[Key, Answer] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    definitions: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    root: dict[str, str] = field(default_factory=dict)


def by_xmllint(path: Path) -> None:
    """Hold a file against the schema with a program from outside, in streaming mode: no tree of it is built."""
    ran("xmllint", "--nonet", "--stream", "--noout", "--schema", str(SCHEMA), str(path))


def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def read(path: Path) -> OdmFile:
    """Read a snapshot; raises XMLSyntaxError where the schema does not hold."""
    found = OdmFile()
    seen: Counter[Key] = Counter()
    children: dict[str, set[str]] = {}
    for event, node in etree.iterparse(str(path), events=("start", "end"), schema=schema()):
        name = etree.QName(node).localname
        if event == "start":
            if name == "ODM":
                found.root = dict(node.attrib)
            elif any(name == one for one, _key, _repeat in KEYS[:-1]):
                seen[_key(node)] += 1
            continue
        if name == "Study":
            children = _definitions(node, found)
        elif name == "ItemData":
            _item(node, found, seen, children)
        elif name == "ItemGroupData" or name in ("FormData", "StudyEventData", "SubjectData"):
            _clear(node)
    found.problems += [f"twice: {key}" for key, times in seen.items() if times > 1]
    return found


def _clear(node: Any) -> None:
    node.clear()
    while node.getprevious() is not None:
        del node.getparent()[0]


def _key(node: Any) -> Key:
    """The keys of a node of clinical data and of all it stands in."""
    chain = [node, *node.iterancestors()]
    by_name = {etree.QName(one).localname: one for one in chain}
    parts: list[str] = []
    for name, key, repeat in KEYS:
        if name in by_name:
            parts.append(by_name[name].get(key))
            if repeat:
                parts.append(by_name[name].get(repeat, ""))
    return tuple(parts)


def _definitions(study: Any, found: OdmFile) -> dict[str, set[str]]:
    children: dict[str, set[str]] = {}
    for node in study.iter():
        oid, name = node.get("OID"), etree.QName(node).localname
        if oid:
            if oid in found.definitions:
                found.problems.append(f"defined twice: {oid}")
            found.definitions[oid] = {"kind": name, **node.attrib}
            children[oid] = {
                one.get(REFERENCES[etree.QName(one).localname])
                for one in node
                if etree.QName(one).localname in REFERENCES
            }
        if name == "CodeListItem":
            words = {
                one.get("{http://www.w3.org/XML/1998/namespace}lang"): one.text
                for one in node.iter(f"{ODM}TranslatedText")
            }
            found.codes.setdefault(node.getparent().get("OID"), {})[node.get("CodedValue")] = words
    for oid, named in children.items():
        found.problems += [
            f"{oid} refers to {one}, which is nowhere" for one in named if one not in found.definitions
        ]
    return children


def _item(node: Any, found: OdmFile, seen: Counter[Key], children: dict[str, set[str]]) -> None:
    key = _key(node)
    seen[key] += 1
    _subject, event, _er, form, form_repeat, group, group_repeat, item = key
    for parent, child in ((event, form), (form, group), (group, item)):
        if child not in children.get(parent, ()):
            found.problems.append(f"{child} does not belong to {parent}")
    for oid, repeat in ((form, form_repeat), (group, group_repeat)):
        if (found.definitions[oid]["Repeating"] == "Yes") != bool(repeat):
            found.problems.append(f"{oid} and its repeat key {repeat!r}")
    value = node.get("Value")
    answer = Answer(
        value, _flag(node, "MISSING"), next((one.text or "" for one in node.iter(f"{ODM}Comment")), None)
    )
    found.answers[key] = answer
    for one in node.iter(f"{ODM}FlagValue", f"{ODM}FlagType"):
        if one.text not in found.codes[one.get("CodeListOID")]:
            found.problems.append(f"{key}: flag {one.text}")
    if (value is None) != (node.get("IsNull") == "Yes"):
        found.problems.append(f"{key}: value and IsNull")
    if value is not None:
        found.problems += [f"{key} {value!r}: {why}" for why in _faults(value, item, found, children)]


def _flag(node: Any, kind: str) -> str | None:
    for one in node.iter(f"{ODM}Flag"):
        if one.findtext(f"{ODM}FlagType") == kind:
            return one.findtext(f"{ODM}FlagValue")
    return None


def _faults(value: str, item: str, found: OdmFile, children: dict[str, set[str]]) -> Iterator[str]:
    defined = found.definitions[item]
    if not re.fullmatch(TYPES[defined["DataType"]], value):
        yield f"no {defined['DataType']}"
    elif defined["DataType"] == "datetime" and datetime.fromisoformat(value).tzinfo is None:
        yield "no zone"
    elif defined["DataType"] == "float" and -int(Decimal(value).as_tuple().exponent) > int(
        defined["SignificantDigits"]
    ):
        yield "more decimal places than defined"
    if "Length" in defined and defined["DataType"] == "text" and len(value) > int(defined["Length"]):
        yield "longer than defined"
    for oid in children[item]:
        if found.definitions[oid]["kind"] == "CodeList" and value not in found.codes[oid]:
            yield f"not in {oid}"


# -- transactions -------------------------------------------------------------------------------------


@dataclass
class Folded:
    """What the transactions of a file come to, and what they said on the way."""

    answers: dict[Key, Answer] = field(default_factory=dict)
    audits: list[dict[str, str]] = field(default_factory=list)
    signatures: list[dict[str, str]] = field(default_factory=list)
    annotations: list[tuple[Key, str, str]] = field(default_factory=list)  # place, comment, flag
    inserted: set[Key] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def fold(path: Path) -> Folded:
    """Apply the transactions of a file in its order, as the standard says; raises where the schema does not hold."""
    found = Folded()
    parser = etree.iterparse(
        str(path), events=("end",), tag=(f"{ODM}AdminData", f"{ODM}SubjectData"), schema=schema()
    )
    named: set[str] = set()
    for _event, node in parser:
        if etree.QName(node).localname == "AdminData":
            named = {one.get("OID") for one in node}
            continue
        for one in node.iter(f"{ODM}UserRef", f"{ODM}LocationRef", f"{ODM}SignatureRef"):
            if one.get(f"{etree.QName(one).localname[:-3]}OID") not in named:
                found.problems.append(f"{etree.tostring(one)!r} names nobody")
        _said(node, found)
        _apply(node, found)
        _clear(node)
    return found


def _said(subject: Any, found: Folded) -> None:
    for one in subject.iter(f"{ODM}AuditRecord"):
        found.audits.append(
            {
                "user": one.find(f"{ODM}UserRef").get("UserOID"),
                "location": one.find(f"{ODM}LocationRef").get("LocationOID"),
                "at": one.findtext(f"{ODM}DateTimeStamp"),
                "reason": one.findtext(f"{ODM}ReasonForChange") or "",
                "source": one.findtext(f"{ODM}SourceID"),
            }
        )
    for one in subject.iter(f"{ODM}Signature"):
        found.signatures.append(
            {
                "place": etree.QName(one.getparent()).localname,
                "user": one.find(f"{ODM}UserRef").get("UserOID"),
                "meaning": one.find(f"{ODM}SignatureRef").get("SignatureOID"),
                "binding": one.findtext(f"{ODM}CryptoBindingManifest"),
            }
        )
    for one in subject.iter(f"{ODM}Annotation"):
        if int(one.get("SeqNum")) > 2:
            flag = one.findtext(f"{ODM}Flag/{ODM}FlagValue") or ""
            found.annotations.append((_key(one), one.findtext(f"{ODM}Comment") or "", flag))


def _apply(subject: Any, found: Folded) -> None:
    for node in subject.iter(f"{ODM}FormData", f"{ODM}ItemGroupData"):
        if node.get("TransactionType") == "Remove":
            prefix = _key(node)
            for key in [key for key in found.answers if key[: len(prefix)] == prefix]:
                del found.answers[key]
            found.inserted.discard(prefix)
        elif node.get("TransactionType") == "Insert":
            if _key(node) in found.inserted:
                found.problems.append(f"inserted twice: {_key(node)}")
            found.inserted.add(_key(node))
    for node in subject.iter(f"{ODM}ItemData"):
        key, kind = _key(node), node.get("TransactionType") or node.getparent().get("TransactionType")
        was = found.answers.get(key, Answer(None))
        if kind == "Remove":
            found.answers.pop(key, None)
            continue
        said = {one.get("SeqNum"): one for one in node.iter(f"{ODM}Annotation")}
        missing, comment = was.missing, was.comment
        if "1" in said:
            missing = said["1"].findtext(f"{ODM}Flag/{ODM}FlagValue")
        if "2" in said:
            comment = said["2"].findtext(f"{ODM}Comment")
        value = was.value if kind == "Context" else node.get("Value")
        if kind != "Context" and value is not None:
            missing = None
        if (value, missing, comment) != (None, None, None):
            found.answers[key] = Answer(value, missing, comment)

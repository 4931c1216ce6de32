"""Define-XML 2.1: what the datasets of a folder are, which variables they have, which values those can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol

from exports.cdisc.odm.text import content, element
from exports.cdisc.sdtm.variables import role_of
from exports.cdisc.tabulation import Facts, is_whole
from exports.sas_transport import Variable, display_of
from exports.stamp import Stamp
from records.study import STUDY_ID

NAMESPACES = {
    "xmlns": "http://www.cdisc.org/ns/odm/v1.3",
    "xmlns:def": "http://www.cdisc.org/ns/def/v2.1",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
}
ORIGINS = {"Collected": "Investigator", "Derived": "Sponsor", "Assigned": "Sponsor"}


class Described(Variable, Protocol):
    """A column with what Define-XML says beyond the files."""

    @property
    def values(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def origin(self) -> str: ...


class Qualified(Protocol):
    """A value of one column that another column names: a supplemental qualifier."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def values(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def origin(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Standard:
    """The implementation guide the datasets follow, and the version of controlled terminology."""

    name: str
    version: str
    set_name: str  # publishing set of the terminology
    terminology: str
    purpose: str
    prefix: str  # of identifiers


SDTM = Standard("SDTMIG", "3.4", "SDTM", "2025-03-28", "Tabulation", "SDTM")
ADAM = Standard("ADaMIG", "1.3", "ADaM", "2025-03-28", "Analysis", "ADAM")


def define_xml(
    tables: Sequence[Facts],
    qualifiers: Mapping[str, Sequence[Qualified]],
    stamp: Stamp,
    standard: Standard,
    ending: str,
) -> str:
    """Write the file; `qualifiers` by dataset say what its column QVAL can hold, `ending` is that of its files."""
    at = stamp.data_as_of.astimezone(UTC).isoformat(timespec="seconds")
    root = {
        **NAMESPACES,
        "ODMVersion": "1.3.2",
        "FileType": "Snapshot",
        "FileOID": f"{STUDY_ID}.DEFINE.{standard.prefix}.{at}",
        "CreationDateTime": at,
        "AsOfDateTime": at,
        "Originator": STUDY_ID,
        "def:Context": "Submission",
    }
    if stamp.fictitious:
        root["Description"] = "FICTITIOUS DATA - 虚构数据"
    inside = [_standards(standard)]
    for table in tables:
        inside += _value_list(table, qualifiers.get(table.name, ()))
    for table in tables:
        inside += _where_clauses(table, qualifiers.get(table.name, ()))
    inside += [_group(table, standard, ending) for table in tables]
    for table in tables:
        inside += _items(table, qualifiers.get(table.name, ()))
    for table in tables:
        inside += _code_lists(table, qualifiers.get(table.name, ()))
    body = "\n".join(inside)
    names = "".join(f' {name}="{value}"' for name, value in root.items())
    version = f"MDV.{standard.prefix}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM{names}>\n<Study OID="ST.{STUDY_ID}">\n<GlobalVariables>'
        + element("StudyName", STUDY_ID)
        + element(
            "StudyDescription", "Y-90 SIRT versus HAIC in initially unresectable hepatocellular carcinoma"
        )
        + element("ProtocolName", STUDY_ID)
        + f'</GlobalVariables>\n<MetaDataVersion OID="{version}" Name="{STUDY_ID} {standard.prefix}" def:DefineVersion="2.1.0">\n'
        + f"{body}\n</MetaDataVersion>\n</Study>\n</ODM>\n"
    )


def _standards(standard: Standard) -> str:
    guide = element(
        "def:Standard", OID="STD.IG", Name=standard.name, Type="IG", Version=standard.version, Status="Final"
    )
    terms = element(
        "def:Standard",
        OID="STD.CT",
        Name="CDISC/NCI",
        Type="CT",
        PublishingSet=standard.set_name,
        Version=standard.terminology,
        Status="Final",
    )
    return f"<def:Standards>{guide}{terms}</def:Standards>"


def _words(text: str) -> str:
    return element("Description", element("TranslatedText", content(text), xml__lang="en"))


def _group(table: Facts, standard: Standard, ending: str) -> str:
    keys = {name: place for place, name in enumerate(table.keys, 1)}
    refs = [
        element(
            "ItemRef",
            ItemOID=f"IT.{table.name}.{column.name}",
            OrderNumber=place,
            Mandatory="Yes" if column.name in ("STUDYID", "DOMAIN", "USUBJID", "QNAM", "QVAL") else "No",
            KeySequence=keys.get(column.name),
            Role=role_of(table.name, column.name) if standard is SDTM else None,
        )
        for place, column in enumerate(table.columns, 1)
    ]
    file = f"{table.name.lower()}.{ending}"
    leaf = element("def:leaf", element("def:title", file), ID=f"LF.{table.name}", xlink__href=file)
    return element(
        "ItemGroupDef",
        _words(table.label),
        *refs,
        element("def:Class", Name=table.kind),
        leaf,
        OID=f"IG.{table.name}",
        Name=table.name,
        Repeating="No" if table.name in ("DM", "ADSL") else "Yes",
        IsReferenceData="Yes" if table.kind == "TRIAL DESIGN" else "No",
        SASDatasetName=table.name,
        Domain=table.name.removeprefix("SUPP"),
        Purpose=standard.purpose,
        def__Structure=table.structure,
        def__StandardOID="STD.IG",
        def__ArchiveLocationID=f"LF.{table.name}",
    )


def _items(table: Facts, qualifiers: Sequence[Qualified]) -> Iterator[str]:
    for column in table.columns:
        values: tuple[tuple[str, str], ...] = getattr(column, "values", ())
        listed = qualifiers and column.name == "QVAL"
        yield _item(
            f"IT.{table.name}.{column.name}",
            column.name,
            column.label,
            _data_type(column),
            column.length,
            f"CL.{table.name}.{column.name}" if values else "",
            getattr(column, "origin", "Collected"),
            f"VL.{table.name}.QVAL" if listed else "",
            display_of(column),
        )
    for one in qualifiers:
        oid = f"{table.name}.QVAL.{one.name}"
        codes = f"CL.{oid}" if one.values else ""
        yield _item(f"IT.{oid}", one.name, one.label, "text", 200, codes, one.origin, "")


def _item(
    oid: str,
    name: str,
    label: str,
    kind: str,
    length: int,
    codes: str,
    origin: str,
    values: str,
    display: str = "",
) -> str:
    inside = [_words(label)]
    if codes:
        inside.append(element("CodeListRef", CodeListOID=codes))
    inside.append(element("def:Origin", Type=origin, Source=ORIGINS[origin]))
    if values:
        inside.append(element("def:ValueListRef", ValueListOID=values))
    return element(
        "ItemDef",
        *inside,
        OID=oid,
        Name=name,
        DataType=kind,
        Length=None if kind == "datetime" else length,
        SASFieldName=name,
        def__DisplayFormat=display or None,
    )


def _data_type(column: Variable) -> str:
    if column.number:
        return "integer" if is_whole(column) else "float"
    return "datetime" if column.name.endswith("DTC") else "text"


def _value_list(table: Facts, qualifiers: Sequence[Qualified]) -> Iterator[str]:
    if qualifiers:
        refs = [
            element(
                "ItemRef",
                element("def:WhereClauseRef", WhereClauseOID=f"WC.{table.name}.{one.name}"),
                ItemOID=f"IT.{table.name}.QVAL.{one.name}",
                OrderNumber=place,
                Mandatory="No",
            )
            for place, one in enumerate(qualifiers, 1)
        ]
        yield element("def:ValueListDef", *refs, OID=f"VL.{table.name}.QVAL")


def _where_clauses(table: Facts, qualifiers: Sequence[Qualified]) -> Iterator[str]:
    for one in qualifiers:
        check = element(
            "RangeCheck",
            element("CheckValue", one.name),
            Comparator="EQ",
            SoftHard="Soft",
            def__ItemOID=f"IT.{table.name}.QNAM",
        )
        yield element("def:WhereClauseDef", check, OID=f"WC.{table.name}.{one.name}")


def _code_lists(table: Facts, qualifiers: Sequence[Qualified]) -> Iterator[str]:
    named = [(f"{table.name}.{one.name}", one.label, getattr(one, "values", ())) for one in table.columns]
    named += [(f"{table.name}.QVAL.{one.name}", one.label, one.values) for one in qualifiers]
    for name, label, values in named:
        if values:
            items = [
                element(
                    "CodeListItem",
                    element("Decode", element("TranslatedText", content(words), xml__lang="en")),
                    CodedValue=code,
                )
                for code, words in values
            ]
            yield element(
                "CodeList",
                *items,
                OID=f"CL.{name}",
                Name=f"{name} {label}",
                DataType="text",
                def__IsNonStandard="Yes",
            )

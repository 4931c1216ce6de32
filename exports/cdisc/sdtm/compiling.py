"""From the mapping to one statement of SQL a domain, and what its columns are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from exports.cdisc.sdtm.domains import DOMAINS
from exports.cdisc.sdtm.expressions import (
    MOST,
    Expression,
    Of,
    Source,
    Sql,
    quoted,
)
from exports.cdisc.sdtm.mapping import (
    Domain,
    Supplement,
)
from exports.cdisc.sdtm.subjects import subjects
from exports.cdisc.sdtm.variables import Variable, is_number, label_of
from participants.models import THROUGHOUT
from records.codelists import MISSING
from records.definition import forms, row_groups
from records.items import Item, items_of
from records.study import STUDY_ID

# Variables that every domain works out the same way, not from an observation.
LENGTHS = {"STUDYID": len(STUDY_ID), "DOMAIN": 2, "USUBJID": len(STUDY_ID) + 7, "EPOCH": 9, "VISIT": 60}
MISSING_VALUES = tuple((code, words.en) for code, words in MISSING)


@dataclass(frozen=True, slots=True)
class Qualifier:
    """One supplemental qualifier of a dataset: QNAM, QLABEL, QORIG, whether QVAL may be longer than a variable."""

    name: str
    label: str
    origin: str
    long: bool
    values: tuple[tuple[str, str], ...] = ()
    grouped: bool = False  # related by --GRPID, not by --SEQ


@dataclass(frozen=True, slots=True)
class Dataset:
    """A domain made ready: its columns, and the statement that gives them and, after them, its qualifiers."""

    domain: Domain
    variables: tuple[Variable, ...]
    qualifiers: tuple[Qualifier, ...]
    query: str  # with {sites}, a condition on p.site_id

    @property
    def name(self) -> str:
        return self.domain.name


@cache
def datasets() -> tuple[Dataset, ...]:
    """Every dataset that holds data of participants, in the order of their names."""
    return tuple(_dataset(domain) for domain in DOMAINS)


def source_of(form: str, rows: str = "") -> Source:
    model = forms()[form]
    return Source(model, row_groups(model)[rows] if rows else None)


# -- what no variable takes ----------------------------------------------------------------------------


@cache
def taken(form: str, rows: str) -> tuple[frozenset[str], frozenset[str]]:
    """The items of a form, or of a table in it, that some variable takes, and those whose missing reason is taken."""
    values: set[str] = set()
    reasons: set[str] = set()
    for domain in DOMAINS:
        for one in domain.observations:
            if one.form == form and (one.rows == rows or not rows):
                expressions = (*one.values.values(), *(extra.value for extra in one.supplements))
                values.update(name for expression in expressions for name in expression.items)
                values.update(one.findings)
                if one.rows == rows:
                    reasons.update(one.findings)
    return frozenset(values), frozenset(reasons)


def rest_of(form: str, rows: str) -> Iterator[Supplement]:
    """What is left of a form, or of a table in it: items no variable takes, and reasons why answers are missing."""
    source = source_of(form, rows)
    values, reasons = taken(form, rows)
    for item in items_of(source.rows or source.form):
        if item.name not in values:
            yield Supplement(
                qnam(item),
                label_within(item.label.en),
                Of(item.name),
                "Derived" if item.derived else "Collected",
            )
        if item.missing and item.name not in reasons:
            why = Sql(f"r.missing ->> {quoted(item.name)}", 2)
            yield Supplement(f"{qnam(item)[:7]}M", label_within(f"Missing: {item.label.en}"), why)


# Items whose own name is that of a variable of their domain.
RENAMED = {"lbtoxgr": "TOXGRMAX", "mhtoxgr": "TOXGRSCR", "aebodsys": "AECTSOC"}


def qnam(item: Item) -> str:
    """Name an item in QNAM: at most eight letters and digits."""
    if item.name in RENAMED:
        return RENAMED[item.name]
    return item.name.replace("_", "").upper()[:8]


def label_within(text: str) -> str:
    """Cut a label to the 40 bytes the transport format has for it."""
    return text.encode()[:40].decode(errors="ignore").rstrip()


# -- one domain ----------------------------------------------------------------------------------------


def _dataset(domain: Domain) -> Dataset:
    observed = [name for name in domain.variables if any(name in one.values for one in domain.observations)]
    if domain.lines:
        observed += [name for name in domain.lines.columns if name not in observed]
    own = list(dict.fromkeys(extra.name for one in domain.observations for extra in one.supplements))
    rests = {home: tuple(rest_of(*_home(home))) for home in domain.homes}
    left = list(dict.fromkeys(extra.name for rest in rests.values() for extra in rest))
    columns = [*observed, *(f"q_{name}" for name in own), *(f"l_{name}" for name in left)]
    parts = [
        _select(domain, form, rows, observed, own, rests, left)
        for form, rows in dict.fromkeys((one.form, one.rows) for one in domain.observations)
    ]
    if domain.lines:
        given = {name: f"x.{name}" for name in domain.lines.columns}
        cells = ", ".join(f'{given.get(name, "NULL")}::text AS "{name}"' for name in columns)
        names = ", ".join(("pid", "rid", *domain.lines.columns))
        parts.append(
            "SELECT x.pid, x.rid, 0 AS ord, NULL::numeric AS visitnum, NULL::text AS visit, NULL::text AS grpid, "
            f"{cells} FROM ({domain.lines.sql}) x({names})"
        )
    qualifiers = (*_qualifiers(domain, own), *_left(domain, rests))
    return Dataset(
        domain,
        tuple(_variable(domain, name) for name in domain.variables),
        qualifiers,
        _statement(domain, parts, own, left),
    )


def _home(home: str) -> tuple[str, str]:
    form, _dot, rows = home.partition(".")
    return form, rows


def _select(
    domain: Domain,
    form: str,
    rows: str,
    observed: list[str],
    own: list[str],
    rests: dict[str, tuple[Supplement, ...]],
    left: list[str],
) -> str:
    """One pass over a form, or a table in it, that gives all its observations of this domain."""
    source = source_of(form, rows)
    tuples = []
    for number, one in enumerate(domain.observations):
        if (one.form, one.rows) != (form, rows):
            continue
        keep = " AND ".join(condition.sql(source) for condition in one.when) or "true"
        extras = {extra.name: extra.value for extra in one.supplements}
        cells = [_cell(one.values.get(name), source) for name in observed]
        cells += [_cell(extras.get(name), source) for name in own]
        tuples.append(f"({keep}, {number}, {', '.join(cells)})")
    names = [f'"{name}"' for name in (*observed, *(f"q_{name}" for name in own))]
    home = ".".join(filter(None, (form, rows)))
    rest = {extra.name: extra.value for extra in rests.get(home, ())}
    lefts = "".join(
        f', CASE WHEN t.nth = 1 THEN {_cell(rest.get(name), source)} END AS "l_{name}"' for name in left
    )
    grpid = f"{quoted(form)} || '-' || v.code || '-' || v.occurrence || '-' || {'f' if rows else 'r'}.repeat"
    if rows:
        grpid += " || '-' || r.number"
    at_visit = f"v.series <> {quoted(THROUGHOUT)}"
    unscheduled = (
        "CASE WHEN v.series = 'UNS' THEN 'Unscheduled ' || trim_scale(v.position) ELSE v.label_en END"
    )
    return (
        f"SELECT p.id AS pid, coalesce(r.id, 0) AS rid, t.ord, CASE WHEN {at_visit} THEN trim_scale(v.position) END AS visitnum, "
        f"CASE WHEN {at_visit} THEN {unscheduled} END AS visit, {grpid} AS grpid, "
        f"{', '.join(f't.{name}' for name in names)}{lefts} "
        f"FROM {_tables(domain, source)} "
        "CROSS JOIN LATERAL (SELECT *, row_number() OVER (ORDER BY ord) AS nth FROM "
        f"(VALUES {', '.join(tuples)}) AS o(keep, ord, {', '.join(names)}) WHERE keep) t"
    )


def _tables(domain: Domain, source: Source) -> str:
    form = source.form._meta.db_table
    if domain.everybody:
        return (
            f'participants_participant p JOIN subj u ON u.pid = p.id LEFT JOIN ("{form}" r '
            "JOIN participants_visit v ON v.id = r.visit_id) ON r.participant_id = p.id AND r.state = 'SUBMITTED'"
        )
    if source.rows is not None:
        read = f'"{source.rows._meta.db_table}" r JOIN "{form}" f ON f.id = r.record_id AND f.state = \'SUBMITTED\''
        visit = "f.visit_id"
    else:
        read, visit = f"(SELECT * FROM \"{form}\" WHERE state = 'SUBMITTED') r", "r.visit_id"
    return (
        f"{read} JOIN participants_participant p ON p.id = r.participant_id "
        f"JOIN subj u ON u.pid = p.id JOIN participants_visit v ON v.id = {visit}"
    )


def _cell(expression: Expression | None, source: Source) -> str:
    return "NULL::text" if expression is None else f"({expression.sql(source)})::text"


# -- around it: number, study day, epoch, baseline -----------------------------------------------------


def _statement(domain: Domain, parts: list[str], own: list[str], left: list[str]) -> str:
    order = ", ".join(
        [
            "b.visitnum NULLS FIRST" if name == "VISITNUM" else f'b."{name}" COLLATE "C" NULLS FIRST'
            for name in domain.order
        ]
        + ["b.ord", "b.rid"]
    )
    number = f"row_number() OVER (PARTITION BY b.pid ORDER BY {order})"
    cells = [_outer(domain, name) for name in domain.variables]
    cells += ["b.grpid"] if domain.grouped else []
    cells += [f'b."q_{name}"' for name in own] + [f'b."l_{name}"' for name in left]
    return (
        f"WITH subj AS MATERIALIZED ({subjects()}), base AS ({' UNION ALL '.join(parts)}) "
        f"SELECT {', '.join(cells)} FROM (SELECT b.*, {number} AS seq FROM base b) b JOIN subj u ON u.pid = b.pid "
        'ORDER BY u.number COLLATE "C", b.seq'
    )


def _outer(domain: Domain, name: str) -> str:
    letters, rest = name[:2], name[2:]
    if letters != domain.name:
        rest = ""
    begins = next(
        (one for one in (f"{domain.name}STDTC", f"{domain.name}DTC") if one in domain.variables), ""
    )
    match name:
        case "STUDYID":
            return quoted(STUDY_ID)
        case "DOMAIN":
            return quoted(domain.name)
        case "USUBJID":
            return f"{quoted(STUDY_ID + '-')} || u.number"
        case "VISITNUM" | "VISIT":
            return f"b.{name.lower()}"
        case "EPOCH" if domain.name != "SE":
            return epoch(f'b."{begins}"')
    match rest:
        case "STRESN":
            return f"""CASE WHEN b."{domain.name}STRESC" ~ '^-?[0-9]+([.][0-9]+)?$' THEN b."{domain.name}STRESC" END"""
        case "SEQ":
            return "b.seq"
        case "GRPID":
            return "b.grpid"
        case "DY" | "STDY" | "ENDY":
            return study_day(f'b."{domain.name}{rest.replace("DY", "DTC")}"')
        case "LOBXFL":
            return _last_before(domain)
    observed = any(name in one.values for one in domain.observations)
    if observed or (domain.lines and name in domain.lines.columns):
        return f'b."{name}"'
    return "NULL"


def epoch(column: str) -> str:
    """The part of the trial a date lies in; empty where a date of which day or month is not known may lie in two."""
    first = f"(left({column}, 10) || CASE length({column}) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END)::date"
    more = f"CASE length({column}) WHEN 4 THEN '1 year -1 day' WHEN 7 THEN '1 month -1 day' ELSE '0' END"
    last = f"({first} + ({more})::interval)::date"
    begun, ended = "left(u.rfx, 10)::date", "left(u.rfxe, 10)::date"
    return (
        f"CASE WHEN {column} IS NULL THEN NULL WHEN u.rfx IS NULL OR {last} < {begun} THEN 'SCREENING' "
        f"WHEN {first} > {ended} THEN 'FOLLOW-UP' "
        f"WHEN {first} >= {begun} AND {last} <= {ended} THEN 'TREATMENT' END"
    )


def study_day(column: str) -> str:
    """The day counted from the assignment of the arm (A0), which is day 1; there is no day 0. Empty where a day is not known."""
    days = f"left({column}, 10)::date - u.ref::date"
    return f"CASE WHEN length({column}) >= 10 AND u.ref IS NOT NULL THEN {days} + CASE WHEN {days} >= 0 THEN 1 ELSE 0 END END"


def _last_before(domain: Domain) -> str:
    name = domain.name
    before = f'b."{name}DTC" < u.rfx AND b."{name}ORRES" IS NOT NULL'
    test = [
        f'b."{name}{part}"'
        for part in ("TESTCD", "CAT", "LNKID", "EVAL", "SPID")
        if f"{name}{part}" in domain.variables
    ]
    return (
        f"CASE WHEN {before} AND row_number() OVER (PARTITION BY b.pid, {', '.join(test)}, {before} "
        f'ORDER BY b."{name}DTC" COLLATE "C" DESC, b.seq DESC) = 1 THEN \'Y\' END'
    )


# -- what the columns are ------------------------------------------------------------------------------


def _variable(domain: Domain, name: str) -> Variable:
    values: dict[str, str] | None = {}
    most = 1
    origin = (
        "Derived"
        if name[2:] in ("SEQ", "DY", "STDY", "ENDY", "LOBXFL", "GRPID") or name in ("EPOCH", "USUBJID")
        else "Collected"
    )
    for one in domain.observations:
        if name in one.values:
            source = source_of(one.form, one.rows)
            most = max(most, one.values[name].most(source))
            found = one.values[name].values(source)
            values = None if values is None or found is None else {**values, **found}
            if isinstance(one.values[name], Of):
                origin = "Derived" if source.find(one.values[name].items[0])[1].derived else origin
            elif not one.values[name].items:
                origin = "Assigned" if origin == "Collected" else origin
    if domain.lines and name in domain.lines.columns:
        most, values = max(most, domain.lines.columns[name]), None
    if name in ("STUDYID", "DOMAIN") or name[2:] in ("TESTCD", "TEST", "CAT"):
        origin = "Assigned"
    most = LENGTHS.get(name, 40 if name.endswith("GRPID") else most)
    number = is_number(name)
    known = tuple(values.items()) if values and not number else ()
    return Variable(name, label_of(name), number, 8 if number else min(MOST, most), known, origin)


def _qualifiers(domain: Domain, own: list[str]) -> Iterator[Qualifier]:
    for name in own:
        extra, one = next(
            (extra, one) for one in domain.observations for extra in one.supplements if extra.name == name
        )
        yield _qualifier(extra, source_of(one.form, one.rows))


def _left(domain: Domain, rests: dict[str, tuple[Supplement, ...]]) -> Iterator[Qualifier]:
    seen: set[str] = set()
    for home, rest in rests.items():
        source = source_of(*_home(home))
        for extra in rest:
            if extra.name not in seen:
                seen.add(extra.name)
                yield replace(_qualifier(extra, source), grouped=domain.grouped)


def _qualifier(extra: Supplement, source: Source) -> Qualifier:
    values = extra.value.values(source)
    known = MISSING_VALUES if extra.label.startswith("Missing: ") else tuple(values.items()) if values else ()
    long = False
    if isinstance(extra.value, Of):
        item = source.find(extra.value.item)[1]
        long = item.kind == "text" and 4 * int(getattr(item, "max_length", None) or 0) > MOST
    return Qualifier(extra.name, extra.label, extra.origin, long, known)

"""ADSL and ADTTE as a ZIP of transport files and Dataset-JSON with Define-XML.

The endpoints come from followup/endpoint_facts.py, the same function the participant's page asks.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import IO, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from eligibility.lesions import Criteria
from exports.bundle import Bundle
from exports.cdisc.adam import columns
from exports.cdisc.define import ADAM, define_xml
from exports.cdisc.sdtm.subjects import subjects
from exports.cdisc.tabulation import Facts, Tabulation, json_head, write_json
from exports.stamp import Report, Stamp
from followup.endpoint_facts import EndpointFacts, endpoint_facts
from followup.endpoints import Endpoint
from participants.workflow import ParticipantState
from records.clock import day
from records.study import STUDY_ID

AT_ONCE = 200  # participants whose endpoints are derived together
EPOCH = dt.date(1960, 1, 1)  # where the dates of the transport format begin
IN_MEMORY = 1 << 20
FACTS = (
    Facts("ADSL", "Subject-Level Analysis Dataset", columns.ADSL, columns.ADSL_KEYS, "One record per subject",
          "SUBJECT LEVEL ANALYSIS DATASET"),
    Facts("ADTTE", "Time-to-Event Analysis Dataset", columns.ADTTE, columns.ADTTE_KEYS, "One record per subject per parameter",
          "BASIC DATA STRUCTURE"),
)  # fmt: skip
ENDED = {
    ParticipantState.COMPLETED: "COMPLETED",
    ParticipantState.WITHDRAWN: "DISCONTINUED",
    ParticipantState.DIED: "DISCONTINUED",
}
Person = dict[str, Any]


def write_adam(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    seen: Callable[[], AbstractContextManager[None]],
    stamp: Stamp,
    site_ids: list[int] | None,
    report: Report,
) -> int:
    """Write the ZIP to `target`; gives the rows of both datasets.

    `seen` opens a transaction of the ORM's connection that sees what `reader` sees. `site_ids`: the sites to read,
    None for all. Same data and same stamp, same bytes; memory does not grow with the rows. Endpoints are as of the
    day of `stamp.data_as_of`.
    """
    today = day(stamp.data_as_of)
    with Bundle(target) as bundle, ExitStack() as files:
        tables, spools = [], []
        for facts in FACTS:
            transport, rows_json = (
                files.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY)) for _kind in range(2)
            )
            tables.append(Tabulation(facts, stamp.data_as_of, transport, rows_json))
            spools.append((transport, rows_json))
        subject_level, times = tables
        for people in _people(reader, site_ids):
            with seen():
                endpoints = endpoint_facts([one["pid"] for one in people], today=today)
            for person in people:
                found = endpoints[person["pid"]]
                subject_level.row(_cells(_subject(person, found)))
                for row in _times(person, found):
                    times.row(_cells(row))
            report("ADTTE", times.rows, 0)
        for table, (transport, rows_json) in zip(tables, spools, strict=True):
            table.close()
            _store(bundle, table, transport, rows_json, stamp)
        for ending in ("xpt", "json"):
            bundle.text(f"adam/{ending}/define.xml", define_xml(FACTS, {}, stamp, ADAM, ending))
        rows = subject_level.rows + times.rows
        bundle.seal(
            {
                "study": STUDY_ID,
                "fictitious": stamp.fictitious,
                "content": "ADaM",
                "export": stamp.export,
                "data_as_of": stamp.data_as_of.isoformat(),
                "sites": None if stamp.sites is None else list(stamp.sites),
                "rows": rows,
            }
        )
    return rows


def _store(
    bundle: Bundle, table: Tabulation, transport: IO[bytes], rows_json: IO[bytes], stamp: Stamp
) -> None:
    name = table.facts.name.lower()
    transport.seek(0)
    with bundle.stream(f"adam/xpt/{name}.xpt") as file:
        while piece := transport.read(1 << 18):
            file.write(piece)
    head = json_head(table.facts, table.rows, stamp.data_as_of, STUDY_ID, "MDV.ADAM")
    with bundle.stream(f"adam/json/{name}.json") as file:
        write_json(head, rows_json, file.write)


def _people(reader: BaseDatabaseWrapper, site_ids: list[int] | None) -> Iterator[list[Person]]:
    """Participants in the order of their numbers, some at a time, with what ADSL says of them."""
    sites = "true" if site_ids is None else sql.SQL("p.site_id = ANY({})").format(sql.Literal(site_ids))
    with reader.chunked_cursor() as cursor:
        condition = sites if isinstance(sites, str) else sites.as_string(cursor.cursor)
        local = "AT TIME ZONE 'Asia/Shanghai'"
        cursor.execute(
            "SELECT u.pid, u.number, u.site, u.arm, p.status, d.age, coalesce(d.sex, 'U') AS sex, "  # noqa: S608 – our own text
            f"(d.icfdtc {local})::date AS consented, a.armdtc AS assigned, left(u.rfx, 10)::date AS begun, "
            "left(u.rfxe, 10)::date AS ended, u.dth::date AS died, e.dsstdtc AS left_on, "
            "EXISTS (SELECT 1 FROM arms_hepatectomy h WHERE h.participant_id = u.pid AND h.surgyn = 'Y' "
            "AND h.state = 'SUBMITTED') AS resected "
            f"FROM ({subjects().replace('{sites}', condition)}) u JOIN participants_participant p ON p.id = u.pid "
            "LEFT JOIN participants_demographics d ON d.participant_id = u.pid AND d.state = 'SUBMITTED' "
            "LEFT JOIN LATERAL (SELECT min(armdtc) AS armdtc FROM arms_armassignment a WHERE a.participant_id = u.pid "
            "AND a.state = 'SUBMITTED') a ON true "
            "LEFT JOIN LATERAL (SELECT max(dsstdtc) AS dsstdtc FROM followup_disposition e WHERE e.participant_id = u.pid "
            "AND e.dsscat = 'EOS' AND e.state = 'SUBMITTED') e ON true "
            'ORDER BY u.number COLLATE "C"'
        )
        names: list[str] = []
        while found := cursor.fetchmany(AT_ONCE):
            names = names or [column[0] for column in cursor.description]
            yield [dict(zip(names, row, strict=True)) for row in found]


def _subject(person: Person, found: EndpointFacts) -> Sequence[object]:
    arm = columns.ARM_NAMES.get(person["arm"] or "", "")
    number = columns.ARM_NUMBERS.get(person["arm"] or "", "")
    treated = person["begun"] is not None
    problems = "; ".join(dict.fromkeys(problem.en for problem in found.problems.values()))
    return (
        STUDY_ID,
        f"{STUDY_ID}-{person['number']}",
        person["number"],
        person["site"],
        person["age"],
        "" if person["age"] is None else "YEARS",
        person["sex"],
        arm,
        arm,
        number,
        arm if treated else "",
        number if treated else "",
        *_flags(person),
        "Y" if person["resected"] else "N",
        person["consented"],
        person["assigned"],
        person["begun"],
        person["ended"],
        ENDED.get(person["status"], "ONGOING"),
        person["left_on"] or person["died"],
        person["died"],
        "Y" if person["died"] else "",
        found.criteria,
        problems.encode()[:200].decode(errors="ignore"),
    )


def _flags(person: Person) -> tuple[str, str, str]:
    """Enrolled and intention to treat: assigned to an arm; safety: any study treatment."""
    assigned = "Y" if person["arm"] else "N"
    return assigned, assigned, "Y" if person["begun"] is not None else "N"


def _times(person: Person, found: EndpointFacts) -> Iterator[Sequence[object]]:
    derived: dict[str, Endpoint | None] = {
        "PFS": found.progression_free(),
        "PFSR11": found.progression_free(Criteria.RECIST11),
        "PFSMR": found.progression_free(Criteria.MRECIST),
        "PFSS2": found.progression_free(censor_adjuvant=True),
        "OS": found.overall_survival(),
        "RFS": found.recurrence_free(),
        "TTP": found.time_to_progression(),
        "DOR": found.duration_of_response(),
    }
    _enrolled, itt, safety = _flags(person)
    for code, name in columns.PARAMETERS:
        endpoint = derived[code]
        if endpoint is not None:
            yield (
                STUDY_ID,
                f"{STUDY_ID}-{person['number']}",
                person["site"],
                columns.ARM_NAMES.get(person["arm"] or "", ""),
                columns.ARM_NUMBERS.get(person["arm"] or "", ""),
                code,
                f"{name} (months)",
                endpoint.start,
                endpoint.date,
                f"{endpoint.months:.6f}",
                "MONTHS",
                endpoint.days,
                0 if endpoint.event else 1,
                endpoint.reason.en.encode()[:200].decode(errors="ignore"),
                endpoint.rule,
                itt,
                safety,
            )


def _cells(values: Sequence[object]) -> list[bytes]:
    return [_cell(value) for value in values]


def _cell(value: object) -> bytes:
    if value is None:
        return b""
    if isinstance(value, dt.date):
        return str((value - EPOCH).days).encode()
    return str(value).encode("utf-8")

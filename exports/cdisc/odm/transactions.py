"""How the trial's data came about, as one ODM file of type Transactional: every change with its audit record.

The audit trail is read once in the order of its entries; signatures and queries stand in it like everything else.
Folded in the order of the file, the changes give what the snapshot holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from exports.cdisc.odm.audit import Changes, Entry, changes_of, query_step, signature
from exports.cdisc.odm.metadata import definitions
from exports.cdisc.odm.plans import STUDY_OID, plans
from exports.cdisc.odm.snapshot import Buffered, admin_data, header, schedules
from exports.cdisc.odm.text import Unwritable, element
from exports.stamp import Report, Stamp
from monitoring.codelists import MEANINGS

SIGNATURE, STEP = "monitoring_signature", "monitoring_querystep"
ROWS_AT_ONCE = 1000

# A form's entry names its place when it is inserted; a later one is looked up there. %s: the pairs of tables.
READ = """
SELECT e.id, e.at, e.relation, e.operation, e.changes::text, e.person_id, e.role, e.reason, a.code,
  p.number, s.code, v.code, v.occurrence,
  coalesce((f.changes->'repeat'->>1)::int, g.repeat, q.repeat), (o.changes->'number'->>1)::int,
  coalesce(g.form, q.form, ''), coalesce(q.item, '')
FROM records_trailentry e
JOIN participants_participant p ON p.id = e.participant_id
JOIN accounts_site s ON s.id = p.site_id
LEFT JOIN accounts_site a ON a.id = e.site_id
LEFT JOIN unnest(%s::text[], %s::text[]) m(relation, form) ON m.relation = e.relation
LEFT JOIN LATERAL (SELECT CASE WHEN e.operation = 'INSERT' THEN e.changes ELSE (
  SELECT i.changes FROM records_trailentry i WHERE i.relation = e.relation AND i.record_id = e.record_id
  AND i.operation = 'INSERT' ORDER BY i.id LIMIT 1) END AS changes) o ON m.relation IS NOT NULL
LEFT JOIN LATERAL (SELECT CASE WHEN m.form = e.relation THEN o.changes ELSE (
  SELECT i.changes FROM records_trailentry i WHERE i.relation = m.form AND i.record_id = o.changes->'record_id'->>1
  AND i.operation = 'INSERT' ORDER BY i.id LIMIT 1) END AS changes) f ON m.relation IS NOT NULL
LEFT JOIN monitoring_signature g ON e.relation = 'monitoring_signature' AND g.id = e.record_id::bigint
LEFT JOIN monitoring_query q ON e.relation = 'monitoring_querystep' AND q.id = (e.changes->'query_id'->>1)::bigint
LEFT JOIN participants_visit v ON v.id = coalesce((f.changes->'visit_id'->>1)::bigint, g.visit_id, q.visit_id)
WHERE (m.relation IS NOT NULL OR e.relation IN ('monitoring_signature', 'monitoring_querystep'))
AND (%s::bigint[] IS NULL OR p.site_id = ANY(%s))
ORDER BY e.id
"""
COUNT = """
SELECT count(*) FROM records_trailentry e JOIN participants_participant p ON p.id = e.participant_id
WHERE e.relation = ANY(%s) AND (%s::bigint[] IS NULL OR p.site_id = ANY(%s))
"""


def write_odm_audit(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    stamp: Stamp,
    site_ids: list[int] | None,
    report: Report,
) -> int:
    """Write the file to `target`; gives the entries of the trail in it.

    `site_ids`: the sites to read, None for all. `reader` should be inside `snapshot`. Same data and same stamp,
    same bytes; memory does not grow with the rows. Unwritable for a character that XML cannot carry.
    """
    write = Buffered(target)
    defined = definitions(schedules(reader))
    write(header(stamp, defined, "Transactional"))
    write(defined.study + "\n")
    write(admin_data(reader, site_ids, defined, stamp, _users(reader, site_ids), _signatures()))
    write(f'<ClinicalData StudyOID="{STUDY_OID}" MetaDataVersionOID="{defined.version}">\n')
    writers = _writers()
    entries = 0
    total = _count(reader, site_ids, [*writers])
    for entry in _entries(reader, site_ids):
        try:
            write(writers[entry.relation](entry))
        except Unwritable as unwritable:
            unwritable.place = ("trail", str(entry.id))
            unwritable.args = (
                f"Entry {entry.id} of the trail, of participant {entry.participant}: {unwritable}",
            )
            raise
        entries += 1
        if entries % ROWS_AT_ONCE == 0:
            report("", entries, total)
    report("", entries, total)
    write("</ClinicalData>\n</ODM>\n")
    write.flush()
    return entries


def _writers() -> dict[str, Callable[[Entry], str]]:
    """What writes the entries of each table."""
    found: dict[str, Callable[[Entry], str]] = {SIGNATURE: signature, STEP: query_step}
    for plan in plans():
        found[plan.form._meta.db_table] = Changes(plan, None).write
        for group in plan.groups:
            if group.rows is not None:
                found[group.rows._meta.db_table] = Changes(plan, group).write
    return found


def _pairs() -> tuple[list[str], list[str]]:
    """Every table of a form or of rows inside one, and the table of the form."""
    tables, owners = [], []
    for plan in plans():
        form = plan.form._meta.db_table
        rows = [group.rows._meta.db_table for group in plan.groups if group.rows is not None]
        tables += [form, *rows]
        owners += [form] * (1 + len(rows))
    return tables, owners


def _entries(reader: BaseDatabaseWrapper, site_ids: list[int] | None) -> Iterator[Entry]:
    tables, owners = _pairs()
    with reader.chunked_cursor() as cursor:
        cursor.execute(READ, [tables, owners, site_ids, site_ids])
        while found := cursor.fetchmany(ROWS_AT_ONCE):
            for row in found:
                yield _entry(row)


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, relation, operation, changes, person, role, reason, acted, *place = row
    participant, site, visit, occurrence, repeat, row_number, form, item = place
    return Entry(
        number,
        at,
        relation,
        operation,
        changes_of(changes),
        person,
        role,
        reason,
        f"LOC.{site}" if acted == site else "LOC.SPONSOR",
        participant,
        site,
        visit,
        occurrence,
        repeat,
        row_number,
        form,
        item,
    )


def _count(reader: BaseDatabaseWrapper, site_ids: list[int] | None, tables: list[str]) -> int:
    with reader.cursor() as cursor:
        cursor.execute(COUNT, [tables, site_ids, site_ids])
        return int(cursor.fetchone()[0])


def _users(reader: BaseDatabaseWrapper, site_ids: list[int] | None) -> str:
    """Everybody the entries name, and the system itself."""
    with reader.cursor() as cursor:
        cursor.execute(
            "SELECT id, username, full_name FROM accounts_user WHERE id IN (SELECT e.person_id FROM records_trailentry e "
            "JOIN participants_participant p ON p.id = e.participant_id "
            "WHERE %s::bigint[] IS NULL OR p.site_id = ANY(%s)) "
            "OR id IN (SELECT g.by_id FROM monitoring_signature g) ORDER BY id",
            [site_ids, site_ids],
        )
        people = cursor.fetchall()
    users = [
        element("User", element("LoginName", login), element("FullName", name), OID=f"USR.{key}")
        for key, login, name in people
    ]
    system = element("User", element("DisplayName", "The system"), OID="USR.SYSTEM", UserType="Other")
    return "\n".join([system, *users])


def _signatures() -> str:
    return "\n".join(
        element(
            "SignatureDef",
            element("Meaning", f"{words.en} / {words.zh}"),
            element("LegalReason", "Electronic signature, equivalent to a handwritten one"),
            OID=f"SD.{code}",
            Methodology="Electronic",
        )
        for code, words in MEANINGS
    )

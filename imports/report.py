"""The report of an import as a CSV file, and empty tables to fill in for a form.

The report has one line for each fact of the import, each column's meaning, each row's outcome, each answer that
differs and each sentence of a check. Values stand in it exactly as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from imports.mapping import read
from imports.models import ImportJob, ImportRow
from imports.targets import targets_of
from imports.words import label_at
from imports.workflow import Outcome
from participants.models import CaseReportForm
from records.codelists import MISSING
from records.items import MeasuredItem
from records.study import STUDY_ID
from records.zone import TRIAL_ZONE

HEADER = (
    *("part", "row", "outcome", "participant", "visit", "occurrence", "record", "item", "label"),
    *("old", "new", "sentence"),
)
ROWS_AT_ONCE = 500
MARK = "\ufeff"  # by which Excel knows UTF-8


def report_lines(job: ImportJob, *, fictitious: bool) -> Iterator[str]:
    """The report piece by piece, marked where its data are a demonstration's; memory does not grow with the rows."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, HEADER, restval="", lineterminator="\r\n")

    def written() -> str:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    buffer.write(MARK)
    writer.writeheader()
    if fictitious:
        writer.writerow({"part": "import", "item": "data", "new": "fictitious data 虚构数据"})
    for name, value in facts_of(job):
        writer.writerow({"part": "import", "item": name, "new": value})
    if job.mapping:
        for heading, meaning in meanings_of(job):
            writer.writerow({"part": "mapping", "item": heading, "new": meaning})
    for kind, word in job.words.items():
        writer.writerow({"part": "confirmed", "item": kind, "new": word, "sentence": job.asked[kind]["en"]})
    yield written()
    for row in rows_of(job):
        for line in _of_row(job, row):
            writer.writerow(line)
        yield written()


def rows_of(job: ImportJob) -> Iterator[ImportRow]:
    """The rows as they stand in the file."""
    rows = ImportRow.objects.filter(job=job).select_related("participant").order_by("number")
    return rows.iterator(chunk_size=ROWS_AT_ONCE)


def facts_of(job: ImportJob) -> list[tuple[str, str]]:
    """What is known of an import as a whole, by name."""
    moments = {
        "uploaded": (job.uploaded_at, job.uploaded_by, job.uploaded_as),
        "ordered": (job.ordered_at, job.ordered_by, job.ordered_as),
    }
    facts = [
        ("study", STUDY_ID),
        ("import", str(job.pk)),
        ("site", job.site.code),
        ("form", job.form),
        ("file SHA-256", job.sha256),
        ("file size in bytes", str(job.size)),
        ("file kind", " ".join(part for part in (job.kind, job.encoding) if part)),
        ("rows in the file", str(job.rows)),
        ("state", job.status_words.en),
    ]
    for name, (at, by, role) in moments.items():
        if at and by:
            facts.append((name, f"{at.astimezone(TRIAL_ZONE).isoformat(timespec='seconds')} {by} ({role})"))
    if job.finished_at:
        facts.append(("finished", job.finished_at.astimezone(TRIAL_ZONE).isoformat(timespec="seconds")))
    facts += [(f"rows: {outcome}", str(job.counts[outcome])) for outcome in Outcome if outcome in job.counts]
    facts += [
        (name, words)
        for name, words in (
            ("reason", job.reason),
            ("result SHA-256", job.result_sha256),
            ("mapping", job.mapping_name),
        )
        if words
    ]
    return facts


def meanings_of(job: ImportJob) -> Iterator[tuple[str, str]]:
    """What each column meant, in the words of a mapping."""
    mapping = read(job.mapping or {})
    yield mapping.participant, f"participant ({mapping.participant_by})"
    if mapping.visit:
        yield mapping.visit, f"visit ({mapping.visit_by})"
    if mapping.repeat:
        yield mapping.repeat, "record"
    for column in mapping.columns:
        values = "; ".join(f"{before} = {behind}" for before, behind in column.values.items())
        yield column.heading, " ".join(part for part in (column.target, column.unit, values) if part)
    for name, text in mapping.fixed.items():
        yield "", f"{name} = {text}"
    yield "", f"submit = {mapping.submit}, blank clears = {mapping.blank_clears}"


def _of_row(job: ImportJob, row: ImportRow) -> Iterator[dict[str, str]]:
    place = {
        "row": str(row.number),
        "outcome": row.outcome,
        "participant": row.participant.number if row.participant else "",
        "visit": row.visit,
        "occurrence": str(row.occurrence) if row.visit else "",
        "record": str(row.repeat) if row.visit else "",
    }
    yield {"part": "row", **place}
    for one in row.changes if row.outcome != Outcome.REFUSED else ():
        yield {
            "part": "answer",
            **place,
            "item": one["item"],
            "label": str(label_at(job.form, one["item"])),
            "old": one["old"] or one["old_reason"],
            "new": one["new"] or one["new_reason"],
        }
    for one in row.findings:
        yield {
            "part": "check",
            **place,
            "item": one["item"] or one["heading"],
            "label": str(label_at(job.form, one["item"])) if one["item"] else "",
            "sentence": one["en"],
        }


# -- templates -------------------------------------------------------------------------------------------

PLACE = ("participant", "visit")


def template_headings(model: type[CaseReportForm]) -> list[str]:
    """The headings of an empty table for a form: its place, then its items by their names."""
    more = ["record"] if model.form.several else []
    return [*PLACE, *more, *(target.name for target in targets_of(model) if target.number < 2)]


def template_csv(model: type[CaseReportForm]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(template_headings(model))
    return MARK + buffer.getvalue()


def template_xlsx(model: type[CaseReportForm]) -> bytes:
    """The same as a workbook, with a second sheet that says what each column takes."""
    from openpyxl import Workbook  # noqa: PLC0415 – a tenth of a second that only workbooks cost

    book = Workbook(write_only=True)
    book.create_sheet(model.form.code).append(template_headings(model))
    about = book.create_sheet("items")
    about.append(["column", "English", "中文", "kind", "unit", "codes", "missing"])
    for target in targets_of(model):
        if target.number < 2:
            item = target.item
            unit = " | ".join(item.units) if isinstance(item, MeasuredItem) else item.unit
            codes = "; ".join(f"{code} = {words.en} {words.zh}" for code, words in item.codes or ())
            missing = "; ".join(
                f"{code} = {MISSING.label(code).en} {MISSING.label(code).zh}" for code in item.missing
            )
            about.append([target.name, target.label.en, target.label.zh, item.kind, unit, codes, missing])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()

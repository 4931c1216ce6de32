"""SDTM written as a ZIP: every dataset as transport file and as Dataset-JSON, each kind with its Define-XML."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from exports.bundle import Bundle
from exports.cdisc.define import SDTM, define_xml
from exports.cdisc.sdtm.compiling import Dataset, Qualifier, datasets
from exports.cdisc.sdtm.expressions import MOST
from exports.cdisc.sdtm.trial_design import trial_design
from exports.cdisc.sdtm.variables import Variable, label_of
from exports.cdisc.tabulation import Facts, Tabulation, cut, is_special, json_head, unescaped, write_json
from exports.stamp import Report, Stamp
from records.study import STUDY_ID

VERSION = "MDV.SDTM"
IN_MEMORY = 1 << 20  # a spooled file grows beyond it on disk
SUPPLEMENT_LENGTHS = {
    "STUDYID": len(STUDY_ID), "RDOMAIN": 2, "USUBJID": len(STUDY_ID) + 7, "IDVAR": 8, "IDVARVAL": 40, "QNAM": 8,
    "QLABEL": 40, "QVAL": 200, "QORIG": 20, "QEVAL": 20,
}  # fmt: skip
SUPPLEMENT_KEYS = ("USUBJID", "IDVAR", "IDVARVAL", "QNAM")


def write_sdtm(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    stamp: Stamp,
    site_ids: list[int] | None,
    report: Report,
) -> int:
    """Write the ZIP to `target`; gives the rows in its datasets, supplemental qualifiers included.

    `site_ids`: the sites to read, None for all. `reader` should be inside `snapshot`. Same data and same stamp,
    same bytes; memory does not grow with the rows. Only submitted forms are tabulated: a draft is not data yet.
    """
    with Bundle(target) as bundle:
        written: list[Facts] = []
        rows = 0
        for dataset in datasets():
            report(dataset.name, rows, 0)
            for facts, number in _write_dataset(bundle, reader, dataset, stamp, site_ids):
                written.append(facts)
                rows += number
                report(dataset.name, rows, 0)
        for facts, lines in trial_design(reader, stamp):
            rows += _write_lines(bundle, facts, lines, stamp.data_as_of)
            written.append(facts)
        qualifiers = {f"SUPP{dataset.name}": dataset.qualifiers for dataset in datasets()}
        for ending in ("xpt", "json"):
            bundle.text(f"sdtm/{ending}/define.xml", define_xml(written, qualifiers, stamp, SDTM, ending))
        bundle.seal(_manifest(stamp, rows))
    return rows


def _manifest(stamp: Stamp, rows: int) -> dict[str, object]:
    return {
        "study": STUDY_ID,
        "fictitious": stamp.fictitious,
        "content": "SDTM",
        "export": stamp.export,
        "data_as_of": stamp.data_as_of.isoformat(),
        "sites": None if stamp.sites is None else list(stamp.sites),
        "rows": rows,
    }


def facts_of(dataset: Dataset) -> Facts:
    domain = dataset.domain
    return Facts(domain.name, domain.label, dataset.variables, domain.keys, domain.structure, domain.kind)


def supplement_of(dataset: Dataset) -> Facts:
    columns = tuple(
        Variable(name, label_of(name), False, length) for name, length in SUPPLEMENT_LENGTHS.items()
    )
    return Facts(
        f"SUPP{dataset.name}",
        f"Supplemental Qualifiers for {dataset.name}",
        columns,
        SUPPLEMENT_KEYS,
        "One record per supplemental qualifier per related parent domain record(s)",
        "RELATIONSHIP",
    )


def _write_dataset(
    bundle: Bundle, reader: BaseDatabaseWrapper, dataset: Dataset, stamp: Stamp, site_ids: list[int] | None
) -> Iterator[tuple[Facts, int]]:
    facts, extra = facts_of(dataset), supplement_of(dataset)
    sites = "true" if site_ids is None else sql.SQL("p.site_id = ANY({})").format(sql.Literal(site_ids))
    with _spooled() as more_xpt, _spooled() as more_json, _spooled() as rows_json, reader.cursor() as cursor:
        # Compiling a statement that runs for a moment takes longer than the statement.
        cursor.execute("SET LOCAL jit = off")
        condition = sites if isinstance(sites, str) else sites.as_string(cursor.connection)
        query = dataset.query.replace("{sites}", condition)
        supplement = Tabulation(extra, stamp.data_as_of, more_xpt, more_json)
        with bundle.stream(f"sdtm/xpt/{facts.name.lower()}.xpt") as transport:
            main = Tabulation(facts, stamp.data_as_of, transport, rows_json)
            cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (NULL '')", Rows(dataset, main, supplement))
            main.close()
        _write_json(bundle, facts, main.rows, rows_json, stamp.data_as_of)
        yield facts, main.rows
        if dataset.qualifiers and supplement.rows:
            supplement.close()
            with bundle.stream(f"sdtm/xpt/{extra.name.lower()}.xpt") as transport:
                _copy(more_xpt, transport.write)
            _write_json(bundle, extra, supplement.rows, more_json, stamp.data_as_of)
            yield extra, supplement.rows


def _write_lines(bundle: Bundle, facts: Facts, lines: Sequence[Sequence[str]], moment: datetime) -> int:
    with _spooled() as rows_json:
        with bundle.stream(f"sdtm/xpt/{facts.name.lower()}.xpt") as transport:
            table = Tabulation(facts, moment, transport, rows_json)
            for line in lines:
                table.row([cell.encode("utf-8") for cell in line])
            table.close()
        _write_json(bundle, facts, table.rows, rows_json, moment)
    return len(lines)


def _write_json(bundle: Bundle, facts: Facts, rows: int, rows_json: IO[bytes], moment: datetime) -> None:
    head = json_head(facts, rows, moment, STUDY_ID, VERSION)
    with bundle.stream(f"sdtm/json/{facts.name.lower()}.json") as file:
        write_json(head, rows_json, file.write)


@contextmanager
def _spooled() -> Iterator[IO[bytes]]:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        yield file


def _copy(file: IO[bytes], write: Callable[[bytes], object]) -> None:
    file.seek(0)
    while piece := file.read(1 << 18):
        write(piece)


@dataclass(frozen=True, slots=True)
class _Said:
    """A qualifier as its lines need it."""

    name: bytes
    label: bytes
    origin: bytes
    grouped: bool


class Rows:
    """Takes lines of COPY: the variables of a dataset, its group, its qualifiers."""

    def __init__(self, dataset: Dataset, main: Tabulation, supplement: Tabulation) -> None:
        self._main, self._supplement = main, supplement
        self._width = len(dataset.variables)
        self._grouped = dataset.domain.grouped
        self._domain = dataset.name.encode()
        self._names = [variable.name for variable in dataset.variables]
        self._labels = [variable.label.encode() for variable in dataset.variables]
        self._said = [_said(one) for one in dataset.qualifiers]
        self._nothing_more = b"\t" * len(self._said) + b"\n"
        # Only texts that can be longer than a variable are looked at; any other too long ends the export.
        self._long = [
            place for place, one in enumerate(dataset.variables) if one.length == MOST and not one.number
        ]
        self._seq = f"{dataset.name}SEQ"
        self._seq_at = self._names.index(self._seq) if self._seq in self._names else None

    def write(self, line: bytes) -> None:
        """Take one line; the protocol gives one row per message."""
        cells = line[:-1].split(b"\t")
        special = is_special(line[:-1])
        if special:
            cells = [unescaped(cell) for cell in cells]
        own = cells[: self._width]
        for place in self._long:
            if len(own[place]) > MOST:
                self._shorten(own, cells, place)
        if self._said and not line.endswith(self._nothing_more):
            self._qualify(cells)
        self._main.row(own, special)

    def _shorten(self, own: list[bytes], cells: list[bytes], place: int) -> None:
        """Carry what is beyond 200 bytes over into supplemental qualifiers, numbered from 1."""
        own[place], *others = cut(own[place], MOST)
        name, label = self._names[place].encode(), self._labels[place]
        for number, piece in enumerate(others, 1):
            self._line(cells, continued(name, number), numbered(label, number), piece, b"Collected", False)

    def _qualify(self, cells: list[bytes]) -> None:
        start = self._width + (1 if self._grouped else 0)
        for said, value in zip(self._said, cells[start:], strict=True):
            if value:
                for number, piece in enumerate(cut(value, SUPPLEMENT_LENGTHS["QVAL"])):
                    name = continued(said.name, number) if number else said.name
                    label = numbered(said.label, number) if number else said.label
                    self._line(cells, name, label, piece, said.origin, said.grouped)

    def _line(
        self, cells: list[bytes], name: bytes, label: bytes, value: bytes, origin: bytes, grouped: bool
    ) -> None:
        if grouped:
            by, key = self._domain + b"GRPID", cells[self._width]
        elif self._seq_at is not None:
            by, key = self._seq.encode(), cells[self._seq_at]
        elif "VISITNUM" in self._names:
            by, key = b"VISITNUM", cells[self._names.index("VISITNUM")]
        else:
            by, key = b"", b""
        row = [cells[0], self._domain, cells[2], by, key, name, label, value, origin, b""]
        self._supplement.row(row, is_special(value) or b"\t" in value)


def _said(one: Qualifier) -> _Said:
    if is_special((one.name + one.label).encode()):
        raise ValueError(f"The label of {one.name} would have to be escaped: {one.label!r}.")
    return _Said(one.name.encode(), one.label.encode(), one.origin.encode(), one.grouped)


def numbered(label: bytes, number: int) -> bytes:
    """Label the following pieces of a long text, within the 40 bytes there are."""
    digits = f" ({number})".encode()
    return label[: 40 - len(digits)].decode(errors="ignore").encode() + digits


def continued(name: bytes, number: int) -> bytes:
    """Name the following pieces of a long text: the name, cut where it has to be, and their number."""
    digits = str(number).encode()
    return name[: 8 - len(digits)] + digits

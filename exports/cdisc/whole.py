"""The CDISC exports as formats that write their ZIP themselves; each holds everything of its sites."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO

from django.db.backends.base.base import BaseDatabaseWrapper

from exports.bundle import Bundle
from exports.cdisc.adam.writing import write_adam
from exports.cdisc.odm.snapshot import write_odm
from exports.cdisc.odm.text import Unwritable
from exports.cdisc.odm.transactions import write_odm_audit
from exports.cdisc.sdtm.writing import write_sdtm
from exports.formats.base import Cannot, Refusal, Unfit
from exports.snapshots import same_snapshot
from exports.stamp import Report, Stamp
from records.study import STUDY_ID


def odm(
    stamp: Stamp, reader: BaseDatabaseWrapper, site_ids: list[int] | None, file: IO[bytes], report: Report
) -> int:
    """The snapshot as odm.xml in a ZIP; Unfit where a text holds a character XML does not have."""
    return _one_file("odm.xml", write_odm, stamp, reader, site_ids, file, report)


def odm_audit(
    stamp: Stamp, reader: BaseDatabaseWrapper, site_ids: list[int] | None, file: IO[bytes], report: Report
) -> int:
    """The transactions as odm-transactions.xml in a ZIP; Unfit as for the snapshot."""
    return _one_file("odm-transactions.xml", write_odm_audit, stamp, reader, site_ids, file, report)


def sdtm(
    stamp: Stamp, reader: BaseDatabaseWrapper, site_ids: list[int] | None, file: IO[bytes], report: Report
) -> int:
    return write_sdtm(target=file, reader=reader, stamp=stamp, site_ids=site_ids, report=report)


def adam(
    stamp: Stamp, reader: BaseDatabaseWrapper, site_ids: list[int] | None, file: IO[bytes], report: Report
) -> int:
    seen = partial(same_snapshot, reader)
    return write_adam(target=file, reader=reader, seen=seen, stamp=stamp, site_ids=site_ids, report=report)


def _one_file(
    name: str,
    write: Callable[..., int],
    stamp: Stamp,
    reader: BaseDatabaseWrapper,
    site_ids: list[int] | None,
    file: IO[bytes],
    report: Report,
) -> int:
    with Bundle(file) as bundle:
        with bundle.stream(name) as stream:
            try:
                rows = write(target=stream, reader=reader, stamp=stamp, site_ids=site_ids, report=report)
            except Unwritable as unwritable:
                raise Unfit([Refusal(*unwritable.place, Cannot.CONTROL)]) from unwritable
        bundle.seal(
            {
                "study": STUDY_ID,
                "fictitious": stamp.fictitious,
                "content": name,
                "export": stamp.export,
                "data_as_of": stamp.data_as_of.isoformat(),
                "sites": None if stamp.sites is None else list(stamp.sites),
                "rows": rows,
            }
        )
    return rows

"""Write a CDISC export of a demo or test database to a file, for validators."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from exports.cdisc.adam.writing import write_adam
from exports.cdisc.odm.snapshot import write_odm
from exports.cdisc.odm.transactions import write_odm_audit
from exports.cdisc.sdtm.writing import write_sdtm
from exports.stamp import Stamp
from exports.writing import snapshot
from records import clock

KINDS: dict[str, Callable[..., int]] = {
    "odm": write_odm,
    "odm-audit": write_odm_audit,
    "sdtm": write_sdtm,
    "adam": partial(write_adam, seen=nullcontext),
}


class Command(BaseCommand):
    help = (
        "Writes ODM (snapshot or transactions), SDTM or ADaM of all sites to FILE. Not of a trial's database: "
        "there an export is requested on its page, which leaves a trace."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        known = clock.read()
        if known.kind == known.Kind.TRIAL:
            raise CommandError("This database is a trial's. Request the export on its page.")
        now = clock.now()
        stamp = Stamp(
            export=0,
            requested_at=now,
            requested_by=0,
            requested_as="",
            data_as_of=now,
            sites=None,
            historical=False,
            fictitious=True,
        )
        reader = connection.copy()
        try:
            with options["file"].open("wb") as target, snapshot(reader):
                rows = KINDS[options["kind"]](
                    target=target, reader=reader, stamp=stamp, site_ids=None, report=lambda *_told: None
                )
        finally:
            reader.close()
        print(f"{rows} rows in {options['file']}.")

"""Command line of the bench: `python -m bench -h`, beside services with the superuser's login (`make bench`)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "trial_edc.settings"
os.environ["ALLOWED_HOSTS"] = "127.0.0.1"
django.setup()

from bench.jobs import audit, enrolment, exports, pages, plan, worklist  # noqa: E402 – models can be imported from here on
from bench.report import RESULTS, Figure, table, write  # noqa: E402
from bench.run import QUICK, Options, Run  # noqa: E402

JOBS: dict[str, Callable[[Run], list[Figure]]] = {
    "enrol": enrolment.enrol,  # first: it changes the base nobody else has copied yet
    "form": pages.form,
    "save": pages.save,
    "matrix": pages.matrix,
    "dashboard": pages.dashboard,
    "worklist": worklist.worklist,
    "plan": plan.plan_calendars,
    "audit": audit.audit,
    "export": exports.export,
}


def _asked(words: str) -> list[str]:
    chosen = words.split(",")
    unknown = [word for word in chosen if word not in JOBS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such job: {', '.join(unknown)}; there are {', '.join(JOBS)}")
    return [name for name in JOBS if name in chosen]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--only", type=_asked, default=list(JOBS), help=f"some of {','.join(JOBS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and participants: a rough look")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a bar is missed")
    parser.add_argument("--into", type=Path, default=RESULTS, help="the folder the figures are kept in")
    given = parser.parse_args()
    options = QUICK if given.quick else Options()
    figures: list[Figure] = []
    with Run(options) as run:
        for name in given.only:
            run.say(f"Measuring: {name}")
            figures += JOBS[name](run)
    print(table(figures))
    at = datetime.now(UTC)  # noqa: TID251 – when it was measured, on no trial's clock
    path = write(figures, asdict(options), at, given.into)
    print(f"\nKept in {path}")
    missed = any(one.reached == "missed" for one in figures)
    return 1 if given.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())

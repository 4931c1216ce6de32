"""Live a year of reminders and say what came of it: `make bench-year`, or `python -m bench.year -h` beside services."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "trial_edc.settings"
django.setup()

from bench.report import CHECKOUT, RESULTS  # noqa: E402 – models can be imported from here on
from bench.trial import BASE, environment, use  # noqa: E402
from bench.year.plan import Plan  # noqa: E402
from bench.year.simulation import Year  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.year")
    parser.add_argument("--participants", type=int, default=286)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--sites", type=int, default=6)
    parser.add_argument("--events", type=int, default=40, help="serious adverse events")
    parser.add_argument(
        "--kills", type=float, default=0.15, help="how likely a worker is killed at each look"
    )
    parser.add_argument("--broker", type=float, default=0.03, help="the same of the broker's restart")
    given = parser.parse_args()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--database-kind=TEST", "--verbosity=0"],
        cwd=CHECKOUT,
        env={**os.environ, **environment(BASE)},
        check=True,
    )
    use(BASE)
    plan = Plan(given.participants, given.days, given.sites, given.events)
    year = Year(
        plan,
        kills=given.kills,
        broker_restarts=given.broker,
        say=lambda words: print(words, flush=True, file=sys.stderr),
    )
    year.found()
    result = year.live()
    told = json.dumps({**vars(given), **asdict(result), "clean": result.clean}, ensure_ascii=False, indent=2)
    print(told)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "year.json").write_text(told + "\n", encoding="utf-8")
    return 0 if result.clean else 1


if __name__ == "__main__":
    sys.exit(main())

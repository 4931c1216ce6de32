"""Command line of the launcher: `python -m trial_edc.launcher -h`."""

from __future__ import annotations

import argparse
import sys

from trial_edc.launcher import services
from trial_edc.launcher.processes import CannotStart


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trial_edc.launcher")
    commands = parser.add_subparsers(dest="command", required=True)
    throwaway = commands.add_parser("services", help="run a command beside services that end with it")
    throwaway.add_argument(
        "--for-tests", action="store_true", help="also give it DATABASE_ADMIN_URL, the superuser's"
    )
    throwaway.add_argument("rest", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    options = parser.parse_args()
    try:
        command = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
        if not command:
            parser.error("which command?")
        return services.run(command, for_tests=options.for_tests)
    except CannotStart as sentence:
        print(sentence, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

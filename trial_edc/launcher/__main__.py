"""Command line of the launcher: `python -m trial_edc.launcher -h`."""

from __future__ import annotations

import argparse
import sys

from trial_edc.launcher import demo, services, suite
from trial_edc.launcher.processes import CannotStart


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trial_edc.launcher")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="run the demo until Ctrl-C")
    commands.add_parser("clean-demo", help="stop the demo and remove its data")
    commands.add_parser("clean-tests", help="remove what test runs have cached")
    attach = commands.add_parser("attach", help="run a command in the environment of the running demo")
    throwaway = commands.add_parser("services", help="run a command beside services that end with it")
    throwaway.add_argument(
        "--for-tests", action="store_true", help="also give it DATABASE_ADMIN_URL, the superuser's"
    )
    throwaway.add_argument("--durable", action="store_true", help="with fsync, as in a real trial")
    tests = commands.add_parser("test", help="run pytest beside services of its own, with a browser")
    for taking, what in ((attach, "COMMAND"), (throwaway, "COMMAND"), (tests, "PYTEST-OPTIONS")):
        taking.add_argument("rest", nargs=argparse.REMAINDER, metavar=f"-- {what} …")
    return parser


def main() -> int:
    parser = _parser()
    options = parser.parse_args()
    rest = getattr(options, "rest", [])
    rest = rest[1:] if rest[:1] == ["--"] else rest
    if options.command in ("attach", "services") and not rest:
        parser.error("which command?")
    try:
        match options.command:
            case "demo":
                return demo.run()
            case "clean-demo":
                return demo.clean()
            case "clean-tests":
                return services.clean()
            case "attach":
                return demo.attach(rest)
            case "test":
                return suite.run(rest)
            case _:
                return services.run(rest, for_tests=options.for_tests, durable=options.durable)
    except CannotStart as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

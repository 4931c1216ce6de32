"""Read a hospital's historical screening log, stage and judge its patients, and store them where asked to.

Exit status 0 where every line was read and nothing conflicts with what is stored; 1 otherwise. A line that cannot
be read is reported and keeps no other line from being judged or stored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import Access, Actor
from accounts.models import Role, Site, User
from eligibility.history.actions import import_log
from eligibility.history.judging import Judged, judge_row
from eligibility.history.reading import Log, UnreadableLog, read_log
from eligibility.history.report import report
from eligibility.history.selectors import State, states_of
from records import clock
from records.findings import Refused

STORED_REASON = "historical screening log {name}, SHA-256 {sha256}"


class Command(BaseCommand):
    help = (
        "Reads a historical screening log: stages and judges its patients as participants are. A dry run unless "
        "--commit is given; its patients never become participants. --verbosity 2 prints every criterion."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="comma-separated UTF-8 text, headings as in data/README.md"
        )
        parser.add_argument("--site", required=True, metavar="CODE", help="the hospital the log is of")
        parser.add_argument("--commit", action="store_true", help="store the entries, all in one transaction")
        parser.add_argument(
            "--by", metavar="USERNAME", help="the data manager who stores them; needed to commit"
        )
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="write the whole report there")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        log = _read(options["file"])
        site = _site(options["site"])
        by = _data_manager(options["by"], site, now) if options["commit"] else None
        judged = [judge_row(row) for row in log.rows]
        with _report_file(options["report"], options["file"]) as file:
            if by is None:
                states: Mapping[str, State] = states_of(log, site)
            else:
                states = _store(log, judged, site, by, now)
            written = report(
                log=log, judged=judged, states=states, site=site.code, committed=by is not None, now=now
            )
            if file is not None:
                json.dump(written, file, ensure_ascii=False, indent=1)
        self._print(written, every_criterion=options["verbosity"] > 1)
        _conclude(log, states)

    def _print(self, written: Mapping[str, Any], *, every_criterion: bool) -> None:
        for heading in written["headings"]:
            if heading["note"]:
                self.stdout.write(f"{heading['heading']}: {heading['note']['en']}")
        for row in written["rows"]:
            self._print_row(row, every_criterion)
        for line in written["unreadable"]:
            self.stdout.write(f"Line {line['line']}: not read. {line['sentence']['en']}")
        self._print_summary(written)

    def _print_row(self, row: Mapping[str, Any], every_criterion: bool) -> None:
        score, stage = row["child_pugh"], row["stage"]
        points = " ".join(f"{name} {_or_unknown(value)}" for name, value in score["points"].items())
        failing = [result["id"] for result in row["criteria"] if result["outcome"] == "FAIL"]
        self.stdout.write(
            f"Line {row['line']}, patient {row['patient']} ({row['state']}): CNLC {stage['cnlc']} - "
            f"{stage['reason']['en']} Child-Pugh {_or_unknown(score['score'])} {score['class'] or ''} ({points}), "
            f"ALBI grade {_or_unknown(row['albi']['grade'])}. {row['conclusion']}"
            + (f": {', '.join(failing)} failed." if failing else ".")
        )
        for one in row["doubtful"]:
            self.stdout.write(f"    {one['doubt']} {one['heading']}: {one['sentence']['en']}")
        for result in row["criteria"] if every_criterion else ():
            self.stdout.write(
                f"    {result['id']:<3} {result['outcome']:<7} {result['reason']['en']} [{result['value']['en']}]"
            )

    def _print_summary(self, written: Mapping[str, Any]) -> None:
        counts = written["summary"]
        file = written["file"]
        self.stdout.write(
            f"{file['patients']} patients read, {file['unreadable_lines']} lines not read. "
            f"SHA-256 {file['sha256']}. Read as {written['mode']} for site {written['site']}."
        )
        for title, table in (
            (f"CNLC {written['cnlc_edition']}", counts["stages"]),
            ("Child-Pugh", counts["child_pugh"]),
            ("Conclusion", counts["conclusions"]),
            ("Refused", counts["refused"]),
            ("Implausible, used as given", counts["implausible"]),
            *((f"{name:<3}", outcomes) for name, outcomes in counts["criteria"].items()),
        ):
            words = ", ".join(f"{name} {number}" for name, number in table.items() if number)
            self.stdout.write(f"{title}: {words or 'none'}.")
        new, stored = (counts["states"].get(str(state), 0) for state in (State.NEW, State.STORED))
        if written["mode"] == "commit":
            self.stdout.write(f"{new} new entries were stored; {stored} were stored before and not touched.")
        else:
            self.stdout.write(
                f"Nothing was stored. --commit would store {new} new entries; {stored} are stored already."
            )


def _or_unknown(value: object) -> object:
    return "unknown" if value is None else value


def _read(path: Path) -> Log:
    try:
        return read_log(path.name, path.read_bytes())
    except OSError as refused:
        raise CommandError(
            f"{path} cannot be read: {refused.strerror or refused}.", returncode=1
        ) from refused
    except UnreadableLog as refused:
        raise CommandError(f"{path} is not a screening log: {refused.sentence.en}", returncode=1) from refused


def _site(code: str) -> Site:
    site = Site.objects.filter(code=code).first()
    if site is None:
        known = ", ".join(Site.objects.values_list("code", flat=True)) or "none"
        raise CommandError(f"There is no site {code}. The sites are: {known}.", returncode=1)
    return site


def _data_manager(username: str | None, site: Site, now: datetime) -> Actor:
    if not username:
        raise CommandError(
            "--commit needs --by USERNAME: the trail keeps who brought the entries in.", returncode=1
        )
    person = User.objects.filter(username__iexact=username, is_active=True).first()
    if person is not None:
        for holding in Access.of(person, clock.day(now)).holdings:
            if holding.role == Role.DATA_MANAGER and holding.site_id in (None, site.pk):
                return Actor(person, holding.role, site.pk)
    raise CommandError(
        f"{username} is not an active trial administrator (data manager) of site {site.code} today.",
        returncode=1,
    )


def _store(log: Log, judged: Sequence[Judged], site: Site, by: Actor, now: datetime) -> Mapping[str, State]:
    reason = STORED_REASON.format(name=log.name, sha256=log.sha256)
    try:
        return import_log(log=log, judged=judged, site=site, by=by, now=now, reason=reason)
    except Refused as refused:
        words = refused.sentence if isinstance(refused.sentence, str) else refused.sentence.en
        raise CommandError(words, returncode=1) from refused


@contextmanager
def _report_file(path: Path | None, source: Path) -> Iterator[TextIO | None]:
    """Open the report beside its place before anything is stored, and put it there once it is whole."""
    if path is None:
        yield None
        return
    if path.resolve() == source.resolve():
        raise CommandError("The report would overwrite the log itself. Name another file.", returncode=1)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        file = unfinished.open("w", encoding="utf-8")
    except OSError as refused:
        raise CommandError(f"The report cannot be written to {path}: {refused}.", returncode=1) from refused
    try:
        with file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _conclude(log: Log, states: Mapping[str, State]) -> None:
    """Exit with status 1 where a line could not be read or an entry conflicts with a stored one."""
    problems = []
    if log.broken:
        lines = _listed(str(one.number) for one in log.broken)
        problems.append(f"Lines that could not be read and were left out: {lines}. The others were taken.")
    different = [patient for patient, state in states.items() if state is State.DIFFERENT]
    if different:
        problems.append(
            "Patients stored before under this file name with other values, left as stored: "
            f"{_listed(different)}."
        )
    elsewhere = [patient for patient, state in states.items() if state is State.ELSEWHERE]
    if elsewhere:
        problems.append(
            f"This very file is stored for another site; patients left out: {_listed(elsewhere)}."
        )
    if problems:
        raise CommandError(" ".join(problems), returncode=1)


def _listed(names: Iterable[str], most: int = 20) -> str:
    """Name the first of them, and say how many more there are."""
    every = list(names)
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")

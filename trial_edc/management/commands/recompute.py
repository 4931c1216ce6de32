"""List where the rules of today make something else of stored answers; with --write, store it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.access import Access, Actor, Permission
from accounts.models import User
from participants.recomputing import differences, recompute
from records import clock
from records.definition import forms
from records.findings import Refused


class Command(BaseCommand):
    help = (
        "Lists derived values that differ from what the rules make of the answers now; --write stores them, "
        "by a data manager and with a reason."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("forms", nargs="*", metavar="FORM", help="codes of forms; left out: all")
        parser.add_argument("--write", action="store_true")
        parser.add_argument("--by", metavar="USERNAME", default="", help="the data manager; needed to write")
        parser.add_argument("--reason", default="", help="needed to write")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = [code for code in options["forms"] if code not in forms()]
        if unknown:
            raise CommandError(f"There is no form {', '.join(unknown)}. There are {', '.join(forms())}.")
        now = clock.now()
        by = _data_manager(options["by"]) if options["write"] else None
        if options["write"] and not options["reason"].strip():
            raise CommandError("Say with --reason why the values are computed again.")
        count, refusals = 0, []
        for found in differences(codes=options["forms"] or list(forms()), now=now):
            record = found[0].record
            where = f"{record.participant} {record.visit.code} {record.form.code} {record.repeat}"
            for one in found:
                count += 1
                rules = f"rules {one.derived_by or '?'} -> {type(record).rules_version}"
                self.stdout.write(
                    f"{where} {one.item}: {one.stored or '-'} -> {one.computed or '-'} ({rules})"
                )
            if by is not None:
                try:
                    recompute(record=record, by=by, now=now, reason=options["reason"].strip())
                except Refused as refused:
                    # A locked form stays as it is; the others go on.
                    refusals.append(f"{where}: {refused}")
        if refusals:
            raise CommandError("\n".join(["Not everything was stored.", *refusals]))
        wrote = "stored" if by is not None else "nothing is written without --write"
        self.stdout.write(
            f"{count} values differ; {wrote}." if count else "Every derived value is as the rules make it."
        )


def _data_manager(username: str) -> Actor:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError("Say with --by which data manager computes the values again.")
    access = Access.of(person, clock.today())
    if not access.everywhere(Permission.CHANGE_STUDY_SETTINGS):
        raise CommandError(f"{username} is no data manager of all sites today.")
    return access.actor_everywhere(Permission.CHANGE_STUDY_SETTINGS)

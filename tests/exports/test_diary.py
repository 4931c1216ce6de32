"""Participants' own records as files of an export; contact details in none of them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from accounts.access import Actor, Permission
from accounts.models import Site, User
from diary.actions import keep_contact, move_task, remark
from diary.contact_cipher import Contact
from diary.models import DiaryTask
from diary.workflow import DiaryTaskState, RemarkKind
from exports.asked import Asked
from participants.models import Participant
from records import clock
from tests.cast import START, actor
from tests.diary.writing import opened, send, send_severe
from tests.exports.conftest import Files


def test_entries_tasks_remarks_and_links_are_exported(
    export: Callable[..., Files],
    participant: Participant,
    by_coordinator: Actor,
    coordinator: User,
    site: Site,
) -> None:
    link = opened(participant, by_coordinator)
    first = send_severe(link)
    second = send(link, replaces=first.key, test="AFP", value="12", unit="ng/mL", temperature=Decimal("37.0"))
    move_task(
        task=DiaryTask.objects.get(), to=DiaryTaskState.DONE, done="called", by=by_coordinator, now=START
    )
    remark(entry=second, kind=RemarkKind.COMMENT, comment="mild", by=by_coordinator, now=START)
    keep_contact(
        participant=participant,
        contact=Contact(phone="13900000000"),
        signed_on=clock.day(START),
        by=actor(coordinator, Permission.SEE_CONTACTS, site),
        now=START,
    )
    files = export()

    one, two = files.rows("diary_entries.csv")
    assert (one["KEY"], one["REPLACED"], one["SYM_FEVER"], one["SYM_PAIN"]) == (str(first.key), "t", "8", "")
    assert (two["REPLACES"], two["REPLACED"]) == (str(first.key), "f")
    assert (two["TEST"], two["VALUE"], two["UNIT"], two["TEMPERATURE"]) == ("AFP", "12", "ng/mL", "37.0")
    assert one["STATED"] == one["RECEIVED"] == f"{START:%Y-%m-%dT%H:%M:%S}+00:00"
    raised, done = files.rows("diary_tasks.csv")
    assert (raised["STATE"], raised["REASONS"], raised["BY"]) == ("OPEN", "SYM_FEVER TEMPERATURE", "")
    assert (done["STATE"], done["DONE"], done["BY"]) == ("DONE", "called", str(coordinator.pk))
    [said] = files.rows("diary_remarks.csv")
    assert (said["KEY"], said["COMMENT"]) == (str(second.key), "mild")
    [given] = files.rows("diary_links.csv")
    assert given["OPENED"] and not given["REVOKED_AT"]
    assert not any(link.token_hash in value for value in given.values())
    everything = " ".join(
        value
        for name in files.names
        if name.endswith(".csv")
        for row in files.rows(name)
        for value in row.values()
    )
    assert "13900000000" not in everything

    hidden = export(asked=Asked(deidentified=True))
    entries = {row["REPLACED"]: row for row in hidden.rows("diary_entries.csv")}
    assert [row["KEY"] for row in hidden.rows("diary_entries.csv")] == sorted(
        row["KEY"] for row in entries.values()
    )
    assert entries["f"]["REPLACES"] == entries["t"]["KEY"] and entries["t"]["REPLACES"] == ""
    assert {row["KEY"] for row in hidden.rows("diary_tasks.csv")} == {entries["t"]["KEY"]}
    assert {row["KEY"] for row in hidden.rows("diary_remarks.csv")} == {entries["f"]["KEY"]}
    for name in hidden.names:
        assert not any(str(one.key).encode() in hidden.zip.read(name) for one in (first, second)), name

"""The trail sealed: what is sealed when, and every way of breaking it found and named."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from accounts.models import Site
from records.models import Seal, TrailCheck, TrailEntry
from records.sealing import facts_of, seal_trail, standing
from records.seals import COLUMNS, NoKey, canonical, good_key, key_name, mac, read_line
from records.verifying import verify
from tests.conftest import at_database, owner

KEY, OTHER_KEY = "k" * 32, "o" * 32


@pytest.fixture(autouse=True)
def file(own_database: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.TRAIL_SEAL_KEY = KEY
    settings.TRAIL_SEAL_OLD_KEYS = []
    settings.TRAIL_SEAL_FILE = str(tmp_path / "seals" / "trail.jsonl")
    # Transactions of other tests' databases count too: an id belongs to the whole server.
    settings.TRAIL_SEAL_PATIENCE = 120
    monkeypatch.setattr("records.sealing.MOST_ENTRIES", 4)
    return Path(settings.TRAIL_SEAL_FILE)


@pytest.fixture
def sealed(file: Path) -> list[int]:
    """Ten sealed entries beside those a new database begins with; their ids."""
    change(10)
    seal_trail()
    return list(TrailEntry.objects.order_by("id").values_list("id", flat=True))[-10:]


def change(times: int = 1) -> None:
    site, _made = Site.objects.get_or_create(code="01", defaults={"name_en": "x", "name_zh": "x"})
    start = TrailEntry.objects.count()
    for number in range(start, start + times):
        Site.objects.filter(pk=site.pk).update(name_en=f"Hospital {number}")


def as_owner(own_database: str, *statements: str) -> None:
    """Do as the owner of everything could, past every right of the application's."""
    administrator = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], own_database))
    try:
        with administrator, administrator.cursor() as cursor:
            cursor.execute(f'SET ROLE "{owner()}"')
            for statement in statements:
                cursor.execute(statement)
    finally:
        administrator.close()


def forged(entry: int) -> str:
    """An entry made up and put between others."""
    return (
        "INSERT INTO records_trailentry (id, at, transaction, relation, record_id, operation, changes, role, reason, "
        f"request, database_user) VALUES ({entry}, now(), 1, 'accounts_site', '1', 'UPDATE', '{{}}', '', '', '', 'x')"
    )


def first_place() -> str:
    return verify().first


def test_whatever_was_committed_is_sealed_once_and_the_trail_is_whole(sealed: list[int], file: Path) -> None:
    verdict = verify()
    assert verdict.whole, verdict.places
    assert verdict.entries == TrailEntry.objects.count()
    assert (verdict.standing.unsealed, verdict.standing.oldest, verdict.standing.seconds) == (0, None, 0)
    assert [seal.count for seal in Seal.objects.all()][:2] == [4, 4]
    assert [read_line(line) for line in file.read_text().splitlines()] == [
        facts_of(seal) for seal in Seal.objects.all()
    ]
    assert (file.stat().st_mode & 0o777, seal_trail()) == (0o600, 0)


def test_an_entry_that_waits_for_its_seal_is_reported_with_its_age(sealed: list[int], settings: Any) -> None:
    change(3)
    stands = standing()
    assert stands.unsealed == 3
    assert stands.oldest == TrailEntry.objects.order_by("-id")[2].at
    assert not stands.late
    settings.TRAIL_SEAL_LATE = -1
    assert standing().late


@pytest.fixture
def late(own_database: str) -> Iterator[Any]:
    """Another session of the application's, in the middle of a transaction."""
    session = psycopg2.connect(at_database(os.environ["DATABASE_URL"], own_database))
    yield session
    session.close()


def test_nothing_is_sealed_above_a_transaction_that_may_still_commit_lower_ids(
    sealed: list[int], late: Any
) -> None:
    with late.cursor() as cursor:
        cursor.execute("UPDATE accounts_site SET name_zh = 'late'")
    Site.objects.create(code="02", name_en="y", name_zh="y")
    highest = TrailEntry.objects.latest("id").pk
    assert seal_trail(patience=0) == 0
    late.commit()
    assert TrailEntry.objects.filter(changes__name_zh__1="late").get().pk < highest
    assert seal_trail() == 2
    assert verify().whole


def test_a_transaction_that_was_rolled_back_leaves_a_hole_and_no_complaint(
    sealed: list[int], late: Any
) -> None:
    with late.cursor() as cursor:
        cursor.execute("UPDATE accounts_site SET name_zh = 'never'")
    Site.objects.create(code="02", name_en="y", name_zh="y")
    late.rollback()
    change(1)
    assert seal_trail() == 2
    assert verify().whole


def test_raw_sql_of_the_application_is_in_the_trail_and_under_a_seal(sealed: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_site SET name_en = 'by hand' WHERE code = '01'")
    entry = TrailEntry.objects.latest("id")
    assert (entry.changes["name_en"][1], entry.role) == ("by hand", "")
    seal_trail()
    assert Seal.objects.latest("number").last_id == entry.pk
    assert verify().whole


@pytest.mark.line("A4")
@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "id"])
def test_an_entry_altered_in_any_column_is_named(column: str, sealed: list[int], own_database: str) -> None:
    other = {
        "at": "at + interval '1 microsecond'",
        "changes": '\'{"name_en": [null, "never"]}\'',
        **dict.fromkeys(("transaction", "participant_id", "person_id", "site_id"), "4711"),
    }.get(column, "'other'")
    as_owner(own_database, f"UPDATE records_trailentry SET {column} = {other} WHERE id = {sealed[4]}")
    assert f"entry {sealed[4]} is altered after sealing." in first_place()
    assert len(verify().places) == 1


def test_the_seal_covers_every_column_of_the_trail() -> None:
    assert {field.column for field in TrailEntry._meta.concrete_fields} == set(COLUMNS)


def test_an_entry_inserted_later_is_named(sealed: list[int], own_database: str) -> None:
    as_owner(own_database, f"DELETE FROM records_trailentry WHERE id = {sealed[2]}", forged(sealed[2]))
    assert f"entry {sealed[2]} is altered after sealing." in first_place()


@pytest.mark.parametrize("below", [0, -5])
def test_an_entry_inserted_below_the_first_is_named(below: int, sealed: list[int], own_database: str) -> None:
    as_owner(own_database, forged(below))
    assert first_place() == f"Seal 1: entry {below} is inserted after sealing."


def test_an_entry_inserted_into_a_hole_is_named(sealed: list[int], late: Any, own_database: str) -> None:
    with late.cursor() as cursor:
        cursor.execute("UPDATE accounts_site SET name_zh = 'never'")
    late.rollback()
    change(1)
    seal_trail()
    hole = TrailEntry.objects.latest("id").pk - 1
    assert not TrailEntry.objects.filter(pk=hole).exists()
    as_owner(own_database, forged(hole))
    assert f"entry {hole} is inserted after sealing." in first_place()


def test_entries_cut_from_the_middle_are_named(sealed: list[int], own_database: str) -> None:
    as_owner(own_database, f"DELETE FROM records_trailentry WHERE id BETWEEN {sealed[2]} AND {sealed[3]}")
    assert f" {sealed[3]} " in " ".join(place.words for place in verify().places)
    assert "missing" in first_place()


@pytest.mark.line("A4")
def test_entries_cut_from_the_end_are_named(sealed: list[int], own_database: str) -> None:
    as_owner(own_database, f"DELETE FROM records_trailentry WHERE id >= {sealed[-1]}")
    assert f"entry {sealed[-1]} is missing." in first_place()


def test_entries_cut_from_the_end_with_their_seals_are_named_by_the_file(
    sealed: list[int], own_database: str
) -> None:
    last = Seal.objects.latest("number")
    as_owner(
        own_database,
        f"DELETE FROM records_seal WHERE number = {last.number}",
        f"DELETE FROM records_trailentry WHERE id > {last.after_id}",
    )
    assert first_place() == (
        f"Seal {last.number} (entries {last.first_id} to {last.last_id}) stands in the file of seals "
        "and not in the database."
    )
    change(2)
    seal_trail()
    assert not verify().whole


def test_everything_deleted_is_named(sealed: list[int], own_database: str) -> None:
    as_owner(own_database, "TRUNCATE records_trailentry, records_seal")
    assert first_place().startswith("Seal 1 (entries ")


def test_a_seal_deleted_is_named(sealed: list[int], own_database: str) -> None:
    as_owner(own_database, "DELETE FROM records_seal WHERE number = 2")
    assert "Seal 2 is missing from the database." in [place.words for place in verify().places]


def test_a_chain_recomputed_without_the_key_is_named(
    sealed: list[int], own_database: str, file: Path
) -> None:
    """The owner alters an entry, and makes leaves, digest, MACs and the file anew, under a key of their own."""
    as_owner(own_database, f"UPDATE records_trailentry SET reason = 'forged' WHERE id = {sealed[0]}")
    stored = list(Seal.objects.order_by("number"))
    as_owner(own_database, "TRUNCATE records_seal")
    file.unlink()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.conf.settings.TRAIL_SEAL_KEY", OTHER_KEY)
        seal_trail()
        assert verify().whole
    forged_seals = list(Seal.objects.order_by("number"))
    assert len(forged_seals) == len(stored)
    assert first_place() == "Seal 1 was made with a key that is not known here."
    as_owner(own_database, f"UPDATE records_seal SET key = '{key_name(KEY)}'")
    assert "Seal 1 was altered or not made with the key." in [place.words for place in verify().places]


def test_a_digest_brought_in_step_without_the_key_is_named(sealed: list[int], own_database: str) -> None:
    seal = Seal.objects.get(after_id__lt=sealed[0], last_id__gte=sealed[0])
    facts = replace(facts_of(seal), digest=hashlib.sha256(b"").hexdigest())
    as_owner(
        own_database,
        f"UPDATE records_seal SET digest = '{facts.digest}', mac = '{mac(facts, OTHER_KEY)}', leaves = '' "
        f"WHERE number = {seal.number}",
    )
    words = [place.words for place in verify().places]
    assert f"Seal {seal.number} was altered or not made with the key." in words
    assert f"Seal {seal.number} differs between the file of seals and the database." in words


def test_a_list_of_leaves_altered_is_said_where_the_entry_cannot_be_named(
    sealed: list[int], own_database: str
) -> None:
    as_owner(
        own_database,
        "UPDATE records_seal SET leaves = ''",
        f"UPDATE records_trailentry SET reason = 'forged' WHERE id = {sealed[0]}",
    )
    (place,) = verify().places
    assert "which of them cannot be told" in place.words


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda lines: lines[:-1], "is missing from the file of seals."),
        (lambda lines: [*lines[:1], *lines[2:]], "Seal 2 is missing from the file of seals."),
        (lambda lines: [*lines, lines[0]], "Seal 1 stands twice in the file of seals."),
        (lambda lines: ["{}\n", *lines[1:]], "Line 1 of the file of seals is no seal."),
        (
            lambda lines: [lines[0].replace('"count":4', '"count":5'), *lines[1:]],
            "Seal 1 differs between the file of seals and the database.",
        ),
        (lambda lines: [], "Seal 1 is missing from the file of seals."),
    ],
)
def test_a_file_that_differs_is_named(damage: Any, words: str, sealed: list[int], file: Path) -> None:
    file.write_text("".join(damage(file.read_text().splitlines(keepends=True))))
    assert words in " ".join(place.words for place in verify().places)


@pytest.mark.parametrize("kept", [0, 20])
def test_a_line_cut_short_by_a_crash_is_completed_by_the_next_run(
    kept: int, sealed: list[int], file: Path
) -> None:
    *lines, last = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines, last[:kept]]))
    assert not verify().whole
    change(1)
    seal_trail()
    assert verify().whole


def test_a_copy_of_the_file_kept_elsewhere_finds_what_was_cut_from_both(
    sealed: list[int], file: Path, tmp_path: Path, own_database: str
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_text(file.read_text())
    last = Seal.objects.latest("number")
    as_owner(
        own_database,
        f"DELETE FROM records_seal WHERE number = {last.number}",
        f"DELETE FROM records_trailentry WHERE id > {last.after_id}",
    )
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    assert verify().whole
    assert "and not in the database" in verify(copy).first


def test_seals_of_a_key_used_before_are_verified_with_it(sealed: list[int], settings: Any) -> None:
    settings.TRAIL_SEAL_KEY, settings.TRAIL_SEAL_OLD_KEYS = OTHER_KEY, [KEY]
    change(1)
    seal_trail()
    assert verify().whole
    assert {seal.key for seal in Seal.objects.all()} == {key_name(KEY), key_name(OTHER_KEY)}


def test_without_a_key_nothing_is_sealed(settings: Any) -> None:
    settings.TRAIL_SEAL_KEY = "too short"
    with pytest.raises(NoKey):
        seal_trail()
    assert good_key(KEY) == KEY


def test_the_key_stands_nowhere_in_the_database(sealed: list[int]) -> None:
    for seal in Seal.objects.all():
        assert KEY.encode() not in repr(vars(seal)).encode()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_seal SET mac = 'x'",
        "DELETE FROM records_seal",
        "TRUNCATE records_seal",
        "DELETE FROM records_trailcheck",
    ],
)
def test_the_application_does_not_alter_seals(statement: str, sealed: list[int]) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_command_says_what_stands_and_fails_where_the_trail_is_broken(
    sealed: list[int], own_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(1)
    call_command("verify_trail")
    said = capsys.readouterr().out
    assert "1 unsealed, the oldest of " in said
    assert "The trail is whole." in said
    as_owner(own_database, f"DELETE FROM records_trailentry WHERE id = {sealed[0]}")
    with pytest.raises(CommandError, match=f"entry {sealed[0]} is missing"):
        call_command("verify_trail")
    whole, broken = TrailCheck.objects.order_by("id")
    assert (whole.broken, whole.unsealed) == ("", 1)
    assert f"entry {sealed[0]} is missing" in broken.broken
    assert abs(whole.database_ahead) < timedelta(seconds=5)


def test_the_canonical_form_is_the_documented_one(sealed: list[int]) -> None:
    entry = TrailEntry.objects.get(pk=sealed[0])
    form = canonical(
        [
            entry.pk,
            f"{entry.at:%Y-%m-%dT%H:%M:%S.%f}Z",
            entry.transaction,
            entry.relation,
            entry.record_id,
            entry.operation,
            json.dumps(entry.changes),
            entry.participant_id,
            entry.person_id,
            entry.role,
            entry.site_id,
            entry.reason,
            entry.request,
            entry.database_user,
        ]
    )
    seal = Seal.objects.get(after_id__lt=entry.pk, last_id__gte=entry.pk)
    assert entry.pk.to_bytes(8, "big") + hashlib.sha256(form).digest() in bytes(seal.leaves)
    assert canonical(["肝", None, 1]) == '["肝",null,1]'.encode()

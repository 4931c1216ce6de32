"""The trail holds everything and yields to nobody who works as the application."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import DataError, ProgrammingError, connection, transaction

from accounts.access import Access, Actor, Permission
from accounts.actions import end_role, grant_role, open_account, set_active
from accounts.attribution import attributed
from accounts.models import Site, User
from participants.models import Condition, MedicalHistory, Participant, Visit
from records.actions import save_record
from records.checks import Entry
from records.install import installed_models, is_audited
from records.models import TrailEntry
from tests.cast import START
from tests.conftest import application, at_database


def history_form(participant: Participant, by: Actor, **answers: object) -> MedicalHistory:
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")
    return save_record(
        model=MedicalHistory,
        place={"participant": participant, "visit": visit, "repeat": 1},
        entry=Entry(dict(answers)),
        context=MedicalHistory.context(visit=visit, today=START.date(), now=START),
        submit=False,
        by=by,
        now=START,
    )


def entries_of(record: object) -> list[TrailEntry]:
    return list(
        TrailEntry.objects.filter(relation=record._meta.db_table, record_id=str(record.pk)).order_by("id")  # type: ignore[attr-defined]
    )


@pytest.mark.line("A1")
def test_first_entry_is_recorded_per_field_with_person_role_and_site(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y", priortx="N")

    (entry,) = entries_of(record)
    assert entry.operation == "INSERT"
    assert entry.changes["cirrh"] == [None, "Y"]
    assert entry.changes["priortx"] == [None, "N"]
    assert "portht" not in entry.changes
    assert entry.person_id == by_coordinator.person_id
    assert entry.role == "COORDINATOR"
    assert entry.site_id == participant.site_id
    assert entry.participant_id == participant.pk
    assert entry.database_user == settings.DATABASE_APP_ROLE


@pytest.mark.line("A2")
def test_a_bulk_update_is_recorded_row_by_row_with_its_reason(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")

    with attributed(by_coordinator, "typing error"):
        MedicalHistory.objects.filter(pk=record.pk).update(cirrh="N")

    entry = entries_of(record)[-1]
    assert (entry.operation, entry.changes, entry.reason) == ("UPDATE", {"cirrh": ["Y", "N"]}, "typing error")


def test_hand_typed_sql_is_recorded_as_unattributed(participant: Participant, by_coordinator: Actor) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('trail.context', '', true)")
        cursor.execute("UPDATE participants_medicalhistory SET cirrh = 'N' WHERE id = %s", [record.pk])

    entry = entries_of(record)[-1]
    assert (entry.changes, entry.role, entry.person_id) == ({"cirrh": ["Y", "N"]}, "", None)


@pytest.mark.line("A1")
def test_a_delete_keeps_every_value(participant: Participant, by_coordinator: Actor) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    pk = record.pk
    with attributed(by_coordinator, "entered for the wrong participant"):
        record.delete()

    entry = TrailEntry.objects.filter(relation="participants_medicalhistory", record_id=str(pk)).latest("id")
    assert (entry.operation, entry.changes["cirrh"]) == ("DELETE", ["Y", None])


def test_an_update_that_changes_nothing_leaves_no_entry(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    before = len(entries_of(record))
    MedicalHistory.objects.filter(pk=record.pk).update(cirrh="Y")
    assert len(entries_of(record)) == before


def test_a_password_is_not_readable_in_the_trail(participant: Participant, by_coordinator: Actor) -> None:
    person = by_coordinator.person
    assert person is not None
    person.set_password("another horse battery")
    person.save()
    assert entries_of(person)[-1].changes == {"password": ["hidden", "hidden"]}


@pytest.mark.line("A1", "M4")
@pytest.mark.parametrize("model", [m for m in installed_models() if is_audited(m)], ids=lambda m: m.__name__)
def test_every_table_has_the_trigger_enabled(model: type, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled FROM pg_trigger WHERE tgname = 'trail' AND tgrelid = %s::regclass",
            [model._meta.db_table],  # type: ignore[attr-defined]
        )
        assert cursor.fetchall() == [("O",)]


ATTACKS = {
    "disable the trigger": "ALTER TABLE participants_medicalhistory DISABLE TRIGGER trail",
    "drop the trigger": "DROP TRIGGER trail ON participants_medicalhistory",
    "replace the function": "CREATE OR REPLACE FUNCTION public.records_trail() RETURNS trigger LANGUAGE plpgsql "
    "AS 'BEGIN RETURN NULL; END'",
    "silence triggers": "SET session_replication_role = replica",
    "truncate a clinical table": "TRUNCATE participants_medicalhistory",
    "truncate the trail": "TRUNCATE records_trailentry",
    "forge an entry": "INSERT INTO records_trailentry (at, transaction, relation, record_id, operation, changes, role,"
    " reason, request, database_user) VALUES (now(), 1, 'x', '1', 'INSERT', '{}', '', '', '', '')",
    "alter an entry": "UPDATE records_trailentry SET reason = 'x'",
    "delete entries": "DELETE FROM records_trailentry",
    "become the owner": "SET ROLE trial_owner",
    "make a table": "CREATE TABLE mine (id int)",
    "make a temporary table": "CREATE TEMPORARY TABLE records_trailentry (id int)",
    "alter a status row": "UPDATE participants_participantstatus SET reason = 'x'",
    "delete a participant": "DELETE FROM participants_participant",
    "change the kind of database": "UPDATE records_trialclock SET kind = 'TRIAL'",
    "copy into the trail": "COPY records_trailentry FROM STDIN",
    "disable the trail's own triggers": "ALTER TABLE records_trailentry DISABLE TRIGGER ALL",
    "drop the trail": "DROP TABLE records_trailentry",
    "number entries anew": "SELECT setval('records_trailentry_id_seq', 1)",
    "hide changes behind a rule": "CREATE RULE mine AS ON UPDATE TO participants_medicalhistory DO INSTEAD NOTHING",
    "hide changes behind a trigger": "CREATE TRIGGER a BEFORE UPDATE ON participants_medicalhistory "
    "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "call the trail's function": "SELECT public.records_trail()",
    "become the migrator": "SET ROLE trial_migrator",
    "alter the database": "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "keep the trail out of a table's reach": "ALTER TABLE records_trailentry ENABLE ROW LEVEL SECURITY",
}


@pytest.mark.line("A4")
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_applications_role_cannot(attack: str, participant: Participant) -> None:
    prefix = settings.DATABASE_APP_ROLE.removesuffix("_app")
    statement = ATTACKS[attack].replace("SET ROLE trial_", f"SET ROLE {prefix}_")
    with (
        pytest.raises(
            (ProgrammingError, psycopg2.errors.InsufficientPrivilege),
            match=r"permission denied|must be owner",
        ),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.line("A4")
@pytest.mark.parametrize(
    "setting", ["SET pgtrigger.ignore = '{participants_medicalhistory:trail}'", "SET search_path = pg_temp"]
)
def test_a_session_setting_does_not_silence_the_trail(
    setting: str, participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    before = len(entries_of(record))
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        cursor.execute(setting)
        cursor.execute("UPDATE public.participants_medicalhistory SET cirrh = 'N' WHERE id = %s", [record.pk])
        cursor.execute("SET search_path = public")
    assert len(entries_of(record)) == before + 1


def test_a_context_that_is_not_json_stops_the_write_instead_of_the_trail(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('trail.context', 'not json', true)")
        with pytest.raises(DataError, match="json"), transaction.atomic():
            cursor.execute("UPDATE participants_medicalhistory SET cirrh = 'N' WHERE id = %s", [record.pk])
        cursor.execute("SELECT set_config('trail.context', '', true)")
    record.refresh_from_db()
    assert record.cirrh == "Y"


def test_the_applications_role_owns_nothing_and_belongs_to_nobody(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = session_user"
        )
        assert cursor.fetchall() == [(False, False, False)]
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = session_user")
        assert cursor.fetchall() == [(0,)]
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE pg_get_userbyid(member) = session_user")
        assert cursor.fetchall() == [(0,)]


# ---- Mistakes others have shipped ---------------------------------------------------------------------------


@pytest.mark.line("M2")
def test_a_row_removed_from_a_form_is_recorded_as_that_row_with_every_value(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    with attributed(by_coordinator, "entered twice"):
        row = Condition.objects.create(record=record, participant_id=participant.pk, number=1, mhterm="Gout")
        key = row.pk
        row.delete()
    entry = TrailEntry.objects.get(relation=Condition._meta.db_table, record_id=str(key), operation="DELETE")
    assert (entry.changes["mhterm"], entry.changes["number"]) == (["Gout", None], [1, None])
    assert (entry.participant_id, entry.reason) == (participant.pk, "entered twice")


def test_a_form_removed_with_its_rows_leaves_each_row_in_the_trail(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = history_form(participant, by_coordinator, cirrh="Y")
    with attributed(by_coordinator):
        for number in (1, 2):
            Condition.objects.create(
                record=record, participant_id=participant.pk, number=number, mhterm=f"Gout {number}"
            )
        record.delete()
    removed = TrailEntry.objects.filter(relation=Condition._meta.db_table, operation="DELETE")
    assert {entry.changes["mhterm"][0] for entry in removed} == {"Gout 1", "Gout 2"}


@pytest.mark.line("M1", "R3")
def test_data_moved_by_a_migration_stand_in_the_trail(own_database: str) -> None:
    """A migration works as the migrator on behalf of the owner: its updates are recorded, as its login's."""
    Site.objects.create(code="07", name_en="x", name_zh="x")
    migrator = psycopg2.connect(at_database(settings.DATABASE_MIGRATE_URL, own_database))
    try:
        with migrator, migrator.cursor() as cursor:
            cursor.execute("UPDATE accounts_site SET name_en = upper(name_en)")
    finally:
        migrator.close()
    entry = TrailEntry.objects.latest("id")
    assert (entry.relation, entry.changes, entry.role) == ("accounts_site", {"name_en": ["x", "X"]}, "")
    assert entry.database_user == application().removesuffix("_app") + "_migrator"


def test_no_migration_silences_the_trail() -> None:
    silencing = ("DISABLE TRIGGER", "session_replication_role", "DROP TRIGGER", "records_trailentry")
    for path in Path(settings.BASE_DIR).glob("*/migrations/*.py"):
        text = path.read_text()
        assert [word for word in silencing if word.lower() in text.lower()] == [], path


@pytest.mark.line("M3")
def test_there_is_one_trail_and_no_second_store(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgname, tgfoid::regproc::text FROM pg_trigger WHERE NOT tgisinternal")
        found = set(cursor.fetchall())
    assert ("trail", "records_trail") in found
    # Those besides keep no values: they note which visits have to be counted again.
    others = found - {("trail", "records_trail")}
    assert all(name.startswith("mark_") and does.startswith("monitoring_mark_") for name, does in others)
    libraries = {"auditlog", "easyaudit", "pghistory", "reversion", "simple_history", "django.contrib.admin"}
    assert not libraries & set(settings.INSTALLED_APPS)


@pytest.mark.line("A5")
def test_every_change_of_accounts_and_roles_stands_in_the_trail_with_its_author(
    site: Site, system_administrator: User, at_start: None
) -> None:
    by = Access.of(system_administrator, START.date()).actor(Permission.MANAGE_ACCOUNTS, None)
    person = open_account(
        username="new", full_name="New", email="new@example.org", password="correct horse battery",
        language="en", by=by, now=START,
    )  # fmt: skip
    held = grant_role(person=person, role="MONITOR", site=site, starts_on=START.date(), by=by, now=START)
    end_role(held=held, ends_on=START.date(), by=by, now=START)
    set_active(person=person, active=False, by=by, now=START)
    entries = [*entries_of(person), *entries_of(held)]
    assert [(entry.relation, entry.operation) for entry in entries] == [
        ("accounts_user", "INSERT"), ("accounts_user", "UPDATE"),
        ("accounts_roleheld", "INSERT"), ("accounts_roleheld", "UPDATE"),
    ]  # fmt: skip
    assert {entry.person_id for entry in entries} == {system_administrator.pk}
    assert entries[0].changes["password"] == ["hidden", "hidden"]

"""The trail holds everything and yields to nobody who works as the application."""

from __future__ import annotations

import psycopg2
import pytest
from django.conf import settings
from django.db import DataError, ProgrammingError, connection, transaction

from accounts.access import Actor
from accounts.attribution import attributed
from participants.models import MedicalHistory, Participant, Visit
from records.actions import save_record
from records.checks import Entry
from records.install import installed_models, is_audited
from records.models import TrailEntry
from tests.cast import START


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
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_applications_role_cannot(attack: str, participant: Participant) -> None:
    statement = ATTACKS[attack].replace(
        "trial_owner", settings.DATABASE_APP_ROLE.removesuffix("_app") + "_owner"
    )
    with (
        pytest.raises((ProgrammingError, psycopg2.errors.InsufficientPrivilege)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


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

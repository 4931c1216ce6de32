"""Saved exports: saved once under a name, made by schedule on behalf of who saved them; and files deleted in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, Access, Permission
from accounts.models import Role, RoleHeld, Site, User
from exports import actions, definition_actions, tasks
from exports.asked import Asked
from exports.definition_actions import due_definitions, remove_old_files, run_scheduled
from exports.models import ExportDefinition, ExportJob
from exports.policies import file_of
from exports.running import run
from exports.schedules import Schedule, is_due, last_due
from exports.workflow import ExportState
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from records.zone import TRIAL_ZONE
from tests.cast import START, make_person
from tests.exports.conftest import Files, Trial

MIDNIGHT = datetime(2026, 9, 1, 2, tzinfo=TRIAL_ZONE)  # a Tuesday, and the first of a month


@pytest.mark.parametrize(
    ("schedule", "now", "expected"),
    [
        (Schedule.NEVER, MIDNIGHT, None),
        (Schedule.DAILY, MIDNIGHT, MIDNIGHT),
        (Schedule.DAILY, MIDNIGHT - timedelta(seconds=1), MIDNIGHT - timedelta(days=1)),
        (Schedule.WEEKLY, MIDNIGHT, datetime(2026, 8, 31, 2, tzinfo=TRIAL_ZONE)),
        (
            Schedule.WEEKLY,
            datetime(2026, 8, 31, 1, 59, tzinfo=TRIAL_ZONE),
            datetime(2026, 8, 24, 2, tzinfo=TRIAL_ZONE),
        ),
        (Schedule.MONTHLY, MIDNIGHT, MIDNIGHT),
        (Schedule.MONTHLY, MIDNIGHT - timedelta(seconds=1), datetime(2026, 8, 1, 2, tzinfo=TRIAL_ZONE)),
    ],
)
def test_a_schedule_knows_its_last_moment(
    schedule: Schedule, now: datetime, expected: datetime | None
) -> None:
    assert last_due(schedule, now.astimezone(UTC), TRIAL_ZONE) == expected


def test_a_moment_is_due_once() -> None:
    before, at = MIDNIGHT - timedelta(minutes=1), MIDNIGHT
    assert is_due(Schedule.DAILY, before, at, TRIAL_ZONE)
    assert not is_due(Schedule.DAILY, at, at + timedelta(hours=1), TRIAL_ZONE)
    assert not is_due(Schedule.NEVER, before, at, TRIAL_ZONE)


def save(trial: Trial, **changed: Any) -> ExportDefinition:
    facts: dict[str, Any] = {
        "access": trial.access,
        "name": "Monthly for the statistician",
        "sites": None,
        "historical": False,
        "asked": Asked(format="parquet", deidentified=True),
        "kept_days": 3,
        "schedule": Schedule.DAILY,
        "by": trial.by,
        "now": START,
    }
    return definition_actions.save_definition(**{**facts, **changed})


def test_a_saved_export_is_made_by_its_schedule_on_behalf_of_who_saved_it(trial: Trial) -> None:
    definition = save(trial)
    assert due_definitions(START + timedelta(hours=1)) == []
    tomorrow = START + timedelta(days=1)
    assert due_definitions(tomorrow) == [definition]
    job = run_scheduled(definition_id=definition.pk, by=SYSTEM, now=tomorrow)
    assert job is not None
    assert run_scheduled(definition_id=definition.pk, by=SYSTEM, now=tomorrow) is None
    assert due_definitions(tomorrow) == []
    assert (job.requested_by, job.requested_as, job.definition, job.kept_days) == (
        trial.data_manager,
        "DATA_MANAGER",
        definition,
        3,
    )
    run(job.pk)
    files = Files(file_of(job).read_bytes())
    assert files.manifest["definition"] == "Monthly for the statistician"
    assert files.manifest["asked"] == {"format": "parquet", "deidentified": True}
    assert "forms/DM.parquet" in files.names
    again = definition_actions.run_definition(
        access=trial.access, definition=definition, by=trial.by, now=tomorrow
    )
    run(again.pk)
    second = Files(file_of(again).read_bytes())
    assert second.manifest["content_sha256"] == files.manifest["content_sha256"]
    entry = TrailEntry.objects.get(relation="exports_exportdefinition", operation="INSERT")
    assert (entry.person_id, entry.role) == (trial.data_manager.pk, "DATA_MANAGER")


def test_a_schedule_stops_with_the_right_to_export(trial: Trial) -> None:
    definition = save(trial)
    RoleHeld.objects.filter(user=trial.data_manager).update(ends_on=date(2026, 9, 1))
    tomorrow = START + timedelta(days=1)
    assert run_scheduled(definition_id=definition.pk, by=SYSTEM, now=tomorrow) is None
    assert ExportJob.objects.count() == 0


def test_the_worker_asks_every_schedule_and_deletes_in_time(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(trial)
    told: list[int] = []
    monkeypatch.setattr(tasks.write_export, "delay", told.append)
    clock.move_to(START + timedelta(days=1))
    tasks.run_schedules()
    [job] = ExportJob.objects.all()
    assert told == [job.pk]
    run(job.pk)
    clock.move_to(START + timedelta(days=5))
    tasks.remove_old_files()
    assert not file_of(job).exists()


def test_a_de_identified_export_that_was_saved_with_days_of_entry_is_made_no_more(
    trial: Trial, client: Client
) -> None:
    definition = ExportDefinition.objects.create(
        name="Of the week",
        created_at=START,
        created_by=trial.data_manager,
        created_as="DATA_MANAGER",
        scope="ALL",
        asked={"deidentified": True, "since": "2026-08-24", "until": "2026-08-30"},
        schedule=Schedule.DAILY,
    )
    tomorrow = START + timedelta(days=1)
    assert run_scheduled(definition_id=definition.pk, by=SYSTEM, now=tomorrow) is None
    with pytest.raises(Refused, match="Days of entry cannot narrow"):
        definition_actions.run_definition(
            access=trial.access, definition=definition, by=trial.by, now=tomorrow
        )
    client.force_login(trial.data_manager)
    listed = client.get(reverse("exports:list")).content.decode()
    ran = client.post(reverse("exports:run", args=[definition.pk]), follow=True).content.decode()
    assert listed.count("Days of entry cannot narrow a") == 1
    assert ran.count("Days of entry cannot narrow a") > 1
    assert ExportJob.objects.count() == 0


def test_a_name_is_taken_until_it_is_retired(trial: Trial) -> None:
    definition = save(trial)
    with pytest.raises(Refused, match="this name"):
        save(trial)
    definition_actions.retire_definition(definition_id=definition.pk, by=trial.by, now=START)
    definition.refresh_from_db()
    with pytest.raises(Refused, match="retired"):
        definition_actions.run_definition(access=trial.access, definition=definition, by=trial.by, now=START)
    save(trial)
    assert due_definitions(START + timedelta(days=1)) == [ExportDefinition.objects.get(retired_at=None)]


@pytest.mark.parametrize(
    ("asked", "historical", "days", "sentence"),
    [
        (Asked(deidentified=True, trail=True), False, 30, "de-identified"),
        (Asked(deidentified=True), True, 30, "de-identified"),
        (Asked(deidentified=True, since=date(2026, 1, 1)), False, 30, "Days of entry"),
        (Asked(deidentified=True, until=date(2026, 1, 1)), False, 30, "Days of entry"),
        (Asked(masked=True), False, 30, "masked"),
        (Asked(format="zsav"), False, 30, "format"),
        (Asked(forms=("NOPE",)), False, 30, "form"),
        (Asked(since=date(2026, 2, 1), until=date(2026, 1, 1)), False, 30, "period"),
        (Asked(), False, 0, "days"),
        (Asked(), False, 367, "days"),
    ],
)
def test_wishes_that_exclude_each_other_are_refused(
    trial: Trial, asked: Asked, historical: bool, days: int, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        save(trial, asked=asked, historical=historical, kept_days=days)
    with pytest.raises(Refused, match=sentence):
        actions.request_export(
            access=trial.access,
            sites=None,
            historical=historical,
            asked=asked,
            kept_days=days,
            by=trial.by,
            now=START,
        )


def test_a_saved_export_is_of_ones_own_sites(trial: Trial) -> None:
    own, other = trial.sites
    access = Access.of(make_person("one_site", Role.DATA_MANAGER, own), date(2026, 9, 1))
    by = access.actor(Permission.EXPORT, None)
    for sites in (None, [other]):
        with pytest.raises(PermissionDenied):
            save(trial, access=access, by=by, sites=sites)
        with pytest.raises(PermissionDenied):
            definition_actions.run_definition(
                access=access, definition=save(trial, sites=sites, name=f"of {sites}"), by=by, now=START
            )


def test_a_file_is_deleted_when_its_time_is_over_and_the_row_stays(trial: Trial) -> None:
    job = actions.request_export(
        access=trial.access, sites=None, historical=False, kept_days=2, by=trial.by, now=START
    )
    run(job.pk)
    job.refresh_from_db()
    assert job.kept_until is not None
    assert remove_old_files(by=SYSTEM, now=job.kept_until - timedelta(seconds=1)) == 0
    assert file_of(job).exists()
    assert remove_old_files(by=SYSTEM, now=job.kept_until) == 1
    assert remove_old_files(by=SYSTEM, now=job.kept_until) == 0
    job.refresh_from_db()
    assert not file_of(job).exists()
    assert (job.status, job.removed_at) == (ExportState.DONE, job.kept_until)
    with pytest.raises(Refused, match="deleted when its time was over"):
        actions.download(job=job, by=trial.by, now=job.kept_until)


def test_a_format_that_cannot_hold_the_data_fails_and_names_the_columns(trial: Trial, client: Client) -> None:
    Site.objects.filter(code="01").update(name_en="医院")
    for leave_out, status in ((False, ExportState.FAILED), (True, ExportState.DONE)):
        job = actions.request_export(
            access=trial.access,
            sites=None,
            historical=False,
            asked=Asked(format="xpt", leave_out=leave_out),
            by=trial.by,
            now=START,
        )
        run(job.pk)
        job.refresh_from_db()
        assert job.status == status
        if not leave_out:
            assert (job.failure, job.failure_detail) == ("UNFIT", "sites.NAME_EN:ASCII")
            client.force_login(trial.data_manager)
            shown = client.get(reverse("exports:state", args=[job.pk])).content.decode()
            assert "sites.NAME_EN: characters beyond ASCII" in shown
    book = Files(file_of(job).read_bytes()).rows("codebook.csv")
    left = {(row["FILE"], row["COLUMN"]): row["LEFT_OUT"] for row in book if row["LEFT_OUT"]}
    assert left["sites.xpt", "NAME_EN"] == "ASCII"
    renamed = {row["COLUMN"]: row["NAME"] for row in book if row["FILE"] == "participants.xpt"}
    assert renamed["REGISTERED_AT"] == "REGISTER"
    assert list(trial.folder.glob("export-*-*")) == []


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM exports_exportdefinition", "UPDATE exports_exportdefinition SET asked = '{}'"],
)
def test_a_saved_export_cannot_be_rewritten(statement: str, db: None) -> None:
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_data_manager_saves_runs_and_retires_one_at_the_page(
    client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    client.force_login(data_manager)
    wishes = {
        "scope": "some",
        "sites": [site.pk],
        "format": "dta",
        "only_forms": ["DM", "VS"],
        "only_visits": ["SCR"],
        "no_queries": "on",
        "labels": "",
        "deidentified": "on",
        "masked": "on",
        "kept_days": "7",
        "name": " For Stata ",
        "schedule": "WEEKLY",
    }
    refused = client.post(reverse("exports:list"), {**wishes, "since": "2026-01-01"})
    assert refused.status_code == 422 and "Days of entry cannot narrow" in refused.content.decode()
    assert client.post(reverse("exports:list"), wishes).status_code == 302
    assert client.post(reverse("exports:list"), wishes).status_code == 422
    definition = ExportDefinition.objects.get()
    assert (definition.name, definition.schedule, definition.kept_days, definition.site_ids) == (
        "For Stata",
        "WEEKLY",
        7,
        [site.pk],
    )
    assert definition.asked == {
        "format": "dta",
        "forms": ["DM", "VS"],
        "visits": ["SCR"],
        "queries": False,
        "deidentified": True,
        "masked": True,
    }
    shown = client.get(reverse("exports:list")).content.decode()
    assert "For Stata" in shown and "forms DM, VS" in shown and "Mondays at 02:00" in shown
    client.post(reverse("exports:run", args=[definition.pk]))
    assert ExportJob.objects.get().definition == definition
    client.post(reverse("exports:retire", args=[definition.pk]))
    assert "saved-title" not in client.get(reverse("exports:list")).content.decode()
    assert client.post(reverse("exports:run", args=[definition.pk])).status_code == 404

"""An export's path: requested, written, found again after its worker was lost, cancelled, failed; and its trail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.access import SYSTEM, Access, Permission
from accounts.models import Role, Site
from exports import actions, running, writing
from exports.actions import SIGN_OF_LIFE
from exports.models import ExportDownload, ExportJob, ExportProgress
from exports.policies import file_of
from exports.running import run
from exports.workflow import EXPORT_MOVES, EXPORT_WORDS, FAILURE_WORDS, ExportFailure, ExportState
from records.findings import Refused
from records.models import TrailEntry
from records.sign_of_life import sign_of_life
from tests.cast import START, make_person
from tests.exports.conftest import Files, Trial
from tests.workers import wait_until


def request_all(trial: Trial, **changed: Any) -> ExportJob:
    facts = {"access": trial.access, "sites": None, "historical": False, "by": trial.by, "now": START}
    return actions.request_export(**{**facts, **changed})


def again(job: ExportJob) -> ExportJob:
    return ExportJob.objects.get(pk=job.pk)


def test_an_export_runs_to_its_file(trial: Trial) -> None:
    job = request_all(trial)
    run(job.pk)
    job = again(job)
    raw = file_of(job).read_bytes()
    assert (job.status, job.attempts, job.size) == (ExportState.DONE, 1, len(raw))
    assert job.sha256 == hashlib.sha256(raw).hexdigest()
    files = Files(raw)
    assert files.manifest["rows"] == job.rows
    assert files.manifest["requested_by"] == {"user_id": trial.data_manager.pk, "role": "DATA_MANAGER"}
    assert files.manifest["data_as_of"] == job.data_as_of.isoformat(timespec="microseconds")
    assert [row["SUBJID"] for row in files.rows("participants.csv")] == ["01-001", "02-001"]
    assert [path.name for path in trial.folder.iterdir()] == [job.file_name]
    assert file_of(job).stat().st_mode & 0o777 == 0o600
    assert trial.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.line("A6")
def test_the_trail_says_who_exported_what_when_how_many_rows_and_the_hash(trial: Trial) -> None:
    job = request_all(trial, sites=[trial.sites[0]])
    run(job.pk)
    job = again(job)
    entries = TrailEntry.objects.filter(relation="exports_exportjob", record_id=str(job.pk)).order_by("id")
    asked, *_begun, ended = entries
    assert (asked.operation, asked.person_id, asked.role) == ("INSERT", trial.data_manager.pk, "DATA_MANAGER")
    assert asked.changes["site_ids"] == [None, [trial.sites[0].pk]]
    assert asked.changes["requested_at"][1].startswith("2026-09-01T02:00:00")
    assert (ended.operation, ended.role) == ("UPDATE", "SYSTEM")
    assert ended.changes["rows"] == [None, job.rows]
    assert ended.changes["sha256"] == ["", job.sha256]


def test_a_download_is_recorded_and_stays(trial: Trial) -> None:
    job = request_all(trial)
    run(job.pk)
    actions.download(job=again(job), by=trial.by, now=START)
    [taken] = ExportDownload.objects.all()
    assert (taken.job_id, taken.by_id, taken.at) == (job.pk, trial.data_manager.pk, START)
    entry = TrailEntry.objects.get(relation="exports_exportdownload")
    assert (entry.operation, entry.person_id) == ("INSERT", trial.data_manager.pk)
    for statement in (
        "UPDATE exports_exportdownload SET by_id = by_id",
        "DELETE FROM exports_exportdownload",
    ):
        with pytest.raises(ProgrammingError), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM exports_exportjob",
        "UPDATE exports_exportjob SET requested_by_id = requested_by_id",
        "UPDATE exports_exportjob SET site_ids = '{1}'",
        "DELETE FROM exports_exportprogress",
    ],
)
def test_what_was_asked_for_cannot_be_removed_or_rewritten(statement: str, db: None) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "facts",
    [
        {"scope": "ALL", "site_ids": [1]},
        {"scope": "SITES", "site_ids": []},
        {"status": "DONE"},
        {"status": "READY"},
        {"status": "FAILED", "finished_at": START},
        {"status": "CANCELLED"},
        {"rows": 3},
    ],
)
def test_the_database_refuses_an_export_that_makes_no_sense(facts: dict[str, Any], db: None) -> None:
    person = make_person("somebody")
    whole = {"requested_at": START, "requested_by": person, "requested_as": "DATA_MANAGER", "scope": "ALL"}
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.create(**{**whole, **facts})


def test_a_file_that_changed_or_went_away_is_not_handed_out(trial: Trial) -> None:
    job = request_all(trial)
    run(job.pk)
    job = again(job)
    file_of(job).write_bytes(b"something else")
    with pytest.raises(Refused, match="changed"):
        actions.download(job=job, by=trial.by, now=START)
    file_of(job).unlink()
    with pytest.raises(Refused, match="no longer kept"):
        actions.download(job=job, by=trial.by, now=START)
    assert ExportDownload.objects.count() == 0


def test_told_twice_an_export_is_written_once(trial: Trial) -> None:
    job = request_all(trial)
    run(job.pk)
    before = again(job)
    run(job.pk)
    assert vars(again(job)) | {"_state": None} == vars(before) | {"_state": None}


def test_a_job_another_worker_is_at_is_left_alone(trial: Trial) -> None:
    job = request_all(trial)
    with sign_of_life(SIGN_OF_LIFE, job.pk) as reader:
        assert reader is not None
        run(job.pk)
        assert again(job).status == ExportState.QUEUED
        actions.begin(job_id=job.pk, by=SYSTEM, now=START)
        assert actions.take_up_again(by=SYSTEM, now=START) == []
    assert again(job).status == ExportState.RUNNING


def test_a_job_whose_worker_is_gone_is_queued_and_written_again(trial: Trial) -> None:
    job = request_all(trial)
    with sign_of_life(SIGN_OF_LIFE, job.pk):
        actions.begin(job_id=job.pk, by=SYSTEM, now=START)
    assert actions.take_up_again(by=SYSTEM, now=START) == [job.pk]
    assert again(job).status == ExportState.QUEUED
    assert actions.take_up_again(by=SYSTEM, now=START) == []
    run(job.pk)
    assert (again(job).status, again(job).attempts) == (ExportState.DONE, 2)


def test_a_message_delivered_again_after_a_crash_is_enough(trial: Trial) -> None:
    job = request_all(trial)
    actions.begin(job_id=job.pk, by=SYSTEM, now=START)
    run(job.pk)
    assert (again(job).status, again(job).attempts) == (ExportState.DONE, 2)


def test_a_message_that_was_lost_is_sent_again_after_a_while(trial: Trial) -> None:
    job = request_all(trial)
    soon, later = START + timedelta(minutes=9), START + timedelta(minutes=10)
    assert actions.take_up_again(by=SYSTEM, now=soon) == []
    assert actions.take_up_again(by=SYSTEM, now=later) == [job.pk]
    assert actions.take_up_again(by=SYSTEM, now=later) == []


def test_after_three_lost_workers_an_export_fails(trial: Trial) -> None:
    job = request_all(trial)
    for _attempt in range(3):
        actions.begin(job_id=job.pk, by=SYSTEM, now=START)
    run(job.pk)
    job = again(job)
    assert (job.status, job.failure, job.attempts) == (ExportState.FAILED, "ATTEMPTS", 3)
    assert "stopped several times" in job.failure_words.en


def test_a_disk_that_refuses_fails_the_export_with_that_reason(
    trial: Trial, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "a file").write_text("in the way")
    settings.EXPORT_ROOT = str(tmp_path / "a file")
    job = request_all(trial)
    run(job.pk)
    job = again(job)
    assert (job.status, job.failure) == (ExportState.FAILED, "STORAGE")
    assert job.failure_detail == "FileExistsError: File exists"


def interrupting(monkeypatch: pytest.MonkeyPatch, at_first_report: Callable[[], None]) -> None:
    """Let something happen in the middle of the writing: at the first report of progress."""
    told = running.Reporter.__call__
    happened = []

    def report(self: running.Reporter, table: str, done: int, total: int) -> None:
        if not happened:
            happened.append(True)
            at_first_report()
        self._told = 0.0
        told(self, table, done, total)

    monkeypatch.setattr(running.Reporter, "__call__", report)


def test_a_cancelled_export_stops_and_leaves_no_file(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    job = request_all(trial)
    interrupting(monkeypatch, lambda: actions.cancel(job_id=job.pk, by=trial.by, now=START))
    run(job.pk)
    job = again(job)
    assert (job.status, job.finished_by) == (ExportState.CANCELLED, trial.data_manager)
    assert list(trial.folder.iterdir()) == []
    run(job.pk)
    assert again(job).status == ExportState.CANCELLED


def test_an_export_sees_one_moment_of_the_data(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    job = request_all(trial)

    def meanwhile() -> None:
        Site.objects.filter(code="01").update(name_en="Renamed while it was written")
        make_person("late")

    interrupting(monkeypatch, meanwhile)
    run(job.pk)
    assert [row["NAME_EN"] for row in Files(file_of(job).read_bytes()).rows("sites.csv")] == [
        "Hospital 01",
        "Hospital 02",
    ]


def test_progress_is_seen_while_it_is_written(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    job = request_all(trial)
    interrupting(monkeypatch, lambda: None)
    run(job.pk)
    progress = ExportProgress.objects.get(job=job)
    assert progress.rows_done == progress.rows_total == again(job).rows
    assert progress.percent == 100


def test_the_snapshot_cannot_write(trial: Trial) -> None:
    reader = connection.copy()
    try:
        with (
            pytest.raises(Exception, match="read-only transaction"),
            writing.snapshot(reader),
            reader.cursor() as cursor,
        ):
            cursor.execute("UPDATE exports_exportprogress SET rows_done = 0")
    finally:
        reader.close()


def test_an_error_that_is_no_refusal_leaves_the_job_to_the_sweep(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request_all(trial)

    def break_down() -> None:
        raise psycopg2.OperationalError("server closed the connection")

    interrupting(monkeypatch, break_down)
    with pytest.raises(psycopg2.OperationalError):
        run(job.pk)
    assert again(job).status == ExportState.RUNNING
    assert list(trial.folder.iterdir()) == []
    # The server takes a moment to notice that the connection, and with it the sign of life, is gone.
    wait_until(lambda: actions.take_up_again(by=SYSTEM, now=START) == [job.pk], "the job is taken up again")


def test_a_person_exports_their_own_sites_only(trial: Trial) -> None:
    own, other = trial.sites
    person = make_person("one_site", Role.DATA_MANAGER, own)
    access = Access.of(person, date(2026, 9, 1))
    by = access.actor(Permission.EXPORT, None)
    job = request_all(trial, access=access, by=by, sites=[own])
    assert job.site_ids == [own.pk]
    for sites in (None, [other], [own, other]):
        with pytest.raises(PermissionDenied):
            request_all(trial, access=access, by=by, sites=sites)
    with pytest.raises(Refused, match="at least one site"):
        request_all(trial, access=access, by=by, sites=[])


def test_states_moves_and_words_are_complete() -> None:
    assert set(EXPORT_MOVES) == set(EXPORT_WORDS) == set(ExportState)
    assert set(FAILURE_WORDS) == set(ExportFailure)
    assert {state for state, moves in EXPORT_MOVES.items() if not moves} == {
        ExportState.DONE,
        ExportState.FAILED,
        ExportState.CANCELLED,
    }

"""The audit trail exported by the worker: every row with person and reason, under filters, within one's sites."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.access import NOBODY, SYSTEM, Access, Permission
from accounts.attribution import attributed
from accounts.models import Role, User
from audit.filters import TrailFilter
from exports import actions
from exports.models import ExportDownload, ExportJob
from exports.policies import file_of
from exports.running import run
from exports.trail_file import COLUMNS
from participants.models import MedicalHistory, Visit
from records import clock
from records.models import TrailEntry
from tests.browsing import at_the_desk
from tests.cast import START, actor, make_person
from tests.exports.conftest import Files, Trial


@pytest.fixture
def changed(trial: Trial) -> Trial:
    """Both participants have a history, corrected once with a reason."""
    for participant in trial.participants:
        person = User.objects.get(username=f"coordinator{participant.site.code}")
        by = actor(person, Permission.ENTER_DATA, participant.site)
        visit = Visit.objects.get(participant=participant, code="SCR")
        with attributed(by):
            form = MedicalHistory.objects.create(
                participant=participant, visit=visit, repeat=1, cirrh="Y", entered_at=START, entered_by=person
            )
        with attributed(by, 'read the wrong line,\nsee "page 2"'):
            MedicalHistory.objects.filter(pk=form.pk).update(cirrh="N")
    return trial


def exported(person: User, **asked: str) -> tuple[ExportJob, Files]:
    access = Access.of(person, clock.today())
    by = access.actor(Permission.SEE_TRAIL, None)
    job = actions.request_trail(access=access, asked=TrailFilter.of(asked), by=by, now=START)
    run(job.pk)
    job = ExportJob.objects.get(pk=job.pk)
    return job, Files(file_of(job).read_bytes())


@pytest.mark.line("A8")
def test_the_whole_trail_has_a_row_for_each_change_of_each_column(changed: Trial) -> None:
    entries = {entry.pk: entry for entry in TrailEntry.objects.all()}
    job, files = exported(changed.data_manager)
    rows = files.rows("trail.csv")
    assert files.table("trail.csv")[0] == list(COLUMNS)
    assert {int(row["ENTRY"]) for row in rows} >= {pk for pk, entry in entries.items() if entry.changes}
    assert (job.rows, files.manifest["rows"]) == (len(rows), len(rows))
    assert files.manifest["entries"] >= len(entries)
    assert job.sha256 == hashlib.sha256(file_of(job).read_bytes()).hexdigest()
    assert [row["COLUMN"] for row in files.rows("columns.csv")] == list(COLUMNS)


@pytest.mark.line("M9")
def test_a_row_names_person_role_reason_and_both_values_as_code_and_in_words(changed: Trial) -> None:
    _job, files = exported(changed.data_manager, form="MH", participant="01-001")
    (row,) = [row for row in files.rows("trail.csv") if row["OPERATION"] == "UPDATE"]
    wanted = {
        "SITE": "01", "SUBJID": "01-001", "KIND": "data", "FORM": "MH", "FIELD": "cirrh", "OLD": "Y", "NEW": "N",
        "OLD_EN": "Yes", "NEW_EN": "No", "NEW_ZH": "否", "USERNAME": "coordinator01", "NAME": "Coordinator01",
        "ROLE": "COORDINATOR", "ROLE_EN": "Site coordinator", "ACTED_AT_SITE": "01",
        "REASON": "read the wrong line,\nsee \"page 2\"",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert row["AT_UTC"].endswith("+00:00")
    assert row["AT_SHANGHAI"].endswith("+08:00")


def test_an_export_of_the_trail_keeps_to_the_sites_and_filters_it_was_asked_for(changed: Trial) -> None:
    monitor = make_person("monitor", Role.MONITOR, changed.sites[0])
    job, files = exported(monitor)
    assert (job.scope, job.site_ids) == ("SITES", [changed.sites[0].pk])
    assert {row["SUBJID"] for row in files.rows("trail.csv")} == {"01-001"}
    job, files = exported(monitor, form="MH", kind="data")
    assert job.filters == {"form": "MH", "kind": "data"}
    assert {row["FORM"] for row in files.rows("trail.csv")} == {"MH"}
    assert files.manifest["filters"]["form"] == "MH"


def test_the_export_itself_and_its_download_stand_in_the_trail(changed: Trial) -> None:
    job, _files = exported(changed.data_manager, form="MH")
    asked, *_begun, done = TrailEntry.objects.filter(
        relation="exports_exportjob", record_id=str(job.pk)
    ).order_by("id")
    assert (asked.person_id, asked.changes["filters"][1]) == (changed.data_manager.pk, {"form": "MH"})
    assert done.changes["sha256"][1] == job.sha256
    assert done.changes["rows"][1] == job.rows
    actions.download(job=job, by=changed.by, now=START)
    taken = TrailEntry.objects.get(relation="exports_exportdownload")
    assert (taken.person_id, taken.changes["job_id"][1]) == (changed.data_manager.pk, job.pk)


def test_nobody_exports_the_trail_without_reading_it(trial: Trial) -> None:
    with pytest.raises(PermissionDenied):
        actions.request_trail(access=NOBODY, asked=TrailFilter(), by=SYSTEM, now=START)


def test_another_persons_export_of_the_trail_is_not_there(changed: Trial) -> None:
    monitor = make_person("monitor", Role.MONITOR, changed.sites[0])
    job, _files = exported(monitor)
    colleague = at_the_desk(make_person("colleague", Role.MONITOR, changed.sites[0]))
    elsewhere = at_the_desk(make_person("elsewhere", Role.DATA_MANAGER, changed.sites[1]))
    for desk in (colleague, elsewhere):
        assert desk.get(reverse("exports:trail_state", args=[job.pk])).status_code == 404
        assert desk.get(reverse("exports:trail_download", args=[job.pk])).status_code == 404
    assert ExportDownload.objects.count() == 0
    for person in (monitor, changed.data_manager):
        answer: Any = at_the_desk(person).get(reverse("exports:trail_download", args=[job.pk]))
        assert b"".join(answer.streaming_content) == file_of(job).read_bytes()
    assert ExportDownload.objects.count() == 2


def test_an_export_of_the_trail_is_not_one_of_the_data_and_the_other_way_round(changed: Trial) -> None:
    trail, _files = exported(changed.data_manager)
    data = actions.request_export(
        access=changed.access, sites=None, historical=False, by=changed.by, now=START
    )
    desk = at_the_desk(changed.data_manager)
    assert desk.get(reverse("exports:download", args=[trail.pk])).status_code == 404
    assert desk.get(reverse("exports:trail_state", args=[data.pk])).status_code == 404


def test_the_page_requests_with_the_filters_of_its_address(
    changed: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr("exports.views.write_export.delay", told.append)
    desk = at_the_desk(changed.data_manager)
    assert 'name="form" value="MH"' in desk.get("/exports/trail/?form=MH").content.decode()
    assert desk.post("/exports/trail/", {"form": "MH"}).status_code == 302
    job = ExportJob.objects.get()
    assert (job.content, job.filters, job.requested_as) == ("TRAIL", {"form": "MH"}, "DATA_MANAGER")
    assert told == [job.pk]

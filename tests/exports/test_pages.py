"""Who may open the export pages and files, and what the pages show."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import SYSTEM, Access, Permission
from accounts.models import Role, Site, User
from exports import actions
from exports.models import ExportDownload, ExportJob
from exports.policies import file_of
from participants.models import Participant
from records import clock
from tests.cast import START, make_person

CONTENT = b"PK a ZIP"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.EXPORT_ROOT = str(tmp_path)
    return tmp_path


def request_by(user: User, *sites: Site) -> ExportJob:
    access = Access.of(user, clock.today())
    return actions.request_export(
        access=access,
        sites=sites or None,
        historical=False,
        by=access.actor(Permission.EXPORT, None),
        now=START,
    )


def finished(job: ExportJob) -> ExportJob:
    actions.begin(job_id=job.pk, by=SYSTEM, now=START)
    file_of(job).write_bytes(CONTENT)
    return actions.finish(
        job_id=job.pk,
        rows=1234,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        file_name=file_of(job).name,
        by=SYSTEM,
        now=START,
    )


def pages_of(job: ExportJob) -> list[tuple[str, str]]:
    return [
        ("get", reverse("exports:list")),
        ("post", reverse("exports:list")),
        ("get", reverse("exports:state", args=[job.pk])),
        ("post", reverse("exports:cancel", args=[job.pk])),
        ("get", reverse("exports:download", args=[job.pk])),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DATA_MANAGER])
def test_every_other_role_is_refused_at_pages_and_files(
    role: Role, client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    job = finished(request_by(data_manager))
    client.force_login(make_person("other", role, None if role == Role.SYSTEM_ADMINISTRATOR else site))
    for method, address in pages_of(job):
        assert getattr(client, method)(address).status_code == 403
    assert ExportDownload.objects.count() == 0
    assert ExportJob.objects.count() == 1


def test_without_a_role_or_a_sign_in_there_is_nothing(
    client: Client, data_manager: User, at_start: None
) -> None:
    job = finished(request_by(data_manager))
    for method, address in pages_of(job):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("login"))
    client.force_login(make_person("nobody"))
    for method, address in pages_of(job):
        assert getattr(client, method)(address).status_code == 403


def test_an_export_that_reaches_beyond_ones_sites_is_not_there(
    client: Client, data_manager: User, site: Site, other_site: Site, at_start: None
) -> None:
    own = request_by(data_manager, site)
    beyond = [
        request_by(data_manager),
        request_by(data_manager, other_site),
        request_by(data_manager, site, other_site),
    ]
    client.force_login(make_person("one_site", Role.DATA_MANAGER, site))
    for job in beyond:
        for method, address in pages_of(finished(job))[2:]:
            assert getattr(client, method)(address).status_code == 404
    file = client.get(reverse("exports:download", args=[finished(own).pk]))
    assert b"".join(file.streaming_content) == CONTENT
    shown = client.get(reverse("exports:list")).content.decode()
    assert [job.pk for job in [own, *beyond] if f'id="export-{job.pk}"' in shown] == [own.pk]
    for sites in ([other_site.pk], [site.pk, other_site.pk]):
        assert client.post(reverse("exports:list"), {"sites": sites}).status_code == 422
    assert client.post(reverse("exports:list"), {"scope": "all", "sites": []}).status_code == 422
    assert ExportJob.objects.count() == 4


def test_a_data_manager_requests_watches_and_takes_the_file(
    client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    client.force_login(data_manager)
    answer = client.post(reverse("exports:list"), {"scope": "some", "sites": [site.pk]})
    assert answer.status_code == 302
    job = ExportJob.objects.get()
    assert (job.scope, job.site_ids, job.requested_by, job.requested_as) == (
        "SITES",
        [site.pk],
        data_manager,
        "DATA_MANAGER",
    )
    state = reverse("exports:state", args=[job.pk])
    waiting = client.get(state).content.decode()
    assert f'hx-get="{state}" hx-trigger="load delay:1s"' in waiting
    assert "Waiting for the worker" in waiting
    finished(job)
    ready = client.get(state).content.decode()
    assert "hx-get" not in ready
    assert reverse("exports:download", args=[job.pk]) in ready
    assert hashlib.sha256(CONTENT).hexdigest() in ready
    file = client.get(reverse("exports:download", args=[job.pk]))
    assert b"".join(file.streaming_content) == CONTENT
    name = f"NCT07070076-export-{job.pk:06d}-20260901-fictitious.zip"
    assert file["Content-Disposition"] == f'attachment; filename="{name}"'
    assert (file["Content-Type"], "no-store" in file["Cache-Control"]) == ("application/zip", True)
    assert [taken.by for taken in ExportDownload.objects.all()] == [data_manager]


def test_a_running_export_shows_how_far_it_is(client: Client, data_manager: User, at_start: None) -> None:
    job = request_by(data_manager)
    actions.begin(job_id=job.pk, by=SYSTEM, now=START)
    job.progress.__class__.objects.update(table="LB", rows_done=30, rows_total=120)
    client.force_login(data_manager)
    shown = client.get(reverse("exports:state", args=[job.pk])).content.decode()
    assert "30 of 120 rows, now LB" in shown
    assert '<progress max="100" value="25"' in shown


def test_an_export_under_way_can_be_cancelled_and_an_ended_one_not(
    client: Client, data_manager: User, at_start: None
) -> None:
    job = request_by(data_manager)
    client.force_login(data_manager)
    client.post(reverse("exports:cancel", args=[job.pk]))
    job.refresh_from_db()
    assert (job.status, job.finished_by) == ("CANCELLED", data_manager)
    answer = client.post(reverse("exports:cancel", args=[job.pk]), follow=True)
    assert "cannot become" in answer.content.decode()


def test_a_file_that_is_gone_is_said_to_be(client: Client, data_manager: User, at_start: None) -> None:
    job = finished(request_by(data_manager))
    file_of(job).unlink()
    client.force_login(data_manager)
    answer = client.get(reverse("exports:download", args=[job.pk]), follow=True)
    assert "no longer kept" in answer.content.decode()


def test_a_request_without_a_site_is_sent_back_with_a_sentence(
    client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    client.force_login(data_manager)
    answer = client.post(reverse("exports:list"), {"scope": "some"})
    assert (answer.status_code, ExportJob.objects.count()) == (422, 0)
    assert "Choose at least one site." in answer.content.decode()


def test_every_choice_has_a_label_of_its_own(
    client: Client, data_manager: User, site: Site, other_site: Site
) -> None:
    client.force_login(data_manager)
    shown = client.get(reverse("exports:list")).content.decode()
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    labels = re.findall(r'<label [^>]*for="([^"]+)"', shown)
    of_the_request = [name for name in labels if name.startswith("id_")]
    assert len(of_the_request) == len(set(of_the_request))
    assert {"id_scope_0", "id_scope_1", "id_sites_0", "id_sites_1", "id_historical"} < set(of_the_request)
    asked = set(re.findall(r'<input class="form-(?:check-input|control)[^"]*"[^>]* id="(id_[^"]+)"', shown))
    assert asked == set(of_the_request)
    assert set(labels) < set(ids)


def test_the_page_speaks_chinese(client: Client, data_manager: User, participant: Participant) -> None:
    finished(request_by(data_manager))
    data_manager.language = "zh-hans"
    client.force_login(data_manager)
    client.cookies["django_language"] = "zh-hans"
    shown = client.get(reverse("exports:list")).content.decode()
    assert "申请导出" in shown
    assert "Request an export" not in shown
    assert "已生成" in shown


def test_the_list_takes_a_constant_number_of_queries(
    client: Client, data_manager: User, at_start: None
) -> None:
    client.force_login(data_manager)
    counts = []
    for exports in (1, 9):
        for _export in range(exports):
            finished(request_by(data_manager))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("exports:list")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10

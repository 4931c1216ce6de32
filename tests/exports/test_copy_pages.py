"""Who may open the pages of certified copies, and what they show."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, Access, Permission
from accounts.models import Role, Site, User
from exports import actions
from exports.certified.writing import VERIFY
from exports.models import ExportDownload, ExportJob
from exports.policies import file_of
from records import clock
from tests.cast import START, make_person

CONTENT = b"PK a copy"
MANIFEST = "ab" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.EXPORT_ROOT = str(tmp_path)
    return tmp_path


def copy_by(user: User, site: Site) -> ExportJob:
    access = Access.of(user, clock.today())
    by = access.actor(Permission.TAKE_COPY, site.pk)
    return actions.request_copy(access=access, site=site, casebooks=True, by=by, now=START)


def finished(job: ExportJob) -> ExportJob:
    actions.begin(job_id=job.pk, by=SYSTEM, now=START)
    file_of(job).write_bytes(CONTENT)
    actions.finish_copy(
        job_id=job.pk,
        manifest_sha256=MANIFEST,
        rows=1234,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        file_name=file_of(job).name,
        by=SYSTEM,
        now=START,
    )
    return ExportJob.objects.get(pk=job.pk)


def pages_of(job: ExportJob) -> list[tuple[str, str]]:
    return [
        ("get", reverse("exports:copies")),
        ("post", reverse("exports:copies")),
        ("get", reverse("exports:copy_script")),
        ("get", reverse("exports:copy_state", args=[job.pk])),
        ("post", reverse("exports:copy_cancel", args=[job.pk])),
        ("get", reverse("exports:copy_download", args=[job.pk])),
    ]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.SYSTEM_ADMINISTRATOR])
def test_roles_without_the_right_are_refused_everywhere(
    role: Role, client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    job = finished(copy_by(data_manager, site))
    client.force_login(make_person("other", role, None if role == Role.SYSTEM_ADMINISTRATOR else site))
    for method, address in pages_of(job):
        assert getattr(client, method)(address).status_code == 403
    assert (ExportDownload.objects.count(), ExportJob.objects.count()) == (0, 1)


def test_without_a_sign_in_there_is_nothing(
    client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    job = finished(copy_by(data_manager, site))
    for method, address in pages_of(job):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("login"))


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_another_sites_copy_is_not_there(
    role: Role, client: Client, data_manager: User, site: Site, other_site: Site, at_start: None
) -> None:
    own, other = finished(copy_by(data_manager, site)), finished(copy_by(data_manager, other_site))
    client.force_login(make_person("own", role, site))
    for method, address in pages_of(other)[3:]:
        assert getattr(client, method)(address).status_code == 404
    shown = client.get(reverse("exports:copies")).content.decode()
    assert f'id="copy-{own.pk}"' in shown and f'id="copy-{other.pk}"' not in shown
    assert other_site.name_en not in shown
    for posted in ({"site": other_site.pk}, {"site": "all"}, {}):
        assert client.post(reverse("exports:copies"), posted).status_code == 404
    assert ExportJob.objects.count() == 2
    file = client.get(reverse("exports:copy_download", args=[own.pk]))
    assert b"".join(file.streaming_content) == CONTENT


@pytest.mark.line("I1")
@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_one_click_takes_a_copy(role: Role, client: Client, site: Site, at_start: None) -> None:
    person = make_person("own", role, site)
    client.force_login(person)
    shown = client.get(reverse("exports:copies")).content.decode()
    assert re.findall(r'<button [^>]*name="site" value="(\d+)"', shown) == [str(site.pk)]
    assert 'id="id_casebooks" checked' in shown
    answer = client.post(reverse("exports:copies"), {"site": site.pk, "casebooks": "on"})
    assert answer.status_code == 302
    job = ExportJob.objects.get()
    assert (job.requested_by, job.requested_as, job.site_ids) == (person, role, [site.pk])
    assert job.copy.casebooks
    state = reverse("exports:copy_state", args=[job.pk])
    assert f'hx-get="{state}"' in client.get(state).content.decode()
    finished(job)
    ready = client.get(state).content.decode()
    assert MANIFEST in ready and hashlib.sha256(CONTENT).hexdigest() in ready and "hx-get" not in ready
    file = client.get(reverse("exports:copy_download", args=[job.pk]))
    assert b"".join(file.streaming_content) == CONTENT
    assert file["Content-Disposition"] == (
        f'attachment; filename="NCT07070076-copy-site01-{job.pk:06d}-20260901-fictitious.zip"'
    )
    assert "no-store" in file["Cache-Control"]
    assert [taken.by for taken in ExportDownload.objects.all()] == [person]


def test_a_copy_is_no_export_and_an_export_no_copy(
    client: Client, data_manager: User, site: Site, at_start: None
) -> None:
    copy = finished(copy_by(data_manager, site))
    access = Access.of(data_manager, clock.today())
    export = actions.request_export(
        access=access, sites=[site], historical=False, by=access.actor(Permission.EXPORT, None), now=START
    )
    client.force_login(data_manager)
    assert client.get(reverse("exports:download", args=[copy.pk])).status_code == 404
    assert client.get(reverse("exports:copy_state", args=[export.pk])).status_code == 404
    assert f'id="export-{copy.pk}"' not in client.get(reverse("exports:list")).content.decode()
    assert f'id="copy-{export.pk}"' not in client.get(reverse("exports:copies")).content.decode()


def test_a_copy_under_way_can_be_cancelled(
    client: Client, investigator: User, site: Site, at_start: None
) -> None:
    job = copy_by(investigator, site)
    client.force_login(investigator)
    client.post(reverse("exports:copy_cancel", args=[job.pk]))
    job.refresh_from_db()
    assert (job.status, job.finished_by) == ("CANCELLED", investigator)
    answer = client.post(reverse("exports:copy_cancel", args=[job.pk]), follow=True)
    assert "cannot become" in answer.content.decode()


def test_a_file_that_is_gone_is_said_to_be(
    client: Client, investigator: User, site: Site, at_start: None
) -> None:
    job = finished(copy_by(investigator, site))
    file_of(job).unlink()
    client.force_login(investigator)
    answer = client.get(reverse("exports:copy_download", args=[job.pk]), follow=True)
    assert "no longer kept" in answer.content.decode()


def test_the_script_comes_from_the_server_too(client: Client, investigator: User) -> None:
    client.force_login(investigator)
    answer = client.get(reverse("exports:copy_script"))
    assert b"".join(answer.streaming_content) == VERIFY.read_bytes()


def test_the_page_speaks_chinese(client: Client, investigator: User, site: Site, at_start: None) -> None:
    finished(copy_by(investigator, site))
    investigator.language = "zh-hans"
    client.force_login(investigator)
    client.cookies["django_language"] = "zh-hans"
    shown = client.get(reverse("exports:copies")).content.decode()
    assert "核证副本" in shown and "获取01 第01医院的副本" in shown
    assert "Certified" not in shown and "Take a copy" not in shown

"""A site's certified copy: what is in it, whose, at which moment, and that nothing of another site is."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction

from accounts.access import Access, Actor, Permission
from accounts.attribution import attributed
from accounts.models import Role, SignInEvent
from exports import actions
from exports.actions import SIGN_OF_LIFE
from exports.certified import writing
from exports.certified.scope import LEFT_OUT, OF_THE_TRIAL, Scope, undeclared
from exports.certified.writing import write_copy
from exports.models import ExportJob, SiteCopy
from exports.policies import file_of
from exports.running import run
from exports.snapshots import same_snapshot
from exports.trial_tables import tables_of_export
from exports.writing import snapshot
from participants.actions.files import path_of
from participants.models import Participant
from records.install import installed_models
from records.models import StudySetting, TrailEntry
from records.sign_of_life import sign_of_life
from tests.cast import START, actor, make_participant, make_person
from tests.exports.certified import TwoSites, files_of, two_sites
from tests.exports.conftest import Files, stamp


@pytest.fixture
def trial(own_database: str, tmp_path: Path, settings: Any) -> TwoSites:
    return two_sites(tmp_path, settings)


@pytest.mark.line("I1")
def test_a_copy_holds_every_table_of_the_export_and_every_stored_table_of_the_site(trial: TwoSites) -> None:
    files = files_of(trial.take())
    for table in tables_of_export(historical=True):
        assert files.table(f"data/{table.file}")[0] == table.header
    for model, _belonging in Scope(trial.sites[0].pk).tables:
        assert f"tables/{model._meta.db_table}.csv" in files.names
    assert [row["SUBJID"] for row in files.rows("data/participants.csv")] == ["01-001"]
    assert [row["FORMSTATE"] for row in files.rows("data/forms/DM.csv")] == ["DRAFT"]
    [consent] = files.rows("tables/participants_consentversion.csv")
    assert (consent["version"], consent["approved_on"]) == ("1.0", "2026-07-01")
    [stored] = files.rows("tables/participants_participant.csv")
    assert (stored["number"], stored["registered_by_id"]) == ("01-001", str(trial.staff[0].pk))


def test_the_manifest_says_whose_copy_it_is_and_every_file(trial: TwoSites) -> None:
    job = trial.take()
    files = files_of(job)
    manifest = files.manifest
    assert manifest["site"] == {"code": "01", "name_en": "Hospital 01", "name_zh": "第01医院"}
    assert manifest["fictitious"] is True
    assert manifest["taken_by"] == {
        "account": trial.investigators[0].pk,
        "name": "Ada-Investigates",
        "role": "INVESTIGATOR",
    }
    assert manifest["data_as_of"] == job.data_as_of.isoformat(timespec="microseconds")
    assert manifest["software"]["version"]
    assert manifest["doubts"] == []
    listed = {entry["name"]: entry for entry in manifest["files"]}
    assert set(listed) | {"manifest.json"} == set(files.names)
    assert list(listed) == sorted(listed)
    for name, entry in listed.items():
        raw = files.zip.read(name)
        assert (entry["sha256"], entry["bytes"]) == (hashlib.sha256(raw).hexdigest(), len(raw))
        if name.endswith(".csv"):
            assert entry["rows"] == len(files.table(name)) - 1, name
    assert manifest["rows"] == sum(entry["rows"] or 0 for entry in listed.values()) == job.rows


@pytest.mark.line("I1")
def test_the_manifests_hash_stands_in_the_trail(trial: TwoSites) -> None:
    job = trial.take()
    digest = hashlib.sha256(files_of(job).zip.read("manifest.json")).hexdigest()
    assert job.copy.manifest_sha256 == digest
    asked, ended = TrailEntry.objects.filter(relation="exports_sitecopy").order_by("id")
    assert (asked.operation, asked.person_id, asked.role) == (
        "INSERT",
        trial.investigators[0].pk,
        "INVESTIGATOR",
    )
    assert (ended.operation, ended.changes) == ("UPDATE", {"manifest_sha256": ["", digest]})
    [copied] = TrailEntry.objects.filter(relation="exports_exportjob", operation="INSERT")
    assert copied.changes["site_ids"] == [None, [trial.sites[0].pk]]


@pytest.mark.slow
def test_nothing_of_another_site_stands_in_a_copy(trial: TwoSites) -> None:
    for place, other in ((0, 1), (1, 0)):
        files = files_of(trial.take(place, casebooks=True))
        number = trial.participants[other].number
        strange = [
            number,
            {0: "QQA", 1: "XXB"}[other],
            trial.sites[other].name_en,
            trial.sites[other].name_zh,
            trial.staff[other].username,
            trial.staff[other].full_name,
            trial.investigators[other].username,
            trial.investigators[other].full_name,
            trial.files[other].key,
            trial.files[other].sha256,
        ]
        for name in files.names:
            content = files.zip.read(name)
            found = [word for word in strange if word.encode() in content or word in name]
            assert found == [], name
        everything = b"".join(files.zip.read(name) for name in files.names)
        own = [trial.participants[place].number, trial.staff[place].full_name, trial.files[place].sha256]
        assert all(word.encode() in everything for word in own)
        # A PDF is compressed: what is set into it is the page beside it, which was searched above.
        assert [name for name in files.names if name.endswith(".pdf")] == [
            f"casebooks/{trial.participants[place].number}.pdf"
        ]


@pytest.mark.line("R1")
def test_the_trail_is_there_whole_for_the_site_with_persons_and_reasons(trial: TwoSites) -> None:
    by = actor(trial.staff[0], Permission.ENTER_DATA, trial.sites[0])
    with attributed(by, "Misread the form"):
        Participant.objects.filter(pk=trial.participants[0].pk).update(initials="QQB")
    files = files_of(trial.take())
    entries = files.rows("data/trail.csv")
    own = TrailEntry.objects.filter(participant_id=trial.participants[0].pk)
    assert own.count() > 5
    assert own.filter(reason="Misread the form").count() == 1
    kept = {int(row["ID"]): row for row in entries}
    for entry in own:
        row = kept[entry.pk]
        assert json.loads(row["CHANGES"]) == entry.changes
        assert (row["PERSON"], row["ROLE"]) == ("Anna-Coordinates", "COORDINATOR")
        assert (row["SUBJID"], row["REASON"], row["RECORD_ID"]) == ("01-001", entry.reason, entry.record_id)
    assert {row["PARTICIPANT_ID"] for row in entries} == {str(trial.participants[0].pk), ""}
    relations = {row["RELATION"] for row in entries}
    assert {"accounts_site", "accounts_roleheld", "accounts_user", "participants_consentversion"} <= relations
    fields = [row for row in files.rows("data/trail_fields.csv") if row["FIELD"] == "initials"]
    assert [(row["OLD"], row["NEW"], row["PERSON"]) for row in fields] == [
        ("", "QQA", "Anna-Coordinates"),
        ("QQA", "QQB", "Anna-Coordinates"),
    ]
    assert len(files.rows("data/trail_fields.csv")) == sum(len(json.loads(row["CHANGES"])) for row in entries)


def test_rows_that_were_removed_are_in_the_trail_of_their_site_alone(trial: TwoSites) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM participants_consentversion WHERE version = '1.0'")
    for place in (0, 1):
        entries = files_of(trial.take(place)).rows("data/trail.csv")
        gone = [
            json.loads(row["CHANGES"])["site_id"][0]
            for row in entries
            if (row["RELATION"], row["OPERATION"]) == ("participants_consentversion", "DELETE")
        ]
        assert gone == [trial.sites[place].pk]


def test_names_and_roles_stand_beside_account_numbers(trial: TwoSites) -> None:
    make_person("dora-everywhere", Role.DATA_MANAGER)
    files = files_of(trial.take())
    roles = {(row["PERSON"], row["ROLE"], row["SITE"], row["FROM"]) for row in files.rows("data/roles.csv")}
    assert roles == {
        ("Anna-Coordinates", "COORDINATOR", "01", "2026-01-01"),
        ("Ada-Investigates", "INVESTIGATOR", "01", "2026-01-01"),
        ("Dora-Everywhere", "DATA_MANAGER", "", "2026-01-01"),
    }
    persons = {row["PERSON"] for row in files.rows("data/persons.csv")}
    assert persons == {"Anna-Coordinates", "Ada-Investigates", "Dora-Everywhere"}
    [header, *_rows] = files.table("tables/accounts_user.csv")
    assert "full_name" in header and "password" not in header


def test_what_was_asked_of_several_sites_in_words_is_left_out(trial: TwoSites) -> None:
    one, both = [trial.sites[0].pk], [site.pk for site in trial.sites]
    asked = [
        ("SITES", one, {"participant": "01-001"}),
        ("SITES", both, {}),
        ("ALL", [], {}),
        ("SITES", both, {"participant": "02-001"}),
        ("ALL", [], {"participant": "02-001"}),
        ("SITES", both[1:], {}),
    ]
    manager = make_person("dora-everywhere", Role.DATA_MANAGER)
    jobs = [
        ExportJob.objects.create(
            requested_at=START, requested_by=manager, requested_as="DATA_MANAGER", content="TRAIL",
            scope=scope, site_ids=sites, filters=filters,
        )
        for scope, sites, filters in asked
    ]  # fmt: skip
    job = trial.take()
    files = files_of(job)
    copied = [int(row["id"]) for row in files.rows("tables/exports_exportjob.csv")]
    assert copied == [*(known.pk for known in jobs[:3]), job.pk]
    in_trail = {
        int(row["RECORD_ID"])
        for row in files.rows("data/trail.csv")
        if row["RELATION"] == "exports_exportjob"
    }
    assert in_trail == set(copied)


def test_sign_ins_are_those_of_the_sites_staff(trial: TwoSites) -> None:
    for person in (*trial.staff, make_person("dora-everywhere", Role.DATA_MANAGER)):
        SignInEvent.objects.create(kind="SIGNED_IN", at=START, person=person)
    rows = files_of(trial.take()).rows("tables/accounts_signinevent.csv")
    assert [row["person_id"] for row in rows] == [str(trial.staff[0].pk)]


def test_settings_and_schedules_come_with_their_history(trial: TwoSites) -> None:
    manager = make_person("dora-everywhere", Role.DATA_MANAGER)
    StudySetting.objects.create(
        key="sae_amber_hours", version=1, value=12, effective_from=date(2026, 9, 1), reason="earlier",
        set_at=START, set_by=manager,
    )  # fmt: skip
    files = files_of(trial.take())
    [changed] = files.rows("data/study_settings.csv")
    assert (changed["KEY"], changed["VALUE"], changed["REASON"]) == ("sae_amber_hours", "12", "earlier")
    defaults = {row["KEY"]: row["DEFAULT"] for row in files.rows("settings_and_defaults.csv")}
    assert defaults["sae_amber_hours"] == "18"
    assert b"[[visit" in files.zip.read("schedules/v1.toml")


def test_files_are_copied_as_they_were_added(trial: TwoSites) -> None:
    files = files_of(trial.take())
    [name] = [name for name in files.names if name.startswith("files/")]
    assert name == f"files/{trial.files[0].key}"
    assert hashlib.sha256(files.zip.read(name)).hexdigest() == trial.files[0].sha256


def test_a_file_that_changed_or_is_gone_is_named_as_a_doubt(trial: TwoSites) -> None:
    path_of(trial.files[0].key).write_bytes(b"something else")
    changed = files_of(trial.take())
    [doubt] = changed.manifest["doubts"]
    assert trial.files[0].key in doubt["en"] and "not the one" in doubt["en"]
    path_of(trial.files[0].key).unlink()
    gone = files_of(trial.take())
    [doubt] = gone.manifest["doubts"]
    assert "not in its folder" in doubt["en"]
    assert "不在服务器文件夹中" in gone.zip.read("index.html").decode()
    assert not [name for name in gone.names if name.startswith("files/")]


def test_the_pages_show_participants_forms_and_values_without_anything_from_elsewhere(
    trial: TwoSites,
) -> None:
    files = files_of(trial.take())
    index = files.zip.read("index.html").decode()
    person = files.zip.read("participants/01-001.html").decode()
    for page in (index, person):
        assert "虚构数据" in page and "Fictitious data" in page
        assert "<script" not in page and "http" not in page and "src=" not in page
    assert 'href="participants/01-001.html"' in index
    assert f'href="files/{trial.files[0].key}"' in index
    assert "Informed consent" in person and "知情同意" in person
    assert "Anna-Coordinates" in person


def test_a_casebook_that_cannot_be_set_is_a_doubt_and_not_the_end(
    trial: TwoSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: Any, **_facts: Any) -> bytes:
        raise subprocess.TimeoutExpired("typst", 120)

    monkeypatch.setattr(writing, "typeset", refuse)
    files = files_of(trial.take(casebooks=True))
    assert [doubt["en"] for doubt in files.manifest["doubts"]] == [
        "The casebook of 01-001 could not be set as PDF."
    ]
    assert not [name for name in files.names if name.endswith(".pdf")]


def test_the_same_data_files_and_stamp_give_the_same_bytes(trial: TwoSites) -> None:
    job = trial.take()

    def written() -> bytes:
        target = io.BytesIO()
        with sign_of_life(SIGN_OF_LIFE, job.pk) as reader, snapshot(reader):
            write_copy(
                target=target,
                reader=reader,
                seen=partial(same_snapshot, reader),
                stamp=stamp(export=job.pk, data_as_of=START),
                site=trial.sites[0],
                by=Actor(trial.investigators[0], "INVESTIGATOR", trial.sites[0].pk),
                casebooks=True,
                report=lambda table, done, total: None,
            )
        return target.getvalue()

    first = written()
    assert {info.date_time for info in Files(first).zip.infolist()} == {(2026, 9, 1, 2, 0, 0)}
    assert "casebooks/01-001.pdf" in Files(first).names
    assert written() == first


def test_every_file_shows_the_moment_the_copy_was_begun(
    trial: TwoSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = writing._write_words
    by = actor(trial.staff[0], Permission.ENTER_DATA, trial.sites[0])

    def meanwhile(*given: Any) -> None:
        make_participant(trial.sites[0], by, initials="ZZL")
        words(*given)

    monkeypatch.setattr(writing, "_write_words", meanwhile)
    files = files_of(trial.take())
    assert [name for name in files.names if name.startswith("participants/")] == ["participants/01-001.html"]
    assert b"01-002" not in files.zip.read("index.html")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR])
def test_who_holds_no_right_takes_no_copy(trial: TwoSites, role: Role) -> None:
    access = Access.of(make_person("someone", role, trial.sites[0]), date(2026, 9, 1))
    with pytest.raises(PermissionDenied):
        access.actor(Permission.TAKE_COPY, trial.sites[0].pk)
    by = Access.of(trial.investigators[0], date(2026, 9, 1)).actor(Permission.TAKE_COPY, trial.sites[0].pk)
    with pytest.raises(PermissionDenied):
        actions.request_copy(access=access, site=trial.sites[0], casebooks=False, by=by, now=START)


def test_an_investigator_takes_none_of_another_site(trial: TwoSites) -> None:
    access = Access.of(trial.investigators[1], date(2026, 9, 1))
    by = access.actor(Permission.TAKE_COPY, None)
    with pytest.raises(PermissionDenied):
        actions.request_copy(access=access, site=trial.sites[0], casebooks=False, by=by, now=START)
    assert ExportJob.objects.count() == 0


def test_told_twice_a_copy_is_written_once(trial: TwoSites) -> None:
    job = trial.take()
    raw = file_of(job).read_bytes()
    run(job.pk)
    assert file_of(job).read_bytes() == raw


def test_a_copys_hash_cannot_be_anything_else_and_the_copy_stays(db: None) -> None:
    for statement in ("DELETE FROM exports_sitecopy", "UPDATE exports_sitecopy SET casebooks = false"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert SiteCopy.objects.count() == 0


def test_every_table_of_the_trail_is_copied_or_says_why_not() -> None:
    assert undeclared() == [], (
        "Say in exports/certified/scope.py how their rows belong to a site, or why not."
    )


def test_no_table_is_both_copied_and_left_out() -> None:
    copied = {model._meta.db_table for model, _belonging in Scope(1).tables}
    assert copied & set(LEFT_OUT) == set()
    assert set(LEFT_OUT) <= {model._meta.db_table for model in installed_models()}
    assert set(OF_THE_TRIAL) & set(LEFT_OUT) == set()

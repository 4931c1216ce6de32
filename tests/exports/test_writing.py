"""What stands in the files: the rows of the sites asked for, exactly as entered, in bytes that can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from participants.models import MedicalHistory, Participant, Visit
from records.items import items_of
from tests.cast import START, actor, make_participant, make_person
from tests.exports.conftest import Files
from trial_edc.demo.walks import fill

ODD = 'TACE 两次, "前次"\n=1+1 🙂\t\r\nNULL \\. '


@pytest.fixture
def with_history(participant: Participant, by_coordinator: Actor) -> Participant:
    answers = {
        "priortx": "Y",
        "allergy": ["OTHER"],
        "allergys": ODD,
        "etiol": ["HBV", "ALCOHOL"],
        "hccdxdtc": "2026-08",
    }
    fill(
        participant,
        "MH",
        answers,
        by=by_coordinator,
        now=START,
        submit=False,
        missing={"gibyn": "NK"},
        confirmed={"hcctype": "核对过"},
    )
    MedicalHistory.objects.update(hcctype="ICC", confirmed={"hcctype": "核对过"})
    return participant


def test_a_form_stands_in_its_file_as_entered(
    export: Callable[..., Files], with_history: Participant
) -> None:
    [row] = export().rows("forms/MH.csv")
    assert {name: value for name, value in row.items() if value} == {
        "STUDYID": "NCT07070076",
        "SITE": "01",
        "SUBJID": "01-001",
        "VISIT": "SCR",
        "VISITNUM": "10",
        "VISITOCC": "1",
        "REPEAT": "1",
        "FORMSTATE": "DRAFT",
        "REVISION": "1",
        "RULES": "1",
        "ENTERED_AT": "2026-09-01T02:00:00+00:00",
        "HCCDXDTC": "2026-08",
        "HCCTYPE": "ICC",
        "ETIOL": "HBV ALCOHOL",
        "PRIORTX": "Y",
        "ALLERGY": "OTHER",
        "ALLERGYS": ODD,
        "GIBYN_MISSING": "NK",
    }


def test_what_confirmed_an_unusual_value_is_exported(
    export: Callable[..., Files], with_history: Participant
) -> None:
    [row] = export().rows("confirmations.csv")
    assert [row[name] for name in ("SUBJID", "FORM", "VISIT", "REPEAT", "ITEM", "WORDS")] == [
        "01-001",
        "MH",
        "SCR",
        "1",
        "HCCTYPE",
        "核对过",
    ]


def test_the_participants_path_is_exported(export: Callable[..., Files], participant: Participant) -> None:
    files = export()
    [row] = files.rows("participants.csv")
    assert row == {
        "STUDYID": "NCT07070076",
        "SITE": "01",
        "SUBJID": "01-001",
        "INITIALS": "ZQ",
        "STATUS": "SCREENING",
        "ARM": "",
        "REGISTERED_AT": "2026-09-01T02:00:00+00:00",
    }
    assert [row["STATUS"] for row in files.rows("statuses.csv")] == ["SCREENING"]
    assert [(row["ANCHOR"], row["DATE"]) for row in files.rows("anchors.csv")] == [("CONSENT", "2026-09-01")]
    [visit, log] = files.rows("visits.csv")
    assert (log["VISIT"], log["SERIES"], log["FORMS"]) == ("LOG", "LOG", "")
    stored = Visit.objects.get(code="SCR")
    assert (visit["VISIT"], visit["WINDOW_CLOSE"], visit["FORMS"].split(" ")) == (
        "SCR",
        stored.window_close.isoformat(),
        stored.forms,
    )


def test_measurements_carry_unit_and_exact_value(
    export: Callable[..., Files], participant: Participant, by_coordinator: Actor
) -> None:
    answers = {"lbdtc": START, "chemyn": "Y", "tbil": 1, "tbil_u": "mg/dL"}
    fill(participant, "LB", answers, by=by_coordinator, now=START, submit=False)
    [row] = export().rows("forms/LB.csv")
    assert (row["TBIL"], row["TBIL_U"], row["TBIL_SI"]) == ("1.00", "mg/dL", "17.1")
    assert row["LBDTC"] == "2026-09-01T02:00:00+00:00"


def test_each_item_is_given_as_its_definition_gives_it(
    export: Callable[..., Files], with_history: Participant
) -> None:
    record = MedicalHistory.objects.get()
    [row] = export().rows("forms/MH.csv")
    for item in items_of(MedicalHistory):
        assert row[item.name.upper()] == item.exported(getattr(record, item.name))


def test_only_the_sites_asked_for_are_exported(
    export: Callable[..., Files], participant: Participant, site: Site, other_site: Site
) -> None:
    elsewhere = make_person("elsewhere", Role.COORDINATOR, other_site)
    make_participant(other_site, actor(elsewhere, Permission.ENTER_DATA, other_site), initials="XY")
    files = export(other_site)
    for name in ("participants", "statuses", "anchors", "visits", "visit_statuses", "forms/DM"):
        assert {row["SITE"] for row in files.rows(f"{name}.csv")} <= {"02"}
    assert [row["SUBJID"] for row in files.rows("forms/DM.csv")] == ["02-001"]
    assert [row["SITE"] for row in files.rows("sites.csv")] == ["02"]
    assert files.manifest["scope"]["sites"] == ["02"]
    assert [row["SUBJID"] for row in export().rows("forms/DM.csv")] == ["01-001", "02-001"]


def test_the_same_data_give_the_same_bytes(export: Callable[..., Files], with_history: Participant) -> None:
    first = export()
    with connection.cursor() as cursor:  # another physical order of the rows
        cursor.execute("UPDATE participants_medicalhistory SET revision = revision")
    assert export().raw == first.raw
    later = export(data_as_of=START + timedelta(days=1), export=2)
    assert later.manifest["content_sha256"] == first.manifest["content_sha256"]
    assert later.manifest["files"] == first.manifest["files"]


def test_the_manifest_can_be_checked_with_the_files_alone(
    export: Callable[..., Files], with_history: Participant
) -> None:
    files = export()
    manifest = files.manifest
    assert [facts["name"] for facts in manifest["files"]] == files.names[:-1]
    for facts in manifest["files"]:
        raw = files.zip.read(facts["name"])
        assert (facts["bytes"], facts["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
        if facts["rows"] is not None:
            assert facts["rows"] == len(files.table(facts["name"])) - 1
    listing = "".join(f"{facts['sha256']}  {facts['name']}\n" for facts in manifest["files"])
    assert manifest["content_sha256"] == hashlib.sha256(listing.encode()).hexdigest()
    assert manifest["schema_sha256"] == hashlib.sha256(files.zip.read("codebook.csv")).hexdigest()
    data = [
        facts
        for facts in manifest["files"]
        if facts["name"] not in ("README.txt", "codebook.csv", "codes.csv", "read.R")
    ]
    assert manifest["rows"] == sum(facts["rows"] for facts in data)
    assert {
        name: manifest[name] for name in ("study", "format", "export", "requested_at", "requested_by")
    } == {
        "study": "NCT07070076",
        "format": 2,
        "export": 1,
        "requested_at": "2026-09-01T02:00:00+00:00",
        "requested_by": {"user_id": 7, "role": "DATA_MANAGER"},
    }
    assert manifest["data_as_of"] == "2026-09-01T04:05:06.000789+00:00"


def test_progress_counts_up_to_all_rows(export: Callable[..., Files], with_history: Participant) -> None:
    told: list[tuple[str, int, int]] = []
    files = export(report=lambda table, done, total: told.append((table, done, total)))
    assert {total for _table, _done, total in told} == {files.manifest["rows"]}
    done = [done for _table, done, _total in told]
    assert done == sorted(done)
    assert done[-1] == files.manifest["rows"]


def test_files_are_utf8_without_a_byte_order_mark_and_lines_end_in_crlf(
    export: Callable[..., Files], with_history: Participant
) -> None:
    raw = export().zip.read("participants.csv")
    assert raw.startswith(b"STUDYID,SITE,SUBJID,INITIALS,STATUS,ARM,REGISTERED_AT\r\n")
    assert raw.endswith(b"\r\n")


@pytest.mark.line("C1")
def test_a_participants_name_or_telephone_number_is_nowhere(export: Callable[..., Files]) -> None:
    columns = {row["COLUMN"] for row in export().rows("codebook.csv")}
    assert not columns & {"NAME", "FULL_NAME", "PHONE", "EMAIL", "ADDRESS"}


def test_an_export_of_a_demonstration_says_that_its_data_are_fictitious(
    export: Callable[..., Files],
) -> None:
    of_a_demo, real = export(fictitious=True), export()
    assert of_a_demo.zip.read("README.txt").decode().startswith("FICTITIOUS DATA - 虚构数据\n")
    assert of_a_demo.manifest["fictitious"] is True
    assert "FICTITIOUS" not in real.zip.read("README.txt").decode()
    assert real.manifest["fictitious"] is False

"""The pages of imports, as a data manager walks through them, and the report to keep."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from eligibility.models import VitalSigns
from imports.mapping import Column
from imports.models import ImportJob, ImportRow
from imports.running import run
from imports.workflow import ImportState
from participants.models import VisitHeader
from tests.browsing import Page, at_the_desk
from tests.cast import make_person
from tests.imports.desk import Desk, again, csv_bytes

HEAD = ["participant", "visit", "weight", "身高"]


@pytest.fixture
def manager(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    # The worker is not told: a test does its work itself.
    monkeypatch.setattr("imports.views._tell", lambda job: None)
    return at_the_desk(desk.manager)


def upload(client: Client, desk: Desk, content: bytes, form: str = "VS") -> Any:
    file = SimpleUploadedFile("whatever.csv", content)
    return client.post("/imports/", {"site": desk.site.pk, "form": form, "file": file})


def posted(page: Page) -> dict[str, Any]:
    return {name: values for name, values in page.values.items() if name != "use"}


def test_from_the_upload_to_the_report(desk: Desk, manager: Client) -> None:
    content = csv_bytes([HEAD, ["01-001", "SCR", "61.5", "170"]], "gb18030", ";")
    answer = upload(manager, desk, content)
    job = ImportJob.objects.get()
    assert answer.headers["Location"] == f"/imports/{job.pk}/columns/"
    page = Page(manager.get(answer.headers["Location"]))
    assert "CSV in GB18030, separated by semicolons" in page.text
    assert (page.value("participant"), page.value("visit_by"), page.value("visit")) == (
        "participant",
        "CODE",
        "visit",
    )
    assert (page.value("target-2"), page.value("target-3")) == ("weight", "height")
    answer = manager.post(f"/imports/{job.pk}/columns/", {**posted(page), "save_as": "Ward"})
    assert answer.headers["Location"] == f"/imports/{job.pk}/"
    assert "Waiting for the dry run" in Page(manager.get(f"/imports/{job.pk}/")).text
    run(job.pk)
    page = Page(manager.get(f"/imports/{job.pk}/"))
    assert "61.5" in page.text and "What each row would do" in page.text
    refused = manager.post(f"/imports/{job.pk}/order/", {"result": page.value("result"), "reason": " "})
    assert refused.status_code == 422 and "Write where the data come from" in Page(refused).text
    manager.post(f"/imports/{job.pk}/order/", {"result": page.value("result"), "reason": "Ward's system"})
    run(job.pk)
    assert again(job).status == ImportState.DONE and VitalSigns.objects.count() == 1
    assert "What each row did" in Page(manager.get(f"/imports/{job.pk}/")).text
    report = b"".join(manager.get(f"/imports/{job.pk}/report/").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(report, newline="")))
    facts = {row["item"]: row["new"] for row in rows if row["part"] == "import"}
    assert (facts["file SHA-256"], facts["reason"]) == (job.sha256, "Ward's system")
    assert facts["data"] == "fictitious data 虚构数据"
    assert facts["mapping"] == "Ward" and facts["rows: NEW"] == "1"
    assert [(row["row"], row["item"], row["old"], row["new"]) for row in rows if row["part"] == "answer"] == [
        ("2", "height", "", "170"),
        ("2", "weight", "", "61.5"),
    ]
    # The next file with these headings begins with what was remembered.
    upload(manager, desk, content)
    page = Page(manager.get(f"/imports/{ImportJob.objects.latest('id').pk}/columns/"))
    assert page.value("save_as") == "Ward"


def test_odd_text_comes_through_to_the_form_the_page_and_the_report(desk: Desk, manager: Client) -> None:
    odd = '=HYPERLINK("x") 甲,乙;\n“丙” 😀'
    content = csv_bytes([["participant", "visit", "svdone", "svoowrsn"], ["01-001", "SCR", "是", odd]])
    upload(manager, desk, content, "SV")
    job = ImportJob.objects.get()
    manager.post(f"/imports/{job.pk}/columns/", posted(Page(manager.get(f"/imports/{job.pk}/columns/"))))
    run(job.pk)
    page = Page(manager.get(f"/imports/{job.pk}/"))
    assert " ".join(odd.split()) in page.text
    manager.post(f"/imports/{job.pk}/order/", {"result": page.value("result"), "reason": "Ward"})
    run(job.pk)
    assert VisitHeader.objects.get().svoowrsn == odd
    report = b"".join(manager.get(f"/imports/{job.pk}/report/").streaming_content).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(report, newline=""))
    assert odd in {row["new"] for row in rows if row["item"] == "svoowrsn"}


def test_a_file_that_is_no_table_is_said_at_the_upload_and_not_kept(desk: Desk, manager: Client) -> None:
    answer = upload(manager, desk, b"%PDF-1.7 \x81\xff")
    assert answer.status_code == 422
    assert "neither a CSV file" in Page(answer).text
    assert not ImportJob.objects.exists()
    assert list((desk.folder / "imports").iterdir()) == []


def test_columns_that_make_no_sense_are_said_and_what_was_typed_stays(desk: Desk, manager: Client) -> None:
    upload(manager, desk, csv_bytes([HEAD, ["01-001", "SCR", "61.5", "170"]]))
    job = ImportJob.objects.get()
    page = Page(manager.get(f"/imports/{job.pk}/columns/"))
    answer = manager.post(
        f"/imports/{job.pk}/columns/", {**posted(page), "participant": "", "target-2": "体重x"}
    )
    assert answer.status_code == 422
    assert "Say which column names the participant." in Page(answer).text
    assert Page(answer).value("target-2") == "体重x"
    assert again(job).status == ImportState.MAPPING


def test_a_long_result_has_pages_and_a_constant_number_of_queries(
    desk: Desk, manager: Client, django_assert_max_num_queries: Any
) -> None:
    job = desk.checked(csv_bytes([HEAD[:3], ["01-001", "SCR", "61.5"]]), columns=desk_columns())
    ImportRow.objects.bulk_create(
        ImportRow(job=job, number=number, outcome="NEW", participant=desk.participant, visit="SCR")
        for number in range(3, 203)
    )
    address = f"/imports/{job.pk}/?outcome=&page=3"
    manager.get(address)
    with django_assert_max_num_queries(20):
        page = Page(manager.get(address))
    assert "101 to 150 of 201" in page.text


def desk_columns() -> Any:
    return (Column("weight", "weight"),)


def test_empty_tables(desk: Desk, manager: Client) -> None:
    text = manager.get("/imports/template/LB/csv/").content.decode("utf-8-sig")
    assert text.startswith("participant,visit,record,lbdtc,")
    book = load_workbook(io.BytesIO(manager.get("/imports/template/IMG/xlsx/").content))
    assert [cell.value for cell in book["IMG"][1]][:2] == ["participant", "visit"]
    about = {row[0].value: row[1].value for row in book["items"].iter_rows(min_row=2)}
    assert about["lesions-1-ldiam"] == "Lesion 1: Longest diameter (RECIST 1.1)"
    assert manager.get("/imports/template/XX/csv/").status_code == 404
    assert zipfile.is_zipfile(io.BytesIO(manager.get("/imports/template/VS/xlsx/").content))


def test_the_row_of_an_import_under_way_asks_for_itself_and_then_opens_the_page_anew(
    desk: Desk, manager: Client
) -> None:
    upload(manager, desk, csv_bytes([HEAD, ["01-001", "SCR", "61.5", "170"]]))
    job = ImportJob.objects.get()
    manager.post(f"/imports/{job.pk}/columns/", posted(Page(manager.get(f"/imports/{job.pk}/columns/"))))
    assert f"/imports/{job.pk}/state/" in Page(manager.get(f"/imports/{job.pk}/state/")).addresses
    run(job.pk)
    assert manager.get(f"/imports/{job.pk}/state/").headers["HX-Refresh"] == "true"


def test_nobody_else_sees_an_import(desk: Desk, manager: Client) -> None:
    upload(manager, desk, csv_bytes([HEAD, ["01-001", "SCR", "61.5", "170"]]))
    job = ImportJob.objects.get()
    for person in (desk.enters.author, make_person("nobody")):
        client = at_the_desk(person)
        assert client.get(f"/imports/{job.pk}/report/").status_code == 403
        assert client.get("/imports/").status_code == 403

"""Run in the copy that has the form more: where it is found (see test_added.py)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from pypdf import PdfReader

from accounts.access import Actor
from accounts.models import User
from eligibility.policies import due_forms
from participants.models import Participant, Visit
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, send
from tests.cast import START
from tests.exports.conftest import export  # noqa: F401 - a fixture
from trial_edc.demo.walks import fill


def test_it_is_due_and_counted_in_the_matrix(
    participant: Participant, coordinator: User, at_start: datetime
) -> None:
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")
    assert "QOL" in due_forms(visit)
    client = at_the_desk(coordinator)
    before = len(due_forms(visit))
    assert "Quality of life" in Page(client.get(f"/participants/{participant.pk}/")).text
    assert f"/{before}" in client.get("/participants/").content.decode()


@pytest.mark.parametrize(("language", "label"), [("en", "Global health status"), ("zh-hans", "总体健康状况")])
def test_it_has_a_page_that_checks_and_stores(
    participant: Participant, coordinator: User, language: str, label: str
) -> None:
    client = at_the_desk(coordinator, language)
    address = form_address(participant, "QOL")
    assert label in Page(client.get(address)).text
    assert send(client, address, {"qolscore": "101"}).status_code == 422
    assert send(client, address, {"qolscore": "67", "qolwhy": "还可以"}, "submit").status_code == 302
    entry = TrailEntry.objects.get(relation="followup_qualityoflife")
    assert (entry.operation, entry.changes["qolscore"], entry.participant_id) == (
        "INSERT",
        [None, 67],
        participant.pk,
    )
    assert "67" in Page(client.get(f"{address}history/?item=qolscore")).text
    assert label in Page(client.get(f"/participants/{participant.pk}/trail/")).text


def test_it_is_exported_with_its_codebook(
    export: Any,  # noqa: F811
    participant: Participant,
    by_coordinator: Actor,
) -> None:
    fill(participant, "QOL", {"qolscore": 67}, by=by_coordinator, now=START)
    files = export()
    [row] = files.rows("forms/QOL.csv")
    assert (row["SUBJID"], row["VISIT"], row["QOLSCORE"]) == ("01-001", "SCR", "67")
    described = {line["COLUMN"]: line for line in files.rows("codebook.csv") if line["FORM"] == "QOL"}
    assert (described["QOLSCORE"]["LABEL_ZH"], described["QOLSCORE"]["HARD_HIGH"]) == ("总体健康状况", "100")


def test_it_is_printed_blank_and_filled(
    participant: Participant, coordinator: User, by_coordinator: Actor
) -> None:
    fill(participant, "QOL", {"qolscore": 67}, by=by_coordinator, now=START)
    client = at_the_desk(coordinator)
    for answer in (client.get("/casebook/blank/"), client.post(f"/participants/{participant.pk}/casebook/")):
        words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert "总体健康状况" in words
        assert "Global health status" in words

"""A centre's follow-up file as the history its laboratory and its radiology hold, by the mappings that come along."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from eligibility.models import Imaging, Laboratory
from imports.mapping import Mapping
from imports.running import run
from imports.selectors import kept_mappings
from imports.workflow import ImportState
from participants.actions import register
from participants.models import ConsentVersion, Visit, VisitHeader
from records.zone import TRIAL_ZONE
from tests.cast import START
from tests.imports.desk import Desk, again, csv_bytes, results, sentences
from trial_edc.demo.filling import fill

FILE = Path(settings.BASE_DIR) / "data" / "sysucc-hcc-followup.csv"
with FILE.open(encoding="utf-8", newline="") as opened:
    HEADINGS, *LINES = list(csv.reader(opened))
DAY, AFP, DIAMETER = (HEADINGS.index(name) for name in ("date", "afp_ng_ml", "largest_diameter_mm"))
# The first patients, and one whose lines all stand in the file twice.
PATIENTS = ("1", "2", "3", "4", "5")
DOUBLED = "282"


def of(*patients: str) -> list[list[str]]:
    return [line for line in LINES if line[0] in patients]


def mapping(stem: str) -> Mapping:
    return kept_mappings()[stem][1]


@pytest.fixture
def history(desk: Desk) -> Desk:
    """The participants of the file, whose screening visit was on the day of their first line."""
    ConsentVersion.objects.create(site=desk.site, version="0.1", approved_on=date(2007, 1, 1))
    for patient in PATIENTS[1:]:
        first = date.fromisoformat(of(patient)[0][DAY])
        person = register(
            site=desk.site,
            initials="HX",
            consent_signed_at=datetime(first.year, first.month, first.day, 8, tzinfo=TRIAL_ZONE),
            consent_version="0.1",
            consent_signer="SUBJECT",
            copy_given="Y",
            by=desk.enters,
            now=START,
        )
        answers = {"svdone": "Y", "svstdtc": first, "svmode": "CLINIC"}
        fill(person, "SV", answers, by=desk.enters, now=START)
    return desk


MINE = PATIENTS[1:]


def test_the_laboratorys_history_becomes_a_draft_at_the_visit_of_each_day(history: Desk) -> None:
    lines = of(*MINE)
    job = history.checked(csv_bytes([HEADINGS, *lines]), mapping("followup-laboratory"))
    assert job.refused == 0, sentences(job)
    assert job.counts["NEW"] == len(lines)
    assert sum(row.begins_visit for row in results(job)) == len(lines) - len(MINE)
    assert not Laboratory.objects.exists()
    run(history.ordered(job).pk)
    assert again(job).status == ImportState.DONE
    kept = {
        (str(record.participant.sequence), header.svstdtc.isoformat(), record.afp)
        for record in Laboratory.objects.select_related("participant")
        for header in VisitHeader.objects.filter(visit=record.visit_id)
    }
    assert kept == {(line[0], line[DAY], Decimal(line[AFP])) for line in lines}
    record = Laboratory.objects.first()
    assert record is not None
    assert (record.state, record.afp_u, record.markyn, record.missing) == (
        "DRAFT",
        "ng/mL",
        "Y",
        {"lbdtc": "NK"},
    )
    # The same file again finds every visit it began, and nothing to store.
    second = history.checked(csv_bytes([HEADINGS, *lines]), mapping("followup-laboratory"))
    assert second.counts["SAME"] == len(lines)
    assert Visit.objects.filter(code="UNS").count() == len(lines) - len(MINE)


def test_the_radiologys_history_becomes_the_examination_and_its_largest_lesion(history: Desk) -> None:
    lines = of(*MINE)
    job = history.ordered(history.checked(csv_bytes([HEADINGS, *lines]), mapping("followup-radiology")))
    run(job.pk)
    assert again(job).status == ImportState.DONE
    kept = {
        (
            str(record.participant.sequence),
            record.imgdtc.isoformat(),
            *[row.ldiam for row in record.lesions.all()],
        )
        for record in Imaging.objects.select_related("participant")
    }
    assert kept == {
        (line[0], line[DAY], *([Decimal(line[DIAMETER])] if Decimal(line[DIAMETER]) else []))
        for line in lines
    }


def test_a_patient_who_stands_in_the_file_twice_is_refused_line_by_line(history: Desk) -> None:
    lines = [["4", *line[1:]] for line in of(DOUBLED)]  # after the consent of the fourth
    again_there = len(lines) - len({line[DAY] for line in lines})
    job = history.checked(csv_bytes([HEADINGS, *lines]), mapping("followup-laboratory"))
    assert job.refused == again_there == 10
    assert all("of this file is about the same record" in words for [words] in sentences(job).values())


def test_a_lesion_larger_than_a_liver_is_refused_at_its_column(history: Desk) -> None:
    line = list(of("2")[0])
    line[DIAMETER] = "363"
    job = history.checked(csv_bytes([HEADINGS, line]), replace(mapping("followup-radiology"), submit=False))
    [row] = results(job)
    assert row.outcome == "REFUSED"
    assert [(one["heading"], one["item"]) for one in row.findings] == [
        ("largest_diameter_mm", "lesions-n1-ldiam")
    ]


def test_a_day_before_consent_is_refused_at_its_column(history: Desk) -> None:
    job = history.checked(csv_bytes([HEADINGS, *of("1")]), mapping("followup-laboratory"))
    [found] = results(job)[0].findings
    assert found["heading"] == "date"
    assert found["en"].startswith("Visit date is before the informed consent was signed (2026-09-01).")


def test_somebody_who_is_no_participant_of_the_site_is_refused(history: Desk) -> None:
    job = history.checked(csv_bytes([HEADINGS, *of("300")]), mapping("followup-laboratory"))
    assert job.refused == len(of("300"))
    assert sentences(job)[2] == [
        "No participant of this site is called “300”. Write the participant's number."
    ]

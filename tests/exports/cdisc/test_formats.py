"""The CDISC exports as a data manager asks for them, from the request to the file."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from django.db import connection

from exports import actions
from exports.asked import Asked
from exports.formats.registry import WHOLE
from exports.models import ExportJob
from exports.policies import file_of
from exports.running import run
from exports.workflow import ExportFailure, ExportState
from records.findings import Refused
from tests.cast import START
from tests.exports.conftest import Trial


def requested(trial: Trial, key: str, **wishes: object) -> ExportJob:
    return actions.request_export(
        access=trial.access,
        sites=None,
        historical=False,
        by=trial.by,
        now=START,
        asked=Asked(format=key, **wishes),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("odm", "odm.xml"),
        ("odm-audit", "odm-transactions.xml"),
        ("sdtm", "sdtm/xpt/dm.xpt"),
        ("adam", "adam/json/adsl.json"),
    ],
)
def test_a_job_writes_the_file(trial: Trial, key: str, file: str) -> None:
    job = requested(trial, key)
    run(job.pk)
    job.refresh_from_db()
    assert job.status == ExportState.DONE
    assert job.rows
    names = ZipFile(io.BytesIO(file_of(job).read_bytes())).namelist()
    assert file in names
    assert names[-1] == "manifest.json"


@pytest.mark.parametrize("key", WHOLE)
def test_what_it_cannot_leave_out_is_refused_when_it_is_asked_for(trial: Trial, key: str) -> None:
    for wishes in ({"deidentified": True}, {"forms": ("LB",)}, {"queries": False}):
        with pytest.raises(Refused, match="without other choices"):
            requested(trial, key, **wishes)


def test_a_control_character_fails_the_job_with_its_place(trial: Trial) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE participants_demographics SET icfver = 'v1' || chr(11)")
    job = requested(trial, "odm")
    run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.failure) == (ExportState.FAILED, ExportFailure.UNFIT)
    assert job.failure_detail == "DM.ICFVER:CONTROL"

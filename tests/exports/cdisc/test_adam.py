"""ADaM: each endpoint as the participant's page shows it, read back from outside."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.db import connection, transaction
from lxml import etree

from exports.cdisc.adam.writing import write_adam
from followup.endpoint_facts import endpoint_facts
from participants.models import Participant
from records import clock
from tests.exports.cdisc.test_sdtm import DEFINE, JSON_SCHEMA, Tables
from tests.exports.conftest import DATA_AS_OF, stamp

pytestmark = pytest.mark.django_db


@pytest.fixture
def tables(walked: dict[str, Participant], tmp_path: Path) -> Tables:
    return Tables(written(), tmp_path)


def written(*sites: Any) -> bytes:
    target = io.BytesIO()
    with transaction.atomic():
        write_adam(
            target=target,
            reader=connection,
            seen=nullcontext,
            stamp=stamp(sites=tuple(site.code for site in sites) or None),
            site_ids=[site.pk for site in sites] or None,
            report=lambda table, done, total: None,
        )
    return target.getvalue()


def rows(tables: Tables, name: str) -> list[dict[str, Any]]:
    return tables.transport(f"adam/xpt/{name}.xpt")[0]


def test_every_endpoint_is_the_one_of_the_page(walked: dict[str, Participant], tables: Tables) -> None:
    facts = endpoint_facts([one.pk for one in walked.values()], today=clock.day(DATA_AS_OF))
    found = {(row["USUBJID"], row["PARAMCD"]): row for row in rows(tables, "adtte")}
    expected = 0
    for one in walked.values():
        of = facts[one.pk]
        for code, endpoint in (
            ("PFS", of.progression_free()),
            ("PFSS2", of.progression_free(censor_adjuvant=True)),
            ("OS", of.overall_survival()),
            ("RFS", of.recurrence_free()),
            ("TTP", of.time_to_progression()),
            ("DOR", of.duration_of_response()),
        ):
            row = found.get((f"NCT07070076-{one.number}", code))
            if endpoint is None:
                assert row is None
                continue
            assert row is not None
            expected += 1
            assert (row["STARTDT"], row["ADT"], row["CNSR"]) == (
                endpoint.start,
                endpoint.date,
                0 if endpoint.event else 1,
            )
            assert row["ADAYS"] == endpoint.days
            assert row["AVAL"] == pytest.approx(float(endpoint.months), abs=1e-6)
            assert (row["RULE"], row["EVNTDESC"]) == (endpoint.rule, endpoint.reason.en)
            assert row["TRTP"] == {"HAIC": "HAIC", "Y90": "Yttrium-90 SIRT"}[one.arm or ""]
    assert expected >= 6


def test_subject_level_is_one_row_each(walked: dict[str, Participant], tables: Tables) -> None:
    found = {row["SUBJID"]: row for row in rows(tables, "adsl")}
    assert set(found) == {one.number for one in walked.values()}
    for one in walked.values():
        row = found[one.number]
        assert (row["ITTFL"], row["SAFFL"], row["TRT01AN"]) == (
            "Y",
            "Y",
            {"HAIC": 1, "Y90": 2}[one.arm or ""],
        )
        assert row["ASSIGNDT"] == one.anchors.get(name="A0").date
        assert row["TRTSDT"] >= row["ASSIGNDT"] >= row["RFICDT"]


def test_files_are_valid_and_the_same_again(walked: dict[str, Participant], tables: Tables) -> None:
    for name in ("adsl", "adtte"):
        dataset = json.loads(tables.zip.read(f"adam/json/{name}.json"))
        jsonschema.Draft201909Validator(JSON_SCHEMA).validate(dataset)
        assert dataset["records"] == len(rows(tables, name))
    schema = etree.XMLSchema(etree.parse(DEFINE))
    for kind in ("xpt", "json"):
        assert schema.validate(etree.fromstring(tables.zip.read(f"adam/{kind}/define.xml"))), schema.error_log
    assert written() == tables.raw


def test_only_the_sites_asked_for(walked: dict[str, Participant], tmp_path: Path) -> None:
    one = walked["Y90"]
    assert [row["SUBJID"] for row in rows(Tables(written(one.site), tmp_path), "adsl")] == [one.number]

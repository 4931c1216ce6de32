"""ODM's transactions: who changed what, when and why; folded they are the snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.access import Permission
from accounts.models import Role, Site
from exports.cdisc.odm.audit import item_place
from exports.cdisc.odm.snapshot import write_odm
from exports.cdisc.odm.text import Unwritable
from exports.cdisc.odm.transactions import write_odm_audit
from monitoring.actions.queries import answer_query, raise_query
from monitoring.places import Place
from participants.models import Condition, Participant, Visit
from records import clock
from records.models import TrailEntry
from tests.cast import actor, make_person
from tests.exports.cdisc.conftest import ODD
from tests.exports.cdisc.odm_file import by_xmllint, fold, read
from tests.exports.conftest import stamp
from trial_edc.demo.filling import fill

pytestmark = pytest.mark.django_db

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(writer: Any, *sites: Site) -> Path:
        path = tmp_path / f"{writer.__name__}.xml"
        with path.open("wb") as target, transaction.atomic():
            writer(
                target=target,
                reader=connection,
                stamp=stamp(sites=tuple(site.code for site in sites) or None),
                site_ids=[site.pk for site in sites] or None,
                report=lambda table, done, total: None,
            )
        return path

    return written


def test_folding_the_transactions_gives_the_snapshot(walked: dict[str, Participant], write: Write) -> None:
    folded = fold(write(write_odm_audit))
    file = read(write(write_odm))
    assert folded.problems == []
    assert len(file.answers) > 1000
    assert folded.answers == file.answers


def test_xmllint_reads_the_transactions_by_the_schema(walked: dict[str, Participant], write: Write) -> None:
    by_xmllint(write(write_odm_audit))


def test_a_row_that_was_removed_and_answers_taken_back_fold_too(
    walked: dict[str, Participant], write: Write
) -> None:
    one = walked["HAIC"]
    person = make_person("corrects", Role.COORDINATOR, one.site)
    by = actor(person, Permission.ENTER_DATA, one.site)
    known = {"mhstdtc": "2020", "mhtoxgr": 1}
    rows = {
        "conditions": [{"mhterm": "高血压", "mhenrf": "Y", **known}, {"mhterm": ODD, "mhenrf": "N", **known}]
    }
    for given, answers in ((rows, {"etiol": ["HBV", "ALCOHOL"]}), ({"conditions": []}, {"etiol": ["HCV"]})):
        fill(one, "MH", {**answers, **given}, by=by, now=clock.now(), reason="核对病历 <2>")
    assert not Condition.objects.filter(participant=one).exists()
    folded = fold(write(write_odm_audit))
    assert folded.problems == []
    assert folded.answers == read(write(write_odm)).answers
    assert "核对病历 <2>" in {audit["reason"] for audit in folded.audits}


def test_every_entry_of_the_trail_has_its_audit_record(walked: dict[str, Participant], write: Write) -> None:
    folded = fold(write(write_odm_audit))
    entries = {
        entry.pk: entry
        for entry in TrailEntry.objects.filter(participant_id__in=[one.pk for one in walked.values()])
    }
    assert len(folded.audits) > 40
    for audit in folded.audits:
        _trail, number, *role = audit["source"].split(" ")
        entry = entries[int(number)]
        assert (audit["user"], audit["reason"]) == (
            f"USR.{entry.person_id}" if entry.person_id else "USR.SYSTEM",
            entry.reason,
        )
        assert audit["at"] == entry.at.isoformat(timespec="microseconds")
        assert role == ([entry.role] if entry.role else [])
    assert "=抄写错误 <1>" in {audit["reason"] for audit in folded.audits}


def test_steps_of_a_query_stand_at_the_item_asked_about(walked: dict[str, Participant], write: Write) -> None:
    one = walked["HAIC"]
    monitor = actor(make_person("asks", Role.MONITOR, one.site), Permission.RAISE_QUERIES, one.site)
    answers = actor(make_person("answers", Role.COORDINATOR, one.site), Permission.ENTER_DATA, one.site)
    visit = Visit.objects.get(participant=one, code="SCR")
    now = clock.now()
    query = raise_query(
        place=Place(one, visit, "VS", 1, "weight"), words="体重 =核对? <kg>", by=monitor, now=now
    )
    answer_query(query=query, words="Checked & right", by=answers, now=now)
    folded = fold(write(write_odm_audit))
    place = (one.number, "SE.SCR", "1", "F.VS", "", "IG.VS", "", "I.VS.WEIGHT")
    assert [(key, words, flag) for key, words, flag in folded.annotations if key == place] == [
        (place, "体重 =核对? <kg>", "RAISED"),
        (place, "Checked & right", "ANSWERED"),
    ]


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("mhterm", None),
        ("cirrh", ("IG.MH", None, "I.MH.CIRRH")),
        ("etiol", ("IG.MH.ETIOL", 1, "I.MH.ETIOL")),
        ("conditions-2", ("IG.MH.CONDITIONS", 2, "")),
        ("conditions-2-mhterm", ("IG.MH.CONDITIONS", 2, "I.MH.CONDITIONS.MHTERM")),
        ("gone-1-mhterm", None),
    ],
)
def test_the_place_of_a_query_in_odm(item: str, place: object) -> None:
    assert item_place("MH", item) == place


def test_only_the_sites_asked_for(walked: dict[str, Participant], write: Write) -> None:
    folded = fold(write(write_odm_audit, walked["Y90"].site))
    assert {key[0] for key in folded.answers} == {walked["Y90"].number}


def test_a_control_character_is_refused_by_its_entry(walked: dict[str, Participant], write: Write) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eligibility_adverseevent SET aeterm = 'secret' || chr(11)")
    with pytest.raises(
        Unwritable, match=r"Entry [0-9]+ of the trail, of participant 01-001: .*U\+000B"
    ) as refused:
        write(write_odm_audit)
    assert "secret" not in str(refused.value)

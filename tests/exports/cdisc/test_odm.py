"""The ODM snapshot: valid by its schema, true to its own definitions, equal to the database value by value."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from accounts.models import Site
from exports.cdisc.odm.plans import item_oid, items_with_oids, plans
from exports.cdisc.odm.snapshot import write_odm
from exports.cdisc.odm.text import Unwritable, attribute, content
from participants.models import Participant
from records.definition import forms, row_groups
from records.items import Item, items_of
from records.models import Record
from tests.cast import make_site
from tests.exports.cdisc.conftest import ODD
from tests.exports.cdisc.odm_file import Answer, Key, OdmFile, by_xmllint, read
from tests.exports.conftest import stamp

pytestmark = pytest.mark.django_db

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a snapshot of what the test sees; gives the file."""

    def written(*sites: Site, name: str = "odm.xml", **changed: Any) -> Path:
        path = tmp_path / name
        codes = tuple(site.code for site in sites) or None
        with path.open("wb") as target, transaction.atomic():
            write_odm(
                target=target,
                reader=connection,
                stamp=stamp(**{"sites": codes, **changed}),
                site_ids=[site.pk for site in sites] or None,
                report=lambda table, done, total: None,
            )
        return path

    return written


def stored() -> dict[Key, Answer]:
    """What the database holds, read through the models alone."""
    found: dict[Key, Answer] = {}
    for form in forms().values():
        for record in form._default_manager.select_related("participant", "visit"):
            where = (
                record.participant.number,
                f"SE.{record.visit.code}",
                str(record.visit.occurrence),
                f"F.{form.form.code}",
                str(record.repeat) if form.form.several else "",
            )
            for item in items_of(form):
                value, oid = getattr(record, item.name), item_oid(form, item)
                if item.kind == "multicode":
                    group = f"IG.{form.form.code}.{item.name.upper()}"
                    for number, one in enumerate(value or [None], 1):
                        found[(*where, group, str(number), oid)] = _answer(record, item, one, number == 1)
                else:
                    found[(*where, f"IG.{form.form.code}", "", oid)] = _answer(record, item, value)
            for name, rows in row_groups(form).items():
                for row in getattr(record, name).all():
                    for item in items_of(rows):
                        place = (f"IG.{form.form.code}.{name.upper()}", str(row.number))
                        value = getattr(row, item.name)
                        found[(*where, *place, item_oid(form, item, name))] = _answer(row, item, value)
    return {key: answer for key, answer in found.items() if answer != Answer(None)}


def _answer(holder: Any, item: Item, value: Any, first: bool = True) -> Answer:
    if value is not None and item.kind == "datetime":
        value = value.astimezone(UTC).isoformat(timespec="seconds")
    elif value is not None and item.companion_of and item.kind == "decimal":
        value = f"{value.normalize():f}"
    elif value is not None:
        value = item.exported(value) if not isinstance(value, str) else value
    return Answer(
        value,
        holder.missing.get(item.name) if first else None,
        holder.confirmed.get(item.name) if first else None,
    )


def answers_of(file: OdmFile) -> dict[Key, Answer]:
    return {key: answer for key, answer in file.answers.items() if not key[-1].startswith("I.STATE.")}


def test_a_snapshot_holds_what_the_database_holds_and_nothing_else(
    walked: dict[str, Participant], write: Write
) -> None:
    file = read(write())
    assert file.problems == []
    expected = stored()
    assert len(expected) > 1000
    assert answers_of(file) == expected
    assert ODD in {answer.value for answer in file.answers.values()}
    assert {"NK"} <= {answer.missing for answer in expected.values()}
    assert {"=核对过"} <= {answer.comment for answer in expected.values()}


def test_xmllint_reads_a_snapshot_by_the_schema(walked: dict[str, Participant], write: Write) -> None:
    path = write()
    by_xmllint(path)
    path.write_text(
        path.read_text(encoding="utf-8").replace("<SubjectData ", "<Subject ", 1), encoding="utf-8"
    )
    with pytest.raises(AssertionError, match="Subject"):
        by_xmllint(path)


def test_the_state_of_each_form_stands_with_it(walked: dict[str, Participant], write: Write) -> None:
    answers = read(write()).answers
    states = [answer.value for key, answer in answers.items() if key[-1] == "I.STATE.FORMSTATE"]
    assert len(states) == sum(form._default_manager.count() for form in forms().values())
    assert states.count("DRAFT") == 2
    assert set(states) == {Record.State.DRAFT, Record.State.SUBMITTED}


def test_a_code_has_its_words_in_both_languages(walked: dict[str, Participant], write: Write) -> None:
    file = read(write())
    for plan in plans():
        for oid, item in items_with_oids(plan):
            if item.codes:
                assert oid in file.definitions
    assert {(words["en"], words["zh-Hans"]) for words in file.codes["CL.MISSING"].values()} == {
        ("Not done", "未做"),
        ("Not known", "不详"),
        ("Not applicable", "不适用"),
    }


def test_only_the_sites_asked_for(walked: dict[str, Participant], write: Write) -> None:
    path = write(walked["Y90"].site)
    file = read(path)
    assert {key[0] for key in file.answers} == {walked["Y90"].number}
    assert 'OID="LOC.01"' not in path.read_text()
    assert file.root["Granularity"] == "SingleSite"


def test_the_same_data_give_the_same_bytes(walked: dict[str, Participant], write: Write) -> None:
    first = write().read_bytes()
    with connection.cursor() as cursor:  # another physical order of the rows
        cursor.execute("UPDATE eligibility_laboratory SET revision = revision")
    assert write(name="again.xml").read_bytes() == first


def test_a_demonstration_says_so(walked: dict[str, Participant], write: Write) -> None:
    assert read(write(fictitious=True)).root["Description"].startswith("FICTITIOUS DATA")
    assert "Description" not in read(write(name="real.xml")).root


def test_a_control_character_is_refused_with_its_place_and_without_its_text(
    walked: dict[str, Participant], write: Write
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eligibility_adverseevent SET aeterm = 'secret' || chr(11)")
    with pytest.raises(Unwritable) as refused:
        write()
    assert str(refused.value).startswith("AE.AETERM of participant 01-001 at visit LOG: ")
    assert "U+000B" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_site_with_nobody_is_a_valid_file(walked: dict[str, Participant], write: Write) -> None:
    file = read(write(make_site("09")))
    assert file.problems == []
    assert file.answers == {}


# -- text ---------------------------------------------------------------------------------------------

WRITABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[
    chr(code) for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)
]))  # fmt: skip


@given(WRITABLE)
def test_any_text_xml_knows_is_read_back(text: str) -> None:
    node = etree.parse(io.BytesIO(f'<a b="{attribute(text)}">{content(text)}</a>'.encode())).getroot()
    assert node.get("b") == text
    assert (node.text or "") == text


@given(WRITABLE, st.sampled_from([chr(code) for code in (0, 1, 8, 11, 12, 31, 0xFFFE, 0xFFFF)]), WRITABLE)
def test_any_other_is_refused(before: str, character: str, after: str) -> None:
    for write_text in (attribute, content):
        with pytest.raises(Unwritable, match=f"U\\+{ord(character):04X}"):
            write_text(before + character + after)

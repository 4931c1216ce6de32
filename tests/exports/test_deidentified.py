"""What a de-identified export leaves out, and that what it changes stays right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Actor
from accounts.models import Site
from exports.asked import Asked
from exports.deidentify import MOST_DAYS, deidentified, key_codes, mark, of_participant, of_site
from exports.sensitivity import BIRTH, STATED_TIMES, Sensitivity, declared, sensitivity
from exports.tables import Table
from exports.trial_tables import tables_of_export
from participants.models import Participant
from records.codelists import CodeList
from records.items import DateItem, FileItem, Item, PartialDateItem, TextItem
from records.text import Text
from tests.cast import START, make_participant
from tests.exports.conftest import Files
from tests.exports.sheets import column, table
from trial_edc.demo.filling import fill

TABLES = tables_of_export(historical=True)
SECRET = "secret"
CODES = key_codes(SECRET, "once")


@pytest.mark.parametrize("of", TABLES, ids=lambda of: of.name)
def test_every_column_has_a_declared_sensitivity(of: Table) -> None:
    undeclared = [part.name for part in of.columns if part.reason_for is None and declared(of, part) is None]
    assert undeclared == [], "declare them in exports/sensitivity.py"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (TextItem(Text("Words", "文字")), Sensitivity.TEXT),
        (TextItem(Text("Class", "分类"), derived=True), Sensitivity.PLAIN),
        (DateItem(Text("Day", "日期")), Sensitivity.DATE),
        (PartialDateItem(Text("Born", "出生"), name_cdash=BIRTH), Sensitivity.BIRTH),
        (FileItem(Text("Photo", "照片")), Sensitivity.PERSON),
    ],
)
def test_an_items_kind_says_how_sensitive_it_is(item: Item, expected: Sensitivity) -> None:
    assert sensitivity(table(), column("ANY", item.kind, item=item)) == expected


def test_a_column_nobody_declared_counts_as_free_text_and_is_left_out() -> None:
    of = table(column("NOBODYKNOWS"), column("NOBODYCOUNTED", "integer"), column("REPEAT", "integer"))
    assert [declared(of, part) for part in of.columns[:2]] == [None, None]
    assert deidentified(of, [], [], CODES, masked=False).header == ["REPEAT"]


def test_nothing_left_out_is_in_any_table() -> None:
    for of in tables_of_export(historical=False):
        changed = deidentified(of, [], [], CODES, masked=True)
        kept = {part.name for part in changed.columns}
        for part in of.columns:
            if part.reason_for is None and sensitivity(of, part) in {*Sensitivity.OF_SITE}:
                assert part.name not in kept, f"{of.name}.{part.name}"
    assert {"INITIALS", "BRTHDTC", "BRTHDTC_MISSING"}.isdisjoint(
        name
        for of in tables_of_export(historical=False)
        for name in deidentified(of, [], [], CODES, masked=False).header
    )


@given(st.integers(1, 2**40), st.text(min_size=1, max_size=20))
def test_a_shift_is_the_same_every_time_and_never_nothing(participant: int, key: str) -> None:
    one = of_participant(SECRET, key, participant)
    assert one == of_participant(SECRET, key, participant)
    assert 1 <= one.days <= MOST_DAYS
    assert one.code != of_participant("another", key, participant).code
    assert one.code != of_participant(SECRET, key + "x", participant).code
    assert of_site(SECRET, key, participant).code != of_site(SECRET, key, participant + 1).code
    assert mark(SECRET, key) != mark(SECRET, key + "x")


@pytest.fixture
def told(participant: Participant, by_coordinator: Actor) -> Participant:
    """A participant with a full and two partial dates, a birthday, and words."""
    answers: dict[str, Any] = {
        "hccdxdtc": "2026-03",
        "priortx": "Y",
        "allergy": ["OTHER"],
        "allergys": "Hospital of Wuhan",
    }
    fill(participant, "MH", answers, by=by_coordinator, now=START, submit=False, missing={"gibyn": "NK"})
    fill(
        participant,
        "DM",
        {"brthdtc": "1930-05"},
        by=by_coordinator,
        now=START,
        submit=False,
        reason="typing error",
    )
    fill(participant, "VS", {"weight": 60}, by=by_coordinator, now=START, submit=False)
    return participant


def disguised(export: Callable[..., Files], *sites: Site, key: str = "once", **wishes: Any) -> Files:
    return export(*sites, asked=Asked(deidentified=True, **wishes), key=key)


def test_all_dates_of_a_participant_move_by_the_same_days(
    export: Callable[..., Files], told: Participant, settings: Any
) -> None:
    true, moved = export(), disguised(export)
    days = of_participant(settings.DEIDENTIFICATION_KEY, "once", told.pk).days
    for name, columns in {
        "anchors.csv": ["DATE"],
        "visits.csv": ["ANCHOR_DATE", "TARGET_FROM", "TARGET_TO", "WINDOW_CLOSE"],
        "forms/DM.csv": ["ICFDTC"],
    }.items():
        for before, after in zip(true.rows(name), moved.rows(name), strict=True):
            for column_name in columns:
                assert shifted(before[column_name], days) == after[column_name], (name, column_name)
    [history] = moved.rows("forms/MH.csv")
    assert history["HCCDXDTC"] == (date(2026, 3, 15) - timedelta(days=days)).isoformat()[:7]


def test_times_the_system_noted_are_left_out(export: Callable[..., Files], told: Participant) -> None:
    """A row that is new in this week's file was entered this week, whatever its dates say."""
    for of in TABLES:
        changed = deidentified(of, [], [], CODES, masked=False)
        kept = {part.name for part in changed.columns if part.item is None}
        times = {part.name for part in of.columns if part.item is None and part.kind == "datetime"}
        stated = {name for table_name, name in STATED_TIMES if table_name == of.name}
        assert kept & times == stated, of.name
        assert not {name for name in kept if name.endswith("_AT")}, of.name
    files = disguised(export)
    assert "REGISTERED_AT" not in files.rows("participants.csv")[0]
    for name in ("forms/DM.csv", "forms/VS.csv"):
        assert {"ENTERED_AT", "SUBMITTED_AT"}.isdisjoint(files.rows(name)[0])
    assert "the system's own times" in files.zip.read("README.txt").decode()
    named = {row["COLUMN"] for row in files.rows("codebook.csv")}
    assert {"STATED", "ICFDTC"} <= named and "RAISED_AT" not in named


def shifted(value: str, days: int) -> str:
    if not value:
        return ""
    if len(value) == 10:
        return (date.fromisoformat(value) - timedelta(days=days)).isoformat()
    return (datetime.fromisoformat(value) - timedelta(days=days)).isoformat()


def test_words_and_what_tells_a_person_are_gone_and_the_age_is_no_more_than_90(
    export: Callable[..., Files], told: Participant
) -> None:
    files = disguised(export)
    whole = b"".join(files.zip.read(name) for name in files.names)
    for secret in ("Hospital of Wuhan", told.number, "1930-05"):
        assert secret.encode() not in whole, secret
    [person] = files.rows("forms/DM.csv")
    assert person["AGE"] == "90"
    assert "BRTHDTC" not in person
    assert "INITIALS" not in files.rows("participants.csv")[0]
    assert [row["GIBYN_MISSING"] for row in files.rows("forms/MH.csv")] == ["NK"]
    assert files.zip.read("README.txt").decode().startswith("DE-IDENTIFIED")


def test_codes_are_the_same_in_every_table_of_a_definition_and_others_in_another(
    export: Callable[..., Files], told: Participant, settings: Any
) -> None:
    first, again, other = (
        disguised(export, key=key) for key in ("definition 1", "definition 1", "definition 2")
    )
    assert first.raw == again.raw
    assert first.manifest["deidentified"] != other.manifest["deidentified"]
    codes = {
        row["SUBJID"]
        for name in first.names
        if name.endswith(".csv")
        for row in first.rows(name)
        if row.get("SUBJID")
    }
    assert codes == {of_participant(settings.DEIDENTIFICATION_KEY, "definition 1", told.pk).code}
    assert codes.isdisjoint(row["SUBJID"] for row in other.rows("participants.csv"))


def test_masked_sites_are_told_by_nothing(
    export: Callable[..., Files], told: Participant, site: Site
) -> None:
    files = disguised(export, site, masked=True)
    assert [list(row) for row in files.rows("sites.csv")] == [["STUDYID", "SITE"]]
    [row] = files.rows("sites.csv")
    assert row["SITE"] != site.code and row["SITE"].startswith("S")
    assert {one["SITE"] for one in files.rows("participants.csv")} == {row["SITE"]}
    assert files.manifest["scope"]["sites"] is None
    assert site.name_en.encode() not in b"".join(files.zip.read(name) for name in files.names)


def test_rows_stand_in_the_order_of_the_codes(
    export: Callable[..., Files], participant: Participant, by_coordinator: Actor, site: Site
) -> None:
    for _one in range(4):
        make_participant(site, by_coordinator)
    codes = [row["SUBJID"] for row in disguised(export).rows("participants.csv")]
    assert len(set(codes)) == 5
    assert codes == sorted(codes)


def test_words_of_codes_can_stand_instead_of_codes(export: Callable[..., Files], told: Participant) -> None:
    english, chinese = (export(asked=Asked(labels=language)) for language in ("en", "zh"))
    assert [english.rows("forms/MH.csv")[0][name] for name in ("PRIORTX", "GIBYN_MISSING", "ALLERGY")] == [
        "Yes",
        "Not known",
        english_of("MH", "ALLERGY", "OTHER"),
    ]
    assert chinese.rows("forms/MH.csv")[0]["PRIORTX"] == "是"
    kinds = {row["COLUMN"]: row["TYPE"] for row in english.rows("codebook.csv") if row["FORM"] == "MH"}
    assert kinds["PRIORTX"] == "words of a code"


def english_of(form: str, name: str, code: str) -> str:
    [codes] = [part.codes for of in TABLES if of.name == form for part in of.columns if part.name == name]
    assert isinstance(codes, CodeList)
    return codes.label(code).en


@pytest.mark.parametrize(
    ("wishes", "forms"),
    [
        ({"forms": ("MH",)}, {"forms/MH.csv": 1}),
        ({"visits": ("LOG",)}, {"forms/MH.csv": 0, "forms/DM.csv": 0}),
        ({"since": date(2026, 9, 1), "until": date(2026, 9, 1)}, {"forms/MH.csv": 1}),
        ({"since": date(2026, 9, 2)}, {"forms/MH.csv": 0}),
        ({"until": date(2026, 8, 31)}, {"forms/MH.csv": 0}),
    ],
)
def test_an_export_can_be_narrowed(
    export: Callable[..., Files], told: Participant, wishes: dict[str, Any], forms: dict[str, int]
) -> None:
    files = export(asked=Asked(**wishes))
    for name, rows in forms.items():
        assert len(files.rows(name)) == rows, name
    assert ("forms/DM.csv" in files.names) is ("forms" not in wishes)
    assert "sites.csv" in files.names
    assert files.manifest["asked"] == Asked(**wishes).kept()


def test_queries_reasons_and_the_trail_come_along_as_asked(
    export: Callable[..., Files], told: Participant
) -> None:
    plain, bare = export(), export(asked=Asked(queries=False, reasons=False))
    assert "queries.csv" in plain.names and "queries.csv" not in bare.names
    assert not [row for row in bare.rows("codebook.csv") if row["COLUMN"].endswith("_MISSING")]
    assert "trail.csv" not in plain.names
    with_trail = export(asked=Asked(trail=True))
    assert "participants_participant" in {row["TABLE"] for row in with_trail.rows("trail.csv")}
    assert "trail_columns.csv" in with_trail.names


@given(
    st.builds(
        Asked,
        forms=st.lists(st.sampled_from(["MH", "DM"]), unique=True).map(tuple),
        since=st.none() | st.dates(),
        labels=st.sampled_from(["", "en", "zh"]),
        deidentified=st.booleans(),
        queries=st.booleans(),
    )
)
def test_wishes_are_read_back_as_they_were_kept(asked: Asked) -> None:
    assert Asked.of(asked.kept()) == asked

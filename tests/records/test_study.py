"""Study settings: typed, versioned, from today on, by data managers, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.models import Role, User
from records import study
from records.findings import Refused
from records.models import StudySetting, TrailEntry
from records.study import SETTINGS, Choice, Choices, NotAValue, Number, in_force, set_value, value, versions
from records.treatment_settings import ORDERED
from tests.cast import START

TODAY = START.date()
TOMORROW = TODAY + timedelta(days=1)

Change = Callable[..., StudySetting]


@pytest.fixture
def change(data_manager: User) -> Change:
    def to(key: str, new: Any, **asked: Any) -> StudySetting:
        by = Actor(data_manager, "DATA_MANAGER", None)
        given = {"effective_from": TODAY, "reason": "sponsor letter 3", "by": by, "now": START, **asked}
        return set_value(key=key, value=new, **given)

    return to


def test_without_a_version_the_default_is_in_force(db: None) -> None:
    assert in_force(TODAY) == {key: setting.default for key, setting in SETTINGS.items()}
    assert versions(TODAY) == dict.fromkeys(SETTINGS, 0)


def test_reading_all_of_them_takes_one_query(change: Change, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    change("haic_oxaliplatin", "130")
    change("gate_bilirubin", "34.5")
    with django_assert_num_queries(1):
        in_force(TODAY)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_every_default_is_a_value_of_its_setting_and_survives_being_stored(setting: study.Setting) -> None:
    assert setting.parse(setting.stored(setting.default)) == setting.default
    assert type(setting.parse(setting.stored(setting.default))) is type(setting.default)
    assert setting.display(setting.default)
    assert setting.group in study.GROUPS
    for words in (setting.label, setting.source):
        assert words.en
        assert words.zh


def test_a_version_holds_from_its_day_on(change: Change) -> None:
    change("haic_oxaliplatin", "130", effective_from=TOMORROW)
    assert [value("haic_oxaliplatin", day) for day in (TODAY, TOMORROW, date(2030, 1, 1))] == [135, 130, 130]
    assert versions(TODAY)["haic_oxaliplatin"] == 0
    assert versions(TOMORROW)["haic_oxaliplatin"] == 1


def test_the_newest_version_whose_day_has_come_is_in_force(change: Change) -> None:
    change("haic_oxaliplatin", "130")
    change("haic_oxaliplatin", "85")
    assert value("haic_oxaliplatin", TODAY) == 85
    assert [(row.version, row.value) for row in StudySetting.objects.all()] == [(1, 130), (2, 85)]


def test_a_version_says_who_when_and_why_and_stands_in_the_trail(change: Change, data_manager: User) -> None:
    row = change("gate_bilirubin", " 34.5 ", reason="  sponsor letter 3 ")
    row.refresh_from_db()
    assert (row.value, row.reason, row.set_at, row.set_by) == (
        "34.5",
        "sponsor letter 3",
        START,
        data_manager,
    )
    assert value("gate_bilirubin", TODAY) == Decimal("34.5")
    entry = TrailEntry.objects.filter(relation="records_studysetting").get()
    assert (entry.role, entry.changes["key"]) == ("DATA_MANAGER", [None, "gate_bilirubin"])


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("haic_oxaliplatin", "9"),
        ("haic_oxaliplatin", "401"),
        ("haic_oxaliplatin", "130.5"),
        ("haic_oxaliplatin", ""),
        ("haic_oxaliplatin", "NaN"),
        ("haic_oxaliplatin", "Infinity"),
        ("haic_oxaliplatin", "much"),
        ("gate_bilirubin", "30.05"),
        ("bsa_formula_haic", "HAYCOCK"),
        ("bsa_formula_haic", None),
        ("followup_series", ["Y", "X"]),
    ],
)
def test_what_a_setting_cannot_be_is_refused(change: Change, key: str, wrong: Any) -> None:
    with pytest.raises(Refused):
        change(key, wrong)
    with pytest.raises(NotAValue):
        SETTINGS[key].parse(wrong)
    assert StudySetting.objects.count() == 0


@pytest.mark.parametrize("bound", ["10", "400"])
def test_both_limits_of_a_number_belong_to_it(change: Change, bound: str) -> None:
    assert change("haic_oxaliplatin", bound).value == int(bound)


def test_choices_are_kept_in_the_order_of_their_list(change: Change) -> None:
    change("followup_series", ["LT", "Y"])
    assert value("followup_series", TODAY) == ("Y", "LT")
    change("followup_series", [])
    assert value("followup_series", TODAY) == ()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"effective_from": TODAY - timedelta(days=1)}, "from today on"),
        ({"reason": "  "}, "Write the reason"),
        ({"new": 135}, "has this value already"),
        ({"new": "135"}, "has this value already"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    change: Change, asked: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        change("haic_oxaliplatin", asked.pop("new", "130"), **asked)
    assert StudySetting.objects.count() == 0


def test_the_same_value_from_an_earlier_day_is_a_change(change: Change) -> None:
    change("haic_oxaliplatin", "130", effective_from=TOMORROW)
    with pytest.raises(Refused, match="already"):
        change("haic_oxaliplatin", "130", effective_from=TOMORROW)
    change("haic_oxaliplatin", "130", effective_from=TODAY)
    assert value("haic_oxaliplatin", TODAY) == 130


def test_today_is_shanghais(change: Change) -> None:
    late = START.replace(hour=16)  # 00:00 of the next day in Shanghai
    with pytest.raises(Refused, match="from today on"):
        change("haic_oxaliplatin", "130", effective_from=TODAY, now=late)
    assert change("haic_oxaliplatin", "130", effective_from=TOMORROW, now=late).version == 1


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DATA_MANAGER] + ["SYSTEM", ""])
def test_only_data_managers_change_settings(change: Change, data_manager: User, role: str) -> None:
    with pytest.raises(Refused, match="Only data managers"):
        change("haic_oxaliplatin", "130", by=Actor(data_manager, role, None))
    assert StudySetting.objects.count() == 0


def test_a_setting_that_does_not_exist_is_an_error_of_the_program(change: Change) -> None:
    with pytest.raises(KeyError):
        change("no_such_setting", "1")
    with pytest.raises(KeyError):
        value("no_such_setting", TODAY)


def test_the_database_keeps_versions_apart_and_asks_for_a_reason(change: Change) -> None:
    row = change("haic_oxaliplatin", "130")
    for changed, constraint in (
        ({"version": 1}, "version_once"),
        ({"version": 2, "reason": ""}, "has_a_reason"),
    ):
        twin = StudySetting(
            key=row.key,
            value=1,
            effective_from=TODAY,
            set_at=START,
            set_by=row.set_by,
            **{"reason": "x", **changed},
        )
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            twin.save()


def test_a_setting_this_program_no_longer_knows_is_passed_over(change: Change) -> None:
    row = change("haic_oxaliplatin", "130")
    StudySetting.objects.create(
        key="retired", version=1, value=1, effective_from=TODAY, reason="x", set_at=START, set_by=row.set_by
    )
    assert "retired" not in in_force(TODAY)


def test_each_kind_of_setting_is_there() -> None:
    assert {type(setting) for setting in SETTINGS.values()} == {Number, Choice, Choices}


def test_the_settings_as_a_whole_have_a_version(change: Change) -> None:
    assert in_force(TODAY).version == 0
    change("haic_oxaliplatin", "130", effective_from=TOMORROW)
    change("gate_bilirubin", "34.5")
    assert [in_force(day).version for day in (TODAY - timedelta(days=1), TODAY, TOMORROW)] == [0, 1, 2]
    assert study.made_under("1", in_force(TOMORROW)) == "1 s2"
    assert study.made_under("1", None) == study.made_under("1", {}) == "1"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("haic_interval_from", "29", "cannot be above “Interval between cycles, planned to”, which is 28"),
        ("haic_interval_from", "17", "cannot be below “Interval, reason required below”, which is 18"),
        (
            "y90_lung_dose",
            "24",
            "cannot be below “Lung dose of one treatment, asked about above”, which is 25",
        ),
        ("y90_lung_dose", "51", "Write a number"),
        ("y90_lsf_resin", "9.9", "cannot be below"),
    ],
)
def test_limits_keep_their_order(change: Change, key: str, value: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        change(key, value)
    assert not StudySetting.objects.exists()


def test_a_limit_may_equal_its_neighbour(change: Change) -> None:
    change("haic_interval_from", "28")
    assert value("haic_interval_from", TODAY) == 28


def test_the_order_of_limits_holds_for_the_defaults() -> None:
    for keys in ORDERED:
        defaults = [SETTINGS[key].default for key in keys]
        assert defaults == sorted(defaults)

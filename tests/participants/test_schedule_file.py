"""Reading a schedule file, and what it says about one that cannot be used."""

import re

import pytest

from participants.schedule_file import SCHEDULES, Anchor, ScheduleFileError, load, parse

FORMS = {
    *("SV", "DM", "IE", "MH", "VS", "LB", "STG", "IMG", "ARM", "HAIC", "YMAP", "YDOS", "YTRT", "RSP", "RES"),
    *("SURG", "PATH", "POC", "AE", "CM", "SACT", "SYM", "SURV", "DS", "DV"),
}
SOURCE = """
version = "9"
study_end = 2031-08-01
closing_days = 3
supersede_margin_days = 7
progression_ends_imaging = true

[[series]]
code = "NR"
label_en = "After the procedure"
label_zh = "术后"
on = true

[[visit]]
code = "NR-M1"
label_en = "Month 1"
label_zh = "1个月"
order = 1
series = "NR"
basis = "R"
anchor = "A1"
day_from = 30
day_to = 30
window_before = 7
forms = ["SV", "RSP"]
"""


def problems(source: str) -> list[str]:
    with pytest.raises(ScheduleFileError) as refused:
        parse(source, FORMS)
    return [problem.en for problem in refused.value.problems]


def test_the_first_version_is_sound():
    schedule = load(SCHEDULES / "v1.toml", FORMS)
    assert schedule.version == "1"
    assert schedule.series_on() == {one.code for one in schedule.series} - {"CAL"}
    assert all(one.forms[0] == "SV" for one in schedule.visits if one.series != "LOG")
    assert {code for one in schedule.visits for code in (*one.forms, *one.optional)} == set(FORMS)
    assert all(re.search("[一-鿿]", one.label.zh) for one in schedule.visits if one.code != "Y-MAP")


@pytest.mark.parametrize(
    ("visit", "forms"),
    [
        ("SCR", ["SV", "DM", "MH", "VS", "LB", "IMG", "STG", "IE", "SYM", "ARM"]),
        ("H-C1", ["SV", "VS", "LB", "STG", "SYM", "HAIC"]),
        ("H-C4", ["SV", "VS", "LB", "STG", "SYM", "HAIC"]),
        ("Y-MAP", ["SV", "VS", "LB", "SYM", "YMAP", "YDOS"]),
        ("Y-INF", ["SV", "VS", "LB", "STG", "SYM", "YTRT"]),
        ("Y-M11", ["SV", "VS", "LB", "STG", "IMG", "RSP", "RES", "SYM"]),
        ("PH-M3", ["SV", "VS", "LB", "STG", "IMG", "RSP", "SYM"]),
        ("LOG", []),
    ],
)
def test_forms_due_at_a_visit(visit, forms):
    assert list(load(SCHEDULES / "v1.toml").forms_of(visit)) == forms


def test_surgery_forms_and_timings():
    surgery = load(SCHEDULES / "v1.toml").visit("SURG")
    assert "SURG" in surgery.forms
    assert [(one.anchor, one.arms, one.day_from, one.day_to) for one in surgery.timings] == [
        (Anchor.A2, ("HAIC", "Y90"), 0, 0),
        (Anchor.A1, ("HAIC",), 21, 28),
        (Anchor.A1, ("Y90",), 90, 120),
    ]


def test_a_small_file():
    visit = parse(SOURCE, FORMS).visit("NR-M1")
    assert (visit.arms, visit.forms, visit.label.zh) == (("HAIC", "Y90"), ("SV", "RSP"), "1个月")
    assert (visit.timings[0].window_before, visit.timings[0].window_after) == (7, None)


def test_a_form_more_is_one_word():
    source = SOURCE.replace('["SV", "RSP"]', '["SV", "RSP", "VS"]')
    assert parse(source, FORMS).forms_of("NR-M1") == ("SV", "RSP", "VS")


def test_repeated_visits_are_written_out():
    source = SOURCE.replace("NR-M1", "NR-{n}").replace("Month 1", "Month {n}").replace("1个月", "{n}个月")
    source += "repeat = { first = 5, step = 2, every = 61, last_day = 152 }"
    visits = parse(source).visits
    assert [(one.code, one.order, one.timings[0].day_from, str(one.label)) for one in visits] == [
        ("NR-5", 1, 30, "Month 5"),
        ("NR-7", 2, 91, "Month 7"),
        ("NR-9", 3, 152, "Month 9"),
    ]


def test_an_unknown_visit():
    with pytest.raises(KeyError):
        parse(SOURCE).visit("NR-M2")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"NR-M1"', '"nr m1"', "visit nr m1: a code is made of capitals and digits, joined by hyphens."),
        ("order = 1", "", "visit 1 (NR-M1): order is missing."),
        ("order = 1", 'order = "1"', "visit 1 (NR-M1): order must be a whole number."),
        ('"A1"', '"A9"', "visit 1 (NR-M1): anchor is 'A9' and must be one of "),
        ("day_to = 30", "day_to = 29", "visit 1 (NR-M1): day_from 30 is later than day_to 29."),
        (
            "window_before = 7",
            "window_before = -7",
            "visit 1 (NR-M1): window_before is -7 and must not be below 0.",
        ),
        ("window_before = 7", "windows = 7", "visit 1 (NR-M1): windows is not a word this file knows."),
        ('"RSP"]', '"RPS"]', "visit NR-M1: there is no form 'RPS'."),
        ('"RSP"]', '"SV"]', "visit 1 (NR-M1): forms names 'SV' more than once."),
        ('["SV", "RSP"]', '"SV"', "visit 1 (NR-M1): forms must be a list of texts."),
        (
            'label_zh = "1个月"',
            'label_zh = ""',
            "visit 1 (NR-M1): label_zh must be a text that is not empty.",
        ),
        ('series = "NR"', 'series = "PH"', "visit NR-M1: there is no series 'PH'."),
        ('basis = "R"', 'basis = "X"', "visit 1 (NR-M1): basis is 'X' and must be one of R, P."),
        ("on = true", 'on = "yes"', "series 1: on must be true or false."),
        ("2031-08-01", '"2031"', "schedule: study_end must be a date such as 2031-08-01."),
        ("order = 1", 'order = 1\nsame_as = ["NR-M9"]', "visit NR-M1: it names the visit 'NR-M9', which is"),
        (
            "order = 1",
            'order = 1\nends_at = ["DEATH"]',
            "visit 1 (NR-M1): ends_at names 'DEATH'; possible are ",
        ),
        ("version = ", "version ", "This is not valid TOML: "),
    ],
)
def test_what_is_wrong_is_said(old, new, expected):
    found = problems(SOURCE.replace(old, new, 1))
    assert [one[: len(expected)] for one in found] == [expected]


def test_every_fault_is_said_at_once():
    source = SOURCE.replace("order = 1", "").replace("day_to = 30", "day_to = true")
    assert problems(source) == [
        "visit 1 (NR-M1): day_to must be a whole number.",
        "visit 1 (NR-M1): order is missing.",
    ]


def test_a_code_or_an_order_used_twice():
    visit = SOURCE[SOURCE.index("[[visit]]") :]
    assert problems(SOURCE + visit) == ["visit NR-M1: the code is used twice."]
    assert problems(SOURCE + visit.replace('"NR-M1"', '"NR-M3"')) == [
        "visit NR-M3: order 1 is also that of visit NR-M1."
    ]

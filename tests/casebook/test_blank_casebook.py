"""The blank casebook: everything anybody could be asked, from the definitions and the schedule alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.models import User
from casebook.printing import blank
from casebook.printing.words import condition_of
from participants.schedule_file import SCHEDULES, Schedule, load
from records.codelists import CodeList
from records.conditions import When
from records.definition import forms, row_groups
from records.items import CodeItem, Item, MeasuredItem, items_of
from records.text import Text
from tests.browsing import at_the_desk
from tests.casebook.printing import Printed, squeezed
from tests.records.specimen import Specimen

SCHEDULE = load(SCHEDULES / "v1.toml")


def blank_pdf(person: User, query: str = "") -> Printed:
    response = at_the_desk(person).get(f"/casebook/blank/{query}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    return Printed(response.content)


def words_of_all_forms() -> list[str]:
    """Title, headings, questions, units and answers of every form and its rows in both languages."""
    found: list[str] = []
    for model in forms().values():
        found += [model.form.code, model.form.title.zh, model.form.title.en]
        for rows in row_groups(model).values():
            found += [rows.rows.title.zh, rows.rows.title.en, rows.rows.one.zh, rows.rows.one.en]
        for asked in (model, *row_groups(model).values()):
            found += [words for item in items_of(asked) if not item.companion_of for words in words_of(item)]
    return found


def words_of(item: Item) -> list[str]:
    texts = [item.label, item.section, item.help]
    if item.codes is not None and len(item.codes) <= blank.MOST_BOXES and not item.derived:
        texts += [words for _code, words in item.codes]
    found = [words for text in texts if text for words in (text.zh, text.en)]
    if not item.derived:
        found += list(item.units) if isinstance(item, MeasuredItem) else [item.unit]
    return found


@pytest.mark.slow
def test_every_word_of_every_form_is_on_numbered_pages_that_name_the_trial(
    monitor: User, at_start: None
) -> None:
    printed = blank_pdf(monitor)
    assert printed.lacks(words_of_all_forms()) == []
    for visit in SCHEDULE.visits:
        if visit.series in SCHEDULE.series_on():
            assert printed.lacks([visit.code, visit.label.zh, visit.label.en]) == []
    last = len(printed)
    for number, page in enumerate(printed.pages, start=1):
        assert f"第{number}页，共{last}页·Page{number}of{last}" in page
        assert "NCT07070076" in page
        assert "2026-09-0110:00北京时间Beijingtime·Monitor" in page
        assert "虚构数据FICTITIOUSDATA" in page
    of_forms = [page for page in printed.pages if "受试者Participant" in page]
    assert len(of_forms) >= len(forms())
    assert all("访视日期Visitdate" in page and "研究者Investigator" in page for page in of_forms)


def test_bookmarks_lead_to_every_form(monitor: User, at_start: None) -> None:
    assert blank_pdf(monitor).bookmarks == [
        "空白病例报告表",
        "访视计划 Schedule of visits",
        *(
            " ".join(f"{code} {title.zh} {title.en}".split())
            for code in blank.in_order(SCHEDULE)
            for title in (forms()[code].form.title,)
        ),
    ]


def test_item_names_and_cdisc_terms_are_in_the_annotated_one_alone(monitor: User, at_start: None) -> None:
    plain, annotated = blank_pdf(monitor), blank_pdf(monitor, "?annotated=1")
    [first] = [number for number in range(3, 7) if "知情同意书版本号" in plain.page(number)]
    assert "ICFDTC" not in plain.page(first)
    assert squeezed("ICFDTC · DM.RFICDTC") in annotated.page(first)


def test_a_file_says_what_it_is(monitor: User, at_start: None) -> None:
    client = at_the_desk(monitor)
    for query, kind in (("", "blank"), ("?annotated=1", "annotated")):
        disposition = client.get(f"/casebook/blank/{query}").headers["Content-Disposition"]
        assert disposition == f'attachment; filename="NCT07070076-{kind}-casebook-v1.pdf"'


def test_the_same_moment_and_person_give_the_same_bytes(
    monitor: User, at_start: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.clock.now", lambda reading=None: at_start)
    client = at_the_desk(monitor)
    assert client.get("/casebook/blank/").content == client.get("/casebook/blank/").content


def test_who_sees_no_participants_gets_none(system_administrator: User, at_start: None) -> None:
    assert at_the_desk(system_administrator).get("/casebook/blank/").status_code == 403


def test_the_list_of_participants_leads_to_it(monitor: User, at_start: None) -> None:
    page = at_the_desk(monitor).get("/participants/").content.decode()
    assert 'href="/casebook/blank/"' in page
    assert 'href="/casebook/blank/?annotated=1"' in page


# -- content -------------------------------------------------------------------------------------------


def content(schedule: Schedule = SCHEDULE) -> dict:  # type: ignore[type-arg]
    return blank.blank_casebook(schedule, schedule.series_on(), annotated=False)


def test_a_new_form_appears_by_its_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**forms(), "SPEC": Specimen}
    monkeypatch.setattr(blank, "forms", lambda: known)
    visits = tuple(
        replace(visit, forms=(*visit.forms, "SPEC")) if visit.code == "SCR" else visit
        for visit in SCHEDULE.visits
    )
    [specimen] = [
        form for form in content(replace(SCHEDULE, visits=visits))["forms"] if form["code"] == "SPEC"
    ]
    assert specimen["title"] == {"zh": "标本", "en": "Specimen"}
    assert (specimen["due"], specimen["optional"], specimen["several"]) == (["SCR"], [], False)
    [section] = specimen["sections"]
    asked = {run["condition"]["en"] if run["condition"] else "": run["items"] for run in section["runs"]}
    assert [item["name"] for item in asked["only if Tissue: Blood"]] == ["ALBUMIN", "METHOD"]
    albumin = asked["only if Tissue: Blood"][0]
    assert albumin["units"] == ["g/L", "g/dL", "mg/L"]
    assert albumin["range"] == {"zh": "常见", "en": "usual", "limits": "25–55 g/L"}
    assert albumin["missing"] == ["ND", "NK", "NA"]
    [pulse, tests, share] = section["runs"][-1]["items"]
    assert (pulse["range"]["limits"], pulse["missing"]) == ("50–110", ["ND"])
    assert (tests["many"], tests["choices"][0]) == (True, {"zh": "白蛋白", "en": "Albumin"})
    assert (share["computed"], share["dose"], share["range"]["limits"]) == (True, False, "≥ 0.5")


def test_forms_stand_in_the_order_of_the_schedule_each_once_with_its_visits() -> None:
    printed = content()["forms"]
    codes = [form["code"] for form in printed]
    assert codes[:3] == ["SV", "DM", "MH"]
    assert sorted(codes) == sorted(forms())
    by_code = {form["code"]: form for form in printed}
    assert by_code["DM"]["due"] == ["SCR"]
    assert by_code["HAIC"]["due"] == ["H-C1", "H-C2", "H-C3", "H-C4"]
    assert (by_code["AE"]["due"], by_code["AE"]["optional"], by_code["AE"]["several"]) == ([], ["LOG"], True)


def test_the_questions_of_a_row_stand_in_their_place_with_their_condition() -> None:
    [history] = [form for form in content()["forms"] if form["code"] == "MH"]
    titles = [section["title"]["en"] if section["title"] else None for section in history["sections"]]
    at = titles.index("Previous treatments")
    before, treatments, after = history["sections"][at - 1 : at + 2]
    assert before["runs"][-1]["items"][-1]["name"] == "PRIORIFN"
    assert (after["title"], after["group"]) == (before["title"], None)
    assert treatments["group"]["one"] == {"zh": "治疗", "en": "Treatment"}
    assert treatments["group"]["condition"]["zh"] == "仅当既往抗肿瘤治疗（含干扰素）：是"
    names = [item["name"] for run in treatments["runs"] for item in run["items"]]
    assert names == ["PRIORTYPE", "PRIORDTC", "PRIORDRUG"]
    assert titles[-1] == "Other conditions"
    assert history["sections"][-1]["group"]["condition"] is None


def test_visits_of_series_that_are_off_are_left_out() -> None:
    printed = content()
    assert "CAL-M3" not in [visit["code"] for visit in printed["schedule"]["visits"]]
    assert all("CAL-M3" not in [*form["due"], *form["optional"]] for form in printed["forms"])


def test_calculated_doses_are_marked_and_other_computed_values_are_not_doses() -> None:
    items = {
        item["name"]: item
        for form in content()["forms"]
        for section in form["sections"]
        for run in section["runs"]
        for item in run["items"]
    }
    assert {name for name, item in items.items() if item["dose"]} >= {"OXACALC", "LVCALC", "ACALC", "DLUNG"}
    assert items["AGE"]["computed"]
    assert not items["AGE"]["dose"]
    assert not items["OXADOSE"]["computed"]


def test_timings_and_windows_are_in_words() -> None:
    visits = {visit["code"]: visit for visit in content()["schedule"]["visits"]}
    assert visits["H-C2"]["timing"] == {
        "zh": "第1疗程开始起第21至28天",
        "en": "day 21 to 28 from start of cycle 1",
    }
    assert (visits["H-C2"]["window"], visits["Y-INF"]["window"], visits["H-C1"]["window"]) == (
        "±3 d",
        "−0 +16 d",
        "",
    )
    assert visits["PREOP"]["timing"]["en"] == "day −14 to 0 from hepatectomy"
    assert visits["SURG"]["timing"]["en"] == (
        "day 0 from hepatectomy; day 21 to 28 from index procedure (HAIC); "
        "day 90 to 120 from index procedure (Y90)"
    )
    assert visits["UNS"]["timing"]["zh"] == "随时"


def listed(length: int) -> CodeItem:
    codes = CodeList("TERMS", *((f"T{n}", f"Term {n}", f"术语{n}") for n in range(length)))
    item = CodeItem(Text("Term", "术语"), codes=codes)
    item.name = "term"
    return item


def test_a_long_list_is_written_and_a_short_one_ticked() -> None:
    ticked, written = (
        blank.blank_item(listed(blank.MOST_BOXES)),
        blank.blank_item(listed(blank.MOST_BOXES + 1)),
    )
    assert (len(ticked["choices"]), ticked["list"]) == (blank.MOST_BOXES, None)
    assert written["choices"] == []
    assert written["list"] == {
        "zh": f"从代码表TERMS的{blank.MOST_BOXES + 1}项中选择",
        "en": f"one of the {blank.MOST_BOXES + 1} of list TERMS",
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (When(sex="F"), "only if Sex: Female"),
        (When(visit_code=("SCR", "H-C1")), "only if visit: SCR / H-C1"),
        (When(resected="Y", sex="M"), "only if liver resected and Sex: Male"),
        (When(something="X"), "only if something: X"),
    ],
)
def test_a_condition_is_said_in_words_of_the_form_it_reads(condition: When, expected: str) -> None:
    said = condition_of(condition, {})
    assert said is not None
    assert said["en"] == expected

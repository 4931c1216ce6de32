"""A participant's casebook as it is printed: every answer of every form, and who, when and why."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.access import Actor
from casebook.printing.answers import form_content, group_section
from casebook.printing.appendix import trail_of
from casebook.printing.filled import filled_casebook
from casebook.printing.typesetting import typeset
from followup.actions import add_unscheduled_visit
from participants.actions import confirm_discrepancy
from participants.models import CaseReportForm, Discrepancy, Participant, Visit
from participants.reading import Entered, entered_of
from participants.workflow import VisitState
from records.checks import RowEntry
from records.codelists import MISSING
from records.definition import forms, row_groups
from records.items import items_of
from tests.casebook.desk import visit_of
from tests.casebook.printing import Printed, filled_entry, filled_record
from tests.cast import START
from trial_edc.demo.walks import VITAL_SIGNS, fill, walk_to_eligible, walk_to_haic_done

FORMS = [code for code, model in forms().items() if issubclass(model, CaseReportForm)]


def rows_of(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows of a printed form by their English label."""
    return {row["label"]["en"]: row for section in form["sections"] for row in section["rows"]}


def printed_form(participant: Participant, code: str, visit: str = "SCR") -> dict[str, Any]:
    sections = {section["code"]: section for section in filled_casebook(participant)["visits"]}
    [form] = [form for form in sections[visit]["forms"] if form["code"] == code]
    return form


TREATMENTS = {"zh": "既往治疗", "en": "Previous treatments"}


@pytest.fixture
def treated(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    """Somebody who had two cycles of HAIC."""
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    return walk_to_haic_done(participant, by=by_coordinator, investigator=by_investigator, now=START)


# -- reading -------------------------------------------------------------------------------------------


def test_one_query_reads_every_form_and_row_as_the_models_would(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    rows = [RowEntry({"mhterm": "糖尿病", "mhstdtc": "2019", "mhenrf": "Y", "mhtoxgr": 2}) for _ in range(2)]
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk_to_haic_done(participant, by=by_coordinator, investigator=by_investigator, now=START)
    history = forms()["MH"]._default_manager.get(participant=participant)
    for number, row in enumerate(rows, start=1):
        row_groups(type(history))["conditions"]._default_manager.create(
            record=history, participant=participant, number=number, **row.answers
        )

    with CaptureQueriesContext(connection) as queries:
        entered = entered_of(participant)
    assert len(queries) == 1
    found: dict[Any, Any] = {(type(one.record), one.record.pk): one.record for one in entered}
    for one in entered:
        assert one.rows.keys() == row_groups(type(one.record)).keys()
        for inside in one.rows.values():
            found |= {(type(row), row.pk): row for row in inside}
            assert [row.record_id for row in inside] == [one.record.pk] * len(inside)
            assert [row.number for row in inside] == list(range(1, len(inside) + 1))
    tables = [forms()[code] for code in FORMS]
    tables += [rows for model in tables for rows in row_groups(model).values()]  # type: ignore[misc]
    stored = {
        (model, row.pk): row
        for model in tables
        for row in model._default_manager.filter(participant=participant)
    }
    assert found.keys() == stored.keys()
    assert len({model for model, _pk in stored}) > 6
    for key, record in stored.items():
        for field in record._meta.concrete_fields:
            expected, got = getattr(record, field.attname), getattr(found[key], field.attname)
            assert (got, type(got), str(got)) == (expected, type(expected), str(expected)), field


def test_seven_queries_whatever_was_entered_and_two_more_with_the_trail(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    def queries() -> int:
        fresh = Participant.objects.select_related("site").get(pk=participant.pk)
        with CaptureQueriesContext(connection) as captured:
            filled_casebook(fresh)
        return len(captured)

    assert queries() == 7
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk_to_haic_done(participant, by=by_coordinator, investigator=by_investigator, now=START)
    assert queries() == 7
    with CaptureQueriesContext(connection) as captured:
        trail_of(participant)
    assert len(captured) == 2


# -- content -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FORMS)
def test_every_answer_of_every_form_is_given_in_both_languages(participant: Participant, code: str) -> None:
    entered = filled_entry(forms()[code], participant=participant, visit=visit_of(participant))
    form = form_content(entered, 1, {}, {})
    said = [row for section in form["sections"] for row in section["rows"]]
    items = [item for item in items_of(type(entered.record)) if not item.companion_of]
    groups = [section["group"] for section in form["sections"] if section["group"]]
    assert len(groups) == len(entered.rows)
    by_title = {rows.rows.title.en: rows for rows in row_groups(forms()[code]).values()}
    for section in form["sections"]:
        if section["group"]:
            items += [item for item in items_of(by_title[section["title"]["en"]]) if not item.companion_of]
            first, _second = section["group"]["rows"]
            said += first["cells"]
    assert len(said) == len(items)
    for item in items:
        row = next(row for row in said if row and row["label"] == {"zh": item.label.zh, "en": item.label.en})
        assert row["answer"]["zh"], item.name
        assert row["answer"]["en"], item.name
        assert row["computed"] == item.derived
        if item.kind == "code" and item.codes is not None:
            words = item.codes.label(item.codes.values[0])
            assert row["answer"] == {"zh": words.zh, "en": words.en}


def test_values_carry_their_unit_and_a_converted_one_beside_another(
    participant: Participant, by_coordinator: Actor
) -> None:
    answers = {
        "chemyn": "Y",
        "tbil": 2,
        "tbil_u": "mg/dL",
        "alb": 40,
        "alt": 42,
        "k": 2,
        "k_c": "LT",
        "urea": 5,
    }
    fill(participant, "LB", answers, by=by_coordinator, now=START, submit=False)
    rows = rows_of(printed_form(participant, "LB"))
    assert rows["Total bilirubin"]["answer"]["en"] == (
        "2.00 mg/dL (= 34.2 µmol/L) [≤ 1.345 · ↑ · CTCAE 1 · NCS]"
    )
    assert rows["Albumin"]["answer"]["zh"] == "40.00 g/L [40–55]"
    assert rows["Potassium"]["answer"]["en"] == "<2.00 mmol/L [3.5–5.3 · ↓ · CTCAE 4 · NCS]"
    assert rows["Urea"]["answer"]["en"] == "5.00 mmol/L"


def test_a_draft_a_missing_value_and_a_confirmation_are_said(
    participant: Participant, by_coordinator: Actor
) -> None:
    fill(
        participant, "VS", {"pulse": 120}, by=by_coordinator, now=START, submit=False,
        missing={"temp": "ND"}, confirmed={"pulse": "爬楼后"},
    )  # fmt: skip
    draft = printed_form(participant, "VS")
    assert (draft["draft"], draft["state"]["en"]) == (True, "Draft, not submitted")
    assert draft["submitted"] == {"at": "", "by": ""}
    assert draft["entered"] == {"at": "2026-09-01 10:00", "by": "Coordinator"}
    rows = rows_of(draft)
    missing = rows["Temperature"]["missing"]
    assert missing == {"code": "ND", "zh": MISSING.label("ND").zh, "en": "Not done"}
    assert (rows["Temperature"]["answer"], rows["Height"]["answer"], rows["Height"]["missing"]) == (None,) * 3
    assert (rows["Pulse"]["answer"]["en"], rows["Pulse"]["confirmed"]) == ("120 /min", ["爬楼后"])

    complete = {**VITAL_SIGNS, "pulse": 72}
    fill(participant, "VS", complete, by=by_coordinator, now=START + timedelta(hours=1))
    form = printed_form(participant, "VS")
    assert (form["draft"], form["revision"], form["state"]["zh"]) == (False, 2, "已提交")
    assert form["submitted"] == {"at": "2026-09-01 11:00", "by": "Coordinator"}
    assert rows_of(form)["Pulse"]["confirmed"] == []


def test_the_confirmation_of_a_converted_value_stands_at_the_value(participant: Participant) -> None:
    record = filled_record(forms()["LB"], participant=participant, visit=visit_of(participant))
    record.confirmed = {"tbil_si": "repeated"}
    form = form_content(Entered(record, {}), 1, {}, {})
    assert rows_of(form)["Total bilirubin"]["confirmed"] == ["repeated"]


def test_questions_that_did_not_apply_are_named_together(
    participant: Participant, by_coordinator: Actor
) -> None:
    fill(
        participant, "DM", {"brthdtc": "1970-05-04", "sex": "M"}, by=by_coordinator, now=START, reason="typed"
    )
    form = printed_form(participant, "DM")
    assert [words["en"] for words in form["unasked"]] == [
        "Childbearing potential",
        "Reason no potential",
        "Lactating",
        "Willing to use contraception",
    ]
    assert "Lactating" not in rows_of(form)
    # A question that applies stays, answered or not.
    assert rows_of(form)["Ethnic group"]["answer"] is None


def test_calculated_doses_are_for_verification_only(treated: Participant) -> None:
    rows = rows_of(printed_form(treated, "HAIC", "H-C1"))
    calculated = rows["Oxaliplatin, calculated dose (for verification only)"]
    assert (calculated["computed"], calculated["dose"]) == (True, True)
    assert (rows["Oxaliplatin given"]["computed"], rows["Oxaliplatin given"]["dose"]) == (False, False)
    difference = rows["Oxaliplatin, difference from the calculated dose"]
    assert (difference["computed"], difference["dose"]) == (True, False)


def test_every_record_of_a_repeated_form_is_printed_in_order(participant: Participant) -> None:
    visit = visit_of(participant)
    for repeat in (2, 1, 3):
        record = filled_record(forms()["VS"], participant=participant, visit=visit, repeat=repeat)
        record.state, record.submitted_at, record.missing = "DRAFT", None, {}
        record.save()
    [screening] = filled_casebook(participant)["visits"]
    repeats = [(form["repeat"], form["of"]) for form in screening["forms"] if form["code"] == "VS"]
    assert repeats == [(1, 3), (2, 3), (3, 3)]


def test_rows_stand_where_the_form_says_and_name_what_was_not_asked(participant: Participant) -> None:
    history = filled_entry(forms()["MH"], rows=0, participant=participant, visit=visit_of(participant))
    treatment = row_groups(forms()["MH"])["prior_treatments"]
    history.rows["prior_treatments"] = [
        treatment(number=1, priortype="ABL", missing={"priordtc": "NK"}),
        treatment(number=3, priortype="TACE", priordtc="2024-05", priordrug="表柔比星"),
    ]
    form = form_content(history, 1, {}, {})
    titles = [section["title"]["en"] if section["title"] else None for section in form["sections"]]
    assert titles[:4] == [
        "Hepatocellular carcinoma",
        "History that decides eligibility",
        "Previous treatments",
        "History that decides eligibility",
    ]
    assert titles[-1] == "Other conditions"
    [treatments] = [section["group"] for section in form["sections"] if section["title"] == TREATMENTS]
    assert treatments["one"]["zh"] == "治疗"
    assert [column["en"] for column in treatments["columns"]] == ["Type of treatment", "Date", "Drug"]
    first, second = treatments["rows"]
    assert (first["number"], second["number"]) == (1, 3)
    assert (first["cells"][1]["missing"]["code"], first["cells"][2]) == ("NK", None)
    assert [cell["answer"]["zh"] for cell in second["cells"]] == ["TACE", "2024-05", "表柔比星"]
    assert form["sections"][-1]["group"]["rows"] == []


def test_what_a_row_asks_may_depend_on_its_form() -> None:
    condition = row_groups(forms()["MH"])["conditions"]
    section = group_section(condition, [condition(number=1, mhterm="x", mhenrf="N")], {})
    assert section["group"]["rows"][0]["cells"][3] is None
    section = group_section(condition, [condition(number=1, mhterm="x", mhenrf="Y")], {})
    assert section["group"]["rows"][0]["cells"][3]["answer"] is None


def test_what_is_kept_throughout_the_study_is_no_visit_of_the_calendar(
    participant: Participant, by_coordinator: Actor
) -> None:
    answers = {"symdtc": START.date()}
    fill(participant, "SYM", answers, by=by_coordinator, now=START, visit_code="LOG", submit=False)
    content = filled_casebook(participant)
    assert "LOG" not in [line["code"] for line in content["calendar"]]
    [log] = [section for section in content["visits"] if section["code"] == "LOG"]
    assert (log["status"], log["label"]["zh"], log["not_entered"]) == (None, "全程记录", [])
    assert [form["code"] for form in log["forms"]] == ["SYM"]


def test_a_visit_is_printed_when_something_happened_at_it_and_says_what_is_missing(
    participant: Participant, by_coordinator: Actor
) -> None:
    content = filled_casebook(participant)
    assert [section["code"] for section in content["visits"]] == ["SCR"]
    Visit.objects.create(
        participant=participant, schedule=visit_of(participant).schedule, code="UNS", occurrence=2, position=200,
        series="UNS", label_en="Unscheduled visit", label_zh="计划外访视", forms=["SV", "LB"],
        status=VisitState.MISSED,
    )  # fmt: skip
    Visit.objects.create(
        participant=participant, schedule=visit_of(participant).schedule, code="LT-1", position=101, series="LT",
        label_en="Long-term follow-up 1", label_zh="长期随访1", forms=["SV"], target_from=START.date(),
        target_to=START.date() + timedelta(days=3), window_open=START.date(),
    )  # fmt: skip
    content = filled_casebook(participant)
    assert [section["code"] for section in content["visits"]] == ["SCR", "UNS (2)"]
    screening, missed = content["visits"]
    screening_forms = visit_of(participant).forms
    assert (missed["forms"], missed["status"]["en"]) == ([], "Missed")
    assert [form["code"] for form in screening["not_entered"]] == [
        code for code in screening_forms if code not in ("DM", "ARM")
    ]
    lines = {line["code"]: line for line in content["calendar"]}
    assert (lines["LT-1"]["target"], lines["LT-1"]["window"]) == ("2026-09-01 – 2026-09-04", "2026-09-01 – ")
    assert lines["SCR"]["forms"][:2] == [{"code": "SV", "state": "blank"}, {"code": "DM", "state": "draft"}]


def test_a_visit_outside_its_window_says_so(participant: Participant, by_coordinator: Actor) -> None:
    answers = {"svdone": "Y", "svstdtc": START.date(), "svmode": "CLINIC"}
    fill(participant, "SV", answers, by=by_coordinator, now=START)
    Visit.objects.filter(participant=participant, code="SCR").update(
        window_open=START.date() - timedelta(days=9), window_close=START.date()
    )
    [inside] = filled_casebook(participant)["visits"]
    assert (inside["day"], inside["outside"]) == ("2026-09-01", False)
    Visit.objects.filter(participant=participant, code="SCR").update(
        window_close=START.date() - timedelta(days=1)
    )
    [outside] = filled_casebook(participant)["visits"]
    assert outside["outside"]


def test_the_path_with_persons_times_and_reasons(treated: Participant) -> None:
    content = filled_casebook(treated)
    assert [(step["status"]["en"], step["by"]) for step in content["path"]][:3] == [
        ("In screening", "Coordinator"),
        ("Eligible", "Investigator"),
        ("Arm assigned", "Investigator"),
    ]
    assert content["participant"]["arm"] == {"zh": "HAIC", "en": "HAIC"}
    assert content["participant"]["site"] == {"code": "01", "zh": "第01医院", "en": "Hospital 01"}
    assert (content["records"], content["drafts"]) == (len(entered_of(treated)), 0)


def test_discrepancies_between_forms_stand_with_their_comments(
    participant: Participant, by_coordinator: Actor
) -> None:
    later = START + timedelta(days=30)
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    add_unscheduled_visit(participant=participant, by=by_coordinator, now=later)
    taller = {**VITAL_SIGNS, "height": Decimal("175.0")}
    fill(participant, "VS", taller, by=by_coordinator, now=later, visit_code="UNS", submit=False)
    confirm_discrepancy(
        discrepancy=Discrepancy.objects.get(), comment="量了两次", by=by_coordinator, now=later
    )
    content = filled_casebook(participant)
    [one] = content["discrepancies"]
    assert (one["check"], one["visit"], one["form"], one["status"]["en"]) == ("X23", "UNS", "VS", "Confirmed")
    assert one["message"]["en"].startswith("The height was 170.0 cm at Screening and is 175.0 cm here.")
    assert one["comments"] == [{"comment": "量了两次", "at": "2026-10-01 10:00", "by": "Coordinator"}]
    content |= {"visits": [], "calendar": [], "with_trail": False, "trail": []}
    printed = Printed(typeset("filled", content, by=by_coordinator, now=later))
    assert printed.bookmarks[-1] == "表单间不一致 Discrepancies between forms"
    assert "X23UNSVS" in printed.page(2)
    assert "量了两次Coordinator,2026-10-0110:00" in printed.page(2)


def test_the_trail_is_told_in_both_languages_oldest_first(
    participant: Participant, by_coordinator: Actor
) -> None:
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    fill(participant, "VS", {"pulse": 80}, by=by_coordinator, now=START, reason="看错")
    first, *_between, last = trail_of(participant)
    assert first["operation"] == {"zh": "新增", "en": "added"}
    assert (last["title"]["zh"], last["operation"]["en"]) == ("生命体征、体格检查与ECOG评分", "changed")
    assert (last["by"], last["role"]["zh"], last["reason"]) == ("Coordinator", "研究协调员（CRC）", "看错")
    assert last["lines"] == [
        [{"zh": "脉搏", "en": "Pulse"}, {"zh": "72", "en": "72"}, {"zh": "80", "en": "80"}]
    ]


def test_a_casebook_reads_the_same_whatever_language_its_printer_reads(treated: Participant) -> None:
    def made(language: str) -> dict[str, Any]:
        with translation.override(language):
            return {**filled_casebook(treated), "trail": trail_of(treated)}

    assert made("en") == made("zh-hans")


# -- the PDF -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_form_is_printed_with_its_visit_answers_and_pages(
    treated: Participant, by_coordinator: Actor
) -> None:
    content = {**filled_casebook(treated), "with_trail": False, "trail": []}
    screening = visit_of(treated)
    [section, *_others] = content["visits"]
    entered = {one.record.form.code for one in entered_of(treated)}
    extra = [
        form_content(filled_entry(forms()[code], participant=treated, visit=screening), 1, {}, {})
        for code in FORMS
        if code not in entered or row_groups(forms()[code])
    ]
    section["forms"] = [*section["forms"], *extra]
    section["forms"][0]["draft"] = True
    printed = Printed(typeset("filled", content, by=by_coordinator, now=START, reference="0123ABCD"))

    words = ["计算值仅供核对", "for verification only", "未涉及的项目"]
    for visit in content["visits"]:
        words += [visit["code"], *visit["label"].values()]
        for form in visit["forms"]:
            words += form["title"].values()
            said = [row for one in form["sections"] for row in one["rows"]]
            groups = [one["group"] for one in form["sections"] if one["group"]]
            said += [cell for group in groups for row in group["rows"] for cell in row["cells"] if cell]
            words += [
                text for row in said for text in (*row["label"].values(), *(row["answer"] or {}).values())
            ]
    assert printed.lacks(words) == []

    last = len(printed)
    for number, page in enumerate(printed.pages, start=1):
        assert f"第{number}页，共{last}页·Page{number}of{last}" in page
        assert "NCT07070076受试者Participant01-001中心Site01" in page
        assert "2026-09-0110:00北京时间Beijingtime·Coordinator·No.0123ABCD" in page
    of_cycle = [page for page in printed.pages if "访视VisitH-C2" in page]
    assert of_cycle
    assert "表单FormSV,VS,LB" in of_cycle[0]
    assert all("表单Form" in page for page in of_cycle)
    assert "HAICHAIC治疗周期HAICcycle" in of_cycle[-1]
    assert printed.bookmarks.count("SV 访视信息 Visit header") == len(content["visits"])

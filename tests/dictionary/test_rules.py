"""Every rule in words of the dictionary is broken once, and kept once."""

from __future__ import annotations

import re

import pytest

from records.findings import Level
from tests.dictionary.cases import CASES, Case
from tests.dictionary.conftest import Desk
from tests.dictionary.sheet import DICTIONARY, TYPED, Sheet
from trial_edc.dictionary.table import Field

pytestmark = pytest.mark.slow

ITSELF = re.compile(r"<= (today|now)|>= consent\b.*|>= [0-9]+ chars")  # read from the rule by test_rows
CROSS_FORM = re.compile(r"\(X[0-9]{2}\)$")
HELD = {(row.form, row.item) for row in TYPED}
TRIED = [case for case in CASES if (case.form, case.item) in HELD]
# Rules over several rows or records, which a sheet of one row cannot break: where they are tried.
TRIED_ELSEWHERE = {
    ("IMG", "lesions.lnkid", "once a form"): "tests/eligibility",
    ("IMG", "lesions.lnkid", "at most 5 targets, 2 an organ"): "tests/eligibility",
    ("RSP", "rsdtc", "= the latest imaging date of the set"): "tests/followup",
    ("RSP", "rsinv", "= OVRLRESP"): "tests/followup",
    ("SYM", "symfile", "image or PDF, at most 10 MB"): "tests/casebook/test_files.py",
    ("SURV", "dthreport", "image or PDF, at most 10 MB"): "tests/casebook/test_files.py",
}


def to_be_tried(row: Field) -> list[str]:
    """The rules of a row that need a case."""
    items = {item.rpartition(".")[2].upper() for item in DICTIONARY.of_form(row.form)}
    codes = {code for code, _en, _zh in row.codes or ()}
    rules = [rule for rule in row.rules if not (ITSELF.fullmatch(rule) or _between_items(rule, items))]
    questions = [one for one in row.questions if not set(one.split(", ")) <= codes]
    demanded = [row.demand] if row.demand else []
    return [rule for rule in (*rules, *questions, *demanded) if not CROSS_FORM.search(rule)]


def _between_items(rule: str, items: set[str]) -> bool:
    found = re.fullmatch(r"(?:<|>|<=|>=) ([A-Z0-9_]+)", rule)
    return found is not None and found[1] in items


@pytest.mark.parametrize("row", TYPED, ids=[f"{row.form}.{row.item}" for row in TYPED])
def test_every_rule_in_words_has_a_case(row: Field) -> None:
    tried = {case.rule for case in CASES if (case.form, case.item) == (row.form, row.item)}
    tried |= {rule for form, item, rule in TRIED_ELSEWHERE if (form, item) == (row.form, row.item)}
    assert [rule for rule in to_be_tried(row) if rule not in tried] == []


def test_every_case_is_of_a_rule_of_the_dictionary() -> None:
    known = {
        (row.form, row.item, rule)
        for row in DICTIONARY.fields
        for rule in (*row.rules, *row.questions, row.demand)
    }
    assert [case for case in CASES if (case.form, case.item, case.rule) not in known] == []
    assert set(TRIED_ELSEWHERE) <= known


@pytest.mark.parametrize("case", TRIED, ids=[f"{case.form}.{case.item} {case.rule}" for case in TRIED])
def test_a_rule_is_broken_and_kept(desk: Desk, case: Case) -> None:
    row = DICTIONARY.of_form(case.form)[case.item]
    level = Level.SOFT if case.rule in row.questions else Level.HARD

    def said(**changed: str | list[str]) -> set[str]:
        context = {**desk.context(case.form), **case.context}
        sheet = Sheet(DICTIONARY, case.form, context, {**case.broken, **changed})
        return {
            words
            for item, grade, words in sheet.judged(complete=True)
            if item == case.item and grade is level
        }

    broken, kept = said(), said(**case.kept)
    assert broken - kept, (broken, kept)

"""The terms of CTCAE v4.03: all there, each with its own grades, found in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.ctcae import CTCAE, GRADES, class_of, offered
from eligibility.lab_grades import TESTS
from records.terms import fold


def names(typed: str, most: int = 20) -> list[str]:
    return [term.code for term in CTCAE.search(typed, most=most)]


def test_every_term_is_there_once_with_words_in_both_languages() -> None:
    terms = CTCAE.terms.values()
    assert len(terms) == 790
    assert len({term.group.en for term in terms}) == 26
    for term in terms:
        assert term.words.zh and term.group.zh, term.code
        assert any("\u4e00" <= sign <= "\u9fff" for sign in term.words.zh), term.code
        assert set(term.grades) <= set(GRADES) and all(term.grades.values()), term.code


def test_no_two_terms_share_a_name_in_either_language() -> None:
    names = [fold(name) for term in CTCAE.terms.values() for name in (term.words.en, term.words.zh)]
    assert len(set(names)) == len(names)
    for term in CTCAE.terms.values():
        assert CTCAE.named(term.words.en) is CTCAE.named(term.words.zh) is term


@pytest.mark.parametrize(
    ("term", "grades"),
    [
        ("Anemia", (1, 2, 3, 4, 5)),
        ("Nausea", (1, 2, 3)),
        ("Febrile neutropenia", (3, 4, 5)),
        ("Platelet count decreased", (1, 2, 3, 4)),
        ("Cardiac troponin I increased", (1, 3)),
        ("Syncope", (3,)),
        ("Death NOS", (5,)),
        (None, (1, 2, 3, 4, 5)),
        ("Liver abscess", (1, 2, 3, 4, 5)),
    ],
)
def test_grades_offered_are_those_of_the_term(term: str | None, grades: tuple[int, ...]) -> None:
    assert offered(term) == grades


def test_the_wording_is_that_of_the_publication() -> None:
    grades = CTCAE.grades_of("Platelet count decreased")
    assert grades[1] == "<LLN - 75,000/mm3; <LLN - 75.0 x 10e9 /L"
    assert CTCAE.grades_of("Hepatic failure")[5] == "Death"
    assert CTCAE.general[1].startswith("Asymptomatic or mild symptoms")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("platelet", "Platelet count decreased"),
        ("PLT", "Platelet count decreased"),
        ("thrombocytopenia", "Platelet count decreased"),
        ("血小板", "Platelet count decreased"),
        ("ALT", "Alanine aminotransferase increased"),
        ("谷丙", "Alanine aminotransferase increased"),
        ("liver abscess", "Hepatic infection"),
        ("肝脓肿", "Hepatic infection"),
        ("REILD", "Hepatic failure"),
        ("放射性肺炎", "Pneumonitis"),
        ("腹痛", "Abdominal pain"),
        ("diarrhoea", "Diarrhea"),
        ("乏力", "Fatigue"),
        ("神经毒性", "Peripheral sensory neuropathy"),
        ("pulmonary embolism zzz", None),
    ],
)
def test_the_words_of_the_ward_find_the_term(typed: str, first: str | None) -> None:
    found = CTCAE.search(typed)
    assert (found[0].code if found else None) == first


def test_a_term_names_its_system_organ_class() -> None:
    group = class_of("Diarrhea")
    assert group is not None and (group.en, group.zh) == ("Gastrointestinal disorders", "胃肠疾病")
    assert class_of("Unheard of") is class_of(None) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Anemia", "Anemia"),
        ("anaemia", "Anemia"),
        ("ANEMIA", "Anemia"),
        ("platelet", "Platelet count decreased"),
        ("decreased platelet", "Platelet count decreased"),
        ("PLT", "Platelet count decreased"),
        ("thrombocytopenia", "Platelet count decreased"),
        ("bilirubin", "Blood bilirubin increased"),
        ("黄疸", "Blood bilirubin increased"),
        ("胆红素", "Blood bilirubin increased"),
        ("ALT", "Alanine aminotransferase increased"),
        ("REILD", "Hepatic failure"),
        ("radiation pneumonitis", "Pneumonitis"),
        ("放射性肺炎", "Pneumonitis"),
        ("Diarrhoea", "Diarrhea"),
        ("oedema limbs", "Edema limbs"),
        ("haemorrhage gastric", "Gastric hemorrhage"),
        ("hand-foot", "Palmar-plantar erythrodysesthesia syndrome"),
        ("fever", "Fever"),
        ("pain abdominal", "Abdominal pain"),
        ("腹痛", "Abdominal pain"),
        ("liver abscess", "Hepatic infection"),
        ("tumour pain", "Tumor pain"),
    ],
)
def test_first_term_found(typed: str, first: str) -> None:
    assert names(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "   ", "-", "qqq", "anemia qqq"])
def test_nothing_found(typed: str) -> None:
    assert CTCAE.search(typed) == []


def test_definition_is_searched_last() -> None:
    found = names("palpitations", most=50)
    assert found[0] == "Palpitations"
    assert "Sinus tachycardia" not in found[:1]
    assert "Anemia" in found  # its definition names palpitations


def test_no_more_than_asked_for() -> None:
    assert len(names("pain", most=5)) == 5
    assert names("pain", most=0) == []
    assert names("pain", most=5) == names("pain", most=20)[:5]


@given(st.sampled_from(list(CTCAE.terms)))
def test_a_term_is_found_by_its_own_name(name: str) -> None:
    assert names(name)[0] == name


@given(st.sampled_from(list(CTCAE.terms)), st.randoms(use_true_random=False))
def test_a_term_is_found_by_its_words_in_any_order(name: str, random: Any) -> None:
    words = name.split()
    assert name in names(" ".join(random.sample(words, len(words))), most=790)


@given(st.text(max_size=20))
def test_any_text_can_be_typed(typed: str) -> None:
    found = CTCAE.search(typed)
    assert len(found) <= 12 and len({one.code for one in found}) == len(found)


@given(st.sampled_from(list(CTCAE.terms)), st.sampled_from(list(CTCAE.terms)))
def test_more_words_never_find_more(one: str, other: str) -> None:
    assert set(names(f"{one} {other}", most=790)) <= set(names(one, most=790))


@pytest.mark.parametrize("test", TESTS)
def test_code_of_a_graded_laboratory_test_finds_its_terms(test: str) -> None:
    assert set(names(test)[: len(TERMS_OF_TEST[test])]) == set(TERMS_OF_TEST[test])


TERMS_OF_TEST = {
    "ALB": ["Hypoalbuminemia"],
    "ALP": ["Alkaline phosphatase increased"],
    "ALT": ["Alanine aminotransferase increased"],
    "AMYLASE": ["Serum amylase increased"],
    "AST": ["Aspartate aminotransferase increased"],
    "BILI": ["Blood bilirubin increased"],
    "CREAT": ["Creatinine increased"],
    "GGT": ["GGT increased"],
    "GLUC": ["Hyperglycemia", "Hypoglycemia"],
    "HGB": ["Anemia"],
    "INR": ["INR increased"],
    "K": ["Hyperkalemia", "Hypokalemia"],
    "LIPASE": ["Lipase increased"],
    "LYM": ["Lymphocyte count decreased"],
    "NEUT": ["Neutrophil count decreased"],
    "PLT": ["Platelet count decreased"],
    "SODIUM": ["Hypernatremia", "Hyponatremia"],
    "WBC": ["White blood cell decreased"],
}

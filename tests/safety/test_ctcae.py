"""The terms of CTCAE v4.03: all of them, their grades, and how they are found."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.lab_grades import TESTS
from safety.ctcae import TERMS, UnknownTerm, search, term, terms


def names(typed: str, most: int = 20) -> list[str]:
    return [one.name for one in search(typed, most=most)]


def test_every_published_term_is_there() -> None:
    published = json.loads((TERMS / "ctcae-4.03.json").read_text(encoding="utf-8"))
    assert list(terms()) == [entry["term"] for entry in published]
    assert len(terms()) == 790
    assert len({one.soc.en for one in terms().values()}) == 26


def test_every_term_has_words_and_grades() -> None:
    for entry in terms().values():
        assert entry.soc.zh != entry.soc.en, entry.name
        assert entry.grades and set(entry.grades) <= {1, 2, 3, 4, 5}, entry.name
        assert list(entry.grades) == sorted(entry.grades), entry.name
        assert all(entry.wording(grade).strip() for grade in entry.grades), entry.name


def test_own_words_belong_to_terms_and_name_one_each() -> None:
    own: dict[str, Any] = json.loads((TERMS / "words.json").read_text(encoding="utf-8"))
    assert set(own["terms"]) <= set(terms())
    assert set(own["soc"]) == {one.soc.en for one in terms().values()}
    labels = Counter(words["zh"] for words in own["terms"].values())
    assert [label for label, number in labels.items() if number > 1] == []


@pytest.mark.parametrize(
    ("name", "grades"),
    [
        ("Anemia", (1, 2, 3, 4, 5)),
        ("Platelet count decreased", (1, 2, 3, 4)),
        ("Hepatic failure", (3, 4, 5)),
        ("Hyponatremia", (1, 3, 4, 5)),
        ("INR increased", (1, 2, 3)),
        ("Death NOS", (5,)),
        ("Syncope", (3,)),
    ],
)
def test_grades_of_a_term(name: str, grades: tuple[int, ...]) -> None:
    assert term(name).grades == grades


def test_wording_of_a_grade() -> None:
    assert term("Blood bilirubin increased").wording(3) == ">3.0 - 10.0 x ULN"
    with pytest.raises(UnknownTerm) as caught:
        term("Hepatic failure").wording(2)
    assert caught.value.sentence.en == "Hepatic failure has no grade 2; there are 3, 4, 5."
    assert caught.value.sentence.zh == "肝衰竭没有2级，可选：3, 4, 5。"


@pytest.mark.parametrize("name", ["", "anemia", "Anaemia", "Bilirubin"])
def test_unknown_term_is_refused(name: str) -> None:
    with pytest.raises(UnknownTerm, match=r"CTCAE v4\.03 has no term"):
        term(name)


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
    assert search(typed) == ()


def test_definition_is_searched_last() -> None:
    found = names("palpitations", most=50)
    assert found[0] == "Palpitations"
    assert "Sinus tachycardia" not in found[:1]
    assert "Anemia" in found  # its definition names palpitations


def test_no_more_than_asked_for() -> None:
    assert len(names("pain", most=5)) == 5
    assert names("pain", most=0) == []
    assert names("pain", most=5) == names("pain", most=20)[:5]


@given(st.sampled_from(list(terms())))
def test_a_term_is_found_by_its_own_name(name: str) -> None:
    assert names(name)[0] == name


@given(st.sampled_from(list(terms())), st.randoms(use_true_random=False))
def test_a_term_is_found_by_its_words_in_any_order(name: str, random: Any) -> None:
    words = name.split()
    assert name in names(" ".join(random.sample(words, len(words))), most=790)


@given(st.text(max_size=20))
def test_any_text_can_be_typed(typed: str) -> None:
    found = search(typed)
    assert len(found) <= 20 and len({one.name for one in found}) == len(found)


@given(st.sampled_from(list(terms())), st.sampled_from(list(terms())))
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

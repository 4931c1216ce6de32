"""The terms of CTCAE v4.03: all there, each with its own grades, found in both languages."""

from __future__ import annotations

import pytest

from eligibility.ctcae import CTCAE, GRADES, class_of, offered
from records.terms import fold


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
        ("pulmonary embolism PE", None),
    ],
)
def test_the_words_of_the_ward_find_the_term(typed: str, first: str | None) -> None:
    found = CTCAE.search(typed)
    assert (found[0].code if found else None) == first


def test_a_term_names_its_system_organ_class() -> None:
    group = class_of("Diarrhea")
    assert group is not None and (group.en, group.zh) == ("Gastrointestinal disorders", "胃肠疾病")
    assert class_of("Unheard of") is class_of(None) is None

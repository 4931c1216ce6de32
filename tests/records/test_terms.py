"""Long lists of terms: what is found by typing, in which order, and what counts as the name of a term."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.items import IntegerItem, TermItem, TextItem
from records.parsing import NotReadable, as_typed, parse
from records.terms import Term, TermList, fold
from records.text import Text

GROUP = Text("Group", "组")
TERMS = [
    Term("Anemia", Text("Anemia", "贫血"), GROUP, also="HGB 血红蛋白降低", grades={1: "mild", 3: "severe"}),
    Term("Edema limbs", Text("Edema limbs", "肢体水肿"), GROUP),
    Term("Cerebral edema", Text("Cerebral edema", "脑水肿"), GROUP),
    Term("Limbs", Text("Limbs", "肢体"), GROUP, note="Arms and legs, edema included."),
    Term("Pain in limbs", Text("Pain in limbs", "肢体疼痛"), GROUP),
]
LIST = TermList("specimen", Text("The list", "术语表"), lambda: TERMS, lambda: {1: "any"})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("anemia", ["Anemia"]),
        ("ANAEMIA", ["Anemia"]),
        ("  anae ", ["Anemia"]),
        ("hgb", ["Anemia"]),
        ("ＨＧＢ", ["Anemia"]),
        ("血红", ["Anemia"]),
        ("oedema", ["Edema limbs", "Cerebral edema", "Limbs"]),
        ("legs", ["Limbs"]),
        ("-", []),
        ("limbs", ["Limbs", "Edema limbs", "Pain in limbs"]),
        ("limbs pain", ["Pain in limbs"]),
        ("肢体", ["Limbs", "Edema limbs", "Pain in limbs"]),
        ("水肿", ["Edema limbs", "Cerebral edema"]),
        ("", []),
        ("   ", []),
        ("nothing of the kind", []),
    ],
)
def test_what_is_typed_is_found_likeliest_first(typed: str, found: list[str]) -> None:
    assert [term.code for term in LIST.search(typed)] == found


def test_no_more_are_found_than_asked_for() -> None:
    assert [term.code for term in LIST.search("limbs", most=2)] == ["Limbs", "Edema limbs"]


@given(st.text(max_size=20))
def test_whatever_is_typed_finds_only_terms_that_hold_every_word_of_it(typed: str) -> None:
    for term in LIST.search(typed):
        everything = fold(f"{term.words.en} {term.words.zh} {term.also} {term.note}")
        assert all(word in everything for word in fold(typed).split())


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_a_search_could_notice(typed: str) -> None:
    assert [term.code for term in LIST.search(fold(typed))] == [term.code for term in LIST.search(typed)]


def test_the_wording_of_grades_is_the_terms_own_or_the_general_one() -> None:
    assert LIST.grades_of("Anemia") == {1: "mild", 3: "severe"}
    assert LIST.grades_of("Unheard of") == LIST.grades_of(None) == {1: "any"}


ITEM = TermItem(Text("Term", "术语"), terms=LIST)


@pytest.mark.parametrize("typed", ["Anemia", "anaemia", " ANEMIA ", "贫血"])
def test_a_term_is_read_by_its_name_in_either_language(typed: str) -> None:
    assert parse(ITEM, typed) == "Anemia"


@pytest.mark.parametrize("typed", ["Anem", "血红蛋白降低", "Anemia grade 3"])
def test_anything_else_is_no_term(typed: str) -> None:
    with pytest.raises(NotReadable, match="The list has no term of this name"):
        parse(ITEM, typed)
    assert parse(ITEM, "") is None


def test_a_term_is_shown_as_people_read_it_and_can_be_typed_so_again() -> None:
    assert as_typed(ITEM, "Anemia") == ITEM.display("Anemia") == "Anemia"
    assert parse(ITEM, as_typed(ITEM, "Anemia")) == "Anemia"
    # A term of an older list that is gone keeps its name.
    assert ITEM.display("Unheard of") == "Unheard of"


def test_a_migration_sees_a_plain_column() -> None:
    assert ITEM.deconstruct()[1] == "records.items.TextItem"
    assert type(ITEM.clone()) is TextItem
    assert issubclass(type(ITEM), TextItem) and not issubclass(type(ITEM), IntegerItem)

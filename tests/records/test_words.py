"""Words in two languages, code lists, conditions, and the register of forms."""

from __future__ import annotations

import json

import pytest
from django.utils.translation import override

from records.codelists import CodeList
from records.conditions import ALWAYS, NEVER, When
from records.definition import forms
from records.text import Text

GREETING = Text("{who} is {age}", "{who}{age}岁")


def test_a_text_speaks_the_active_language() -> None:
    with override("en"):
        assert str(Text("Height", "身高")) == "Height"
    with override("zh-hans"):
        assert str(Text("Height", "身高")) == "身高"
    with override(None):
        assert str(Text("Height", "身高")) == "Height"


def test_what_a_rule_wrote_in_both_languages_is_read_in_one_and_what_a_person_typed_stays() -> None:
    with override("zh-hans"):
        assert Text.spoken(GREETING.format(who=Text("She", "她"), age=7).both) == "她7岁"
        assert Text.spoken("迁居 / moved") == "迁居 / moved"
        assert Text.spoken("ALT / AST") == "ALT / AST"
    with override("en"):
        assert Text.spoken(GREETING.format(who=Text("She", "她"), age=7).both) == "She is 7"
        assert Text.spoken("") == ""


def test_filling_in_reaches_both_languages_and_words_within_words() -> None:
    filled = GREETING.format(who=Text("She", "她"), age=7)
    assert (filled.en, filled.zh) == ("She is 7", "她7岁")


def test_texts_are_joined_with_each_languages_own_separator() -> None:
    joined = Text.join([Text("one", "一"), Text("two", "二")])
    assert (joined.en, joined.zh) == ("one, two", "一，二")
    added = Text("one", "一") + Text(" more", "个")
    assert (added.en, added.zh) == ("one more", "一个")


def test_a_code_list_keeps_its_order_and_refuses_a_code_twice() -> None:
    codes = CodeList("X", ("B", "Two", "二"), ("A", "One", "一"))
    assert codes.values == ("B", "A")
    assert [(code, label.en) for code, label in codes] == [("B", "Two"), ("A", "One")]
    assert (len(codes), "A" in codes, "C" in codes) == (2, True, False)
    assert codes.label("C") == Text("C", "C")
    with pytest.raises(ValueError, match="X names a code twice"):
        CodeList("X", ("A", "One", "一"), ("A", "Other", "其他"))


CONDITION = When(sex="F", childpot=("Y", "N"))


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"sex": "F", "childpot": "Y"}, True),
        ({"sex": "F", "childpot": "N", "other": 1}, True),
        ({"sex": "M", "childpot": "Y"}, False),
        ({"sex": "F", "childpot": None}, False),
        ({"sex": "F"}, False),
        ({"sex": "F", "childpot": "UNK"}, False),
        ({"sex": "F", "childpot": ["UNK", "N"]}, True),
        ({"sex": "F", "childpot": []}, False),
        ({}, False),
    ],
)
def test_a_condition_holds_where_every_named_answer_is_among_its_codes(values: dict, holds: bool) -> None:
    assert CONDITION.holds(values) is holds


def test_a_number_is_compared_by_how_it_is_written() -> None:
    assert When(grade=("3", "4")).holds({"grade": 3}) is True


def test_the_page_reads_the_same_condition() -> None:
    assert json.loads(CONDITION.as_json()) == {"sex": ["F"], "childpot": ["Y", "N"]}
    assert (ALWAYS.holds({}), NEVER.holds({}), ALWAYS.as_json(), NEVER.as_json()) == (True, False, "", "")


def test_forms_are_found_by_their_code() -> None:
    assert {code: model.form.code for code, model in forms().items()} == {code: code for code in forms()}

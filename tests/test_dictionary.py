"""The data dictionary and the product say the same of every field, and the comparison sees every way to part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from records.definition import forms
from records.entry import entry_form
from trial_edc.dictionary import product
from trial_edc.dictionary.comparison import Difference, compare, compare_fields, differences, judge
from trial_edc.dictionary.table import (
    ALWAYS,
    NEVER,
    OPEN,
    Condition,
    Dictionary,
    Field,
    NotUnderstood,
    Pending,
    read,
    unit_factors,
)

FOLDER = Path(settings.BASE_DIR) / "docs" / "dictionary"
SPONSORS_ROWS = 274  # rows of the sponsor's dictionary


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return read(FOLDER)


@pytest.fixture(scope="module")
def found(dictionary: Dictionary) -> list[Difference]:
    return differences(dictionary)


def listed(problems: Iterable[object]) -> str:
    return "\n".join(str(one) for one in problems)


# The dictionary and the product ---------------------------------------------------------------------


def test_dictionary_and_product_say_the_same(dictionary: Dictionary, found: list[Difference]) -> None:
    left = judge(dictionary, found).open
    assert not left, f"{len(left)} differences:\n{listed(left)}"


def test_nothing_settled_is_still_announced_as_pending(
    dictionary: Dictionary, found: list[Difference]
) -> None:
    settled = judge(dictionary, found).settled
    assert not settled, f"Take these out of docs/dictionary/pending.csv:\n{listed(settled)}"


def test_every_row_of_the_sponsors_dictionary_is_there(dictionary: Dictionary) -> None:
    names = {(field.form, field.name) for field in dictionary.fields if field.name != "PRODUCT-ONLY"}
    assert len(names) == SPONSORS_ROWS
    assert len(dictionary.forms) == 25


def test_labels_are_words_in_both_languages(dictionary: Dictionary) -> None:
    for field in dictionary.fields:
        assert all(words == words.strip() and words for words in field.label), field.item
        assert not any("一" <= letter <= "鿿" for letter in field.label[0]), field.item


def test_only_an_item_that_is_typed_can_be_missing(dictionary: Dictionary) -> None:
    wrong = [field.item for field in dictionary.fields if field.missing and (field.derived or field.outside)]
    assert not wrong


def test_what_is_computed_cannot_be_typed(dictionary: Dictionary) -> None:
    pending = {(one.form, one.item) for one in dictionary.pending}
    for field in dictionary.fields:
        model = forms()[field.form]
        if (field.form, field.item) in pending or field.outside or "." in field.item:
            continue
        if field.derived:
            assert field.item not in entry_form(model).base_fields, f"{field.form} {field.item}"


# The comparison sees every way to part --------------------------------------------------------------

YES_NO = (("Y", "Yes", "是"), ("N", "No", "否"))
WEIGHT = Field(
    form="VS",
    item="weight",
    label=("Weight", "体重"),
    type="decimal(1)",
    unit="kg",
    codes=(),
    required=ALWAYS,
    shown=ALWAYS,
    hard=(Decimal(30), Decimal(200)),
    soft=OPEN,
    missing=("ND",),
)
ANSWER = replace(WEIGHT, type="code", codes=YES_NO, hard=OPEN)
WOMEN = Condition(({"sex": frozenset("F")},))


@pytest.mark.parametrize(
    ("mine", "theirs", "what"),
    [
        (WEIGHT, replace(WEIGHT, label=("Mass", "体重")), "label in English"),
        (WEIGHT, replace(WEIGHT, label=("Weight", "重量")), "label in Chinese"),
        (WEIGHT, replace(WEIGHT, type="decimal(2)"), "type"),
        (WEIGHT, replace(WEIGHT, type="derived decimal(1)"), "type"),
        (WEIGHT, replace(WEIGHT, unit="g"), "unit"),
        (WEIGHT, replace(WEIGHT, required=NEVER), "required"),
        (WEIGHT, replace(WEIGHT, required=WOMEN), "required"),
        (WEIGHT, replace(WEIGHT, hard=(Decimal(30), Decimal("200.1"))), "hard"),
        (WEIGHT, replace(WEIGHT, hard=(None, Decimal(200))), "hard"),
        (WEIGHT, replace(WEIGHT, soft=(None, Decimal(110))), "soft"),
        (WEIGHT, replace(WEIGHT, missing=()), "missing"),
        (WEIGHT, replace(WEIGHT, missing=("ND", "NK")), "missing"),
        (WEIGHT, replace(WEIGHT, codes=YES_NO), "code Y"),
        (ANSWER, replace(ANSWER, codes=YES_NO[:1]), "code N"),
        (ANSWER, replace(ANSWER, codes=(*YES_NO, ("UNK", "Unknown", "不详"))), "code UNK"),
        (ANSWER, replace(ANSWER, codes=(YES_NO[0], ("N", "None", "否"))), "code N"),
        (ANSWER, replace(ANSWER, codes=(YES_NO[0], ("N", "No", "无"))), "code N"),
        (ANSWER, replace(ANSWER, codes=YES_NO[::-1]), "order of codes"),
    ],
)
def test_a_difference_is_seen_from_either_side(mine: Field, theirs: Field, what: str) -> None:
    assert what in [one.what for one in compare(mine, theirs)]
    assert what in [one.what for one in compare(theirs, mine)]


def test_a_condition_of_what_is_shown_is_compared() -> None:
    found = list(compare(WEIGHT, replace(WEIGHT, shown=WOMEN)))
    assert [(one.what, one.dictionary, one.product) for one in found] == [
        ("required", "always", "SEX = F"),
        ("shown", "always", "SEX = F"),
    ]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (WEIGHT, replace(WEIGHT, hard=(Decimal("30.0"), Decimal("200.00")))),
        (replace(WEIGHT, required=WOMEN, shown=WOMEN), replace(WEIGHT, shown=WOMEN)),
        (replace(WEIGHT, type="decimal"), replace(WEIGHT, type="decimal(3)")),
        (replace(ANSWER, codes=None), ANSWER),
        (
            replace(WEIGHT, unit="g/L; g/dL = 10", type="measured(1)"),
            replace(WEIGHT, unit="g/L; g/dL = 10.0", type="measured(1)"),
        ),
    ],
    ids=["numbers alike", "required where shown", "any places", "codes that are data", "factors alike"],
)
def test_what_means_the_same_is_no_difference(mine: Field, theirs: Field) -> None:
    assert not list(compare(mine, theirs))


def test_a_row_without_an_item_and_an_item_without_a_row_are_differences(dictionary: Dictionary) -> None:
    theirs = [field for field in product.fields_of_product() if field.item != "weight"]
    theirs.append(replace(WEIGHT, item="mass"))
    found = [
        (one.item, one.dictionary, one.product)
        for one in compare_fields(dictionary, theirs)
        if one.what == "field" and one.item in ("weight", "mass")
    ]
    assert found == [("weight", "weight", "–"), ("mass", "–", "mass")]


def test_only_announced_differences_are_set_aside(dictionary: Dictionary) -> None:
    one, other = Difference("VS", "weight", "unit", "kg", "g"), Difference("LB", "alt", "unit", "U/L", "")
    pending = (Pending("VS", "weight", ""), Pending("LB", "*", ""), Pending("AE", "*", ""))
    announced = replace(dictionary, pending=pending)
    assert judge(announced, [one, other]).open == ()
    assert judge(announced, [one, other]).settled == ("AE *",)
    assert judge(replace(dictionary, pending=()), [one]).open == (one,)
    assert judge(replace(dictionary, pending=pending[1:]), [one, other]).open == (one,)


# A dictionary that cannot be understood -------------------------------------------------------------

HEADER = "FORM,NAME,ITEM,LABEL_EN,LABEL_ZH,TYPE,UNIT,CODES,REQUIRED,SHOWN,HARD,SOFT,MISSING,NOTE"
SEX = "VS,SEX,sex,Sex,性别,code,,M=Male|男; F=Female|女,always,always,,,none,"


def written(folder: Path, *rows: str) -> Path:
    (folder / "forms.csv").write_text("FORM,TITLE_EN,TITLE_ZH,DOMAINS,SEVERAL,WHEN\nVS,Signs,体征,VS PE,N,\n")
    (folder / "groups.csv").write_text("FORM,GROUP,TITLE_EN,TITLE_ZH,SHOWN,ONE_AT_LEAST\n")
    (folder / "pending.csv").write_text("FORM,ITEM,WHY\n")
    (folder / "VS.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return folder


def test_a_table_is_read(tmp_path: Path) -> None:
    row = (
        "VS,HGB,hgb,Haemoglobin,血红蛋白,measured(1),g/L; g/dL = 10,,SEX = F,SEX in (F M),20..; <= WBC,..175,"
        "ND NK,Why."
    )
    pattern = (
        'VS,LO,{hgb}_lo,"{label}, limit",{label}下限,decimal,{unit},{units},{shown} and {ITEM}_FL = LOW or SEX = M,'
        "{shown},< {ITEM}_HI,,none,"
    )
    flag = "VS,FL,hgb_fl,Flag,判断,code,,LOW=Low|偏低,no,always,,,none,"
    sex, hgb, limit, _flag = read(written(tmp_path, SEX, row, pattern, flag)).fields
    assert sex.codes == (("M", "Male", "男"), ("F", "Female", "女"))
    assert (hgb.hard, hgb.rules) == ((Decimal(20), None), ("<= WBC",))
    assert (hgb.soft, hgb.missing) == ((None, Decimal(175)), ("ND", "NK"))
    assert str(hgb.required) == "SEX = F"
    assert str(hgb.shown) == "SEX in (F M)"
    assert (limit.item, limit.label) == ("hgb_lo", ("Haemoglobin, limit", "血红蛋白下限"))
    assert (limit.unit, limit.rules) == ("g/L", ("< HGB_HI",))
    assert limit.codes == (("g/L", "g/L", "g/L"), ("g/dL", "g/dL", "g/dL"))
    assert (str(limit.shown), str(limit.required)) == (
        "SEX in (F M)",
        "HGB_FL = LOW and SEX in (F M) or SEX = M",
    )
    assert unit_factors(hgb.unit) == {"g/L": 1, "g/dL": 10}


@pytest.mark.parametrize(
    "row",
    [
        "VS,A,a,A,甲,number,,,always,always,,,none,",
        "VS,A,a,A,甲,text(20),,,always,always,,,none soft,",
        "VS,A,a,A,甲,text(20),,,always,always,,,,",
        "VS,A,a,A,甲,code,,Y=Yes,always,always,,,none,",
        "VS,A,a,A,甲,text(20),,,SEX = X,always,,,none,",
        "VS,A,a,A,甲,text(20),,,always,SIZE = L,,,none,",
        "VS,A,a,A,甲,text(20),,,sometimes,always,,,none,",
        "VS,PRODUCT-ONLY,a,A,甲,text(20),,,always,always,,,none,",
        "VS,A,{b}_lo,A,甲,decimal,,,no,always,,,none,",
        "LB,A,a,A,甲,text(20),,,always,always,,,none,",
        SEX,
    ],
    ids=[
        "type",
        "missing reason",
        "no missing reason",
        "code without Chinese",
        "code unknown",
        "name unknown",
        "condition",
        "product-only without a reason",
        "pattern of nothing",
        "form",
        "twice",
    ],
)
def test_a_cell_that_does_not_follow_the_notation_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(NotUnderstood):
        read(written(tmp_path, SEX, row))

"""Columns come from definitions; every table with a participant is exported or says why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps

from exports.codebook import CodeLists, codebook_rows, in_words
from exports.tables import Table
from exports.trial_tables import NOT_EXPORTED, tables_of_export
from participants.models import Participant
from records.codelists import CodeList
from records.conditions import ALWAYS, NEVER, When
from records.definition import forms
from records.items import items_of
from tests.exports.conftest import Files

KEYS = ["STUDYID", "SITE", "SUBJID", "VISIT", "VISITNUM", "VISITOCC", "REPEAT"]
STATE = ["FORMSTATE", "REVISION", "RULES", "ENTERED_AT", "SUBMITTED_AT"]
TABLES = tables_of_export(historical=True)


def expected_header(code: str) -> list[str]:
    names = []
    for item in items_of(forms()[code]):
        names.append(item.name.upper())
        if item.missing:
            names.append(f"{item.name.upper()}_MISSING")
    return [*KEYS, *STATE, *names]


@pytest.mark.parametrize("code", list(forms()))
def test_a_forms_columns_are_its_items_in_order(code: str) -> None:
    [table] = [table for table in TABLES if table.form is forms()[code]]
    assert table.header == expected_header(code)


def test_the_files_of_an_export_without_any_data(export: Callable[..., Files]) -> None:
    files = export()
    assert files.names == [
        *(table.file for table in tables_of_export(historical=False)),
        "README.txt",
        "codebook.csv",
        "codes.csv",
        "read.R",
        "manifest.json",
    ]
    for table in tables_of_export(historical=False):
        assert files.table(table.file) == [table.header]
    assert files.manifest["rows"] == 0


@pytest.mark.line("M10")
def test_columns_are_the_same_with_data(export: Callable[..., Files], participant: Participant) -> None:
    files = export()
    assert len(files.table("forms/DM.csv")) == 2
    for table in tables_of_export(historical=False):
        assert files.table(table.file)[0] == table.header


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_codebook_has_one_row_for_every_column(table: Table) -> None:
    described = [row[2] for row in codebook_rows([table], CodeLists())]
    assert described == table.header


def test_the_codebook_says_all_of_an_item(export: Callable[..., Files]) -> None:
    files = export()
    [row] = [row for row in files.rows("codebook.csv") if row["COLUMN"] == "CHILDPOTN"]
    assert (row["FILE"], row["FORM"]) == ("forms/DM.csv", "DM")
    assert (row["LABEL_EN"], row["LABEL_ZH"]) == ("Reason no potential", "无生育能力原因")
    assert (row["SECTION_EN"], row["SECTION_ZH"]) == ("Childbearing potential", "生育能力")
    assert (row["TYPE"], row["CODELIST"], row["CDASH"], row["DERIVED"]) == ("code", "CHILDPOTN", "RP", "N")
    assert row["CODES"].startswith("MENOPAUSE = No menses for 12 months or more | 绝经≥12个月; ")
    assert row["REQUIRED_WHEN"] == row["SHOWN_WHEN"] == "SEX = F and CHILDPOT = N"
    assert row["MISSING_CODES"] == ""
    [age] = [row for row in files.rows("codebook.csv") if (row["FORM"], row["COLUMN"]) == ("DM", "AGE")]
    assert (age["UNIT"], age["HARD_LOW"], age["HARD_HIGH"], age["DERIVED"]) == ("years", "0", "120", "Y")


def test_every_code_of_the_codebook_stands_in_the_code_lists(export: Callable[..., Files]) -> None:
    files = export()
    lists = {row["CODELIST"] for row in files.rows("codebook.csv")} - {""}
    assert lists | {"MISSING"} == {row["CODELIST"] for row in files.rows("codes.csv")}
    sexes = [row for row in files.rows("codes.csv") if row["CODELIST"] == "SEX"]
    assert [(row["POSITION"], row["CODE"], row["LABEL_EN"], row["LABEL_ZH"]) for row in sexes] == [
        ("1", "M", "Male", "男"),
        ("2", "F", "Female", "女"),
    ]


def test_a_code_list_whose_name_is_taken_goes_by_its_item() -> None:
    lists = CodeLists()
    assert lists.name(CodeList("A", ("Y", "Yes", "是")), "F.ONE") == "A"
    assert lists.name(CodeList("A", ("Y", "Yes", "是")), "F.TWO") == "A"
    assert lists.name(CodeList("A", ("Y", "Yes", "有")), "F.THREE") == "F.THREE"
    assert lists.name(CodeList("", ("g", "g", "g")), "F.FOUR") == "F.FOUR"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (ALWAYS, "always"),
        (NEVER, "never"),
        (When(sex="F", arm=("HAIC", "Y90")), "SEX = F and ARM in (HAIC Y90)"),
    ],
)
def test_conditions_in_words(condition: When, words: str) -> None:
    assert in_words(condition) == words


def test_every_table_with_a_participant_is_exported_or_says_why_not() -> None:
    exported = " ".join(str(table.rows) for table in TABLES)
    left_out = {
        model._meta.db_table
        for model in apps.get_models()
        if any(field.name == "participant" for field in model._meta.concrete_fields)
        and model._meta.db_table not in exported
    }
    assert left_out == set(NOT_EXPORTED)

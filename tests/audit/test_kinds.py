"""Every audited table has a kind and a title in both languages; a new one has to declare itself."""

from __future__ import annotations

from typing import Any

import pytest

from audit.kinds import KIND_WORDS, OF_ACCESS, TABLES, Kind, tables, tables_of, tables_of_form
from audit.reviewing import CRITICAL
from audit.words import items_of_table
from records.definition import forms, row_groups
from records.install import installed_models, is_audited, label_of

AUDITED = [model for model in installed_models() if is_audited(model)]


@pytest.mark.parametrize("model", AUDITED, ids=label_of)
def test_every_audited_table_has_a_kind_and_a_title(model: Any) -> None:
    table = tables().get(model._meta.db_table)
    assert table is not None, f"{label_of(model)} is audited: give it a kind and a title in audit/kinds.py"
    assert table.title.en
    assert table.title.zh


def test_every_kind_has_words_and_is_used() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert {kind for kind, _title in TABLES.values()} == set(Kind)


def test_forms_and_their_rows_are_data_of_their_form() -> None:
    for code, model in forms().items():
        names = {model._meta.db_table, *(rows._meta.db_table for rows in row_groups(model).values())}
        assert set(tables_of_form(code)) == names
        assert {tables()[name].kind for name in names} == {Kind.DATA}
    assert tables_of_form("") == []


def test_a_system_administrator_sees_nothing_of_a_participant() -> None:
    for name in tables_of(*OF_ACCESS):
        columns = {field.column for field in tables()[name].model._meta.concrete_fields}
        assert "participant_id" not in columns, name


@pytest.mark.parametrize("code", CRITICAL)
def test_critical_fields_exist(code: str) -> None:
    known = {column for name in tables_of_form(code) for column in items_of_table(name)}
    assert set(CRITICAL[code]) <= known

"""The REDCap data dictionary, held against the schema of linkml-redcap."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

import pytest
from linkml_redcap.data_dictionary import schema_view

from exports.asked import Asked
from exports.formats.redcap import FILE, HEADER
from exports.formats.xpt import Xpt
from exports.tables import form_tables
from exports.trial_tables import tables_of_export
from records.items import items_of
from tests.exports.conftest import Files


@pytest.fixture(scope="module")
def slots() -> list[tuple[str, object]]:
    """The schema's columns in order, each with what it asks."""
    view = schema_view()
    return [(name, view.induced_slot(name, "Field")) for name in view.get_class("Field").attributes]


def test_the_dictionary_is_one_redcap_takes(
    export: Callable[..., Files], slots: list[tuple[str, object]]
) -> None:
    files = export(asked=Asked(format="redcap"))
    assert (files.manifest["rows"], [name for name in files.names if name.startswith("forms/")]) == (0, [])
    header, *rows = files.table(FILE)
    assert (tuple(header), len(header)) == (HEADER, len(slots))
    enums = schema_view().all_enums()
    for row in rows:
        for (name, slot), value in zip(slots, row, strict=True):
            if slot.required:
                assert value, (row[0], name)
            if value and slot.pattern:
                assert re.match(slot.pattern, value), (row[0], name, value)
            if value and slot.range in enums:
                assert value in enums[slot.range].permissible_values, (row[0], name, value)
    names = [row[0] for row in rows]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 26
    assert (rows[0][0], rows[0][3]) == ("record_id", "text")
    instruments = [instrument for instrument, _fields in groupby(row[1] for row in rows)]
    assert len(set(instruments)) == len(instruments), "an instrument's fields stand together"
    assert len(rows) - 1 == sum(len(items_of(table.form)) for table in form_tables() if table.form)


def test_choices_branches_and_ranges_are_those_of_the_forms(export: Callable[..., Files]) -> None:
    fields = {
        row[0]: dict(zip(HEADER, row, strict=True))
        for row in export(asked=Asked(format="redcap")).table(FILE)
    }
    sex, born, reason = fields["dm_sex"], fields["dm_brthdtc"], fields["dm_childpotn"]
    assert (sex["Field Type"], sex[HEADER[5]]) == ("radio", "M, Male / 男 | F, Female / 女")
    assert born["Identifier?"] == "y"
    assert reason[HEADER[11]] == "[dm_sex] = 'F' and [dm_childpot] = 'N'"
    known = set(fields)
    for name, field in fields.items():
        for mentioned in re.findall(r"\[(\w+)[\](]", field[HEADER[11]]):
            assert mentioned in known, name


@pytest.mark.parametrize("table", tables_of_export(historical=True), ids=lambda table: table.name)
def test_names_and_labels_of_every_table_fit_a_transport_file(table: object) -> None:
    names = Xpt().names(table)
    assert len(set(names.values())) == len(table.header)
    for column in table.columns:
        assert re.fullmatch(r"[A-Z_][A-Z0-9_]{0,7}", names[column.name]), column.name

"""What a cell means, what a heading is taken for, and how a mapping is read back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.models import AdverseEvent, ConcomitantMedication, Imaging, Laboratory, VitalSigns
from imports.cells import fill, read_cell
from imports.mapping import Column, Mapping, ParticipantBy, VisitBy, fingerprint, read
from imports.reading import Figure
from imports.report import template_headings
from imports.selectors import kept_mappings
from imports.targets import guess, importable, problems, target_of, targets_of
from participants.models import Demographics, VisitHeader
from records.definition import forms
from records.items import Item
from records.parsing import NotReadable


def item_of(model: Any, name: str) -> Item:
    found = target_of(model, name)
    assert found is not None, name
    return found.item


@pytest.mark.parametrize(
    ("model", "item", "cell", "answer", "reason"),
    [
        (VitalSigns, "weight", " 61.5 ", Decimal("61.5"), ""),
        (VitalSigns, "weight", "６１．５", Decimal("61.5"), ""),
        (VitalSigns, "weight", "", None, ""),
        (VitalSigns, "weight", "ND", None, "ND"),
        (VitalSigns, "weight", "not done", None, "ND"),
        (VitalSigns, "weight", "未做", None, "ND"),
        (VitalSigns, "ecog", "1", "1", ""),
        (Demographics, "sex", "F", "F", ""),
        (Demographics, "sex", "female", "F", ""),
        (Demographics, "sex", "女", "F", ""),
        (VisitHeader, "svstdtc", "2026-8-3", date(2026, 8, 3), ""),
        (VisitHeader, "svstdtc", "2026/08/03 00:00:00", date(2026, 8, 3), ""),
        (VisitHeader, "svoowrsn", "=1+1", "=1+1", ""),
        (VisitHeader, "svoowrsn", "甲\n“乙” 😀", "甲\n“乙” 😀", ""),
        (Laboratory, "lbdtc", "2026-08-03T14:05:00", datetime(2026, 8, 3, 6, 5, tzinfo=UTC), ""),
        (Laboratory, "lbdtc", "NK", None, "NK"),
        (Laboratory, "afp", "<0.9", Decimal("0.9"), ""),
    ],
)
def test_a_cell_is_read_as_the_page_reads_it(
    model: Any, item: str, cell: str, answer: Any, reason: str
) -> None:
    assert read_cell(item_of(model, item), cell) == (answer, reason)


@pytest.mark.parametrize(
    ("model", "item", "cell"),
    [
        (VisitHeader, "svstdtc", "2026-08-03 14:05:00"),
        (VisitHeader, "svstdtc", "3/8/2026"),
        (Laboratory, "lbdtc", "2026-08-03"),
        (Laboratory, "lbdtc", "2026-08-03 14:05:30"),
        (Laboratory, "lbdtc", "NA"),
        (VitalSigns, "weight", "61,5"),
        (VitalSigns, "weight", "61.55"),
        (VitalSigns, "weight", "?"),
        (Demographics, "sex", "W"),
    ],
)
def test_nothing_is_rounded_completed_or_guessed(model: Any, item: str, cell: str) -> None:
    with pytest.raises(NotReadable):
        read_cell(item_of(model, item), cell)


def test_a_month_that_is_a_number_of_a_workbook_is_not_taken_for_another_one() -> None:
    """Excel keeps 2026.10 as 2026.1; what was typed as text says which it is."""
    start = item_of(AdverseEvent, "aestdtc")
    for figure in ("2026.1", "2026.11", "2026.5"):
        with pytest.raises(NotReadable, match="cannot tell"):
            read_cell(start, Figure(figure))
    assert [read_cell(start, text)[0] for text in ("2026.10", "2026.1", "2026")] == [
        "2026-10",
        "2026-01",
        "2026",
    ]
    assert read_cell(item_of(VitalSigns, "weight"), Figure("61.5")) == (Decimal("61.5"), "")


LAB = Mapping(form="LB", participant="p", columns=(Column("afp", "afp", "IU/mL", {"?": "ND"}),))


def test_a_result_keeps_its_sign_and_gets_the_unit_of_its_column() -> None:
    filled = fill(LAB, Laboratory, None, {"afp": ">60500"})
    answers = filled.entry.answers
    assert (answers["afp"], answers["afp_c"], answers["afp_u"]) == (Decimal(60500), "GT", "IU/mL")


def test_a_value_read_as_another_can_be_a_reason_or_nothing() -> None:
    filled = fill(LAB, Laboratory, None, {"afp": "?"})
    assert (filled.entry.answers["afp"], filled.entry.missing) == (None, {"afp": "ND"})


def test_a_unit_in_a_column_of_its_own_holds_wherever_it_stands() -> None:
    columns = (Column("unit", "afp_u"), Column("afp", "afp"))
    for order in (columns, columns[::-1]):
        mapping = Mapping(form="LB", participant="p", columns=order)
        assert (
            fill(mapping, Laboratory, None, {"unit": "iu/ml", "afp": "3"}).entry.answers["afp_u"] == "IU/mL"
        )


def test_units_that_cannot_be_converted_have_to_be_said() -> None:
    mapping = Mapping(form="LB", participant="p", columns=(Column("dcp", "pivka"),))
    [misread] = fill(mapping, Laboratory, None, {"dcp": "30"}).misread
    assert (misread.target, misread.heading) == ("pivka", "dcp")
    assert misread.sentence.en.startswith("Say in which unit")
    said = Mapping(form="LB", participant="p", columns=(Column("dcp", "pivka", "mAU/mL"),))
    assert fill(said, Laboratory, None, {"dcp": "30"}).misread == []


def test_columns_of_rows_begin_as_many_rows_as_have_something_in_them() -> None:
    columns = tuple(Column(f"d{n}", f"lesions-{n}-ldiam") for n in (1, 2, 3))
    mapping = Mapping(form="IMG", participant="p", columns=columns, fixed={"lesions-3-lescat": "TARGET"})
    entry = fill(mapping, Imaging, None, {"d1": "12", "d2": " ", "d3": "7.5"}).entry
    assert [(row.key, row.answers["ldiam"], row.answers["lescat"]) for row in entry.rows["lesions"]] == [
        ("n1", Decimal(12), None),
        ("n3", Decimal("7.5"), "TARGET"),
    ]


@pytest.mark.parametrize("code", [code for code in forms() if importable(code)])
def test_the_headings_of_a_template_are_taken_for_what_they_are(code: str) -> None:
    model = importable(code)
    assert model is not None
    headings = template_headings(model)
    mapping = guess(model, headings)
    named = {target.name for target in targets_of(model) if target.number < 2}
    assert {column.heading for column in mapping.columns if column.target == column.heading} == named
    assert (mapping.participant, mapping.visit_by, mapping.visit) == ("participant", VisitBy.CODE, "visit")
    assert problems(mapping, model, headings) == []


def test_headings_in_either_language_with_units_and_by_cdisc_are_known() -> None:
    headings = ["受试者编号", "访视日期", "甲胎蛋白", "Haemoglobin (g/dL)", "PLAT", "白蛋白 g/L", "nonsense"]
    mapping = guess(Laboratory, headings)
    assert (mapping.participant, mapping.visit_by, mapping.visit) == (
        "受试者编号",
        VisitBy.WINDOW,
        "访视日期",
    )
    assert [(one.heading, one.target, one.unit) for one in mapping.columns] == [
        ("甲胎蛋白", "afp", ""),
        ("Haemoglobin (g/dL)", "hgb", "g/dL"),
        ("PLAT", "plt", ""),
        ("白蛋白 g/L", "alb", "g/L"),
    ]


def test_what_is_wrong_with_a_mapping_is_said_all_at_once() -> None:
    mapping = Mapping(
        form="VS",
        participant="",
        visit_by=VisitBy.CODE,
        columns=(Column("a", "weight", "g"), Column("b", "weight"), Column("c", "bsa")),
        key=("weight",),
        fixed={"nothing": "1"},
    )
    said = " ".join(one.en for one in problems(mapping, VitalSigns, ["a", "b"]))
    for words in ("names the participant", "names the visit", "no column “c”", "Two columns go to “Weight”"):
        assert words in said
    for words in ("not reported in g", "no item “bsa”", "no item “nothing”", "one record of this form"):
        assert words in said


WORDS = st.text(max_size=12)


@given(
    st.builds(
        Mapping,
        form=WORDS,
        participant=WORDS,
        participant_by=st.sampled_from(ParticipantBy),
        visit_by=st.sampled_from(VisitBy),
        visit=WORDS,
        repeat=WORDS,
        columns=st.lists(
            st.builds(Column, WORDS, WORDS, WORDS, st.dictionaries(WORDS, WORDS, max_size=3)), max_size=3
        ).map(tuple),
        key=st.lists(WORDS, max_size=2).map(tuple),
        fixed=st.dictionaries(WORDS, WORDS, max_size=3),
        submit=st.booleans(),
        blank_clears=st.booleans(),
    )
)
def test_a_mapping_is_read_back_as_it_was(mapping: Mapping) -> None:
    assert read(mapping.as_json()) == mapping


def test_files_of_other_headings_or_another_order_are_of_another_kind() -> None:
    marks = {fingerprint(one) for one in (["a", "b"], ["b", "a"], ["a,b"], ["a", "b", "c"])}
    assert len(marks) == 4


@pytest.mark.parametrize("stem", sorted(kept_mappings()))
def test_the_mappings_that_come_along_fit_their_forms(stem: str) -> None:
    _name, mapping = kept_mappings()[stem]
    model = importable(mapping.form)
    assert model is not None
    assert problems(mapping, model, mapping.headings) == []
    for name, text in mapping.fixed.items():
        assert read_cell(item_of(model, name), text) != (None, "")


def test_a_form_with_several_records_offers_to_tell_them_apart() -> None:
    assert guess(AdverseEvent, ["participant", "aeterm", "aestdtc"]).key == ("aeterm", "aestdtc")
    assert guess(ConcomitantMedication, ["participant", "weight"]).visit_by is VisitBy.ONLY

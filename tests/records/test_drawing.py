"""What is drawn many times is drawn once for the same words, and shows each its own values."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from records import drawing
from records.drawing import draw_once
from records.layout import EMPTY_ROW, draw_row
from records.text import Text

ROW: dict[str, Any] = {
    **EMPTY_ROW,
    "name": "pulse",
    "html_name": "pulse",
    "id": "id_pulse",
    "label": Text("Pulse 100 %", "脉搏 100 %"),
    "kind": "integer",
    "value": "72",
    "history_url": "/h/?item=pulse&x=1",
}


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    drawing._drawn.cache_clear()


def row(**changed: Any) -> dict[str, Any]:
    return {**ROW, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"value": None},
        {"value": ""},
        {"value": '<script>"&amp;%s %(x)s'},
        {"history_url": ""},
        {"kind": "text", "value": "a\n   b"},
        {"kind": "longtext", "value": "a\n\n   b <b>"},
        {"kind": "derived", "value": "1.75"},
        {"kind": "code", "codes": [("Y", Text("Yes", "是")), ("N", Text("No", "否"))], "value": "N"},
        {"kind": "multicode", "codes": [("A", "a"), ("B", "b")], "value": ["B"]},
        {"kind": "code", "codes": [(str(n), f"{n} %") for n in range(9)], "value": "7"},
        {"errors": ["Write a whole number."], "value": "x"},
        {"warnings": [Text("Unusual", "不常见")], "confirmed": "seen <i>twice</i>"},
        {"was": "<70>"},
        {"readonly": True, "missing": "ND", "missing_choices": [("ND", Text("Not done", "未做"))]},
    ],
    ids=str,
)
def test_a_row_drawn_from_what_is_kept_says_what_its_template_says(changed: dict[str, Any]) -> None:
    plainly = draw_once("records/item.html", "row", row(**changed))
    draw_row(row(**changed, **{"value": "another"} if "value" not in changed else {}))
    for _time in range(2):
        assert " ".join(draw_row(row(**changed)).split()) == " ".join(plainly.split())


def test_another_value_and_another_record_need_no_drawing() -> None:
    draw_row(row())
    assert 'value="&lt;73&gt;"' in draw_row(row(value="<73>", history_url="/other/"))
    assert 'href="/other/"' in draw_row(row(value="<73>", history_url="/other/"))
    assert drawing._drawn.cache_info().currsize == 1


def test_each_language_is_drawn_by_itself() -> None:
    drawn = {}
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            drawn[language] = draw_row(row())
    assert "Pulse 100 %" in drawn["en"]
    assert "脉搏 100 %" in drawn["zh-hans"]


def test_somebodys_own_words_are_not_kept() -> None:
    draw_row(row(warnings=["Unusual"], confirmed="as the patient said"))
    draw_row(row(errors=["Wrong"]))
    draw_row(row(was="71"))
    assert drawing._drawn.cache_info().currsize == 0

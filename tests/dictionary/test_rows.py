"""Every row of the dictionary at the form page: what is accepted, what is refused, and what may not be missing.

Each sentence is read off the form in both languages; the page is asked for a refusal in English and for what is
missing in Chinese, since drawing it takes most of the time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from participants.models.forms import BEFORE_CONSENT, FUTURE
from records import checks, parsing
from records.codelists import MISSING
from records.definition import forms
from records.findings import Level
from records.items import items_of
from records.parsing import as_typed
from records.text import CHINESE, ENGLISH, Text
from tests.dictionary.conftest import Desk
from tests.dictionary.sheet import (
    A_FILE,
    CONSENTED,
    DICTIONARY,
    ELSEWHERE,
    LANGUAGES,
    NOW,
    TODAY,
    TYPED,
    Sheet,
    clock_time,
    kind_of,
    number,
    step,
    words_of,
)
from trial_edc.dictionary.table import NEVER, OPEN, Field, unit_factors

pytestmark = pytest.mark.slow

EACH_ROW = pytest.mark.parametrize("row", TYPED, ids=[f"{row.form}.{row.item}" for row in TYPED])
ORDERED = [
    (row, rule)
    for row in TYPED
    for rule in row.rules
    if (found := re.fullmatch(r"(?:<|>|<=|>=) ([A-Z0-9_]+)", rule))
    and found[1].lower() in DICTIONARY.of_form(row.form)
]
ASKED = [
    (row, code)
    for row in TYPED
    for question in row.questions
    for code in question.split(", ")
    if code in [one for one, _en, _zh in row.codes or ()]
]


def label_of(row: Field) -> Text:
    return Text(*row.label)


def sheet_for(row: Field, desk: Desk, *, required: bool = False) -> Sheet:
    """A sheet on which the row is asked, or even required; nothing stands there but what it depends on."""
    model: Any = forms()[row.form]
    model._default_manager.filter(visit=desk.visit).delete()
    sheet = Sheet(DICTIONARY, row.form, desk.context(row.form))
    sheet.assume(ELSEWHERE.get((row.form, row.item), {}))
    sheet.meet(row.shown)
    if required:
        sheet.meet(row.required)
    return sheet


def put(sheet: Sheet, row: Field, value: str) -> Sheet:
    sheet.typed[row.item] = [value] if row.type == "multicode" else value
    return sheet


def said(sheet: Sheet, row: Field, level: Level, *, complete: bool = False) -> dict[str, list[str]]:
    """What is said at the row, in each language."""
    return {
        language: [
            words
            for item, grade, words in sheet.judged(complete=complete, language=language)
            if item == row.item and grade is level
        ]
        for language in LANGUAGES
    }


def in_both(sentence: Text) -> dict[str, str]:
    return {ENGLISH: sentence.en, CHINESE: sentence.zh}


def send(
    desk: Desk, sheet: Sheet, monkeypatch: pytest.MonkeyPatch, client: Client, action: str = "save"
) -> Any:
    """Press a button of the form's page as it stands, with the answers of other forms the sheet assumes."""
    known, read = sheet.assumed, sheet.model.context.__func__
    data = sheet.posted()
    data["action"] = action
    with monkeypatch.context() as patch:
        patch.setattr(
            sheet.model, "context", classmethod(lambda cls, **place: {**read(cls, **place), **known})
        )
        return client.post(desk.address(sheet.form), data.urlencode(), "application/x-www-form-urlencoded")


def on_page(response: Any) -> str:
    return html.unescape(response.content.decode())


# Accepted -------------------------------------------------------------------------------------------

# Codes that only stand with other answers; tests/dictionary/cases/ has the rule.
BOUND = {("DS", "dsdecod", "SCREENFAILURE"), ("IMG", "lesions.lescat", "NEW"), ("IMG", "newles", "Y")}


def accepted(row: Field) -> Iterator[str]:
    """Every code, both ends of the hard range, the longest text, a date as exact as it is known."""
    yield from (code for code, _en, _zh in row.codes or () if (row.form, row.item, code) not in BOUND)
    yield from (f"{bound:f}" for bound in row.hard if bound is not None)
    if kind_of(row) in ("text", "longtext") and not only_some_words(row):
        yield words_of(int(row.type.rstrip(")").partition("(")[2]))
    if kind_of(row) == "file":
        yield A_FILE
    if kind_of(row) == "partialdate":
        yield from ("2026-09", "2026-09-01")


def only_some_words(row: Field) -> bool:
    """Whether a rule says which words are right: a version, a number of a certain shape, a term."""
    return any(not re.match(r"[<>]=? ", rule) for rule in row.rules)


@EACH_ROW
def test_what_is_accepted_is_stored(desk: Desk, row: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = sheet_for(row, desk)
    for value in accepted(row):
        assert said(put(sheet, row, value), row, Level.HARD) == {ENGLISH: [], CHINESE: []}, value

    sheet.typed[row.item] = sheet.value_of(row)
    if kind_of(row) == "file":
        return  # tests/casebook/test_files.py adds files at the page
    sheet.fill()
    response = send(desk, sheet, monkeypatch, desk.english, "submit")
    assert response.status_code == 302, on_page(response)
    assert stored(row, desk) == sheet.typed[row.item]


def stored(row: Field, desk: Desk) -> Any:
    """The answer as it stands in the database, written as it would be typed."""
    model: Any = forms()[row.form]
    record: Any = model._default_manager.get(visit=desk.visit)
    group, dot, name = row.item.rpartition(".")
    if dot:
        record = getattr(record, group).get()
    item = next(one for one in items_of(type(record)) if one.name == name)
    return as_typed(item, getattr(record, name))


# Refused --------------------------------------------------------------------------------------------


UNREADABLE = {
    "integer": ("twelve", parsing.WHOLE),
    "decimal": ("3,5", parsing.NUMBER),
    "measured": ("high", parsing.NUMBER),
    "date": ("2026-13-45", parsing.DATE),
    "datetime": ("yesterday", parsing.DATETIME),
    "partialdate": ("last summer", parsing.PARTIAL),
    "code": ("NO_SUCH_CODE", parsing.CODE),
    "multicode": ("NO_SUCH_CODE", parsing.CODE),
    "file": ("report.exe", parsing.FILE),
}


def refused(row: Field) -> Iterator[tuple[str, Text]]:
    """What cannot be read, what is just outside the hard range, too long, too early, or in the future."""
    kind = kind_of(row)
    if kind in UNREADABLE:
        yield UNREADABLE[kind]
    if kind in ("decimal", "measured"):
        places = int(row.type.rstrip(")").partition("(")[2])
        yield number(row) + ("1" if "." in number(row) else ".0001"), parsing.PLACES.format(places=places)
    if kind in ("text", "longtext") and not only_some_words(row):
        length = int(row.type.rstrip(")").partition("(")[2])
        yield words_of(length + 1), parsing.LONG.format(length=length)
    low, high = row.hard
    for value in ([low - step(row)] if low is not None else []) + (
        [high + step(row)] if high is not None else []
    ):
        yield f"{value:f}", outside(row, value, checks.OUTSIDE_HARD, row.hard)
    yield from _dates(row, kind)


def _dates(row: Field, kind: str) -> Iterator[tuple[str, Text]]:
    later, earlier = NOW + timedelta(days=1), CONSENTED - timedelta(days=1)
    write = clock_time if kind == "datetime" else lambda moment: moment.date().isoformat()
    if kind in ("date", "datetime", "partialdate"):
        if "<= today" in row.rules or "<= now" in row.rules:
            yield write(later), FUTURE.format(label=label_of(row))
        if ">= consent" in row.rules:
            consent = CONSENTED.date().isoformat()
            yield write(earlier), BEFORE_CONSENT.format(label=label_of(row), consent=consent)


def outside(row: Field, value: Any, words: Text, limits: Any) -> Text:
    unit = next(iter(unit_factors(row.unit)), "")
    return words.format(
        label=label_of(row),
        value=f"{value.normalize():f}",
        unit=f" {unit}" if unit else "",
        low="…" if limits[0] is None else limits[0],
        high="…" if limits[1] is None else limits[1],
        units=checks.AND_UNIT if kind_of(row) == "measured" else Text("", ""),
    )


@EACH_ROW
def test_what_is_refused_is_said_in_both_languages(
    desk: Desk, row: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = sheet_for(row, desk)
    for value, sentence in refused(row):
        found = said(put(sheet, row, value), row, Level.HARD)
        for language, words in in_both(sentence).items():
            assert words in found[language], (value, language)

    first = next(refused(row), None)
    if first is not None:
        value, sentence = first
        put(sheet, row, value)
        response = send(desk, sheet, monkeypatch, desk.english)
        assert response.status_code == 422
        assert sentence.en in on_page(response)
        assert not sheet.model._default_manager.filter(visit=desk.visit).exists()


@pytest.mark.parametrize(
    ("row", "rule"), ORDERED, ids=[f"{row.form}.{row.item} {rule}" for row, rule in ORDERED]
)
def test_what_contradicts_another_answer_is_refused(desk: Desk, row: Field, rule: str) -> None:
    relation, name = rule.split()
    other = DICTIONARY.of_form(row.form)[name.lower()]
    sheet = sheet_for(row, desk)
    sheet.meet(other.shown)
    mine, theirs = contradiction(row, other, relation)
    put(sheet, row, mine)
    alone = sheet.judged()
    put(sheet, other, theirs)
    both = [one for one in sheet.judged() if one not in alone]
    assert {item for item, level, _words in both if level is Level.HARD} & {row.item, other.item}


def contradiction(row: Field, other: Field, relation: str) -> tuple[str, str]:
    """Two answers of which the first is not in this relation to the second, by as little as can be told."""
    less = relation.startswith("<")
    if kind_of(row) in ("date", "partialdate"):
        days = (TODAY, TODAY - timedelta(days=1))
        mine, theirs = days if less else days[::-1]
        return mine.isoformat(), theirs.isoformat()
    if kind_of(row) == "datetime":
        times = (NOW - timedelta(minutes=10), NOW - timedelta(minutes=11))
        if "=" not in relation:
            times = (times[0], times[0])
        mine, theirs = times if less else times[::-1]
        return clock_time(mine), clock_time(theirs)
    theirs_number = unrounded(other)
    by = step(row) if "=" in relation else 0
    return f"{theirs_number + by if less else theirs_number - by:f}", f"{theirs_number:f}"


def unrounded(row: Field) -> Any:
    low, high = row.hard
    assert low is not None and high is not None
    return (low + step(row)).quantize(step(row)) if step(row) < 1 else low + step(row)


# Asked about ----------------------------------------------------------------------------------------


SOFT_ROWS = [row for row in TYPED if row.soft != OPEN]


@pytest.mark.parametrize("row", SOFT_ROWS, ids=[f"{row.form}.{row.item}" for row in SOFT_ROWS])
def test_what_is_unusual_is_asked_about(desk: Desk, row: Field) -> None:
    sheet = sheet_for(row, desk)
    low, high = row.soft
    for bound, value in ((low, low and low - step(row)), (high, high and high + step(row))):
        if bound is None or value is None:
            continue
        assert said(put(sheet, row, f"{bound:f}"), row, Level.SOFT) == {ENGLISH: [], CHINESE: []}
        found = said(put(sheet, row, f"{value:f}"), row, Level.SOFT)
        for language, words in in_both(outside(row, value, checks.OUTSIDE_SOFT, row.soft)).items():
            assert words in found[language]


@pytest.mark.parametrize(("row", "code"), ASKED, ids=[f"{row.form}.{row.item} {code}" for row, code in ASKED])
def test_an_answer_that_is_asked_about(desk: Desk, row: Field, code: str) -> None:
    found = said(put(sheet_for(row, desk), row, code), row, Level.SOFT)
    assert all(found.values()), found


# Missing --------------------------------------------------------------------------------------------


# Required, and filled in with the usual value where nothing was typed.
FILLED_IN = {("YDOS", "residex")}


@EACH_ROW
def test_what_may_be_missing_and_what_not(desk: Desk, row: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    required = row.required != NEVER
    sheet = sheet_for(row, desk, required=required)
    sheet.typed.pop(row.item, None)
    sheet.begin_row(besides=row.item)
    sheet.fill(besides=row.item)
    found = said(sheet, row, Level.HARD, complete=True)
    words = checks.REQUIRED if row.missing else checks.REQUIRED_PLAINLY
    sentence = words.format(label=label_of(row))
    if not required or (row.form, row.item) in FILLED_IN:
        assert found == {ENGLISH: [], CHINESE: []}
    else:
        for language, one in in_both(sentence).items():
            assert one in found[language]
        response = send(desk, sheet, monkeypatch, desk.chinese, "submit")
        assert response.status_code == 422
        assert sentence.zh in on_page(response)
        assert not sheet.model._default_manager.filter(visit=desk.visit).exists()
    for code in MISSING.values:
        sheet.missing = {row.item: code}
        for language, one in said(sheet, row, Level.HARD, complete=True).items():
            with override(language):
                assert (str(checks.NO_REASON) in one) is (code not in row.missing), code
                assert required is False or code not in row.missing or str(sentence) not in one, code

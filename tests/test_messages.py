"""The catalogues of interface words: collected, kept, compiled and compared without the gettext programs."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from trial_edc.catalogues import (
    Entry,
    UnreadableTemplate,
    contradictions,
    differences,
    folder_of,
    merge,
    mo_bytes,
    po_text,
    read_catalogue,
    room_files,
    words_asked_for,
)

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
title = _("Save the draft")
many = ngettext("%(n)s form", "%(n)s forms", 2)
short = pgettext("step", "done")
split = _("one sentence "
          "in two parts")
def not_a_message(gettext="left alone"): ...
"""
TEMPLATE = """{% load i18n %}<p class="it's {{ x|default:"(" }}">
    {% translate "Sign in" %} {% translate "Pass" context "criterion" %}
  {% blocktranslate count n=items|length %}One query{% plural %}{{ n }} queries{% endblocktranslate %}
{% comment %}{% translate "not shown" %}{% endcomment %}
      {% blocktranslate trimmed with day=visit.day %}
        Planned for
        {{ day }}
      {% endblocktranslate %}{% include "x.html" with words=_("Handed on") %}{{ _("Shown")|upper }}
</p>"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for path, text in {
        "casebook/views.py": PYTHON,
        "casebook/migrations/0001.py": 'from x import gettext as _\n_("in a migration")\n',
        "trial_edc/frame.py": "",
        "templates/casebook/home.html": TEMPLATE,
        "templates/base.html": '{% load i18n %}{% translate "Home" %}',
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def asked(root: Path, room: str = "casebook") -> dict:
    return words_asked_for(root, room_files(root, ["casebook", "trial_edc"], room))


def test_words_are_read_from_python_and_templates(source: Path) -> None:
    assert sorted(asked(source)) == [
        ("", "%(n)s form", "%(n)s forms"),
        ("", "Handed on", ""),
        ("", "One query", "%(n)s queries"),
        ("", "Planned for %(day)s", ""),
        ("", "Save the draft", ""),
        ("", "Shown", ""),
        ("", "Sign in", ""),
        ("", "one sentence in two parts", ""),
        ("criterion", "Pass", ""),
        ("step", "done", ""),
    ]


def test_templates_of_no_room_belong_to_the_frame(source: Path) -> None:
    assert list(asked(source, "trial_edc")) == [("", "Home", "")]


def test_a_tag_inside_a_translation_block_is_named(source: Path) -> None:
    (source / "templates/base.html").write_text(
        "{% load i18n %}{% blocktranslate %}a {% if x %}b{% endif %}{% endblocktranslate %}", encoding="utf-8"
    )
    with pytest.raises(UnreadableTemplate, match=r"templates/base\.html"):
        asked(source, "trial_edc")


def test_a_catalogue_survives_writing_and_reading(tmp_path: Path) -> None:
    entries = {
        ("", "%(n)s form", "%(n)s forms"): Entry("%(n)s张表单", files={"b.py", "a.py"}),
        ("step", "done", ""): Entry("已完成", files={"a.py"}),
        ("", "new", ""): Entry(files={"a.py"}),
    }
    text = po_text(entries)
    (tmp_path / "django.po").write_text(text, encoding="utf-8")
    read = read_catalogue(tmp_path / "django.po")
    assert {key: entry.translation for key, entry in read.items()} == {
        key: entry.translation for key, entry in entries.items()
    }
    assert "#: a.py b.py\n" in text
    assert "Date" not in text
    assert po_text(dict(reversed(entries.items()))) == text


def test_what_is_compiled_is_what_gettext_reads() -> None:
    entries = {
        ("", "%(n)s form", "%(n)s forms"): Entry("%(n)s张表单"),
        ("step", "done", ""): Entry("已完成"),
        ("", "guessed", ""): Entry("猜测", fuzzy=True),
        ("", "new", ""): Entry(),
    }
    read = gettext.GNUTranslations(io.BytesIO(mo_bytes(entries)))
    assert read.ngettext("%(n)s form", "%(n)s forms", 1) == "%(n)s张表单"
    assert read.ngettext("%(n)s form", "%(n)s forms", 5) == "%(n)s张表单"
    assert read.pgettext("step", "done") == "已完成"
    assert read.gettext("guessed") == "guessed"
    assert read.gettext("new") == "new"


def test_merging_keeps_what_is_translated_and_borrows_from_other_rooms() -> None:
    files = {"a.py"}
    merged = merge(
        {
            ("", "Save", ""): Entry(files=files),
            ("", "Site", ""): Entry(files=files),
            ("", "Arm", ""): Entry(files=files),
        },
        {("", "Save", ""): Entry("保存"), ("", "gone", ""): Entry("旧")},
        {("", "Site", ""): "中心", ("", "Save", ""): "存储"},
    )
    assert merged == {
        ("", "Save", ""): Entry("保存", files=files),
        ("", "Site", ""): Entry("中心", files=files),
        ("", "Arm", ""): Entry("", files=files),
    }


def test_differences_are_named_one_by_one() -> None:
    files = {"a.py"}
    found = differences(
        {
            ("", "a new one", ""): Entry(files=files),
            ("", "fine %(n)s", ""): Entry(files=files),
            ("", "guessed", ""): Entry(files=files),
            ("", "not yet", ""): Entry(files=files),
            ("", "{day} of %(n)s", ""): Entry(files=files),
            ("", "one form", "%(n)s forms"): Entry(files=files),
        },
        {
            ("", "fine %(n)s", ""): Entry("第%(n)s"),
            ("", "guessed", ""): Entry("猜", fuzzy=True),
            ("", "no longer", ""): Entry("旧"),
            ("", "not yet", ""): Entry(""),
            ("", "{day} of %(n)s", ""): Entry("{date}，共%(n)s"),
            ("", "one form", "%(n)s forms"): Entry("%(n)s张表单"),
        },
    )
    assert found == [
        "missing: 'a new one' (a.py)",
        "fuzzy: 'guessed'",
        "obsolete: 'no longer'",
        "untranslated: 'not yet' (a.py)",
        "placeholders: '{day} of %(n)s' has %(n)s {day}, its translation %(n)s {date}",
    ]


def test_two_rooms_do_not_translate_the_same_words_differently() -> None:
    key = ("", "Submit", "")
    assert contradictions({"a": {key: Entry("提交")}, "b": {key: Entry("提交")}, "c": {key: Entry("")}}) == []
    assert contradictions({"a": {key: Entry("提交")}, "b": {key: Entry("递交")}}) == [
        "contradiction: 'Submit' is '提交' in a and '递交' in b"
    ]


def test_the_command_collects_compiles_and_then_finds_nothing_to_mend(source: Path) -> None:
    with pytest.raises(CommandError, match=r"casebook: missing: 'Sign in' \(templates/casebook/home\.html\)"):
        call_command("messages", "casebook", check=True, root=source)
    call_command("messages", "casebook", root=source, stdout=io.StringIO())
    folder = folder_of(source, "casebook")
    with pytest.raises(CommandError, match="casebook: untranslated: 'Sign in'"):
        call_command("messages", "casebook", check=True, root=source)

    translated = {
        key: Entry(key[2] or key[1] + "中", files=entry.files) for key, entry in asked(source).items()
    }
    (folder / "django.po").write_text(po_text(translated), encoding="utf-8")
    with pytest.raises(CommandError, match=r"casebook: django\.mo is not what django\.po compiles to"):
        call_command("messages", "casebook", check=True, root=source)
    call_command("messages", "casebook", root=source, stdout=io.StringIO())
    written = {path.name: path.read_bytes() for path in folder.iterdir()}

    said = io.StringIO()
    call_command("messages", "casebook", check=True, root=source, stdout=said)
    assert said.getvalue() == "Every interface word is translated: casebook.\n"
    call_command("messages", "casebook", root=source, stdout=io.StringIO())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written


def test_an_unknown_room_is_refused() -> None:
    with pytest.raises(CommandError, match="There is no room called kitchen"):
        call_command("messages", "kitchen", check=True)

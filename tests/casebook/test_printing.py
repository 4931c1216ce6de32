"""Making a PDF: recorded, for those who may, in fonts that have every character or name it."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from accounts.access import GRANTS, Actor, Permission
from accounts.models import Role, Site, User
from casebook import actions
from casebook.models import CasebookPrinting
from casebook.printing import typesetting
from casebook.printing.typesetting import NotTypeset, characters, printable, typeset
from participants.models import Participant
from participants.schedule_file import SCHEDULES
from records import clock
from records.clock import TrialClock
from records.codelists import MISSING
from records.definition import forms, row_groups
from records.items import items_of
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.printing import Printed
from tests.cast import START, make_participant, make_person
from trial_edc.demo.walks import fill

FONTS = Path(typesetting.__file__).parent / "fonts"
LAYOUTS = Path(typesetting.__file__).parent / "layout"


def address(participant: Participant) -> str:
    return f"/participants/{participant.pk}/casebook/"


# -- the recorded act ----------------------------------------------------------------------------------


def test_each_printing_is_recorded_with_its_person_number_and_hash(
    site: Site, by_coordinator: Actor, monitor: User, at_start: None
) -> None:
    participant = make_participant(site, by_coordinator, initials="XQJ")
    client = at_the_desk(monitor)
    assert "None so far." in Page(client.get(address(participant))).text
    assert not CasebookPrinting.objects.exists()

    response = client.post(address(participant))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="NCT07070076-01-001-casebook-20260901.pdf"'
    )
    assert "no-store" in response.headers["Cache-Control"]
    printing = CasebookPrinting.objects.get()
    assert (printing.participant, printing.by, printing.role) == (participant, monitor, Role.MONITOR)
    assert (printing.with_trail, printing.sha256) == (False, hashlib.sha256(response.content).hexdigest())
    assert timedelta(0) <= printing.at - START < timedelta(minutes=5)
    entry = TrailEntry.objects.get(relation="casebook_casebookprinting")
    assert (entry.operation, entry.participant_id, entry.person_id) == ("INSERT", participant.pk, monitor.pk)
    assert (entry.role, entry.site_id) == (Role.MONITOR, site.pk)

    printed = Printed(response.content)
    assert f"No.{printing.reference}" in printed.text
    assert "XQJ" not in printed.text
    listed = Page(client.get(address(participant))).text
    assert f"Monitor Monitor {printing.reference} SHA-256 {printing.sha256} without" in listed


def test_the_audit_trail_is_an_appendix_where_asked_for(participant: Participant, monitor: User) -> None:
    response = at_the_desk(monitor).post(address(participant), {"with_trail": "1"})
    printed = Printed(response.content)
    assert CasebookPrinting.objects.get().with_trail
    assert printed.bookmarks[-1] == "稽查轨迹 Audit trail"
    assert "稽查轨迹Audittrail" in printed.page(len(printed))


def test_who_does_not_see_the_trail_gets_none_printed(
    participant: Participant, monitor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GRANTS, Role.MONITOR, frozenset({Permission.SEE_PARTICIPANTS}))
    client = at_the_desk(monitor)
    assert "with_trail" not in Page(client.get(address(participant))).offered
    assert client.post(address(participant), {"with_trail": "1"}).status_code == 403
    assert not CasebookPrinting.objects.exists()
    assert client.post(address(participant)).status_code == 200


def test_a_casebook_that_cannot_be_set_is_not_recorded(
    participant: Participant, by_coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> bytes:
        raise NotTypeset("no font")

    monkeypatch.setattr(actions, "typeset", broken)
    with pytest.raises(NotTypeset):
        actions.print_casebook(participant=participant, with_trail=False, by=by_coordinator, now=START)
    assert not CasebookPrinting.objects.exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_participants_of_another_site_are_not_printed(
    participant: Participant, other_site: Site, role: Role
) -> None:
    client = at_the_desk(make_person("li", role, other_site))
    assert (client.get(address(participant)).status_code, client.post(address(participant)).status_code) == (
        404,
        404,
    )
    assert not CasebookPrinting.objects.exists()


def test_the_system_administrator_prints_nothing(
    participant: Participant, system_administrator: User
) -> None:
    client = at_the_desk(system_administrator)
    assert (client.get(address(participant)).status_code, client.post(address(participant)).status_code) == (
        403,
        403,
    )
    assert not CasebookPrinting.objects.exists()


def test_the_participants_page_leads_to_it(participant: Participant, monitor: User) -> None:
    page = Page(at_the_desk(monitor).get(f"/participants/{participant.pk}/"))
    assert address(participant) in page.addresses


# -- the PDF -------------------------------------------------------------------------------------------


def smallest(**changed: Any) -> dict[str, Any]:
    """The content of a casebook with nothing in it."""
    words = {"zh": "无", "en": "none"}
    return {
        "trial": "NCT07070076", "title": words, "document_title": "Casebook", "records": 0, "drafts": 0,
        "participant": {
            "number": "01-001", "site": {"code": "01", **words}, "arm": words, "status": words,
            "registered": {"at": "", "by": ""},
        },
        "path": [], "calendar": [], "visits": [], "discrepancies": [], "signatures": [], "with_trail": False, "trail": [], **changed,
    }  # fmt: skip


def step(reason: str) -> dict[str, Any]:
    return {"status": {"zh": "筛选中", "en": "In screening"}, "reason": reason, "at": "", "by": ""}


def test_fictitious_data_say_so_and_a_real_trials_do_not(
    by_coordinator: Actor, at_start: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "虚构数据FICTITIOUSDATA" in Printed(
        typeset("filled", smallest(), by=by_coordinator, now=START)
    ).page(1)
    monkeypatch.setattr(clock, "read", lambda: TrialClock(kind=TrialClock.Kind.TRIAL))
    assert "虚构" not in Printed(typeset("filled", smallest(), by=by_coordinator, now=START)).page(1)


def test_a_pdf_is_tagged_and_of_the_archives_kind(by_coordinator: Actor, at_start: None) -> None:
    reader = Printed(typeset("filled", smallest(), by=by_coordinator, now=START)).reader
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert root["/StructTreeRoot"]
    about = reader.xmp_metadata
    assert about is not None
    described = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in described
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in described
    assert "<pdfuaid:part>1</pdfuaid:part>" in described
    assert reader.metadata is not None
    assert reader.metadata.creation_date == START


def test_typed_text_is_printed_as_it_was_typed_and_never_read_as_layout(
    by_coordinator: Actor, at_start: None
) -> None:
    typed = "#pagebreak() *bold* [x] $y$ \\ <z> // 第一行\n第二行 © ≥ 10⁹ ąñ ﬁ 𠮷 😀 a\u200bb\x00"
    printed = Printed(typeset("filled", smallest(path=[step(typed)]), by=by_coordinator, now=START)).text
    assert "#pagebreak()*bold*[x]$y$\\<z>//第一行第二行©≥10⁹ąñ" in printed
    assert "〔U+20BB7〕〔U+1F600〕a〔U+200B〕b〔U+0000〕" in printed


def test_a_word_longer_than_a_line_is_broken_and_kept_whole(by_coordinator: Actor, at_start: None) -> None:
    word = "0123456789abcdef" * 30
    printed = Printed(typeset("filled", smallest(path=[step(word)]), by=by_coordinator, now=START))
    assert word in printed.text
    widths: list[float] = []
    printed.reader.pages[0].extract_text(
        visitor_text=lambda text, _cm, tm, _font, _size: widths.append(tm[4]) if text.strip() else None
    )
    assert max(widths) < 595 - 40


def test_a_character_without_a_glyph_would_stop_the_setting(
    by_coordinator: Actor, at_start: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "printable", lambda content: content)
    with pytest.raises(NotTypeset, match="could not be displayed"):
        typeset("filled", smallest(path=[step("😀")]), by=by_coordinator, now=START)


# -- the fonts -----------------------------------------------------------------------------------------


def test_the_list_of_characters_is_what_the_fonts_have() -> None:
    found: set[int] = set()
    for path in FONTS.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            found |= set(font.getBestCmap())
    assert characters() == found


def test_the_fonts_have_every_character_of_gbk_but_one_sign() -> None:
    lacking = []
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                character = bytes([lead, trail]).decode("gbk")
            except UnicodeDecodeError:
                continue
            if ord(character) not in characters():
                lacking.append(character)
    assert lacking == ["≒"]


def test_the_fonts_have_every_character_of_forms_schedules_and_layouts() -> None:
    words: list[str] = [words.zh + words.en for _code, words in MISSING]
    for model in forms().values():
        words += [model.form.title.zh, model.form.title.en]
        inside = row_groups(model).values()
        words += [text.zh + text.en for rows in inside for text in (rows.rows.title, rows.rows.one)]
        for item in [item for asked in (model, *inside) for item in items_of(asked)]:
            texts = [item.label, item.section, item.help, *(label for _code, label in item.codes or ())]
            words += [item.unit, *(text.zh + text.en for text in texts if text)]
    words += [
        path.read_text(encoding="utf-8") for path in [*SCHEDULES.glob("*.toml"), *LAYOUTS.glob("*.typ")]
    ]
    used = {ord(character) for text in words for character in text} - {ord("\n")}
    assert {chr(code) for code in used - characters()} == set()


def test_what_would_be_printed_as_nothing_is_no_character_of_the_fonts() -> None:
    invisible = {code for code in characters() if unicodedata.category(chr(code)) in ("Cf", "Cc", "Cn", "Co")}
    assert invisible == set()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("无", "无"),
        ("a\tb\r\nc", "a b\nc"),
        ("\u202eabc", "〔U+202E〕abc"),
        ({"a": ["😀", 1, None, True]}, {"a": ["〔U+1F600〕", 1, None, True]}),
        ("x" * 24, "x" * 24),
        ("x" * 25, "x" * 24 + "\u200bx"),
    ],
)
def test_texts_are_made_printable_wherever_they_stand(typed: Any, shown: Any) -> None:
    assert printable(typed) == shown


def test_a_note_with_a_rare_character_does_not_hinder_the_casebook(
    participant: Participant, by_coordinator: Actor, monitor: User
) -> None:
    answers = {"svdone": "Y", "svstdtc": START.date(), "svmode": "CLINIC", "svoowrsn": "𠮷😀"}
    fill(participant, "SV", answers, by=by_coordinator, now=START)
    response = at_the_desk(monitor).post(address(participant))
    assert "〔U+20BB7〕〔U+1F600〕" in Printed(response.content)

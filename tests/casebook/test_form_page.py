"""The form page: every item of every form, in both languages, and nothing typed is ever lost."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Role, Site, User
from participants.models import CaseReportForm, Participant, Visit
from records import events
from records.definition import forms
from records.items import GradeItem, Item, MeasuredItem, MultiCodeItem, items_of
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send, visit_of
from tests.cast import make_person

FORMS = list(forms().items())
EACH_FORM = pytest.mark.parametrize(("code", "model"), FORMS, ids=[code for code, _model in FORMS])


@pytest.fixture
def open_casebook(participant: Participant, monkeypatch: pytest.MonkeyPatch) -> Participant:
    """A participant for whom every form stands open at the first visit, whatever schedule and guards say."""
    subscribers, _guards = events._table()
    monkeypatch.setattr(events, "_table", lambda: (subscribers, ()))
    Participant.objects.filter(pk=participant.pk).update(status="ON_TREATMENT", arm="HAIC")
    Visit.objects.filter(participant=participant, code="SCR").update(forms=list(forms()), position=10)
    return Participant.objects.get(pk=participant.pk)


def elsewhere(item: Item, model: type[CaseReportForm]) -> dict[str, str]:
    """The answers of other forms an item depends on, as (name, one code that shows it)."""
    own = {other.name for other in items_of(model)}
    return {name: codes[0] for name, codes in item.shown_when.answers.items() if name not in own}


def know(model: type[CaseReportForm], known: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a form find these answers elsewhere."""
    read = model.context.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(model, "context", classmethod(lambda cls, **place: {**read(cls, **place), **known}))


def plain(words: object) -> str:
    return " ".join(str(words).split())


@EACH_FORM
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_item_is_on_the_page_in_both_languages(
    open_casebook: Participant,
    coordinator: User,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    model: type[CaseReportForm],
    language: str,
) -> None:
    client = at_the_desk(coordinator, language)
    address = form_address(open_casebook, code)
    items = [item for item in items_of(model) if not item.companion_of]
    worlds = {tuple(sorted(elsewhere(item, model).items())) for item in items}
    for world in sorted(worlds):
        with monkeypatch.context() as patch:
            know(model, dict(world), patch)
            response = client.get(address)
        assert response.status_code == 200
        page = Page(response)
        with override(language):
            assert plain(model.form.title) in page.text
            for item in items:
                if tuple(sorted(elsewhere(item, model).items())) == world:
                    looks_right(page, item)


def looks_right(page: Page, item: Item) -> None:
    assert f"id_{item.name}_row" in page.ids, item.name
    assert plain(item.label) in page.text, item.name
    if item.section:
        assert plain(item.section) in page.text, item.name
    if item.derived:
        assert item.name not in page.values, item.name
        return
    if item.codes is not None:
        assert [value for value in page.offered[item.name] if value] == list(item.codes.values), item.name
        for value, label in item.codes:
            assert plain(label) in page.text, (item.name, value)
    elif isinstance(item, GradeItem):
        assert page.offered[item.name] == ["1", "2", "3", "4", "5"], item.name
        assert plain(item.terms.general[3]) in page.text, item.name
    else:
        assert item.name in page.values, item.name
    if isinstance(item, MeasuredItem):
        nothing_chosen = [""] if item.asks_unit else []
        assert page.offered[f"{item.name}_u"] == [*nothing_chosen, *item.units], item.name
    if item.missing:
        assert page.offered[f"{item.name}__missing"] == ["", *item.missing], item.name


@EACH_FORM
def test_each_id_stands_once_on_a_page(
    open_casebook: Participant, coordinator: User, code: str, model: type[CaseReportForm]
) -> None:
    page = Page(at_the_desk(coordinator).get(form_address(open_casebook, code)))
    assert sorted(page.ids) == sorted(set(page.ids))


UNREADABLE = {
    "integer": "twelve & a half",
    "decimal": "3,5",
    "measured": "4.1 <high>",
    "date": "2026-13-45",
    "datetime": "yesterday at 5",
    "partialdate": 'summer "26"',
    "file": "../../report.pdf",
}


def nonsense(item: Item, offered: list[str]) -> tuple[list[str], bool]:
    """Something to type into an item, and whether it cannot be read."""
    if isinstance(item, MultiCodeItem):
        return offered[-2:], False
    if item.codes is not None or isinstance(item, GradeItem):
        return [[value for value in offered if value][-1]], False
    if item.kind == "text":
        return ["x<&>\"' 肝" * (item.max_length // 8 + 1)], True  # type: ignore[attr-defined]
    return [UNREADABLE[item.kind]], True


@EACH_FORM
def test_a_refused_form_keeps_everything_typed_and_names_each_field_on_top(
    open_casebook: Participant, coordinator: User, code: str, model: type[CaseReportForm]
) -> None:
    before = list(model._default_manager.values())
    client = at_the_desk(coordinator)
    address = form_address(open_casebook, code)
    empty = Page(client.get(address))
    typed: dict[str, list[str]] = {}
    wrong = []
    for item in items_of(model):
        if item.name in empty.values or item.name in empty.offered:
            typed[item.name], unreadable = nonsense(item, empty.offered.get(item.name, []))
            if unreadable:
                wrong.append(item)
    response = client.post(address, {**on_the_page(empty), **typed, "action": "submit"})
    page = Page(response)
    assert response.status_code == 422
    assert {name: page.values.get(name, []) for name in typed} == typed
    for item in wrong:
        assert f"#id_{item.name}" in page.addresses, item.name
        assert f"id_{item.name}_error" in page.ids, item.name
    assert list(model._default_manager.values()) == before


def test_a_refusal_by_the_checks_keeps_everything_too(participant: Participant, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    typed = {
        "height": "170.0",
        "pulse": "７２",
        "sysbp": "80",
        "diabp": "90",
        "peabn": "N",
        "temp__missing": "ND",
    }
    response = send(client, form_address(participant, "VS"), typed)
    page = Page(response)
    assert response.status_code == 422
    assert {name: page.value(name) for name in typed} == typed
    assert "The diastolic pressure 90 must be below the systolic 80. Check both." in page.text
    assert "#id_diabp" in page.addresses


# -- saving, submitting, correcting --------------------------------------------------------------------

VITALS = {
    "height": "170",
    "weight": "65",
    "temp": "36.6",
    "pulse": "72",
    "sysbp": "125",
    "diabp": "78",
    "ecog": "0",
    "peabn": "N",
}


def test_a_draft_is_saved_and_stays_open(participant: Participant, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "VS")
    answer = send(client, address, {"pulse": "72"})
    assert answer.headers["Location"] == address
    page = Page(client.get(address))
    assert "Vital signs, physical examination, ECOG saved." in page.text
    assert (page.value("pulse"), page.value("revision")) == ("72", "1")
    assert ("action", "submit") in page.buttons


def test_save_and_next_opens_the_next_form_and_submit_the_next_open_one(
    participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    address = {code: form_address(participant, code) for code in ("SV", "DM", "MH", "VS", "LB")}
    assert send(client, address["VS"], VITALS, "next").headers["Location"] == address["LB"]
    header = {"svdone": "Y", "svstdtc": "2026-9-1", "svmode": "CLINIC"}
    assert send(client, address["SV"], header, "submit").headers["Location"] == address["DM"]
    assert "Visit header submitted." in Page(client.get(address["DM"])).text
    assert send(client, address["MH"], {"cirrh": "Y"}, "next").headers["Location"] == address["VS"]


def test_a_submission_shows_what_is_missing(participant: Participant, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    response = send(client, form_address(participant, "VS"), {"pulse": "72"}, "submit")
    page = Page(response)
    assert response.status_code == 422
    assert "7 answers need another look" in page.text
    assert "Fill in Height, or say why it is missing." in page.text
    assert forms()["VS"]._default_manager.count() == 0


def test_unusual_values_are_asked_about_and_confirmed_with_a_word(
    participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "VS")
    page = Page(send(client, address, {**VITALS, "pulse": "120"}, "submit"))
    assert "Pulse 120 /min is unusual (expected 50 to 110)." in page.text
    answers = {**on_the_page(page), "pulse__confirm": "after stairs", "action": "submit"}
    assert client.post(address, answers).status_code == 302
    reopened = Page(client.get(address))
    assert reopened.value("pulse__confirm") == "after stairs"
    assert "Pulse 120 /min is unusual" in reopened.text
    corrected = send(client, address, {"weight": "66", "reason": "misread"})
    assert corrected.status_code == 302
    assert forms()["VS"]._default_manager.get().confirmed == {"pulse": "after stairs"}


def test_an_unusual_computed_value_can_be_confirmed_too(participant: Participant, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "VS")
    tall = {**VITALS, "height": "195", "weight": "110"}
    page = Page(send(client, address, tall, "submit"))
    assert "Body surface area 2.44 m² is unusual (expected 1.2 to 2.3)." in page.text
    assert "#id_bsa" in page.addresses
    answers = {**on_the_page(page), "bsa__confirm": "measured twice", "action": "submit"}
    assert client.post(address, answers).status_code == 302


def test_a_correction_asks_for_a_reason_and_shows_what_was_there(
    participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "VS")
    send(client, address, VITALS, "submit")
    page = Page(client.get(address))
    assert [value for name, value in page.buttons if name == "action"] == ["save"]
    refused = send(client, address, {"pulse": "80"})
    page = Page(refused)
    assert refused.status_code == 422
    assert "The form was submitted before. Write the reason for the change." in page.text
    assert (page.value("pulse"), page.value("reason")) == ("80", "")
    assert "id_reason_error" in page.ids
    assert "80 /min 72" in page.text or "72" in page.text
    assert send(client, address, {"pulse": "80", "reason": "misread"}).status_code == 302
    record = forms()["VS"]._default_manager.get()
    assert (record.pulse, record.state, record.revision) == (80, "SUBMITTED", 2)  # type: ignore[attr-defined]


def test_who_was_overtaken_sees_the_others_answer_beside_the_own(
    participant: Participant, coordinator: User, investigator: User
) -> None:
    first, second = at_the_desk(coordinator), at_the_desk(investigator)
    address = form_address(participant, "VS")
    mine = on_the_page(Page(first.get(address)))
    send(second, address, {"pulse": "99"})
    response = first.post(address, {**mine, "pulse": "72", "action": "save"})
    page = Page(response)
    assert response.status_code == 422
    assert "Somebody else saved this form after you opened it." in page.text
    assert page.value("pulse") == "72"
    assert " 99 " in f" {page.text} "
    again = first.post(address, {**on_the_page(page), "action": "save"})
    assert again.status_code == 302
    assert forms()["VS"]._default_manager.get().pulse == 72  # type: ignore[attr-defined]


def test_who_typed_something_unreadable_sees_the_others_answer_too(
    participant: Participant, coordinator: User, investigator: User
) -> None:
    """The page that comes back knows the newest revision: without the comparison it would write over it unseen."""
    first, second = at_the_desk(coordinator), at_the_desk(investigator)
    address = form_address(participant, "VS")
    mine = on_the_page(Page(first.get(address)))
    send(second, address, {"pulse": "99"})
    response = first.post(address, {**mine, "pulse": "72", "weight": "heavy", "action": "save"})
    page = Page(response)
    assert response.status_code == 422
    assert "Somebody else saved this form after you opened it." in page.text
    assert (page.value("pulse"), page.value("weight")) == ("72", "heavy")
    assert " 99 " in f" {page.text} "


@pytest.mark.parametrize("revision", ["x", "-1", "1.5", "９" * 30, "9" * 5000, "<script>"])
def test_a_revision_nobody_was_given_is_overtaken(
    participant: Participant, coordinator: User, revision: str
) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "VS")
    send(client, address, {"pulse": "72"})
    assert client.post(address, {"pulse": "80", "revision": revision}).status_code == 422
    assert forms()["VS"]._default_manager.get().pulse == 72  # type: ignore[attr-defined]


# -- readers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MONITOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_readers_see_everything_and_change_nothing(
    participant: Participant, coordinator: User, site: Site, role: Role
) -> None:
    send(at_the_desk(coordinator), form_address(participant, "VS"), VITALS, "submit")
    reader = at_the_desk(make_person("reader", role, site))
    address = form_address(participant, "VS")
    page = Page(reader.get(address))
    assert "You are reading: your role does not enter data at this site." in page.text
    assert page.value("pulse") == "72"
    typed = {item.name for item in items_of(forms()["VS"]) if not item.derived} & set(on_the_page(page))
    assert typed - page.readonly == set()
    assert [name for name, _value in page.buttons if name == "action"] == []
    assert reader.post(address, {**VITALS, "pulse": "99", "revision": "1", "reason": "x"}).status_code == 403
    assert forms()["VS"]._default_manager.get().pulse == 72  # type: ignore[attr-defined]


def test_a_form_a_guard_closes_is_read_and_says_why(participant: Participant, coordinator: User) -> None:
    Participant.objects.filter(pk=participant.pk).update(status="SCREEN_FAILURE")
    client = at_the_desk(coordinator)
    page = Page(client.get(form_address(participant, "VS")))
    assert "This participant failed screening: no further forms are entered." in page.text
    assert [name for name, _value in page.buttons if name == "action"] == []
    assert client.post(form_address(participant, "VS"), VITALS).status_code == 422
    assert forms()["VS"]._default_manager.count() == 0


@pytest.mark.parametrize("code", ["NOPE", "sv", "RSP"])
def test_a_form_that_is_not_due_at_the_visit_is_not_found(
    participant: Participant, coordinator: User, code: str
) -> None:
    client: Client = at_the_desk(coordinator)
    visit = visit_of(participant)
    for rest in ("", "derived/", "history/?item=pulse"):
        address = f"/visits/{visit.pk}/{code}/{rest}"
        assert (client.post(address) if rest == "derived/" else client.get(address)).status_code == 404

"""The pages of safety: what they show, who may do what there, and what they refuse."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.access import SYSTEM, Actor
from accounts.models import Role, Site, User
from eligibility.models import AdverseEvent
from participants.models import Participant
from records import clock
from safety.actions import watch
from safety.models import EventCoding, ReportRecipient, SaeDelivery, SaeReport
from tests.browsing import Page, at_the_desk
from tests.cast import make_participant, make_person
from tests.safety.entering import EVENT, NOT_GIVEN, at, enter, log_of, serious
from tests.safety.meddra_folder import english

AWARE = "2026-10-01 08:00"
NOW = at("2026-10-02 03:30")
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])


@pytest.fixture
def now(participant: Participant) -> datetime:
    clock.move_to(NOW)
    return NOW


@pytest.fixture
def event(participant: Participant, by_coordinator: Actor, now: datetime) -> AdverseEvent:
    least = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": at(AWARE)}
    found: AdverseEvent = enter(
        participant, "AE", least, submit=False, by=by_coordinator, now=at("2026-10-01 09:00")
    )
    return found


def event_page(participant: Participant) -> str:
    return f"/safety/{participant.pk}/events/1/"


# -- the clock, wherever people are --------------------------------------------------------------------

CLOCK = {"en": "4 h 30 min left to report.", "zh-hans": "距报告时限还有4小时30分钟。"}


@LANGUAGES
def test_the_clock_shows_at_home_with_the_participant_on_the_form_and_on_its_page(
    event: AdverseEvent, participant: Participant, coordinator: User, language: str
) -> None:
    client = at_the_desk(coordinator, language)
    form = f"/visits/{log_of(participant).pk}/AE/1/"
    for where in ("/", f"/participants/{participant.pk}/", form, "/safety/", event_page(participant)):
        page = Page(client.get(where))
        assert CLOCK[language] in page.text, where
        assert "2026-10-02 08:00" in page.text, where
    assert event_page(participant) in Page(client.get(form)).addresses


def test_home_shows_the_clocks_first(event: AdverseEvent, coordinator: User) -> None:
    text = Page(at_the_desk(coordinator).get("/")).text
    assert "SAE clocks running (1)" in text
    assert text.index("SAE clocks running") < text.index("Begun, not complete")


def test_without_awareness_the_clock_says_so(
    participant: Participant, by_coordinator: Actor, coordinator: User, now: datetime
) -> None:
    enter(participant, "AE", {"aeterm": "collapse", "aeser": "Y"}, submit=False, by=by_coordinator, now=NOW)
    client = at_the_desk(coordinator)
    assert "The moment of awareness is not entered" in Page(client.get("/")).text
    page = Page(client.get(event_page(participant)))
    assert "A report needs the event, that it is serious, and the moment of awareness." in page.text


def test_a_late_report_is_red_everywhere_and_its_deviation_waits(
    event: AdverseEvent, participant: Participant, coordinator: User
) -> None:
    clock.move_to(at("2026-10-02 08:01"))
    watch(by=SYSTEM, now=at("2026-10-02 08:01"))
    client = at_the_desk(coordinator)
    home = client.get("/").content.decode()
    assert "clock-red" in home and "Overdue by 1 min." in home
    assert "Drafts of deviations (1)" in Page(client.get("/")).text
    page = Page(client.get("/safety/"))
    assert "not reported by 2026-10-02 08:00" in page.text
    deviation = f"/visits/{log_of(participant).pk}/DV/1/"
    assert deviation in page.addresses
    form = Page(client.get(deviation))
    assert "Drafted automatically: SAE reported late." in form.text
    assert f"/visits/{log_of(participant).pk}/AE/1/" in form.addresses


# -- filing --------------------------------------------------------------------------------------------


def answers(page: Page, **changed: str) -> dict[str, Any]:
    given = {
        name: values
        for name, values in page.values.items()
        if name in ("kind", "sent", "reporter", "revision")
    }
    return {**given, **changed}


def test_a_report_is_filed_from_the_page_and_can_be_printed(
    event: AdverseEvent, participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    page = Page(client.get(event_page(participant)))
    assert page.offered["kind"] == ["INITIAL"]
    assert (page.value("sent"), page.value("reporter")) == ("2026-10-02 03:30", "Coordinator")
    answer = client.post(event_page(participant), answers(page, sent="2026-10-02 3:10"))
    assert answer.headers["Location"] == event_page(participant)
    page = Page(client.get(event_page(participant)))
    assert "Reported in time, after 19 h 10 min." in page.text
    assert page.offered["kind"] == ["FOLLOWUP", "FINAL"]
    printed = Page(client.get(event_page(participant) + "reports/1/"))
    for words in ("Initial report · 首次报告", "01-001", "Event · 不良事件名称", "liver abscess", "是否严重"):
        assert words in printed.text, words
    assert "SAE clocks running" not in Page(client.get("/")).text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"sent": "yesterday"}, "Write date and time as 2026-8-3 14:05."),
        ({"sent": "2026-10-2 3:31"}, "The report was sent in the future."),
        ({"reporter": ""}, "This field is required."),
        ({"revision": "99"}, "The form was changed after you opened it."),
        ({"revision": "x"}, "The form was changed after you opened it."),
        ({"kind": "FINAL"}, "Select a valid choice."),
    ],
)
def test_a_refused_report_keeps_what_was_typed(
    event: AdverseEvent, participant: Participant, coordinator: User, changed: dict[str, str], sentence: str
) -> None:
    client = at_the_desk(coordinator)
    typed = answers(Page(client.get(event_page(participant))), **changed)
    response = client.post(event_page(participant), typed)
    page = Page(response)
    assert response.status_code == 422
    assert sentence in page.text
    if "sent" in changed:
        assert page.value("sent") == changed["sent"]
    assert SaeReport.objects.count() == 0


def test_readers_see_the_versions_and_file_none(
    event: AdverseEvent, participant: Participant, monitor: User, data_manager: User
) -> None:
    for person in (monitor, data_manager):
        client = at_the_desk(person)
        page = Page(client.get(event_page(participant)))
        assert "liver abscess" in page.text
        assert "kind" not in page.offered
        assert client.post(event_page(participant), {"kind": "INITIAL"}).status_code == 403


def test_a_change_after_a_version_asks_for_the_next(
    event: AdverseEvent, participant: Participant, by_coordinator: Actor, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    client.post(event_page(participant), answers(Page(client.get(event_page(participant)))))
    words = "The form was changed after this version."
    assert words not in Page(client.get(event_page(participant))).text
    enter(participant, "AE", {"aetoxgr": 4}, repeat=1, submit=False, by=by_coordinator, now=NOW)
    assert words in Page(client.get(event_page(participant))).text
    assert "form changed since" in Page(client.get("/safety/")).text


def test_a_receipt_is_noted_on_the_printed_page(
    event: AdverseEvent, participant: Participant, coordinator: User, data_manager: User, monitor: User
) -> None:
    client = at_the_desk(coordinator)
    client.post(event_page(participant), answers(Page(client.get(event_page(participant)))))
    where = event_page(participant) + "reports/1/"
    delivery = SaeDelivery.objects.earliest("pk")
    posted = {"delivery": str(delivery.pk), "note": "No. 17"}
    assert at_the_desk(monitor).post(where + "receipt/", posted).status_code == 403
    sponsor = at_the_desk(data_manager)
    sponsor.post(where + "receipt/", posted)
    assert "received 2026-10-02 03:30: No. 17" in Page(sponsor.get(where)).text
    sponsor.post(where + "receipt/", posted)
    assert "The receipt was noted already." in Page(sponsor.get(where)).text
    assert sponsor.post(where + "receipt/", {"delivery": "x"}).status_code == 404


def test_an_event_that_is_not_serious_has_nothing_to_file(
    participant: Participant, by_coordinator: Actor, coordinator: User, now: datetime
) -> None:
    enter(participant, "AE", EVENT, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    page = Page(at_the_desk(coordinator).get(event_page(participant)))
    assert "This event is not serious: nothing is reported." in page.text
    assert "kind" not in page.offered


@LANGUAGES
def test_a_susar_shows_the_day_it_is_due(
    participant: Participant, by_coordinator: Actor, coordinator: User, now: datetime, language: str
) -> None:
    answers = serious(AWARE, aerel_drug="PROBABLE", saeexp="N", aeslife="Y")
    missing = {name: "NA" for name in NOT_GIVEN if name != "aerel_drug"}
    enter(participant, "AE", answers, missing=missing, by=by_coordinator, now=NOW)
    client = at_the_desk(coordinator, language)
    for where in ("/safety/", event_page(participant), f"/participants/{participant.pk}/"):
        assert "2026-10-08" in Page(client.get(where)).text, where
    assert "2026-10-16" in Page(client.get(event_page(participant))).text


# -- overview, recipients ------------------------------------------------------------------------------


@LANGUAGES
def test_with_nothing_to_do_the_overview_says_so(coordinator: User, at_start: Any, language: str) -> None:
    page = Page(at_the_desk(coordinator, language).get("/safety/"))
    words = {"en": "No serious adverse event was entered.", "zh-hans": "尚未录入严重不良事件。"}
    assert words[language] in page.text


def test_the_overview_shows_ones_own_sites_alone(
    event: AdverseEvent, other_site: Site, data_manager: User, by_coordinator: Actor
) -> None:
    there = make_person("chen", Role.COORDINATOR, other_site)
    assert "liver abscess" not in Page(at_the_desk(there).get("/safety/")).text
    assert "liver abscess" in Page(at_the_desk(data_manager).get("/safety/")).text


def test_a_data_manager_names_and_retires_recipients(
    data_manager: User, coordinator: User, at_start: Any
) -> None:
    client = at_the_desk(data_manager)
    assert at_the_desk(coordinator).get("/safety/recipients/").status_code == 403
    typed = {"kind": "AUTHORITY", "site": "", "name_en": "Agency", "name_zh": "监管部门", "contact": "portal"}
    assert client.post("/safety/recipients/", typed).headers["Location"] == "/safety/recipients/"
    page = Page(client.get("/safety/recipients/"))
    assert "Agency" in page.text
    made = ReportRecipient.objects.get(kind="AUTHORITY")
    client.post("/safety/recipients/retire/", {"recipient": str(made.pk)})
    made.refresh_from_db()
    assert made.retired_by == data_manager
    response = client.post("/safety/recipients/", {**typed, "name_zh": ""})
    assert response.status_code == 422
    assert client.post("/safety/recipients/retire/", {"recipient": "x"}).status_code == 404


# -- coding --------------------------------------------------------------------------------------------


@LANGUAGES
def test_events_are_coded_on_a_page(
    tmp_path: Path,
    participant: Participant,
    by_coordinator: Actor,
    data_manager: User,
    coordinator: User,
    now: datetime,
    language: str,
) -> None:
    client = at_the_desk(data_manager, language)
    none = {"en": "No release of MedDRA has been imported.", "zh-hans": "尚未导入MedDRA。"}
    assert none[language] in Page(client.get("/safety/coding/")).text
    call_command(
        "import_meddra", str(english(tmp_path)), "--version", "99.0", "--commit", "--by", "datamanager"
    )
    answers = {**EVENT, "aeterm": "blue knee", "aedecod": None}
    enter(participant, "AE", answers, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    where = f"/safety/coding/{participant.pk}/1/"
    assert where in Page(client.get("/safety/coding/")).addresses
    page = Page(client.get(where))
    assert page.offered["llt"] == ["100", "101"]
    assert Page(client.post(where, {"typed": "elbow"})).offered["llt"] == ["110"]
    assert client.post(where, {"llt": "100"}).headers["Location"] == "/safety/coding/"
    assert EventCoding.objects.get().pt_name == "Blue knee"
    client.post(where, {"llt": "110", "reason": ""})
    assert EventCoding.objects.count() == 1
    form = Page(at_the_desk(coordinator).get(f"/visits/{log_of(participant).pk}/AE/1/"))
    assert "MedDRA 99.0: Blue knee (500)" in form.text
    assert at_the_desk(coordinator).get("/safety/coding/").status_code == 403


# -- the search of terms -------------------------------------------------------------------------------


@LANGUAGES
def test_terms_are_searched_without_a_word_in_an_address(
    coordinator: User, at_start: Any, language: str
) -> None:
    client = at_the_desk(coordinator, language)
    assert client.get("/study/terms/ctcae/?typed=anemia").status_code == 405
    found = client.post("/study/terms/ctcae/", {"typed": "血小板"}).json()["terms"][0]
    label = {"en": "Platelet count decreased", "zh-hans": "血小板计数降低"}
    assert found["label"] == label[language]
    assert found["other"] == ("" if language == "en" else "Platelet count decreased")
    assert set(found["grades"]) == {"1", "2", "3", "4"}
    assert client.post("/study/terms/ctcae/", {}).json() == {"terms": []}
    assert client.post("/study/terms/nothing/", {"typed": "x"}).status_code == 404


@LANGUAGES
def test_the_grades_of_a_term_stand_beside_their_wording(
    participant: Participant, by_coordinator: Actor, coordinator: User, now: datetime, language: str
) -> None:
    answers = {**EVENT, "aedecod": "Platelet count decreased"}
    enter(participant, "AE", answers, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    html = at_the_desk(coordinator, language).get(f"/visits/{log_of(participant).pk}/AE/1/").content.decode()
    assert "&lt;50,000 - 25,000/mm3; &lt;50.0 - 25.0 x 10e9 /L" in html
    page = Page(at_the_desk(coordinator, language).get(f"/visits/{log_of(participant).pk}/AE/1/"))
    assert page.value("aetoxgr") == "2"
    names = {"en": "Platelet count decreased", "zh-hans": "血小板计数降低"}
    assert page.value("aedecod") == names[language]


def test_the_pages_of_one_participant_ask_as_much_with_ten_events_as_with_one(
    event: AdverseEvent,
    participant: Participant,
    by_coordinator: Actor,
    coordinator: User,
    django_assert_max_num_queries: Any,
) -> None:
    client = at_the_desk(coordinator)
    client.get("/safety/")
    other = make_participant(participant.site, by_coordinator, initials="LM")
    for _number in range(5):
        for person in (participant, other):
            least = {"aeterm": "bleeding", "aeser": "Y", "saeaware": at(AWARE)}
            enter(person, "AE", least, submit=False, by=by_coordinator, now=NOW)
    with django_assert_max_num_queries(10):
        client.get("/safety/")

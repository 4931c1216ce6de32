"""The pages of verification, holds and signatures, as each role meets them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor
from accounts.models import Role, Site, User
from monitoring.actions import hold, set_plan, verify
from monitoring.extents import Extent
from monitoring.models import Hold, Signature, Verification, VerificationPlan
from monitoring.selectors.contents import entered_at, seen, submitted
from monitoring.trust import HoldState, Kind
from participants.models import CaseReportForm, Discrepancy, Participant, Visit
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address
from tests.cast import PASSWORD, START, make_participant, make_person
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import VITAL_SIGNS

pytestmark = pytest.mark.django_db


def of_form(visit: Visit) -> str:
    return f"/monitoring/visits/{visit.pk}/VS/1/"


def of_visit(visit: Visit) -> str:
    return f"/monitoring/visits/{visit.pk}/"


def test_a_monitor_ticks_fields_and_verifies_the_form(
    vital_signs: CaseReportForm, screening: Visit, monitor: User
) -> None:
    client = at_the_desk(monitor)
    address = form_address(screening.participant, "VS")
    page = Page(client.get(address))
    assert {"height", "ecog", "pulse"} <= set(page.offered["item"])
    assert "bsa" not in page.offered["item"]
    sent = {"kind": "SOURCE", "saw": page.value("saw"), "from": "form"}
    answer = client.post(
        of_form(screening) + "verify/", {**sent, "what": "ticked", "item": ["height", "weight"]}
    )
    assert answer.headers["Location"] == address
    assert sorted(Verification.objects.get().items) == ["height", "weight"]
    client.post(of_form(screening) + "verify/", {**sent, "what": "all"})
    assert Verification.objects.get().state == "COMPLETE"
    assert "Verified · Monitor" in client.get(address).content.decode()


def test_what_fell_is_shown_with_who_had_verified_it(
    vital_signs: CaseReportForm, screening: Visit, monitor: User, by_monitor: Actor, by_coordinator: Actor
) -> None:
    place = Extent.of_form(screening, "VS", 1)
    verify(extent=place, kind=Kind.SOURCE, saw=seen(entered_at(place)), by=by_monitor, now=START)
    fill(
        screening.participant,
        "VS",
        {"weight": Decimal("66.0")},
        by=by_coordinator,
        now=START,
        reason="Misread",
    )
    page = at_the_desk(monitor).get(form_address(screening.participant, "VS"))
    assert "Verified, changed since: Weight" in Page(page).text
    assert "Verified, changed since · Monitor · 2026-09-01 10:00 (Beijing time)" in page.content.decode()
    home = Page(at_the_desk(monitor).get("/"))
    assert "Changed since verified (1)" in home.text


@pytest.mark.parametrize(
    ("role", "ticks", "freezes", "locks", "signs"),
    [
        (Role.COORDINATOR, False, False, False, False),
        (Role.INVESTIGATOR, False, False, False, True),
        (Role.MONITOR, True, True, False, False),
        (Role.INSPECTOR, False, False, False, False),
        (Role.DATA_MANAGER, True, True, True, False),
    ],
)
def test_the_form_page_offers_what_a_role_may_do(
    vital_signs: CaseReportForm,
    screening: Visit,
    site: Site,
    role: Role,
    ticks: bool,
    freezes: bool,
    locks: bool,
    signs: bool,
) -> None:
    client = at_the_desk(make_person("somebody", role, site))
    page = Page(client.get(form_address(screening.participant, "VS")))
    assert ("item" in page.offered) is ticks
    assert ("FROZEN" in page.values.get("to", [])) is freezes
    assert ("LOCKED" in page.values.get("to", [])) is locks
    assert (of_form(screening) + "sign/" in page.addresses) is signs


@pytest.mark.parametrize("verb", ["hold", "verify", "withdraw"])
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.INSPECTOR])
def test_acts_of_others_are_refused_whoever_sends_them(
    vital_signs: CaseReportForm, screening: Visit, site: Site, role: Role, verb: str
) -> None:
    client = at_the_desk(make_person("somebody", role, site))
    sent = {"to": "FROZEN", "kind": "SOURCE", "what": "all", "reason": "x", "saw": ""}
    assert client.post(of_form(screening) + verb + "/", sent).status_code == 403
    assert not Hold.objects.exists() and not Verification.objects.exists()


@pytest.mark.parametrize("role", [Role.MONITOR, Role.INVESTIGATOR])
def test_nothing_of_another_site_is_there(
    vital_signs: CaseReportForm, screening: Visit, site: Site, other_site: Site, role: Role
) -> None:
    client = at_the_desk(make_person("stranger", role, other_site))
    participant = screening.participant
    extents = [
        of_form(screening),
        of_visit(screening),
        f"/monitoring/participants/{participant.pk}/",
        f"/monitoring/sites/{site.pk}/",
    ]
    for address in extents:
        assert client.get(address).status_code == 404
        assert client.post(address + "hold/", {"to": "FROZEN"}).status_code == 404
    for address in extents[:3]:
        assert client.post(address + "verify/", {"kind": "SOURCE"}).status_code == 404
        assert client.get(address + "sign/").status_code == (404 if role == Role.INVESTIGATOR else 403)
    listed = client.get("/monitoring/" if role == Role.MONITOR else "/monitoring/to-sign/")
    assert participant.number not in Page(listed).text


@pytest.mark.parametrize(
    "address",
    [
        "visits/0/",
        "visits/{visit}/XX/1/",
        "visits/{visit}/VS/2/",
        "visits/{visit}/VS/0/",
        "participants/0/",
        "sites/0/",
    ],
)
def test_what_is_not_there_is_not_found(
    vital_signs: CaseReportForm, screening: Visit, monitor: User, address: str
) -> None:
    assert at_the_desk(monitor).get("/monitoring/" + address.format(visit=screening.pk)).status_code == 404


@pytest.mark.line("I2")
def test_a_closed_form_says_why_and_who_can_open_it(
    vital_signs: CaseReportForm,
    screening: Visit,
    coordinator: User,
    by_monitor: Actor,
    by_data_manager: Actor,
) -> None:
    client, address = at_the_desk(coordinator), form_address(screening.participant, "VS")
    hold(extent=Extent.of_visit(screening), to=HoldState.FROZEN, by=by_monitor, now=START)
    page = Page(client.get(address))
    assert "The visit is frozen: no data are entered. A monitor or a data manager can lift it" in page.text
    assert ("action", "save") not in page.buttons
    sent = {
        **{name: value[0] for name, value in page.values.items() if value},
        "pulse": "99",
        "action": "save",
        "reason": "x",
    }
    assert client.post(address, sent).status_code == 422
    vital_signs.refresh_from_db()
    assert vital_signs.pulse != 99  # type: ignore[attr-defined]
    hold(extent=Extent.of_visit(screening), to=HoldState.LOCKED, by=by_data_manager, now=START)
    assert (
        "The visit is locked: nothing is changed any more. A data manager can unlock it."
        in Page(client.get(address)).text
    )


def test_a_visit_is_verified_and_frozen_in_one_press(
    vital_signs: CaseReportForm, screening: Visit, monitor: User
) -> None:
    client = at_the_desk(monitor)
    page = Page(client.get(of_visit(screening)))
    assert "Verify all 2 submitted forms" in page.text
    client.post(
        of_visit(screening) + "verify/", {"kind": "SOURCE", "what": "all", "saw": page.values["saw"][0]}
    )
    assert {one.state for one in Verification.objects.all()} == {"COMPLETE"}
    client.post(of_visit(screening) + "hold/", {"to": "FROZEN", "reason": "Monitoring visit"})
    shown = Page(client.get(of_visit(screening))).text
    assert "Frozen" in shown and "Monitoring visit" in shown
    matrix = at_the_desk(monitor).get("/participants/").content.decode()
    assert "trust-frozen" in matrix and "· verified · frozen" in matrix


@pytest.mark.line("M7")
def test_the_list_shows_progress_by_site_participant_and_visit(
    vital_signs: CaseReportForm, screening: Visit, monitor: User, by_monitor: Actor
) -> None:
    place = Extent.of_form(screening, "VS", 1)
    verify(extent=place, kind=Kind.SOURCE, saw=seen(entered_at(place)), by=by_monitor, now=START)
    page = Page(at_the_desk(monitor).get("/monitoring/"))
    assert page.text.count("1/2") == 3
    review = Page(at_the_desk(monitor).get("/monitoring/?kind=REVIEW"))
    assert review.text.count("0/2") == 3


def test_forms_the_plan_does_not_ask_for_are_not_owed(
    vital_signs: CaseReportForm, monitor: User, by_data_manager: Actor
) -> None:
    set_plan(form="VS", items=[], reason="Not critical", by=by_data_manager, now=START)
    client = at_the_desk(monitor)
    assert Page(client.get("/monitoring/")).text.count("0/1") == 3
    assert Page(client.get("/monitoring/?kind=REVIEW")).text.count("0/2") == 3


def test_a_list_costs_the_same_for_one_and_for_many(
    vital_signs: CaseReportForm, site: Site, monitor: User, by_coordinator: Actor
) -> None:
    client = at_the_desk(monitor)
    client.get("/monitoring/")

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/monitoring/")
        return len(asked)

    first = count()
    for _number in range(5):
        make_participant(site, by_coordinator)
    assert count() == first


# -- signing --------------------------------------------------------------------------------------------


def signing(client: Client, address: str, **typed: str) -> Any:
    page = Page(client.get(address))
    sent = {"saw": page.values["saw"][0], "meaning": "REVIEWED", **typed}
    return client.post(address, sent)


@pytest.mark.line("S3")
def test_the_first_signature_of_a_session_asks_name_and_password_the_next_the_password(
    vital_signs: CaseReportForm, screening: Visit, investigator: User
) -> None:
    client = at_the_desk(investigator)
    address = of_form(screening) + "sign/"
    page = Page(client.get(address))
    assert "username" in page.values and "password" in page.values
    assert "72" in page.text and "I have reviewed these data" in page.text
    assert "Investigator" in page.text and "(Beijing time)" in page.text
    assert signing(client, address, password=PASSWORD).status_code == 422
    assert signing(client, address, username="investigator", password="wrong").status_code == 422
    assert signing(client, address, username="coordinator", password=PASSWORD).status_code == 422
    assert not Signature.objects.exists()
    answer = signing(client, address, username="Investigator", password=PASSWORD)
    assert answer.headers["Location"] == form_address(screening.participant, "VS")
    shown = Page(client.get(form_address(screening.participant, "VS"))).text
    assert "Investigator 2026-09-01 10:00 (Beijing time) “I have reviewed these data" in shown
    other = f"/monitoring/visits/{screening.pk}/DM/1/sign/"
    assert "username" not in Page(client.get(other)).values
    assert signing(client, other, password="wrong").status_code == 422
    assert signing(client, other, password=PASSWORD).status_code == 302
    assert Signature.objects.count() == 2
    assert "username" in Page(at_the_desk(investigator).get(other)).values


def test_what_keeps_a_visit_from_being_signed_stands_on_the_page(
    vital_signs: CaseReportForm, screening: Visit, investigator: User
) -> None:
    client = at_the_desk(investigator)
    address = of_visit(screening) + "sign/"
    assert "Forms that are due are not entered yet" in Page(client.get(address)).text
    answer = signing(client, address, username="investigator", password=PASSWORD)
    assert answer.status_code == 422 and not Signature.objects.exists()


@pytest.mark.line("S4")
def test_a_voided_signature_comes_back_to_the_investigator(
    vital_signs: CaseReportForm, screening: Visit, investigator: User, by_coordinator: Actor
) -> None:
    client = at_the_desk(investigator)
    signing(client, of_form(screening) + "sign/", username="investigator", password=PASSWORD)
    assert "Nothing waits for your signature" in Page(client.get("/monitoring/to-sign/")).text
    fill(screening.participant, "VS", {"pulse": 90}, by=by_coordinator, now=START, reason="Misread")
    listed = Page(client.get("/monitoring/to-sign/"))
    assert "voided VS · Coordinator" in listed.text and "Misread" in listed.text
    assert of_form(screening) + "sign/" in listed.addresses
    home = Page(client.get("/"))
    assert "To sign (1)" in home.text and of_form(screening) + "sign/" in home.addresses
    shown = Page(client.get(form_address(screening.participant, "VS"))).text
    assert "Voided by a change of VS: Coordinator" in shown and "reason: Misread" in shown
    signing(client, of_form(screening) + "sign/", password=PASSWORD)
    assert "Nothing waits for your signature" in Page(client.get("/monitoring/to-sign/")).text


def test_a_visit_waits_when_all_of_it_is_submitted(
    participant: Participant, screening: Visit, investigator: User, by_coordinator: Actor
) -> None:
    Visit.objects.filter(pk=screening.pk).update(forms=["SV", "VS"])
    client = at_the_desk(investigator)
    type_of_demographics = {"brthdtc": "1970-05-04", "sex": "M", "ethnic_cn": "HAN"}
    fill(participant, "DM", type_of_demographics, by=by_coordinator, now=START)
    fill(
        participant,
        "SV",
        {"svdone": "Y", "svstdtc": START.date(), "svmode": "CLINIC"},
        by=by_coordinator,
        now=START,
    )
    assert "Nothing waits" in Page(client.get("/monitoring/to-sign/")).text
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    assert of_visit(screening) + "sign/" in Page(client.get("/monitoring/to-sign/")).addresses


def test_lifting_names_the_signatures_at_stake(
    vital_signs: CaseReportForm, screening: Visit, investigator: User, data_manager: User
) -> None:
    signing(
        at_the_desk(investigator), of_form(screening) + "sign/", username="investigator", password=PASSWORD
    )
    client, address = at_the_desk(data_manager), of_visit(screening)
    client.post(address + "hold/", {"to": "LOCKED"})
    page = Page(client.get(address))
    assert "These signatures stand" in page.text and "Investigator" in page.text
    client.post(address + "hold/", {"to": "OPEN", "reason": "Correction"})
    assert Hold.objects.get().state == "LOCKED"
    client.post(address + "hold/", {"to": "OPEN", "reason": "Correction", "told": page.values["told"]})
    assert Hold.objects.get().state == "OPEN"
    assert Signature.objects.get().stands


# -- the plan, the trial --------------------------------------------------------------------------------


def test_a_data_manager_changes_the_plan_and_others_read_it(
    vital_signs: CaseReportForm, data_manager: User, monitor: User
) -> None:
    client = at_the_desk(data_manager)
    assert client.post("/monitoring/plan/VS/", {"items": ["ecog"], "reason": ""}).status_code == 422
    assert client.post("/monitoring/plan/VS/", {"items": ["ecog"], "reason": "Risk"}).status_code == 302
    assert VerificationPlan.objects.get().items == ["ecog"]
    assert "Risk" in Page(at_the_desk(monitor).get("/monitoring/plan/")).text
    assert at_the_desk(monitor).get("/monitoring/plan/VS/").status_code == 403
    assert client.get("/monitoring/plan/XX/").status_code == 404


def test_the_trial_is_locked_by_a_data_manager_of_all_sites(
    screening: Visit, data_manager: User, site: Site
) -> None:
    assert at_the_desk(make_person("local", Role.DATA_MANAGER, site)).post(
        "/monitoring/trial/hold/", {"to": "LOCKED"}
    ).status_code in (302, 403)
    assert not Hold.objects.exists()
    at_the_desk(data_manager).post("/monitoring/trial/hold/", {"to": "LOCKED"})
    assert Hold.objects.get().key == "TRIAL"
    assert "Locked" in Page(at_the_desk(data_manager).get("/monitoring/trial/")).text


def test_the_pages_speak_chinese(
    vital_signs: CaseReportForm, screening: Visit, data_manager: User, investigator: User
) -> None:
    for person, address in (
        (data_manager, of_visit(screening)),
        (data_manager, "/monitoring/"),
        (data_manager, "/monitoring/plan/"),
        (investigator, of_form(screening) + "sign/"),
        (investigator, "/monitoring/to-sign/"),
    ):
        page = Page(at_the_desk(person, "zh-hans").get(address))
        assert page.lang == "zh-Hans"


def test_what_stands_over_a_form_costs_the_page_one_query_more(
    vital_signs: CaseReportForm, screening: Visit, monitor: User, coordinator: User, by_monitor: Actor
) -> None:
    place = Extent.of_form(screening, "VS", 1)
    verify(extent=place, kind=Kind.SOURCE, saw=seen(submitted(entered_at(place))), by=by_monitor, now=START)
    for person, ours in ((monitor, 1), (coordinator, 1)):
        client = at_the_desk(person)
        client.get(form_address(screening.participant, "VS"))
        with CaptureQueriesContext(connection) as asked:
            client.get(form_address(screening.participant, "VS"))
        assert sum("monitoring_hold_" in one["sql"] for one in asked.captured_queries) == ours


def test_checks_are_answered_while_frozen_and_not_while_locked(
    vital_signs: CaseReportForm,
    screening: Visit,
    coordinator: User,
    by_monitor: Actor,
    by_data_manager: Actor,
) -> None:
    found = [
        Discrepancy.objects.create(
            participant=screening.participant,
            visit=screening,
            check_id=check,
            form="VS",
            record_id=vital_signs.pk,
            repeat=1,
            item="pulse",
            message_en="a",
            message_zh="b",
        )
        for check in ("X1", "X2")
    ]
    client = at_the_desk(coordinator)
    hold(extent=Extent.of_visit(screening), to=HoldState.FROZEN, by=by_monitor, now=START)
    client.post(f"/discrepancies/{found[0].pk}/confirm/", {"comment": "Right"})
    hold(extent=Extent.of_visit(screening), to=HoldState.LOCKED, by=by_data_manager, now=START)
    client.post(f"/discrepancies/{found[1].pk}/confirm/", {"comment": "Right"})
    assert list(Discrepancy.objects.order_by("pk").values_list("status", flat=True)) == ["CONFIRMED", "OPEN"]

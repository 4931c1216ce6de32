"""Laboratory results on the form page: signs, limits, verdicts as one types, and what it costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from eligibility.laboratories.actions import TESTS, add_laboratory, add_range
from eligibility.models import Laboratory
from participants.models import Participant, Visit
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send
from tests.cast import actor
from trial_edc.demo.walks import fill

SAMPLE = {"lbdtc": "2026-9-1 09:30", "hemyn": "Y", "chemyn": "Y", "markyn": "Y"}


@pytest.fixture
def man(participant: Participant, by_coordinator: Actor, at_start: Any) -> Participant:
    fill(participant, "DM", {"sex": "M", "brthdtc": "1970-05-04"}, by=by_coordinator, now=at_start)
    return participant


def test_a_sign_typed_before_the_value_is_stored_and_shown(man: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(man, "LB")
    assert send(client, address, {**SAMPLE, "afp": "＞60500", "wbc": "<3.5"}).status_code == 302
    record: Any = Laboratory.objects.get()
    assert (record.afp, record.afp_c, record.afp400) == (60500, "GT", "Y")
    assert (record.wbc, record.wbc_c, record.wbc_fl) == (Decimal("3.5"), "LT", "LOW")
    page = Page(client.get(address))
    assert (page.value("afp"), page.value("wbc")) == (">60500.00", "<3.50")
    # Saved as it stands, nothing changes; without its sign the value is the value.
    send(client, address, {})
    assert Laboratory.objects.get().revision == 1
    send(client, address, {"afp": "60500"})
    record.refresh_from_db()
    assert (record.afp, record.afp_c) == (60500, None)


def test_a_sign_that_means_nothing_here_is_refused_at_its_field(man: Participant, coordinator: User) -> None:
    response = send(at_the_desk(coordinator), form_address(man, "LB"), {**SAMPLE, "afp": "≥400"})
    page = Page(response)
    assert response.status_code == 422
    assert page.value("afp") == "≥400"
    assert "Write < or > before a value beyond the measuring range" in page.text
    assert {"id_afp_error"} <= set(page.ids)


def test_a_limit_typed_over_stands_in_its_field_and_the_laboratorys_does_not(
    man: Participant, coordinator: User
) -> None:
    client, address = at_the_desk(coordinator), form_address(man, "LB")
    send(client, address, {**SAMPLE, "alt": "47", "ast": "38", "alt_hi": "45"})
    page = Page(client.get(address))
    assert (page.value("alt_lo"), page.value("alt_hi")) == ("9", "45")
    assert (page.value("ast_lo"), page.value("ast_hi")) == ("", "")
    assert "9–45" in page.text
    assert "15–40" in page.text
    send(client, address, {"alt_lo": "", "alt_hi": ""})
    record: Any = Laboratory.objects.get()
    assert (record.alt_hi, record.alt_ls, record.alt_fl) == (50, "USUAL", "NORMAL")


def test_limits_out_of_order_are_refused_with_the_fold_open(man: Participant, coordinator: User) -> None:
    response = send(
        at_the_desk(coordinator),
        form_address(man, "LB"),
        {**SAMPLE, "alt": "47", "alt_lo": "50", "alt_hi": "45"},
    )
    page = Page(response)
    assert response.status_code == 422
    assert (
        "Alanine aminotransferase (ALT): the lower limit 50 must be below the upper limit 45. Check both."
        in page.text
    )
    assert "#id_alt_lo" in page.addresses
    assert '<details class="limits" open>' in response.content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "High"), ("zh-hans", "偏高")])
def test_limits_and_verdicts_follow_while_one_types(
    man: Participant, coordinator: User, language: str, words: str
) -> None:
    client, address = at_the_desk(coordinator, language), form_address(man, "LB")
    typed = {
        **on_the_page(Page(client.get(address))),
        **SAMPLE,
        "alt": "260",
        "tbil": "1.35",
        "tbil_u": "mg/dL",
    }
    html = client.post(f"{address}derived/", typed).content.decode()
    assert 'hx-swap-oob="innerHTML:#id_alt_v"' in html
    assert f'<span class="flag" title="{words}">' in html
    assert '<span class="grade grade-high" title="' in html
    assert 'data-high="1.345029"' in html
    assert Laboratory.objects.count() == 0


def test_what_is_not_asked_at_a_visit_is_not_swapped_into_its_page(
    man: Participant, coordinator: User
) -> None:
    Participant.objects.filter(pk=man.pk).update(status="ON_TREATMENT")
    Visit.objects.filter(participant=man, code="SCR").update(code="H-C1")
    client, address = at_the_desk(coordinator), form_address(man, "LB", "H-C1")
    html = client.post(f"{address}derived/", on_the_page(Page(client.get(address)))).content.decode()
    assert "#id_alt_l" in html
    assert "hbvdna" not in html


def test_an_abnormal_result_asks_and_keeps_the_answer(man: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(man, "LB")
    page = Page(send(client, address, {**SAMPLE, "alt": "60"}, "submit"))
    assert "Fill in Alanine aminotransferase (ALT), clinical significance." in page.text
    assert "id_alt_cs_error" in page.ids
    send(client, address, {**SAMPLE, "alt": "60", "alt_cs": "CS"})
    assert Page(client.get(address)).values["alt_cs"] == ["CS"]


def test_what_was_stored_stands_beside_what_is_typed(man: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(man, "LB")
    send(client, address, {**SAMPLE, "afp": "<20", "alt": "60", "alt_cs": "NCS"})
    Laboratory.objects.update(state="SUBMITTED", submitted_at="2026-09-01T02:00Z", submitted_by=coordinator)
    page = Page(send(client, address, {"afp": ">20", "alt_cs": "CS"}))
    assert "<20.00 ng/mL" in page.text
    assert "60.0 NCS" in page.text


def test_the_page_asks_no_more_of_the_database_the_more_ranges_there_are(
    man: Participant,
    coordinator: User,
    data_manager: User,
    site: Site,
    at_start: Any,
    django_assert_num_queries: Any,
) -> None:
    client, address = at_the_desk(coordinator), form_address(man, "LB")
    send(client, address, {**SAMPLE, "alt": "60"})
    client.get(address)
    with django_assert_num_queries(11):
        client.get(address)
    by = actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)
    for code in ("LAB1", "LAB2"):
        laboratory = add_laboratory(site=site, code=code, name_en=code, name_zh=code, by=by, now=at_start)
        for name, item in TESTS.items():
            for day in (1, 15):
                limits = {"lower": None, "upper": item.hard[1] or 10, "unit": item.unit}
                span = {"sex": "B", "age_from": 18, "age_to": 120, "effective_from": date(2026, 8, day)}
                add_range(laboratory=laboratory, test=name, **limits, **span, by=by, now=at_start)
    with django_assert_num_queries(11):
        client.get(address)

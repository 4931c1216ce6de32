"""The participant's response: the page, the short section of the participant's page, and imaging typed at its page."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor
from accounts.models import Role, Site, User
from eligibility.models import Imaging
from followup.models import TumourResponse
from participants.models import Participant
from records import clock
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send
from tests.cast import START, make_person
from tests.imaged import measure
from trial_edc.demo.imaging import assess

VISITS = (("Y-M1", date(2026, 10, 5)), ("Y-M3", date(2026, 12, 5)), ("Y-M5", date(2027, 2, 4)))
SIZES = ((30, 20), (10, 10)), ((24, 20), (20, 10)), ((30, 20), (23, 10))


def walk(participant: Participant, by: Actor, visits: int) -> None:
    for (code, on), sizes in list(zip(VISITS, SIZES, strict=True))[:visits]:
        measure(participant, code, on, by, sizes)
        at = datetime.combine(on, START.timetz()) + timedelta(hours=1)
        assess(participant, code, by=by, now=at)
    clock.move_to(datetime.combine(date(2027, 3, 1), START.timetz()))


@pytest.fixture
def assessed(imaged: Participant, by_coordinator: Actor) -> Participant:
    walk(imaged, by_coordinator, 3)
    return imaged


def address(participant: Participant, criteria: str = "") -> str:
    asked = f"?criteria={criteria}" if criteria else ""
    return f"/participants/{participant.pk}/response/{asked}"


def chart_of(response: HttpResponse) -> dict[str, Any]:
    found = re.search(r'<canvas id="spider" data-chart data-given="(.*?)"', response.content.decode())
    assert found is not None
    return json.loads(unescape(found[1]))  # type: ignore[no-any-return]


def test_the_table_holds_each_lesion_the_sums_and_what_was_concluded(
    assessed: Participant, coordinator: User
) -> None:
    text = Page(at_the_desk(coordinator).get(address(assessed, "RECIST11"))).text
    assert "T01 Liver, segment 6 60.0 30.0 24.0 30.0" in text
    assert "T02 Liver, segment 3 40.0 10.0 20.0 23.0" in text
    assert "NT01 Portal vein Present Present Present Present" in text
    assert "Sum of diameters mm 100.0 baseline 40.0 nadir 44.0 53.0" in text
    assert "Change from baseline % -60.0 -56.0 -47.0" in text
    assert "Smallest sum before mm 100.0 40.0 40.0" in text
    assert "Change from the smallest % -60.0 +10.0 +32.5" in text
    assert "Overall, computed PR PR PD" in text
    assert "Overall, investigator PR PR PD" in text


def test_the_criteria_are_chosen_and_begin_with_the_studys_own(
    assessed: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    assert Page(client.get(address(assessed))).text == Page(client.get(address(assessed, "MRECIST"))).text
    assert (
        "Sum of diameters mm 95.0 baseline 30.0 nadir 30.0 30.0" in Page(client.get(address(assessed))).text
    )
    assert client.get(address(assessed, "WHO")).status_code == 404


def test_the_picture_has_both_limits_baseline_and_nadir(assessed: Participant, coordinator: User) -> None:
    response = at_the_desk(coordinator).get(address(assessed, "RECIST11"))
    series = {one["label"]: one for one in chart_of(response)["series"]}  # type: ignore[arg-type]
    assert list(series) == [
        "Sum", "T01", "T02", "Baseline", "Nadir", "PR: −30 % from baseline",
        "PD: +20 % and +5 mm from the smallest sum",
    ]  # fmt: skip
    assert [point["y"] for point in series["Sum"]["data"]] == [0, -60, -56, -47]
    assert [point["y"] for point in series["T02"]["data"]] == [0, -75, -50, -42.5]
    assert series["Nadir"]["data"][0]["y"] == -60
    limit = [point["y"] for point in series["PD: +20 % and +5 mm from the smallest sum"]["data"]]
    assert limit == [20, -52, -52, -52]
    words = response.content.decode()
    assert (
        "Sum of the target diameters by RECIST 1.1 over time. 2026-08-20: 100.0 mm, +0.0 %; 2026-10-05: 40.0 mm, -60.0 % (nadir)"
        in words
    )


def test_the_limit_of_small_sums_is_five_millimetres(
    imaged: Participant,
    by_coordinator: Actor,
    coordinator: User,
) -> None:
    measure(imaged, "Y-M1", VISITS[0][1], by_coordinator, ((10, 5), (10, 5)))
    clock.move_to(datetime.combine(date(2027, 3, 1), START.timetz()))
    client = at_the_desk(coordinator)
    [*_others, recist] = chart_of(client.get(address(imaged, "RECIST11")))["series"]  # type: ignore[arg-type]
    assert recist["data"][1]["y"] == -75  # 25 mm of 100
    [*_others, mrecist] = chart_of(client.get(address(imaged, "MRECIST")))["series"]  # type: ignore[arg-type]
    assert round(mrecist["data"][1]["y"], 1) == -87.4  # 12 mm of 95


def test_the_endpoints_stand_with_their_rule_and_what_is_missing(
    assessed: Participant, coordinator: User
) -> None:
    text = Page(at_the_desk(coordinator).get(address(assessed))).text
    assert (
        "Progression-free survival RECIST 1.1 2027-02-04 event 157 days, 5.16 months Progression documented on 2027-02-04."
        in text
    )
    assert (
        "Overall survival 2027-02-04 censored 157 days, 5.16 months Alive: censored on the day last known alive."
        in text
    )
    assert "What is missing" not in text


def test_the_page_speaks_chinese(assessed: Participant, coordinator: User) -> None:
    page = Page(at_the_desk(coordinator, "zh-hans").get(address(assessed, "RECIST11")))
    assert page.lang == "zh-Hans"
    for words in (
        "无进展生存期",
        "总生存期",
        "直径总和",
        "较基线变化",
        "最小总和",
        "门静脉",
        "研究者判定",
        "基线",
        "事件",
        "删失",
    ):
        assert words in page.text, words
    assert not re.search(r"\b(Sum|Change|Overall|Baseline|nadir|event|censored)\b", page.text)


def test_without_imaging_the_page_says_where_it_is_entered(
    participant: Participant, coordinator: User
) -> None:
    page = Page(at_the_desk(coordinator).get(address(participant)))
    assert "No imaging is entered yet." in page.text
    assert "No arm is assigned" in page.text


def test_a_baseline_alone_has_a_table_and_no_picture(imaged: Participant, coordinator: User) -> None:
    page = Page(at_the_desk(coordinator).get(address(imaged)))
    assert "Sum of diameters mm 95.0 baseline, nadir" in page.text
    assert "spider" not in page.ids


def test_a_response_that_differs_is_marked(assessed: Participant, coordinator: User) -> None:
    TumourResponse.objects.filter(visit__code="Y-M5", rscat="RECIST11").update(rsinv="SD")
    assert (
        "Overall, investigator PR PR SD differs"
        in Page(at_the_desk(coordinator).get(address(assessed, "RECIST11"))).text
    )


def test_what_cannot_be_judged_is_said_and_the_rest_is_shown(
    assessed: Participant, coordinator: User
) -> None:
    Imaging.objects.filter(visit__code="Y-M5").update(imgdtc=VISITS[1][1])
    text = Page(at_the_desk(coordinator).get(address(assessed, "RECIST11"))).text
    assert "There are two assessments on 2026-12-05." in text
    assert "Overall, computed PR PR –" in text


@pytest.mark.parametrize("role", [Role.MONITOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_who_sees_participants_sees_their_response(assessed: Participant, site: Site, role: Role) -> None:
    somebody = make_person("reader", role, None if role == Role.DATA_MANAGER else site)
    assert at_the_desk(somebody).get(address(assessed)).status_code == 200


def test_nobody_sees_the_response_of_another_site(assessed: Participant, other_site: Site) -> None:
    stranger = make_person("stranger", Role.COORDINATOR, other_site)
    assert at_the_desk(stranger).get(address(assessed)).status_code == 404


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_neither_page_costs_more_with_more_assessments(
    imaged: Participant,
    by_coordinator: Actor,
    coordinator: User,
) -> None:
    client = at_the_desk(coordinator)
    overview = f"/participants/{imaged.pk}/"
    walk(imaged, by_coordinator, 1)
    first = queries(client, address(imaged)), queries(client, overview)
    for (code, on), sizes in list(zip(VISITS, SIZES, strict=True))[1:]:
        measure(imaged, code, on, by_coordinator, sizes)
        assess(
            imaged,
            code,
            by=by_coordinator,
            now=datetime.combine(date(2027, 3, 1), START.timetz()),
        )
    assert (queries(client, address(imaged)), queries(client, overview)) == first
    assert first[0] <= 28


def test_the_participants_page_shows_the_response_in_short(assessed: Participant, coordinator: User) -> None:
    response = at_the_desk(coordinator).get(f"/participants/{assessed.pk}/")
    page = Page(response)
    assert address(assessed) in page.addresses
    assert "Best overall response PR PR on 2026-10-05." in page.text
    assert "Progression-free survival RECIST 1.1 2027-02-04 event" in page.text
    assert 'class="sketch"' in response.content.decode()


def test_nothing_of_it_stands_there_before_assignment(participant: Participant, coordinator: User) -> None:
    assert (
        "response-short"
        not in at_the_desk(coordinator).get(f"/participants/{participant.pk}/").content.decode()
    )


# -- imaging typed at its page -----------------------------------------------------------------------


def test_the_lesions_of_the_baseline_are_offered_and_saved_as_rows(
    imaged: Participant,
    coordinator: User,
) -> None:
    clock.move_to(datetime.combine(VISITS[0][1], START.timetz()))
    client = at_the_desk(coordinator)
    place = form_address(imaged, "IMG", "Y-M1")
    page = Page(client.get(place))
    assert page.values["lesions__rows"] == ["n1", "n2", "n3"]
    assert [page.value(f"lesions-n{n}-lnkid") for n in (1, 2, 3)] == ["T01", "T02", "NT01"]
    assert [page.value(f"lesions-n{n}-lesloc") for n in (1, 2, 3)] == ["S6", "S3", "PV"]
    assert "lesions-n1-ldiam" in page.values and not page.value("lesions-n1-ldiam")
    typed = {
        "imgdtc": "2026-10-05",
        "imgmod": "CEMRI",
        "imgqual": "Y",
        "imgeval": "INVESTIGATOR",
        "newles": "N",
        "lesions-n1-lesst": "PRESENT",
        "lesions-n1-ldiam": "30",
        "lesions-n1-viadiam": "0",
        "lesions-n2-lesst": "ABSENT",
        "lesions-n3-lesst": "PRESENT",
    }
    refused = send(client, place, {**typed, "lesions-n2-lesloc": "S5"}, "submit")
    assert refused.status_code == 422
    assert "T02 was “Liver, segment 3” before." in Page(refused).text
    assert Page(refused).values["lesions__rows"] == ["n1", "n2", "n3"]
    assert send(client, place, typed, "submit").status_code == 302
    record = Imaging.objects.get(participant=imaged, visit__code="Y-M1")
    assert (record.sumr11, record.summr, record.submitted) == (Decimal("30.0"), Decimal("0.0"), True)
    again = Page(client.get(f"{place}1/"))
    assert again.values["lesions__rows"] == ["1", "2", "3"]
    second = Page(client.get(f"{place}2/"))
    assert "lesions__rows" not in second.values


def test_the_sums_follow_while_one_types(imaged: Participant, coordinator: User) -> None:
    clock.move_to(datetime.combine(VISITS[0][1], START.timetz()))
    client = at_the_desk(coordinator)
    place = form_address(imaged, "IMG", "Y-M1")
    typed = on_the_page(Page(client.get(place)))
    sizes = {f"lesions-n{n}-{item}": "30" for n in (1, 2) for item in ("ldiam", "viadiam")}
    states = {f"lesions-n{n}-lesst": "PRESENT" for n in (1, 2)}
    answer = client.post(f"{place}1/derived/", {**typed, **sizes, **states})
    assert "T01 30.0 + T02 30.0." in Page(answer).text


def test_a_reader_is_offered_no_rows(imaged: Participant, monitor: User) -> None:
    page = Page(at_the_desk(monitor).get(form_address(imaged, "IMG", "Y-M1")))
    assert "lesions__rows" not in page.values

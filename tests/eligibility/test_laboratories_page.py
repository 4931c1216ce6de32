"""The pages of laboratories and ranges: everybody of the site reads, data managers add."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Role, Site, User
from eligibility.models import ReferenceRange, SiteLaboratory
from tests.browsing import Page, at_the_desk
from tests.cast import make_person

LIST = "/eligibility/laboratories/"
NEW = {"code": "lab1", "name_en": "Clinical laboratory", "name_zh": "检验科"}
RANGE = {
    "action": "range",
    "test": "tbil mg/dL",
    "sex": "B",
    "age_from": "18",
    "age_to": "120",
    "lower": "",
    "upper": "1.2",
    "effective_from": "2026-8-1",
}


@pytest.fixture
def laboratory(data_manager: User, site: Site, at_start: object) -> SiteLaboratory:
    answer = at_the_desk(data_manager).post(LIST, {**NEW, "site": site.pk})
    found = SiteLaboratory.objects.get()
    assert answer.headers["Location"] == address(found)
    return found


def address(laboratory: SiteLaboratory) -> str:
    return f"{LIST}{laboratory.pk}/"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "Laboratories",
                "Clinical laboratory",
                "Add a range",
                "Total bilirubin",
                "≤ 1.2 mg/dL",
                "in force",
            ],
        ),
        ("zh-hans", ["实验室", "检验科", "添加参考范围", "总胆红素", "≤ 1.2 mg/dL", "生效中"]),
    ],
)
def test_a_data_manager_adds_a_range(
    laboratory: SiteLaboratory, data_manager: User, language: str, words: list[str]
) -> None:
    client = at_the_desk(data_manager, language)
    assert client.post(address(laboratory), RANGE).status_code == 302
    page = Page(client.get(address(laboratory)))
    assert [one for one in words if one not in page.text] == []
    stored = ReferenceRange.objects.get()
    assert (stored.test, stored.unit, stored.lower, stored.effective_from) == (
        "tbil",
        "mg/dL",
        None,
        date(2026, 8, 1),
    )
    assert laboratory.code in Page(client.get(LIST)).text


def test_the_newest_version_is_marked_and_older_ones_stay(
    laboratory: SiteLaboratory, data_manager: User
) -> None:
    client = at_the_desk(data_manager)
    for upper, day in (("1.2", "2026-8-1"), ("1.3", "2026-8-20"), ("1.4", "2026-10-1")):
        client.post(address(laboratory), {**RANGE, "upper": upper, "effective_from": day})
    text = Page(client.get(address(laboratory))).text
    states = ["≤ 1.4 mg/dL 2026-10-01 from its day on", "≤ 1.3 mg/dL 2026-08-20 in force"]
    assert [one for one in (*states, "≤ 1.2 mg/dL 2026-08-01 replaced") if one not in text] == []


def test_one_click_begins_with_the_usual_limits(laboratory: SiteLaboratory, data_manager: User) -> None:
    client = at_the_desk(data_manager)
    begin = {"action": "usual", "effective_from": "2026-8-1"}
    assert client.post(address(laboratory), begin).status_code == 302
    text = Page(client.get(address(laboratory))).text
    assert "22 ranges added." in text
    assert "130–175 g/L" in text
    again = client.post(address(laboratory), begin)
    assert again.status_code == 422
    assert "has a range at this laboratory already" in Page(again).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"lower": "1.2"}, "The lower limit must be below the upper limit."),
        ({"upper": ""}, "Write the lower limit, the upper limit, or both."),
        ({"upper": "1,2"}, "Write a number with a point"),
        ({"age_from": "121"}, "120"),
        ({"age_from": "60", "age_to": "50"}, "Write ages from 0 to 120, the younger first."),
        ({"effective_from": "soon"}, "Write a date as 2026-8-3."),
        ({"test": "tbil mmol/L"}, "Select a valid choice"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(
    laboratory: SiteLaboratory, data_manager: User, changed: dict[str, str], words: str
) -> None:
    answer = at_the_desk(data_manager).post(address(laboratory), {**RANGE, **changed})
    page = Page(answer)
    assert answer.status_code == 422
    assert words in page.text
    kept = {
        name: value
        for name, value in {**RANGE, **changed}.items()
        if name not in ("action", "test", "effective_from")
    }
    assert {name: page.value(name) for name in kept} == kept
    assert (changed.get("effective_from") or RANGE["effective_from"]) in page.values["effective_from"]
    assert ReferenceRange.objects.count() == 0


def test_a_code_the_site_has_is_refused(laboratory: SiteLaboratory, data_manager: User, site: Site) -> None:
    answer = at_the_desk(data_manager).post(LIST, {**NEW, "site": site.pk})
    assert answer.status_code == 422
    assert "The site has a laboratory with this code already." in Page(answer).text


def test_others_read_their_own_sites(laboratory: SiteLaboratory, coordinator: User, other_site: Site) -> None:
    client = at_the_desk(coordinator)
    assert "Add a laboratory" not in Page(client.get(LIST)).text
    assert client.get(address(laboratory)).status_code == 200
    posts: list[tuple[str, dict[str, Any]]] = [(LIST, NEW), (address(laboratory), RANGE)]
    for where, what in posts:
        assert client.post(where, what).status_code == 403
    elsewhere = at_the_desk(make_person("elsewhere", Role.COORDINATOR, other_site))
    assert "Clinical laboratory" not in Page(elsewhere.get(LIST)).text
    assert elsewhere.get(address(laboratory)).status_code == 404


def test_the_pages_take_a_constant_number_of_queries(
    laboratory: SiteLaboratory, data_manager: User, django_assert_num_queries: Any
) -> None:
    client = at_the_desk(data_manager)
    client.get(address(laboratory))
    with django_assert_num_queries(6):
        client.get(address(laboratory))
    client.post(address(laboratory), {"action": "usual", "effective_from": "2026-8-1"})
    client.get(address(laboratory))
    with django_assert_num_queries(6):
        client.get(address(laboratory))

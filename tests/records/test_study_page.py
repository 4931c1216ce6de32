"""The page of the study settings: everybody reads, data managers change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Role, Site, User
from records import study
from records.models import StudySetting
from tests.browsing import at_the_desk
from tests.cast import START, make_person

LIST = "study_settings"


def address(key: str) -> str:
    return reverse("study_setting", args=[key])


def test_every_setting_is_listed_in_both_languages(data_manager: User, at_start: object) -> None:
    for language in ("en", "zh-hans"):
        text = at_the_desk(data_manager, language).get(reverse(LIST)).content.decode()
        for setting in study.SETTINGS.values():
            words = setting.label.zh if language == "zh-hans" else setting.label.en
            assert escape(words) in text


def test_a_data_manager_changes_a_setting(data_manager: User, at_start: object) -> None:
    client = at_the_desk(data_manager)
    assert 'value="1.2"' in client.get(address("gate_neutrophils")).content.decode()
    posted = {"value": "1.5", "effective_from": "2026-9-1", "reason": "Sponsor letter 3"}
    assert client.post(address("gate_neutrophils"), posted).status_code == 302
    assert study.value("gate_neutrophils", START.date()) == Decimal("1.5")
    text = client.get(reverse(LIST)).content.decode()
    assert "Sponsor letter 3" in text
    assert "since 2026-09-01" in text


def test_several_series_are_chosen(data_manager: User, at_start: object) -> None:
    posted = {"value": ["Y", "CAL"], "effective_from": "2026-9-1", "reason": "Sponsor letter 4"}
    assert at_the_desk(data_manager).post(address("followup_series"), posted).status_code == 302
    assert study.value("followup_series", START.date()) == ("Y", "CAL")


@pytest.mark.parametrize(
    "changed",
    [
        {"value": "12"},
        {"value": "1.234"},
        {"effective_from": "2026-8-31"},
        {"effective_from": "soon"},
        {"reason": " "},
        {"value": "1.2"},
    ],
)
def test_what_is_refused_keeps_what_was_typed(
    changed: dict[str, str], data_manager: User, at_start: object
) -> None:
    posted = {"value": "1.5", "effective_from": "2026-9-1", "reason": "Sponsor letter 3", **changed}
    answer = at_the_desk(data_manager).post(address("gate_neutrophils"), posted)
    assert answer.status_code == 422
    assert f'value="{posted["value"]}"' in answer.content.decode()
    assert not StudySetting.objects.exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR, Role.INSPECTOR])
def test_others_read(role: Role, site: Site, at_start: object) -> None:
    client = at_the_desk(make_person("reader", role, site))
    text = client.get(reverse(LIST))
    assert text.status_code == 200
    assert address("gate_neutrophils") not in text.content.decode()
    assert client.get(address("gate_neutrophils")).status_code == 403
    posted = {"value": "1.5", "effective_from": "2026-9-1", "reason": "x"}
    assert client.post(address("gate_neutrophils"), posted).status_code == 403
    assert not StudySetting.objects.exists()


def test_an_unknown_setting_is_not_found(data_manager: User, at_start: object) -> None:
    assert at_the_desk(data_manager).get(address("no_such_setting")).status_code == 404

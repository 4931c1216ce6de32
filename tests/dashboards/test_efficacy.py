"""Efficacy is closed by default, opened by a data manager with a reason, and every look is a row."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import GRANTS, Access, Permission
from accounts.models import Role, User
from dashboards import efficacy_views
from dashboards.models import EfficacyLook, Figures
from dashboards.tasks import work_out
from records import clock, study
from tests.cast import make_person
from tests.dashboards.conftest import NOW, TODAY, Trial
from tests.dashboards.test_kept import Told

ADDRESS = reverse("dashboards:efficacy")


@pytest.fixture
def manager(db: None) -> User:
    clock.move_to(NOW)
    return make_person("manager", Role.DATA_MANAGER)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(efficacy_views, "work_out", told)
    return told


def set_efficacy(manager: User, value: str) -> None:
    by = Access.of(manager, TODAY).actor(Permission.CHANGE_STUDY_SETTINGS, None)
    study.set_value(
        key="efficacy_shown", value=value, effective_from=TODAY, reason="Enrolment has ended.", by=by, now=NOW
    )


def test_only_roles_that_may_see_it() -> None:
    may = {role for role, granted in GRANTS.items() if Permission.SEE_EFFICACY in granted}
    assert may == {Role.INVESTIGATOR, Role.DATA_MANAGER}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.INSPECTOR])
def test_others_see_neither_the_page_nor_the_way_to_it(
    role: Role, client: Client, trial: Trial, manager: User
) -> None:
    client.force_login(make_person("other", role, trial.sites[0]))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS).status_code == 403
    assert ADDRESS not in client.get(reverse("dashboards:enrolment")).content.decode()


def test_closed_by_default(client: Client, trial: Trial, manager: User) -> None:
    client.force_login(manager)
    assert "Efficacy is closed" in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, {"site": ""})
    assert not EfficacyLook.objects.exists()


def test_each_look_is_recorded_and_is_ones_own(
    client: Client, trial: Trial, manager: User, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    set_efficacy(manager, "OPEN")
    client.force_login(manager)
    site = trial.sites[1]
    asked = {"site": site.pk, "arm": "HAIC", "since": "2027-02-01", "until": "2027-01-01"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(ADDRESS, asked)
    look = EfficacyLook.objects.get()
    assert answer["Location"] == reverse("dashboards:look", args=[look.pk])
    assert (look.by, look.role) == (manager, Role.DATA_MANAGER)
    assert NOW <= look.at < NOW + timedelta(minutes=5)
    assert (look.site, look.arm, str(look.since), str(look.until)) == (
        site,
        "HAIC",
        "2027-01-01",
        "2027-02-01",
    )
    page = client.get(answer["Location"]).content.decode()
    assert reverse("dashboards:look_figures", args=[look.pk]) in page
    work_out(**told.messages[0])
    page = client.get(answer["Location"]).content.decode()
    assert 'id="os-finding"' in page
    assert EfficacyLook.objects.count() == 1  # opening it again is the same look
    assert "manager" in client.get(ADDRESS).content.decode()
    # Of a colleague's look only the line is known; after it is closed again, nothing is shown.
    client.force_login(make_person("colleague", Role.DATA_MANAGER))
    assert "manager" in client.get(ADDRESS).content.decode()
    assert client.get(answer["Location"]).status_code == 404
    client.force_login(manager)
    set_efficacy(manager, "CLOSED")
    assert client.get(answer["Location"]).status_code == 404


def test_an_investigator_looks_at_their_own_site_and_knows_their_own_looks(
    client: Client, trial: Trial, manager: User, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    set_efficacy(manager, "OPEN")
    client.force_login(trial.here)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(ADDRESS, {"site": trial.sites[1].pk})
    look = EfficacyLook.objects.get()
    assert look.site is None
    assert told.messages[0]["sites"] == [trial.sites[0].pk]
    client.force_login(manager)
    client.post(ADDRESS, {"site": ""})
    client.force_login(trial.here)
    shown = client.get(ADDRESS).content.decode()
    assert "manager" not in shown


@pytest.fixture
def looked(
    client: Client, trial: Trial, manager: User, told: Told, django_capture_on_commit_callbacks: Any
) -> str:
    """The address of a look of the data manager's, of which the worker has been told."""
    set_efficacy(manager, "OPEN")
    client.force_login(manager)
    with django_capture_on_commit_callbacks(execute=True):
        address: str = client.post(ADDRESS, {"site": "", "arm": "Y90"})["Location"]
    return address


GONE = "The figures of this look are not kept any more"


def test_a_look_is_worked_out_when_it_is_made_in_both_languages_and_never_again(
    client: Client, looked: str, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    assert [message["language"] for message in told.messages] == ["en", "zh-hans"]
    for message in told.messages:
        work_out(**message)
    kept = dict(Figures.objects.values_list("key", "worked_out_at"))
    # The next day, and long after: the figures are those of the day of the look, as long as they are kept.
    clock.move_to(NOW + timedelta(days=1))
    Figures.objects.update(asked_at=datetime(2020, 1, 1, tzinfo=NOW.tzinfo))
    with django_capture_on_commit_callbacks(execute=True):
        for language, *words in (
            ("en", "it stays as it is", "until 2027-06-15"),
            ("zh-hans", "此后不变", "截至2027-06-15"),
        ):
            client.cookies["django_language"] = language
            page = client.get(looked).content.decode()
            assert all(one in page for one in ('id="os-finding"', *words))
        table = client.get(reverse("dashboards:look_table", args=[EfficacyLook.objects.get().pk, "os"]))
    assert "os-20270615" in table["Content-Disposition"]
    for message in told.messages:
        work_out(**message)
    assert dict(Figures.objects.values_list("key", "worked_out_at")) == kept
    assert len(told.messages) == len(kept) == 2


def test_a_look_whose_figures_are_not_kept_offers_a_new_one(
    client: Client, looked: str, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    for message in told.messages:
        work_out(**message)
    Figures.objects.all().delete()
    look = EfficacyLook.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        for address in (looked, reverse("dashboards:look_figures", args=[look.pk])):
            page = client.get(address).content.decode()
            assert GONE in page and 'name="arm" value="Y90"' in page and "os-finding" not in page
        assert client.get(reverse("dashboards:look_table", args=[look.pk, "os"])).status_code == 404
    # Nobody has been told anew, and a message that comes late makes nothing.
    assert len(told.messages) == 2
    work_out(**told.messages[0])
    assert not Figures.objects.exists()


def test_a_look_nobody_answered_is_not_worked_out_of_later_data(
    client: Client, looked: str, told: Told
) -> None:
    waiting = reverse("dashboards:look_figures", args=[EfficacyLook.objects.get().pk])
    assert waiting in client.get(looked).content.decode()
    clock.move_to(NOW + timedelta(days=1))
    work_out(**told.messages[0])
    assert not Figures.objects.exclude(worked_out_at=None).exists()
    Figures.objects.update(asked_at=datetime(2020, 1, 1, tzinfo=NOW.tzinfo))
    assert GONE in client.get(looked).content.decode()


def test_a_server_of_pages_does_not_load_the_statistics() -> None:
    asked = "import django, sys; django.setup(); import trial_edc.urls; print([m for m in ('lifelines', 'pandas', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

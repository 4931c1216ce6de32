"""Every main page under the rules of axe-core (WCAG 2.2 A and AA), in both languages, on desk and phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts.access import Permission
from accounts.models import Role, Site, User
from eligibility.laboratories.actions import add_laboratory, begin_with_usual_limits
from eligibility.models import SiteLaboratory
from monitoring.actions.queries import raise_query
from monitoring.places import Place
from participants.models import Participant, Visit
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.walks import walk_to_eligible, walk_to_haic_done

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORKED_OUT = ("balance", "conduct", "treatment", "safety")
DRAWN = "[...document.querySelectorAll('canvas[data-chart]')].every((canvas) => Chart.getChart(canvas))"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def treated(own_database: str) -> Participant:
    """A participant who had two cycles of HAIC, and the people who see pages of it."""
    clock.move_to(START)
    site: Site = make_site()
    coordinator = make_person("coordinator", Role.COORDINATOR, site)
    investigator = make_person("investigator", Role.INVESTIGATOR, site)
    manager = make_person("datamanager", Role.DATA_MANAGER)
    monitor = make_person("monitor", Role.MONITOR, site)
    make_person("sysadmin", Role.SYSTEM_ADMINISTRATOR)
    manages = actor(manager, Permission.CHANGE_STUDY_SETTINGS, site)
    laboratory = add_laboratory(
        site=site, code="LAB1", name_en="Lab", name_zh="检验科", by=manages, now=START
    )
    begin_with_usual_limits(laboratory=laboratory, effective_from=START.date(), by=manages, now=START)
    enters = actor(coordinator, Permission.ENTER_DATA, site)
    decides = actor(investigator, Permission.DECIDE_ELIGIBILITY, site)
    participant = make_participant(site, enters)
    walk_to_eligible(participant, by=enters, investigator=decides, now=START)
    treated = walk_to_haic_done(participant, by=enters, investigator=decides, now=START)
    asks = actor(monitor, Permission.RAISE_QUERIES, site)
    raise_query(place=asked_about(treated), words="Is it right?", by=asks, now=START)
    return treated


def asked_about(participant: Participant) -> Place:
    return Place(participant, Visit.objects.get(participant=participant, code="SCR"), "VS", 1, "weight")


def complaints_of(desk: Any) -> list[str]:
    found = Axe().run(desk.page, options=RULES)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def wait_for_pictures(desk: Any) -> None:
    """Wait until figures that a worker works out are there, and every picture is drawn."""
    if desk.page.locator("#cards").count():
        desk.page.locator("#cards > section").first.wait_for()
        desk.page.wait_for_function(DRAWN)


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)])
def test_no_page_breaks_a_rule_of_accessibility(
    language: str, width: int, treated: Participant, desk: Any
) -> None:
    screening = Visit.objects.get(participant=treated, code="SCR").pk
    laboratory = SiteLaboratory.objects.get()
    coordinator = User.objects.get(username="coordinator").pk
    investigator = desk("investigator", width=width)
    pages = [
        "/",
        "/participants/",
        "/participants/new/",
        f"/participants/{treated.pk}/",
        f"/participants/{treated.pk}/response/",
        f"/participants/{treated.pk}/trail/",
        f"/participants/{treated.pk}/casebook/",
        f"/visits/{screening}/LB/",
        f"/visits/{screening}/STG/",
        f"/visits/{screening}/IMG/1/",
        f"/eligibility/{treated.pk}/",
        f"/treatment/{treated.pk}/",
        "/dashboard/",
        *(f"/dashboard/{section}/" for section in WORKED_OUT),
        "/dashboard/efficacy/",
        "/calendar/",
        "/calendar/subscriptions/",
        f"/participants/{treated.pk}/calendar/",
        "/followup/wishes/",
        f"/diary/{treated.pk}/",
        "/password/",
        "/account/",
        "/account/app/",
        "/account/passkey/",
        "/access/",
        "/gallery/",
    ]
    found = {}
    for one, paths in (
        (investigator, pages),
        (
            desk("datamanager", width=width),
            [
                "/exports/",
                "/imports/",
                "/schedules/",
                "/schedules/1/",
                "/followup/rules/",
                "/followup/rules/visit-opens/",
                "/followup/queue/",
                "/access/",
                f"/access/review/{treated.site_id}/",
                "/study/settings/",
                "/eligibility/rulings/",
                "/eligibility/laboratories/",
                f"/eligibility/laboratories/{laboratory.pk}/",
            ],
        ),
        (
            desk("monitor", width=width),
            [
                "/monitoring/queries/",
                "/monitoring/queries/counts/",
                "/monitoring/queries/checks/",
                asked_about(treated).address(),
                f"/visits/{screening}/VS/",
            ],
        ),
        (
            desk("sysadmin", width=width),
            [
                "/accounts/",
                "/accounts/new/",
                "/accounts/sign-ins/",
                f"/accounts/{coordinator}/",
                f"/accounts/{coordinator}/password/",
            ],
        ),
    ):
        one.speak(language)
        for path in paths:
            assert one.open(path) == 200, path
            wait_for_pictures(one)
            if complaints := complaints_of(one):
                found[path] = complaints
    assert found == {}

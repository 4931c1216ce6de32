"""Data managers of one site and of all: what holds for the whole trial is changed by the latter alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.access import SYSTEM, Access, Actor, Permission
from accounts.models import Role, RoleHeld, Site, User
from eligibility.actions import record_ruling
from eligibility.laboratories.actions import add_laboratory, add_range, begin_with_usual_limits
from eligibility.models import ReferenceRange, SiteLaboratory, SponsorRuling
from followup.actions import set_rule
from followup.models import ReminderRule
from followup.reminder_rules import About, Channel
from monitoring.actions import set_plan
from monitoring.models import VerificationPlan
from participants.actions import adopt_next_schedule
from participants.models import ScheduleVersion
from participants.selectors import schedule_in_force
from records.findings import Refused
from records.models import StudySetting
from records.study import set_value
from safety.actions import add_recipient, retire_recipient
from safety.models import ReportRecipient
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person

TODAY = START.date()
SETTINGS = Permission.CHANGE_STUDY_SETTINGS


@pytest.fixture
def local(site: Site, at_start: object) -> User:
    """A data manager of one site."""
    return make_person("local", Role.DATA_MANAGER, site)


@pytest.fixture
def desk(local: User) -> Client:
    return at_the_desk(local)


@pytest.fixture
def by(local: User, site: Site) -> Actor:
    return Access.of(local, TODAY).actor(SETTINGS, site.pk)


def recipient_of(site: Site | None) -> ReportRecipient:
    return ReportRecipient.objects.create(
        site=site, kind="OTHER", name_en=f"Desk of {site}", name_zh="某处", added_at=START
    )


def laboratory_of(site: Site, data_manager: User) -> SiteLaboratory:
    return SiteLaboratory.objects.create(
        site=site,
        code="LAB9",
        name_en="Laboratory",
        name_zh="检验科",
        recorded_at=START,
        recorded_by=data_manager,
    )


def make_role(person: User, role: Role, site: Site) -> None:
    RoleHeld.objects.create(user=person, role=role, site=site, starts_on=date(2026, 1, 1))


# -- pages ---------------------------------------------------------------------------------------------

OF_THE_TRIAL = ["/study/settings/efficacy_shown/", "/schedules/new/", "/monitoring/plan/VS/"] + [
    f"/followup/rules/{tail}/" for tail in ("new", "visit-closing")
]


@pytest.mark.parametrize("address", OF_THE_TRIAL)
def test_what_holds_for_the_trial_opens_to_data_managers_of_all_sites(
    desk: Client, data_manager: User, address: str
) -> None:
    assert (desk.get(address).status_code, desk.post(address, {"reason": "x"}).status_code) == (403, 403)
    assert at_the_desk(data_manager).get(address).status_code == 200


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/study/settings/", "/study/settings/efficacy_shown/"),
        ("/schedules/", "/schedules/new/"),
        ("/monitoring/plan/", "/monitoring/plan/VS/"),
        ("/followup/rules/", "/followup/rules/new/"),
        ("/dashboard/efficacy/", "/study/settings/efficacy_shown/"),
    ],
)
def test_those_of_one_site_read_it_and_are_offered_no_change(
    desk: Client, data_manager: User, address: str, leads_to: str
) -> None:
    answer = desk.get(address)
    assert answer.status_code == 200
    assert leads_to not in Page(answer).addresses
    assert leads_to in Page(at_the_desk(data_manager).get(address)).addresses


def test_rulings_are_read_at_one_site_and_recorded_for_all(desk: Client, data_manager: User) -> None:
    typed = {
        "criterion": "I3",
        "reference": "CLR-001",
        "effective_from": "2026-09-02",
        "accepts": "Y",
        "text": "Two or three tumours of at most 3 cm are included.",
    }
    page = Page(desk.get("/eligibility/rulings/"))
    assert "reference" not in page.values
    assert desk.post("/eligibility/rulings/", typed).status_code == 403
    assert not SponsorRuling.objects.exists()
    assert at_the_desk(data_manager).post("/eligibility/rulings/", typed).status_code == 302


def test_recipients_are_named_and_retired_at_ones_own_site(
    desk: Client, local: User, site: Site, other_site: Site
) -> None:
    mine, theirs, everybodys = (recipient_of(one) for one in (site, other_site, None))
    page = Page(desk.get("/safety/recipients/"))
    assert mine.name_en in page.text
    assert everybodys.name_en in page.text
    assert theirs.name_en not in page.text
    assert page.offered["site"] == [str(site.pk)]
    assert page.values["recipient"] == [str(mine.pk)]

    typed = {"kind": "OTHER", "name_en": "Agency", "name_zh": "部门", "contact": ""}
    before = ReportRecipient.objects.count()
    for wrong in ("", str(other_site.pk)):
        assert desk.post("/safety/recipients/", {**typed, "site": wrong}).status_code == 422
    assert ReportRecipient.objects.count() == before
    assert desk.post("/safety/recipients/", {**typed, "site": str(site.pk)}).status_code == 302
    assert ReportRecipient.objects.get(name_en="Agency").site == site

    for pk, status in ((theirs.pk, 404), (everybodys.pk, 403), (mine.pk, 302)):
        assert desk.post("/safety/recipients/retire/", {"recipient": str(pk)}).status_code == status
    retired = ReportRecipient.objects.exclude(retired_at=None)
    assert [(one.pk, one.retired_by) for one in retired] == [(mine.pk, local)]


def test_laboratories_are_added_where_the_role_is_held_and_not_where_one_only_reads(
    desk: Client, local: User, data_manager: User, site: Site, other_site: Site
) -> None:
    make_role(local, Role.MONITOR, other_site)
    mine, theirs = laboratory_of(site, data_manager), laboratory_of(other_site, data_manager)
    listed = Page(desk.get("/eligibility/laboratories/"))
    assert listed.offered["site"] == [str(site.pk)]
    typed = {"code": "LAB2", "name_en": "Second", "name_zh": "第二"}
    added = desk.post("/eligibility/laboratories/", {**typed, "site": other_site.pk})
    assert added.status_code == 422
    begin = {"action": "usual", "effective_from": "2026-8-1"}
    assert desk.get(f"/eligibility/laboratories/{theirs.pk}/").status_code == 200
    assert desk.post(f"/eligibility/laboratories/{theirs.pk}/", begin).status_code == 403
    assert desk.post(f"/eligibility/laboratories/{mine.pk}/", begin).status_code == 302
    assert set(ReferenceRange.objects.values_list("laboratory", flat=True)) == {mine.pk}


# -- actions -------------------------------------------------------------------------------------------


def change_setting(by: Actor) -> Any:
    given = {"key": "haic_oxaliplatin", "value": "130", "effective_from": TODAY, "reason": "Letter 3"}
    return set_value(**given, by=by, now=START)  # type: ignore[arg-type]


def adopt(by: Actor) -> Any:
    text = schedule_in_force(TODAY).source.replace('version = "1"', 'version = "2"', 1)
    return adopt_next_schedule(source=text, effective_from=TODAY, reason="Amendment", by=by, now=START)


def plan(by: Actor) -> Any:
    return set_plan(form="VS", items=["ecog"], reason="Enough", by=by, now=START)


def rule(by: Actor) -> Any:
    return set_rule(
        name="soon",
        about=About.OPENS,
        after=timedelta(days=1),
        role=Role.COORDINATOR,
        channel=Channel.MAIL,
        visits=(),
        active=True,
        effective_from=TODAY,
        reason="Asked for",
        by=by,
        now=START,
    )


def ruling(by: Actor) -> Any:
    return record_ruling(
        criterion="I3",
        reference="CLR-001",
        effective_from=date(2026, 9, 2),
        accepts=True,
        text="Included.",
        by=by,
        now=START,
    )


def name_for_all(by: Actor) -> Any:
    return add_recipient(site=None, kind="OTHER", name_en="X", name_zh="某", contact="", by=by, now=START)


def retire_of_all(by: Actor) -> Any:
    retire_recipient(recipient=recipient_of(None), by=by, now=START)
    return True


@pytest.mark.parametrize("act", [change_setting, adopt, plan, rule, ruling, name_for_all, retire_of_all])
def test_acts_of_the_trial_ask_for_all_sites_themselves(
    by: Actor, local: User, data_manager: User, act: Callable[[Actor], Any]
) -> None:
    for one in (by, Actor(local, by.role, None)):
        with pytest.raises(Refused, match="of all sites"):
            act(one)
    for model in (StudySetting, VerificationPlan, ReminderRule, SponsorRuling):
        assert not model._default_manager.exists()
    assert ScheduleVersion.objects.count() == 1
    assert act(Access.of(data_manager, TODAY).actor_everywhere(SETTINGS))


def test_acts_of_a_site_ask_for_that_site_themselves(
    by: Actor, local: User, data_manager: User, site: Site, other_site: Site
) -> None:
    def acts(at: Site) -> list[Callable[[Actor], Any]]:
        laboratory, recipient = laboratory_of(at, data_manager), recipient_of(at)
        names = {"name_en": "X", "name_zh": "某"}
        a_range = {"test": "tbil", "unit": "mg/dL", "sex": "B", "age_from": 18, "age_to": 120, "lower": None}
        return [
            lambda by: add_laboratory(site=at, code="LAB1", **names, by=by, now=START),
            lambda by: begin_with_usual_limits(laboratory=laboratory, effective_from=TODAY, by=by, now=START),
            lambda by: add_range(
                laboratory=laboratory,
                **a_range,
                upper=1,
                effective_from=TODAY,
                by=by,
                now=START,  # type: ignore[arg-type]
            ),
            lambda by: add_recipient(site=at, kind="OTHER", **names, contact="", by=by, now=START),
            lambda by: retire_recipient(recipient=recipient, by=by, now=START),
        ]

    for act in acts(other_site):
        for one in (by, Actor(local, by.role, None), Actor(local, by.role, other_site.pk)):
            with pytest.raises(Refused, match="of the site"):
                act(one)
    for act in acts(site):
        act(by)


def test_commands_of_the_trial_ask_for_all_sites(by: Actor, local: User, tmp_path: Any) -> None:
    text = schedule_in_force(TODAY).source.replace('version = "1"', 'version = "2"', 1)
    file = tmp_path / "v2.toml"
    file.write_text(text, encoding="utf-8")
    words = ("--effective-from", "2026-09-15", "--adopt", "--by", local.username, "--reason", "Amendment")
    with pytest.raises(CommandError, match="all sites"):
        call_command("adopt_schedule", str(file), *words)
    assert ScheduleVersion.objects.count() == 1


# -- whose reach it is ---------------------------------------------------------------------------------


def test_an_actor_reaches_as_far_as_the_role_held_on_the_day(
    by: Actor, local: User, data_manager: User, site: Site, other_site: Site
) -> None:
    manages = Actor(data_manager, Role.DATA_MANAGER, None)
    assert [by.may(SETTINGS, place, TODAY) for place in (site.pk, other_site.pk, None)] == [
        True,
        False,
        False,
    ]
    assert all(manages.may(SETTINGS, place, TODAY) for place in (site.pk, other_site.pk, None))
    before = date(2025, 12, 31)  # nobody held a role yet
    assert not by.may(SETTINGS, site.pk, before)
    assert not manages.may(SETTINGS, None, before)
    assert not Actor(data_manager, Role.MONITOR, None).may(SETTINGS, None, TODAY)
    assert not SYSTEM.may(SETTINGS, site.pk, TODAY)


def test_the_role_of_all_sites_is_the_one_acted_in(local: User, data_manager: User, site: Site) -> None:
    with pytest.raises(PermissionDenied):
        Access.of(local, TODAY).actor_everywhere(SETTINGS)
    with pytest.raises(PermissionDenied):
        Access.of(local, TODAY).actor_at(SETTINGS, None)
    assert Access.of(local, TODAY).actor_at(SETTINGS, site).site_id == site.pk
    make_role(data_manager, Role.MONITOR, site)
    assert Access.of(data_manager, TODAY).actor_everywhere(Permission.FREEZE).role == Role.DATA_MANAGER

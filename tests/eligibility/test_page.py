"""The eligibility page and the rulings: who sees, who decides, what links where, and at what cost."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role, Site, User
from eligibility.models import EligibilityDecision, SponsorRuling
from participants.models import Participant, Visit
from participants.workflow import ParticipantState
from tests.browsing import Page
from tests.cast import make_participant, make_person
from trial_edc.demo.walks import fill, walk_to_screened


@pytest.fixture
def screened(participant: Participant, by_coordinator: Actor, at_start: datetime) -> Participant:
    return walk_to_screened(participant, by=by_coordinator, now=at_start)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def page_of(participant: Participant) -> str:
    return reverse("eligibility:decide", args=[participant.pk])


def press(client: Client, participant: Participant, action: str, **typed: str) -> Any:
    """Open the page and decide on what it shows."""
    saw = what_shows(client.get(page_of(participant)))
    return client.post(page_of(participant), {"action": action, "saw": saw, **typed})


def what_shows(answer: Any) -> str:
    """What each form of the page says was shown."""
    (saw,) = set(Page(answer).values["saw"])
    return saw


def test_an_investigator_confirms(screened: Participant, investigator: User) -> None:
    client = signed_in(investigator)
    shown = client.get(page_of(screened)).content.decode()
    assert shown.count("verdict-pass") == 17 + 2  # the lines, their count and the conclusion
    assert "Confirm eligibility" in shown

    answer = press(client, screened, "confirm")
    assert answer.status_code == 302
    screened.refresh_from_db()
    assert screened.status == ParticipantState.ELIGIBLE
    assert "As it stood at the decision" in client.get(page_of(screened)).content.decode()


def test_the_button_says_why_it_is_greyed_out(
    screened: Participant, investigator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    fill(screened, "VS", {"ecog": "2"}, by=by_coordinator, now=at_start, reason="Source checked")
    client = signed_in(investigator)
    shown = client.get(page_of(screened)).content.decode()
    assert '<span class="why-not" id="why-not-confirm">Not fulfilled: I2.</span>' in shown
    assert "Stage Ib, yet not eligible: ECOG 2." in shown
    screening = Visit.objects.get(participant=screened, code="SCR")
    assert f'<a href="{reverse("casebook:entry", args=[screening.pk, "VS"])}#id_ecog">ECOG 2</a>' in shown


def test_a_refusal_keeps_what_was_typed(
    screened: Participant, investigator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    fill(screened, "VS", {"ecog": "2"}, by=by_coordinator, now=at_start, reason="Source checked")
    client = signed_in(investigator)
    answer = press(client, screened, "fail", reason="ECOG")
    assert answer.status_code == 422
    assert "Write the reason in at least 10 characters." in answer.content.decode()
    assert ">ECOG</textarea>" in answer.content.decode()

    assert press(client, screened, "confirm").status_code == 422
    assert press(client, screened, "fail", reason="ECOG 2 at screening").status_code == 302
    assert EligibilityDecision.objects.get().failing == ["I2"]
    assert "Declare screen failure" not in client.get(page_of(screened)).content.decode()


@pytest.mark.parametrize("action", ["confirm", "fail"])
def test_what_was_corrected_after_the_page_opened_is_read_before_it_is_decided_on(
    screened: Participant, investigator: User, by_coordinator: Actor, at_start: datetime, action: str
) -> None:
    client = signed_in(investigator)
    saw = what_shows(client.get(page_of(screened)))
    fill(screened, "LB", {"tbil": Decimal(19)}, by=by_coordinator, now=at_start, reason="Misread")
    typed = {"action": action, "saw": saw, "reason": "Bilirubin too high"}
    answer = client.post(page_of(screened), typed)
    assert answer.status_code == 422
    assert "changed after you opened this page" in Page(answer).text
    assert ">Bilirubin too high</textarea>" in answer.content.decode()
    assert not EligibilityDecision.objects.exists()
    # What is shown now can be decided on.
    again = client.post(page_of(screened), {**typed, "action": "confirm", "saw": what_shows(answer)})
    assert again.status_code == 302


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_others_read(screened: Participant, site: Site, role: Role) -> None:
    client = signed_in(make_person("reader", role, site if role != Role.DATA_MANAGER else None))
    shown = client.get(page_of(screened))
    assert shown.status_code == 200
    assert "An investigator of this site decides on eligibility." in shown.content.decode()
    assert "<textarea" not in shown.content.decode()
    assert client.post(page_of(screened), {"action": "confirm"}).status_code == 403
    assert not EligibilityDecision.objects.exists()


def test_people_of_other_sites_and_administrators_see_nothing(
    screened: Participant, other_site: Site, system_administrator: User
) -> None:
    stranger = make_person("stranger", Role.INVESTIGATOR, other_site)
    assert signed_in(stranger).get(page_of(screened)).status_code == 404
    assert signed_in(stranger).post(page_of(screened), {"action": "confirm"}).status_code == 404
    assert signed_in(system_administrator).get(page_of(screened)).status_code == 403


def test_a_changed_datum_shows_beside_the_decision(
    screened: Participant, investigator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    client = signed_in(investigator)
    press(client, screened, "confirm")
    assert "no longer support the decision" not in client.get(page_of(screened)).content.decode()
    fill(screened, "LB", {"hivab": "CONFIRM"}, by=by_coordinator, now=at_start, reason="Second sample")
    assert "no longer support the decision" in client.get(page_of(screened)).content.decode()


def test_the_page_costs_the_same_with_five_participants(
    screened: Participant,
    investigator: User,
    by_coordinator: Actor,
    at_start: datetime,
    django_assert_num_queries: Any,
) -> None:
    client = signed_in(investigator)
    client.get(page_of(screened))
    queries = 18
    with django_assert_num_queries(queries):
        client.get(page_of(screened))
    for initials in ("AB", "CD", "EF", "GH"):
        other = make_participant(screened.site, by_coordinator, initials=initials, now=at_start)
        walk_to_screened(other, by=by_coordinator, now=at_start)
    with django_assert_num_queries(queries):
        client.get(page_of(screened))


def test_rulings_are_read_by_all_and_recorded_by_data_managers(
    screened: Participant, investigator: User, data_manager: User
) -> None:
    address = reverse("eligibility:rulings")
    typed = {
        "criterion": "I3",
        "reference": "CLR-007",
        "effective_from": "2026-9-1",
        "accepts": "Y",
        "text": "Two or three tumours of at most 3 cm are included.",
    }
    assert signed_in(investigator).post(address, typed).status_code == 403
    assert "Record a ruling" not in signed_in(investigator).get(address).content.decode()

    client = signed_in(data_manager)
    assert client.post(address, {**typed, "effective_from": "soon"}).status_code == 422
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 422  # the number is taken
    ruling = SponsorRuling.objects.get()
    assert (ruling.criterion, ruling.accepts, ruling.recorded_by) == ("I3", True, data_manager)
    assert "CLR-007" in signed_in(investigator).get(address).content.decode()

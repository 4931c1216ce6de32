"""Sign, void, sign again: bound to exactly what was signed, by an investigator of the site, when all is there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from monitoring.actions import NotReady, hold, sign
from monitoring.extents import Extent
from monitoring.models import Signature, SignatureVoid
from monitoring.policies.trust import NotTheirs
from monitoring.selectors.readiness import readiness_of
from monitoring.selectors.signatures import verifies
from monitoring.trust import HoldState
from participants.models import CaseReportForm, Discrepancy, Participant, Visit
from records.actions import derive_again
from records.findings import Overtaken, Refused
from tests.cast import START, actor, make_participant, make_person
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import VITAL_SIGNS, walk_to_screened

pytestmark = pytest.mark.django_db
LATER = START + timedelta(hours=1)


def of_vital_signs(visit: Visit) -> Extent:
    return Extent.of_form(visit, "VS", 1)


def signed(extent: Extent, by: Actor, meaning: str = "REVIEWED") -> Signature:
    return sign(extent=extent, meaning=meaning, saw=readiness_of(extent, LATER).sha256, by=by, now=LATER)


@pytest.fixture
def screened(participant: Participant, by_coordinator: Actor) -> Participant:
    Visit.objects.filter(participant=participant, code="SCR").update(
        forms=["SV", "DM", "MH", "VS", "LB", "IMG", "STG", "IE", "ARM"]
    )
    walked = walk_to_screened(participant, by=by_coordinator, now=START)
    Discrepancy.objects.update(status="CONFIRMED")
    return walked


@pytest.mark.line("S1")
def test_a_signature_says_who_when_and_what_it_means(
    vital_signs: CaseReportForm, screening: Visit, by_signer: Actor
) -> None:
    signature = signed(of_vital_signs(screening), by_signer)
    assert (signature.name, signature.at, signature.meaning) == ("Investigator", LATER, "REVIEWED")
    assert signature.meaning_words.en.startswith("I have reviewed")
    assert [line["form"] for line in signature.manifest] == ["VS"]
    assert verifies(signature, of_vital_signs(screening))


def test_a_visit_and_a_casebook_are_signed_with_everything_in_them(
    screened: Participant, screening: Visit, by_signer: Actor
) -> None:
    visit = signed(Extent.of_visit(screening), by_signer)
    casebook = signed(Extent.of_participant(screening.participant), by_signer, "RESPONSIBLE")
    assert {line["form"] for line in visit.manifest} == {"SV", "DM", "MH", "VS", "LB", "IMG", "STG", "IE"}
    assert casebook.manifest == visit.manifest
    assert casebook.sha256 != visit.sha256
    assert verifies(visit, Extent.of_visit(screening))
    assert verifies(casebook, Extent.of_participant(screening.participant))


@pytest.mark.line("S2")
def test_a_signature_moved_to_another_record_does_not_verify(
    vital_signs: CaseReportForm, screening: Visit, site: Site, by_coordinator: Actor, by_signer: Actor
) -> None:
    twin = make_participant(site, by_coordinator, initials="LM")
    fill(twin, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    there = Extent.of_form(
        Visit.objects.select_related("participant__site").get(participant=twin, code="SCR"), "VS", 1
    )
    signature = signed(of_vital_signs(screening), by_signer)
    signature.key, signature.participant, signature.visit = there.key, twin, there.visit
    assert not verifies(signature, there)
    assert not verifies(signature, of_vital_signs(screening))


@pytest.mark.parametrize(
    ("role", "may"), [(role, role == Role.INVESTIGATOR) for role in Role if role != Role.SYSTEM_ADMINISTRATOR]
)
def test_who_signs(vital_signs: CaseReportForm, screening: Visit, site: Site, role: Role, may: bool) -> None:
    by = actor(make_person("somebody", role, site), Permission.SEE_PARTICIPANTS, site)
    if may:
        assert signed(of_vital_signs(screening), by).stands
    else:
        with pytest.raises(NotTheirs, match="An investigator of this site signs"):
            signed(of_vital_signs(screening), by)


def test_an_investigator_of_another_site_does_not_sign_here(
    vital_signs: CaseReportForm, screening: Visit, site: Site, other_site: Site
) -> None:
    stranger = make_person("stranger", Role.INVESTIGATOR, other_site)
    with pytest.raises(NotTheirs):
        signed(of_vital_signs(screening), Actor(stranger, Role.INVESTIGATOR, site.pk))


def test_what_was_not_seen_is_not_signed(
    vital_signs: CaseReportForm, screening: Visit, by_coordinator: Actor, by_signer: Actor
) -> None:
    extent = of_vital_signs(screening)
    saw = readiness_of(extent, LATER).sha256
    fill(screening.participant, "VS", {"pulse": 90}, by=by_coordinator, now=LATER, reason="Misread")
    with pytest.raises(Overtaken):
        sign(extent=extent, meaning="REVIEWED", saw=saw, by=by_signer, now=LATER)
    assert not Signature.objects.exists()


def test_nothing_is_signed_twice_nor_with_another_meaning(
    vital_signs: CaseReportForm, screening: Visit, by_signer: Actor
) -> None:
    with pytest.raises(Refused, match="what the signature means"):
        signed(of_vital_signs(screening), by_signer, "RESPONSIBLE")
    signed(of_vital_signs(screening), by_signer)
    with pytest.raises(Refused, match="signed already"):
        signed(of_vital_signs(screening), by_signer)


# -- not ready ------------------------------------------------------------------------------------------


@pytest.mark.line("S5")
def test_drafts_and_forms_that_are_due_are_in_the_way(
    vital_signs: CaseReportForm, screening: Visit, by_coordinator: Actor, by_signer: Actor
) -> None:
    with pytest.raises(NotReady, match="due are not entered yet: 7"):
        signed(Extent.of_visit(screening), by_signer)
    fill(screening.participant, "SV", {"svdone": "Y"}, by=by_coordinator, now=START, submit=False)
    with pytest.raises(NotReady, match="drafts are not signed: 1"):
        signed(Extent.of_visit(screening), by_signer)
    with pytest.raises(NotReady, match="Nothing is entered"):
        signed(Extent.of_form(screening, "LB", 1), by_signer)


def test_what_became_required_since_is_in_the_way(
    vital_signs: CaseReportForm, screening: Visit, by_signer: Actor
) -> None:
    type(vital_signs)._default_manager.filter(pk=vital_signs.pk).update(pulse=None)
    with pytest.raises(NotReady, match="required is missing or not possible in 1"):
        signed(of_vital_signs(screening), by_signer)


@pytest.mark.line("S5")
def test_open_queries_are_in_the_way_of_what_they_are_about(
    screened: Participant, screening: Visit, vital_signs: CaseReportForm, by_signer: Actor
) -> None:
    Discrepancy.objects.create(
        participant=screened, visit=screening, check_id="X1", form="VS", record_id=vital_signs.pk, repeat=1,
        item="pulse", message_en="a", message_zh="b",
    )  # fmt: skip
    for extent, meaning in (
        (of_vital_signs(screening), "REVIEWED"),
        (Extent.of_visit(screening), "REVIEWED"),
        (Extent.of_participant(screening.participant), "RESPONSIBLE"),
    ):
        with pytest.raises(NotReady, match="Queries are open: 1"):
            signed(extent, by_signer, meaning)
    assert signed(Extent.of_form(screening, "DM", 1), by_signer).stands


def test_a_locked_visit_is_not_signed_and_a_frozen_one_is(
    vital_signs: CaseReportForm, screening: Visit, by_data_manager: Actor, by_signer: Actor
) -> None:
    hold(extent=Extent.of_visit(screening), to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    with pytest.raises(NotReady, match="The visit is locked"):
        signed(of_vital_signs(screening), by_signer)
    hold(
        extent=Extent.of_visit(screening),
        to=HoldState.FROZEN,
        by=by_data_manager,
        now=LATER,
        reason="To sign",
    )
    assert signed(of_vital_signs(screening), by_signer).stands


# -- voided ---------------------------------------------------------------------------------------------


@pytest.mark.line("S4")
def test_a_change_voids_every_signature_over_it_and_is_kept(
    screened: Participant, screening: Visit, by_coordinator: Actor, by_signer: Actor
) -> None:
    extents = [
        of_vital_signs(screening),
        Extent.of_visit(screening),
        Extent.of_participant(screening.participant),
    ]
    meanings = ["REVIEWED", "REVIEWED", "RESPONSIBLE"]
    for extent, meaning in zip(extents, meanings, strict=True):
        signed(extent, by_signer, meaning)
    neighbour = signed(Extent.of_form(screening, "MH", 1), by_signer)
    fill(screened, "VS", {"pulse": 90}, by=by_coordinator, now=LATER, reason="Misread")
    assert list(Signature.objects.order_by("pk").values_list("state", flat=True)) == ["VOIDED"] * 3 + [
        "STANDING"
    ]
    assert verifies(neighbour, Extent.of_form(screening, "MH", 1))
    for void in SignatureVoid.objects.all():
        assert (void.form, void.items, void.reason, void.by_id) == (
            "VS",
            ["pulse"],
            "Misread",
            by_coordinator.person_id,
        )
    again = signed(extents[0], by_signer)
    assert Signature.objects.filter(key=extents[0].key).count() == 2
    assert verifies(again, extents[0])


def test_a_new_form_at_a_signed_visit_voids_it(
    screened: Participant, screening: Visit, by_coordinator: Actor, by_signer: Actor
) -> None:
    signature = signed(Extent.of_visit(screening), by_signer)
    fill(screened, "LB", {"hemyn": "N"}, by=by_coordinator, now=LATER, repeat=2, submit=False)
    signature.refresh_from_db()
    assert not signature.stands
    assert (signature.void.form, signature.void.repeat) == ("LB", 2)


def test_a_save_that_changes_nothing_voids_nothing(
    vital_signs: CaseReportForm, screening: Visit, by_coordinator: Actor, by_signer: Actor
) -> None:
    signature = signed(of_vital_signs(screening), by_signer)
    fill(
        screening.participant, "VS", {"pulse": VITAL_SIGNS["pulse"]}, by=by_coordinator, now=LATER, reason="x"
    )
    signature.refresh_from_db()
    assert signature.stands


def test_a_value_computed_anew_voids_with_the_reason_of_the_computation(
    vital_signs: CaseReportForm, screening: Visit, by_coordinator: Actor, by_signer: Actor
) -> None:
    signature = signed(of_vital_signs(screening), by_signer)
    type(vital_signs)._default_manager.filter(pk=vital_signs.pk).update(bsa=Decimal("1.11"))
    vital_signs.visit, vital_signs.participant = screening, screening.participant
    context = type(vital_signs).context(visit=screening, today=LATER.date(), now=LATER)
    derive_again(record=vital_signs, context=context, by=by_coordinator, now=LATER, reason="Rule corrected")
    signature.refresh_from_db()
    assert not signature.stands
    assert signature.void.reason == "Rule corrected"


def test_raw_changes_below_the_application_show(
    vital_signs: CaseReportForm, screening: Visit, by_signer: Actor
) -> None:
    signature = signed(of_vital_signs(screening), by_signer)
    type(vital_signs)._default_manager.filter(pk=vital_signs.pk).update(pulse=99)
    assert signature.stands
    assert not verifies(signature, of_vital_signs(screening))


def test_a_signature_is_not_touched_by_a_column_added_later(
    vital_signs: CaseReportForm, screening: Visit, by_signer: Actor, monkeypatch: Any
) -> None:
    signature = signed(of_vital_signs(screening), by_signer)
    monkeypatch.setattr("monitoring.content.definition_of", lambda model: "0123456789abcdef")
    assert verifies(signature, of_vital_signs(screening))

"""Contact details: under their own consent and right, encrypted, and gone for good when the consent is withdrawn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.access import GRANTS, Actor, Permission
from accounts.models import Role, Site, User
from diary.actions import consented, keep_contact, withdraw_contact
from diary.contact_cipher import Contact, decrypted
from diary.models import ContactConsent, ContactDetails
from participants.models import Participant
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import START, actor, make_person

TODAY = clock.day(START)
CONTACT = Contact("13900000000", "somebody@example.org", "WeChat: somebody")


def keep(
    participant: Participant, by: Actor, contact: Contact = CONTACT, day: date | None = TODAY
) -> ContactDetails:
    return keep_contact(participant=participant, contact=contact, signed_on=day, by=by, now=START)


def test_only_the_sites_own_staff_hold_the_right() -> None:
    assert {role for role in Role if Permission.SEE_CONTACTS in GRANTS[role]} == {
        Role.COORDINATOR,
        Role.INVESTIGATOR,
    }


def test_they_are_kept_encrypted_and_read_again(participant: Participant, by_contact: Actor) -> None:
    details = keep(participant, by_contact)
    assert decrypted(details.ciphertext) == CONTACT
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM diary_contactdetails r")
        [(stored,)] = cursor.fetchall()
    assert "139" not in stored and "example" not in stored
    assert consented(participant)


def test_the_trail_holds_nothing_of_them(participant: Participant, by_contact: Actor) -> None:
    details = keep(participant, by_contact)
    before = details.ciphertext
    after = keep(participant, by_contact, Contact("13911111111"), None).ciphertext
    withdraw_contact(participant=participant, signed_on=TODAY, by=by_contact, now=START)
    rows = TrailEntry.objects.filter(relation="diary_contactdetails").order_by("id")
    assert [row.operation for row in rows] == ["INSERT", "UPDATE", "DELETE"]
    assert all(row.changes["ciphertext"] == ["hidden", "hidden"] for row in rows)
    whole = " ".join(str(row.changes) for row in TrailEntry.objects.all())
    assert not any(words in whole for words in (before, after, CONTACT.phone, CONTACT.email, "13911111111"))


def test_when_the_consent_is_withdrawn_nothing_is_left(participant: Participant, by_contact: Actor) -> None:
    keep(participant, by_contact)
    withdraw_contact(participant=participant, signed_on=TODAY, by=by_contact, now=START)
    assert not ContactDetails.objects.exists()
    assert not consented(participant)
    assert list(ContactConsent.objects.values_list("given", flat=True)) == [True, False]
    with pytest.raises(Refused, match="no consent"):
        withdraw_contact(participant=participant, signed_on=TODAY, by=by_contact, now=START)
    keep(participant, by_contact)
    assert consented(participant)


def test_without_a_consent_or_a_way_nothing_is_kept(participant: Participant, by_contact: Actor) -> None:
    for contact, day in ((CONTACT, None), (CONTACT, TODAY + timedelta(days=1)), (Contact(), TODAY)):
        with pytest.raises(Refused):
            keep(participant, by_contact, contact, day)
    assert not ContactConsent.objects.exists()


def test_a_withdrawal_is_not_before_the_consent(participant: Participant, by_contact: Actor) -> None:
    keep(participant, by_contact)
    with pytest.raises(Refused, match="before"):
        withdraw_contact(
            participant=participant, signed_on=TODAY - timedelta(days=1), by=by_contact, now=START
        )
    assert ContactDetails.objects.exists()


def test_another_sites_staff_keep_and_see_none(
    participant: Participant, by_contact: Actor, other_site: Site
) -> None:
    keep(participant, by_contact)
    away = make_person("away", Role.COORDINATOR, other_site)
    with pytest.raises(Refused):
        keep(participant, actor(away, Permission.SEE_CONTACTS, other_site))
    assert at_the_desk(away).get(f"/diary/{participant.pk}/contact/").status_code == 404


def test_they_are_kept_and_withdrawn_on_the_page(
    participant: Participant, coordinator: User, monitor: User
) -> None:
    client, place = at_the_desk(coordinator), f"/diary/{participant.pk}/contact/"
    typed = {"phone": CONTACT.phone, "email": "", "other": "", "signed_on": "2026-9-1"}
    assert client.post(place, {**typed, "signed_on": "yesterday"}).status_code == 422
    assert client.post(place, {**typed, "phone": ""}).status_code == 422
    assert client.post(place, typed).status_code == 302
    page = Page(client.get(place))
    assert page.value("phone") == CONTACT.phone
    assert client.get(place).headers["Cache-Control"].startswith("max-age=0")
    assert at_the_desk(monitor).get(place).status_code == 403
    assert CONTACT.phone not in at_the_desk(monitor).get(f"/diary/{participant.pk}/").content.decode()
    gone = client.post(place + "withdraw/", {"withdraw-signed_on": "2026-9-1"})
    assert gone.status_code == 302
    assert Page(client.get(place)).value("phone") == ""
    assert not ContactDetails.objects.exists()

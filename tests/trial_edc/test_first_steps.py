"""What an operator types on a new system: a site with its consent form, and the first person."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, RoleHeld, Site, User
from participants.models import ConsentVersion

NAMES = ("--name-en", "Hospital", "--name-zh", "医院")


def test_a_site_comes_with_its_activation_and_consent_form(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    consent = ("--consent", "1.0", "--approved-on", "2026-07-01")
    call_command("keep_site", "04", *NAMES, "--activated-on", "2026-08-01", *consent)
    site = Site.objects.get(code="04")
    assert (site.name_zh, site.activated_on) == ("医院", date(2026, 8, 1))
    assert ConsentVersion.objects.get(site=site).approved_on == date(2026, 7, 1)
    assert capsys.readouterr().out == "Site 04 is activated on 2026-08-01.\n"


def test_the_same_site_again_is_brought_up_to_date(db: None) -> None:
    call_command("keep_site", "04", *NAMES)
    call_command("keep_site", "04", *NAMES, "--activated-on", "2026-09-01")
    assert Site.objects.get(code="04").activated_on == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("4",), "two digits"),
        (("04", "--consent", "1.0"), "--approved-on"),
        (
            ("04", "--consent", "1.0", "--approved-on", "2026-07-01", "--retired-on", "2026-07-01"),
            "retired after",
        ),
    ],
)
def test_a_site_that_cannot_be_is_refused_with_a_sentence(
    arguments: tuple[str, ...], sentence: str, db: None
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("keep_site", *arguments, *NAMES)
    assert not Site.objects.exists()


def test_the_first_person_is_a_system_administrator(db: None) -> None:
    call_command(
        "add_person",
        "root.admin",
        "--name",
        "First",
        "--email",
        "first@example.org",
        "--password",
        "correct horse battery",
    )
    person = User.objects.get(username="root.admin")
    assert person.check_password("correct horse battery")
    assert [held.role for held in RoleHeld.objects.filter(user=person)] == [Role.SYSTEM_ADMINISTRATOR]


def test_a_weak_password_opens_no_account(db: None) -> None:
    with pytest.raises(CommandError, match="too short"):
        call_command(
            "add_person", "weak", "--name", "Weak", "--email", "weak@example.org", "--password", "abc"
        )
    assert not User.objects.exists()

"""The product's data and people: databases of participants walked by the product's own actions, and copies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import SYSTEM
from accounts.actions import keep_site
from accounts.models import User
from accounts.sessions import SessionStore
from bench.copies import A_SITE_HOLDS, FIRST_SITE, copying
from bench.report import CHECKOUT
from bench.servers import as_superuser, at_database
from participants.actions import approve_consent, register
from participants.models import Participant, Visit
from records import clock
from trial_edc.demo import filling, walks
from trial_edc.demo.people import make_people
from trial_edc.demo.story import OPENS_AT, Team, teams

BASE = "trial"  # the database the launcher has made
FORM = "LB"  # the largest form
BEGINS = OPENS_AT - timedelta(days=60)
# Corrected so often, a form has a history behind its marks.
CORRECTIONS = (("urea", Decimal("5.20")), ("na", Decimal("141.0")), ("urea", Decimal("5.10")))


def use(database: str) -> None:
    """Point this process at another of the bench's databases."""
    connection.close()
    connection.settings_dict["NAME"] = database


def make_base(participants: int, forms: int) -> None:
    """Make the trial: accounts, sites, `forms` people with filled forms, two who were treated, nobody else."""
    for words in (("migrate", "--database-kind=DEMO"), ("collectstatic", "--noinput")):
        subprocess.run(
            [sys.executable, "manage.py", *words, "--verbosity=0"],
            cwd=CHECKOUT,
            env={**os.environ, **environment(BASE)},
            check=True,
        )
    use(BASE)
    clock.move_to(OPENS_AT)
    make_people()
    for number in range(FIRST_SITE, FIRST_SITE + 1 + participants // A_SITE_HOLDS):
        _make_site(f"{number:02d}")
    for number in range(forms):
        _eligible(teams()["01"], number)
    for code, walk in (("02", walks.walk_to_haic_done), ("03", walks.walk_to_y90_done)):
        team = teams()[code]
        walk(_eligible(team, 0), by=team.coordinator, investigator=team.investigator, now=BEGINS)


def _make_site(code: str) -> None:
    site = keep_site(
        code=code,
        name_en=f"Hospital {code}",
        name_zh=f"第{code}医院",
        activated_on=date(2026, 8, 1),
        by=SYSTEM,
        now=BEGINS,
    )
    approve_consent(
        site=site, version="1.0", approved_on=date(2026, 7, 1), retired_on=None, by=SYSTEM, now=BEGINS
    )


def _eligible(team: Team, number: int) -> Participant:
    """One participant screened and found eligible, whose laboratory form was corrected a few times."""
    participant = register(
        site=team.site,
        initials="ZQ",
        consent_signed_at=BEGINS - timedelta(hours=1, minutes=number),
        consent_version="1.0",
        consent_signer="SUBJECT",
        copy_given="Y",
        by=team.coordinator,
        now=BEGINS,
    )
    walks.walk_to_eligible(participant, by=team.coordinator, investigator=team.investigator, now=BEGINS)
    for name, value in CORRECTIONS:
        filling.fill(participant, FORM, {name: value}, by=team.coordinator, now=BEGINS, reason="typing error")
    return participant


def make_copy(database: str, participants: int) -> None:
    """Make a database out of the base, with that many copies of the two who were treated besides."""
    use(BASE)
    treated = Participant.objects.filter(site__code__in=["02", "03"]).order_by("number")
    statements = copying(list(treated.values_list("pk", flat=True)), participants)
    connection.close()
    owner = settings.DATABASE_APP_ROLE.removesuffix("_app") + "_owner"
    as_superuser(f'CREATE DATABASE "{database}" OWNER "{owner}" TEMPLATE "{BASE}"')
    as_superuser(*statements, database=database)


# ---- people at pages -------------------------------------------------------------------------------


def environment(database: str) -> dict[str, str]:
    """What differs for a process over one of the bench's databases."""
    return {
        name: at_database(os.environ[name], database) for name in ("DATABASE_URL", "DATABASE_MIGRATE_URL")
    }


def cookie(username: str) -> str:
    """Sign a person in, past the sign-in page and its slow password hash; gives the session's cookie."""
    person = User.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def client(username: str) -> Client:
    """The same person's browser inside this process, where statements can be counted."""
    desk = Client(headers={"host": "127.0.0.1"})
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    desk.force_login(User.objects.get(username=username))
    return desk


def address(participant: Participant, form: str = FORM) -> str:
    visit = Visit.objects.get(participant=participant, code="SCR")
    return f"/visits/{visit.pk}/{form}/"


def statements(ask: Callable[[], Any], status: int = 200) -> int:
    """Count what a page asks of the database, its transaction included."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    if answer.status_code != status:
        raise SystemExit(f"A page answered {answer.status_code}:\n{answer.content.decode()[:3000]}")
    return len(captured)

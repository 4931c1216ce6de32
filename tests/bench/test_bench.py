"""The bench's own pieces: what is measured with them is measured by `make bench`, never by a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.access import Permission
from accounts.models import Role, RoleHeld
from bench.bars import TARGETS, at_least, at_most
from bench.browser import Typed
from bench.copies import copying
from bench.report import Figure, table, write
from bench.servers import as_superuser
from eligibility.models import Laboratory
from participants.models import Participant, Visit
from records import clock
from records.models import TrailEntry
from tests.browsing import at_the_desk
from tests.casebook.desk import form_address, send
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.launcher.conftest import OF_THE_TEST_RUN


@pytest.mark.parametrize(
    ("value", "said"), [(1.9, "missed"), (2, "bar"), (7.99, "bar"), (8, "aim"), (100, "aim")]
)
def test_a_target_from_below_is_reached_at_its_limits(value: float, said: str) -> None:
    assert at_least(2, 8).reached(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(1.26, "missed"), (1.25, "bar"), (1.16, "bar"), (1.15, "aim"), (0, "aim")]
)
def test_a_target_from_above_is_reached_at_its_limits(value: float, said: str) -> None:
    assert at_most(1.25, 1.15).reached(value) == said


def test_figures_are_shown_and_kept_with_their_bars(tmp_path: Path) -> None:
    figures = [
        Figure("form.rate", "open a form", "90.0", 1.5, "60.0"),
        Figure("register.sql", "register", "12", 12),
    ]
    shown = table(figures)
    assert [line.split() for line in shown.splitlines()[1:]] == [
        ["open", "a", "form", "60.0", "90.0", "1.5", "≥", "2", "≥", "8", "missed"],
        ["register", "12", "12"],
    ]
    kept = json.loads(write(figures, {"rounds": 3}, START, tmp_path / "kept").read_text())
    assert [(one["key"], one["reached"]) for one in kept["figures"]] == [
        ("form.rate", "missed"),
        ("register.sql", ""),
    ]
    assert kept["options"] == {"rounds": 3}
    assert set(TARGETS) >= {"form.rate", "save.rate", "matrix.rate", "enrol.sql", "dashboard.ms"}


def test_what_stands_in_a_form_is_read_as_a_browser_posts_it() -> None:
    content = (
        b'<form><input name="a" value="0"></form><form id="crf"><input name="a" value="1"><input type="radio" name="b" value="N">'
        b'<input type="radio" name="b" value="Y" checked><textarea name="c">x\ny</textarea>'
        b'<select name="d"><option value=""></option><option value="Z" selected>z</option></select>'
        b'<input type="checkbox" name="e" value="1" checked><input type="checkbox" name="e" value="2" checked>'
        b'</form><form id="other"><input name="a" value="2"></form>'
    )
    assert Typed(content).values == {"a": ["1"], "b": ["Y"], "c": ["x\ny"], "d": ["Z"], "e": ["1", "2"]}


@pytest.mark.usefixtures("own_database")
def test_copies_are_whole_and_take_no_place_of_others() -> None:
    site, copies = make_site("01"), make_site("11")
    coordinator = make_person("coordinator", Role.COORDINATOR, site)
    RoleHeld.objects.create(user=coordinator, role=Role.COORDINATOR, site=copies, starts_on=START.date())
    by = actor(coordinator, Permission.ENTER_DATA, site)
    clock.move_to(START)
    first, second = (make_participant(site, by, initials=initials) for initials in ("AB", "CD"))
    send(at_the_desk(coordinator), form_address(first, "LB"), {"hemyn": "Y", "wbc": "5.2"})
    statements = copying([first.pk, second.pk], 4)
    name = connection.settings_dict["NAME"]
    connection.close()
    as_superuser(*statements, database=str(name))

    found = list(Participant.objects.filter(site=copies).values_list("number", "initials"))
    assert found == [("11-001", "AB"), ("11-002", "CD"), ("11-003", "AB"), ("11-004", "CD")]
    assert Visit.objects.filter(participant__site=copies, code="SCR").count() == 4
    client = at_the_desk(coordinator)
    for copy in Participant.objects.filter(initials="AB"):
        assert b'value="5.20"' in client.get(form_address(copy, "LB")).content
        # The trail of a copy tells of the copy's own rows.
        form = Laboratory.objects.get(participant=copy)
        [began] = TrailEntry.objects.filter(relation="eligibility_laboratory", record_id=str(form.pk))
        assert began.participant_id == copy.pk
        for column, key in (("id", form.pk), ("visit_id", form.visit_id), ("participant_id", copy.pk)):
            assert began.changes[column] == [None, key]
        assert began.changes["wbc"] == [None, 5.2]
    next_one = make_participant(copies, actor(coordinator, Permission.ENTER_DATA, copies))
    assert next_one.number == "11-005"


@pytest.mark.slow
def test_a_tiny_run_counts_what_an_enrolment_asks(tmp_path: Path) -> None:
    # On servers of its own: a bench fills the first database of the server it is given.
    services = [sys.executable, "-m", "trial_edc.launcher", "services", "--for-tests", "--"]
    measured = [sys.executable, "-m", "bench", "--quick", "--only", "enrol", "--into", str(tmp_path)]
    own = {name: value for name, value in os.environ.items() if name not in OF_THE_TEST_RUN}
    done = subprocess.run(
        services + measured,
        cwd=settings.BASE_DIR,
        env={**own, "STATIC_ROOT": str(tmp_path / "static")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "assign an arm and plan" in done.stdout
    (kept,) = tmp_path.glob("*.json")
    assert {one["key"] for one in json.loads(kept.read_text())["figures"]} == {"enrol.sql", "register.sql"}

"""A review of the trail: what its figures count, and that completing it is a recorded act."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.access import SYSTEM, Access, Actor, Permission
from accounts.attribution import attributed
from accounts.models import Role, User
from audit import kinds
from audit.actions import complete_review
from audit.models import TrailReview
from audit.reviewing import Figures, Limits, figures
from audit.selectors import Scope
from exports import actions as exports
from participants.models import Demographics, MedicalHistory
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from records.zone import TRIAL_ZONE
from tests.audit.conftest import Scene
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person

EVERYTHING = Scope(None)
LIMITS = Limits(day_from=0, day_to=24, bulk_changes=5, bulk_minutes=240, late_hours=48)


def look(scope: Scope = EVERYTHING, **limits: int) -> Figures:
    today = clock.day(clock.real_now())
    return figures(
        scope=scope,
        from_day=str(today - timedelta(days=1)),
        to_day=str(today + timedelta(days=1)),
        limits=Limits(**{**{name: getattr(LIMITS, name) for name in Limits.__slots__}, **limits}),
    )


def submit(scene: Scene) -> None:
    with attributed(scene.by[0]):
        MedicalHistory.objects.filter(pk=scene.history.pk).update(
            state="SUBMITTED", submitted_at=START, submitted_by=scene.coordinators[0]
        )


@pytest.mark.line("A9")
def test_work_outside_the_working_day_is_counted_by_person(scene: Scene) -> None:
    assert look().odd_hours == []
    hour = TrailEntry.objects.latest("id").at.astimezone(TRIAL_ZONE).hour
    lines = look(day_to=0 if hour < 1 else hour).odd_hours
    assert {line.words for line in lines} >= {"Coordinator01", "Coordinator02"}
    own = TrailEntry.objects.filter(person_id=scene.coordinators[0].pk).count()
    assert next(line.count for line in lines if line.words == "Coordinator01") <= own


@pytest.mark.parametrize(("changes", "seen"), [(4, []), (5, [5])])
def test_many_changes_within_minutes_are_bulk_from_the_limit_on(
    changes: int, seen: list[int], scene: Scene
) -> None:
    for number in range(changes):
        scene.change("NY"[number % 2])
    assert [line.count for line in look().bulk] == seen


def test_only_changes_after_submission_count_for_the_rates(scene: Scene) -> None:
    scene.change("N")
    assert (look().changes, look().sites, look().fields) == (0, [], [])
    submit(scene)
    assert look().changes == 0
    scene.change("Y")
    scene.change("N")
    found = look()
    assert found.changes == 2
    (site,) = found.sites
    assert (site.words, site.count) == ("01", 2)
    forms_submitted = (
        MedicalHistory.objects.filter(state="SUBMITTED").count()
        + Demographics.objects.filter(participant__site__code="01", state="SUBMITTED").count()
    )
    assert site.note == f"{200 // forms_submitted} per 100 forms submitted ({forms_submitted})"
    (field,) = found.fields
    assert (field.count, field.critical, field.asked.field) == (2, False, "cirrh")


@pytest.mark.line("O2")
def test_late_changes_are_those_before_an_export_or_after_a_freeze(
    scene: Scene, data_manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(scene)
    for number in range(5):
        scene.change("NY"[number % 2])
    assert look().late == []
    access = Access.of(data_manager, date(2026, 9, 1))
    by = access.actor(Permission.EXPORT, None)
    job = exports.request_export(access=access, sites=None, historical=False, by=by, now=START)
    assert look().late == []
    exports.begin(job_id=job.pk, by=SYSTEM, now=START)
    (line,) = look().late
    assert (line.words, line.count) == ("Coordinator01", 5)
    assert "0 after a freeze, 5 before an export" in line.note
    # Any table of this kind holds: here one that exists in every trial.
    monkeypatch.setattr(
        kinds, "tables",
        lambda: {**ALL_TABLES, "participants_participantstatus": FROZEN},
    )  # fmt: skip
    (line,) = look().late
    assert "5 after a freeze" in line.note


ALL_TABLES = kinds.tables()
FROZEN = kinds.Table(
    ALL_TABLES["participants_participantstatus"].model,
    kinds.Kind.HOLDS,
    ALL_TABLES["participants_participantstatus"].title,
)


def test_a_change_that_names_nobody_is_counted(scene: Scene) -> None:
    before = look().unattributed
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('trail.context', '', true)")
        cursor.execute("UPDATE participants_medicalhistory SET cirrh = 'N'")
    assert look().unattributed == before + 1


def test_a_scope_of_sites_sees_its_own_participants_alone(scene: Scene) -> None:
    submit(scene)
    scene.change("N")
    assert look(Scope((scene.sites[1].pk,))).changes == 0
    one = look(Scope((scene.sites[0].pk,)))
    assert one.changes == 1
    assert one.entries < look().entries


def test_the_figures_take_a_fixed_number_of_questions(scene: Scene) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            look()
        return len(captured)

    submit(scene)
    before = questions()
    for number in range(20):
        scene.change("NY"[number % 2])
    assert questions() == before <= 10


def manager(data_manager: User) -> Actor:
    return Access.of(data_manager, date(2026, 9, 1)).actor(Permission.REVIEW_TRAIL, None)


def completed(author: Actor, **changed: Any) -> TrailReview:
    facts: dict[str, Any] = {
        "from_day": date(2026, 9, 1),
        "to_day": date(2026, 9, 30),
        "site_ids": None,
        "figures": {"entries": 7},
        "findings": "Nothing to follow up.",
        "by": author,
        "now": START,
    }
    return complete_review(**{**facts, **changed})


def test_a_review_is_kept_with_who_when_what_and_the_figures(scene: Scene, data_manager: User) -> None:
    done = completed(manager(data_manager))
    assert (done.reviewed_by, done.reviewed_at, done.figures) == (data_manager, START, {"entries": 7})
    entry = TrailEntry.objects.get(relation="audit_trailreview")
    assert (entry.person_id, entry.role) == (data_manager.pk, "DATA_MANAGER")
    for statement in ("UPDATE audit_trailreview SET findings = 'x'", "DELETE FROM audit_trailreview"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "changed", [{"findings": "  "}, {"from_day": date(2026, 10, 1)}, {"by": SYSTEM}], ids=str
)
def test_a_review_that_makes_no_sense_is_refused(
    changed: dict[str, Any], scene: Scene, data_manager: User
) -> None:
    with pytest.raises(Refused):
        completed(manager(data_manager), **changed)
    assert not TrailReview.objects.exists()


@pytest.mark.parametrize("changed", [{"findings": ""}, {"from_day": date(2026, 10, 1)}], ids=str)
def test_the_database_refuses_it_too(changed: dict[str, Any], data_manager: User) -> None:
    facts: dict[str, Any] = {
        "reviewed_at": START, "reviewed_by": data_manager, "reviewed_as": "DATA_MANAGER",
        "from_day": date(2026, 9, 1), "to_day": date(2026, 9, 30), "figures": {}, "findings": "x",
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        TrailReview.objects.create(**{**facts, **changed})


@pytest.mark.line("A9")
def test_a_review_is_completed_on_its_page(scene: Scene, data_manager: User) -> None:
    submit(scene)
    scene.change("N")
    desk = at_the_desk(data_manager)
    today = clock.day(clock.real_now())
    period = {"from_day": str(today - timedelta(days=1)), "to_day": str(today + timedelta(days=1))}
    shown = Page(desk.get("/trail/review/", period))
    assert "1 answer changed after submission." in shown.text
    assert desk.post("/trail/review/", {**period, "findings": " "}).status_code == 422
    answer = desk.post("/trail/review/", {**period, "findings": "One correction, with its source."})
    assert answer.status_code == 302
    done = TrailReview.objects.get()
    assert done.figures["changes_after_submission"] == 1
    assert done.site_ids == []
    assert "One correction, with its source." in Page(desk.get("/trail/review/")).text


@pytest.mark.parametrize(
    "period", [{"from_day": "x", "to_day": "y"}, {"from_day": "2026-09-02", "to_day": "2026-09-01"}]
)
def test_a_period_that_cannot_be_read_is_said(
    period: dict[str, str], at_start: None, data_manager: User
) -> None:
    assert at_the_desk(data_manager).get("/trail/review/", period).status_code == 422


def test_a_data_manager_of_one_site_sees_reviews_of_it_alone(scene: Scene, data_manager: User) -> None:
    completed(manager(data_manager), findings="of every site")
    completed(manager(data_manager), findings="of the second", site_ids=(scene.sites[1].pk,))
    completed(manager(data_manager), findings="of the first", site_ids=(scene.sites[0].pk,))
    text = Page(at_the_desk(make_person("dm1", Role.DATA_MANAGER, scene.sites[0])).get("/trail/review/")).text
    assert "of the first" in text
    assert "of the second" not in text
    assert "of every site" not in text

"""An import from its upload to what is stored: dry run, order, run; and everything that keeps it from being stored."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from accounts.access import SYSTEM, Access, Permission
from accounts.models import Role, RoleHeld
from eligibility.models import VitalSigns
from imports import actions
from imports.actions import SIGN_OF_LIFE
from imports.mapping import Column, Mapping, VisitBy, read
from imports.policies import file_of
from imports.running import run
from imports.selectors import jobs_for, remembered, saved_mappings
from imports.workflow import ImportState, Outcome
from monitoring.actions.holds import hold
from monitoring.extents import Extent
from monitoring.models import CheckFiring
from monitoring.trust import HoldState
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from records.sign_of_life import sign_of_life
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.imports.desk import VITALS, Desk, again, csv_bytes, results, sentences
from tests.imports.test_reading import workbook
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import VITAL_SIGNS

HEAD = ["participant", "visit", "weight", "height"]


def test_a_row_becomes_a_form_and_its_origin_stands_in_the_trail(desk: Desk) -> None:
    job = desk.checked([HEAD, ["01-001", "SCR", "61.5", "170"]])
    assert (job.status, job.counts) == (
        ImportState.CHECKED,
        {"NEW": 1, "CHANGED": 0, "SAME": 0, "REFUSED": 0},
    )
    assert not VitalSigns.objects.exists()
    [row] = results(job)
    assert [(one["item"], one["old"], one["new"]) for one in row.changes] == [
        ("height", "", "170"),
        ("weight", "", "61.5"),
    ]
    run(desk.ordered(job).pk)
    assert again(job).status == ImportState.DONE
    record = VitalSigns.objects.get()
    assert (record.weight, record.height, record.state, record.entered_by) == (
        Decimal("61.5"),
        Decimal(170),
        "DRAFT",
        desk.manager,
    )
    entry = TrailEntry.objects.get(relation="eligibility_vitalsigns")
    assert entry.reason == f"Import {job.pk}, row 2. From the hospital's system"
    assert (entry.person_id, entry.role, entry.site_id) == (desk.manager.pk, "DATA_MANAGER", desk.site.pk)


def test_a_month_in_a_number_cell_of_a_workbook_is_refused_and_as_text_taken(
    desk: Desk, tmp_path: Path
) -> None:
    rows = [
        ["participant", "visit", "n", "start"],
        *(
            ["01-001", "LOG", number, start]
            for number, start in enumerate(("2025.10", 2025, 2025.10), start=1)
        ),
    ]
    events = Mapping(
        form="AE", participant="participant", visit_by=VisitBy.CODE, visit="visit", repeat="n",
        columns=(Column("start", "aestdtc"),),
    )  # fmt: skip
    job = desk.checked(workbook(tmp_path / "a", rows).read_bytes(), events)
    found = [[one["new"] for one in row.changes if one["item"] == "aestdtc"] for row in results(job)]
    assert found == [["2025-10"], ["2025"], []]
    assert [row.outcome for row in results(job)] == [Outcome.NEW, Outcome.NEW, Outcome.REFUSED]
    assert sentences(job)[4] == [
        "A number of Excel cannot tell 2026.1 from 2026.10: type the date as text, for example 2026-10."
    ]


# -- what is there stays ---------------------------------------------------------------------------------


def test_a_blank_cell_leaves_what_is_stored_unless_asked(desk: Desk) -> None:
    desk.stored([HEAD, ["01-001", "SCR", "61.5", "170"]])
    rows = [HEAD, ["01-001", "SCR", "62", ""]]
    desk.stored(rows)
    assert VitalSigns.objects.values_list("weight", "height").get() == (Decimal(62), Decimal(170))
    job = desk.checked(rows, blank_clears=True)
    assert [(one["item"], one["old"], one["new"]) for one in results(job)[0].changes] == [
        ("height", "170.0", "")
    ]
    run(desk.ordered(job).pk)
    assert VitalSigns.objects.values_list("weight", "height").get() == (Decimal(62), None)


def test_the_same_file_again_changes_nothing_and_cannot_be_ordered(desk: Desk) -> None:
    rows = [HEAD, ["01-001", "SCR", "61.5", "170"]]
    desk.stored(rows)
    before = TrailEntry.objects.filter(relation="eligibility_vitalsigns").count()
    job = desk.checked(rows)
    assert job.counts["SAME"] == 1
    with pytest.raises(Refused, match="differs"):
        desk.ordered(job)
    assert TrailEntry.objects.filter(relation="eligibility_vitalsigns").count() == before


def test_what_every_row_answers_is_put_only_where_nothing_is_answered(desk: Desk) -> None:
    desk.stored([HEAD, ["01-001", "SCR", "61.5", "170"]], fixed={"ecog": "1"})
    assert VitalSigns.objects.get().ecog == "1"
    desk.stored([HEAD, ["01-001", "SCR", "61", "170"]], fixed={"ecog": "0"})
    assert VitalSigns.objects.get().ecog == "1"


def test_a_submitted_form_is_corrected_with_the_reason_and_its_signature_rules(desk: Desk) -> None:
    walked = fill(desk.participant, "VS", VITAL_SIGNS, by=desk.enters, now=START)
    job = desk.stored([HEAD, ["01-001", "SCR", "64.5", ""]])
    record = VitalSigns.objects.get()
    assert (record.state, record.weight, record.revision) == (
        "SUBMITTED",
        Decimal("64.5"),
        walked.revision + 1,
    )
    entry = TrailEntry.objects.filter(relation="eligibility_vitalsigns").latest("id")
    assert entry.reason.startswith(f"Import {job.pk}, row 2.")
    assert entry.changes["weight"][1] == 64.5


# -- what is refused -------------------------------------------------------------------------------------


def test_every_problem_is_said_at_its_row_and_column_and_nothing_is_stored(desk: Desk) -> None:
    other = make_participant(desk.site, desk.enters, initials="WL")
    job = desk.checked(
        [
            HEAD,
            ["01-001", "SCR", "6l.5", "170"],
            ["01-009", "SCR", "61", "170"],
            ["01-001", "NR-1", "61", "170"],
            ["", "SCR", "61", "170"],
            [other.number, "SCR", "900", "170"],
            ["01-001", "SCR", "61", "170", "more"],
        ]
    )
    said = {row.number: row.findings[0] for row in results(job)}
    assert job.counts["REFUSED"] == 6
    assert (said[2]["heading"], said[2]["item"]) == ("weight", "weight")
    assert said[2]["en"].startswith("Write a number with a point")
    assert (said[3]["heading"], said[3]["en"][:42]) == (
        "participant",
        "No participant of this site is called “01-",
    )
    assert said[4]["heading"] == "visit" and "no visit “NR-1”" in said[4]["en"]
    assert said[5]["en"] == "The row names no participant."
    assert (said[6]["heading"], said[6]["kind"]) == ("weight", "VS.weight")
    assert "is not possible" in said[6]["en"]
    assert said[7]["en"].startswith("The row has 5 cells")
    with pytest.raises(Refused, match="6 rows are refused"):
        desk.ordered(job)
    assert not VitalSigns.objects.exists()


def test_two_rows_about_the_same_record_are_refused(desk: Desk) -> None:
    job = desk.checked([HEAD, ["01-001", "SCR", "61", ""], ["01-001", "SCR", "62", ""]])
    assert [row.outcome for row in results(job)] == [Outcome.NEW, Outcome.REFUSED]
    assert sentences(job)[3][0].startswith("Row 2 of this file is about the same record.")


def test_a_locked_form_refuses_the_row(desk: Desk) -> None:
    by = actor(desk.manager, Permission.LOCK, desk.site)
    extent = Extent.of_participant(desk.participant)
    hold(extent=extent, to=HoldState.LOCKED, by=by, now=START)
    job = desk.checked([HEAD, ["01-001", "SCR", "61", ""]])
    assert sentences(job)[2] == [
        "The participant is locked: nothing is changed any more. A data manager can unlock it."
    ]


def test_what_a_check_asks_about_is_confirmed_with_one_word_for_its_kind(desk: Desk) -> None:
    other = make_participant(desk.site, desk.enters, initials="WL")
    fixed = {**{name: str(value) for name, value in VITAL_SIGNS.items()}, "weight": "", "height": ""}
    rows = [HEAD, ["01-001", "SCR", "130", "170"], [other.number, "SCR", "140", "170"]]
    job = desk.checked(rows, submit=True, fixed=fixed)
    assert sentences(job).keys() == {2, 3}, sentences(job)
    assert {kind: about["count"] for kind, about in job.asked.items()} == {"VS.weight": 2, "VS.bsa": 2}
    with pytest.raises(Refused, match="Write a word"):
        desk.ordered(job, **{"VS.weight": "Weighed twice"})
    run(desk.ordered(job, **{"VS.weight": "Weighed twice", "VS.bsa": "By that weight"}).pk)
    assert again(job).status == ImportState.DONE
    for record in VitalSigns.objects.all():
        assert (record.state, record.confirmed) == (
            "SUBMITTED",
            {"weight": "Weighed twice", "bsa": "By that weight"},
        )
    assert CheckFiring.objects.filter(check_id="VS.weight", state="CONFIRMED").count() == 2


# -- all or nothing --------------------------------------------------------------------------------------


def test_a_change_since_the_dry_run_stops_all_of_it(desk: Desk) -> None:
    other = make_participant(desk.site, desk.enters, initials="WL")
    rows = [HEAD, ["01-001", "SCR", "61", "170"], [other.number, "SCR", "62", "171"]]
    job = desk.ordered(desk.checked(rows))
    fill(other, "VS", {"weight": 60}, by=desk.enters, now=START, submit=False)
    run(job.pk)
    job = again(job)
    assert (job.status, job.changed_row) == (ImportState.OUTDATED, 3)
    assert VitalSigns.objects.values_list("participant__number").get() == (other.number,)
    job = desk.check_again(job, read(job.mapping or {}))
    assert job.counts == {"NEW": 1, "CHANGED": 1, "SAME": 0, "REFUSED": 0}
    run(desk.ordered(job).pk)
    assert again(job).status == ImportState.DONE
    assert VitalSigns.objects.get(participant=other).weight == 62


def test_results_that_were_tampered_with_are_not_stored(desk: Desk) -> None:
    job = desk.ordered(desk.checked([HEAD, ["01-001", "SCR", "61", "170"]]))
    [row] = results(job)
    row.changes[0]["new"] = "171"
    job.results.all().delete()
    row.save(force_insert=True)
    run(job.pk)
    assert again(job).status == ImportState.OUTDATED
    assert not VitalSigns.objects.exists()


def test_a_worker_lost_in_the_middle_stores_nothing_and_the_next_stores_it_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_participant(desk.site, desk.enters, initials="WL")
    rows = [HEAD, ["01-001", "SCR", "61", "170"], [other.number, "SCR", "62", "171"]]
    job = desk.ordered(desk.checked(rows))

    def lost(**_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(actions, "finish_run", lost)
        with pytest.raises(KeyboardInterrupt):
            run(job.pk)
    assert (again(job).status, VitalSigns.objects.count()) == (ImportState.RUNNING, 0)
    assert actions.take_up_again(by=SYSTEM, now=START) == [job.pk]
    assert again(job).status == ImportState.ORDERED
    run(job.pk)
    run(job.pk)
    assert (again(job).status, again(job).attempts, VitalSigns.objects.count()) == (ImportState.DONE, 2, 2)


def test_what_keeps_losing_its_worker_fails_in_the_end(desk: Desk) -> None:
    job = desk.upload([HEAD, ["01-001", "SCR", "61", "170"]])
    actions.assign_columns(job_id=job.pk, mapping=VITALS, save_as="", by=desk.by, now=START)
    for _attempt in range(actions.MOST_ATTEMPTS):
        assert actions.begin_work(job_id=job.pk, by=SYSTEM, now=START) is not None
    run(job.pk)
    assert (again(job).status, again(job).failure) == (ImportState.FAILED, "ATTEMPTS")


def test_another_workers_job_is_left_alone(desk: Desk) -> None:
    job = desk.upload([HEAD, ["01-001", "SCR", "61", "170"]])
    actions.assign_columns(job_id=job.pk, mapping=VITALS, save_as="", by=desk.by, now=START)
    with sign_of_life(SIGN_OF_LIFE, job.pk) as other:
        assert other is not None
        run(job.pk)
        assert again(job).status == ImportState.QUEUED
        actions.begin_work(job_id=job.pk, by=SYSTEM, now=START)
        assert actions.take_up_again(by=SYSTEM, now=START) == []


def test_a_cancelled_import_is_not_stored_and_what_is_stored_cannot_be_cancelled(desk: Desk) -> None:
    job = desk.ordered(desk.checked([HEAD, ["01-001", "SCR", "61", "170"]]))
    actions.cancel(job_id=job.pk, by=desk.by, now=START)
    run(job.pk)
    assert (again(job).status, VitalSigns.objects.count()) == (ImportState.CANCELLED, 0)
    done = desk.stored([HEAD, ["01-001", "SCR", "61", "170"]])
    with pytest.raises(Refused, match="cannot become"):
        actions.cancel(job_id=done.pk, by=desk.by, now=START)


def test_a_file_that_is_not_the_one_uploaded_is_not_read(desk: Desk) -> None:
    job = desk.upload([HEAD, ["01-001", "SCR", "61", "170"]])
    actions.assign_columns(job_id=job.pk, mapping=VITALS, save_as="", by=desk.by, now=START)
    file_of(job.key).write_bytes(csv_bytes([HEAD, ["01-001", "SCR", "99", "170"]]))
    run(job.pk)
    assert (again(job).status, again(job).failure) == (ImportState.FAILED, "FILE")


def test_who_lost_the_right_meanwhile_stores_nothing(desk: Desk) -> None:
    job = desk.ordered(desk.checked([HEAD, ["01-001", "SCR", "61", "170"]]))
    RoleHeld.objects.filter(user=desk.manager).update(ends_on=START.date() - timedelta(days=1))
    run(job.pk)
    assert (again(job).status, again(job).failure) == (ImportState.FAILED, "RIGHTS")
    assert not VitalSigns.objects.exists()


def test_only_who_may_import_at_the_site_uploads(desk: Desk) -> None:
    elsewhere = make_site("02")
    person = make_person("manager02", Role.DATA_MANAGER, elsewhere)
    access = Access.of(person, START.date())
    with pytest.raises(PermissionDenied):
        actions.upload(access=access, site=desk.site, form="VS", chunks=[b"a,b\n1,2\n"], now=START)
    job = desk.upload([HEAD, ["01-001", "SCR", "61", "170"]])
    assert not jobs_for(access).filter(pk=job.pk).exists()
    assert jobs_for(desk.access).filter(pk=job.pk).exists()


def test_files_of_which_nothing_was_stored_go_after_a_while(desk: Desk) -> None:
    stored = desk.stored([HEAD, ["01-001", "SCR", "61", "170"]])
    left = desk.upload([HEAD, ["01-001", "SCR", "62", "170"]])
    late = clock.now() + timedelta(days=91)
    assert actions.remove_old_files(kept_for=timedelta(days=90), by=SYSTEM, now=START) == 0
    assert actions.remove_old_files(kept_for=timedelta(days=90), by=SYSTEM, now=late) == 1
    assert (file_of(stored.key).exists(), file_of(left.key).exists()) == (True, False)
    with pytest.raises(Refused, match="no longer kept"):
        actions.assign_columns(job_id=left.pk, mapping=VITALS, save_as="", by=desk.by, now=START)


def test_columns_are_remembered_for_the_site_and_the_headings(desk: Desk) -> None:
    job = desk.upload([HEAD, ["01-001", "SCR", "61", "170"]])
    desk.check_again(job, VITALS, save_as="Ward")
    saved = saved_mappings(desk.site.pk, "VS")
    found = remembered(saved, HEAD)
    assert found is not None and read(found.mapping) == VITALS
    assert remembered(saved, HEAD[::-1]) is None
    assert saved_mappings(make_site("02").pk, "VS") == []

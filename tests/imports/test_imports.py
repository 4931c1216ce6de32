"""An import from its upload to what is stored: dry run, order, run; and everything that keeps it from being stored."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eligibility.models import VitalSigns
from imports.running import run
from imports.workflow import ImportState, Outcome
from records.models import TrailEntry
from tests.imports.desk import Desk, again, results, sentences

HEAD = ["participant", "visit", "weight", "height"]


def test_a_row_becomes_a_form_and_its_origin_stands_in_the_trail(desk: Desk) -> None:
    job = desk.checked([HEAD, ["01-001", "SCR", "61.5", "170"]])
    assert (job.status, job.counts) == (ImportState.CHECKED, {"NEW": 1, "CHANGED": 0, "SAME": 0, "REFUSED": 0})
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

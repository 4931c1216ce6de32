"""Enrolment: registering a participant, and assigning an arm, which plans the visits."""

from __future__ import annotations

from datetime import timedelta

from bench import trial
from bench.browser import Typed
from bench.report import Figure
from bench.run import FORMS_FOR_ENROLMENT, Run
from participants.models import Participant, Visit
from records import clock
from trial_edc.demo import walks
from trial_edc.demo.story import OPENS_AT, teams


def enrol(run: Run) -> list[Figure]:
    """Count what one registration and one assignment ask of the database, as posted from their pages."""
    trial.use(trial.BASE)
    people = Participant.objects.filter(site__code="01").order_by("-number")
    first, second, *_rest = people[:FORMS_FOR_ENROLMENT]
    desk = trial.client("investigator")
    registered = [
        trial.statements(lambda: desk.post("/participants/new/", _registration(minute)), 302)  # noqa: B023
        for minute in (1, 2)
    ]
    assigned = []
    for person in (first, second):
        path = trial.address(person, "ARM")
        posted = Typed(desk.get(path).content).values
        answers = {**posted, **walks.ASSIGNMENT, **ASSIGNED, "action": "submit"}
        assigned.append(trial.statements(lambda: desk.post(path, answers), 302))  # noqa: B023
    planned = Visit.objects.filter(participant=second).count()
    return [
        Figure(
            "enrol.sql",
            f"assign an arm and plan {planned} visits, SQL",
            str(assigned[-1]),
            assigned[-1],
        ),
        Figure("register.sql", "register a participant, SQL", str(registered[-1]), registered[-1]),
    ]


DECIDED = clock.day(OPENS_AT - timedelta(days=54)).isoformat()
ASSIGNED = {"mdtdtc": DECIDED, "armcd": "Y90", "armdtc": DECIDED}


def _registration(minute: int) -> dict[str, str | int]:
    return {
        "site": teams()["01"].site.pk,
        "initials": "AB",
        "consent_signed_at": f"{clock.day(OPENS_AT - timedelta(days=1))} 10:0{minute}",
        "consent_version": "1.0",
        "consent_signer": "SUBJECT",
        "copy_given": "Y",
    }

"""Visits and forms of a participant read in one query are the same as read one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from accounts.access import Actor
from participants.models import CaseReportForm, Demographics, MedicalHistory, Participant, Visit, VisitHeader
from participants.selectors import case_forms_of
from records.definition import forms
from tests.cast import make_participant
from trial_edc.demo.walks import walk_to_screened


def as_stored(record: Any) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


@pytest.fixture
def screened(participant: Participant, by_coordinator: Actor, at_start: datetime) -> Participant:
    return walk_to_screened(participant, by=by_coordinator, now=at_start)


def test_every_answer_is_read_as_django_reads_it(
    screened: Participant, by_coordinator: Actor, django_assert_num_queries: Any
) -> None:
    walk_to_screened(
        make_participant(screened.site, by_coordinator, initials="AB"),
        by=by_coordinator,
        now=screened.registered_at,
    )
    models = [model for model in forms().values() if issubclass(model, CaseReportForm)]
    with django_assert_num_queries(1):
        book = case_forms_of(screened, models)
    read = 0
    for model in models:
        one_by_one = list(model._default_manager.filter(participant=screened).order_by("pk"))
        found = sorted(book.of(model), key=lambda record: record.pk)
        assert [as_stored(record) for record in found] == [as_stored(record) for record in one_by_one]
        assert [type(value) for record in found for value in as_stored(record).values()] == [
            type(value) for record in one_by_one for value in as_stored(record).values()
        ]
        read += len(found)
    assert read >= 7


def test_visits_come_with_it_and_nothing_is_asked_again(
    screened: Participant, django_assert_num_queries: Any
) -> None:
    book = case_forms_of(screened, (Demographics, MedicalHistory, VisitHeader))
    with django_assert_num_queries(0):
        record = book.last(Demographics)
        assert record is not None
        assert (record.visit.code, record.participant.number) == ("SCR", screened.number)
        assert book.visit("SCR") is record.visit
        assert book.visit("H-C1") is None
    assert [visit.pk for visit in book.visits] == list(
        Visit.objects.filter(participant=screened).order_by("position").values_list("pk", flat=True)
    )
    with pytest.raises(KeyError):
        book.of(next(model for code, model in forms().items() if code == "VS"))  # type: ignore[type-var]

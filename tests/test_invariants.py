"""What holds for every model, page and form, so that a new one has to declare itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from records import events
from records.conditions import ALWAYS, NEVER
from records.definition import forms, row_groups
from records.install import OUTSIDE_TRAIL, installed_models, is_audited, label_of
from records.items import items_of
from trial_edc import wiring

ROOMS = [
    "accounts",
    "records",
    "participants",
    "eligibility",
    "arms",
    "followup",
    "diary",
    "safety",
    "monitoring",
    "casebook",
    "audit",
    "dashboards",
    "exports",
    "imports",
]
MODELS = installed_models()
OWN_MODELS = [model for model in MODELS if model._meta.app_label in ROOMS]


def patterns(resolver: URLResolver | None = None, above: str = "") -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, above + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield above + str(entry.pattern), entry.callback


@pytest.mark.parametrize(
    ("address", "view"), list(patterns()), ids=[address or "/" for address, _view in patterns()]
)
def test_every_page_says_who_may_open_it(address: str, view: Any) -> None:
    assert hasattr(view, "page_permission"), f"{address} is not declared with @page or @for_anyone_signed_in"


@pytest.mark.parametrize("model", OWN_MODELS, ids=label_of)
def test_foreign_keys_point_to_the_same_or_an_earlier_room(model: type[models.Model]) -> None:
    here = ROOMS.index(model._meta.app_label)
    later = [
        field.name
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and field.related_model._meta.app_label in ROOMS  # type: ignore[union-attr]
        and ROOMS.index(field.related_model._meta.app_label) > here  # type: ignore[union-attr]
    ]
    assert later == []


@pytest.mark.parametrize("model", OWN_MODELS, ids=label_of)
def test_a_moment_is_never_stored_without_its_person(model: type[models.Model]) -> None:
    names = {field.name for field in model._meta.get_fields()}
    if "outside_trail" in vars(model) or label_of(model) in OUTSIDE_TRAIL:
        return
    unpaired = {
        name for name in names if name.endswith("_at") and name.removesuffix("_at") + "_by" not in names
    }
    assert unpaired == MACHINE_MOMENTS.get(label_of(model), set())


# Moments that belong to a process, not to a person.
MACHINE_MOMENTS: dict[str, set[str]] = {
    "exports.ExportDefinition": {"scheduled_at"},
    "exports.ExportJob": {"removed_at"},
    "followup.ReminderMessage": {"gathered_at", "next_try_at", "bounced_at"},
    "followup.ReminderAttempt": {"started_at", "handed_over_at", "finished_at"},
}


def test_only_libraries_and_what_is_no_data_of_the_trial_stand_outside_the_trail() -> None:
    outside = {label_of(model) for model in MODELS if not is_audited(model)}
    assert outside - set(OUTSIDE_TRAIL) == {
        "casebook.CalendarFeedUse",
        "casebook.UnsavedEntry",
        "accounts.Session",
        "dashboards.Figures",
        "exports.ExportProgress",
        "monitoring.VisitToCount",
        "monitoring.VisitWork",
        "followup.Heartbeat",
        "imports.ImportProgress",
        "imports.ImportRow",
        "records.Seal",
        "safety.MeddraTerm",
        "safety.MeddraPath",
        "safety.RuleToJudge",
    }


@pytest.mark.line("C2")
@pytest.mark.parametrize("code", list(forms()))
def test_every_item_has_words_in_both_languages(code: str) -> None:
    for item in items_of(forms()[code]):
        assert item.label.en and item.label.zh, item.name
        assert item.label.zh != item.label.en or item.label.en.isupper() or not item.label.en.isalpha(), (
            item.name
        )
        for value, label in item.codes or ():
            assert label.en and label.zh, (item.name, value)
            assert len(value) <= 16, (item.name, value)


@pytest.mark.parametrize("code", list(forms()))
def test_conditions_name_items_or_known_context(code: str) -> None:
    model = forms()[code]
    known = {item.name for item in items_of(model)} | CONTEXT | OWN_CONTEXT.get(code, set())
    for item in items_of(model):
        for condition in (item.required, item.shown_when):
            if condition not in (ALWAYS, NEVER):
                assert set(condition.answers) <= known, item.name
    for rows in row_groups(model).values():
        inside = known | {item.name for item in items_of(rows)}
        for item in items_of(rows):
            for condition in (item.required, item.shown_when):
                if condition not in (ALWAYS, NEVER):
                    assert set(condition.answers) <= inside, item.name


CONTEXT = {"arm", "sex", "childpot", "visit_code", "series", "severe"}
# Words of their own context that conditions of single forms read.
OWN_CONTEXT = {
    "LB": {"site_labs", "virology", "hbv", "hcv", "hbsag_scr", "hcvab_scr"},
    "HAIC": {"gate", "later_cycle"},
    "SURG": {"cnlc"},
    "IMG": {"follow_up"},
    "RSP": {"resected"},
}


@pytest.mark.parametrize("code", list(forms()))
def test_hard_and_soft_ranges_are_in_order(code: str) -> None:
    for item in items_of(forms()[code]):
        for low, high in (item.hard, item.soft):
            assert low is None or high is None or low < high, item.name


def test_the_wiring_answers_only_known_events() -> None:
    assert set(wiring.SUBSCRIBERS) == set(events.EVENTS)


def test_the_expected_subscribers_are_there() -> None:
    table = {
        event.__name__: [f"{function.__module__}.{function.__name__}" for function in functions]
        for event, functions in wiring.SUBSCRIBERS.items()
    }
    guards = [f"{guard.__module__}.{guard.__name__}" for guard in wiring.GUARDS]
    assert "participants.actions.path.note_visit_progress" in table["Saved"]
    assert "participants.actions.path.close_visit" in table["Submitted"]
    assert "safety.actions.deviations.note_rules_to_judge" in table["Saved"]
    assert "safety.actions.deviations.note_rules_to_judge" in table["Deleted"]
    assert "participants.actions.path.refuse_after_the_end" in guards
    # Nobody enters what is held, and no change leaves a signature standing: before anything else is done.
    assert table["Saved"][0] == table["Deleted"][0] == "monitoring.actions.following.follow_change"
    assert guards[0] == "monitoring.policies.trust.refuse_held"

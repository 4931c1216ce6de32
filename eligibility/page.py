"""The eligibility page in words: one line a criterion, the scores with their points, what may be done and why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor
from eligibility import policies
from eligibility.cnlc import RecordI3
from eligibility.criteria_wording import WORDING
from eligibility.facts import Conclusion, CriterionResult, Outcome
from eligibility.laboratory_results import SERIOUS_GRADE
from eligibility.liver_function import ITEM_WORDS
from eligibility.models import EligibilityDecision
from eligibility.selectors import Assessment
from records.definition import forms, row_groups
from records.findings import Refused
from records.items import Item, items_of
from records.models import Row
from records.parsing import as_typed
from records.text import Text

CONCLUSIONS = {
    Conclusion.ELIGIBLE: (Text("Eligible by the data", "数据符合入组条件"), Outcome.PASS),
    Conclusion.INELIGIBLE: (Text("Not eligible by the data", "数据不符合入组条件"), Outcome.FAIL),
    Conclusion.PENDING: (Text("Open", "待定"), Outcome.UNKNOWN),
}
# Where each part of the Child-Pugh score is entered.
LIVER_ITEMS = (("LB", "tbil"), ("LB", "alb"), ("LB", "inr"), ("STG", "ascites"), ("STG", "enceph"))


def item_of(form: str, name: str) -> Item:
    item = forms()[form]._meta.get_field(name)
    assert isinstance(item, Item)
    return item


def rows_of(form: str, name: str) -> type[Row] | None:
    """The table of rows a criterion reads as a whole; None where it reads an item."""
    return row_groups(forms()[form]).get(name)


def label_of(form: str, name: str) -> Text:
    rows = rows_of(form, name)
    return rows.rows.title if rows else item_of(form, name).label


def address(assessment: Assessment, form: str, name: str) -> str:
    """Where an answer is entered; "" where there is no screening visit."""
    if assessment.visit is None:
        return ""
    return f"{reverse('casebook:entry', args=[assessment.visit.pk, form])}#id_{name}"


def shown(assessment: Assessment, form: str, name: str) -> str:
    """An answer as its form shows it, with its unit; "" where it is missing."""
    record = assessment.records[form]
    value = getattr(record, name, None)
    if value is None:
        return ""
    rows = rows_of(form, name)
    if rows:
        first = items_of(rows)[0]
        return "; ".join(first.display(getattr(row, first.name)) for row in value.all())
    item = item_of(form, name)
    words = as_typed(item, value) if isinstance(value, (datetime, Decimal)) else item.display(value)
    return f"{words} {getattr(record, f'{name}_u', None) or item.unit}".strip()


def criterion_rows(assessment: Assessment) -> list[dict[str, Any]]:
    """The 17 lines of the table, in the protocol's order."""
    return [
        {
            "id": one.id,
            "text": one.text,
            "data": one.value,
            "value_url": address(assessment, *_decisive(assessment, one)),
            "reason": one.reason,
            "verdict": one.outcome.value,
            "warnings": one.warnings,
            "stricter": one.id in assessment.stricter,
            "answers": _answers(assessment, one),
        }
        for one in assessment.results
    ]


def _answers(assessment: Assessment, result: CriterionResult) -> list[tuple[Text, str, str]]:
    """The answers an open or failed verdict rests on, each with its address; what is missing only where it is asked."""
    if result.outcome is Outcome.PASS or len(result.deciding) == 1:
        return []
    listed = [
        (label_of(form, name), shown(assessment, form, name), address(assessment, form, name))
        for form, name in result.deciding
        if _is_asked(assessment, form, name)
    ]
    return [one for one in listed if one[1] or result.outcome is Outcome.UNKNOWN]


def _is_asked(assessment: Assessment, form: str, name: str) -> bool:
    record = assessment.records[form]
    if record is None:
        return True
    person = assessment.facts
    severe = (getattr(assessment.records["LB"], "lbtoxgr", None) or 0) >= SERIOUS_GRADE or any(
        one.grade is not None and one.grade >= SERIOUS_GRADE for one in person.conditions or ()
    )
    values = {item.name: getattr(record, item.name) for item in items_of(type(record))}
    elsewhere = {
        "sex": person.sex,
        "childpot": person.childpot,
        "visit_code": "SCR",
        "severe": "Y" if severe else "N",
    }
    return bool(rows_of(form, name)) or item_of(form, name).applies({**elsewhere, **values})


def _decisive(assessment: Assessment, result: CriterionResult) -> tuple[str, str]:
    """The answer to look at: of an open criterion the first one missing, of any other the first."""
    if result.outcome is Outcome.UNKNOWN:
        for form, name in result.deciding:
            if getattr(assessment.records[form], name, None) is None and _is_asked(assessment, form, name):
                return form, name
    return result.deciding[0]


def kept_rows(decision: EligibilityDecision) -> list[dict[str, Any]]:
    """The lines as they stood when the decision was taken."""
    return [
        {
            "id": one["id"],
            "text": WORDING[one["id"]],
            "data": Text(**one["value"]),
            "reason": Text(**one["reason"]),
            "verdict": one["outcome"],
            "warnings": [Text(**words) for words in one["warnings"]],
            "stricter": one["stricter"],
        }
        for one in decision.snapshot["criteria"]
    ]


def conclusion(assessment: Assessment) -> dict[str, Any]:
    """The verdict over all criteria, and how many stand where."""
    words, verdict = CONCLUSIONS[assessment.conclusion]
    if assessment.stricter and assessment.conclusion is not Conclusion.INELIGIBLE:
        words, verdict = Text("Not eligible by the investigator", "研究者判定不符合入组"), Outcome.FAIL
    counts = [
        (outcome.value, sum(one.outcome is outcome for one in assessment.results)) for outcome in Outcome
    ]
    return {"words": words, "verdict": verdict.value, "counts": [one for one in counts if one[1]]}


def liver(assessment: Assessment) -> dict[str, Any] | None:
    """The Child-Pugh score by its parts; None before liver function is entered."""
    result = assessment.liver
    if result is None:
        return None
    staging = assessment.records["STG"]
    parts = zip(ITEM_WORDS, result.points, LIVER_ITEMS, strict=True)
    return {
        "rows": [
            (
                label_of(form, item),
                shown(assessment, form, item),
                points,
                address(assessment, form, item),
            )
            for _name, points, (form, item) in parts
        ],
        "score": result.score,
        "class": result.child_class,
        "reason": result.reason,
        "albi": None if staging is None or staging.albi is None else f"{staging.albi:.2f}",
        "albi_grade": shown(assessment, "STG", "albigr"),
    }


def stage(assessment: Assessment) -> dict[str, Any] | None:
    """The CNLC stage with reason and edition; says it where performance status alone excludes (C1)."""
    result = assessment.stage
    if result is None:
        return None
    note = ""
    ecog = assessment.facts.ecog
    if result.record_i3 is RecordI3.MET and ecog is not None and ecog > 1:
        note = _("Stage %(stage)s, yet not eligible: ECOG %(ecog)s.") % {"stage": result.stage, "ecog": ecog}
    return {
        "stage": result.stage.value,
        "reason": result.reason,
        "edition": result.edition,
        "wording": result.record_i3_reason,
        "note": note,
        "judged": shown(assessment, "STG", "cnlcinv"),
    }


def why_not(ask: Callable[[Assessment], None], assessment: Assessment, by: Actor | None) -> str:
    """The sentence beside a greyed-out button; "" where the decision can be taken. `by` None: a reader."""
    if by is None:
        return _("An investigator of this site decides on eligibility.")
    try:
        policies.ask_investigator(assessment.participant, by)
        ask(assessment)
    except Refused as refused:
        return str(refused.sentence)
    return ""

"""What participants were like at screening, and how and by whom their arm was chosen."""

from __future__ import annotations

from django.utils.translation import gettext as _

from arms.codelists import ARM_BASIS
from dashboards import selectors
from dashboards.cards import Ask, Card, Question, bars, distribution
from eligibility import codelists
from eligibility.models import Staging, VitalSigns
from participants.models import ARMS
from records.codelists import CodeList
from records.text import Text


def stage_label(code: str) -> str:
    """A CNLC stage in words of the active language."""
    return str(codelists.CNLC.label(code))


def stages(question: Question) -> Card:
    """CNLC stage at screening, by arm."""
    view = question.view
    counts = selectors.stages(view)
    groups: list[tuple[str, Text | str]] = (
        [(view.arm, ARMS[view.arm])] if view.arm else [*ARMS.items(), ("", _("No arm"))]
    )
    shown = [code for code in codelists.CNLC.values if any(counts[code, arm] for arm, _words in groups)]
    source = _("Submitted stagings of screening until %(day)s, %(where)s.") % {
        "day": question.today,
        "where": question.where,
    }
    if not shown:
        return Card(id="stages", finding=_("Nobody staged so far"), source=source)
    totals = {code: sum(counts[code, arm] for arm, _words in groups) for code in shown}
    most = max(shown, key=lambda code: totals[code])
    return Card(
        id="stages",
        finding=_("CNLC %(stage)s is the most frequent stage at screening, %(n)s of %(total)s")
        % {"stage": stage_label(most), "n": totals[most], "total": sum(totals.values())},
        data=bars(
            [stage_label(code) for code in shown],
            [(str(words), [counts[code, arm] for code in shown]) for arm, words in groups],
            stacked=True,
            y=_("participants"),
        ),
        alt=_("Participants by CNLC stage at screening, divided by arm; the numbers are in the table."),
        columns=[_("Stage"), *(str(words) for _arm, words in groups), _("Together")],
        rows=[
            (stage_label(code), *(counts[code, arm] for arm, _words in groups), totals[code])
            for code in shown
        ],
        source=source,
    )


CHILD_PUGH = Text("Child-Pugh class at screening", "筛选期Child-Pugh分级")
PERFORMANCE = Text("ECOG at screening", "筛选期ECOG评分")
BASIS = Text("What the choice of the arm rested on", "分组依据")
CHOOSERS = Text("Who submitted the assignment of the arm", "提交分组的研究者")
SCREENED = Text("Submitted forms of screening", "筛选期已提交表单")
ASSIGNMENTS = Text(
    "Submitted forms of arm assignment; nothing was randomised", "已提交的分组表；本研究为非随机分组"
)


def child_pugh(question: Question) -> Card:
    """Child-Pugh class at screening, by arm."""
    counts = selectors.at_screening(question.view, Staging, "cpcls")
    source = question.source(SCREENED)
    codes = codelists.CHILD_CLASS
    return distribution(
        "child-pugh", question, counts, codes, what=CHILD_PUGH, source=source, unassigned=True
    )


def ecog(question: Question) -> Card:
    """ECOG performance status at screening, by arm."""
    counts = selectors.at_screening(question.view, VitalSigns, "ecog")
    source = question.source(SCREENED)
    return distribution(
        "ecog", question, counts, codelists.ECOG, what=PERFORMANCE, source=source, unassigned=True
    )


def basis(question: Question) -> Card:
    """Why arms were chosen."""
    counts = selectors.arms_by_basis(question.view)
    return distribution(
        "arm-basis", question, counts, ARM_BASIS, what=BASIS, source=question.source(ASSIGNMENTS)
    )


def choosers(question: Question) -> Card:
    """Who chose arms, and how often which."""
    found = selectors.arms_by_person(question.view)
    counts = {(name, arm): number for name, arms in found.items() for arm, number in arms.items()}
    people = CodeList("PEOPLE", *((name, name, name) for name in sorted(found)))
    return distribution(
        "arm-choosers", question, counts, people, what=CHOOSERS, source=question.source(ASSIGNMENTS)
    )


CARDS: dict[str, Ask] = {
    "stages": stages,
    "child-pugh": child_pugh,
    "ecog": ecog,
    "arm-basis": basis,
    "arm-choosers": choosers,
}

"""The dashboard's cards of historical screening logs: patients who were never participants, and never counted."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboards.cards import Ask, Card, Question, bars, percent
from dashboards.choice import stage_label
from dashboards.enrolment import criteria_card, most_frequent_first
from eligibility import codelists


def _log_source() -> str:
    return _("Historical screening log: patients who were never participants, judged by the same rules.")


def log_screening(question: Question) -> Card:
    """How far the patients of the log would have come."""
    found = question.log
    if not found.entries:
        return Card(
            id="log-screening", finding=_("No historical screening log was imported"), source=_log_source()
        )
    steps = [
        (_("In the log"), found.entries),
        (_("Stage known"), found.staged),
        (_("Stage of the trial (I3)"), found.stage_included),
        (_("Of these, no criterion failed"), found.none_failed),
    ]
    return Card(
        id="log-screening",
        finding=_("%(n)s of %(total)s patients of the log fail no criterion (%(percent)s)")
        % {"n": found.pending, "total": found.entries, "percent": percent(found.pending, found.entries)},
        text=_("Nobody in the log consented, so nobody in it counts as eligible or enrolled."),
        data=bars(
            [words for words, _number in steps],
            [(_("Patients"), [number for _words, number in steps])],
            horizontal=True,
            x=_("patients"),
        ),
        alt=_("Patients of the log by how far they would have come; the numbers are in the table."),
        columns=[_("Step"), _("Patients"), _("Of the log")],
        rows=[(words, number, percent(number, found.entries)) for words, number in steps],
        source=_log_source(),
    )


def log_failures(question: Question) -> Card:
    """Which criteria the patients of the log fail."""
    counts = question.log.failing
    if not counts:
        return Card(id="log-failures", finding=_("No criterion failed in the log"), source=_log_source())
    (first, number), *_others = most_frequent_first(counts)
    return criteria_card(
        "log-failures",
        _("%(criterion)s fails most often in the log (%(n)s patients)") % {"criterion": first, "n": number},
        _("Patients of the log by the criteria they fail; the numbers are in the table."),
        counts,
        _log_source(),
    )


def log_stages(question: Question) -> Card:
    """CNLC stages in the log."""
    counts = question.log.stages
    shown = [code for code in codelists.CNLC.values if counts.get(code)]
    if not shown:
        return Card(id="log-stages", finding=_("Nobody staged so far"), source=_log_source())
    most = max(shown, key=lambda code: counts[code])
    return Card(
        id="log-stages",
        finding=_("CNLC %(stage)s is the most frequent stage in the log, %(n)s of %(total)s")
        % {"stage": stage_label(most), "n": counts[most], "total": sum(counts.values())},
        data=bars(
            [stage_label(code) for code in shown],
            [(_("Patients"), [counts[code] for code in shown])],
            y=_("patients"),
        ),
        alt=_("Patients of the log by CNLC stage; the numbers are in the table."),
        columns=[_("Stage"), _("Patients")],
        rows=[(stage_label(code), counts[code]) for code in shown],
        source=_log_source(),
    )


LOG: dict[str, Ask] = {
    "log-screening": log_screening,
    "log-stages": log_stages,
    "log-failures": log_failures,
}

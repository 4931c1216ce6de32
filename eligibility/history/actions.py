"""The verb of a screening log: bring its patients in as historical entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.attribution import action
from accounts.models import Role, Site
from eligibility.facts import Outcome
from eligibility.history.judging import EDITION, RULES, Judged
from eligibility.history.reading import Log
from eligibility.history.report import albi_stored, results_as_json
from eligibility.history.selectors import State, states_of
from eligibility.models.history import HistoricalEntry
from records.findings import Refused
from records.text import Text

NOT_A_DATA_MANAGER = Text(
    "Only trial administrators (data managers) of the site import a screening log.",
    "只有该研究中心的研究管理员（数据管理员）可以导入筛选日志。",
)
AT_THE_SAME_TIME = Text(
    "The same log was imported at the same time. Nothing was stored by this run; run it again.",
    "同一日志正被同时导入。本次未保存任何数据，请重新运行。",
)


@action
def import_log(
    *, log: Log, judged: Sequence[Judged], site: Site, by: Actor, now: datetime, reason: str
) -> Mapping[str, State]:
    """Store the patients of a log that are not stored yet, all or none; give how each stood before.

    What is stored stays as it is: a patient who is stored with other cells, or for another site, is left out.
    Raises Refused for anybody but a data manager of the site, and where the same log comes in at the same time.
    """
    if by.role != Role.DATA_MANAGER:
        raise Refused(NOT_A_DATA_MANAGER)
    states = states_of(log, site)
    new = [one for one in judged if states[one.row.patient] is State.NEW]
    try:
        with transaction.atomic():
            HistoricalEntry.objects.bulk_create([_entry(one, log, site, by, now) for one in new])
    except IntegrityError as refused:
        if "historical_entry_once" not in str(refused):
            raise
        raise Refused(AT_THE_SAME_TIME) from refused
    return states


def _entry(judged: Judged, log: Log, site: Site, by: Actor, now: datetime) -> HistoricalEntry:
    results = results_as_json(judged)
    score, grade = judged.child_pugh, judged.albi
    outcomes = {result.id: result.outcome for result in judged.criteria}
    return HistoricalEntry(
        site=site,
        origin_name=log.name,
        origin_sha256=log.sha256,
        source_row=judged.row.number,
        source_patient=judged.row.patient,
        age_given=judged.row.cells["Age at diagnosis"][:20],
        given=dict(judged.row.cells),
        read=results["values"],
        doubtful=results["doubtful"],
        child_pugh_points=results["child_pugh"]["points"],
        child_pugh_score=score.score,
        child_pugh_class=score.child_class or "",
        child_pugh_reason=results["child_pugh"]["reason"],
        albi=None if grade.value is None else albi_stored(grade.value),
        albi_grade=grade.modified or "",
        cnlc=str(judged.stage.stage),
        cnlc_edition=EDITION,
        cnlc_reason=results["stage"]["reason"],
        criteria=results["criteria"],
        failing=[name for name, outcome in outcomes.items() if outcome is Outcome.FAIL],
        not_settled=[
            name for name, outcome in outcomes.items() if outcome in (Outcome.UNKNOWN, Outcome.RULING)
        ],
        conclusion=str(judged.conclusion),
        rules=dict(RULES),
        imported_at=now,
        imported_by=by.person,
    )

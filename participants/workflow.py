"""The participant's and the visit's path: each one table of allowed moves beside its states."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class ParticipantState(StrEnum):
    SCREENING = "SCREENING"
    ELIGIBLE = "ELIGIBLE"
    SCREEN_FAILURE = "SCREEN_FAILURE"
    ASSIGNED = "ASSIGNED"
    ON_TREATMENT = "ON_TREATMENT"
    FOLLOW_UP = "FOLLOW_UP"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"
    DIED = "DIED"


class VisitState(StrEnum):
    PLANNED = "PLANNED"
    STARTED = "STARTED"
    DONE = "DONE"
    MISSED = "MISSED"
    SUPERSEDED = "SUPERSEDED"
    CANCELLED = "CANCELLED"


class DiscrepancyState(StrEnum):
    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    CLOSED = "CLOSED"


S, V, D = ParticipantState, VisitState, DiscrepancyState
_LEAVING = (S.WITHDRAWN, S.DIED)
# Where somebody stood who is found not to have left, when the form that said so is corrected.
_RETURNING = (S.SCREENING, S.ELIGIBLE, S.ASSIGNED, S.ON_TREATMENT, S.FOLLOW_UP)

PARTICIPANT_MOVES: dict[ParticipantState, tuple[ParticipantState, ...]] = {
    S.SCREENING: (S.ELIGIBLE, S.SCREEN_FAILURE, *_LEAVING),
    S.ELIGIBLE: (S.ASSIGNED, S.SCREEN_FAILURE, *_LEAVING),
    S.SCREEN_FAILURE: (),
    S.ASSIGNED: (S.ON_TREATMENT, *_LEAVING),
    S.ON_TREATMENT: (S.FOLLOW_UP, *_LEAVING),
    S.FOLLOW_UP: (S.ON_TREATMENT, S.COMPLETED, *_LEAVING),
    S.COMPLETED: (S.FOLLOW_UP, S.DIED),
    S.WITHDRAWN: (*_RETURNING, S.DIED),
    S.DIED: (*_RETURNING,),
}

VISIT_MOVES: dict[VisitState, tuple[VisitState, ...]] = {
    V.PLANNED: (V.STARTED, V.DONE, V.MISSED, V.SUPERSEDED, V.CANCELLED),
    V.STARTED: (V.DONE, V.MISSED),
    V.DONE: (V.STARTED, V.MISSED),
    V.MISSED: (V.STARTED, V.DONE),
    V.SUPERSEDED: (V.PLANNED,),
    V.CANCELLED: (V.PLANNED,),
}

# A check closes what it finds no longer, and opens again what it finds again or finds changed.
DISCREPANCY_MOVES: dict[DiscrepancyState, tuple[DiscrepancyState, ...]] = {
    D.OPEN: (D.CONFIRMED, D.CLOSED),
    D.CONFIRMED: (D.OPEN, D.CLOSED),
    D.CLOSED: (D.OPEN,),
}

PARTICIPANT_WORDS = {
    S.SCREENING: Text("In screening", "筛选中"),
    S.ELIGIBLE: Text("Eligible", "符合入组"),
    S.SCREEN_FAILURE: Text("Screen failure", "筛选失败"),
    S.ASSIGNED: Text("Arm assigned", "已分组"),
    S.ON_TREATMENT: Text("On treatment", "治疗中"),
    S.FOLLOW_UP: Text("In follow-up", "随访中"),
    S.COMPLETED: Text("Completed", "已完成"),
    S.WITHDRAWN: Text("Withdrawn", "已退出"),
    S.DIED: Text("Died", "死亡"),
}

VISIT_WORDS = {
    V.PLANNED: Text("Planned", "计划中"),
    V.STARTED: Text("Begun", "进行中"),
    V.DONE: Text("Done", "已完成"),
    V.MISSED: Text("Missed", "未完成"),
    V.SUPERSEDED: Text("Superseded", "已替代"),
    V.CANCELLED: Text("Cancelled", "已取消"),
}

DISCREPANCY_WORDS = {
    D.OPEN: Text("Open", "待处理"),
    D.CONFIRMED: Text("Confirmed", "已确认"),
    D.CLOSED: Text("Settled", "已解决"),
}

# Counted towards the target of 286: everybody to whom an arm was assigned, whatever came after.
ENROLLED_AFTER = S.ASSIGNED

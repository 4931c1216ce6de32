"""The path of a query, one table of allowed moves beside its states, and the kinds of steps on it."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class QueryState(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"


class StepKind(StrEnum):
    RAISED = "RAISED"
    ANSWERED = "ANSWERED"
    REOPENED = "REOPENED"
    CLOSED = "CLOSED"
    ASSIGNED = "ASSIGNED"


Q, K = QueryState, StepKind

# The site answers; who asked closes, also without an answer (withdrawn), or asks again.
QUERY_MOVES: dict[QueryState, tuple[QueryState, ...]] = {
    Q.OPEN: (Q.ANSWERED, Q.CLOSED),
    Q.ANSWERED: (Q.OPEN, Q.CLOSED),
    Q.CLOSED: (Q.OPEN,),
}

# The state each step leads to; the assignment leads nowhere.
LEADS_TO: dict[StepKind, QueryState] = {
    K.ANSWERED: Q.ANSWERED,
    K.REOPENED: Q.OPEN,
    K.CLOSED: Q.CLOSED,
}

# What still waits for somebody.
UNSETTLED = (Q.OPEN, Q.ANSWERED)

QUERY_WORDS = {
    Q.OPEN: Text("Open", "待答复"),
    Q.ANSWERED: Text("Answered", "已答复"),
    Q.CLOSED: Text("Closed", "已关闭"),
}

STEP_WORDS = {
    K.RAISED: Text("Asked", "提出"),
    K.ANSWERED: Text("Answered", "答复"),
    K.REOPENED: Text("Asked again", "再次提出"),
    K.CLOSED: Text("Closed", "关闭"),
    K.ASSIGNED: Text("Assigned", "分派"),
}


class FiringState(StrEnum):
    """What became of a check on one form that fired at one answer."""

    FIRED = "FIRED"
    CONFIRMED = "CONFIRMED"
    CHANGED = "CHANGED"


F = FiringState

# A confirmed answer may be changed later, or its confirmation taken back; a corrected one may be unusual again.
FIRING_MOVES: dict[FiringState, tuple[FiringState, ...]] = {
    F.FIRED: (F.CONFIRMED, F.CHANGED),
    F.CONFIRMED: (F.FIRED, F.CHANGED),
    F.CHANGED: (),
}

FIRING_WORDS = {
    F.FIRED: Text("Open", "待处理"),
    F.CONFIRMED: Text("Confirmed as it stands", "已说明确认"),
    F.CHANGED: Text("Led to a change", "已更正"),
}

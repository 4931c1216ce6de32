"""The path of a task raised by a severe answer, and what becomes of a link: tables beside their states."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class DiaryTaskState(StrEnum):
    OPEN = "OPEN"
    SEEN = "SEEN"
    DONE = "DONE"


T = DiaryTaskState

# Who has seen it may do it at once; what was done is not undone: another severe answer raises another task.
DIARY_TASK_MOVES: dict[DiaryTaskState, tuple[DiaryTaskState, ...]] = {
    T.OPEN: (T.SEEN, T.DONE),
    T.SEEN: (T.DONE,),
    T.DONE: (),
}

DIARY_TASK_WORDS = {
    T.OPEN: Text("Open", "待处理"),
    T.SEEN: Text("Seen", "已查看"),
    T.DONE: Text("Done", "已处理"),
}

UNSETTLED = (T.OPEN, T.SEEN)


class LinkStanding(StrEnum):
    """What a link is worth at a moment; worked out, never stored."""

    WAITING = "WAITING"  # handed out, not opened on a phone yet
    IN_USE = "IN_USE"
    BLOCKED = "BLOCKED"  # the year of birth was wrong too often
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


S = LinkStanding

LINK_WORDS = {
    S.WAITING: Text("Handed out, not opened yet", "已发放，尚未打开"),
    S.IN_USE: Text("In use", "使用中"),
    S.BLOCKED: Text("Blocked: wrong year of birth", "已锁定：出生年份多次错误"),
    S.EXPIRED: Text("Expired", "已过期"),
    S.REVOKED: Text("Revoked", "已撤销"),
}


class KnockOutcome(StrEnum):
    """How an attempt to open a link ended."""

    OPENED = "OPENED"
    WRONG_YEAR = "WRONG_YEAR"
    UNKNOWN = "UNKNOWN"  # no link has this token
    ENDED = "ENDED"  # revoked, expired or blocked
    TAKEN = "TAKEN"  # opened on another phone before


class RemarkKind(StrEnum):
    SEEN = "SEEN"
    COMMENT = "COMMENT"


REMARK_WORDS = {
    RemarkKind.SEEN: Text("Seen", "已阅"),
    RemarkKind.COMMENT: Text("Comment", "备注"),
}

"""The path of a reminder, and the outcomes of one attempt to send it: each one table beside its words."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class ReminderKind(StrEnum):
    OPENS = "OPENS"
    CLOSING = "CLOSING"
    OVERDUE = "OVERDUE"


class ReminderState(StrEnum):
    DUE = "DUE"
    CLAIMED = "CLAIMED"
    SENT = "SENT"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"
    CANCELLED = "CANCELLED"


class Outcome(StrEnum):
    """How one attempt ended; an attempt still under way has none."""

    SENT = "SENT"
    RETRY = "RETRY"  # refused for now, or never reached the server
    REFUSED = "REFUSED"  # refused for good
    INTERRUPTED = "INTERRUPTED"  # the sender stopped before the message left it
    UNCERTAIN = "UNCERTAIN"  # the message left, and no answer was kept


class Settlement(StrEnum):
    """What a person decided about an attempt whose delivery is uncertain, or failed."""

    DELIVERED = "DELIVERED"
    SEND_AGAIN = "SEND_AGAIN"


R = ReminderState

# CLAIMED is left by the sender itself, or by the next search when the sender is gone. From UNCERTAIN a
# person leads on (or the study setting that such reminders are sent again); CANCELLED becomes DUE again
# where the visit does.
REMINDER_MOVES: dict[ReminderState, tuple[ReminderState, ...]] = {
    R.DUE: (R.CLAIMED, R.CANCELLED),
    R.CLAIMED: (R.SENT, R.DUE, R.FAILED, R.UNCERTAIN),
    R.SENT: (),
    R.FAILED: (R.DUE,),
    R.UNCERTAIN: (R.SENT, R.DUE),
    R.CANCELLED: (R.DUE,),
}

REMINDER_WORDS = {
    R.DUE: Text("To be sent", "待发送"),
    R.CLAIMED: Text("Being sent", "发送中"),
    R.SENT: Text("Sent", "已发送"),
    R.FAILED: Text("Failed", "发送失败"),
    R.UNCERTAIN: Text("Delivery uncertain", "送达情况不明"),
    R.CANCELLED: Text("Not needed any more", "已取消"),
}

KIND_WORDS = {
    ReminderKind.OPENS: Text("Window opens", "窗口期开始"),
    ReminderKind.CLOSING: Text("Window closing", "窗口期即将结束"),
    ReminderKind.OVERDUE: Text("Overdue", "已逾期"),
}

OUTCOME_WORDS = {
    Outcome.SENT: Text("Accepted by the mail server", "邮件服务器已接收"),
    Outcome.RETRY: Text("Not accepted; tried again later", "未被接收，稍后重试"),
    Outcome.REFUSED: Text("Refused by the mail server", "被邮件服务器拒收"),
    Outcome.INTERRUPTED: Text("Interrupted before the message left", "邮件发出前中断"),
    Outcome.UNCERTAIN: Text("Handed over, no answer kept", "邮件已交出，未留存服务器应答"),
}

SETTLEMENT_WORDS = {
    Settlement.DELIVERED: Text("Confirmed as delivered", "确认已送达"),
    Settlement.SEND_AGAIN: Text("To be sent again", "重新发送"),
}

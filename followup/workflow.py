"""The path of a reminder, of the message that carries it, and the outcomes of one attempt to send that one."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class ReminderState(StrEnum):
    WAITING = "WAITING"
    IN_MESSAGE = "IN_MESSAGE"
    CANCELLED = "CANCELLED"


class MessageState(StrEnum):
    DUE = "DUE"
    CLAIMED = "CLAIMED"
    SENT = "SENT"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"
    BOUNCED = "BOUNCED"
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


# A reminder waits for the message that takes it along. CANCELLED becomes WAITING again where the visit does.
REMINDER_MOVES: dict[ReminderState, tuple[ReminderState, ...]] = {
    ReminderState.WAITING: (ReminderState.IN_MESSAGE, ReminderState.CANCELLED),
    ReminderState.IN_MESSAGE: (ReminderState.CANCELLED,),
    ReminderState.CANCELLED: (ReminderState.WAITING,),
}

M = MessageState

# CLAIMED is left by the sender itself, or by the next search when the sender is gone. From FAILED, UNCERTAIN and
# BOUNCED a person leads on (or the study setting that uncertain ones are sent again); CANCELLED becomes DUE again
# where one of its reminders does.
MESSAGE_MOVES: dict[MessageState, tuple[MessageState, ...]] = {
    M.DUE: (M.CLAIMED, M.CANCELLED),
    M.CLAIMED: (M.SENT, M.DUE, M.FAILED, M.UNCERTAIN),
    M.SENT: (M.BOUNCED,),
    M.FAILED: (M.DUE,),
    M.UNCERTAIN: (M.SENT, M.DUE, M.BOUNCED),
    M.BOUNCED: (M.DUE,),
    M.CANCELLED: (M.DUE,),
}
UNDECIDED = (M.FAILED, M.UNCERTAIN, M.BOUNCED)

REMINDER_WORDS = {
    ReminderState.WAITING: Text("Waits for the next message", "待汇入下一条消息"),
    ReminderState.IN_MESSAGE: Text("In a message", "已汇入消息"),
    ReminderState.CANCELLED: Text("Not needed any more", "已取消"),
}

MESSAGE_WORDS = {
    M.DUE: Text("To be sent", "待发送"),
    M.CLAIMED: Text("Being sent", "发送中"),
    M.SENT: Text("Sent", "已发送"),
    M.FAILED: Text("Failed", "发送失败"),
    M.UNCERTAIN: Text("Delivery uncertain", "送达情况不明"),
    M.BOUNCED: Text("Came back", "已被退回"),
    M.CANCELLED: Text("Not needed any more", "已取消"),
}

OUTCOME_WORDS = {
    Outcome.SENT: Text("Accepted by the server", "服务器已接收"),
    Outcome.RETRY: Text("Not accepted; tried again later", "未被接收，稍后重试"),
    Outcome.REFUSED: Text("Refused by the server", "被服务器拒收"),
    Outcome.INTERRUPTED: Text("Interrupted before the message left", "消息发出前中断"),
    Outcome.UNCERTAIN: Text("Handed over, no answer kept", "消息已交出，未留存服务器应答"),
}

SETTLEMENT_WORDS = {
    Settlement.DELIVERED: Text("Confirmed as delivered", "确认已送达"),
    Settlement.SEND_AGAIN: Text("To be sent again", "重新发送"),
}

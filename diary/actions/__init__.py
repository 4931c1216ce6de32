from diary.actions.contacts import consented, keep_contact, withdraw_contact
from diary.actions.entries import Written, limits_on, receive_entry, remark
from diary.actions.links import Opening, hand_out_link, note_use, open_link, revoke_link
from diary.actions.tasks import move_task

__all__ = [
    "Opening",
    "Written",
    "consented",
    "hand_out_link",
    "keep_contact",
    "limits_on",
    "move_task",
    "note_use",
    "open_link",
    "receive_entry",
    "remark",
    "revoke_link",
    "withdraw_contact",
]

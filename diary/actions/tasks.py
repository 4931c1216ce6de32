"""What the site does about a severe answer."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from diary.models import DiaryTask, DiaryTaskStep
from diary.policies import ask_right
from diary.workflow import DIARY_TASK_MOVES, DiaryTaskState
from records.findings import Refused


@action
def move_task(*, task: DiaryTask, to: DiaryTaskState, done: str, by: Actor, now: datetime) -> DiaryTask:
    """Mark a task as seen, or as done with what was done; Refused for another role or site, and where it stands there."""
    task = DiaryTask.objects.select_for_update(of=("self",)).select_related("participant").get(pk=task.pk)
    ask_right(by, Permission.ENTER_DATA, task.participant.site_id)
    if to not in DIARY_TASK_MOVES[DiaryTaskState(task.state)]:
        raise Refused(_("Somebody else has seen to this already."))
    if to == DiaryTaskState.DONE and not done.strip():
        raise Refused(_("Write what was done."))
    task.state = to
    task.save(update_fields=["state"])
    DiaryTaskStep.objects.create(
        participant_id=task.participant_id,
        task=task,
        state=to,
        at=now,
        by=by.author,
        done=done.strip() if to == DiaryTaskState.DONE else "",
    )
    return task

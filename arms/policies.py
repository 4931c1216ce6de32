"""Which treatment form may be entered now: the arm it belongs to, and the order of the steps.

Guards of records/events.py: each raises Refused with the sentence the page shows beside a closed form.
A form that has been entered stays open for correction: its order was asked when it was begun.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Access, Actor, Permission
from arms.haic_cycles import may_begin_cycle
from arms.infusion_record import OF_THE_DAY
from arms.models import ActivityPlan, HaicCycle, Hepatectomy, MaaMapping, ResectabilityReview, Y90Infusion
from arms.models.haic import CYCLE_VISITS
from arms.selectors import review_after_two, treatment_of
from arms.y90_selectors import y90_state
from participants.models import Participant, Visit
from participants.selectors import case_forms_of
from records import clock
from records.findings import Refused
from records.text import Text

ARM_OF_FORM = {"HAIC": "HAIC", "YMAP": "Y90", "YDOS": "Y90", "YTRT": "Y90"}
# Forms of either arm that follow treatment.
AFTER_ASSIGNMENT = ("RES", "SURG", "PATH", "POC")
TREATMENT_FORMS = (HaicCycle, MaaMapping, ActivityPlan, Y90Infusion)


def may_assign(by: Actor, participant: Participant, now: datetime) -> bool:
    """Say whether this person holds a role at the site that assigns arms."""
    if by.person is None:
        return False
    return Access.of(by.person, clock.day(now)).may(Permission.ASSIGN_ARM, participant.site_id)


def treatment_begun(participant: Participant) -> bool:
    """Say whether any form of either arm's treatment has been entered."""
    return any(model.objects.filter(participant=participant).exists() for model in TREATMENT_FORMS)


def refuse_other_arm(*, record: Any, by: Actor, now: datetime) -> None:
    """Guard: forms of an arm are entered for participants of that arm alone (check X04)."""
    code = _code(record)
    if code not in ARM_OF_FORM and code not in AFTER_ASSIGNMENT:
        return
    participant: Participant = record.participant
    if participant.arm is None:
        raise Refused(_("No arm has been assigned yet."))
    if code in ARM_OF_FORM and participant.arm != ARM_OF_FORM[code]:
        raise Refused(
            _("This form belongs to the other arm. The participant is in the arm %(arm)s.")
            % {"arm": participant.arm_words}
        )


def refuse_out_of_order(*, record: Any, by: Actor, now: datetime) -> None:
    """Guard: HAIC cycles follow one another, cycle 3 the review; the Y-90 steps follow one another."""
    code = _code(record)
    sentence: Text | None = None
    if code == "YTRT":
        sentence = why_no_infusion(record, now)
    elif record.pk is None and code == "HAIC":
        sentence = why_no_cycle(record.participant, record.visit)
    elif record.pk is None and code == "YDOS":
        sentence = why_no_plan(record)
    elif record.pk is None and code == "POC":
        sentence = why_no_complication(record.participant)
    if sentence:
        raise Refused(sentence)


def why_no_cycle(participant: Participant, visit: Visit) -> Text | None:
    """The sentence that says why a cycle may not begin; None where it may. One query."""
    number = CYCLE_VISITS.get(visit.code)
    if number is None:
        return Text("HAIC is recorded at the visit of its cycle.", "HAIC须在对应疗程访视中记录。")
    book = case_forms_of(participant, (HaicCycle, ResectabilityReview))
    recorded = frozenset(
        CYCLE_VISITS[one.visit.code] for one in book.of(HaicCycle) if one.visit.code in CYCLE_VISITS
    )
    decided = review_after_two(book)
    permission = may_begin_cycle(number, recorded, decided.continues if decided else None)
    return None if permission.allowed else permission.reason


def why_no_plan(record: ActivityPlan) -> Text | None:
    """The sentence that says why an activity may not be planned; None where it may."""
    mapping = MaaMapping.objects.filter(visit_id=record.visit_id, repeat=record.repeat).first()
    if mapping is None or not mapping.submitted:
        return Text("Submit angiography and 99mTc-MAA (step 2) first.", "须先提交造影与MAA模拟（第2步）。")
    return None


def why_no_infusion(record: Y90Infusion, now: datetime) -> Text | None:
    """The sentence that says what blocks an infusion; None where nothing does, or it was given already.

    What depends on the day of the infusion is left to the form, which knows the day: it may be entered days later.
    """
    if record.pk is not None and record.yinfdt is not None:
        return None
    state = y90_state(treatment_of(record.participant, now))
    blocks = [block for block in state.open_blocks if block.code not in OF_THE_DAY]
    if not blocks:
        return None
    return Text("The infusion is blocked. ", "不能输注。") + Text.join(
        [block.message for block in blocks], " ", ""
    )


def why_no_complication(participant: Participant) -> Text | None:
    """The sentence that says why no complication of surgery may be entered; None where there was surgery."""
    if Hepatectomy.objects.filter(participant=participant, surgdtc__isnull=False).exists():
        return None
    return Text("Enter the hepatectomy and its date first.", "请先录入肝切除术及手术日期。")


def _code(record: Any) -> str:
    form = getattr(record, "form", None)
    return form.code if form is not None else ""

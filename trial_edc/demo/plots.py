"""The plots of the demo's stories: from registration to where somebody stands on its morning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from arms.oversight_actions import confirm_override, request_override
from eligibility.actions import declare_screen_failure
from eligibility.selectors import assess, seen
from participants.models import Visit
from records import clock
from trial_edc.demo.attending import answers_at, attend
from trial_edc.demo.chapters import Found, end, find_eligible, follow, miss, screen
from trial_edc.demo.filling import fill
from trial_edc.demo.happenings import events_drawn, takes_during_treatment
from trial_edc.demo.scene import OPENS_AT, Scene, Story, course_drawn, in_the_morning
from trial_edc.demo.treating import (
    assign,
    check,
    end_of_cycle,
    give_cycle,
    infuse,
    map_liver,
    plan_activity,
    visit_of,
)
from trial_edc.demo.walks import walk_through_visit

Then = Callable[[Scene], None]


# ---- before treatment -----------------------------------------------------------------------------


def just_registered(scene: Scene) -> None:
    """Consent was signed; nothing else is entered yet."""


def screened(*, submit: bool = True, then: Then | None = None, **changed: Any) -> Story:
    """The screening forms are entered, and nobody has decided."""

    def story(scene: Scene) -> None:
        screen(scene, submit=submit, **changed)
        if then is not None:
            then(scene)

    return story


def eligible(scene: Scene) -> None:
    find_eligible(scene)


def failing(reason: str, **changed: Any) -> Story:
    """Screening found a criterion that fails."""

    def story(scene: Scene) -> None:
        screen(scene, **changed)
        at = scene.later(days=scene.draw.randint(0, 4), hours=3)
        declare_screen_failure(
            participant=scene.participant,
            saw=seen(assess(scene.participant, at)),
            reason=reason,
            by=scene.team.investigator,
            now=at,
        )

    return story


def refusing(scene: Scene) -> None:
    """Consent was withdrawn while screening went on."""
    screen(scene)
    at = scene.later(days=6)
    end(scene, "EOS", "WITHDRAWAL", at, wdscope="ALL", dsterm="受试者选择外院靶免治疗")
    miss(scene, "EOS", "REFUSED", at + timedelta(minutes=4))


def assigned(arm: str) -> Story:
    """The MDT has assigned an arm, and treatment has not begun."""

    def story(scene: Scene) -> None:
        at = find_eligible(scene)
        assign(scene, arm, at + timedelta(days=2))

    return story


# ---- HAIC -----------------------------------------------------------------------------------------


def haic(
    planned: int = 2,
    kind: str = "SD",
    *,
    given: int | None = None,
    stops: str = "",
    review: str = "OBSERVE",
    surgery: Mapping[str, Any] | None = None,
    progresses: int | None = None,
    reduced: Mapping[int, str] | None = None,
    severe: bool = False,
    antiviral: bool = True,
    overdue: int = 0,
    seen_for: int | None = None,
    missed: Mapping[str, str] | None = None,
    found: Found | None = None,
    then: Then | None = None,
    held: bool = False,
) -> Story:
    """HAIC of 2 or 4 planned cycles; `given` fewer where it `stops` for a reason, or still goes on.

    `review` is what the MDT decides after the last cycle. `held`: the next cycle waits for the blood count.
    """

    def story(scene: Scene) -> None:
        at = find_eligible(scene, antiviral=antiviral) + timedelta(days=2)
        assign(scene, "HAIC", at, planned)
        day = clock.day(at)
        scene.course = course_drawn(kind, "HAIC", scene.participant.number, day, progresses)
        start = at + timedelta(days=scene.draw.randint(2, 5))
        cycles = planned if given is None else given
        for number in range(1, cycles + 1):
            if number == 3:
                start = _review_after_two(scene, start, found)
            why = (reduced or {}).get(number, "")
            give_cycle(scene, number, start, reduced=why)
            start += timedelta(days=scene.draw.randint(21, 24))
        if held:
            _hold(scene, cycles + 1, start)
        if stops:
            after = end_of_cycle(scene.treated[-1][1]) + timedelta(days=12)
            end(scene, "EOT", stops, after, dsterm="不良事件后受试者与研究者共同决定停止HAIC")
        if cycles == planned or stops:
            last = "H-R4" if planned == 4 and cycles == 4 else "H-R2"
            decisions = {last: review} if surgery is None else {last: "HEPATECTOMY"}
            follow(
                scene,
                decisions=decisions,
                surgery=surgery,
                overdue=overdue,
                seen_for=seen_for,
                missed=missed,
                found=found,
            )
        _afterwards(scene, then, severe=severe)

    return story


def _review_after_two(scene: Scene, start: datetime, found: Found | None) -> datetime:
    """The review 22 to 24 days after cycle 2 ended says that HAIC goes on; gives when cycle 3 begins."""
    ended = end_of_cycle(scene.treated[-1][1])
    at = in_the_morning(clock.day(ended) + timedelta(days=scene.draw.randint(22, 24)), scene.draw)
    attend(scene, visit_of(scene, "H-R2"), at, nextstep="CONTINUE_HAIC", **(found or {}).get("H-R2", {}))
    return at + timedelta(days=scene.draw.randint(3, 6))


def _hold(scene: Scene, number: int, at: datetime) -> None:
    """The values of the day keep the next cycle from being given."""
    visit = visit_of(scene, f"H-C{number}")
    low = {
        "neut": Decimal("0.92"),
        "neut_cs": "CS",
        "wbc": Decimal("2.10"),
        "plt": Decimal(54),
        "plt_cs": "CS",
    }
    low["lym"] = Decimal("0.81")
    answers = answers_at(scene, visit, at, LB=low)
    walk_through_visit(scene.participant, visit.code, by=scene.team.coordinator, now=at, answers=answers)


# ---- Y-90 -----------------------------------------------------------------------------------------


def y90(
    kind: str = "SD",
    *,
    until: str = "",
    plan: Mapping[str, Any] | None = None,
    mapping: Mapping[str, Any] | None = None,
    override: str = "",
    confirmed: bool = True,
    again: bool = False,
    review: str = "OBSERVE",
    surgery: Mapping[str, Any] | None = None,
    progresses: int | None = None,
    severe: bool = False,
    antiviral: bool = True,
    overdue: int = 0,
    seen_for: int | None = None,
    missed: Mapping[str, str] | None = None,
    found: Found | None = None,
    then: Then | None = None,
) -> Story:
    """Y-90 up to the step `until` (PLANNED, CHECKED), or infused and followed.

    `override`: a block of the infusion for which it is asked to be set aside, and whether a second person
    `confirmed` it. `again`: the first mapping was too old, and was repeated.
    """

    def story(scene: Scene) -> None:
        at = find_eligible(scene, antiviral=antiviral) + timedelta(days=2)
        assign(scene, "Y90", at)
        day = clock.day(at)
        scene.course = course_drawn(kind, "Y90", scene.participant.number, day, progresses)
        mapped = at + timedelta(days=scene.draw.randint(2, 6))
        made = _planned(scene, mapped, mapping, plan)
        if until != "PLANNED":
            check(scene, made, mapped + timedelta(days=2))
        if again:
            # The microspheres came late: after 30 days the mapping was not valid any more.
            mapped += timedelta(days=33)
            made = _planned(scene, mapped, None, None, repeat=2)
            check(scene, made, mapped + timedelta(days=1))
        if override:
            _set_aside(scene, made, override, mapped + timedelta(days=2, hours=1), confirmed=confirmed)
        if not until and confirmed:
            infuse(scene, made.aplan, mapped + timedelta(days=scene.draw.randint(8, 12)))
            decisions = {"Y-M3": review} if surgery is None else {"Y-M3": "HEPATECTOMY"}
            follow(
                scene,
                decisions=decisions,
                surgery=surgery,
                overdue=overdue,
                seen_for=seen_for,
                missed=missed,
                found=found,
            )
        _afterwards(scene, then, severe=severe)

    return story


def _planned(
    scene: Scene,
    at: datetime,
    mapping: Mapping[str, Any] | None,
    plan: Mapping[str, Any] | None,
    repeat: int = 1,
) -> Any:
    map_liver(scene, at, repeat=repeat, **(mapping or {}))
    return plan_activity(scene, at + timedelta(hours=5), repeat=repeat, **(plan or {}))


def _set_aside(scene: Scene, plan: Any, code: str, at: datetime, *, confirmed: bool) -> None:
    """The coordinator asks that a block be set aside, with the reason; the investigator confirms it."""
    request = request_override(
        plan=plan,
        revision=plan.revision,
        code=code,
        reason="预测值略高于界值；核医学科与介入科会诊后认为获益大于风险，将分次随访肺功能。",
        by=scene.team.coordinator,
        now=at,
    )
    if confirmed:
        confirm_override(override=request, by=scene.team.investigator, now=at + timedelta(hours=4))


# ---- what goes along ------------------------------------------------------------------------------


def _afterwards(scene: Scene, then: Then | None, *, severe: bool) -> None:
    """Drugs and events around the treatment, and what else happened."""
    takes_during_treatment(scene)
    events_drawn(scene, severe=severe)
    if then is not None:
        then(scene)


def begun(scene: Scene, code: str) -> None:
    """A visit of this morning's week is being entered: its header is a draft."""
    visit = Visit.objects.get(participant=scene.participant, code=code)
    day = clock.day(OPENS_AT) - timedelta(days=1)
    fill(
        scene.participant,
        "SV",
        {"svdone": "Y", "svstdtc": day, "svmode": "CLINIC"},
        by=scene.team.coordinator,
        now=in_the_morning(day, scene.draw),
        visit_code=visit.code,
        submit=False,
    )

"""What stories are told of: screening, treatment in either arm, follow-up by the calendar, surgery, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from eligibility.actions import confirm_eligible
from eligibility.models import Lesion
from eligibility.selectors import assess, seen
from followup.models import Disposition, SurvivalFollowUp
from participants.models import Visit
from participants.selectors import next_repeat
from participants.workflow import VisitState
from records import clock
from trial_edc.demo.after_treatment import walk_through_surgery
from trial_edc.demo.attending import answers_at, attend, survive
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.happenings import takes_antiviral
from trial_edc.demo.measuring import laboratory_at, symptoms_at
from trial_edc.demo.scene import OPENS_AT, Scene, in_the_morning, working_day
from trial_edc.demo.walks import walk_through_visit, walk_to_screened

LAST_DAY = clock.day(OPENS_AT) - timedelta(days=1)


# ---- screening ------------------------------------------------------------------------------------


# How many keep a symptom record already in screening.
KEEPS_A_RECORD = 0.9


def screen(scene: Scene, *, submit: bool = True, antiviral: bool = True, **changed: Any) -> None:
    """Enter the screening forms; `changed` by form takes the place of what was drawn, lesions follow the stage."""
    answers = {
        code: {**scene.screening.get(code, {}), **changed.get(code, {})}
        for code in {*scene.screening, *changed}
    }
    if "STG" in changed:
        answers["IMG"] = {}
    walk_to_screened(scene.participant, by=scene.team.coordinator, now=scene.start, submit=submit, **answers)
    if submit and scene.draw.random() < KEEPS_A_RECORD:
        symptoms = symptoms_at(scene.person, clock.day(scene.start), None)
        fill(scene.participant, "SYM", symptoms, by=scene.team.coordinator, now=scene.later(hours=1))
    if scene.person.hepatitis_b and antiviral:
        takes_antiviral(scene, scene.later(hours=1))


def find_eligible(scene: Scene, *, antiviral: bool = True, **changed: Any) -> datetime:
    """Screen somebody, and let the investigator confirm on the next day; gives when."""
    screen(scene, antiviral=antiviral, **changed)
    at = scene.later(days=1, hours=1)
    saw = seen(assess(scene.participant, at))
    confirm_eligible(participant=scene.participant, saw=saw, by=scene.team.investigator, now=at)
    scene.participant.refresh_from_db()
    return at


# ---- follow-up by the calendar --------------------------------------------------------------------

# Surgery is told of its own; unscheduled visits are not planned.
OF_ITS_OWN = ("SURGERY",)
Found = Mapping[str, Any]


def due(scene: Scene) -> QuerySet[Visit]:
    """Visits not begun that were aimed at days before the demo's morning."""
    return (
        scene.participant.visits.filter(status=VisitState.PLANNED, target_to__lt=clock.day(OPENS_AT))
        .exclude(series__in=OF_ITS_OWN)
        .order_by("target_from", "position")
    )


def follow(
    scene: Scene,
    *,
    decisions: Mapping[str, str] | None = None,
    surgery: Mapping[str, Any] | None = None,
    overdue: int = 0,
    missed: Mapping[str, str] | None = None,
    found: Found | None = None,
    seen_for: int | None = None,
) -> None:
    """Attend every visit that came due, but for the last `overdue` ones, or only so many days from now on.

    A visit planned anew after its window had passed is entered as missed.

    `decisions`: what the MDT decides at a visit; hepatectomy leads to `surgery`. `missed`: visits that did not take
    place, with the reason. `found`: answers by visit and form that a story is about.
    """
    last = max((clock.day(at) for _name, at in scene.treated), default=clock.day(scene.start))
    until = LAST_DAY if seen_for is None else min(last + timedelta(days=seen_for), LAST_DAY)
    while len(waiting := [visit for visit in due(scene) if _aimed(visit) <= until]) > overdue:
        visit = waiting[0]
        day = _day_of(scene, visit, last, until)
        at = in_the_morning(day, scene.draw)
        passed = visit.window_close is not None and visit.window_close <= last
        if reason := (missed or {}).get(visit.code, "OTHER" if passed else ""):
            miss(scene, visit.code, reason, at)
            continue
        step = (decisions or {}).get(visit.code, "OBSERVE")
        attend(scene, visit, at, nextstep=step, **(found or {}).get(visit.code, {}))
        last = day
        if step == "HEPATECTOMY" and surgery is not None and not scene.course.grown:
            last = operate(scene, day, **surgery)


def _aimed(visit: Visit) -> date:
    assert visit.target_from is not None
    return visit.target_from


def _day_of(scene: Scene, visit: Visit, last: date, until: date) -> date:
    """A day near the one aimed at: inside the window, as a rule, and after the visit before."""
    begin, end = _aimed(visit), visit.target_to or _aimed(visit)
    if begin == end and visit.window_open and visit.window_close:
        half = (visit.window_close - visit.window_open).days // 2
        off = round(scene.draw.gauss(0, max(half / 3, 0.1)))
        late = half + 4 if half >= 7 and scene.draw.random() < 0.04 else None
        day = begin + timedelta(days=late if late else max(-half, min(half, off)))
        closes = visit.window_close
    else:
        day, closes = begin + timedelta(days=scene.draw.randint(0, min((end - begin).days, 3))), end
    day = max(day, last + timedelta(days=1))
    return min(working_day(day, max(closes, day)), max(until, last))


def miss(scene: Scene, code: str, reason: str, at: datetime) -> None:
    """Enter that a visit did not take place."""
    fill(
        scene.participant,
        "SV",
        {"svdone": "N", "svreasnd": reason},
        by=scene.team.coordinator,
        now=at,
        visit_code=code,
    )


# ---- hepatectomy ----------------------------------------------------------------------------------

APPROACHES = ("OPEN", "OPEN", "LAPAROSCOPIC", "LAPAROSCOPIC", "ROBOTIC", "CONVERTED")
RESECTIONS = ("RIGHT", "LEFT", "EXTENDED", "SEGMENT", "CENTRAL")


def operate(
    scene: Scene,
    reviewed: date,
    *,
    viable: int = 20,
    complication: str = "",
    margin: str = "R0",
    returns: int | None = None,
    then: Callable[[Scene, datetime], None] | None = None,
    explored: bool = False,
) -> date:
    """Operate within a week of the review, and enter what was found; gives the day.

    `returns`: days after which the tumour comes back. `then`: what happens after the operation. `explored`: the
    abdomen was opened and nothing could be resected.
    """
    draw, participant = scene.draw, scene.participant
    day = working_day(reviewed + timedelta(days=4), reviewed + timedelta(days=6))
    at = in_the_morning(day, draw)
    entered = at + timedelta(days=12)
    if explored:
        _explore(scene, day, entered)
        return day
    sizes = Lesion.objects.filter(participant=participant, lnkid="T01", ldiam__isnull=False)
    size = sizes.order_by("-record__imgdtc").values_list("ldiam", flat=True)[0]
    loss = round(draw.lognormvariate(5.8, 0.55))
    transfused = {"surgtx": "Y", "surgtxu": draw.choice((2, 3, 4))} if loss > 600 else {"surgtx": "N"}
    tumour = scene.person.tumour
    walk_through_surgery(
        participant,
        by=scene.team.coordinator,
        now=at,
        viable=viable,
        complication=complication,
        size=(size * Decimal(f"{draw.uniform(0.84, 1.02):.2f}")).quantize(Decimal("0.1")),
        surgtype=draw.choice(RESECTIONS),
        surgapp=draw.choice(APPROACHES),
        surgmin=draw.randrange(170, 420, 5),
        surgebl=min(loss, 1800),
        pringle=draw.randrange(15, 75, 5),
        thrombx="Y" if tumour.thrombus else "N",
        margin_i=margin,
        **transfused,
        hospout=day + timedelta(days=draw.randint(7, 11)),
        rmargin=margin,
        rmarginw=Decimal(f"{draw.uniform(2, 14):.1f}") if margin == "R0" else Decimal("0.0"),
        mvi="M0" if viable < 30 else draw.choice(("M0", "M1", "M2A")),
        fibrosis="CIRRHOSIS" if scene.person.cirrhosis else draw.choice(("S1", "S2", "S3")),
    )
    course = scene.course
    course.resected, course.grown, course.progresses = True, False, None
    if returns is not None:
        course.progresses = day + timedelta(days=returns)
    scene.treated.append(("SURG", at))
    _around_surgery(scene, at, entered)
    if then is not None:
        then(scene, at)
    return day


def _around_surgery(scene: Scene, at: datetime, entered: datetime) -> None:
    """What is measured before and after the operation, entered when the specimen has been read."""
    before = at - timedelta(days=2)
    preoperative = Visit.objects.get(participant=scene.participant, code="PREOP")
    attend(scene, preoperative, before, entered=entered)
    visit = Visit.objects.get(participant=scene.participant, code="SURG")
    given = answers_at(scene, visit, at)
    given.pop("SV")
    given["LB"] = {**laboratory_at(scene.person, "SURG", at + timedelta(days=1), markers=0.2)}
    walk_through_visit(
        scene.participant,
        "SURG",
        by=scene.team.coordinator,
        now=entered,
        headed=False,
        answers=given,
    )


def _explore(scene: Scene, day: date, entered: datetime) -> None:
    by: dict[str, Any] = {"by": scene.team.coordinator, "now": entered, "visit_code": "SURG"}
    header = {"svdone": "Y", "svstdtc": day, "svmode": "INPATIENT", "svoowrsn": "按MDT安排"}
    fill(scene.participant, "SV", header, **by)
    answers = {
        "surgdtc": day,
        "surgyn": "N",
        "noresrsn": "VESSEL",
        "surgapp": "OPEN",
        "surgmin": 95,
        "surgebl": 120,
        "surgtx": "N",
        "pringle": 0,
        "thrombx": "N",
        "hospout": day + timedelta(days=7),
    }
    fill(scene.participant, "SURG", answers, **by, confirmed=dict.fromkeys(answers, CONFIRMED))
    scene.participant.refresh_from_db()


# ---- how it ends ----------------------------------------------------------------------------------


def end(scene: Scene, which: str, why: str, at: datetime, **changed: Any) -> None:
    """Enter the end of treatment (EOT) or of the study (EOS)."""
    log = Visit.objects.get(participant=scene.participant, code="LOG")
    answers = {"dsscat": which, "dsstdtc": clock.day(at), "dsdecod": why, **changed}
    fill(
        scene.participant,
        "DS",
        answers,
        by=scene.team.coordinator,
        now=at,
        visit_code="LOG",
        repeat=next_repeat(Disposition, log),
        confirmed=dict.fromkeys(answers, CONFIRMED),
    )
    scene.participant.refresh_from_db()


def be_lost(scene: Scene, last_seen: date, at: datetime) -> None:
    """Three calls without an answer: the participant is lost to follow-up."""
    _survival(scene, at, ssstat="LOST", lastalive=last_seen, tumstat="UNKNOWN")
    end(scene, "EOS", "LOST", at + timedelta(minutes=10), dsterm="3次电话及家属联系均未成功")
    miss(scene, "EOS", "LOST", at + timedelta(minutes=12))


def die(scene: Scene, died: date, at: datetime, cause: str) -> None:
    """Enter a death the site has learned of."""
    facts = {"ssstat": "DEAD", "lastalive": None, "dthdtc": died, "dthcaus": cause, "autopsy": "N"}
    _survival(scene, at, **facts)
    end(scene, "EOS", "DEATH", at + timedelta(minutes=15))
    miss(scene, "EOS", "DEATH", at + timedelta(minutes=18))


def _survival(scene: Scene, at: datetime, **changed: Any) -> None:
    log = Visit.objects.get(participant=scene.participant, code="LOG")
    survive(scene, "LOG", at, next_repeat(SurvivalFollowUp, log), **changed)
    scene.participant.refresh_from_db()

"""Attend a visit: everything that is due there, as it is found on that day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from eligibility.codelists import PUNCTURE_CHECK, VIRAL_LOAD
from eligibility.models import Lesion
from participants.models import Visit
from records import clock
from trial_edc.demo import imaging
from trial_edc.demo.after_treatment import decide
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.measuring import (
    MARKERS_LEFT,
    laboratory_at,
    symptoms_at,
    viral_load,
    vital_signs_at,
)
from trial_edc.demo.scene import Scene
from trial_edc.demo.walks import walk_through_visit

LATE = "受试者因家庭原因推迟就诊"
# How much of the effect on the tumour the first examination shows.
AT_FIRST = Decimal("0.85")
# Left out now and then, as in any hospital: the item, and how often.
LEFT_OUT = {"fib": 0.04, "urea": 0.03, "cl": 0.02}
NEW_PLACES = ("S2", "S3", "S5", "S7", "LUNG", "HILARNODE")


def answers_at(scene: Scene, visit: Visit, at: datetime, **changed: Any) -> dict[str, Any]:
    """What the forms of a visit say, by their codes; `changed` takes the place of what is drawn."""
    person, day = scene.person, clock.day(at)
    scene.visits += 1
    inside = _inside(visit, day)
    treated = visit.series == "TREATMENT" or visit.code == "SURG"
    found: dict[str, Any] = {
        "SV": {
            "svstdtc": day,
            "svmode": "INPATIENT" if treated else "CLINIC",
            "svoowrsn": None if inside else LATE,
        }
    }
    signs = vital_signs_at(person, visits=scene.visits, punctured=visit.code in PUNCTURE_CHECK)
    found["VS"] = {**signs, "height": person.height}
    if "LB" in visit.forms:
        left = 1 if scene.course.seen == 0 and not scene.course.resected else markers_left(scene)
        blood = laboratory_at(person, visit.code, at, markers=left, arm=scene.participant.arm)
        blood |= {name: None for name, share in LEFT_OUT.items() if person.draw.random() < share}
        if visit.code in VIRAL_LOAD:
            blood |= viral_load(person, day)
        found["LB"] = blood
    if "STG" in visit.forms:
        found["STG"] = {"ascites": "MILD" if person.child_pugh_b else "NONE", "enceph": "NONE"}
    if "SYM" in visit.forms:
        found["SYM"] = symptoms_at(person, day, scene.participant.arm)
    for code, given in changed.items():
        found[code] = {**found.get(code, {}), **given}
    scene.weight = found["VS"]["weight"]
    return found


def _inside(visit: Visit, day: date) -> bool:
    return (visit.window_open is None or visit.window_open <= day) and (
        visit.window_close is None or day <= visit.window_close
    )


def markers_left(scene: Scene) -> float:
    """What is left of the tumour markers, as the tumour stands now."""
    course = scene.course
    if course.grown:
        return MARKERS_LEFT["PD"]
    return MARKERS_LEFT["NED" if course.resected else course.kind]


def attend(
    scene: Scene,
    visit: Visit,
    at: datetime,
    *,
    nextstep: str = "OBSERVE",
    modality: str = "CEMRI",
    entered: datetime | None = None,
    **changed: Any,
) -> None:
    """Fill in what is due at a visit that takes place at `at`; the MDT, where it meets, takes the decision named.

    `entered` is when it is entered, where that is later.
    """
    participant, by = scene.participant, scene.team.coordinator
    given = answers_at(scene, visit, at, **changed)
    at = entered or at
    if "VS" not in visit.forms:
        header = {key: given[key] for key in given if key != "VS"}
        _without_signs(scene, visit, at, header)
    else:
        walk_through_visit(participant, visit.code, by=by, now=at, answers=given)
    if "IMG" in visit.forms:
        examine(scene, visit.code, at, modality)
    if "RSP" in visit.forms:
        recurrence = "INTRAHEPATIC" if scene.course.resected and scene.course.grown else "NONE"
        imaging.assess(participant, visit.code, by=by, now=at, recurrence=recurrence)
    if "RES" in visit.forms:
        decide(participant, visit.code, by=by, now=at, **_decision(scene, nextstep))
    if "SURV" in visit.forms:
        survive(scene, visit.code, at)
    participant.refresh_from_db()


def _without_signs(scene: Scene, visit: Visit, at: datetime, given: Mapping[str, Mapping[str, Any]]) -> None:
    """A visit at which no vital signs are due."""
    for code, answers in given.items():
        asked = {"svdone": "Y", **answers} if code == "SV" else dict(answers)
        left_out = {name: "ND" for name, value in asked.items() if value is None and code == "LB"}
        fill(
            scene.participant,
            code,
            asked,
            by=scene.team.coordinator,
            now=at,
            visit_code=visit.code,
            missing=left_out,
            confirmed=dict.fromkeys(asked, CONFIRMED),
        )


def _decision(scene: Scene, nextstep: str) -> dict[str, Any]:
    """The review's answers: a liver remnant that grows, and the reason where nothing can be resected yet."""
    draw = scene.draw
    remnant = Decimal(f"{draw.uniform(38, 58):.1f}")
    found: dict[str, Any] = {
        "nextstep": nextstep,
        "flr2": remnant,
        "icgr15": Decimal(f"{draw.uniform(4, 12):.1f}"),
    }
    if scene.course.grown:
        return {**found, "nextstep": "OTHER_TREATMENT", "resres": "PROGRESSION", "reswhy": ["PROGRESSION"]}
    if nextstep == "OBSERVE":
        found["reswhy"] = draw.choice((["REMNANT"], ["NOTSHRUNK"], ["NOTSHRUNK", "REMNANT"], ["LIVER"]))
    return found


# ---- imaging --------------------------------------------------------------------------------------


def examine(scene: Scene, code: str, at: datetime, modality: str = "CEMRI") -> None:
    """Image the liver: the lesions of the baseline as the course has left them, and new ones where it says so."""
    course, participant = scene.course, scene.participant
    day = clock.day(at)
    grows = course.progresses is not None and day >= course.progresses
    baseline = imaging.baseline_of(participant)
    new: list[dict[str, Any]] = []
    if course.resected:
        lesions = imaging.lesions_at(baseline, 0, 0, "RESECTED")
        new = [imaging.new_lesion(1, _liver_segment(scene), _size(scene, 14, 32))] if grows else []
    else:
        longest, viable = left_of(course)
        if grows and course.kind != "PD":
            longest, viable = max(round(longest * 1.38), 30), max(round(viable * 1.6), 30)
            if scene.draw.random() < 0.5:
                new = [imaging.new_lesion(1, scene.draw.choice(NEW_PLACES), _size(scene, 22, 34))]
        elif course.kind == "PD":
            new = [imaging.new_lesion(1, _liver_segment(scene), _size(scene, 14, 26))]
        lesions = _uneven(scene, imaging.lesions_at(baseline, longest, viable))
    if grows and not course.grown:
        course.grown = True
    elif grows:
        # It was found before: what was new then is still there.
        new = known_new(scene) or new
    for one in new:
        if one["lesloc"] == "HILARNODE":
            one["saxis"] = one["ldiam"]
    imaging.image(
        participant, code, by=scene.team.coordinator, now=at, lesions=lesions, new=new, modality=modality
    )
    course.seen += 1


def left_of(course: Any) -> tuple[int, int]:
    """The longest and the viable diameter left, in percent, at the next examination."""
    share = AT_FIRST if course.seen == 0 else Decimal(1)
    longest = 100 - round((100 - course.longest) * share)
    viable = 100 - round((100 - course.viable) * share)
    # What responds goes on shrinking a little.
    step = min(max(course.seen - 1, 0), 4) * (3 if course.kind in ("CR", "PR", "VIABLE") else 0)
    return max(longest - step, 12), max(viable - 2 * step, 0)


def known_new(scene: Scene) -> list[dict[str, Any]]:
    """New lesions of examinations before, with the sizes they had and a little more."""
    found = Lesion.objects.filter(participant=scene.participant, lescat="NEW")
    latest = {one.lnkid: one for one in found.order_by("record__imgdtc", "number")}
    return [
        {
            "lnkid": one.lnkid,
            "lescat": "NEW",
            "lesloc": one.lesloc,
            "ldiam": imaging.tenths(one.ldiam * Decimal("1.12")),
            "lesst": "PRESENT",
        }
        for one in latest.values()
    ]


def _uneven(scene: Scene, lesions: Any) -> list[dict[str, Any]]:
    """Not every target answers by the same percent."""
    found = []
    for lesion in lesions:
        factor = Decimal(f"{scene.draw.uniform(0.98, 1.02):.3f}")
        sizes = {
            name: imaging.tenths(lesion[name] * factor)
            for name in ("ldiam", "viadiam")
            if lesion.get(name) is not None
        }
        if "viadiam" in sizes:
            sizes["viadiam"] = min(sizes["viadiam"], sizes["ldiam"])
        found.append({**lesion, **sizes})
    return found


def _liver_segment(scene: Scene) -> str:
    return scene.draw.choice(NEW_PLACES[:4])


def _size(scene: Scene, low: int, high: int) -> Decimal:
    return Decimal(f"{scene.draw.uniform(low, high):.1f}")


# ---- survival -------------------------------------------------------------------------------------


def survive(scene: Scene, code: str, at: datetime, repeat: int = 1, **changed: Any) -> None:
    """Enter the survival form: alive on that day, with the tumour as it was last seen."""
    course, day = scene.course, clock.day(at)
    tumour = "FREE" if course.resected else "STABLE"
    if course.grown:
        tumour = "RECURRENCE" if course.resected else "PROGRESSION"
    answers = {"ssdtc": day, "ssstat": "ALIVE", "lastalive": day, "tumstat": tumour, **changed}
    missing = {"dthreport": "ND"} if answers["ssstat"] == "DEAD" else {}
    fill(
        scene.participant,
        "SURV",
        answers,
        by=scene.team.coordinator,
        now=at,
        visit_code=code,
        repeat=repeat,
        missing=missing,
        confirmed=dict.fromkeys(answers, CONFIRMED),
    )

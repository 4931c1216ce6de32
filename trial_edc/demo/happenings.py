"""Adverse events, the drugs people take, and reports of what was serious.

Kinds and rates by arm follow protocol specification section 10: after HAIC abdominal pain, vomiting, rising
transaminases, low platelets and white cells, neuropathy; after Y-90 fatigue, abdominal pain, fever, bilirubin and low
lymphocytes; grade 3 or more in 20 % and 12 % of those treated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from eligibility.models import AdverseEvent, ConcomitantMedication
from participants.models import Visit
from participants.selectors import next_repeat
from records import clock
from safety.actions import acknowledge, file_report
from safety.models import SaeReport
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.scene import OPENS_AT, Scene


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: how often, after which treatment it begins (days, to), and for how long it lasts."""

    words: str
    term: str
    share: float
    begins: tuple[int, int]
    lasts: tuple[int, int]
    cause: str
    special: str = "NONE"


HAIC_EVENTS = (
    Kind("输注期间腹痛", "Abdominal pain", 0.42, (0, 2), (1, 4), "aerel_drug", "INFUSIONPAIN"),
    Kind("呕吐", "Vomiting", 0.36, (0, 3), (2, 5), "aerel_drug"),
    Kind("AST升高", "Aspartate aminotransferase increased", 0.4, (2, 7), (8, 20), "aerel_drug"),
    Kind("ALT升高", "Alanine aminotransferase increased", 0.3, (2, 7), (8, 20), "aerel_drug"),
    Kind("血小板减少", "Platelet count decreased", 0.3, (6, 14), (8, 18), "aerel_drug"),
    Kind("白细胞减少", "White blood cell decreased", 0.26, (6, 14), (7, 15), "aerel_drug"),
    Kind("手足麻木", "Peripheral sensory neuropathy", 0.2, (2, 20), (20, 60), "aerel_drug", "NEUROTOXICITY"),
)
Y90_EVENTS = (
    Kind("乏力", "Fatigue", 0.44, (1, 7), (10, 28), "aerel_y90"),
    Kind("腹痛", "Abdominal pain", 0.32, (0, 4), (2, 9), "aerel_y90"),
    Kind("发热", "Fever", 0.28, (0, 3), (1, 4), "aerel_y90"),
    Kind("胆红素升高", "Blood bilirubin increased", 0.2, (14, 35), (14, 40), "aerel_y90"),
    Kind("淋巴细胞减少", "Lymphocyte count decreased", 0.3, (14, 30), (30, 80), "aerel_y90"),
)
EVENTS = {"HAIC": HAIC_EVENTS, "Y90": Y90_EVENTS}
RELATIONS = ("aerel_drug", "aerel_haic", "aerel_y90", "aerel_maa", "aerel_surg")
OF_ARM = {"HAIC": ("aerel_drug", "aerel_haic"), "Y90": ("aerel_y90", "aerel_maa")}
NOT_GRADED_2 = ("Fever",)


# ---- adverse events -------------------------------------------------------------------------------


def events_drawn(scene: Scene, *, severe: bool = False) -> None:
    """The events of a treatment, mild for most people; `severe`: one of them is of grade 3."""
    arm = scene.participant.arm
    if arm is None or not scene.treated:
        return
    draw = scene.draw
    found = [kind for kind in EVENTS[arm] if draw.random() < kind.share]
    if severe and not found:
        found = [EVENTS[arm][2]]
    for place, kind in enumerate(found):
        courses = [at for name, at in scene.treated if name != "MAP"] or [scene.treated[0][1]]
        began = draw.choice(courses) + timedelta(days=draw.randint(*kind.begins))
        ended = began + timedelta(days=draw.randint(*kind.lasts))
        grade = 3 if severe and place == 0 else 2 if draw.random() < 0.3 else 1
        happen(scene, kind, began, ended, grade)


def happen(
    scene: Scene, kind: Kind, began: datetime, ended: datetime | None, grade: int, **changed: Any
) -> AdverseEvent | None:
    """Enter one event when it is known how it went; nothing where it would lie after the demo's morning."""
    known = min(max(began, ended or began) + timedelta(hours=20), OPENS_AT - timedelta(hours=14))
    if began >= known:
        return None
    over = ended is not None and ended < known
    answers: dict[str, Any] = {
        "aeterm": kind.words,
        "aedecod": kind.term,
        "aestdtc": clock.day(began).isoformat(),
        "aetoxgr": grade,
        "aeout": "RECOVERED" if over else "RECOVERING",
        "aesi": kind.special,
        "aeser": "N",
        "aeacn": "NOTCHANGED" if grade < 3 else "INTERRUPTED",
        **({"aeendtc": clock.day(ended).isoformat()} if over and ended else {}),
        **relations(scene, kind.cause),
        **changed,
    }
    return enter_event(scene, answers, known)


def relations(scene: Scene, cause: str, how: str = "PROBABLE") -> dict[str, Any]:
    """What the event has to do with each treatment given; of the others there is nothing to say."""
    given = {*OF_ARM.get(scene.participant.arm or "", ())}
    if scene.course.resected:
        given.add("aerel_surg")
    return {name: (how if name == cause else "UNLIKELY") for name in RELATIONS if name in given}


def enter_event(
    scene: Scene, answers: dict[str, Any], now: datetime, *, submit: bool = True, by: Actor | None = None
) -> AdverseEvent:
    """Fill in the form of an adverse event at the next number."""
    log = Visit.objects.get(participant=scene.participant, code="LOG")
    saved: Any = fill(
        scene.participant,
        "AE",
        answers,
        by=by or scene.team.coordinator,
        now=now,
        visit_code="LOG",
        repeat=next_repeat(AdverseEvent, log),
        submit=submit,
        missing={name: "NA" for name in RELATIONS if name not in answers},
        confirmed=dict.fromkeys(answers, CONFIRMED),
    )
    return AdverseEvent.objects.get(pk=saved.pk)


# ---- medication -----------------------------------------------------------------------------------

ANTIVIRALS = (("恩替卡韦", Decimal("0.5"), "J05AF10"), ("富马酸丙酚替诺福韦", Decimal(25), "J05AF13"))
DURING = {
    "HAIC": (
        ("帕洛诺司琼", "ANTIEMETIC", Decimal("0.25"), "ONCE", "INTRAVENOUS", "预防恶心呕吐", 0.8),
        ("异甘草酸镁", "HEPATOPROTECT", Decimal(150), "QD", "INTRAVENOUS", "保肝", 0.5),
        ("氟比洛芬酯", "ANALGESIC", Decimal(50), "PRN", "INTRAVENOUS", "输注腹痛", 0.35),
    ),
    "Y90": (
        ("艾司奥美拉唑", "OTHER", Decimal(20), "QD", "ORAL", "预防放射性胃十二指肠溃疡", 0.8),
        ("地塞米松", "OTHER", Decimal(4), "QD", "ORAL", "预防栓塞后综合征", 0.3),
        ("布洛芬", "ANALGESIC", Decimal(200), "PRN", "ORAL", "发热、腹痛", 0.3),
    ),
}


def takes_antiviral(scene: Scene, now: datetime) -> None:
    """Who carries the virus takes an antiviral, mostly since before consent (check X19)."""
    drug, dose, code = scene.draw.choice(ANTIVIRALS)
    since = clock.day(scene.start) - timedelta(days=scene.draw.choice((10, 25, 60, 400, 1100)))
    began = f"{since:%Y-%m}" if (clock.day(scene.start) - since).days > 50 else since.isoformat()
    take(
        scene,
        now,
        cmtrt=drug,
        cmatc=code,
        cmcat="ANTIHBV",
        cmdose=dose,
        cmdosfrq="QD",
        cmroute="ORAL",
        cmstdtc=began,
        cmenrf="Y",
        cmindc="慢性乙型肝炎",
    )


def takes_during_treatment(scene: Scene) -> None:
    """What is given around the treatment."""
    arm = scene.participant.arm
    if arm is None or not scene.treated:
        return
    began = scene.treated[0][1]
    for drug, category, dose, often, route, why, share in DURING[arm]:
        if scene.draw.random() >= share:
            continue
        ends = clock.day(began) + timedelta(days=scene.draw.randint(1, 6))
        take(
            scene,
            max(began, datetime.combine(ends, began.timetz())) + timedelta(hours=1),
            cmtrt=drug,
            cmcat=category,
            cmdose=dose,
            cmdosfrq=often,
            cmroute=route,
            cmstdtc=clock.day(began).isoformat(),
            cmenrf="N",
            cmendtc=ends.isoformat(),
            cmindc=why,
        )


def take(scene: Scene, now: datetime, **answers: Any) -> None:
    """Fill in one medication at the next number."""
    log = Visit.objects.get(participant=scene.participant, code="LOG")
    fill(
        scene.participant,
        "CM",
        {"cmdosu": "mg", **answers},
        by=scene.team.coordinator,
        now=min(now, OPENS_AT),
        visit_code="LOG",
        repeat=next_repeat(ConcomitantMedication, log),
        confirmed=dict.fromkeys(answers, CONFIRMED),
    )


# ---- serious events and their reports -------------------------------------------------------------

SERIOUS_BECAUSE = ("aesdth", "aeslife", "aeshosp", "aesdisab", "aescong", "aesmie")
NARRATIVE = (
    "受试者于{day}出现{what}，急诊入院。入院后完善血常规、肝肾功能、凝血及腹部影像检查，予对症支持治疗并密切监测。"
    "研究者判断该事件为严重不良事件，已按方案处理并向申办者报告。"
)


def serious(
    scene: Scene,
    kind: Kind,
    began: datetime,
    grade: int,
    aware: datetime,
    *,
    because: str = "aeshosp",
    entered: datetime | None = None,
    **changed: Any,
) -> AdverseEvent:
    """Enter a serious event as a draft when the investigator becomes aware: its report completes it."""
    answers: dict[str, Any] = {
        "aeterm": kind.words,
        "aedecod": kind.term,
        "aestdtc": clock.day(began).isoformat(),
        "aetoxgr": grade,
        "aeout": "NOTRECOVERED",
        "aesi": kind.special,
        "aeser": "Y",
        **{name: "Y" if name == because else "N" for name in SERIOUS_BECAUSE},
        "aeacn": "INTERRUPTED",
        "saeaware": aware,
        "saeexp": "Y",
        "saenarr": NARRATIVE.format(day=clock.day(began), what=kind.words),
        **relations(scene, kind.cause),
        **changed,
    }
    return enter_event(scene, answers, entered or aware + timedelta(hours=1), submit=False)


def report(scene: Scene, event: AdverseEvent, kind: str, sent: datetime, information: str = "") -> SaeReport:
    """File one version of the report, half an hour after it was sent."""
    fresh = AdverseEvent.objects.get(pk=event.pk)
    return file_report(
        event=fresh,
        kind=kind,
        revision=fresh.revision,
        sent=sent,
        reporter=scene.team.investigator.author.full_name,
        information=information,
        by=scene.team.investigator,
        now=min(sent + timedelta(minutes=30), OPENS_AT),
    )


def received(filed: SaeReport, by: Actor, after: timedelta, *, most: int = 9) -> None:
    """The recipients confirm that a version came in; `most` of them."""
    for delivery in list(filed.deliveries.order_by("pk"))[:most]:
        acknowledge(delivery=delivery, note="邮件回执", by=by, now=min(filed.sent + after, OPENS_AT))


def ends_well(scene: Scene, event: AdverseEvent, on: date, now: datetime, **changed: Any) -> None:
    """Complete and submit a serious event that has ended."""
    answers: dict[str, Any] = {
        "aeout": "RECOVERED",
        "aeendtc": on.isoformat(),
        "saeec": event.saeaware + timedelta(hours=20) if event.saeaware else None,
        "saeorg": event.saeaware + timedelta(hours=21) if event.saeaware else None,
        **changed,
    }
    fill(
        scene.participant,
        "AE",
        answers,
        by=scene.team.coordinator,
        now=now,
        visit_code="LOG",
        repeat=event.repeat,
        confirmed=dict.fromkeys([*answers, "aetoxgr", "aeser", "aesdth"], CONFIRMED),
    )

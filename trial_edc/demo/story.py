"""The demo's sixty participants: who came when, and what became of them, told by the same actions as the pages.

What people are like is drawn (drawing.py), what happens to them is chosen here, so that every state of every workflow
is to be seen and rates are those of comparable trials (protocol specification, section 10).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import SYSTEM
from participants.actions import register
from participants.codelists import ETHNIC_GROUP
from records import clock, study
from records.zone import TRIAL_ZONE
from safety.actions import judge_noted
from trial_edc.demo import turns
from trial_edc.demo.diaries import keep_diaries
from trial_edc.demo.drawing import Hands, Person, own
from trial_edc.demo.imaging import lesions_of_tumour
from trial_edc.demo.measuring import screening_laboratory, vital_signs_at
from trial_edc.demo.office import work_in_the_office
from trial_edc.demo.overseeing import oversee
from trial_edc.demo.plots import (
    assigned,
    begun,
    eligible,
    failing,
    haic,
    just_registered,
    refusing,
    screened,
    y90,
)
from trial_edc.demo.scene import OPENS_AT, Scene, Story, Team, teams

__all__ = ["CAST", "OPENS_AT", "Scene", "Story", "Team", "teams", "tell"]

TACE = [{"priortype": "TACE", "priordtc": "2025-03", "priordrug": "表柔比星"}]
# A lung dose a little above the limit of 30 Gy, below the 0.61 GBq of the product.
LUNG = {
    "msphere": "GLASS",
    "ymethod": "MIRD",
    "vliver": 2480,
    "vtumour": 640,
    "vperf": 1433,
    "dtarget": 150,
    "dtargeto": "PERFUSED",
    "residex": Decimal("1.0"),
    "lsf": Decimal("12.0"),
}
SHUNT = {"yextra": "UNCORRECTED", "ycoil": ["RGA"]}
HIGH_AST = {"LB": {"ast": Decimal("268.0"), "ast_cs": "CS"}}
HIGH_GGT = {"LB": {"ggt": Decimal("372.0"), "ggt_cs": "CS"}}

# Site, day of registration, story; told in the order of their days.
CAST: tuple[tuple[str, str, Story], ...] = (
    ("01", "2026-08-10", y90("CR", surgery={"viable": 0}, then=turns.completes)),
    ("01", "2026-08-17", haic(2, "PR", surgery={"viable": 35, "complication": "IIIA", "then": turns.bile_leak})),
    ("01", "2026-08-24", failing("筛选时ECOG评分为2分，不符合入选标准2。", VS={"ecog": "2"})),
    ("01", "2026-08-31", haic(4, "SD", progresses=150, seen_for=150, then=turns.dies_of_cancer(16))),
    ("01", "2026-09-07", y90("VIABLE", progresses=240, then=turns.other_treatment)),
    ("01", "2026-09-14", y90("PR", surgery={"viable": 10}, progresses=0)),
    ("02", "2026-09-21", y90("SD", progresses=0, seen_for=80, then=turns.dies_of_liver_failure)),
    ("02", "2026-09-24", haic(2, "PR", surgery={"viable": 15}, progresses=0)),
    ("01", "2026-09-28", haic(4, "PR", progresses=230, reduced={3: "HAEMATOLOGY"}, found={"H-R4": HIGH_GGT},
                              then=turns.told(turns.dismisses("H-R4", "ggt", "胆汁淤积所致，与基线同趋势，影像无异常。"),
                                              turns.completes_deviation("按方案减量，已记录原因。"),
                                              turns.other_treatment))),
    ("01", "2026-10-09", failing("肿瘤单发、最大径5.0 cm，分期为Ia期，不符合入选标准3。",
                                 STG={"tumnum": 1, "tummax": Decimal("50.0"), "vascinv": "N", "pvtt": None,
                                      "hvivc": None, "cnlcinv": "Ia"})),
    ("02", "2026-10-13", haic(4, "VIABLE", surgery={"viable": 60, "margin": "R1", "returns": 80}, progresses=0,
                              then=turns.other_treatment)),
    ("01", "2026-10-19", y90("PR", surgery={"viable": 25, "returns": 85}, progresses=0, then=turns.other_treatment)),
    ("02", "2026-10-26", y90("PD", then=turns.other_treatment)),
    ("01", "2026-11-02", haic(2, "SD", progresses=0, seen_for=70, then=turns.lost)),
    ("03", "2026-11-06", y90("PR", progresses=0, overdue=1)),
    ("02", "2026-11-10", failing("既往曾行TACE治疗，不符合入选标准4。",
                                 MH={"priortx": "Y", "prior_treatments": TACE})),
    ("01", "2026-11-16", haic(2, "SD", given=1, stops="ADVERSEEVENT", progresses=0, then=turns.reported_to_the_end)),
    ("03", "2026-11-23", haic(2, "PR", surgery={"viable": 5}, progresses=0)),
    ("02", "2026-11-30", y90("VIABLE", plan=LUNG, override="LUNG_DOSE", progresses=0)),
    ("01", "2026-12-04", y90("SD", progresses=150, missed={"Y-M3": "REFUSED"}, then=turns.other_treatment)),
    ("03", "2026-12-08", failing("胸部CT示双肺转移，不符合入选标准5。", STG={"exhep": "Y", "exhepsit": ["LUNG"], "cnlcinv": "IIIb"})),
    ("01", "2026-12-14", haic(4, "PR", surgery={"viable": 0}, progresses=0)),
    ("02", "2026-12-18", haic(4, "VIABLE", progresses=0,
                              then=turns.corrects("LB", "SCR", "录入笔误，已核对原始报告", urea=Decimal("5.60")))),
    ("02", "2026-12-28", y90("PR", surgery={"viable": 40}, progresses=0)),
    ("01", "2027-01-04", refusing),
    ("03", "2027-01-08", haic(4, "SD", given=3, stops="ADVERSEEVENT", progresses=0, then=turns.reported_late)),
    ("01", "2027-01-11", y90("SD", progresses=0, antiviral=False,
                             then=turns.answers_check("X19", "受试者拒绝抗病毒治疗，HBV DNA低于检测下限，已告知风险。"))),
    ("02", "2027-01-18", failing("HIV抗体确证阳性，符合排除标准6。", LB={"hivab": "POS"})),
    ("01", "2027-01-25", haic(2, "PD", then=turns.other_treatment)),
    ("03", "2027-01-29", y90("VIABLE", progresses=0, severe=True)),
    ("03", "2027-02-01", y90("PR", surgery={"explored": True}, progresses=0)),
    ("02", "2027-02-05", haic(4, "SD", progresses=0, reduced={4: "NEUROTOXICITY"}, severe=True, found={"H-R4": HIGH_AST})),
    ("01", "2027-02-19", haic(2, "VIABLE", surgery={"viable": 20}, progresses=0)),
    ("03", "2027-02-22", y90("SD", progresses=0, seen_for=60, then=turns.withdraws(20))),
    ("02", "2027-02-26", y90("CR", surgery={"viable": 0}, progresses=0)),
    ("01", "2027-03-01", failing("5年前甲状腺乳头状癌，符合排除标准2。",
                                 MH={"maligoth": "Y", "maligtyp": "甲状腺乳头状癌", "maligdtc": "2022-05"})),
    ("01", "2027-03-05", haic(4, "PR", progresses=0, then=turns.reported_this_morning)),
    ("02", "2027-03-09", y90("PR", progresses=0, then=turns.comes_unscheduled)),
    ("03", "2027-03-15", haic(2, "SD", progresses=0, antiviral=False, overdue=1)),
    ("02", "2027-03-22", y90("SD", progresses=0,
                             then=turns.corrects("VS", "SCR", "漏录呼吸频率", resp=18))),
    ("02", "2027-03-29", haic(4, "SD", given=3, progresses=0)),
    ("01", "2027-04-06", y90("PR", progresses=0)),
    ("03", "2027-04-12", y90("SD", again=True, progresses=0)),
    ("02", "2027-04-16", haic(2, "PR", progresses=0, overdue=1, then=lambda scene: begun(scene, "H-R2"))),
    ("03", "2027-04-20", failing("筛选前3周消化道出血，符合排除标准8。", MH={"gibyn": "Y", "gibdtc": "2027-04-02"})),
    ("02", "2027-04-26", haic(2, "SD", given=1, held=True, progresses=0)),
    ("01", "2027-05-03", y90("SD", progresses=0, then=turns.unreported(turns.AFTER_Y90, 40))),
    ("03", "2027-05-06", y90(until="PLANNED", mapping=SHUNT, override="GASTROINTESTINAL", confirmed=False)),
    ("01", "2027-05-10", haic(2, "SD", given=1, then=turns.unreported(turns.PAIN, 20))),
    ("02", "2027-05-14", y90(until="CHECKED")),
    ("01", "2027-05-18", haic(4, "SD", given=1, then=turns.unreported(turns.INFECTION, 5, grade=2))),
    ("03", "2027-05-21", y90(until="PLANNED")),
    ("02", "2027-05-25", assigned("Y90")),
    ("01", "2027-05-28", eligible),
    ("02", "2027-06-01", assigned("HAIC")),
    ("03", "2027-06-03", screened(STG={"tumnum": 2, "tummax": Decimal("29.0"), "vascinv": "N", "pvtt": None,
                                       "hvivc": None, "cnlcinv": "Ib"})),
    ("01", "2027-06-07", screened(submit=False, LB={"hivab": "PENDING"})),
    ("02", "2027-06-09", screened()),
    ("01", "2027-06-11", just_registered),
    ("03", "2027-06-14", just_registered),
)  # fmt: skip

INITIALS = "BCDFGHJKLMNPQRSTWXYZ"
BEFORE = (("高血压", 1), ("2型糖尿病", 2), ("脂肪肝", 1), ("胆囊结石", 1), ("陈旧性肺结核", 1))
OTHER_CAUSES = (["ALCOHOL"], ["MASLD"], ["UNKNOWN"])


def tell() -> None:
    """Bring every participant of the cast to where their story stands on the demo's morning, then the office's work."""
    hands, people = Hands.dealt_to(len(CAST)), teams()
    with study.reading_once():
        for place, (code, day, story) in enumerate(CAST):
            scene = _enters(people[code], date.fromisoformat(day), hands, place)
            story(scene)
            judge_noted(participant=scene.participant, by=SYSTEM, now=scene.start)
        work_in_the_office()
        oversee(people["01"])
        keep_diaries(people["01"])


def _enters(team: Team, day: date, hands: Hands, place: int) -> Scene:
    """Somebody consents and is registered."""
    draw = own(f"registration {place}")
    at = datetime(
        day.year, day.month, day.day, draw.randint(8, 11), draw.randrange(0, 60, 5), tzinfo=TRIAL_ZONE
    )
    signed = at - timedelta(minutes=40)
    participant = register(
        site=team.site,
        initials="".join(draw.choices(INITIALS, k=draw.choice([2, 3]))),
        consent_signed_at=signed,
        consent_version="1.0",
        consent_signer="SUBJECT",
        copy_given="Y",
        by=team.coordinator,
        now=at,
    )
    person = hands.person(place, day)
    start = at + timedelta(days=1)
    return Scene(participant, team, start, person, screening_of(person, start, signed))


def screening_of(person: Person, at: datetime, consent: datetime) -> dict[str, dict[str, Any]]:
    """The answers of the screening forms."""
    return {
        "DM": _demographics(person),
        "MH": _history(person, clock.day(at)),
        "VS": vital_signs_at(person),
        "LB": screening_laboratory(person, at, consent),
        "STG": _staging(person),
        "IMG": {"lesions": _lesions(person)},
    }


def _demographics(person: Person) -> dict[str, Any]:
    draw = person.draw
    woman: dict[str, Any] = {}
    if person.sex == "F":
        past = int(person.born[:4]) < 1975
        why = "MENOPAUSE" if past else draw.choice(("HYSTERECTOMY", "BILATERAL"))
        woman = {"childpot": "N", "childpotn": why, "lactate": "N"}
    group = draw.choice([code for code in ETHNIC_GROUP.values if code != "HAN"][:14])
    return {
        "brthdtc": person.born,
        "sex": person.sex,
        "ethnic_cn": group if draw.random() < 0.08 else "HAN",
        **woman,
    }


def _history(person: Person, today: date) -> dict[str, Any]:
    draw = person.draw
    diagnosed = today - timedelta(days=draw.randint(4, 40))
    found = [
        {"mhterm": words, "mhstdtc": str(today.year - draw.randint(2, 15)), "mhenrf": "Y", "mhtoxgr": grade}
        for words, grade in draw.sample(BEFORE, k=draw.choice((0, 0, 1, 1, 2)))
    ]
    if person.child_pugh_b:
        found.append({"mhterm": "腹水", "mhstdtc": f"{diagnosed:%Y-%m}", "mhenrf": "Y", "mhtoxgr": 1})
    histology = draw.random() < 0.25
    return {
        "hccdxdtc": f"{diagnosed:%Y-%m}",
        "hccdxm": "HISTOLOGY" if histology else draw.choice(("CLINICAL", "LIRADS5")),
        "hcctype": "HCC" if histology else "NOBIOPSY",
        "etiol": ["HBV"] if person.hepatitis_b else draw.choice(OTHER_CAUSES),
        "cirrh": "Y" if person.cirrhosis else "N",
        "varices": draw.choice(("NONE", "MILD", "MILD")) if person.cirrhosis else "NONE",
        "portht": draw.choice("YNN") if person.cirrhosis else "N",
        "conditions": found,
    }


def _staging(person: Person) -> dict[str, Any]:
    tumour = person.tumour
    thrombus = {"pvtt": tumour.portal, "hvivc": tumour.hepatic} if tumour.thrombus else {}
    return {
        "ascites": "MILD" if person.child_pugh_b else "NONE",
        "tumnum": tumour.number,
        "tummax": tumour.largest,
        "vascinv": "Y" if tumour.thrombus else "N",
        **thrombus,
        "cnlcinv": tumour.stage,
    }


def _lesions(person: Person) -> list[dict[str, Any]]:
    """The lesions of the baseline, in segments of chance."""
    listed = lesions_of_tumour(**_staging(person))
    segments = iter(person.draw.sample([f"S{number}" for number in range(2, 9)], 3))
    moved = {place: next(segments) for place in ("S6", "S8", "S4")}
    return [{**one, "lesloc": moved.get(one["lesloc"], one["lesloc"])} for one in listed]

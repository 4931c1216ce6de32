"""What befalls single participants: serious events and their reports, other treatment, death, corrections, checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import SYSTEM, Permission
from arms.models import OtherTreatment
from eligibility.models import Laboratory
from followup.actions import add_unscheduled_visit
from participants.actions import confirm_discrepancy
from participants.models import Discrepancy, Visit, VisitHeader
from participants.selectors import next_repeat
from records import clock
from safety.actions import judge_noted
from safety.actions.prompts import dismiss_result
from safety.models import ProtocolDeviation
from trial_edc.demo.attending import attend
from trial_edc.demo.chapters import be_lost, die, end, miss
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.happenings import Kind, ends_well, happen, received, report, serious
from trial_edc.demo.measuring import laboratory_at, vital_signs_at
from trial_edc.demo.scene import OPENS_AT, Scene, actor_of, in_the_morning

Turn = Callable[[Scene], None]

PAIN = Kind("重度腹痛", "Abdominal pain", 1, (0, 1), (3, 6), "aerel_drug", "INFUSIONPAIN")
PLATELETS = Kind("血小板减少", "Platelet count decreased", 1, (8, 12), (6, 12), "aerel_drug")
INFECTION = Kind("发热待查", "Fever", 1, (1, 4), (3, 8), "aerel_haic")
AFTER_Y90 = Kind("放射性胆囊炎", "Cholecystitis", 1, (10, 20), (8, 15), "aerel_y90", "CHOLECYSTITIS")
LIVER_FAILURE = Kind("放射性栓塞诱发的肝病", "Hepatic failure", 1, (60, 90), (10, 20), "aerel_y90", "REILD")
BILE_LEAK = Kind("胆漏", "Biliary anastomotic leak", 1, (3, 3), (5, 9), "aerel_surg")


def told(*turns: Turn) -> Turn:
    """One after the other."""

    def all_of_them(scene: Scene) -> None:
        for turn in turns:
            turn(scene)

    return all_of_them


# ---- serious events -------------------------------------------------------------------------------


def bile_leak(scene: Scene, operated: datetime) -> None:
    """After the operation: reported in time, received by the sponsor, and followed up."""
    began = operated + timedelta(days=3)
    aware = began + timedelta(hours=2)
    event = serious(scene, BILE_LEAK, began, 3, aware, aeacn="NOTAPPLICABLE")
    first = report(scene, event, "INITIAL", aware + timedelta(hours=5))
    received(first, actor_of("datamanager", Permission.ACKNOWLEDGE_SAE), timedelta(hours=3), most=1)
    news = "超声引导下穿刺引流，引流量逐日减少，体温正常。"
    report(scene, event, "FOLLOWUP", aware + timedelta(days=4), news)


def reported_to_the_end(scene: Scene) -> None:
    """A serious event with all versions of its report, each received by everybody."""
    began = scene.treated[-1][1] + timedelta(hours=4)
    aware = began + timedelta(hours=1)
    event = serious(scene, PAIN, began, 3, aware, aeacn="WITHDRAWN")
    sponsor = actor_of("datamanager", Permission.ACKNOWLEDGE_SAE)
    received(report(scene, event, "INITIAL", aware + timedelta(hours=9)), sponsor, timedelta(hours=2))
    news = "予阿片类镇痛及解痉治疗后缓解，复查肝动脉CTA未见异常。"
    follow_up = report(scene, event, "FOLLOWUP", aware + timedelta(days=2), news)
    received(follow_up, sponsor, timedelta(hours=5))
    over = began + timedelta(days=6)
    ends_well(scene, event, clock.day(over), over + timedelta(days=1))
    final = report(scene, event, "FINAL", over + timedelta(days=2), "已痊愈出院，停止后续HAIC。")
    received(final, sponsor, timedelta(hours=8))


def reported_late(scene: Scene) -> None:
    """Known on a Friday night and reported after 29 hours; the check is answered with the reason."""
    began = scene.treated[-1][1] + timedelta(days=9)
    aware = began + timedelta(hours=6)
    event = serious(scene, PLATELETS, began, 4, aware)
    report(scene, event, "INITIAL", aware + timedelta(hours=29))
    over = began + timedelta(days=9)
    ends_well(scene, event, clock.day(over), over + timedelta(days=1))
    answer(scene, "X21", "周末值班交接遗漏，已对研究团队再培训。", aware + timedelta(days=3))


def unreported(kind: Kind, hours: int, grade: int = 3) -> Turn:
    """The site became aware so many hours before the demo's morning, and has not reported."""

    def turn(scene: Scene) -> None:
        aware = OPENS_AT - timedelta(hours=hours)
        serious(scene, kind, aware - timedelta(hours=3), grade, aware, saeexp=None, saenarr=None)

    return turn


def reported_this_morning(scene: Scene) -> None:
    aware = OPENS_AT - timedelta(hours=21)
    event = serious(scene, INFECTION, aware - timedelta(hours=8), 2, aware)
    report(scene, event, "INITIAL", OPENS_AT - timedelta(hours=2))


def dies_of_liver_failure(scene: Scene) -> None:
    """Unexpected and related: a SUSAR, and fatal."""
    infused = next(at for name, at in scene.treated if name == "Y90")
    began = infused + timedelta(days=82)
    aware = began + timedelta(hours=5)
    died = clock.day(began) + timedelta(days=13)
    event = serious(scene, LIVER_FAILURE, began, 4, aware, because="aeslife", saeexp="N")
    sponsor = actor_of("datamanager", Permission.ACKNOWLEDGE_SAE)
    received(report(scene, event, "INITIAL", aware + timedelta(hours=7)), sponsor, timedelta(hours=2))
    known = in_the_morning(died + timedelta(days=1), scene.draw)
    fatal = {"aeout": "FATAL", "aetoxgr": 5, "aesdth": "Y", "aeacn": "NOTAPPLICABLE"}
    ends_well(scene, event, died, known, **fatal)
    report(scene, event, "FOLLOWUP", known + timedelta(hours=1), f"受试者于{died}因肝功能衰竭死亡。")
    die(scene, died, known + timedelta(hours=2), "LIVERFAILURE")
    report(scene, event, "FINAL", known + timedelta(days=9), "总结报告：肝功能衰竭，未行尸检。")


# ---- after progression ----------------------------------------------------------------------------

SECOND_LINE = (
    ("TARGIMM", "仑伐替尼、信迪利单抗"),
    ("TACE", "表柔比星"),
    ("TARGIMM", "贝伐珠单抗、阿替利珠单抗"),
)


def other_treatment(scene: Scene) -> None:
    """Once the tumour grows again, treatment goes on outside the protocol, and the study treatment ends."""
    if not scene.course.grown or scene.participant.status in ("DIED", "WITHDRAWN"):
        return
    day = min(last_seen(scene) + timedelta(days=9), clock.day(OPENS_AT) - timedelta(days=2))
    kind, drug = scene.draw.choice(SECOND_LINE)
    log = Visit.objects.get(participant=scene.participant, code="LOG")
    answers = {
        "sacttype": kind,
        "sactint": "THERAPEUTIC",
        "sactstdtc": day,
        "sactenrf": "Y",
        "sactdrug": drug,
        "sactwhy": "RECURRENCE" if scene.course.resected else "PROGRESSION",
    }
    fill(
        scene.participant,
        "SACT",
        answers,
        by=scene.team.coordinator,
        now=in_the_morning(day + timedelta(days=1), scene.draw),
        visit_code="LOG",
        repeat=next_repeat(OtherTreatment, log),
        confirmed=dict.fromkeys(answers, CONFIRMED),
    )


def dies_of_cancer(days_before: int) -> Turn:
    def turn(scene: Scene) -> None:
        other_treatment(scene)
        died = clock.day(OPENS_AT) - timedelta(days=days_before)
        die(scene, died, in_the_morning(died + timedelta(days=2), scene.draw), "HCC")

    return turn


def lost(scene: Scene) -> None:
    """Not seen any more, and reached by nobody."""
    be_lost(scene, last_seen(scene), OPENS_AT - timedelta(days=18))


def withdraws(days_before: int) -> Turn:
    """Consent is withdrawn, and nothing more is collected."""

    def turn(scene: Scene) -> None:
        at = OPENS_AT - timedelta(days=days_before)
        end(scene, "EOT", "WITHDRAWAL", at, wdscope="ALL")
        end(
            scene,
            "EOS",
            "WITHDRAWAL",
            at + timedelta(minutes=5),
            wdscope="ALL",
            dsterm="回原籍，不愿继续随访",
        )
        miss(scene, "EOS", "REFUSED", at + timedelta(minutes=9))

    return turn


def completes(scene: Scene) -> None:
    """Six months after hepatectomy without recurrence: treatment and study were completed."""
    day = min(last_seen(scene) + timedelta(days=3), clock.day(OPENS_AT) - timedelta(days=1))
    at = in_the_morning(day, scene.draw)
    end(scene, "EOT", "COMPLETED", at)
    end(scene, "EOS", "COMPLETED", at + timedelta(minutes=5))
    attend(scene, Visit.objects.get(participant=scene.participant, code="EOS"), at + timedelta(hours=1))


def last_seen(scene: Scene) -> date:
    """The day of the last visit that took place."""
    headers = VisitHeader.objects.filter(participant=scene.participant, svdone="Y").exclude(svstdtc=None)
    return max(day for day in headers.values_list("svstdtc", flat=True) if day is not None)


# ---- in between -----------------------------------------------------------------------------------


def comes_unscheduled(scene: Scene) -> None:
    """A visit nobody planned, because of fever."""
    at = in_the_morning(last_seen(scene) + timedelta(days=9), scene.draw)
    by = scene.team.coordinator
    visit = add_unscheduled_visit(participant=scene.participant, by=by, now=at)
    place: dict[str, Any] = {"by": by, "now": at, "visit_code": visit.code}
    day = clock.day(at)
    fill(scene.participant, "SV", {"svdone": "Y", "svstdtc": day, "svmode": "CLINIC"}, **place)
    scene.visits += 1
    signs = {**vital_signs_at(scene.person, visits=scene.visits), "height": scene.person.height}
    warm = {**signs, "temp": Decimal("38.4"), "pulse": 96}
    fill(scene.participant, "VS", warm, **place, confirmed=dict.fromkeys(warm, CONFIRMED))
    blood = laboratory_at(scene.person, "UNS", at, markers=1, arm=scene.participant.arm)
    fill(scene.participant, "LB", blood, **place, confirmed=dict.fromkeys(blood, CONFIRMED))


def corrects(code: str, visit_code: str, reason: str, **answers: Any) -> Turn:
    """A submitted form is corrected, with the reason."""

    def turn(scene: Scene) -> None:
        at = min(OPENS_AT - timedelta(days=1), scene.later(days=20))
        fill(
            scene.participant,
            code,
            dict(answers),
            by=scene.team.coordinator,
            now=at,
            visit_code=visit_code,
            reason=reason,
            confirmed=dict.fromkeys(answers, CONFIRMED),
        )

    return turn


def answer(scene: Scene, check: str, comment: str, at: datetime) -> None:
    """Confirm what a check across forms has found."""
    for one in Discrepancy.objects.filter(participant=scene.participant, check_id=check, status="OPEN"):
        confirm_discrepancy(discrepancy=one, comment=comment, by=scene.team.coordinator, now=at)


def answers_check(check: str, comment: str) -> Turn:
    def turn(scene: Scene) -> None:
        answer(scene, check, comment, OPENS_AT - timedelta(days=2))

    return turn


def dismisses(visit_code: str, test: str, reason: str) -> Turn:
    """A graded result is no adverse event, and why."""

    def turn(scene: Scene) -> None:
        sample = Laboratory.objects.get(participant=scene.participant, visit__code=visit_code)
        at = OPENS_AT - timedelta(days=3)
        dismiss_result(laboratory=sample, test=test, reason=reason, by=scene.team.coordinator, now=at)

    return turn


def completes_deviation(action: str) -> Turn:
    """The deviation a rule has drafted is completed."""

    def turn(scene: Scene) -> None:
        judge_noted(participant=scene.participant, by=SYSTEM, now=scene.start)
        draft = ProtocolDeviation.objects.filter(participant=scene.participant, state="DRAFT").first()
        if draft is None:
            return
        told = {"dvact": action, "dvec": clock.day(OPENS_AT) - timedelta(days=20)}
        fill(
            scene.participant,
            "DV",
            told,
            by=scene.team.coordinator,
            now=OPENS_AT - timedelta(days=19),
            visit_code="LOG",
            repeat=draft.repeat,
            confirmed=dict.fromkeys(told, CONFIRMED),
        )

    return turn


def feels_pain(scene: Scene) -> None:
    """An event that goes on this morning."""
    began = scene.treated[-1][1] + timedelta(days=1)
    happen(scene, Kind("上腹隐痛", "Abdominal pain", 1, (1, 1), (5, 5), "aerel_y90"), began, None, 1)

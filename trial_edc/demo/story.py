"""The demo's participants: each a short story, told by the same actions as the pages, at times gone by.

Values are drawn from a fixed seed, so every demo is the same. What is drawn follows the figures of
comparable trials (protocol specification, section 10).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.access import Access, Actor, Permission
from accounts.models import Site, User
from eligibility.actions import declare_screen_failure
from participants.actions import register
from participants.models import Participant, Visit
from participants.workflow import VisitState
from records import clock
from trial_edc.demo.after_treatment import walk_through_surgery
from trial_edc.demo.walks import (
    walk_through_cycle,
    walk_through_review,
    walk_through_visit,
    walk_to_assigned,
    walk_to_eligible,
    walk_to_haic_done,
    walk_to_screened,
    walk_to_y90_done,
    walk_to_y90_planned,
)

# The demo opens on this morning in Shanghai; its clock goes on from there.
OPENS_AT = datetime(2027, 3, 15, 9, 0, tzinfo=clock.TRIAL_ZONE)


@dataclass(frozen=True, slots=True)
class Team:
    """Who works at a demo site."""

    site: Site
    coordinator: Actor
    investigator: Actor


@dataclass(frozen=True, slots=True)
class Scene:
    """One participant's beginning: who, where and when."""

    participant: Participant
    team: Team
    start: datetime
    answers: dict[str, Any]


Story = Callable[[Scene], None]


def teams() -> dict[str, Team]:
    found = {}
    for code, suffix in (("01", ""), ("02", "02"), ("03", "03")):
        site = Site.objects.get(code=code)

        def actor(name: str, permission: Permission, site: Site = site) -> Actor:
            person = User.objects.get(username=name)
            return Access.of(person, clock.day(OPENS_AT)).actor(permission, site.pk)

        found[code] = Team(
            site,
            actor(f"coordinator{suffix}", Permission.ENTER_DATA),
            actor(f"investigator{suffix}", Permission.DECIDE_ELIGIBILITY),
        )
    return found


# ---- stories --------------------------------------------------------------------------------------


def just_registered(scene: Scene) -> None:
    """Consent was signed; nothing else is entered yet."""


def screened(scene: Scene) -> None:
    walk_to_screened(scene.participant, by=scene.team.coordinator, now=scene.start, **scene.answers)


def eligible(scene: Scene) -> None:
    team = scene.team
    walk_to_eligible(
        scene.participant,
        by=team.coordinator,
        investigator=team.investigator,
        now=scene.start,
        **scene.answers,
    )


def failing(reason: str, **changed: dict[str, Any]) -> Story:
    def story(scene: Scene) -> None:
        answers: dict[str, Any] = {
            code: {**scene.answers.get(code, {}), **changed.get(code, {})}
            for code in {*scene.answers, *changed}
        }
        walk_to_screened(scene.participant, by=scene.team.coordinator, now=scene.start, **answers)
        declare_screen_failure(
            participant=scene.participant,
            reason=reason,
            by=scene.team.investigator,
            now=scene.start + timedelta(hours=3),
        )

    return story


def y90_assigned(scene: Scene) -> None:
    eligible(scene)
    walk_to_assigned(
        scene.participant, "Y90", investigator=scene.team.investigator, now=_later(scene, days=2)
    )


def y90_planned(scene: Scene) -> None:
    eligible(scene)
    walk_to_y90_planned(
        scene.participant,
        by=scene.team.coordinator,
        investigator=scene.team.investigator,
        now=_later(scene, days=2),
    )


def y90_treated(scene: Scene) -> None:
    eligible(scene)
    walk_to_y90_done(
        scene.participant,
        by=scene.team.coordinator,
        investigator=scene.team.investigator,
        now=_later(scene, days=2),
    )


def haic_first_cycle(scene: Scene) -> None:
    eligible(scene)
    assigned = _later(scene, days=2)
    walk_to_assigned(scene.participant, "HAIC", investigator=scene.team.investigator, now=assigned)
    walk_through_cycle(scene.participant, 1, by=scene.team.coordinator, start=assigned + timedelta(days=2))


def haic(cycles: int, response: str = "PR") -> Story:
    def story(scene: Scene) -> None:
        eligible(scene)
        walk_to_haic_done(
            scene.participant,
            by=scene.team.coordinator,
            investigator=scene.team.investigator,
            now=_later(scene, days=2),
            cycles=cycles,
            response=response,
        )

    return story


# The visits at which the MDT finds the tumour resectable, where the story leads to an operation.
REVIEWS = ("H-R2", "Y-M3")


def followed(
    treatment: Story, *, response: str = "PR", missed: int = 0, surgery: dict[str, Any] | None = None
) -> Story:
    """After treatment, every visit due by the demo's morning is entered, but for the last `missed`.

    With `surgery` (what the specimen and the time after show) the review leads to hepatectomy five days later.
    """

    def story(scene: Scene) -> None:
        treatment(scene)
        # What is due can change with what was found at the visit before.
        while len(due := list(_due(scene.participant))) > missed:
            visit = due[0]
            assert visit.target_from is not None
            at = datetime.combine(visit.target_from, scene.start.timetz(), tzinfo=clock.TRIAL_ZONE)
            if "RSP" not in visit.forms:
                walk_through_visit(scene.participant, visit.code, by=scene.team.coordinator, now=at)
                continue
            operates = surgery is not None and visit.code in REVIEWS
            walk_through_review(
                scene.participant,
                visit.code,
                by=scene.team.coordinator,
                now=at,
                nextstep="HEPATECTOMY" if operates else "OBSERVE",
                response=response,
            )
            if operates:
                walk_through_surgery(
                    scene.participant,
                    by=scene.team.coordinator,
                    now=at + timedelta(days=5),
                    **(surgery or {}),
                )

    return story


def _due(participant: Participant) -> QuerySet[Visit]:
    """Visits not begun whose target has passed by the demo's morning; surgery is a story of its own."""
    return (
        participant.visits.filter(status=VisitState.PLANNED, target_to__lt=clock.day(OPENS_AT))
        .exclude(series="SURGERY")
        .order_by("target_from", "position")
    )


def _later(scene: Scene, *, days: int) -> datetime:
    return scene.start + timedelta(days=days)


# Site, day of registration, story; told in the order of their days.
CAST: tuple[tuple[str, str, Story], ...] = (
    ("01", "2026-08-10", followed(y90_treated, surgery={"viable": 0})),
    ("01", "2026-08-17", followed(haic(2), surgery={"viable": 35, "complication": "IIIA"})),
    ("01", "2026-08-24", failing("筛选时ECOG评分为2分，不符合入选标准2。", VS={"ecog": "2"})),
    ("01", "2026-09-02", followed(haic(4, "SD"), response="SD")),
    ("01", "2026-09-14", followed(y90_treated, missed=1)),
    ("02", "2026-09-21", followed(y90_treated, response="SD")),
    ("02", "2026-09-28", followed(haic(2), missed=1)),
    (
        "01",
        "2026-10-12",
        failing("肿瘤单发、最大径5.0 cm，分期为Ia期。", STG={"tummax": Decimal("50.0"), "cnlcinv": "Ia"}),
    ),
    ("01", "2026-10-19", followed(y90_treated)),
    ("02", "2026-10-26", followed(haic(4), response="PR")),
    ("01", "2026-11-09", followed(haic(2))),
    ("03", "2026-11-16", followed(y90_treated)),
    (
        "03",
        "2026-11-23",
        failing(
            "既往曾行TACE治疗，不符合入选标准4。",
            MH={
                "priortx": "Y",
                "prior_treatments": [{"priortype": "TACE", "priordtc": "2025-03", "priordrug": "表柔比星"}],
            },
        ),
    ),
    ("02", "2026-12-07", followed(y90_treated, missed=1)),
    ("01", "2026-12-14", haic(2)),
    ("03", "2026-12-21", followed(haic(2), response="SD")),
    ("01", "2027-01-11", y90_treated),
    ("02", "2027-01-18", failing("HIV抗体确证阳性，符合排除标准6。", LB={"hivab": "POS"})),
    ("03", "2027-01-25", y90_treated),
    ("01", "2027-02-08", haic_first_cycle),
    ("02", "2027-02-15", haic_first_cycle),
    ("01", "2027-02-22", y90_planned),
    ("03", "2027-03-01", y90_planned),
    ("02", "2027-03-03", y90_assigned),
    ("01", "2027-03-08", eligible),
    ("01", "2027-03-10", screened),
    ("02", "2027-03-10", screened),
    ("03", "2027-03-11", screened),
    ("01", "2027-03-12", just_registered),
    ("02", "2027-03-12", just_registered),
)


def tell() -> None:
    """Bring every participant of the cast to where their story stands on the demo's morning."""
    draw = random.Random(7070076)  # noqa: S311 – a fixed seed is the point
    people = teams()
    for code, day, story in CAST:
        team = people[code]
        at = datetime.fromisoformat(
            f"{day}T{draw.randint(8, 11):02d}:{draw.randrange(0, 60, 5):02d}"
        ).replace(tzinfo=clock.TRIAL_ZONE)
        participant = register(
            site=team.site,
            initials="".join(draw.choices("BCDFGHJKLMNPQRSTWXYZ", k=draw.choice([2, 3]))),
            consent_signed_at=at - timedelta(minutes=40),
            consent_version="1.0",
            consent_signer="SUBJECT",
            copy_given="Y",
            by=team.coordinator,
            now=at,
        )
        story(Scene(participant, team, at + timedelta(days=1), _baseline(draw)))


def _baseline(draw: random.Random) -> dict[str, Any]:
    """A baseline of somebody eligible; the stage follows from the tumour drawn."""
    tumour = draw.choices(
        (
            {"tumnum": 1, "vascinv": "N", "cnlcinv": "Ib"},
            {"tumnum": 3, "vascinv": "N", "cnlcinv": "IIa"},
            {"tumnum": 5, "vascinv": "N", "cnlcinv": "IIb"},
            {"tumnum": 1, "vascinv": "Y", "pvtt": "II", "hvivc": "NONE", "cnlcinv": "IIIa"},
        ),
        weights=(35, 20, 15, 30),
    )[0]
    sex = draw.choices(("M", "F"), weights=(87, 13))[0]
    woman = {"childpot": "N", "childpotn": "MENOPAUSE", "lactate": "N"} if sex == "F" else {}
    return {
        "DM": {
            "brthdtc": f"{draw.randint(1954, 1986)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
            "sex": sex,
            **woman,
        },
        "VS": {"ecog": draw.choices(("0", "1"), weights=(60, 40))[0]},
        "LB": {
            "afp": Decimal(afp := draw.choice((8, 45, 120, 312, 410, 980, 4300, 21155))),
            "pivka": Decimal(6 * afp),
            "tbil": Decimal(draw.randint(80, 210)) / 10,
            "alb": Decimal(draw.randint(362, 455)) / 10,
        },
        "STG": {"tummax": Decimal(draw.randint(62, 140)), **tumour},
    }

"""What the screening forms ask, refuse, query and compute."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from eligibility.models import Laboratory, Staging, VitalSigns
from participants.models import Participant, Visit
from records.findings import Level, Refused
from trial_edc.demo.walks import LABORATORY, VITAL_SIGNS, fill, walk_to_screened

WOMAN = {"sex": "F", "childpot": "Y", "lactate": "N", "contraok": "Y", "childpotn": None}


def findings(
    participant: Participant, code: str, answers: dict[str, Any], by: Actor, now: datetime, **more: Any
) -> Any:
    """What a save is refused for: (item, level) in the order of the form."""
    with pytest.raises(Refused) as refused:
        fill(participant, code, answers, by=by, now=now, **more)
    return [(finding.item, finding.level) for finding in refused.value.findings]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"sysbp": 95, "diabp": 95}, [("diabp", Level.HARD)]),
        ({"height": Decimal(119)}, [("height", Level.HARD)]),
        ({"spo2": 93}, [("spo2", Level.SOFT)]),
        ({"height": None}, [("height", Level.HARD)]),
        ({"peabn": "Y"}, [("peabntx", Level.HARD)]),
    ],
)
def test_vital_signs_are_checked(
    participant: Participant,
    by_coordinator: Actor,
    at_start: datetime,
    answers: dict[str, Any],
    found: list[tuple[str, Level]],
) -> None:
    assert findings(participant, "VS", {**VITAL_SIGNS, **answers}, by_coordinator, at_start) == found


def test_the_body_surface_area_names_its_formula(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    signs = fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=at_start)
    assert (signs.bsa, signs.bsaform) == (Decimal("1.75"), "MOSTELLER")  # type: ignore[attr-defined]


def test_a_later_visit_takes_the_height_of_screening_and_follows_its_correction(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    participant.status = "ELIGIBLE"
    participant.save()
    screening = Visit.objects.get(participant=participant, code="SCR")
    later = Visit.objects.create(
        participant=participant,
        schedule=screening.schedule,
        code="H-C1",
        position=20,
        series="TREATMENT",
        label_en="HAIC cycle 1",
        label_zh="HAIC 第1疗程",
        forms=["VS"],
    )
    fill(
        participant,
        "VS",
        {"weight": Decimal(64), "punct": "NORMAL"},
        by=by_coordinator,
        now=at_start,
        visit_code="H-C1",
        submit=False,
    )
    assert VitalSigns.objects.get(visit=later).bsa == Decimal("1.74")

    fill(
        participant, "VS", {"height": Decimal(180)}, by=by_coordinator, now=at_start, reason="Measured again"
    )
    assert VitalSigns.objects.get(visit=later).bsa == Decimal("1.79")
    assert findings(
        participant,
        "VS",
        {**VITAL_SIGNS, "height": None, "weight": Decimal(50)},
        by_coordinator,
        at_start,
        visit_code="H-C1",
    ) == [("weight", Level.SOFT)]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"alb": Decimal("4.1")}, [("alb", Level.HARD), ("alb", Level.SOFT)]),
        ({"tbil": Decimal("1.2"), "dbil": Decimal("0.4")}, [("tbil", Level.SOFT)]),
        ({"hgb": Decimal("22")}, [("hgb", Level.SOFT), ("hgb", Level.SOFT)]),
        ({"neut": Decimal("5.3")}, [("neut", Level.HARD)]),
        ({"dbil": Decimal("15.3")}, [("dbil", Level.HARD)]),
        ({"pivka_u": None}, [("pivka_u", Level.HARD)]),
        ({"ast": None}, [("ast", Level.HARD)]),
    ],
)
def test_the_laboratory_is_checked(
    participant: Participant,
    by_coordinator: Actor,
    at_start: datetime,
    answers: dict[str, Any],
    found: list[tuple[str, Level]],
) -> None:
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start, **answers}
    assert findings(participant, "LB", given, by_coordinator, at_start) == found


def test_a_unit_chosen_settles_the_question(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start, "alb": Decimal("4.13"), "alb_u": "g/dL"}
    given |= {"tbil": Decimal("0.9"), "tbil_u": "mg/dL", "dbil": Decimal("0.3"), "dbil_u": "mg/dL"}
    laboratory: Any = fill(participant, "LB", given, by=by_coordinator, now=at_start)
    assert (laboratory.alb_si, laboratory.tbil_si) == (Decimal("41.3"), Decimal("15.39"))


def test_a_panel_that_was_not_done_asks_nothing_and_keeps_nothing(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start}
    fill(participant, "LB", given, by=by_coordinator, now=at_start, submit=False)
    laboratory: Any = fill(participant, "LB", {"chemyn": "N", "markyn": "N"}, by=by_coordinator, now=at_start)
    assert (laboratory.tbil, laboratory.tbil_u, laboratory.tbil_si, laboratory.egfr) == (
        None,
        None,
        None,
        None,
    )
    assert (laboratory.afp, laboratory.afp_c, laboratory.afp400, laboratory.wbc) == (
        None,
        None,
        None,
        Decimal("5.20"),
    )


def test_a_sample_before_consent_must_be_routine_care(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start - timedelta(days=2)}
    assert findings(participant, "LB", given, by_coordinator, at_start) == [("lbdtc", Level.HARD)]
    fill(participant, "LB", {**given, "lbsoc": "Y"}, by=by_coordinator, now=at_start)


@pytest.mark.parametrize(
    ("sign", "value", "flag"),
    [
        (None, "400.01", "Y"),
        (None, "400", "N"),
        ("GT", "60500", "Y"),
        ("GT", "300", None),
        ("LT", "0.9", "N"),
    ],
)
def test_alpha_fetoprotein_beyond_the_measuring_range(
    participant: Participant,
    by_coordinator: Actor,
    at_start: datetime,
    sign: str | None,
    value: str,
    flag: str | None,
) -> None:
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start, "afp_c": sign, "afp": Decimal(value)}
    laboratory: Any = fill(participant, "LB", given, by=by_coordinator, now=at_start)
    assert (laboratory.afp_c, laboratory.afp400) == (sign, flag)


def test_a_pregnancy_test_is_asked_of_women_who_may_bear_children(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start}
    pregnancy = {"hcg": "NEG", "hcgspec": "BLOOD", "hcgdtc": date(2026, 9, 1)}
    fill(participant, "DM", {"brthdtc": "1988-02-01", **WOMAN}, by=by_coordinator, now=at_start)
    assert findings(participant, "LB", given, by_coordinator, at_start) == [("hcg", Level.HARD)]
    fill(participant, "LB", {**given, **pregnancy}, by=by_coordinator, now=at_start)

    # X03: a man has no pregnancy test; the sex cannot be changed over one.
    with pytest.raises(Refused) as refused:
        fill(participant, "DM", {"sex": "M"}, by=by_coordinator, now=at_start, reason="Typing error")
    assert str(refused.value.sentence).startswith("A pregnancy test is recorded")

    # Without childbearing potential the question goes, and takes its answer along.
    no_longer = {"childpot": "N", "childpotn": "MENOPAUSE", "contraok": None}
    fill(participant, "DM", no_longer, by=by_coordinator, now=at_start, reason="Typing error")
    laboratory: Any = fill(participant, "LB", {}, by=by_coordinator, now=at_start, reason="Question gone")
    assert (laboratory.hcg, laboratory.hcgspec, laboratory.hcgdtc) == (None, None, None)
    fill(participant, "DM", {"sex": "M"}, by=by_coordinator, now=at_start, reason="Typing error")


def test_a_corrected_birth_date_corrects_the_filtration_rate(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    fill(
        participant, "DM", {"brthdtc": "1960-05-04"}, by=by_coordinator, now=at_start, reason="Identity card"
    )
    assert Laboratory.objects.get(participant=participant).egfr == Decimal("97.1")


def test_the_number_of_diffuse_tumours_is_not_asked(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    diffuse = {"tumdiff": "Y", "tummax": None, "cnlcinv": "IIb"}
    walk_to_screened(participant, by=by_coordinator, now=at_start, STG=diffuse)
    staging = Staging.objects.get(participant=participant)
    assert (staging.tumnum, staging.cnlc) == (None, "IIb")


def test_the_investigators_stage_is_compared(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    assert findings(
        participant, "STG", {"cnlcinv": "IIa"}, by_coordinator, at_start, reason="Discussed again"
    ) == [("cnlcinv", Level.SOFT)]


def test_a_visible_thrombus_lies_somewhere(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    nowhere = {"vascinv": "Y", "pvtt": "NONE", "hvivc": "NONE"}
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    assert findings(
        participant, "STG", {**nowhere, "cnlcinv": "IIIa"}, by_coordinator, at_start, reason="Second reading"
    ) == [("pvtt", Level.HARD)]


def test_stage_without_vital_signs_and_laboratory_is_unknown_then_known(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    tumour = {"tumdiff": "N", "tumnum": 1, "tummax": Decimal(72), "vascinv": "N", "exhep": "N"}
    liver = {"ascites": "NONE", "enceph": "NONE"}
    fill(participant, "STG", {**tumour, **liver}, by=by_coordinator, now=at_start, submit=False)
    assert Staging.objects.values_list("cnlc", "cptot").get(participant=participant) == ("UNKNOWN", None)
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=at_start)
    given = {**LABORATORY, "viryn": "N", "lbdtc": at_start}
    fill(participant, "LB", given, by=by_coordinator, now=at_start)
    assert Staging.objects.values_list("cnlc", "cptot").get(participant=participant) == ("Ib", 5)

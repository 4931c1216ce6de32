"""The worked cases EL01 to EL20 of the protocol specification, through the forms."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from eligibility.facts import Conclusion, Outcome
from eligibility.selectors import assess
from participants.models import Participant
from records.findings import Refused
from tests.cast import make_participant
from trial_edc.demo.walks import fill, walk_to_screened

WOMAN = {"sex": "F", "lactate": "N"}
BEARING = {**WOMAN, "brthdtc": "1988-02-01", "childpot": "Y", "contraok": "Y"}
NOT_BEARING = {**WOMAN, "brthdtc": "1964-02-01", "childpot": "N", "childpotn": "MENOPAUSE"}
CHILD_B9 = {"tbil": 45, "alb": 30, "inr": Decimal("2.3")}
CHILD_C10 = {"tbil": 60, "dbil": 20, "alb": 27, "inr": 2}
THROMBUS = {"vascinv": "Y", "pvtt": "II", "hvivc": "NONE"}

ELIGIBLE, INELIGIBLE, PENDING = Conclusion.ELIGIBLE, Conclusion.INELIGIBLE, Conclusion.PENDING

CASES: dict[str, tuple[dict[str, dict[str, Any]], Conclusion, list[str]]] = {
    "EL01": ({}, ELIGIBLE, []),
    "EL02": ({"VS": {"ecog": "2"}}, INELIGIBLE, ["I2"]),
    "EL03": ({"STG": {"tumnum": 2, "tummax": 25}}, PENDING, ["I3"]),
    "EL04": ({"STG": {"tummax": 50}}, INELIGIBLE, ["I3"]),
    "EL05": ({"STG": {"tumnum": 4, "tummax": 15}}, ELIGIBLE, []),
    "EL06": ({"STG": THROMBUS}, ELIGIBLE, []),
    "EL07": ({"STG": {"exhep": "Y", "exhepsit": ["LUNG"]}}, INELIGIBLE, ["I3", "I5"]),
    "EL08": ({"LB": CHILD_B9, "STG": {"tummax": 80, "ascites": "MILD"}}, ELIGIBLE, []),
    "EL09": ({"LB": CHILD_C10}, INELIGIBLE, ["I3"]),
    "EL10": ({"LB": {"hivab": "PENDING"}}, PENDING, ["E6"]),
    "EL11": ({"DM": BEARING, "LB": {"hcg": None}}, PENDING, ["E9"]),
    "EL12": ({"DM": NOT_BEARING}, ELIGIBLE, []),
    "EL14": ({"MH": {"gibyn": "Y", "gibdtc": "2026-08-18"}}, INELIGIBLE, ["E8"]),
    "EL15": (
        {"MH": {"gibyn": "Y", "gibdtc": "2026-08-12"}, "IE": {"trtpdtc": date(2026, 9, 16)}},
        ELIGIBLE,
        [],
    ),
    "EL16": (
        {
            "MH": {
                "priortx": "Y",
                "prior_treatments": [{"priortype": "TACE", "priordtc": "2025", "priordrug": "Epirubicin"}],
            }
        },
        INELIGIBLE,
        ["I4", "E5"],
    ),
    "EL17": ({"MH": {"priortx": "N", "priorifn": "N"}}, ELIGIBLE, []),
    "EL18": (
        {"MH": {"maligoth": "Y", "maligtyp": "Basal-cell carcinoma", "maligdtc": "2010"}},
        INELIGIBLE,
        ["E2"],
    ),
    "EL19": ({"LB": {"plt": 45}, "IE": {"e1j": None}}, PENDING, ["E1"]),
}


@pytest.mark.parametrize("case", CASES)
def test_worked_case(case: str, participant: Participant, by_coordinator: Actor, at_start: datetime) -> None:
    changed, conclusion, drivers = CASES[case]
    # A judgement left blank stays a draft: it has no reason for being missing.
    blank = None in changed.get("IE", {}).values()
    walk_to_screened(participant, by=by_coordinator, now=at_start, submit=not blank, **changed)
    found = assess(participant, at_start)
    assert [one.id for one in found.results if one.outcome is not Outcome.PASS] == drivers
    assert found.conclusion is conclusion


def test_el08_and_el15_ask_for_a_second_look(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(
        participant,
        by=by_coordinator,
        now=at_start,
        LB=CHILD_B9,
        STG={"ascites": "MILD"},
        MH={"gibyn": "Y", "gibdtc": "2026-08-12"},
        IE={"trtpdtc": date(2026, 9, 16)},
    )
    asked = {one.id: [words.en for words in one.warnings] for one in assess(participant, at_start).results}
    assert asked["I3"][0] == "Child-Pugh 9 points: confirm treatment."
    assert asked["E8"] == ["GI bleeding only 35 days before treatment: confirm the date."]


def test_el13_a_man_has_no_pregnancy_test(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    fill(participant, "DM", BEARING, by=by_coordinator, now=at_start)
    pregnancy = {"hcg": "NEG", "hcgspec": "BLOOD", "hcgdtc": date(2026, 9, 1)}
    fill(participant, "LB", pregnancy, by=by_coordinator, now=at_start, submit=False)
    with pytest.raises(Refused):
        fill(participant, "DM", {"sex": "M"}, by=by_coordinator, now=at_start, reason="Typing error")


def test_el20_a_procedure_before_consent(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    signed_an_hour_ago = at_start - timedelta(hours=1)
    procedure = {"procdtc": signed_an_hour_ago - timedelta(hours=1)}
    walk_to_screened(participant, by=by_coordinator, now=at_start, IE=procedure)
    found = assess(participant, at_start)
    assert (found.conclusion, found.failing) == (INELIGIBLE, ["I6"])
    assert "major deviation" in found.results[5].reason.en


@pytest.mark.parametrize(
    ("form", "item", "criterion"),
    [
        ("DM", "brthdtc", "I1"),
        ("VS", "ecog", "I2"),
        ("STG", "ascites", "I3"),
        ("STG", "tummax", "I3"),
        ("MH", "priortx", "I4"),
        ("IE", "potres", "I5"),
        ("LB", "plt", "E1"),
        ("MH", "maligoth", "E2"),
        ("MH", "allergy", "E3"),
        ("MH", "transpl", "E4"),
        ("MH", "priorifn", "E5"),
        ("LB", "hivab", "E6"),
        ("MH", "subabuse", "E7"),
        ("MH", "gibyn", "E8"),
        ("DM", "sex", "E9"),
        ("MH", "psych", "E10"),
        ("IE", "e11j", "E11"),
    ],
)
def test_what_is_not_known_never_passes(
    form: str, item: str, criterion: str, participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start, submit=False, **{form: {item: None}})
    found = assess(participant, at_start)
    outcome = {one.id: one.outcome for one in found.results}[criterion]
    assert (outcome, found.conclusion) == (Outcome.UNKNOWN, PENDING)


def test_nothing_entered_is_unknown_throughout(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    found = assess(make_participant(participant.site, by_coordinator, initials="LW"), at_start)
    known = [one.id for one in found.results if one.outcome is not Outcome.UNKNOWN]
    # The consent was signed at registration, on an approved version.
    assert (known, found.conclusion) == (["I6"], PENDING)

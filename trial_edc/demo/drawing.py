"""Draw the demo's people: one function per characteristic, each with the figures it follows.

Everything comes from a fixed seed, so every demo is the same. The figures are those of comparable trials as summed
up in protocol specification section 10 ("Plausible demo distributions"). What is a share (sex, stage, ECOG …) is
dealt like cards, so that sixty people show it as it is; what is measured is drawn around its median.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

SEED = 7070076
Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class Tumour:
    """What the stage follows from; `largest` in mm."""

    stage: str
    number: int
    largest: Decimal
    portal: str = "NONE"
    hepatic: str = "NONE"

    @property
    def thrombus(self) -> bool:
        return (self.portal, self.hepatic) != ("NONE", "NONE")


@dataclass(frozen=True, slots=True)
class Person:
    """One participant at screening; later values vary around these. Laboratory by the names of the form's items."""

    sex: str
    born: str
    height: Decimal
    weight: Decimal
    hepatitis_b: bool
    cirrhosis: bool
    child_pugh_b: bool
    ecog: str
    tumour: Tumour
    laboratory: Mapping[str, Decimal]
    liver_ml: int
    lung_shunt: Decimal
    sphere: str
    draw: random.Random = field(compare=False)


# ---- how things are drawn -------------------------------------------------------------------------


def own(name: str) -> random.Random:
    """A source of chance of its own for each name, so that one story does not change another."""
    return random.Random(f"{SEED} {name}")  # noqa: S311 – a fixed seed is the point


def dealt(name: str, shares: Mapping[Card, int], number: int) -> list[Card]:
    """Deal cards to so many people, by their shares as closely as whole people allow, in an order of chance."""
    total, cards = sum(shares.values()), []
    for card, share in shares.items():
        cards += [card] * (number * share // total)
    # The largest remainders get the people left over.
    by_remainder = sorted(shares, key=lambda card: -(number * shares[card] % total))
    cards += by_remainder[: number - len(cards)]
    own(name).shuffle(cards)
    return cards


def rounded(value: float, places: int) -> Decimal:
    return Decimal(f"{value:.{places}f}")


def normal(
    draw: random.Random, mean: float, deviation: float, low: float, high: float, places: int
) -> Decimal:
    """A value around its mean, drawn again while it lies outside."""
    while not low <= (value := draw.gauss(mean, deviation)) <= high:
        pass
    return rounded(value, places)


def log_normal(
    draw: random.Random, median: float, sigma: float, low: float, high: float, places: int
) -> Decimal:
    """A value whose logarithm is normal, drawn again while it lies outside."""
    while not low <= (value := median * math.exp(draw.gauss(0, sigma))) <= high:
        pass
    return rounded(value, places)


# ---- shares ---------------------------------------------------------------------------------------

SEX = {"M": 87, "F": 13}
HEPATITIS_B = {True: 88, False: 12}
CIRRHOSIS = {True: 65, False: 35}
CHILD_PUGH_B = {False: 90, True: 10}
ECOG = {"0": 60, "1": 40}
STAGE = {"Ib": 35, "IIa": 20, "IIb": 15, "IIIa": 30}
SPHERE = {"GLASS": 55, "RESIN": 45}


# ---- measures -------------------------------------------------------------------------------------


def birth(draw: random.Random, consent: date) -> str:
    """Age 54 ± 10 (18–75) on the day of consent; of a few the day of birth is not known."""
    age = int(normal(draw, 54.5, 10, 18, 75.4, 0))
    born = consent.replace(year=consent.year - age, day=min(consent.day, 28)) - timedelta(
        days=draw.randint(1, 330)
    )
    return f"{born:%Y-%m}" if draw.random() < 0.07 and 20 < age < 74 else born.isoformat()


def body(draw: random.Random, sex: str) -> tuple[Decimal, Decimal]:
    """Height 167 ± 7 cm and weight 63 ± 10 kg, the taller the heavier."""
    height = normal(draw, *((168.5, 6.0, 152, 188) if sex == "M" else (158.5, 5.0, 146, 172)), 1)
    weight = normal(draw, 63 + 0.6 * (float(height) - 167), 8.8, 43, 96, 1)
    return height, weight


def tumour(draw: random.Random, stage: str) -> Tumour:
    """Largest diameter log-normal, median 9.5 cm (5.1–18); number and thrombus as the stage asks for."""
    number = {"Ib": 1, "IIa": draw.choice((2, 2, 3)), "IIb": draw.randint(4, 8)}.get(
        stage, draw.choice((1, 1, 2, 3))
    )
    largest = log_normal(draw, 95, 0.3, 52, 180, 1)
    if stage != "IIIa":
        return Tumour(stage, number, largest)
    portal = draw.choice(("I", "II", "II", "III"))
    return Tumour(stage, number, largest, portal, draw.choice(("NONE", "NONE", "NONE", "HV")))


def markers(draw: random.Random) -> dict[str, Decimal]:
    """AFP log-normal, median 300 ng/mL, above 400 in 45 %, up to 200 000; PIVKA-II median 2 500 mAU/mL."""
    return {
        "afp": log_normal(draw, 300, 2.3, 1.5, 200_000, 2),
        "pivka": log_normal(draw, 2500, 1.6, 18, 75_000, 2),
    }


def liver_function(draw: random.Random, *, child_pugh_b: bool) -> dict[str, Decimal]:
    """Child-Pugh A in 90 %, B7 in 10 % (albumin below 35 g/L and mild ascites)."""
    albumin = normal(draw, 32.8, 0.9, 31.2, 34.4, 1) if child_pugh_b else normal(draw, 40.5, 3, 35.6, 48, 1)
    bilirubin = log_normal(draw, 15, 0.35, 6, 27, 1)
    return {"alb": albumin, "tbil": bilirubin, "dbil": rounded(float(bilirubin) * 0.34, 1)}


def other_laboratory(draw: random.Random, sex: str, *, cirrhosis: bool) -> dict[str, Decimal]:
    """Values as hospitals see them in this disease; none of CTCAE grade 3, with which nobody is enrolled unasked."""
    neutrophils = log_normal(draw, 3.1, 0.28, 1.7, 6.2, 2)
    lymphocytes = log_normal(draw, 1.45, 0.25, 0.9, 2.9, 2)
    prothrombin = normal(draw, 12.7, 0.7, 11.2, 14.6, 1)
    mean_hgb, low_hgb = (138, 108) if sex == "M" else (126, 102)
    upper = 1.0 if sex == "M" else 0.8
    return {
        "neut": neutrophils,
        "lym": lymphocytes,
        "wbc": rounded(float(neutrophils + lymphocytes) * draw.uniform(1.08, 1.18), 2),
        "hgb": normal(draw, mean_hgb, 13, low_hgb, 168, 0),
        "plt": log_normal(draw, 142 if cirrhosis else 195, 0.3, 82, 340, 0),
        "alt": log_normal(draw, 42 * upper, 0.45, 12, 140 * upper, 1),
        "ast": log_normal(draw, 50 * upper, 0.4, 18, 112 * upper, 1),
        "alp": log_normal(draw, 112, 0.28, 52, 300, 1),
        "ggt": log_normal(draw, 88 * upper, 0.5, 20, 140 * upper, 1),
        "crea": normal(draw, 74 if sex == "M" else 58, 10, 42, 105 if sex == "M" else 78, 1),
        "urea": normal(draw, 5.2, 1.1, 2.8, 8.6, 2),
        "k": normal(draw, 4.2, 0.28, 3.55, 5.1, 2),
        "na": normal(draw, 140.5, 2, 137.2, 146, 1),
        "cl": normal(draw, 103, 2, 98, 108, 1),
        "ca": normal(draw, 2.27, 0.08, 2.08, 2.5, 2),
        "gluc": log_normal(draw, 5.4, 0.12, 4.1, 8.2, 2),
        "pt": prothrombin,
        "inr": rounded(float(prothrombin) / 12 * 1.005, 2),
        "aptt": normal(draw, 32, 3, 25, 40, 1),
        "fib": normal(draw, 2.95, 0.6, 1.8, 4.8, 2),
    }


def lung_shunt(draw: random.Random) -> Decimal:
    """Lung shunt fraction, median 5 % (1–25); what lies above 12 % is a story of its own."""
    return log_normal(draw, 5, 0.5, 1, 12, 1)


# ---- people ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hands:
    """The shares dealt to everybody of the cast, in its order."""

    cards: Mapping[str, Sequence[Any]]

    @classmethod
    def dealt_to(cls, number: int) -> Hands:
        shares: dict[str, Mapping[Any, int]] = {
            "sex": SEX,
            "hepatitis_b": HEPATITIS_B,
            "cirrhosis": CIRRHOSIS,
            "child_pugh_b": CHILD_PUGH_B,
            "ecog": ECOG,
            "stage": STAGE,
            "sphere": SPHERE,
        }
        return cls({name: dealt(name, share, number) for name, share in shares.items()})

    def person(self, place: int, consent: date) -> Person:
        """Who stands at this place of the cast, consented on that day."""
        draw = own(f"person {place}")
        card = {name: cards[place] for name, cards in self.cards.items()}
        height, weight = body(draw, card["sex"])
        return Person(
            sex=card["sex"],
            born=birth(draw, consent),
            height=height,
            weight=weight,
            hepatitis_b=card["hepatitis_b"],
            cirrhosis=card["cirrhosis"] or card["child_pugh_b"],
            child_pugh_b=card["child_pugh_b"],
            ecog=card["ecog"],
            tumour=tumour(draw, card["stage"]),
            laboratory={
                **other_laboratory(draw, card["sex"], cirrhosis=card["cirrhosis"]),
                **liver_function(draw, child_pugh_b=card["child_pugh_b"]),
                **markers(draw),
            },
            liver_ml=int(normal(draw, 1550, 260, 1050, 2300, 0)),
            lung_shunt=lung_shunt(draw),
            sphere=card["sphere"],
            draw=draw,
        )

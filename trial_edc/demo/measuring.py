"""What is measured of a person at one visit: around what screening found, as treatment and time move it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from trial_edc.demo.drawing import Person, rounded

# By how much a value differs from one day to another, where nothing happens (coefficient of variation).
WITHIN_PERSON = {
    "wbc": 0.09, "neut": 0.11, "lym": 0.09, "hgb": 0.025, "plt": 0.07, "alt": 0.14, "ast": 0.12, "alp": 0.06,
    "ggt": 0.09, "tbil": 0.12, "dbil": 0.12, "alb": 0.02, "crea": 0.05, "urea": 0.1, "k": 0.035, "na": 0.006,
    "cl": 0.008, "ca": 0.015, "gluc": 0.06, "pt": 0.02, "inr": 0.02, "aptt": 0.04, "fib": 0.09, "afp": 0.12,
    "pivka": 0.14,
}  # fmt: skip
PLACES = {
    "wbc": 2, "neut": 2, "lym": 2, "hgb": 0, "plt": 0, "alt": 1, "ast": 1, "alp": 1, "ggt": 1, "tbil": 1, "dbil": 1,
    "alb": 1, "crea": 1, "urea": 2, "k": 2, "na": 1, "cl": 1, "ca": 2, "gluc": 2, "pt": 1, "inr": 2, "aptt": 1,
    "fib": 2, "afp": 2, "pivka": 2,
}  # fmt: skip
# Within these nothing keeps a treatment from going on and nothing is of CTCAE grade 3; a story may say otherwise.
ORDINARY: Mapping[str, tuple[float, float]] = {
    "wbc": (2.2, 9.6), "neut": (1.35, 7.5), "lym": (0.55, 3.1), "hgb": (95, 172), "plt": (68, 345), "alt": (9, 190), "ast": (14, 165),
    "alp": (45, 330), "ggt": (12, 210), "tbil": (5, 28.5), "dbil": (1.2, 12), "alb": (30.6, 50), "crea": (40, 108),
    "urea": (2.5, 9.5), "k": (3.4, 5.2), "na": (133, 147), "cl": (96, 110), "ca": (2.0, 2.6), "gluc": (3.9, 10.5),
    "pt": (11, 15.2), "inr": (0.9, 1.3), "aptt": (24, 42), "fib": (1.6, 5.2), "afp": (1.2, 250_000),
    "pivka": (12, 75_000),
}  # fmt: skip
# What each phase does to them, as a factor of what screening found.
EFFECTS: Mapping[str, Mapping[str, float]] = {
    "H-C2": {"neut": 0.86, "plt": 0.85, "alt": 1.2, "ast": 1.25, "hgb": 0.97, "alb": 0.985},
    "H-R2": {"neut": 0.9, "plt": 0.84, "alt": 1.15, "ast": 1.2, "hgb": 0.95},
    "H-C3": {"neut": 0.82, "plt": 0.78, "alt": 1.2, "ast": 1.3, "hgb": 0.94},
    "H-C4": {"neut": 0.77, "plt": 0.7, "alt": 1.3, "ast": 1.4, "hgb": 0.92, "alb": 0.97},
    "H-R4": {"neut": 0.82, "plt": 0.72, "alt": 1.2, "ast": 1.3, "hgb": 0.92},
    "Y-D1": {"neut": 1.2, "lym": 0.75, "ast": 1.5, "alt": 1.25, "tbil": 1.15},
    "Y-M1": {"lym": 0.55, "tbil": 1.25, "ast": 1.2, "alb": 0.97, "plt": 0.93},
    "Y-M3": {"lym": 0.65, "tbil": 1.2, "alb": 0.98, "alp": 1.15},
    "PREOP": {"lym": 0.8},
    "SURG": {"alt": 1.5, "ast": 1.4, "tbil": 1.25, "alb": 0.9, "hgb": 0.9, "neut": 1.25},
    "PH-M1": {"alb": 0.95, "hgb": 0.94, "ggt": 1.3},
}
AFTER_Y90 = {"lym": 0.7, "tbil": 1.1, "alb": 0.99}
# What is left of the markers when the tumour answers so.
MARKERS_LEFT = {"CR": 0.04, "PR": 0.25, "VIABLE": 0.35, "SD": 0.9, "PD": 2.2, "NED": 0.02}


def laboratory_at(
    person: Person, code: str, at: datetime, *, markers: float = 1, arm: str | None = None
) -> dict[str, Any]:
    """The panels of a visit as they came from the laboratory; `markers`: what is left of AFP and PIVKA-II."""
    draw = person.draw
    effects = EFFECTS.get(code) or (AFTER_Y90 if arm == "Y90" and code[:2] in ("Y-", "LT", "NR") else {})
    found: dict[str, Any] = {}
    for name, base in person.laboratory.items():
        factor = markers if name in ("afp", "pivka") else effects.get(name, 1)
        value = float(base) * factor * math.exp(draw.gauss(0, WITHIN_PERSON[name]))
        low, high = ORDINARY[name]
        if name == "alb" and not person.child_pugh_b and code != "SURG":
            low = 35.2
        found[name] = rounded(min(max(value, low), high), PLACES[name])
    found["wbc"] = max(found["wbc"], rounded(float(found["neut"] + found["lym"]) * 1.08, 2))
    found["dbil"] = min(found["dbil"], found["tbil"])
    found["inr"] = rounded(float(found["pt"]) / 12 * 1.005, 2)
    sampled = at - timedelta(minutes=draw.randrange(20, 95, 5))
    panels = {"hemyn": "Y", "chemyn": "Y", "coagyn": "Y", "markyn": "Y"}
    return {"lbdtc": sampled, **panels, **found, "ptctl": Decimal("12.0"), "pivka_u": "mAU/mL"}


def screening_laboratory(person: Person, at: datetime, consent: datetime) -> dict[str, Any]:
    """The first sample: the values everything later is held against, and the serology."""
    found = {
        **laboratory_at(person, "SCR", at),
        **person.laboratory,
        "lbdtc": max(at - timedelta(minutes=30), consent),
    }
    found["wbc"] = max(found["wbc"], rounded(float(found["neut"] + found["lym"]) * 1.05, 2))
    carries = "POS" if person.hepatitis_b else "NEG"
    serology: dict[str, Any] = {
        "viryn": "Y",
        "hbsag": carries,
        "hcvab": "NEG",
        "hivab": "NEG",
    }
    if person.hepatitis_b:
        serology["hbvdna"] = rounded(10 ** person.draw.uniform(1.4, 5.2), 2)
    return {**found, **serology}


def viral_load(person: Person, on: date) -> dict[str, Any]:
    """HBV DNA under an antiviral: mostly nothing is found."""
    suppressed = person.draw.random() < 0.8
    load = {"hbvdna": Decimal("20.00"), "hbvdna_c": "LT"}
    if not suppressed:
        load = {"hbvdna": rounded(10 ** person.draw.uniform(1.5, 2.6), 2)}
    return {"viryn": "Y", "virdtc": on, **load}


def vital_signs_at(person: Person, *, visits: int = 0, punctured: bool = False) -> dict[str, Any]:
    """Body, circulation and performance status; `visits` so many visits after screening."""
    draw = person.draw
    loss = 1 - min(0.006 * visits, 0.05)
    systolic = int(min(max(draw.gauss(124, 11), 96), 156))
    worse = "1" if person.ecog == "0" and visits and draw.random() < 0.15 else person.ecog
    found: dict[str, Any] = {
        "height": person.height if visits == 0 else None,
        "weight": rounded(float(person.weight) * loss + draw.gauss(0, 0.4), 1) if visits else person.weight,
        "temp": rounded(min(max(draw.gauss(36.6, 0.22), 36.0), 37.4), 1),
        "pulse": int(min(max(draw.gauss(76, 8), 54), 104)),
        "sysbp": systolic,
        "diabp": int(min(max(systolic * 0.62 + draw.gauss(0, 5), 54), 96)),
        "resp": draw.randint(14, 20),
        "spo2": draw.randint(96, 99),
        "ecog": worse,
        "peabn": "N",
    }
    return {**found, "punct": "NORMAL"} if punctured else found


# Symptoms by arm: the mean of the worst days, from 0 to 10.
SYMPTOMS = {
    "HAIC": {"sym_fatigue": 2.6, "sym_pain": 2.4, "sym_nausea": 2.4, "sym_vomiting": 1.5, "sym_appetite": 2.4, "sym_numbness": 1.6},
    "Y90": {"sym_fatigue": 2.8, "sym_pain": 1.8, "sym_fever": 1.1, "sym_nausea": 1.0, "sym_appetite": 1.6, "sym_jaundice": 0.3},
}  # fmt: skip
ASKED = (
    "fatigue",
    "pain",
    "fever",
    "nausea",
    "vomiting",
    "appetite",
    "jaundice",
    "itching",
    "diarrhoea",
    "numbness",
)


def symptoms_at(person: Person, on: date, arm: str | None) -> dict[str, Any]:
    """The participant's own record: mostly mild, none above 6."""
    draw, means = person.draw, SYMPTOMS.get(arm or "", {})
    scores = {
        f"sym_{name}": min(6, max(0, round(draw.gauss(means.get(f"sym_{name}", 0.4), 1.1)))) for name in ASKED
    }
    return {"symdtc": on, **scores, "symtemp": rounded(draw.uniform(36.3, 37.3), 1)}

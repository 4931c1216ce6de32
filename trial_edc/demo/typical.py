"""Typical answers: somebody eligible, a cycle and an infusion as planned. Walks and tests change what they are about."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

# ---- screening ------------------------------------------------------------------------------------

DEMOGRAPHICS = {"brthdtc": "1970-05-04", "sex": "M", "ethnic_cn": "HAN"}
HISTORY = {
    "hccdxdtc": "2026-08",
    "hccdxm": "CLINICAL",
    "hcctype": "NOBIOPSY",
    "etiol": ["HBV"],
    "cirrh": "Y",
    "varices": "NONE",
    "portht": "N",
    "priortx": "N",
    "priorifn": "N",
    "maligoth": "N",
    "transpl": "N",
    "allergy": ["NONE"],
    "subabuse": "N",
    "gibyn": "N",
    "cvyn": "N",
    "psych": "NONE",
}
VITAL_SIGNS = {
    "height": Decimal("170.0"),
    "weight": Decimal("65.0"),
    "temp": Decimal("36.6"),
    "pulse": 72,
    "sysbp": 125,
    "diabp": 78,
    "resp": 16,
    "spo2": 98,
    "ecog": "0",
    "peabn": "N",
}
LABORATORY = {
    "hemyn": "Y",
    "wbc": Decimal("5.20"),
    "neut": Decimal("3.10"),
    "lym": Decimal("1.50"),
    "hgb": Decimal(138),
    "plt": Decimal(165),
    "chemyn": "Y",
    "alt": Decimal("42.0"),
    "ast": Decimal("38.0"),
    "alp": Decimal("110.0"),
    "ggt": Decimal("55.0"),
    "tbil": Decimal("15.2"),
    "dbil": Decimal("5.1"),
    "alb": Decimal("41.3"),
    "crea": Decimal("72.0"),
    "urea": Decimal("5.10"),
    "k": Decimal("4.20"),
    "na": Decimal("140.0"),
    "cl": Decimal("103.0"),
    "ca": Decimal("2.30"),
    "gluc": Decimal("5.20"),
    "coagyn": "Y",
    "pt": Decimal("12.8"),
    "ptctl": Decimal("12.0"),
    "inr": Decimal("1.06"),
    "aptt": Decimal("31.5"),
    "fib": Decimal("2.90"),
    "markyn": "Y",
    "afp": Decimal("312.50"),
    "pivka": Decimal("32.00"),
    "pivka_u": "mAU/mL",
}
VIROLOGY = {
    "viryn": "Y",
    "hbsag": "POS",
    "hbvdna": Decimal("320.00"),
    "hcvab": "NEG",
    "hivab": "NEG",
}
# At later visits, for who carries the virus: under treatment, nothing is found.
VIRAL_LOADS = {"viryn": "Y", "hbvdna": Decimal("20.00"), "hbvdna_c": "LT"}
# CNLC Ib: a single tumour of 7.2 cm, Child-Pugh A, no thrombus, no metastasis.
STAGING = {
    "ascites": "NONE",
    "enceph": "NONE",
    "chestct": "Y",
    "tumdiff": "N",
    "tumnum": 1,
    "tummax": Decimal("72.0"),
    "vascinv": "N",
    "exhep": "N",
    "cnlcinv": "Ib",
}
JUDGEMENT = {"potres": "Y", "ecgyn": "Y", "e11j": "N"}

# ---- treatment ------------------------------------------------------------------------------------

ASSIGNMENT = {
    "mdtmem": ["HPBSURG", "INTERVENTION", "NUCLEAR", "IMAGING"],
    "potrsn": ["HUGE"],
    "flrpct": Decimal("45.0"),
    "armbasis": "MDT",
}
# Given doses for a body surface area of 1.75 m² (170 cm, 65 kg): those calculated, in whole mg.
CYCLE = {
    "hbsa": Decimal("1.75"),
    "hpunct": "RFEMORAL",
    "hangio": ["SMA", "CHA", "RHA"],
    "hcath": "PHA",
    "hcoil": "N",
    "oxadose": 236,
    "lvdose": 700,
    "fu1dose": 700,
    "fu2dose": 4200,
    "oxaadj": "NONE",
    "lvadj": "NONE",
    "fu1adj": "NONE",
    "fu2adj": "NONE",
    "hcomp": "NONE",
}
# Hours from catheterisation: the four infusions one after the other, removal, bandage and discharge.
CYCLE_CLOCK: dict[str, int | Decimal] = {
    "hprocdt": 0,
    "oxast": 2,
    "oxaen": 5,
    "lvst": 5,
    "lven": Decimal("6.5"),
    "fu1st": Decimal("6.5"),
    "fu1en": Decimal("8.5"),
    "fu2st": Decimal("8.5"),
    "fu2en": Decimal("54.5"),
    "hcathout": 55,
    "hbandst": 55,
    "hbanden": 68,
    "hdisch": 72,
}


def cycle_answers(start: datetime, **changed: Any) -> dict[str, Any]:
    """A HAIC cycle as planned, catheterised at `start`."""
    times = {name: start + timedelta(minutes=int(Decimal(hours) * 60)) for name, hours in CYCLE_CLOCK.items()}
    return {**CYCLE, **times, **changed}


MAPPING = {
    "ymdtok": "Y",
    "yvess": ["RHA"],
    "yextra": "NONE",
    "maaact": Decimal("150.0"),
}
# Glass, one compartment: 120 Gy to 1000 mL of perfused liver at a lung shunt of 5 %.
PLAN: dict[str, Any] = {
    "spectmod": "SPECT",
    "cntlung": 50000,
    "cntliver": 950000,
    "lsf": Decimal("5.0"),
    "exupt": "NONE",
    "msphere": "GLASS",
    "ymethod": "MIRD",
    "vliver": 1500,
    "vtumour": 300,
    "vperf": 1000,
    "dtarget": 120,
    "dtargeto": "PERFUSED",
    "residex": Decimal("1.0"),
    "aplan": Decimal("2.628"),
}


def mapping_answers(at: datetime, **changed: Any) -> dict[str, Any]:
    """Angiography and 99mTc-MAA as planned, beginning at `at`."""
    times = {"ymapdtc": at, "maatime": at + timedelta(hours=1), "spectime": at + timedelta(minutes=100)}
    return {**MAPPING, **times, **changed}


def infusion_answers(at: datetime, **changed: Any) -> dict[str, Any]:
    """A Y-90 infusion at `at` of what `PLAN` asks for, with imaging after 20 and discharge after 26 hours."""
    return {
        "yinfdt": at,
        "ylot": "G2609",
        "ycaldt": at - timedelta(hours=48),
        "ycalact": Decimal("4.470"),
        "ypredt": at - timedelta(minutes=90),
        "ypreact": Decimal("2.700"),
        "ycath": "SAME",
        "yresdt": at + timedelta(minutes=90),
        "yresact": Decimal("0.060"),
        "ystasis": "N",
        "ypostmod": "PETCT",
        "ypostdt": at + timedelta(hours=20),
        "ydistok": "AGREES",
        "yextdep": "N",
        "yfeel24": "WELL",
        "ydisch": at + timedelta(hours=26),
        "ydosrate": Decimal("1.80"),
        **changed,
    }

"""Rules of the forms of treatment, from the first cycle or mapping to the specimen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from eligibility.treatment_day import PregnancyTest
from tests.dictionary.cases.case import EARLIER, Case, ago, day
from tests.dictionary.sheet import NOW, TODAY, clock_time

BODY = {"height": Decimal("170.0"), "weight": Decimal("65.0")}  # 1.75 m² by Mosteller
AREA = {"hbsa": "1.75"}
PLAN = {"spectmod": "SPECTCT", "msphere": "GLASS", "ymethod": "MIRD", "lsf": "5.0", "residex": "1.0"}
ASSAYED = {
    "yinfdt": ago(minutes=30),
    "ypreact": "2.000",
    "ypredt": ago(minutes=30),
    "yresdt": ago(minutes=30),
}
INFUSED = {"yinfdt": ago(hours=60)}


def mapped(at: Any, planned: str | None) -> dict[str, Any]:
    """A mapping and the activity planned on it, as the form of the infusion reads them."""
    activity = None if planned is None else Decimal(planned)
    plan = SimpleNamespace(mapped_at=at, activity=activity, aside=frozenset())
    course = {"mapped_at": at, "planned": activity, "overrides": frozenset(), "plans": (plan,)}
    return {**EARLIER, **course, "pregnancy_tests": None, "recorded_on": None}


MAPPED = mapped(NOW - timedelta(days=40), "2.000")
NOT_MAPPED = mapped(None, "2.000")


def ran(drug: str, span: str, longest_minutes: int) -> Case:
    """An infusion that ran a minute longer than its tolerance allows."""
    start = NOW - timedelta(hours=100)
    end = start + timedelta(minutes=longest_minutes)
    return Case(
        "HAIC",
        f"{drug}en",
        f"duration {span}",
        {f"{drug}st": clock_time(start), f"{drug}en": clock_time(end + timedelta(minutes=1))},
        {f"{drug}en": clock_time(end)},
        EARLIER,
    )


def given(drug: str, too_much: int) -> Case:
    """A dose just more than 5 % above the calculated one."""
    return Case(
        "HAIC",
        f"{drug}dose",
        f"within 5 % of {drug.upper()}CALC",
        {**AREA, f"{drug}dose": str(too_much)},
        {f"{drug}dose": str(too_much - 1)},
        BODY,
    )


def operated(item: str, rule: str, arm: str, last_day: int) -> Case:
    """A hepatectomy one day after the last day allowed since treatment."""
    treated = {"treated_on": TODAY - timedelta(days=last_day + 1), "arm": arm}
    return Case("SURG", item, rule, {"surgdtc": day(0)}, {"surgdtc": day(-1)}, {**EARLIER, **treated})


CASES = [
    Case(
        "HAIC",
        "hintrsn",
        "the interval asks for a reason",
        {"hprocdt": ago(minutes=10)},
        {"hintrsn": "The participant was on a journey."},
        {"cycle": 2, "later_cycle": "Y", "previous_day": TODAY - timedelta(days=17)},
    ),
    Case("HAIC", "hbsa", "within 0.02 of HBSAC", {"hbsa": "1.78"}, {"hbsa": "1.77"}, BODY),
    Case("HAIC", "hangio", "SMA and a hepatic artery", {"hangio": ["SMA"]}, {"hangio": ["SMA", "PHA"]}),
    Case(
        "HAIC",
        "hprocdt",
        "laboratory values at most 3 days old",
        {"hprocdt": ago(hours=1)},
        {"hprocdt": ago(days=1)},
        {**EARLIER, "sampled_at": NOW - timedelta(days=4)},
    ),
    given("oxa", 249),  # 135 mg/m² × 1.75 m²: 236.25 mg
    given("lv", 736),  # 700 mg
    given("fu1", 736),
    given("fu2", 4411),  # 4200 mg
    ran("oxa", "3 h ± 0.6 h", 216),
    ran("lv", "1.5 h ± 0.3 h", 108),
    ran("fu1", "2 h ± 0.4 h", 144),
    ran("fu2", "46 h ± 4 h", 3000),
    Case(
        "HAIC",
        "hcathout",
        ">= FU2EN of an interrupted infusion",
        {"fu2en": ago(hours=1), "hcathout": ago(hours=2), "fu2adj": "INTERRUPTED"},
        {"hcathout": ago(hours=1)},
        EARLIER,
    ),
    Case(
        "HAIC",
        "hcathout",
        "dwell 52 to 80 h",
        {"hprocdt": ago(hours=90), "hcathout": ago(hours=38, minutes=1)},
        {"hcathout": ago(hours=38)},
        EARLIER,
    ),
    Case(
        "HAIC",
        "hbandst",
        ">= HCATHOUT",
        {"hcathout": ago(hours=2), "hbandst": ago(hours=3)},
        {"hbandst": ago(hours=2)},
        EARLIER,
    ),
    Case(
        "HAIC",
        "hbanden",
        "at least 12 h of bandage",
        {"hbandst": ago(hours=20), "hbanden": ago(hours=8, minutes=1)},
        {"hbanden": ago(hours=8)},
        EARLIER,
    ),
    Case(
        "HAIC",
        "hdisch",
        ">= HBANDEN",
        {"hbanden": ago(hours=2), "hdisch": ago(hours=3)},
        {"hdisch": ago(hours=2)},
        EARLIER,
    ),
    Case("HAIC", "hbsa", "at most 2.0 (a study setting)", {"hbsa": "2.01"}, {"hbsa": "2.00"}),
    Case(
        "YMAP",
        "spectime",
        "within 60 min of MAATIME",
        {"maatime": ago(minutes=71), "spectime": ago(minutes=10)},
        {"spectime": ago(minutes=11)},
        EARLIER,
    ),
    Case("YDOS", "lsf", "<= 10", {"lsf": "10.1"}, {"lsf": "10.0"}),
    Case("YDOS", "lsf", "<= 20 with resin", {"lsf": "20.1", "msphere": "RESIN"}, {"lsf": "20.0"}),
    Case(
        "YDOS",
        "lsf",
        "within 0.05 of LSFCALC",
        {"spectmod": "PLANAR", "lsf": "5.1", "cntlung": "50000", "cntliver": "950000"},
        {"lsf": "5.0"},
    ),
    Case(
        "YDOS", "ymethod", "BSA with glass", {"ymethod": "BSA", "msphere": "GLASS"}, {"ymethod": "PARTITION"}
    ),
    Case("YDOS", "ymethod", "MIRD with resin", {"ymethod": "MIRD", "msphere": "RESIN"}, {"msphere": "GLASS"}),
    Case(
        "YDOS",
        "dtargeto",
        "TUMOUR with MIRD",
        {"ymethod": "MIRD", "dtargeto": "TUMOUR"},
        {"dtargeto": "PERFUSED"},
    ),
    Case("YDOS", "aplan", "<= 3 with resin", {"msphere": "RESIN", "aplan": "3.001"}, {"aplan": "3.000"}),
    Case("YDOS", "aplan", "<= 10 with glass", {"msphere": "GLASS", "aplan": "10.001"}, {"aplan": "10.000"}),
    Case(
        "YDOS",
        "aplan",
        "within 10 % of ACALC",  # 120 Gy × 1.03 kg / (50 × 0.95 × 0.99): 2.6284 GBq
        {**PLAN, "dtarget": "120", "vperf": "1000", "aplan": "2.892"},
        {"aplan": "2.891"},
    ),
    Case(
        "YDOS",
        "aplan",
        "predicted doses within their limits",  # 50 Gy·kg/GBq × 5.001 GBq × 10 %: above 25 Gy to the lung
        {**PLAN, "lsf": "10.0", "residex": "0.0", "aplan": "5.001"},
        {"aplan": "5.000"},
    ),
    Case("YTRT", "yinfdt", ">= YMAPDTC", {"yinfdt": ago(days=41)}, {"yinfdt": ago(days=40)}, MAPPED),
    Case(
        "YTRT",
        "yinfdt",
        "within 30 days of MAA, or an override",
        {"yinfdt": ago(days=9)},
        {"yinfdt": ago(days=10)},
        MAPPED,
    ),
    Case(
        "YTRT",
        "yinfdt",
        "negative pregnancy test within 72 h if CHILDPOT = Y, or an override",
        {"yinfdt": ago(days=25)},
        {"yinfdt": ago(days=26)},
        {**MAPPED, "pregnancy_tests": (PregnancyTest(TODAY - timedelta(days=29), "NEG"),)},
    ),
    Case(
        "YTRT",
        "yinfdt",
        "within 14 days of MAA",
        {"yinfdt": ago(days=25)},
        {"yinfdt": ago(days=26)},
        MAPPED,
    ),
    Case(
        "YTRT",
        "ypreact",
        "within 10 % of decay-corrected YCALACT",
        {"ycalact": "2.000", "ycaldt": ago(hours=1), "ypreact": "2.201", "ypredt": ago(hours=1)},
        {"ypreact": "2.200"},
        MAPPED,
    ),
    Case(
        "YTRT",
        "yresact",
        "<= 10 % of the activity before infusion",
        {**ASSAYED, "yresact": "0.201"},
        {"yresact": "0.200"},
        mapped(None, None),
    ),
    Case(
        "YTRT",
        "ynetrsn",
        "net activity more than 20 % off APLAN",
        {**ASSAYED, "yresact": "0.401"},
        {"yresact": "0.400"},
        NOT_MAPPED,
    ),
    Case(
        "YTRT",
        "ypostdt",
        "within 48 h of YINFDT",
        {**INFUSED, "ypostdt": ago(hours=11, minutes=59)},
        {"ypostdt": ago(hours=12)},
        NOT_MAPPED,
    ),
    Case(
        "YTRT",
        "ydisch",
        "at least 24 h after YINFDT",
        {**INFUSED, "ydisch": ago(hours=36, minutes=1)},
        {"ydisch": ago(hours=36)},
        NOT_MAPPED,
    ),
    Case(
        "RES",
        "resdtc",
        "HAIC: 21 to 35 days after the last cycle",
        {"resdtc": day(0)},
        {"resdtc": day(-1)},
        {**EARLIER, "visit_code": "H-R2", "last_end": TODAY - timedelta(days=36)},
    ),
    Case(
        "RES",
        "resdtc",
        "Y-90: 90 to 120 days after A1",
        {"resdtc": day(0)},
        {"resdtc": day(-1)},
        {**EARLIER, "visit_code": "Y-M3", "treated_on": TODAY - timedelta(days=121)},
    ),
    *(
        Case(
            "RES",
            "nextstep",
            "CONTINUE_HAIC only in the HAIC arm and before cycle 4",
            {"nextstep": "CONTINUE_HAIC"},
            {"nextstep": "OBSERVE"},
            {"arm": arm, "cycles": cycles},
        )
        for arm, cycles in (("Y90", 0), ("HAIC", 4))
    ),
    Case(
        "SURG",
        "surgdtc",
        ">= A1",
        {"surgdtc": day(-1)},
        {"surgdtc": day(0)},
        {**EARLIER, "treated_on": TODAY, "arm": "HAIC"},
    ),
    operated("surgdtc", "HAIC: 21 to 28 days after A1", "HAIC", 28),
    operated("surgdtc", "Y-90: 76 to 148 days", "Y90", 148),
    operated("surgrsn", "Y-90 and outside 60 to 180 days after A1", "Y90", 180),
    Case(
        "PATH",
        "lesions.necrosis",
        "with VIABLE and LESFIBR at most 100",
        {"lesions.viable": "60", "lesions.lesfibr": "10", "lesions.necrosis": "31"},
        {"lesions.necrosis": "30"},
    ),
    Case(
        "POC",
        "pocdtc",
        ">= SURGDTC",
        {"pocdtc": day(-1)},
        {"pocdtc": day(0)},
        {"operated_on": TODAY},
    ),
]

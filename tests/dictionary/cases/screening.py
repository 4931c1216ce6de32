"""Rules of the forms up to the assignment of the arm."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.dictionary.cases.case import EARLIER, Case, ago, day
from tests.dictionary.sheet import CONSENTED, NOW, TODAY, clock_time

LIVER = {"tbil_si": Decimal(20), "alb_si": Decimal(40), "inr": Decimal(1), "pt": None, "ptctl": None}

LESION = {
    "imgqual": "Y",
    "lesions.lnkid": "T01",
    "lesions.lescat": "TARGET",
    "lesions.lesloc": "S4",
}

CASES = [
    Case(
        "SV",
        "svoowrsn",
        "the visit date lies outside the window (X25)",
        {"svdone": "Y", "svstdtc": day(0)},
        {"svoowrsn": "The clinic was closed."},
        {"window_open": TODAY + timedelta(days=1), "window_close": TODAY + timedelta(days=2)},
    ),
    Case(
        "DM",
        "icfver",
        "a version approved at the site on the day of consent",
        {"icfver": "0.9", "icfdtc": clock_time(CONSENTED)},
        {"icfver": "1.0"},
    ),
    Case("DM", "brthdtc", ">= 1930-01-01", {"brthdtc": "1929-12-31"}, {"brthdtc": "1930-01-01"}),
    Case("DM", "brthdtc", "<= consent", {"brthdtc": day(0), "icfdtc": ago(days=1)}, {"brthdtc": day(-1)}),
    Case("MH", "allergy", "NONE alone", {"allergy": ["NONE", "OTHER"]}, {"allergy": ["OTHER"]}),
    Case(
        "MH",
        "hccdxdtc",
        "<= consent + 28 days",
        {"hccdxdtc": day(0)},
        {"hccdxdtc": day(-1)},
        {"icfdtc": NOW - timedelta(days=29)},
    ),
    Case(
        "STG",
        "cnlcinv",
        "= CNLC",
        {"exhep": "Y", "ascites": "NONE", "enceph": "NONE", "cnlcinv": "Ia"},
        {"cnlcinv": "IIIb"},
        {**LIVER, "ecog": "1"},
    ),
    Case(
        "ARM",
        "mdtmem",
        "at least 3",
        {"mdtmem": ["HPBSURG", "NUCLEAR"]},
        {"mdtmem": ["HPBSURG", "NUCLEAR", "IMAGING"]},
    ),
    *(
        Case(
            "ARM",
            "flrpct",
            "at least 30 without cirrhosis, 40 with",
            {"flrpct": f"{least - 1}.9"},
            {"flrpct": f"{least}.0"},
            {"cirrh": cirrhosis},
        )
        for cirrhosis, least in (("N", 30), ("Y", 40))
    ),
    Case(
        "ARM",
        "armdtc",
        ">= the eligibility signature",
        {"armdtc": day(-1)},
        {"armdtc": day(0)},
        {**EARLIER, "decided_on": TODAY},
    ),
    Case(
        "IMG",
        "imgdtc",
        "at baseline, <= the first treatment",
        {"imgdtc": day(0)},
        {"imgdtc": day(-1)},
        {"follow_up": "N", "treated_on": TODAY - timedelta(days=1)},
    ),
    Case(
        "IMG",
        "imgdtc",
        "at baseline, within 28 days before the first treatment",
        {"imgdtc": day(-1)},
        {"imgdtc": day(0)},
        {"follow_up": "N", "treatment_planned_on": TODAY + timedelta(days=28)},
    ),
    Case(
        "IMG",
        "lesions.lnkid",
        "T01–T05, NT01–NT99, NEW01–NEW99",
        {**LESION, "lesions.lnkid": "T06"},
        {"lesions.lnkid": "T05"},
        {"follow_up": "N"},
    ),
    Case(
        "IMG",
        "lesions.lescat",
        "NEW only after baseline",
        {**LESION, "lesions.lnkid": "NEW01", "lesions.lescat": "NEW"},
        {"lesions.lnkid": "T01", "lesions.lescat": "TARGET"},
        {"follow_up": "N"},
    ),
    Case(
        "IMG",
        "lesions.ldiam",
        "target at baseline >= 10",
        {**LESION, "lesions.ldiam": "9.9"},
        {"lesions.ldiam": "10.0"},
        {"follow_up": "N"},
    ),
    Case(
        "IMG",
        "lesions.ldiam",
        "too small to measure is 5",
        {**LESION, "lesions.lesst": "PRESENT", "lesions.ldiam": "4.9"},
        {"lesions.ldiam": "5.0"},
        {"follow_up": "Y"},
    ),
    Case(
        "IMG",
        "lesions.saxis",
        "target node at baseline >= 15",
        {**LESION, "lesions.lesloc": "NODE", "lesions.ldiam": "30", "lesions.saxis": "14.9"},
        {"lesions.saxis": "15.0"},
        {"follow_up": "N"},
    ),
    Case(
        "IMG",
        "lesions.viadiam",
        "at baseline >= 10",
        {**LESION, "lesions.ldiam": "30", "lesions.viadiam": "9.9"},
        {"lesions.viadiam": "10.0"},
        {"follow_up": "N"},
    ),
    Case(
        "IMG",
        "lesions.viadiam",
        "<= LDIAM + 1",
        {**LESION, "lesions.ldiam": "20", "lesions.viadiam": "21.1"},
        {"lesions.viadiam": "21.0"},
    ),
    Case(
        "IMG",
        "newles",
        "Y exactly where a lesion of category NEW is listed",
        {"newles": "Y"},
        {"newles": "N"},
        {"follow_up": "Y"},
    ),
    Case(
        "IMG",
        "newles",
        "Y exactly where a lesion of category NEW is listed",
        {**LESION, "lesions.lnkid": "NEW01", "lesions.lescat": "NEW", "newles": "N"},
        {"newles": "Y"},
        {"follow_up": "Y"},
    ),
]

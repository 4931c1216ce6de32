"""Rules of response, safety, survival and the end."""

from __future__ import annotations

from tests.dictionary.cases.case import EARLIER, Case, day
from tests.dictionary.sheet import TODAY

SYMPTOMS = (
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


CASES = [
    *(
        Case("SYM", f"sym_{symptom}", "below 7", {f"sym_{symptom}": "7"}, {f"sym_{symptom}": "6"})
        for symptom in SYMPTOMS
    ),
    Case(
        "SURV",
        "lastalive",
        ">= the last visit",
        {"ssdtc": day(0), "ssstat": "ALIVE", "lastalive": day(-1)},
        {"lastalive": day(0)},
        {**EARLIER, "visits_on": [TODAY]},
    ),
    Case(
        "DS",
        "dsstdtc",
        ">= A0",
        {"dsscat": "EOT", "dsstdtc": day(-1)},
        {"dsstdtc": day(0)},
        {**EARLIER, "a0": TODAY},
    ),
    Case(
        "DS",
        "dsdecod",
        "SCREENFAILURE as decided on eligibility",
        {"dsdecod": "SCREENFAILURE"},
        {"dsdecod": "PROGRESSION"},
    ),
    Case("AE", "aedecod", "a term of CTCAE v4.03", {"aedecod": "Tired"}, {"aedecod": "Fatigue"}),
    Case(
        "AE",
        "aesdth",
        "at least one of the six is Y",
        {
            "aeser": "Y",
            **dict.fromkeys(("aesdth", "aeslife", "aeshosp", "aesdisab", "aescong", "aesmie"), "N"),
        },
        {"aeshosp": "Y"},
    ),
    Case(
        "CM",
        "cmaeno",
        "an event on record",
        {"cmaeno": "2"},
        {"cmaeno": "1"},
        {"cmaeno_choices": [("1", "1 · Fatigue")]},
    ),
    Case(
        "CM",
        "cmmhno",
        "a condition on record",
        {"cmmhno": "2"},
        {"cmmhno": "1"},
        {"cmmhno_choices": [("1", "1 · Diabetes")]},
    ),
]

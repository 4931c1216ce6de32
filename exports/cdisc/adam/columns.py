"""The columns of ADSL and ADTTE, and the endpoints of ADTTE. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from records.study import STUDY_ID

DATE_FORMAT = "DATE9."


@dataclass(frozen=True, slots=True)
class Variable:
    """One column; a date is a number of days since 1960-01-01, shown by `display`."""

    name: str
    label: str
    number: bool
    length: int
    display: str = ""
    values: tuple[tuple[str, str], ...] = ()
    origin: str = "Derived"


def _text(name: str, label: str, length: int, *values: tuple[str, str]) -> Variable:
    return Variable(name, label, False, length, values=values)


def _number(name: str, label: str, *values: tuple[str, str]) -> Variable:
    return Variable(name, label, True, 8, values=values)


def _date(name: str, label: str) -> Variable:
    return Variable(name, label, True, 8, DATE_FORMAT)


YES = ("Y", "Yes")
NO = ("N", "No")
ARMS = (("HAIC", "HAIC"), ("Yttrium-90 SIRT", "Yttrium-90 SIRT"))
ARM_NUMBERS = {"HAIC": 1, "Y90": 2}
ARM_NAMES = {"HAIC": "HAIC", "Y90": "Yttrium-90 SIRT"}

ADSL = (
    _text("STUDYID", "Study Identifier", len(STUDY_ID)),
    _text("USUBJID", "Unique Subject Identifier", len(STUDY_ID) + 7),
    _text("SUBJID", "Subject Identifier for the Study", 6),
    _text("SITEID", "Study Site Identifier", 10),
    _number("AGE", "Age"),
    _text("AGEU", "Age Units", 5, ("YEARS", "Years")),
    _text("SEX", "Sex", 1, ("F", "Female"), ("M", "Male"), ("U", "Unknown")),
    _text("ARM", "Description of Planned Arm", 15, *ARMS),
    _text("TRT01P", "Planned Treatment for Period 01", 15, *ARMS),
    _number("TRT01PN", "Planned Treatment for Period 01 (N)"),
    _text("TRT01A", "Actual Treatment for Period 01", 15, *ARMS),
    _number("TRT01AN", "Actual Treatment for Period 01 (N)"),
    _text("ENRLFL", "Enrolled Population Flag", 1, YES, NO),
    _text("ITTFL", "Intent-To-Treat Population Flag", 1, YES, NO),
    _text("SAFFL", "Safety Population Flag", 1, YES, NO),
    _text("RESECFL", "Liver Resected Flag", 1, YES, NO),
    _date("RFICDT", "Date of Informed Consent"),
    _date("ASSIGNDT", "Date of Arm Assignment (A0)"),
    _date("TRTSDT", "Date of First Exposure to Treatment"),
    _date("TRTEDT", "Date of Last Exposure to Treatment"),
    _text("EOSSTT", "End of Study Status", 12, ("COMPLETED", "Completed"), ("DISCONTINUED", "Discontinued"), ("ONGOING", "Ongoing")),
    _date("EOSDT", "End of Study Date"),
    _date("DTHDT", "Date of Death"),
    _text("DTHFL", "Subject Death Flag", 1, YES),
    _text("PFSCRIT", "Criteria of the Primary PFS", 8, ("RECIST11", "RECIST 1.1"), ("MRECIST", "mRECIST")),
    _text("ENDPPROB", "Why Endpoints Could not be Derived", 200),
)  # fmt: skip

PARAMETERS = (
    ("PFS", "Progression-Free Survival"),
    ("PFSR11", "Progression-Free Survival by RECIST 1.1"),
    ("PFSMR", "Progression-Free Survival by mRECIST"),
    ("PFSS2", "Progression-Free Survival, Adjuvant Treatment Censored (S2)"),
    ("OS", "Overall Survival"),
    ("RFS", "Recurrence-Free Survival"),
    ("TTP", "Time to Progression"),
    ("DOR", "Duration of Response"),
)

ADTTE = (
    _text("STUDYID", "Study Identifier", len(STUDY_ID)),
    _text("USUBJID", "Unique Subject Identifier", len(STUDY_ID) + 7),
    _text("SITEID", "Study Site Identifier", 10),
    _text("TRTP", "Planned Treatment", 15, *ARMS),
    _number("TRTPN", "Planned Treatment (N)"),
    _text("PARAMCD", "Parameter Code", 8, *PARAMETERS),
    _text("PARAM", "Parameter", 80),
    _date("STARTDT", "Time-to-Event Origin Date for Subject"),
    _date("ADT", "Analysis Date"),
    _number("AVAL", "Analysis Value"),
    _text("AVALU", "Analysis Value Unit", 6, ("MONTHS", "Months of 30.4375 days")),
    _number("ADAYS", "Days from Origin, the First Day as Day 1"),
    _number("CNSR", "Censor"),
    _text("EVNTDESC", "Event or Censoring Description", 200),
    _text("RULE", "Rule that Decided", 20),
    _text("ITTFL", "Intent-To-Treat Population Flag", 1, YES, NO),
    _text("SAFFL", "Safety Population Flag", 1, YES, NO),
)
ADSL_KEYS = ("STUDYID", "USUBJID")
ADTTE_KEYS = ("STUDYID", "USUBJID", "PARAMCD")

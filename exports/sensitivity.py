"""How sensitive each column of an export is: what a de-identified export leaves out, shifts or puts under a code.

A column that holds an item is as sensitive as the item's kind makes it. Of the other columns those with dates, times,
fractions and codes say it by their kind; columns of text and of whole numbers, which may be keys of the database, are
declared here by name, and a column nobody declared counts as free text. tests/exports/test_deidentified.py asks of every
column that it is declared.
"""

from __future__ import annotations

from enum import StrEnum

from diary.models.entries import SYMPTOMS
from eligibility.models.history import POINTS
from exports.tables import Column, Table
from records.items import Item, LinkItem, ListedItem, TermItem


class Sensitivity(StrEnum):
    SUBJECT = "SUBJECT"  # the participant's number: under a code
    SITE = "SITE"  # the site's code: under a code where sites are masked
    OF_SITE = "OF_SITE"  # tells the site: left out where sites are masked
    KEY = "KEY"  # what rows are joined by: under a code
    DATE = "DATE"  # shifted
    SYSTEM_TIME = "SYSTEM_TIME"  # when the system noted something: left out
    BIRTH = "BIRTH"  # left out; the age stays
    AGE = "AGE"  # ages from 90 on count as 90
    TEXT = "TEXT"  # what people wrote: left out
    PERSON = "PERSON"  # tells a person, or points at a file or at the audit trail: left out
    PLAIN = "PLAIN"


S = Sensitivity

# Columns of text and of whole numbers that are no items, by their name.
BY_NAME: dict[str, Sensitivity] = {
    "SUBJID": S.SUBJECT,
    "SITE": S.SITE,
    **dict.fromkeys(("NAME_EN", "NAME_ZH", "LBLAB", "RECIPIENT_EN", "RECIPIENT_ZH"), S.OF_SITE),
    **dict.fromkeys(
        (
            *("STUDYID", "VISIT", "SERIES", "ANCHOR", "FORM", "FORMS", "ITEM", "ROWS", "PART", "FALLEN"),
            *(
                "CHECK",
                "CODE",
                "LEVEL",
                "ROLE",
                "RULES",
                "CHANGED",
                "STANDS",
                "ACCEPTS",
                "TEST",
                "UNIT",
            ),
            *("BLOCK_EN", "BLOCK_ZH", "LABEL_EN", "LABEL_ZH", "VOIDFORM"),
            *("MEDDRA", "LLT", "PT", "SOC"),
            *("REPLACED", "REASONS"),
            # Whole numbers: counted from 1 within a participant, a form or a definition, ages, scores, public codes.
            *(
                "VISITOCC",
                "REPEAT",
                "ROW",
                "REVISION",
                "VERSION",
                "SCHEDULE",
                "AENUM",
                "AE_REVISION",
                "DVNUM",
            ),
            *("ITEMS", "GRADE", "AGE_FROM", "AGE_TO", "LLT_CODE", "PT_CODE", "SOC_CODE"),
            *(name.upper() for name in SYMPTOMS),
            *(f"CP_{name.upper()}" for name in POINTS),
            "CPTOT",
        ),
        S.PLAIN,
    ),
    "QUERY": S.KEY,
    **dict.fromkeys(
        (
            *("REASON", "COMMENT", "QUESTION", "ANSWER", "WORDS", "NOTE", "INFORMATION", "VERBATIM", "TEXT"),
            # Sentences of checks quote the answers, with their dates.
            *("MESSAGE_EN", "MESSAGE_ZH", "WORDS_EN", "WORDS_ZH", "VALUE", "VOIDREASON", "REFERENCE"),
            *("SNAPSHOT", "DOUBTFUL", "GIVEN"),
            # What participants and sites wrote in the participant's own record.
            *("TEST_WORDS", "DONE", "REVOKED_WHY"),
        ),
        S.TEXT,
    ),
    **dict.fromkeys(
        (
            "INITIALS",
            "REPORTER",
            "SIGNED_NAME",
            "SHA256",
            "ORIGIN_NAME",
            "ORIGIN_SHA256",
            "SOURCE_PATIENT",
            "SOURCE_ROW",
            "PHOTO",
            "SIZE",
            "CHANGE",
        ),
        S.PERSON,
    ),
}
# Where a name means something else in one table.
IN_TABLE: dict[tuple[str, str], Sensitivity] = {
    ("files", "KEY"): S.PERSON,
    ("study_settings", "KEY"): S.PLAIN,
    ("diary_entries", "KEY"): S.KEY,
    ("diary_entries", "REPLACES"): S.KEY,
    ("diary_tasks", "KEY"): S.KEY,
    ("diary_remarks", "KEY"): S.KEY,
}
# Times that are no items and that people stated; all others are the system's own.
STATED_TIMES = {
    ("diary_entries", "STATED"),
    ("sae_reports", "SENT"),
    ("sae_clocks", "AWARE"),
    ("sae_clocks", "CROSSED"),  # a number of hours after AWARE
}
# Days of a site, not of a participant.
OF_SITE_DATES = {("sites", "ACTIVATED_ON"), ("reference_ranges", "EFFECTIVE_FROM")}
# Numbers of accounts, which tell who did something.
ACCOUNTS = "account number"
BIRTH, AGE = "DM.BRTHDTC", "DM.AGE"
# Columns that hold a whole document as JSON, for which only text files and Parquet have room.
DOCUMENTS = {"SNAPSHOT", "GIVEN", "DOUBTFUL"}


def is_document(table: Table, column: Column) -> bool:
    return column.item is None and not table.form and column.name in DOCUMENTS


def of_item(item: Item) -> Sensitivity:
    """How sensitive an item is, by its kind and, for birth and age, its CDISC name."""
    if item.name_cdash == BIRTH:
        return S.BIRTH
    if item.name_cdash == AGE:
        return S.AGE
    if isinstance(item, TermItem):
        return S.PLAIN  # a term of a public list
    if isinstance(item, ListedItem):
        return S.OF_SITE
    if isinstance(item, LinkItem):
        return S.PLAIN
    match item.kind:
        case "date" | "datetime" | "partialdate":
            return S.DATE
        case "code" | "multicode" | "integer" | "decimal" | "measured":
            return S.PLAIN
        case "file":
            return S.PERSON
        case "text" if item.derived:
            return S.PLAIN  # computed out of codes
        case _:
            return S.TEXT


def declared(table: Table, column: Column) -> Sensitivity | None:
    """How sensitive a column is; None where nobody has said."""
    if column.item is not None:
        return of_item(column.item)
    if (table.name, column.name) in OF_SITE_DATES:
        return S.OF_SITE
    if column.kind == "datetime" and (table.name, column.name) not in STATED_TIMES:
        return S.SYSTEM_TIME
    if column.kind in ("date", "datetime", "partialdate"):
        return S.DATE
    if column.kind == "integer" and ACCOUNTS in column.label.en.lower():
        return S.PERSON
    if column.kind in ("code", "multicode", "decimal"):
        return S.PLAIN
    return IN_TABLE.get((table.name, column.name), BY_NAME.get(column.name))


def sensitivity(table: Table, column: Column) -> Sensitivity:
    """How sensitive a column is; one that nobody declared is taken for free text."""
    return declared(table, column) or S.TEXT

"""Checks across treatment, surgery and what was measured (specification section 8.26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from participants.cross_checks import Casebook, CrossCheck, Mismatch
from participants.dates import PartialDate
from records import study
from records.text import Text

MAJOR_COMPLICATIONS = ("IIIA", "IIIB", "IVA", "IVB", "V")
SERIOUS_WITHIN = timedelta(days=7)
SIZES_MAY_DIFFER = Decimal("0.5")

NOT_SERIOUS = Text(
    "A complication of grade IIIa or more, and no serious adverse event around {day}. Record it, or confirm.",
    "术后并发症达IIIa级及以上，但{day}前后无严重不良事件记录。请补录，或填写说明予以确认。",
)
NO_SURGERY = Text(
    "The tumour was judged resectable on {day}, and no hepatectomy is recorded {days} days later. Record it, or confirm.",
    "{day}评估为可切除，{days}天后仍无肝切除记录。请补录，或填写说明予以确认。",
)
NOT_REVIEWED = Text(
    "The hepatectomy is not preceded by a review that found the tumour resectable. Correct one, or confirm.",
    "肝切除前无“可切除”的评估记录。请更正，或填写说明予以确认。",
)
SIZES_DIFFER = Text(
    "Lesion {lesion} measures {size} mm in pathology and {imaged} mm on the last imaging ({day}). Correct one, or confirm.",
    "病灶{lesion}病理大小为{size} mm，末次影像（{day}）为{imaged} mm。请更正，或填写说明予以确认。",
)


def _serious_near(casebook: Casebook, day: date) -> bool:
    for event in casebook.all("AE"):
        if event.aeser != "Y":
            continue
        if not event.aestdtc:
            return True
        begun = PartialDate.parse(event.aestdtc)
        if begun.earliest <= day + SERIOUS_WITHIN and begun.latest >= day - SERIOUS_WITHIN:
            return True
    return False


def major_complication_not_serious(casebook: Casebook) -> Iterable[Mismatch]:
    """X11: Clavien-Dindo IIIa or more without a serious adverse event within 7 days of it."""
    for one in casebook.all("POC"):
        day = one.pocdtc
        if one.cdgrade in MAJOR_COMPLICATIONS and day and not _serious_near(casebook, day):
            yield Mismatch(one, "cdgrade", NOT_SERIOUS.format(day=day))


def _resected_on(casebook: Casebook) -> list[tuple[date, Any]]:
    return [(one.surgdtc, one) for one in casebook.all("SURG") if one.surgdtc]


def resectable_and_not_resected(casebook: Casebook) -> Iterable[Mismatch]:
    """X13: judged resectable, and no hepatectomy within the days of the study settings; the last day is in time."""
    found = [one for one in casebook.all("RES") if one.resres == "RESECTABLE" and one.resdtc]
    if not found:
        return
    days = study.in_force(casebook.today)["surgery_waits"]
    for review in found:
        if casebook.today <= review.resdtc + timedelta(days=days):
            continue
        if not any(day >= review.resdtc for day, _surgery in _resected_on(casebook)):
            yield Mismatch(review, "resres", NO_SURGERY.format(day=review.resdtc, days=days))


def surgery_before_review(casebook: Casebook) -> Iterable[Mismatch]:
    """X14: a hepatectomy that no review before it, or of that day, found possible."""
    found = [
        one.resdtc
        for one in casebook.all("RES")
        if one.resdtc and (one.resres == "RESECTABLE" or one.nextstep == "HEPATECTOMY")
    ]
    for day, surgery in _resected_on(casebook):
        if not any(reviewed <= day for reviewed in found):
            yield Mismatch(surgery, "surgdtc", NOT_REVIEWED)


def sizes_differ(casebook: Casebook) -> Iterable[Mismatch]:
    """X20: a lesion's size in pathology is more than 50 % away from the last imaging before surgery."""
    surgery = max((day for day, _surgery in _resected_on(casebook)), default=None)
    measured: dict[str, tuple[date, Decimal]] = {}
    for imaging in casebook.all("IMG"):
        if imaging.imgdtc is None or (surgery and imaging.imgdtc > surgery):
            continue
        for lesion in imaging.lesions.all():
            known = measured.get(lesion.lnkid or "")
            if lesion.lnkid and lesion.ldiam and (known is None or known[0] <= imaging.imgdtc):
                measured[lesion.lnkid] = (imaging.imgdtc, lesion.ldiam)
    for specimen in casebook.all("PATH"):
        for row in specimen.lesions.all():
            if row.pathsize is None or row.pathlnk not in measured:
                continue
            day, imaged = measured[row.pathlnk]
            if abs(row.pathsize - imaged) > SIZES_MAY_DIFFER * imaged:
                words = SIZES_DIFFER.format(lesion=row.pathlnk, size=row.pathsize, imaged=imaged, day=day)
                yield Mismatch(specimen, f"lesions-{row.number}-pathsize", words)


CHECKS = (
    CrossCheck(
        "X11",
        Text("Major complication without a serious adverse event", "IIIa级及以上并发症无严重不良事件"),
        {"POC": ("cdgrade", "pocdtc"), "AE": ("aeser", "aestdtc")},
        major_complication_not_serious,
    ),
    CrossCheck(
        "X13",
        Text("Resectable and not resected in time", "评估可切除后逾期未手术"),
        {"RES": ("resres", "resdtc"), "SURG": ("surgdtc",)},
        resectable_and_not_resected,
        daily=True,
    ),
    CrossCheck(
        "X14",
        Text("Hepatectomy before the review", "手术早于可切除性评估"),
        {"RES": ("resres", "resdtc", "nextstep"), "SURG": ("surgdtc",)},
        surgery_before_review,
    ),
    CrossCheck(
        "X20",
        Text("Size in pathology and on the last imaging", "病理大小与末次影像相差超过50%"),
        {"PATH": ("lesions",), "IMG": ("lesions", "imgdtc"), "SURG": ("surgdtc",)},
        sizes_differ,
    ),
)

"""Checks across the forms that are measured from screening on (specification section 8.26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from eligibility import codelists
from eligibility.imaging_record import other_modality
from eligibility.imaging_sets import course_of
from eligibility.models.imaging import examination_of
from participants.cross_checks import Casebook, CrossCheck, Mismatch
from participants.dates import PartialDate
from records.text import Text

WEIGHT_CHANGE = Decimal("0.10")
WEIGHT_WITHIN_DAYS = 45
HEIGHT_CHANGE_CM = 3

WEIGHT_CHANGED = Text(
    "The weight changed from {before} kg on {first} to {after} kg on {second}, more than 10 %. "
    "Correct one of them, or confirm.",
    "体重由{first}的{before} kg变为{second}的{after} kg，变化超过10%。请更正，或填写说明予以确认。",
)
HEIGHT_CHANGED = Text(
    "The height was {before} cm at {visit} and is {after} cm here. Correct one of them, or confirm.",
    "{visit}身高为{before} cm，本次为{after} cm。请更正，或填写说明予以确认。",
)


def visit_days(casebook: Casebook) -> dict[int, date]:
    """The day of each visit that took place, by visit."""
    return {header.visit_id: header.svstdtc for header in casebook.all("SV") if header.svstdtc}


def weight_changed(casebook: Casebook) -> Iterable[Mismatch]:
    """X17: a weight more than 10 % away from one not more than 45 days earlier; the one it differs from most."""
    days = visit_days(casebook)
    weighed: list[tuple[date, Any]] = sorted(
        ((days[one.visit_id], one) for one in casebook.all("VS") if one.weight and one.visit_id in days),
        key=lambda pair: (pair[0], pair[1].pk),
    )
    for place, (second, after) in enumerate(weighed):
        near = [one for one in weighed[:place] if (second - one[0]).days <= WEIGHT_WITHIN_DAYS]
        if not near or after.confirmed.get("weight"):
            continue
        first, before = max(near, key=lambda one: abs(after.weight - one[1].weight) / one[1].weight)
        if abs(after.weight - before.weight) > WEIGHT_CHANGE * before.weight:
            words = WEIGHT_CHANGED.format(
                before=before.weight, first=first, after=after.weight, second=second
            )
            yield Mismatch(after, "weight", words)


def height_changed(casebook: Casebook) -> Iterable[Mismatch]:
    """X23: a height more than 3 cm away from the first one."""
    measured = [one for one in casebook.all("VS") if one.height]
    for one in measured[1:]:
        first = measured[0]
        if abs(one.height - first.height) > HEIGHT_CHANGE_CM and not one.confirmed.get("height"):
            words = HEIGHT_CHANGED.format(before=first.height, visit=first.visit.label, after=one.height)
            yield Mismatch(one, "height", words)


# ---- the tumour as staged and as measured --------------------------------------------------------------

LIVER = tuple(f"S{segment}" for segment in range(1, 9))
VESSELS = ("PV", "HV")
DIAMETER_MAY_DIFFER_MM = 1
BASELINE = "SCR"

DIAMETERS_DIFFER = Text(
    "The largest diameter is {staged} mm here, and {measured} mm on the baseline imaging. Correct one, or confirm.",
    "此处最大直径为{staged} mm，基线影像中为{measured} mm。请更正，或填写说明予以确认。",
)
FEWER_TUMOURS = Text(
    "{number} tumours are counted here, and {listed} liver lesions listed on the baseline imaging. Correct one, or confirm.",
    "此处肿瘤数目为{number}个，基线影像列出{listed}个肝内病灶。请更正，或填写说明予以确认。",
)
THROMBUS_NOT_LISTED = Text(
    "A vascular thrombus is recorded here, and none is listed on the baseline imaging. Correct one, or confirm.",
    "此处记录有血管癌栓，但基线影像未列出血管病灶。请更正，或填写说明予以确认。",
)
THROMBUS_LISTED = Text(
    "No vascular thrombus is recorded here, but one is listed on the baseline imaging. Correct one, or confirm.",
    "此处记录无血管癌栓，但基线影像列出血管病灶。请更正，或填写说明予以确认。",
)


def baseline_lesions(casebook: Casebook) -> list[Any] | None:
    """The lesions listed on the imaging at screening; None before any imaging is entered."""
    imaging = [one for one in casebook.all("IMG") if one.visit.code == BASELINE]
    return [lesion for one in imaging for lesion in one.lesions.all()] if imaging else None


def diameter_differs(casebook: Casebook) -> Iterable[Mismatch]:
    """X05: the largest diameter of the stage is not that of the baseline imaging, by more than 1 mm."""
    staging, lesions = casebook.first("STG"), baseline_lesions(casebook)
    if staging is None or staging.tummax is None or lesions is None:
        return
    measured = [one.ldiam for one in lesions if one.lesloc in LIVER and one.ldiam is not None]
    if measured and abs(max(measured) - staging.tummax) > DIAMETER_MAY_DIFFER_MM:
        words = DIAMETERS_DIFFER.format(staged=staging.tummax, measured=max(measured))
        yield Mismatch(staging, "tummax", words)


def fewer_tumours_than_lesions(casebook: Casebook) -> Iterable[Mismatch]:
    """X06: fewer tumours counted than liver lesions listed at baseline."""
    staging, lesions = casebook.first("STG"), baseline_lesions(casebook)
    if staging is None or staging.tumnum is None or lesions is None:
        return
    listed = len({one.lnkid for one in lesions if one.lesloc in LIVER})
    if staging.tumnum < listed:
        yield Mismatch(staging, "tumnum", FEWER_TUMOURS.format(number=staging.tumnum, listed=listed))


def thrombus_differs(casebook: Casebook) -> Iterable[Mismatch]:
    """X07: a vascular thrombus in the stage and none on the imaging, or the reverse."""
    staging, lesions = casebook.first("STG"), baseline_lesions(casebook)
    if staging is None or staging.vascinv not in ("Y", "N") or lesions is None:
        return
    listed = any(one.lesloc in VESSELS for one in lesions)
    if (staging.vascinv == "Y") != listed:
        yield Mismatch(staging, "vascinv", THROMBUS_LISTED if listed else THROMBUS_NOT_LISTED)


# ---- imaging at baseline and later ---------------------------------------------------------------------


def modality_changed(casebook: Casebook) -> Iterable[Mismatch]:
    """X24: a submitted follow-up by a modality that none of its reader's baseline was.

    The form asks when it is saved; this asks again when a correction of the baseline has made them differ.
    """
    records = {one.pk: one for one in casebook.all("IMG")}
    examinations = [examination_of(one) for one in records.values()]
    for reader in sorted({one.evaluator for one in examinations}):
        course = course_of(examinations, reader)
        if course.baseline is None:
            continue
        for one in (one for later in course.later for one in later.examinations):
            words = other_modality(one.modality, course.baseline)
            record = records[one.key]
            if words is not None and one.submitted and not record.confirmed.get("imgmod"):
                yield Mismatch(record, "imgmod", words)


# ---- ascites as scored and as recorded -----------------------------------------------------------------

ASCITES_WORDS = ("ascites", "腹水")
MILD_UP_TO_GRADE = 2

ASCITES_NOT_RECORDED = Text(
    "Ascites is scored here, and neither the history nor the adverse events name it. Record it, or confirm.",
    "此处评为有腹水，但病史和不良事件中均未记录。请补录，或填写说明予以确认。",
)
ASCITES_RECORDED = Text(
    "No ascites is scored here, but it is recorded as ongoing in {form}. Correct one, or confirm.",
    "此处评为无腹水，但{form}中记录腹水仍存在。请更正，或填写说明予以确认。",
)
ASCITES_GRADES = Text(
    "Ascites is scored {scored} here, and recorded with grade {grade} in {form}. Correct one, or confirm.",
    "此处腹水评为{scored}，{form}中记录为{grade}级。请更正，或填写说明予以确认。",
)


def _names_ascites(words: str | None) -> bool:
    return any(word in (words or "").lower() for word in ASCITES_WORDS)


def _recorded_ascites(casebook: Casebook, day: date) -> list[tuple[Text, int | None]]:
    """Ascites as the history or an adverse event records it on a day: the form's title, and the grade."""
    history = [
        (one.form.title, row.mhtoxgr)
        for one in casebook.all("MH")
        for row in one.conditions.all()
        if _names_ascites(row.mhterm) and row.mhenrf != "N"
    ]
    events = [
        (one.form.title, one.aetoxgr)
        for one in casebook.all("AE")
        if (_names_ascites(one.aeterm) or _names_ascites(one.aedecod))
        and (not one.aestdtc or PartialDate.parse(one.aestdtc).earliest <= day)
        and (not one.aeendtc or PartialDate.parse(one.aeendtc).latest >= day)
    ]
    return [*events, *history]


def ascites_differs(casebook: Casebook) -> Iterable[Mismatch]:
    """X09: ascites as scored for Child-Pugh is not what history and adverse events say on that day."""
    days = visit_days(casebook)
    for staging in casebook.all("STG"):
        if staging.ascites is None:
            continue
        recorded = _recorded_ascites(casebook, days.get(staging.visit_id, casebook.today))
        if staging.ascites == "NONE":
            if recorded:
                yield Mismatch(staging, "ascites", ASCITES_RECORDED.format(form=recorded[0][0]))
        elif not recorded:
            yield Mismatch(staging, "ascites", ASCITES_NOT_RECORDED)
        else:
            form, grade = recorded[0]
            mild = staging.ascites == "MILD"
            if grade is not None and mild != (grade <= MILD_UP_TO_GRADE):
                scored = codelists.ASCITES.label(staging.ascites)
                words = ASCITES_GRADES.format(scored=scored, grade=grade, form=form)
                yield Mismatch(staging, "ascites", words)


# ---- hepatitis B ---------------------------------------------------------------------------------------

NO_ANTIVIRAL = Text(
    "HBsAg is positive, and no antiviral for hepatitis B is recorded as medication. Record it, or confirm.",
    "乙肝表面抗原阳性，但合并用药中无抗乙肝病毒药物。请补录，或填写说明予以确认。",
)


def no_antiviral(casebook: Casebook) -> Iterable[Mismatch]:
    """X19: a positive surface antigen and no antiviral among the medication."""
    positive = next((one for one in casebook.all("LB") if one.hbsag == "POS"), None)
    if positive is not None and not any(one.cmcat == "ANTIHBV" for one in casebook.all("CM")):
        yield Mismatch(positive, "hbsag", NO_ANTIVIRAL)


CHECKS = (
    CrossCheck(
        "X05",
        Text("Largest diameter of the stage and of the baseline imaging", "分期最大直径与基线影像不一致"),
        {"STG": ("tummax",), "IMG": ("lesions",)},
        diameter_differs,
    ),
    CrossCheck(
        "X06",
        Text("Fewer tumours than liver lesions listed", "肿瘤数目少于列出的肝内病灶"),
        {"STG": ("tumnum",), "IMG": ("lesions",)},
        fewer_tumours_than_lesions,
    ),
    CrossCheck(
        "X07",
        Text("Vascular thrombus in the stage and on the imaging", "血管癌栓与影像不一致"),
        {"STG": ("vascinv",), "IMG": ("lesions",)},
        thrombus_differs,
    ),
    CrossCheck(
        "X09",
        Text("Ascites as scored and as recorded", "腹水评分与病史/不良事件不一致"),
        {
            "STG": ("ascites",),
            "MH": ("conditions",),
            "AE": ("aeterm", "aedecod", "aestdtc", "aeendtc", "aetoxgr"),
            "SV": ("svstdtc",),
        },
        ascites_differs,
    ),
    CrossCheck(
        "X17",
        Text("Weight changes by more than 10 % within 45 days", "45天内体重变化超过10%"),
        {"VS": ("weight",), "SV": ("svstdtc",)},
        weight_changed,
    ),
    CrossCheck(
        "X19",
        Text("Surface antigen positive without an antiviral", "乙肝表面抗原阳性但无抗病毒用药"),
        {"LB": ("hbsag",), "CM": ("cmcat",)},
        no_antiviral,
    ),
    CrossCheck(
        "X23",
        Text("Height changes by more than 3 cm", "身高变化超过3 cm"),
        {"VS": ("height",)},
        height_changed,
    ),
    CrossCheck(
        "X24",
        Text("Modality other than at baseline", "随访影像检查方式与基线不同"),
        {"IMG": ("imgdtc", "imgmod", "imgeval")},
        modality_changed,
    ),
)

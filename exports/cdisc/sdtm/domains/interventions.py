"""CM, EX, PR: drugs beside the trial's treatment, the treatment itself, and procedures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exports.cdisc.sdtm.expressions import (
    Decoded,
    Expression,
    First,
    Fixed,
    Of,
    Sql,
    Words,
    moment,
)
from exports.cdisc.sdtm.mapping import (
    Condition,
    Domain,
    Has,
    Is,
    Observation,
    Supplement,
)

# Previous and other treatments that are procedures; the rest are drugs.
PROCEDURES = ("TACE", "HAIC", "SIRT", "ABLATION", "RADIOTHERAPY", "RESECTION", "TRANSPLANT")
PRIOR_DRUGS = ("TARGETED", "IMMUNO", "TARGIMM", "CHEMO", "INTERFERON", "TCM", "OTHER")
ONGOING = {"Y": "ONGOING", "N": "BEFORE"}

FREQUENCIES = {
    "ONCE": "ONCE", "QD": "QD", "BID": "BID", "TID": "TID", "QID": "QID", "QN": "QN", "Q4H": "Q4H", "Q6H": "Q6H",
    "Q8H": "Q8H", "Q12H": "Q12H", "QOD": "QOD", "QS": "EVERY WEEK", "BIS": "2 TIMES PER WEEK", "Q2S": "EVERY 2 WEEKS",
    "Q3S": "EVERY 3 WEEKS", "QM": "QM", "PRN": "PRN", "CONTINUOUS": "CONTINUOUS", "OTHER": "OTHER",
}  # fmt: skip
ROUTES = {
    "ORAL": "ORAL", "INTRAVENOUS": "INTRAVENOUS", "INTRAMUSCULAR": "INTRAMUSCULAR", "SUBCUTANEOUS": "SUBCUTANEOUS",
    "INTRA-ARTERIAL": "INTRA-ARTERIAL", "INTRAPERITONEAL": "INTRAPERITONEAL", "SUBLINGUAL": "SUBLINGUAL",
    "RECTAL": "RECTAL", "RESPIRATORY": "RESPIRATORY (INHALATION)", "NASAL": "NASAL", "TOPICAL": "TOPICAL",
    "TRANSDERMAL": "TRANSDERMAL", "EPIDURAL": "EPIDURAL", "OTHER": "OTHER",
}  # fmt: skip


def _ongoing(item: str) -> dict[str, Any]:
    return {
        "CMENRTPT": Decoded(item, ONGOING),
        "CMENTPT": Sql(f"CASE WHEN r.{item} IS NOT NULL THEN 'LAST CONTACT' END", 12),
    }


CM = Domain(
    "CM",
    "Concomitant/Prior Medications",
    "INTERVENTIONS",
    "One record per recorded intervention occurrence or constant-dosing interval per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "CMSEQ", "CMGRPID", "CMTRT", "CMCAT", "CMINDC", "CMCLASCD", "CMDOSE", "CMDOSU",
        "CMDOSFRQ", "CMROUTE", "EPOCH", "CMSTDTC", "CMENDTC", "CMSTDY", "CMENDY", "CMENRTPT", "CMENTPT",
    ),
    ("USUBJID", "CMCAT", "CMTRT", "CMSTDTC"),
    (
        Observation(
            "CM",
            {
                "CMTRT": Of("cmtrt"),
                "CMCAT": Words("cmcat"),
                "CMINDC": Of("cmindc"),
                "CMCLASCD": Of("cmatc"),
                "CMDOSE": Of("cmdose"),
                "CMDOSU": Of("cmdosu"),
                "CMDOSFRQ": Decoded("cmdosfrq", FREQUENCIES),
                "CMROUTE": Decoded("cmroute", ROUTES),
                "CMSTDTC": Of("cmstdtc"),
                "CMENDTC": Of("cmendtc"),
                **_ongoing("cmenrf"),
            },
        ),
        Observation(
            "MH",
            {
                "CMTRT": First((Of("priordrug"), Words("priortype"))),
                "CMCAT": Fixed("PRIOR ANTI-TUMOUR TREATMENT"),
                "CMSTDTC": Of("priordtc"),
            },
            (Is("priortype", PRIOR_DRUGS),),
            rows="prior_treatments",
            supplements=(Supplement("TRTTYPE", "Type of treatment", Of("priortype")),),
        ),
        Observation(
            "SACT",
            {
                "CMTRT": First((Of("sactdrug"), Words("sacttype"))),
                "CMCAT": Fixed("OTHER ANTI-TUMOUR TREATMENT"),
                "CMINDC": Words("sactwhy"),
                "CMSTDTC": Of("sactstdtc"),
                "CMENDTC": Of("sactendtc"),
                **_ongoing("sactenrf"),
            },
            (Is("sacttype", PRIOR_DRUGS),),
            supplements=(Supplement("TRTTYPE", "Type of treatment", Of("sacttype")),),
        ),
        Observation(
            "SURG",
            {
                "CMTRT": Fixed("RED BLOOD CELLS"),
                "CMCAT": Fixed("TRANSFUSION"),
                "CMDOSE": Of("surgtxu"),
                "CMDOSU": Sql("CASE WHEN r.surgtxu IS NOT NULL THEN 'U' END", 1),
                "CMSTDTC": Of("surgdtc"),
            },
            (Is("surgtx", ("Y",)),),
        ),
    ),
    homes=("CM", "MH.prior_treatments", "SACT"),
    order=("CMSTDTC", "CMTRT"),
)  # fmt: skip

DRUGS = (
    ("oxa", "OXALIPLATIN"),
    ("lv", "LEUCOVORIN"),
    ("fu1", "FLUOROURACIL, 2 HOURS"),
    ("fu2", "FLUOROURACIL, 46 HOURS"),
)


def _infusions() -> Iterator[Observation]:
    for short, drug in DRUGS:
        yield Observation(
            "HAIC",
            {
                "EXTRT": Fixed(drug),
                "EXCAT": Fixed("HAIC"),
                "EXDOSE": Of(f"{short}dose"),
                "EXDOSU": Sql(f"CASE WHEN r.{short}dose IS NOT NULL THEN 'mg' END", 2),
                "EXDOSFRM": Fixed("INJECTION, SOLUTION"),
                "EXROUTE": Fixed("INTRA-ARTERIAL"),
                "EXADJ": Words(f"{short}adjrsn"),
                "EXSTDTC": Of(f"{short}st"),
                "EXENDTC": Of(f"{short}en"),
            },
            (Has((f"{short}dose",)),),
            supplements=(
                Supplement(
                    "EXCALC", "Calculated dose (for verification only)", Of(f"{short}calc"), "Derived"
                ),
                Supplement("EXDEV", "Difference from the calculated dose, %", Of(f"{short}dev"), "Derived"),
                Supplement("EXADJTYP", "Dose changed", Of(f"{short}adj")),
                Supplement("EXCYCLE", "Cycle", Of("cycle"), "Derived"),
            ),
        )


EX = Domain(
    "EX",
    "Exposure",
    "INTERVENTIONS",
    "One record per protocol-specified study treatment, constant-dosing interval, per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "EXSEQ", "EXTRT", "EXCAT", "EXDOSE", "EXDOSU", "EXDOSFRM",
        "EXROUTE", "EXLOT", "EXLOC", "EXADJ", "EPOCH", "EXSTDTC", "EXENDTC", "EXSTDY", "EXENDY",
    ),
    ("USUBJID", "EXTRT", "EXSTDTC"),
    (
        *_infusions(),
        Observation(
            "YTRT",
            {
                "EXTRT": Fixed("YTTRIUM-90 MICROSPHERES"),
                "EXCAT": Fixed("SIRT"),
                "EXDOSE": Of("ynetact"),
                "EXDOSU": Sql("CASE WHEN r.ynetact IS NOT NULL THEN 'GBq' END", 3),
                "EXDOSFRM": Fixed("INJECTION, SUSPENSION"),
                "EXROUTE": Fixed("INTRA-ARTERIAL"),
                "EXLOT": Of("ylot"),
                "EXLOC": Fixed("HEPATIC ARTERY"),
                "EXADJ": Of("ynetrsn"),
                "EXSTDTC": Of("yinfdt"),
                "EXENDTC": Of("yinfdt"),
            },
        ),
    ),
    homes=("YTRT",),
    order=("EXSTDTC", "EXTRT"),
)  # fmt: skip


def _procedure(
    form: str,
    name: str,
    start: str,
    end: str = "",
    *,
    when: tuple[Condition, ...] = (),
    **more: Expression,
) -> Observation:
    values: dict[str, Any] = {"PRTRT": Fixed(name), "PRSTDTC": Of(start), **more}
    if end:
        values["PRENDTC"] = Of(end)
    return Observation(form, values, when)


# A plan has no date of its own: it rests on the mapping of its visit.
MAPPED = Sql(
    f"(SELECT min({moment('m.ymapdtc')}) FROM arms_maamapping m WHERE m.visit_id = v.id AND m.state = 'SUBMITTED')",
    19,
)

PR = Domain(
    "PR",
    "Procedures",
    "INTERVENTIONS",
    "One record per recorded procedure per occurrence per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "PRSEQ", "PRGRPID", "PRLNKID", "PRTRT", "PRCAT", "PRPRESP", "PROCCUR", "PRINDC", "VISITNUM", "VISIT",
        "EPOCH", "PRSTDTC", "PRENDTC", "PRSTDY", "PRENDY", "PRDUR",
    ),
    ("USUBJID", "PRTRT", "PRSTDTC", "PRSEQ"),
    (
        _procedure("HAIC", "HEPATIC ARTERY CATHETERIZATION", "hprocdt", "hcathout", PRCAT=Fixed("STUDY TREATMENT")),
        _procedure("HAIC", "PROTECTIVE EMBOLIZATION", "hprocdt", when=(Is("hcoil", ("Y",)),), PRCAT=Fixed("STUDY TREATMENT")),
        _procedure("HAIC", "COMPRESSION BANDAGE", "hbandst", "hbanden", when=(Has(("hbandst",)),), PRCAT=Fixed("STUDY TREATMENT")),
        _procedure("YMAP", "HEPATIC ANGIOGRAPHY AND 99MTC-MAA INJECTION", "ymapdtc", PRCAT=Fixed("STUDY TREATMENT")),
        _procedure("YMAP", "99MTC-MAA SCAN", "spectime", when=(Has(("spectime",)),), PRCAT=Fixed("STUDY TREATMENT")),
        Observation("YDOS", {"PRTRT": Fixed("ACTIVITY PLANNING"), "PRCAT": Fixed("STUDY TREATMENT"), "PRSTDTC": MAPPED}),
        _procedure("YTRT", "POST-INFUSION IMAGING", "ypostdt", when=(Has(("ypostdt",)),), PRCAT=Fixed("STUDY TREATMENT")),
        _procedure("SURG", "HEPATECTOMY", "surgdtc", PRCAT=Fixed("SURGERY"), PRPRESP=Fixed("Y"), PROCCUR=Of("surgyn"),
                   PRDUR=Sql("CASE WHEN r.surgmin IS NOT NULL THEN 'PT' || r.surgmin || 'M' END", 14, ("surgmin",))),
        _procedure("SURG", "THROMBECTOMY", "surgdtc", when=(Is("thrombx", ("Y",)),), PRCAT=Fixed("SURGERY")),
        Observation(
            "IMG",
            {"PRTRT": Words("imgmod"), "PRCAT": Fixed("IMAGING"), "PRSTDTC": Of("imgdtc"), "PRENDTC": Of("imgdtc")},
        ),
        Observation(
            "MH",
            {"PRTRT": Words("priortype"), "PRCAT": Fixed("PRIOR ANTI-TUMOUR TREATMENT"), "PRSTDTC": Of("priordtc")},
            (Is("priortype", PROCEDURES),),
            rows="prior_treatments",
            supplements=(Supplement("PRDRUG", "Drug", Of("priordrug")),),
        ),
        Observation(
            "SACT",
            {
                "PRTRT": Words("sacttype"), "PRCAT": Fixed("OTHER ANTI-TUMOUR TREATMENT"), "PRINDC": Words("sactwhy"),
                "PRSTDTC": Of("sactstdtc"), "PRENDTC": Of("sactendtc"),
            },
            (Is("sacttype", PROCEDURES),),
            supplements=(Supplement("PRDRUG", "Drug", Of("sactdrug")), Supplement("PRONGO", "Ongoing", Of("sactenrf"))),
        ),
    ),
    homes=("HAIC", "YMAP", "YDOS", "SURG", "IMG", "MH.prior_treatments", "SACT"),
    grouped=True,
    order=("PRSTDTC", "PRTRT"),
)  # fmt: skip

INTERVENTIONS = (CM, EX, PR)

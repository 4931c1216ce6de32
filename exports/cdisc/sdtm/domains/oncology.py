"""RS, TR, TU: tumours found, their measurements, and what responses and classifications were made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exports.cdisc.sdtm.domains.findings import KEYS, ON_THE_DAY, VISIT, finding, measurement
from exports.cdisc.sdtm.domains.pathology import OPERATED
from exports.cdisc.sdtm.expressions import (
    Decoded,
    Fixed,
    Of,
    Words,
)
from exports.cdisc.sdtm.mapping import (
    Domain,
    Has,
    Observation,
    Where,
)

METHODS = {
    "CECT": "CONTRAST ENHANCED CT SCAN", "CEMRI": "CONTRAST ENHANCED MRI", "EOBMRI": "MRI WITH GADOXETATE", "CHESTCT": "CT SCAN",
    "PETCT": "PET/CT SCAN", "BONESCAN": "SCINTIGRAPHY", "CEUS": "CONTRAST ENHANCED ULTRASOUND",
}  # fmt: skip
READERS = {"INVESTIGATOR": "INVESTIGATOR", "IRC": "INDEPENDENT ASSESSOR"}
LOCATIONS = {
    **{f"S{number}": f"LIVER, SEGMENT {number}" for number in range(1, 9)},
    "PV": "PORTAL VEIN", "HV": "HEPATIC VEIN", "BILEDUCT": "BILE DUCT", "HILARNODE": "LYMPH NODE, HEPATIC HILUM", "NODE": "LYMPH NODE",
    "LUNG": "LUNG", "BONE": "BONE", "ADRENAL": "ADRENAL GLAND", "PERITONEUM": "PERITONEUM", "BRAIN": "BRAIN", "OTHER": "OTHER",
}  # fmt: skip
SEEN_FIRST = Where(
    "NOT EXISTS (SELECT 1 FROM eligibility_lesion e JOIN eligibility_imaging i ON i.id = e.record_id "
    "WHERE e.participant_id = r.participant_id AND e.lnkid = r.lnkid AND i.imgeval IS NOT DISTINCT FROM f.imgeval "
    "AND i.state = 'SUBMITTED' AND (i.imgdtc, i.id) < (f.imgdtc, f.id))"
)
READ: dict[str, Any] = {
    "METHOD": Decoded("imgmod", METHODS),
    "EVAL": Decoded("imgeval", READERS),
    "DTC": Of("imgdtc"),
}

TU = Domain(
    "TU",
    "Tumor/Lesion Identification",
    "FINDINGS",
    "One record per identified tumor per subject per assessor",
    (
        *KEYS, "TUSEQ", "TULNKID", "TUTESTCD", "TUTEST", "TUORRES", "TUSTRESC", "TULOC", "TUMETHOD", "TULOBXFL", "TUEVAL",
        *VISIT, "TUDTC", "TUDY",
    ),
    ("USUBJID", "TUEVAL", "TULNKID", "TUDTC"),
    (
        Observation(
            "IMG",
            {
                "TULNKID": Of("lnkid"),
                "TUTESTCD": Fixed("TUMIDENT"),
                "TUTEST": Fixed("Tumor Identification"),
                "TUORRES": Decoded("lescat", {"TARGET": "TARGET", "NONTARGET": "NON-TARGET", "NEW": "NEW"}),
                "TUSTRESC": Decoded("lescat", {"TARGET": "TARGET", "NONTARGET": "NON-TARGET", "NEW": "NEW"}),
                "TULOC": Decoded("lesloc", LOCATIONS),
                **{f"TU{name}": value for name, value in READ.items()},
            },
            (Has(("lnkid",)), SEEN_FIRST),
            rows="lesions",
        ),
    ),
    order=("TULNKID", "TUEVAL", "TUDTC"),
)  # fmt: skip


def _measured() -> Iterator[Observation]:
    lesion: dict[str, Any] = {**READ, "LNKID": Of("lnkid")}
    for item, code, name in (("ldiam", "LDIAM", "Longest Diameter"), ("saxis", "LPERP", "Longest Perpendicular"),
                             ("viadiam", "VIADIAM", "Viable Diameter")):  # fmt: skip
        yield measurement("TR", "IMG", item, code, name, rows="lesions", **lesion)
    states = {
        "PRESENT": "PRESENT", "ABSENT": "ABSENT", "NE": "NOT EVALUABLE", "RESECTED": "RESECTED", "PD": "UNEQUIVOCAL PROGRESSION",
    }  # fmt: skip
    yield finding(
        "TR",
        "IMG",
        "lesst",
        "TUMSTATE",
        "Tumor State",
        rows="lesions",
        standard=Decoded("lesst", states),
        **lesion,
    )
    for item, code, name in (
        ("sumr11", "SUMDIAM", "Sum of Diameter"),
        ("summr", "SUMVDIAM", "Sum of Viable Diameter"),
    ):
        yield measurement("TR", "IMG", item, code, name, **READ)


TR = Domain(
    "TR",
    "Tumor/Lesion Results",
    "FINDINGS",
    "One record per tumor measurement/assessment per visit per subject per assessor",
    (
        *KEYS, "TRSEQ", "TRGRPID", "TRLNKID", "TRTESTCD", "TRTEST", "TRORRES", "TRORRESU", "TRSTRESC", "TRSTRESN", "TRSTRESU", "TRSTAT", "TRREASND",
        "TRMETHOD", "TRLOBXFL", "TREVAL", *VISIT, "TRDTC", "TRDY",
    ),
    ("USUBJID", "TRTESTCD", "TREVAL", "TRLNKID", "TRDTC", "VISITNUM", "TRSEQ"),
    tuple(_measured()),
    homes=("IMG.lesions",),
    grouped=True,
    order=("TRDTC", "TREVAL", "TRLNKID", "TRTESTCD"),
)  # fmt: skip

RESPONSE = {
    "CR": "CR",
    "PR": "PR",
    "SD": "SD",
    "PD": "PD",
    "NONCRNONPD": "NON-CR/NON-PD",
    "NE": "NE",
    "NED": "NED",
    "NA": "NOT APPLICABLE",
}
CRITERIA = Decoded("rscat", {"RECIST11": "RECIST 1.1", "MRECIST": "MRECIST LENCIONI LIVER CANCER 2010"})


def _responses() -> Iterator[Observation]:
    shared: dict[str, Any] = {"CAT": CRITERIA, "DTC": Of("rsdtc")}
    named = {
        "trgresp": ("CR", "PR", "SD", "PD", "NE", "NA"),
        "ntrgresp": ("CR", "NONCRNONPD", "PD", "NE", "NA"),
    }
    overall = ("CR", "PR", "SD", "PD", "NONCRNONPD", "NE", "NED")
    for item, code, name in (
        ("trgresp", "TRGRESP", "Target Response"), ("ntrgresp", "NTRGRESP", "Non-target Response"),
        ("ovrlresp", "OVRLRESP", "Overall Response"), ("rsinv", "OVRLRESP", "Overall Response"), ("bor", "BESTRESP", "Best Overall Response"),
    ):  # fmt: skip
        words = Decoded(item, {one: RESPONSE[one] for one in named.get(item, overall)})
        by: dict[str, Any] = (
            {"EVAL": Fixed("INVESTIGATOR")} if item in ("rsinv", "ntrgresp") else {"DRVFL": Fixed("Y")}
        )
        yield finding("RS", "RSP", item, code, name, ORRES=words, standard=words, **by, **shared)
    back = Words("recurfl")
    yield finding(
        "RS",
        "RSP",
        "recurfl",
        "DRCRIND",
        "Disease Recurrence Indicator",
        ORRES=back,
        standard=back,
        EVAL=Fixed("INVESTIGATOR"),
        **shared,
    )


def _classifications() -> Iterator[Observation]:
    ecog: dict[str, Any] = {"CAT": Fixed("ECOG"), "DTC": ON_THE_DAY, "EVAL": Fixed("INVESTIGATOR")}
    yield finding("RS", "VS", "ecog", "ECOG101", "ECOG1-Performance Status", **ecog)
    pugh: dict[str, Any] = {"CAT": Fixed("CHILD-PUGH CLASSIFICATION"), "DTC": ON_THE_DAY}
    by: dict[str, Any] = {"EVAL": Fixed("INVESTIGATOR")}
    derived: dict[str, Any] = {"DRVFL": Fixed("Y")}
    for item, code, name in (
        ("ascites", "CPS0103", "CPS01-Ascites"),
        ("enceph", "CPS0105", "CPS01-Encephalopathy"),
    ):
        yield finding("RS", "STG", item, code, name, ORRES=Words(item), standard=Words(item), **by, **pugh)
    yield finding("RS", "STG", "cptot", "CPS0106", "CPS01-Total Score", **derived, **pugh)
    yield finding("RS", "STG", "cpcls", "CPS0107", "CPS01-Grade", **derived, **pugh)
    for item, code, name, category in (
        ("albi", "ALBI", "ALBI Score", "ALBI"), ("albigr", "ALBIGR", "ALBI Grade", "ALBI"),
        ("cnlc", "CNLC", "CNLC Stage", "CNLC"), ("cnlcinv", "CNLCINV", "CNLC Stage, Investigator", "CNLC"), ("bclc", "BCLC", "BCLC Stage", "BCLC"),
    ):  # fmt: skip
        more = by if item in ("cnlcinv", "bclc") else derived
        yield finding("RS", "STG", item, code, name, CAT=Fixed(category), DTC=ON_THE_DAY, **more)
    review: dict[str, Any] = {"CAT": Fixed("RESECTABILITY REVIEW"), "DTC": Of("resdtc"), **by}
    yield finding(
        "RS",
        "RES",
        "resres",
        "RESECT",
        "Resectability",
        ORRES=Words("resres"),
        standard=Words("resres"),
        **review,
    )
    for item, code, name in (
        ("flr2", "FLR", "Future Liver Remnant"),
        ("icgr15", "ICGR15", "ICG Retention at 15 Minutes"),
    ):
        yield measurement("RS", "RES", item, code, name, **review)
    yield finding("RS", "RES", "surgcontra", "SURGCON", "Surgical Contraindication", **review)
    path: dict[str, Any] = {
        "CAT": Fixed("PATHOLOGIC RESPONSE"),
        "DTC": OPERATED,
        **derived,
    }
    for item, code, name in (
        ("pcr", "PCRIND", "Pathologic Complete Response Indicator"),
        ("mpr", "MJPTHIND", "Major Pathological Response Indicator"),
    ):
        yield finding("RS", "PATH", item, code, name, **path)


RS = Domain(
    "RS",
    "Disease Response and Clin Classification",
    "FINDINGS",
    "One record per response assessment or clinical classification assessment per time point per visit per subject per assessor "
    "per medical evaluator",
    (
        *KEYS, "RSSEQ", "RSGRPID", "RSTESTCD", "RSTEST", "RSCAT", "RSORRES", "RSORRESU", "RSSTRESC", "RSSTRESN", "RSSTRESU", "RSSTAT", "RSREASND",
        "RSLOBXFL", "RSDRVFL", "RSEVAL", *VISIT, "RSDTC", "RSDY",
    ),
    ("USUBJID", "RSCAT", "RSTESTCD", "RSEVAL", "RSDTC", "VISITNUM", "RSSEQ"),
    (*_responses(), *_classifications()),
    homes=("RSP", "STG", "RES"),
    grouped=True,
    order=("RSCAT", "RSDTC", "RSTESTCD", "RSEVAL"),
)  # fmt: skip

ONCOLOGY = (RS, TR, TU)

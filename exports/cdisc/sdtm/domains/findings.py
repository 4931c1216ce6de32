"""DD, IE, LB, PE, QS, SS, VS: what was measured, asked and found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eligibility.models import Laboratory
from exports.cdisc.sdtm.expressions import (
    Decoded,
    Expression,
    First,
    Fixed,
    Limit,
    Of,
    Reported,
    Sql,
    Standard,
    UnitOf,
    Words,
    moment,
)
from exports.cdisc.sdtm.mapping import (
    Domain,
    Has,
    Is,
    Lines,
    Observation,
    Supplement,
)
from records.items import items_of

KEYS = ("STUDYID", "DOMAIN", "USUBJID")
VISIT = ("VISITNUM", "VISIT", "EPOCH")


def finding(
    domain: str,
    form: str,
    item: str,
    code: str,
    name: str,
    *,
    rows: str = "",
    when: tuple[Is, ...] = (),
    supplements: tuple[Supplement, ...] = (),
    standard: Expression | None = None,
    **more: Expression,
) -> Observation:
    """One test: its result, or why there is none. `more` are variables without the domain's letters."""
    values: dict[str, Any] = {
        "TESTCD": Fixed(code),
        "TEST": Fixed(name),
        "ORRES": Of(item),
        "STRESC": standard or Of(item),
        "STAT": Sql(f"CASE WHEN r.missing ? '{item}' THEN 'NOT DONE' END", 8),
        "REASND": Sql(
            f"CASE r.missing ->> '{item}' WHEN 'ND' THEN 'NOT DONE' WHEN 'NK' THEN 'NOT KNOWN' "
            "WHEN 'NA' THEN 'NOT APPLICABLE' END",
            14,
        ),
        **more,
    }
    return Observation(
        form,
        {f"{domain}{variable}": value for variable, value in values.items()},
        (Has((item,), or_missing=True), *when),
        rows=rows,
        supplements=supplements,
        findings=(item,),
    )


def measurement(
    domain: str, form: str, item: str, code: str, name: str, *, derived: bool = False, **more: Any
) -> Observation:
    """A number with its unit; `more` as `finding` takes it."""
    flagged: dict[str, Any] = {"DRVFL": Fixed("Y")} if derived else {}
    return finding(
        domain,
        form,
        item,
        code,
        name,
        standard=Standard(item),
        ORRESU=UnitOf(item),
        STRESU=UnitOf(item, standard=True),
        **flagged,
        **more,
    )


# -- laboratory --------------------------------------------------------------------------------------

# By item: short name and name in controlled terminology, the category, whether it is a result with limits.
HEMATOLOGY = (("wbc", "WBC", "Leukocytes"), ("neut", "NEUT", "Neutrophils"), ("lym", "LYM", "Lymphocytes"),
              ("hgb", "HGB", "Hemoglobin"), ("plt", "PLAT", "Platelets"))  # fmt: skip
CHEMISTRY = (
    ("alt", "ALT", "Alanine Aminotransferase"), ("ast", "AST", "Aspartate Aminotransferase"),
    ("alp", "ALP", "Alkaline Phosphatase"), ("ggt", "GGT", "Gamma Glutamyl Transferase"), ("tbil", "BILI", "Bilirubin"),
    ("dbil", "BILDIR", "Direct Bilirubin"), ("alb", "ALB", "Albumin"), ("crea", "CREAT", "Creatinine"),
    ("urea", "UREA", "Urea"), ("k", "K", "Potassium"), ("na", "SODIUM", "Sodium"), ("cl", "CL", "Chloride"),
    ("ca", "CA", "Calcium"), ("gluc", "GLUC", "Glucose"), ("nh3", "AMMONIA", "Ammonia"),
)  # fmt: skip
COAGULATION = (("pt", "PT", "Prothrombin Time"), ("inr", "INR", "Prothrombin Intl. Normalized Ratio"),
               ("aptt", "APTT", "Activated Partial Thromboplastin Time"), ("fib", "FIBRINO", "Fibrinogen"))  # fmt: skip
MARKERS = (("afp", "AFP", "Alpha Fetoprotein"), ("pivka", "PIVKAII", "Protein Induced by Vitamin K Absence-II"),
           ("cea", "CEA", "Carcinoembryonic Antigen"), ("ca199", "CA19_9AG", "Cancer Antigen 19-9"))  # fmt: skip
ITEMS = frozenset(item.name for item in items_of(Laboratory))
POSITIVE = {"NEG": "NEGATIVE", "POS": "POSITIVE"}


def result(item: str, code: str, name: str, category: str, *, graded: bool) -> Observation:
    """A test with reference limits: reported value and unit, limits, flag, grade, clinical significance."""
    values: dict[str, Any] = {
        "CAT": Fixed(category),
        "ORNRLO": Limit(item, "_lo"),
        "ORNRHI": Limit(item, "_hi"),
        "STNRLO": Limit(item, "_lo", standard=True),
        "STNRHI": Limit(item, "_hi", standard=True),
        "NRIND": Of(f"{item}_fl"),
        "CLSIG": Decoded(f"{item}_cs", {"NCS": "N", "CS": "Y"}),
        "NAM": Of("lblab"),
        "DTC": Of("lbdtc"),
        "ORRES": Reported(item),
    }
    if graded:
        values["TOXGR"] = Of(f"{item}_gr")
    found = measurement("LB", "LB", item, code, name, **values)
    limits = Supplement("LBLIMSRC", "Source of the reference limits", Of(f"{item}_ls"), "Derived")
    return Observation(found.form, found.values, found.when, supplements=(limits,), findings=found.findings)


def _laboratory() -> Iterator[Observation]:
    for category, tests in (("HEMATOLOGY", HEMATOLOGY), ("CHEMISTRY", CHEMISTRY), ("COAGULATION", COAGULATION),
                            ("TUMOR MARKERS", MARKERS)):  # fmt: skip
        for item, code, name in tests:
            yield result(item, code, name, category, graded=_graded(item))
    about: dict[str, Any] = {"NAM": Of("lblab")}
    taken: dict[str, Any] = {**about, "DTC": Of("lbdtc")}
    yield measurement(
        "LB",
        "LB",
        "egfr",
        "GFRBSCRT",
        "GFR from Creatinine Adjusted for BSA",
        derived=True,
        CAT=Fixed("CHEMISTRY"),
        **taken,
    )
    yield measurement(
        "LB", "LB", "ptctl", "PTCTL", "Prothrombin Time, Control", CAT=Fixed("COAGULATION"), **taken
    )
    virus: dict[str, Any] = {
        **about,
        "CAT": Fixed("VIROLOGY"),
        "DTC": First((Of("virdtc"), Of("lbdtc"))),
    }
    for item, code, name in (
        ("hbsag", "HBSAG", "Hepatitis B Virus Surface Antigen"),
        ("hcvab", "HCAB", "Hepatitis C Virus Antibody"),
    ):
        yield finding("LB", "LB", item, code, name, standard=Decoded(item, POSITIVE), **virus)
    hiv = {**POSITIVE, "CONFIRM": "TO BE CONFIRMED", "PENDING": "PENDING"}
    yield finding("LB", "LB", "hivab", "HIV12AB", "HIV-1/2 Antibody", standard=Decoded("hivab", hiv), **virus)
    for item, code, name in (
        ("hbsagq", "HBSAGQ", "Hepatitis B Surface Antigen, Quantity"),
        ("hbvdna", "HBVVLD", "Hepatitis B Viral Load"),
        ("hcvrna", "HCVVLD", "Hepatitis C Viral Load"),
    ):
        yield measurement("LB", "LB", item, code, name, **{**virus, **_sign_of(item)})
    pregnancy: dict[str, Any] = {
        **about,
        "CAT": Fixed("PREGNANCY TEST"),
        "DTC": First((Of("hcgdtc"), Of("lbdtc"))),
        "SPEC": Words("hcgspec"),
    }
    yield finding(
        "LB", "LB", "hcg", "HCG", "Choriogonadotropin Beta", standard=Decoded("hcg", POSITIVE), **pregnancy
    )


def _sign_of(item: str) -> dict[str, Any]:
    return {"ORRES": Reported(item)} if _signed(item) else {}


def _graded(item: str) -> bool:
    return f"{item}_gr" in ITEMS


def _signed(item: str) -> bool:
    return f"{item}_c" in ITEMS


LB = Domain(
    "LB",
    "Laboratory Test Results",
    "FINDINGS",
    "One record per lab test per time point per visit per subject",
    (
        *KEYS, "LBSEQ", "LBGRPID", "LBTESTCD", "LBTEST", "LBCAT", "LBORRES", "LBORRESU", "LBORNRLO", "LBORNRHI", "LBSTRESC", "LBSTRESN",
        "LBSTRESU", "LBSTNRLO", "LBSTNRHI", "LBNRIND", "LBSTAT", "LBREASND", "LBNAM", "LBSPEC", "LBLOBXFL", "LBDRVFL", "LBTOXGR",
        "LBCLSIG", *VISIT, "LBDTC", "LBDY",
    ),
    ("USUBJID", "LBTESTCD", "LBDTC", "VISITNUM", "LBSEQ"),
    tuple(_laboratory()),
    homes=("LB",),
    grouped=True,
    order=("LBCAT", "LBTESTCD", "LBDTC"),
)  # fmt: skip

# -- vital signs, physical examination ----------------------------------------------------------------

SIGNS = (
    ("height", "HEIGHT", "Height"), ("weight", "WEIGHT", "Weight"), ("temp", "TEMP", "Temperature"), ("pulse", "PULSE", "Pulse Rate"),
    ("sysbp", "SYSBP", "Systolic Blood Pressure"), ("diabp", "DIABP", "Diastolic Blood Pressure"), ("spo2", "OXYSAT", "Oxygen Saturation"),
)  # fmt: skip
# A form without a date of its own is of the day its visit's header says; empty while that is a draft.
ON_THE_DAY = Sql(
    "(SELECT to_char(h.svstdtc, 'YYYY-MM-DD') FROM participants_visitheader h WHERE h.visit_id = v.id "
    "AND h.state = 'SUBMITTED')",
    10,
)
BREATHS = Sql("CASE WHEN r.resp IS NOT NULL THEN 'breaths/min' END", 11)


def _signs() -> Iterator[Observation]:
    for item, code, name in SIGNS:
        yield measurement("VS", "VS", item, code, name, DTC=ON_THE_DAY)
    yield measurement("VS", "VS", "bsa", "BSA", "Body Surface Area", derived=True, DTC=ON_THE_DAY)
    breathing = measurement("VS", "VS", "resp", "RESP", "Respiratory Rate", DTC=ON_THE_DAY)
    yield Observation(
        "VS",
        {**breathing.values, "VSORRESU": BREATHS, "VSSTRESU": BREATHS},
        breathing.when,
        findings=("resp",),
    )
    yield measurement(
        "VS", "SYM", "symtemp", "TEMP", "Temperature", DTC=Of("symdtc"), CAT=Fixed("REPORTED BY THE SUBJECT")
    )


VS = Domain(
    "VS",
    "Vital Signs",
    "FINDINGS",
    "One record per vital sign measurement per time point per visit per subject",
    (
        *KEYS, "VSSEQ", "VSGRPID", "VSTESTCD", "VSTEST", "VSCAT", "VSORRES", "VSORRESU", "VSSTRESC", "VSSTRESN", "VSSTRESU", "VSSTAT", "VSREASND",
        "VSLOBXFL", "VSDRVFL", *VISIT, "VSDTC", "VSDY",
    ),
    ("USUBJID", "VSTESTCD", "VSDTC", "VISITNUM", "VSSEQ"),
    tuple(_signs()),
    homes=("VS",),
    grouped=True,
    order=("VSTESTCD", "VSDTC"),
)  # fmt: skip

PE = Domain(
    "PE",
    "Physical Examination",
    "FINDINGS",
    "One record per body system or abnormality per visit per subject",
    (*KEYS, "PESEQ", "PETESTCD", "PETEST", "PEORRES", "PESTRESC", "PESTAT", "PEREASND", *VISIT, "PEDTC", "PEDY"),
    ("USUBJID", "PETESTCD", "VISITNUM"),
    (
        finding("PE", "VS", "peabn", "PHYSEXAM", "Physical Examination",
                standard=First((Of("peabntx"), Decoded("peabn", {"Y": "ABNORMAL", "N": "NORMAL"}))),
                ORRES=First((Of("peabntx"), Decoded("peabn", {"Y": "ABNORMAL", "N": "NORMAL"}))), DTC=ON_THE_DAY),
        finding("PE", "VS", "punct", "PUNCSITE", "Puncture Site", standard=Words("punct"), ORRES=Words("punct"), DTC=ON_THE_DAY),
    ),
    order=("PETESTCD", "PEDTC"),
)  # fmt: skip

# -- eligibility, symptoms, status, death ----------------------------------------------------

NOT_MET = f"""
SELECT p.id, d.id * 100 + c.place, c.code, 'Criterion ' || c.code,
  CASE left(c.code, 1) WHEN 'I' THEN 'INCLUSION' ELSE 'EXCLUSION' END,
  CASE left(c.code, 1) WHEN 'I' THEN 'N' ELSE 'Y' END, CASE left(c.code, 1) WHEN 'I' THEN 'N' ELSE 'Y' END,
  {moment("d.decided_at")}
FROM participants_participant p
JOIN LATERAL (SELECT * FROM eligibility_eligibilitydecision e WHERE e.participant_id = p.id ORDER BY e.id DESC LIMIT 1) d ON true,
LATERAL unnest(d.failing) WITH ORDINALITY c(code, place)
"""

IE = Domain(
    "IE",
    "Inclusion/Exclusion Criteria Not Met",
    "FINDINGS",
    "One record per inclusion/exclusion criterion not met per subject",
    (*KEYS, "IESEQ", "IETESTCD", "IETEST", "IECAT", "IEORRES", "IESTRESC", "EPOCH", "IEDTC", "IEDY"),
    ("USUBJID", "IETESTCD"),
    lines=Lines({"IETESTCD": 8, "IETEST": 20, "IECAT": 9, "IEORRES": 1, "IESTRESC": 1, "IEDTC": 25}, NOT_MET),
    order=("IETESTCD",),
)

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

QS = Domain(
    "QS",
    "Questionnaires",
    "FINDINGS",
    "One record per questionnaire per question per time point per visit per subject",
    (
        *KEYS, "QSSEQ", "QSGRPID", "QSTESTCD", "QSTEST", "QSCAT", "QSORRES", "QSSTRESC", "QSSTRESN", "QSSTAT", "QSREASND", "QSLOBXFL",
        *VISIT, "QSDTC", "QSDY",
    ),
    ("USUBJID", "QSCAT", "QSTESTCD", "QSDTC", "QSSEQ"),
    tuple(
        finding("QS", "SYM", f"sym_{one}", one.upper()[:8], f"{one.capitalize()}, 0 to 10", standard=Standard(f"sym_{one}"),
                CAT=Fixed("SYMPTOM RECORD"), DTC=Of("symdtc"))
        for one in SYMPTOMS
    ),
    homes=("SYM",),
    grouped=True,
    order=("QSDTC", "QSTESTCD"),
)  # fmt: skip

SS = Domain(
    "SS",
    "Subject Status",
    "FINDINGS",
    "One record per status per visit per subject",
    (*KEYS, "SSSEQ", "SSGRPID", "SSTESTCD", "SSTEST", "SSORRES", "SSSTRESC", "SSSTAT", "SSREASND", *VISIT, "SSDTC", "SSDY"),
    ("USUBJID", "SSTESTCD", "SSDTC", "VISITNUM", "SSSEQ"),
    (
        finding("SS", "SURV", "ssstat", "SURVSTAT", "Survival Status",
                standard=Decoded("ssstat", {"ALIVE": "ALIVE", "DEAD": "DEAD", "LOST": "LOST TO FOLLOW-UP"}), DTC=Of("ssdtc")),
        finding("SS", "SURV", "lastalive", "LSCFADTC", "Latest Date Subject Confirmed Alive", DTC=Of("ssdtc")),
        finding("SS", "SURV", "tumstat", "TUMSTAT", "Tumor Status", standard=Words("tumstat"), DTC=Of("ssdtc")),
    ),
    homes=("SURV",),
    grouped=True,
    order=("SSDTC", "SSTESTCD"),
)  # fmt: skip

DIED = (Is("ssstat", ("DEAD",)),)
DD = Domain(
    "DD",
    "Death Details",
    "FINDINGS",
    "One record per finding per subject",
    (*KEYS, "DDSEQ", "DDTESTCD", "DDTEST", "DDORRES", "DDSTRESC", "DDDTC", "DDDY"),
    ("USUBJID", "DDTESTCD", "DDDTC"),
    (
        Observation("SURV", {"DDTESTCD": Fixed("PRCDTH"), "DDTEST": Fixed("Primary Cause of Death"), "DDORRES": Words("dthcaus"),
                             "DDSTRESC": Words("dthcaus"), "DDDTC": Of("dthdtc")}, (*DIED, Has(("dthcaus",)))),
        Observation("SURV", {"DDTESTCD": Fixed("AUTOPSY"), "DDTEST": Fixed("Autopsy Indicator"), "DDORRES": Of("autopsy"),
                             "DDSTRESC": Of("autopsy"), "DDDTC": Of("dthdtc")}, (*DIED, Has(("autopsy",)))),
    ),
    order=("DDDTC", "DDTESTCD"),
)  # fmt: skip

FINDINGS = (DD, IE, LB, PE, QS, SS, VS)

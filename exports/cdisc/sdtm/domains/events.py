"""AE, CE, DS, DV, MH: adverse events, complications, disposition, deviations, history."""

from __future__ import annotations

from collections.abc import Iterator

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
    Includes,
    Is,
    Lines,
    Observation,
    Supplement,
)

CODED = "c.participant_id = r.participant_id AND c.number = r.repeat AND c.verbatim = r.aeterm ORDER BY c.version DESC LIMIT 1"


def _coded(column: str) -> str:
    """A part of the sponsor's coding, as long as it is of the words that stand there now."""
    return f"(SELECT {column} FROM safety_eventcoding c WHERE {CODED})"


def _above(path: str, level: str, column: str) -> str:
    """A term above the preferred term, on its primary path."""
    return (
        f"(SELECT t.{column} FROM safety_eventcoding c "
        "JOIN safety_meddrapath m ON m.release_id = c.release_id AND m.pt = c.pt_code AND m.primary "
        f"JOIN safety_meddraterm t ON t.release_id = c.release_id AND t.level = '{level}' AND t.code = m.{path} WHERE {CODED})"
    )


AE = Domain(
    "AE",
    "Adverse Events",
    "EVENTS",
    "One record per adverse event per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AESPID", "AETERM", "AELLT", "AELLTCD", "AEDECOD", "AEPTCD", "AEHLT", "AEHLTCD", "AEHLGT",
        "AEHLGTCD", "AEBODSYS", "AEBDSYCD", "AESOC", "AESOCCD", "AESER", "AEACN", "AEREL", "AEOUT", "AESCONG", "AESDISAB",
        "AESDTH", "AESHOSP", "AESLIFE", "AESMIE", "AETOXGR", "EPOCH", "AESTDTC", "AEENDTC", "AESTDY", "AEENDY",
    ),
    ("USUBJID", "AEDECOD", "AESTDTC", "AESPID"),
    (
        Observation(
            "AE",
            {
                "AESPID": Sql("r.repeat::text", 6),
                "AETERM": Of("aeterm"),
                "AEDECOD": Sql(f"coalesce({_coded('c.pt_name')}, r.aedecod)", 200),
                "AELLT": Sql(_coded("c.llt_name"), 200),
                "AELLTCD": Sql(_coded("c.llt_code"), 10),
                "AEPTCD": Sql(_coded("c.pt_code"), 10),
                "AEHLT": Sql(_above("hlt", "HLT", "name_en"), 200),
                "AEHLTCD": Sql(_above("hlt", "HLT", "code"), 10),
                "AEHLGT": Sql(_above("hlgt", "HLGT", "name_en"), 200),
                "AEHLGTCD": Sql(_above("hlgt", "HLGT", "code"), 10),
                "AEBODSYS": Sql(_coded("c.soc_name"), 200),
                "AEBDSYCD": Sql(_coded("c.soc_code"), 10),
                "AESOC": Sql(_coded("c.soc_name"), 200),
                "AESOCCD": Sql(_coded("c.soc_code"), 10),
                "AESER": Of("aeser"),
                "AEACN": Decoded(
                    "aeacn",
                    {
                        "NOTCHANGED": "DOSE NOT CHANGED",
                        "REDUCED": "DOSE REDUCED",
                        "INTERRUPTED": "DRUG INTERRUPTED",
                        "WITHDRAWN": "DRUG WITHDRAWN",
                        "NOTAPPLICABLE": "NOT APPLICABLE",
                    },
                ),
                "AEREL": Decoded("aerelany", {"Y": "RELATED", "N": "NOT RELATED"}),
                "AEOUT": Decoded(
                    "aeout",
                    {
                        "RECOVERED": "RECOVERED/RESOLVED",
                        "RECOVERING": "RECOVERING/RESOLVING",
                        "NOTRECOVERED": "NOT RECOVERED/NOT RESOLVED",
                        "SEQUELAE": "RECOVERED/RESOLVED WITH SEQUELAE",
                        "FATAL": "FATAL",
                        "UNKNOWN": "UNKNOWN",
                    },
                ),
                **{f"AES{kind}": Of(f"aes{kind.lower()}") for kind in ("CONG", "DISAB", "DTH", "HOSP", "LIFE", "MIE")},
                "AETOXGR": Of("aetoxgr"),
                "AESTDTC": Of("aestdtc"),
                "AEENDTC": Of("aeendtc"),
            },
            supplements=(Supplement("AECTTERM", "Term of CTCAE v4.03 or MedDRA, as chosen", Of("aedecod")),),
        ),
    ),
    homes=("AE",),
    order=("AESTDTC", "AEDECOD"),
)  # fmt: skip

CE = Domain(
    "CE",
    "Clinical Events",
    "EVENTS",
    "One record per event per subject",
    (
        "STUDYID",
        "DOMAIN",
        "USUBJID",
        "CESEQ",
        "CETERM",
        "CECAT",
        "EPOCH",
        "CESTDTC",
        "CEENDTC",
        "CESTDY",
        "CEENDY",
    ),
    ("USUBJID", "CETERM", "CESTDTC"),
    (
        Observation(
            "POC",
            {
                "CETERM": First((Of("poctermd"), Words("pocterm"))),
                "CECAT": Fixed("POSTOPERATIVE COMPLICATION"),
                "CESTDTC": Of("pocdtc"),
                "CEENDTC": Of("pocendtc"),
            },
        ),
    ),
    homes=("POC",),
    order=("CESTDTC",),
)

ENDS = {
    "COMPLETED": "COMPLETED",
    "PROGRESSION": "PROGRESSIVE DISEASE",
    "ADVERSEEVENT": "ADVERSE EVENT",
    "DEATH": "DEATH",
    "WITHDRAWAL": "WITHDRAWAL BY SUBJECT",
    "LOST": "LOST TO FOLLOW-UP",
    "PHYSICIAN": "PHYSICIAN DECISION",
    "DEVIATION": "PROTOCOL DEVIATION",
    "PREGNANCY": "PREGNANCY",
    "SPONSOR": "STUDY TERMINATED BY SPONSOR",
    "SCREENFAILURE": "SCREEN FAILURE",
}
DECIDED = f"""
SELECT p.id, p.id,
  CASE r.outcome WHEN 'ELIGIBLE' THEN 'ELIGIBILITY CRITERIA MET' ELSE 'ELIGIBILITY CRITERIA NOT MET' END,
  CASE r.outcome WHEN 'ELIGIBLE' THEN 'ELIGIBILITY CRITERIA MET' ELSE 'ELIGIBILITY CRITERIA NOT MET' END,
  'PROTOCOL MILESTONE',
  {moment("r.decided_at")}
FROM eligibility_eligibilitydecision r JOIN participants_participant p ON p.id = r.participant_id
"""

DS = Domain(
    "DS",
    "Disposition",
    "EVENTS",
    "One record per disposition status or protocol milestone per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "DSSEQ", "DSTERM", "DSDECOD", "DSCAT", "DSSCAT", "EPOCH", "DSSTDTC", "DSSTDY",
    ),
    ("USUBJID", "DSDECOD", "DSSTDTC"),
    (
        Observation(
            "DM",
            {
                "DSTERM": Fixed("INFORMED CONSENT OBTAINED"),
                "DSDECOD": Fixed("INFORMED CONSENT OBTAINED"),
                "DSCAT": Fixed("PROTOCOL MILESTONE"),
                "DSSTDTC": Of("icfdtc"),
            },
            (Has(("icfdtc",)),),
        ),
        Observation(
            "ARM",
            {
                "DSTERM": Sql("'ASSIGNED TO ' || r.armcd", 20, ("armcd",)),
                "DSDECOD": Fixed("ENTERED INTO TRIAL"),
                "DSCAT": Fixed("PROTOCOL MILESTONE"),
                "DSSTDTC": Of("armdtc"),
            },
        ),
        Observation(
            "IE",
            {
                "DSTERM": Fixed("JUDGEMENTS ON ELIGIBILITY MADE"),
                "DSDECOD": Fixed("JUDGEMENTS ON ELIGIBILITY MADE"),
                "DSCAT": Fixed("OTHER EVENT"),
                "DSSTDTC": Sql(moment("r.submitted_at"), 19),
            },
        ),
        Observation(
            "DS",
            {
                "DSTERM": First((Of("dsterm"), Words("dsdecod"))),
                "DSDECOD": Decoded("dsdecod", ENDS),
                "DSCAT": Fixed("DISPOSITION EVENT"),
                "DSSCAT": Decoded("dsscat", {"EOT": "STUDY TREATMENT", "EOS": "STUDY PARTICIPATION"}),
                "DSSTDTC": Sql(
                    "CASE WHEN r.dsdecod = 'DEATH' AND u.dth IS NOT NULL THEN u.dth ELSE to_char(r.dsstdtc, 'YYYY-MM-DD') END", 10
                ),
            },
            supplements=(Supplement("DSENDDTC", "Date of the end as collected", Of("dsstdtc")),),
        ),
    ),
    homes=("ARM", "IE", "DS"),
    lines=Lines({"DSTERM": 30, "DSDECOD": 30, "DSCAT": 18, "DSSTDTC": 25}, DECIDED),
    order=("DSSTDTC", "DSDECOD"),
)  # fmt: skip

DV = Domain(
    "DV",
    "Protocol Deviations",
    "EVENTS",
    "One record per protocol deviation per subject",
    ("STUDYID", "DOMAIN", "USUBJID", "DVSEQ", "DVTERM", "DVDECOD", "DVCAT", "EPOCH", "DVSTDTC", "DVSTDY"),
    ("USUBJID", "DVDECOD", "DVSTDTC", "DVTERM"),
    (
        Observation(
            "DV",
            {
                "DVTERM": Of("dvterm"),
                "DVDECOD": Words("dvdecod"),
                "DVCAT": Words("dvsev"),
                "DVSTDTC": Of("dvdtc"),
            },
        ),
    ),
    homes=("DV",),
    order=("DVSTDTC",),
)


def _history(term: str, category: str, *when: Condition, **values: Expression) -> Observation:
    return Observation("MH", {"MHTERM": Fixed(term), "MHCAT": Fixed(category), **values}, when)


def _asked(term: str, item: str, **values: Expression) -> Observation:
    """A condition everybody is asked about."""
    return Observation(
        "MH",
        {
            "MHTERM": Fixed(term),
            "MHCAT": Fixed("HISTORY ASKED ABOUT"),
            "MHPRESP": Fixed("Y"),
            "MHOCCUR": Of(item),
            "MHSTAT": Sql(f"CASE WHEN r.missing ? '{item}' THEN 'NOT DONE' END", 8),
            "MHREASND": Sql(f"r.missing ->> '{item}'", 2),
            **values,
        },
        (Has((item,), or_missing=True),),
        findings=(item,),
    )


ETIOLOGY = {
    "HBV": "HEPATITIS B", "HCV": "HEPATITIS C", "ALCOHOL": "ALCOHOLIC LIVER DISEASE",
    "MASLD": "METABOLIC DYSFUNCTION-ASSOCIATED STEATOTIC LIVER DISEASE", "OTHER": "OTHER LIVER DISEASE",
    "UNKNOWN": "LIVER DISEASE OF UNKNOWN CAUSE",
}  # fmt: skip


def _several() -> Iterator[Observation]:
    for code, term in ETIOLOGY.items():
        yield _history(term, "CAUSE OF LIVER DISEASE", Includes("etiol", code))
    for organ in ("LIVER", "KIDNEY", "HEART", "LUNG", "PANCREAS", "BONEMARROW", "CORNEA", "OTHER"):
        yield _history(f"TRANSPLANT: {organ}", "ORGAN TRANSPLANT", Includes("transplo", organ))
    for substance in ("CONTRAST", "PLATINUM", "FLUOROURACIL", "FOLINATE", "ALBUMIN", "MICROSPHERE"):
        yield _history(f"DRUG ALLERGY: {substance}", "DRUG ALLERGY", Includes("allergy", substance))
    other = First((Of("allergys"), Fixed("DRUG ALLERGY: OTHER")))
    yield Observation(
        "MH", {"MHTERM": other, "MHCAT": Fixed("DRUG ALLERGY")}, (Includes("allergy", "OTHER"),)
    )


MH = Domain(
    "MH",
    "Medical History",
    "EVENTS",
    "One record per medical history event per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "MHSEQ", "MHGRPID", "MHTERM", "MHEVDTYP", "MHCAT", "MHPRESP", "MHOCCUR", "MHSTAT", "MHREASND",
        "MHSTDTC", "MHSTDY", "MHENRTPT", "MHENTPT",
    ),
    ("USUBJID", "MHCAT", "MHTERM", "MHSTDTC", "MHSEQ"),
    (
        _history("HEPATOCELLULAR CARCINOMA", "PRIMARY DIAGNOSIS", MHSTDTC=Of("hccdxdtc"), MHEVDTYP=Fixed("DIAGNOSIS")),
        *_several(),
        _asked("CIRRHOSIS", "cirrh"),
        _asked("PORTAL HYPERTENSION", "portht"),
        _asked("GASTROINTESTINAL BLEEDING", "gibyn", MHSTDTC=Of("gibdtc")),
        _asked("CARDIOVASCULAR OR CEREBROVASCULAR EVENT", "cvyn", MHSTDTC=Of("cvdtc")),
        _asked("SUBSTANCE ABUSE", "subabuse"),
        Observation(
            "MH",
            {
                "MHTERM": First((Of("maligtyp"), Fixed("OTHER MALIGNANCY"))),
                "MHCAT": Fixed("OTHER MALIGNANCY"),
                "MHSTDTC": Of("maligdtc"),
            },
            (Is("maligoth", ("Y",)),),
        ),
        Observation(
            "MH",
            {
                "MHTERM": Of("mhterm"),
                "MHCAT": Fixed("OTHER CONDITIONS"),
                "MHSTDTC": Of("mhstdtc"),
                "MHENRTPT": Decoded("mhenrf", {"Y": "ONGOING", "N": "BEFORE"}),
                "MHENTPT": Sql("CASE WHEN r.mhenrf IS NOT NULL THEN 'SCREENING' END", 9),
            },
            rows="conditions",
        ),
    ),
    homes=("MH", "MH.conditions"),
    grouped=True,
    order=("MHCAT", "MHSTDTC", "MHTERM"),
)  # fmt: skip

EVENTS = (AE, CE, DS, DV, MH)

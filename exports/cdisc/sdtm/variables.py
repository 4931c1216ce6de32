"""What SDTM calls its variables: labels by the last part of the name, which are numbers, which are dates. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LABELS = {
    "STUDYID": "Study Identifier", "DOMAIN": "Domain Abbreviation", "USUBJID": "Unique Subject Identifier",
    "SUBJID": "Subject Identifier for the Study", "SITEID": "Study Site Identifier",
    "RFSTDTC": "Subject Reference Start Date/Time", "RFENDTC": "Subject Reference End Date/Time",
    "RFXSTDTC": "Date/Time of First Study Treatment", "RFXENDTC": "Date/Time of Last Study Treatment",
    "RFICDTC": "Date/Time of Informed Consent", "RFPENDTC": "Date/Time of End of Participation",
    "RFCSTDTC": "Date/Time of First Challenge Agent Admin", "RFCENDTC": "Date/Time of Last Challenge Agent Admin",
    "DTHDTC": "Date/Time of Death", "DTHFL": "Subject Death Flag", "BRTHDTC": "Date/Time of Birth", "AGE": "Age",
    "AGEU": "Age Units", "SEX": "Sex", "RACE": "Race", "ETHNIC": "Ethnicity", "ARMCD": "Planned Arm Code",
    "ARM": "Description of Planned Arm", "ACTARMCD": "Actual Arm Code", "ACTARM": "Description of Actual Arm",
    "ARMNRS": "Reason Arm and/or Actual Arm is Null", "ACTARMUD": "Description of Unplanned Actual Arm",
    "COUNTRY": "Country", "VISITNUM": "Visit Number", "VISIT": "Visit Name", "VISITDY": "Planned Study Day of Visit",
    "EPOCH": "Epoch", "ETCD": "Element Code", "ELEMENT": "Description of Element", "TAETORD": "Planned Order of Element within Arm",
    "RDOMAIN": "Related Domain Abbreviation", "IDVAR": "Identifying Variable", "IDVARVAL": "Identifying Variable Value",
    "QNAM": "Qualifier Variable Name", "QLABEL": "Qualifier Variable Label", "QVAL": "Data Value", "QORIG": "Origin", "QEVAL": "Evaluator",
    "TABRANCH": "Branch", "TATRANS": "Transition Rule", "TESTRL": "Rule for Start of Element", "TEENRL": "Rule for End of Element",
    "TVSTRL": "Visit Start Rule", "TVENRL": "Visit End Rule", "TSPARMCD": "Trial Summary Parameter Short Name",
    "TSPARM": "Trial Summary Parameter", "TSVAL": "Parameter Value", "TSVALNF": "Parameter Null Flavor", "TSVALCD": "Parameter Value Code",
    "TSVCDREF": "Name of the Reference Terminology", "TSVCDVER": "Version of the Reference Terminology", "IETESTCD": "Inclusion/Exclusion Criterion Short Name",
    "IETEST": "Inclusion/Exclusion Criterion", "IECAT": "Inclusion/Exclusion Category", "IEORRES": "I/E Criterion Original Result",
    "IESTRESC": "I/E Criterion Result in Std Format", "TIVERS": "Protocol Criteria Versions", "RELTYPE": "Relationship Type", "RELID": "Relationship Identifier",
    "SVPRESP": "Pre-specified", "SVOCCUR": "Occurrence", "SVREASOC": "Reason for Occur Value", "SVCNTMOD": "Contact Mode",
    "SVSTDTC": "Start Date/Time of Observation", "SVENDTC": "End Date/Time of Observation", "SVSTDY": "Study Day of Start of Observation", "SVENDY": "Study Day of End of Observation", "SVUPDES": "Description of Unplanned Visit",
    "SESTDTC": "Start Date/Time of Element", "SEENDTC": "End Date/Time of Element", "SESTDY": "Study Day of Start of Element", "SEENDY": "Study Day of End of Element",
    "AETERM": "Reported Term for the Adverse Event", "AESTDTC": "Start Date/Time of Adverse Event", "AEENDTC": "End Date/Time of Adverse Event", "AESTDY": "Study Day of Start of Adverse Event", "AEENDY": "Study Day of End of Adverse Event",
    "AEACN": "Action Taken with Study Treatment", "AESER": "Serious Event", "AEREL": "Causality", "AERELNST": "Relationship to Non-Study Treatment", "AEOUT": "Outcome of Adverse Event",
    "AESDTH": "Results in Death", "AESLIFE": "Is Life Threatening", "AESHOSP": "Requires or Prolongs Hospitalization", "AESDISAB": "Persist or Signif Disability/Incapacity",
    "AESCONG": "Congenital Anomaly or Birth Defect", "AESMIE": "Other Medically Important Serious Event", "AETOXGR": "Standard Toxicity Grade",
    "MHTERM": "Reported Term for the Medical History", "MHSTDTC": "Start Date/Time of Medical History Event", "MHENRF": "End Relative to Reference Period", "MHENDTC": "End Date/Time of Medical History Event",
    "MHPRESP": "Medical History Event Pre-Specified", "MHOCCUR": "Medical History Occurrence", "MHCAT": "Category for Medical History", "MHSTAT": "Completion Status", "MHREASND": "Reason Medical History Not Collected", "MHSTDY": "Study Day of Start of Observation", "MHEVDTYP": "Medical History Event Date Type",
    "CMTRT": "Reported Name of Drug, Med, or Therapy", "CMCAT": "Category for Medication", "CMDOSE": "Dose per Administration", "CMSTDTC": "Start Date/Time of Medication", "CMENDTC": "End Date/Time of Medication", "CMSTDY": "Study Day of Start of Medication", "CMENDY": "Study Day of End of Medication",
    "CMENRTPT": "End Relative to Reference Time Point", "CMENTPT": "End Reference Time Point",
    "EXTRT": "Name of Treatment", "EXDOSE": "Dose", "EXSTDTC": "Start Date/Time of Treatment", "EXENDTC": "End Date/Time of Treatment", "EXSTDY": "Study Day of Start of Treatment", "EXENDY": "Study Day of End of Treatment", "EXLOT": "Lot Number", "EXLOC": "Location of Dose Administration", "EXADJ": "Reason for Dose Adjustment",
    "PRTRT": "Reported Name of Procedure", "PRCAT": "Category", "PRSTDTC": "Start Date/Time of Procedure", "PRENDTC": "End Date/Time of Procedure", "PRSTDY": "Study Day of Start of Procedure", "PRENDY": "Study Day of End of Procedure", "PRPRESP": "Pre-specified", "PROCCUR": "Occurrence", "PRLOC": "Location of Procedure", "PRDUR": "Duration of Procedure", "PRDECOD": "Standardized Procedure Name",
    "DSTERM": "Reported Term for the Disposition Event", "DSDECOD": "Standardized Disposition Term", "DSCAT": "Category for Disposition Event", "DSSCAT": "Subcategory for Disposition Event", "DSSTDTC": "Start Date/Time of Disposition Event", "DSSTDY": "Study Day of Start of Disposition Event",
    "DVTERM": "Protocol Deviation Term", "DVDECOD": "Protocol Deviation Coded Term", "DVCAT": "Category for Protocol Deviation", "DVSTDTC": "Start Date/Time of Deviation", "DVSTDY": "Study Day of Start of Deviation Event",
    "LBTESTCD": "Lab Test or Examination Short Name", "LBTEST": "Lab Test or Examination Name", "LBCAT": "Category for Lab Test", "LBORNRLO": "Reference Range Lower Limit in Orig Unit", "LBORNRHI": "Reference Range Upper Limit in Orig Unit", "LBDTC": "Date/Time of Specimen Collection", "LBDY": "Study Day of Specimen Collection", "LBREASND": "Reason Test Not Done", "LBNAM": "Vendor Name", "LBSPEC": "Specimen Type", "LBTOXGR": "Standard Toxicity Grade", "LBCLSIG": "Clinically Significant, Collected",
    "LBTOX": "Toxicity",
    "VSTESTCD": "Vital Signs Test Short Name", "VSTEST": "Vital Signs Test Name", "VSDTC": "Date/Time of Measurements", "VSDY": "Study Day of Vital Signs",
    "TUTESTCD": "Tumor/Lesion ID Short Name", "TUTEST": "Tumor/Lesion ID Test Name", "TUORRES": "Tumor/Lesion ID Result", "TUSTRESC": "Tumor/Lesion ID Result Std. Format", "TULOC": "Location of the Tumor/Lesion", "TUMETHOD": "Method of Identification", "TUDTC": "Date/Time of Tumor/Lesion Identification", "TUDY": "Study Day of Tumor/Lesion Identification",
    "TRTESTCD": "Tumor/Lesion Assessment Short Name", "TRTEST": "Tumor/Lesion Assessment Test Name", "TRMETHOD": "Method Used to Identify the Tumor/Lesion", "TRDTC": "Date/Time of Tumor/Lesion Measurement", "TRDY": "Study Day of Tumor/Lesion Measurement", "TRREASND": "Reason Not Done",
    "RSTESTCD": "Assessment Short Name", "RSTEST": "Assessment Name", "RSCAT": "Category for Assessment", "RSDTC": "Date/Time of Assessment", "RSDY": "Study Day of Assessment", "RSREASND": "Reason Not Done",
    "QSTESTCD": "Question Short Name", "QSTEST": "Question Name", "QSCAT": "Category of Question", "QSORRES": "Finding in Original Units", "QSDTC": "Date/Time of Finding", "QSDY": "Study Day of Finding", "QSREASND": "Reason Not Performed",
    "SSTESTCD": "Status Short Name", "SSTEST": "Status Name", "SSDTC": "Date/Time of Assessment", "SSDY": "Study Day of Assessment",
    "DDTESTCD": "Death Detail Assessment Short Name", "DDTEST": "Death Detail Assessment Name", "DDDTC": "Date/Time of Collection", "DDDY": "Study Day of Collection", "DDSTRESC": "Character Result/Finding in Std Format",
    "MITESTCD": "Microscopic Examination Short Name", "MITEST": "Microscopic Examination Name", "MISPEC": "Specimen Material Type",
    "EXCAT": "Category of Treatment", "CETERM": "Reported Term for the Clinical Event", "CECAT": "Category for the Clinical Event",
    "CESTDTC": "Start Date/Time of Clinical Event", "CEENDTC": "End Date/Time of Clinical Event", "CESTDY": "Study Day of Start of Event",
    "CEENDY": "Study Day of End of Event", "MHENRTPT": "End Relative to Reference Time Point", "MHENTPT": "End Reference Time Point",
    "DDORRES": "Result or Finding as Collected", "MIDTC": "Date/Time of Specimen Collection", "MIDY": "Study Day of Specimen Collection",
    "PEREASND": "Reason Not Examined", "PEDTC": "Date/Time of Examination", "PEDY": "Study Day of Examination",
    "QSSTRESN": "Numeric Finding in Standard Units", "SSORRES": "Result or Finding Original Result", "SSREASND": "Reason Assessment Not Performed",
    "VSCAT": "Category for Vital Signs", "VSREASND": "Reason Not Performed",
    "PETESTCD": "Body System Examined Short Name", "PETEST": "Body System Examined", "PEORRES": "Verbatim Examination Finding",
}  # fmt: skip
BY_ENDING = {
    "SEQ": "Sequence Number", "GRPID": "Group ID", "SPID": "Sponsor-Defined Identifier", "LNKID": "Link ID", "REFID": "Reference ID", "LNKGRP": "Link Group ID",
    "CAT": "Category", "SCAT": "Subcategory", "ORRES": "Result or Finding in Original Units", "ORRESU": "Original Units",
    "STRESC": "Character Result/Finding in Std Format", "STRESN": "Numeric Result/Finding in Standard Units", "STRESU": "Standard Units",
    "STNRLO": "Reference Range Lower Limit-Std Units", "STNRHI": "Reference Range Upper Limit-Std Units", "NRIND": "Reference Range Indicator",
    "STAT": "Completion Status", "REASND": "Reason Not Done", "LOBXFL": "Last Observation Before Exposure Flag", "DRVFL": "Derived Flag", "EVAL": "Evaluator", "ACPTFL": "Accepted Record Flag",
    "DECOD": "Dictionary-Derived Term", "BODSYS": "Body System or Organ Class", "SOC": "Primary System Organ Class", "DOSU": "Dose Units", "DOSFRM": "Dose Form", "DOSFRQ": "Dosing Frequency per Interval",
    "ROUTE": "Route of Administration", "CLASCD": "Medication Class Code", "INDC": "Indication", "PRESP": "Pre-Specified", "OCCUR": "Occurrence",
    "DTC": "Date/Time of Collection", "DY": "Study Day of Collection", "METHOD": "Method of Test or Examination", "LOC": "Location Used for the Measurement",
    "LLT": "Lowest Level Term", "LLTCD": "Lowest Level Term Code", "PTCD": "Preferred Term Code", "HLT": "High Level Term", "HLTCD": "High Level Term Code", "HLGT": "High Level Group Term", "HLGTCD": "High Level Group Term Code", "BDSYCD": "Body System or Organ Class Code", "SOCCD": "Primary System Organ Class Code",
    "STDTC": "Start Date/Time", "ENDTC": "End Date/Time", "STDY": "Study Day of Start", "ENDY": "Study Day of End", "SPEC": "Specimen Type", "SPCCND": "Specimen Condition",
}  # fmt: skip
NUMBERS = ("AGE", "VISITNUM", "VISITDY", "TAETORD")
NUMBER_ENDINGS = (
    "SEQ", "STRESN", "STNRLO", "STNRHI", "DOSE", "DY", "STDY", "ENDY", "LLTCD", "PTCD", "HLTCD", "HLGTCD", "BDSYCD", "SOCCD",
)  # fmt: skip


ROLES = {
    "Identifier": "STUDYID USUBJID DOMAIN RDOMAIN IDVAR IDVARVAL --SEQ --GRPID --REFID --SPID --LNKID",
    "Topic": "SUBJID QNAM IETESTCD TSPARMCD --TERM --TRT --TESTCD VISITNUM",
    "Timing": "EPOCH TAETORD VISITDY --DTC --DUR --DY --ENDTC --ENDY --STDTC --STDY --ENRTPT --ENTPT",
    "Synonym Qualifier": "ACTARM ARM ELEMENT IETEST QLABEL TSPARM VISIT --DECOD --TEST",
    "Grouping Qualifier": "IECAT --CAT --SCAT",
    "Result Qualifier": "QVAL TSVAL TSVALNF TSVALCD TSVCDREF TSVCDVER --ORRES --STRESC --STRESN",
    "Variable Qualifier": "AGEU --BDSYCD --CLASCD --DOSFRM --DOSU --EVDTYP --HLGT --HLGTCD --HLT --HLTCD --LLT --LLTCD --NRIND "
    "--ORNRHI --ORNRLO --ORRESU --PRESP --PTCD --ROUTE --SOC --SOCCD --STNRHI --STNRLO --STRESU",
    "Rule": "TABRANCH TATRANS TESTRL TEENRL TVSTRL TVENRL",
}
# Of a dataset where the role differs: what numbers visits there, what names arms and elements.
TOPICS = {"TA": "ARMCD", "TE": "ETCD", "SE": "ETCD", "TV": "VISITNUM", "SV": "VISITNUM"}


def role_of(dataset: str, name: str) -> str:
    """The role of a variable in a dataset, as the implementation guide gives it."""
    if name == "VISITNUM":
        return "Topic" if TOPICS.get(dataset) == name else "Timing"
    if name == "VISIT":
        return "Synonym Qualifier" if TOPICS.get(dataset) == "VISITNUM" else "Timing"
    if name in ("ARMCD", "ETCD"):
        return "Topic" if TOPICS.get(dataset) == name else "Record Qualifier"
    general = f"--{name[2:]}"
    for role, names in ROLES.items():
        if name in names.split() or (name[:2] == dataset[:2] and general in names.split()):
            return role
    return "Record Qualifier"


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a dataset. `length` in bytes, 8 for a number; `values` it can take, where they are few."""

    name: str
    label: str
    number: bool
    length: int
    values: tuple[tuple[str, str], ...] = ()
    origin: str = "Collected"

    @property
    def dated(self) -> bool:
        return self.name.endswith("DTC")


def label_of(name: str) -> str:
    """The standard's label; KeyError for a variable this module does not know."""
    return LABELS.get(name) or BY_ENDING[name[2:]]


def is_number(name: str) -> bool:
    return name in NUMBERS or name[2:] in NUMBER_ENDINGS

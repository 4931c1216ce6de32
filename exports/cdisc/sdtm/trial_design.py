"""TA, TE, TI, TS, TV: the trial as it was planned, from the schedule of visits and the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from eligibility.codelists import CRITERIA
from exports.cdisc.odm.snapshot import schedules
from exports.cdisc.sdtm.variables import Variable, is_number, label_of
from exports.cdisc.tabulation import Facts
from exports.stamp import Stamp
from participants.schedule_file import Schedule
from records import clock
from records.study import STUDY_ID

KIND = "TRIAL DESIGN"
LENGTHS = {
    "STUDYID": len(STUDY_ID), "DOMAIN": 2, "ARMCD": 4, "ARM": 20, "ETCD": 8, "ELEMENT": 40, "TABRANCH": 60, "TATRANS": 60,
    "EPOCH": 12, "TESTRL": 80, "TEENRL": 80, "IETESTCD": 8, "IETEST": 20, "IECAT": 9, "VISIT": 80, "TVSTRL": 80,
    "TVENRL": 80, "TSPARMCD": 8, "TSPARM": 40, "TSVAL": 200, "TSVALNF": 4, "TSVALCD": 20, "TSVCDREF": 20, "TSVCDVER": 10,
}  # fmt: skip
ARMS = (("HAIC", "HAIC", "HAIC cycles"), ("Y90", "Yttrium-90 SIRT", "Y-90 SIRT"))
Lines = list[list[str]]


def trial_design(reader: BaseDatabaseWrapper, stamp: Stamp) -> Iterator[tuple[Facts, Lines]]:
    """Give each dataset with its rows."""
    versions = schedules(reader)
    yield _facts("TA", "Trial Arms", "One record per planned Element per Arm", ("ARMCD", "TAETORD"),
                 ("ARMCD", "ARM", "TAETORD", "ETCD", "ELEMENT", "TABRANCH", "TATRANS", "EPOCH")), _arms()  # fmt: skip
    yield _facts("TE", "Trial Elements", "One record per planned Element", ("ETCD",),
                 ("ETCD", "ELEMENT", "TESTRL", "TEENRL")), _elements()  # fmt: skip
    yield _facts("TI", "Trial Inclusion/Exclusion Criteria", "One record per I/E criterion", ("IETESTCD",),
                 ("IETESTCD", "IETEST", "IECAT")), _criteria()  # fmt: skip
    yield _facts("TS", "Trial Summary", "One record per trial summary parameter value", ("TSPARMCD", "TSSEQ"),
                 ("TSSEQ", "TSPARMCD", "TSPARM", "TSVAL", "TSVALNF", "TSVALCD", "TSVCDREF", "TSVCDVER")), _summary(stamp)  # fmt: skip
    if versions:
        yield _facts("TV", "Trial Visits", "One record per planned Visit per Arm", ("ARMCD", "VISITNUM"),
                     ("VISITNUM", "VISIT", "ARMCD", "ARM", "TVSTRL", "TVENRL")), _visits(versions)  # fmt: skip


def _facts(name: str, label: str, structure: str, keys: tuple[str, ...], variables: Sequence[str]) -> Facts:
    columns = tuple(
        Variable(one, label_of(one), is_number(one), 8 if is_number(one) else LENGTHS[one], origin="Assigned")
        for one in ("STUDYID", "DOMAIN", *variables)
    )
    return Facts(name, label, columns, ("STUDYID", *keys), structure, KIND)


def _arms() -> Lines:
    rows = []
    for code, arm, element in ARMS:
        for order, (etcd, words, branch, epoch) in enumerate(
            (("SCRN", "Screening", f"Assigned to {arm} by the MDT", "SCREENING"), (code, element, "", "TREATMENT"),
             ("FU", "Follow-up", "", "FOLLOW-UP")),
            1,
        ):  # fmt: skip
            rows.append([STUDY_ID, "TA", code, arm, str(order), etcd, words, branch, "", epoch])
    return rows


def _elements() -> Lines:
    return [
        [STUDY_ID, "TE", "FU", "Follow-up", "After the last study treatment", "End of participation"],
        [STUDY_ID, "TE", "HAIC", "HAIC cycles", "First infusion of HAIC", "End of the last infusion"],
        [STUDY_ID, "TE", "SCRN", "Screening", "Informed consent", "First study treatment"],
        [
            STUDY_ID,
            "TE",
            "Y90",
            "Y-90 SIRT",
            "First infusion of microspheres",
            "Last infusion of microspheres",
        ],
    ]


def _criteria() -> Lines:
    return [
        [STUDY_ID, "TI", code, f"Criterion {code}", "INCLUSION" if code.startswith("I") else "EXCLUSION"]
        for code in sorted(CRITERIA.values)
    ]


def _summary(stamp: Stamp) -> Lines:
    sexes = ("SEXPOP", "Sex of Participants", "BOTH")
    found = [
        ("ADAPT", "Adaptive Design", "N"),
        ("ADDON", "Added on to Existing Treatments", "N"),
        ("AGEMIN", "Planned Minimum Age of Subjects", "P18Y"),
        ("COMPTRT", "Comparative Treatment Name", "HAIC"),
        ("DCUTDTC", "Data Cutoff Date", clock.day(stamp.data_as_of).isoformat()),
        ("INDIC", "Trial Disease/Condition Indication", "Hepatocellular carcinoma"),
        ("INTMODEL", "Intervention Model", "PARALLEL"),
        ("INTTYPE", "Intervention Type", "RADIATION"),
        ("NARMS", "Planned Number of Arms", "2"),
        ("PCLAS", "Pharmacological Class", "Radiopharmaceutical"),
        ("RANDOM", "Trial is Randomized", "N"),
        ("REGID", "Registry Identifier", STUDY_ID),
        sexes,
        ("STYPE", "Study Type", "INTERVENTIONAL"),
        ("TITLE", "Trial Title", "Y-90 SIRT versus HAIC in initially unresectable hepatocellular carcinoma"),
        ("TRT", "Investigational Therapy or Treatment", "Yttrium-90 SIRT"),
    ]
    return [[STUDY_ID, "TS", "1", code, name, value, "", "", "", ""] for code, name, value in found]


def _visits(versions: Sequence[Schedule]) -> Lines:
    planned = {}
    for schedule in versions:
        for visit in schedule.visits:
            if visit.timings:
                planned[visit.code] = visit
    rows = []
    for code, arm, _element in ARMS:
        for visit in planned.values():
            if code in visit.arms:
                rule = f"{visit.timings[0].day_from} days after {visit.timings[0].anchor}"
                rows.append([STUDY_ID, "TV", str(visit.order), visit.label.en, code, arm, rule, ""])
    return sorted(rows, key=lambda row: (row[4], float(row[2])))

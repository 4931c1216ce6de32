"""DM, SE, SV: who the participants are, the elements they went through, and their visits."""

from __future__ import annotations

from exports.cdisc.sdtm.expressions import (
    Decoded,
    First,
    Fixed,
    Of,
    Sql,
    moment,
)
from exports.cdisc.sdtm.mapping import (
    Domain,
    Lines,
    Observation,
)

ARM_NAME = "CASE {} WHEN 'HAIC' THEN 'HAIC' WHEN 'Y90' THEN 'Yttrium-90 SIRT' END"
ACTUAL = "CASE WHEN u.rfx IS NOT NULL THEN p.arm END"

DM = Domain(
    "DM",
    "Demographics",
    "SPECIAL PURPOSE",
    "One record per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "SUBJID", "RFSTDTC", "RFENDTC", "RFXSTDTC", "RFXENDTC", "RFICDTC", "RFPENDTC",
        "DTHDTC", "DTHFL", "SITEID", "BRTHDTC", "AGE", "AGEU", "SEX", "RACE", "ARMCD", "ARM", "ACTARMCD", "ACTARM",
        "ARMNRS", "ACTARMUD", "COUNTRY",
    ),
    ("USUBJID",),
    (
        Observation(
            "DM",
            {
                "SUBJID": Sql("p.number", 8),
                "RFSTDTC": Sql("u.ref", 10),
                "RFENDTC": Sql("CASE WHEN u.ref IS NOT NULL THEN u.rfpen END", 10),
                "RFXSTDTC": Sql("u.rfx", 25),
                "RFXENDTC": Sql("u.rfxe", 25),
                "RFICDTC": Of("icfdtc"),
                "RFPENDTC": Sql("u.rfpen", 25),
                "DTHDTC": Sql("u.dth", 10),
                "DTHFL": Sql("CASE WHEN u.dth IS NOT NULL THEN 'Y' END", 1),
                "SITEID": Sql("u.site", 10),
                "BRTHDTC": Of("brthdtc"),
                "AGE": Of("age"),
                "AGEU": Sql("CASE WHEN r.age IS NOT NULL THEN 'YEARS' END", 5),
                "SEX": First((Of("sex"), Fixed("U"))),
                "ARMCD": Sql("p.arm", 4),
                "ARM": Sql(ARM_NAME.format("p.arm"), 20),
                "ACTARMCD": Sql(ACTUAL, 4),
                "ACTARM": Sql(ARM_NAME.format(ACTUAL), 20),
                "ARMNRS": Sql(
                    "CASE WHEN p.arm IS NULL AND p.status = 'SCREEN_FAILURE' THEN 'SCREEN FAILURE' "
                    "WHEN p.arm IS NULL THEN 'NOT ASSIGNED' WHEN u.rfx IS NULL THEN 'ASSIGNED, NOT TREATED' END",
                    22,
                ),
                "COUNTRY": Fixed("CHN"),
            },
        ),
    ),
    homes=("DM",),
    everybody=True,
)  # fmt: skip

SCREENED = moment("d.icfdtc")
ELEMENTS = f"""
SELECT p.id, p.id, e.etcd, e.element, e.taetord, e.epoch, e.st, e.en
FROM participants_participant p JOIN subj u ON u.pid = p.id
LEFT JOIN participants_demographics d ON d.participant_id = p.id AND d.state = 'SUBMITTED',
LATERAL (VALUES
  ('SCRN', 'Screening', '1', 'SCREENING', {SCREENED}, coalesce(u.rfx, u.rfpen)),
  (p.arm, CASE p.arm WHEN 'HAIC' THEN 'HAIC cycles' ELSE 'Y-90 SIRT' END, '2', 'TREATMENT', u.rfx, u.rfxe),
  ('FU', 'Follow-up', '3', 'FOLLOW-UP', CASE WHEN u.rfpen > u.rfxe THEN u.rfxe END, u.rfpen)
) e(etcd, element, taetord, epoch, st, en) WHERE e.st IS NOT NULL
"""

SE = Domain(
    "SE",
    "Subject Elements",
    "SPECIAL PURPOSE",
    "One record per actual Element per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "SESEQ", "ETCD", "ELEMENT", "TAETORD", "EPOCH", "SESTDTC", "SEENDTC",
        "SESTDY", "SEENDY",
    ),
    ("USUBJID", "ETCD", "SESTDTC"),
    order=("SESTDTC", "TAETORD"),
    lines=Lines(
        {"ETCD": 8, "ELEMENT": 40, "TAETORD": 8, "EPOCH": 12, "SESTDTC": 25, "SEENDTC": 25}, ELEMENTS
    ),
)  # fmt: skip

SV = Domain(
    "SV",
    "Subject Visits",
    "SPECIAL PURPOSE",
    "One record per actual or planned visit per subject",
    (
        "STUDYID", "DOMAIN", "USUBJID", "VISITNUM", "VISIT", "SVPRESP", "SVOCCUR", "SVREASOC", "SVCNTMOD",
        "SVSTDTC", "SVENDTC", "SVSTDY", "SVENDY", "SVUPDES",
    ),
    ("USUBJID", "VISITNUM"),
    (
        Observation(
            "SV",
            {
                "SVPRESP": Sql("CASE WHEN v.series <> 'UNS' THEN 'Y' END", 1),
                "SVOCCUR": Sql("CASE WHEN v.series <> 'UNS' THEN r.svdone END", 1, ("svdone",)),
                "SVREASOC": Decoded(
                    "svreasnd",
                    {
                        "REFUSED": "REFUSED",
                        "LOST": "LOST TO FOLLOW-UP",
                        "CONDITION": "CONDITION OF THE SUBJECT",
                        "DEATH": "DEATH",
                        "EPIDEMIC": "EPIDEMIC",
                        "OTHER": "OTHER",
                    },
                ),
                "SVCNTMOD": Decoded(
                    "svmode",
                    {
                        "CLINIC": "IN PERSON",
                        "INPATIENT": "IN PERSON",
                        "PHONE": "TELEPHONE CALL",
                        "VIDEO": "REMOTE AUDIO VIDEO",
                    },
                ),
                "SVSTDTC": Of("svstdtc"),
                "SVENDTC": Of("svstdtc"),
                "SVUPDES": Sql("CASE WHEN v.series = 'UNS' THEN 'Unscheduled visit' END", 20),
            },
        ),
    ),
    homes=("SV",),
    order=("VISITNUM",),
)  # fmt: skip

SPECIAL = (DM, SE, SV)

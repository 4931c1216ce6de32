"""MI: what the pathologist found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exports.cdisc.sdtm.domains.findings import KEYS, VISIT, finding, measurement
from exports.cdisc.sdtm.expressions import Fixed, Of, Sql, Words
from exports.cdisc.sdtm.mapping import Domain, Observation

# What the pathologist found is of the day of the operation; empty while that is a draft.
OPERATED = Sql(
    "(SELECT to_char(max(h.surgdtc), 'YYYY-MM-DD') FROM arms_hepatectomy h WHERE h.visit_id = v.id "
    "AND h.state = 'SUBMITTED')",
    10,
)
ABOUT: dict[str, Any] = {"SPEC": Fixed("TISSUE"), "DTC": OPERATED}


def _pathology() -> Iterator[Observation]:
    for item, code, name in (
        ("histo", "HISTYPE", "Histologic Type"), ("edmond", "EDMOND", "Edmondson-Steiner Grade"), ("rmargin", "MARGIN", "Surgical Margin"),
        ("mvi", "MVI", "Microvascular Invasion"), ("satell", "SATELL", "Satellite Nodules"), ("fibrosis", "FIBROSIS", "Liver Fibrosis"),
    ):  # fmt: skip
        yield finding("MI", "PATH", item, code, name, standard=Words(item), REFID=Of("pathno"), **ABOUT)
    for item, code, name in (
        ("rmarginw", "MARGINW", "Surgical Margin Width"), ("lnexam", "LNEXAM", "Lymph Nodes Examined"), ("lnpos", "LNPOS", "Lymph Nodes Positive"),
    ):  # fmt: skip
        yield measurement("MI", "PATH", item, code, name, REFID=Of("pathno"), **ABOUT)
    for item, code, name in (
        ("viable", "VIABLE", "Viable Tumor"), ("necrosis", "NECROSIS", "Necrosis"), ("lesfibr", "LESFIBR", "Fibrosis of the Lesion"),
        ("pathsize", "SIZE", "Size of the Lesion"),
    ):  # fmt: skip
        yield measurement(
            "MI", "PATH", item, code, name, rows="lesions", SPID=Of("pathlnk"), REFID=Of("pathno"), **ABOUT
        )


MI = Domain(
    "MI",
    "Microscopic Findings",
    "FINDINGS",
    "One record per finding per specimen per subject",
    (
        *KEYS, "MISEQ", "MIGRPID", "MIREFID", "MISPID", "MITESTCD", "MITEST", "MIORRES", "MIORRESU", "MISTRESC", "MISTRESN", "MISTRESU", "MISTAT",
        "MIREASND", "MISPEC", "MISPCCND", "MILOBXFL", *VISIT, "MIDTC", "MIDY",
    ),
    ("USUBJID", "MITESTCD", "MISPID", "VISITNUM", "MISEQ"),
    tuple(_pathology()),
    homes=("PATH", "PATH.lesions"),
    grouped=True,
    order=("MIREFID", "MISPID", "MITESTCD"),
)  # fmt: skip

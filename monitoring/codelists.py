"""What a signature means: the statement the investigator signs, stored as a code."""

from __future__ import annotations

from typing import Final

from monitoring.trust import Level
from records.codelists import CodeList

MEANINGS: Final = CodeList(
    "SIGNATURE",
    (
        "REVIEWED",
        "I have reviewed these data and confirm that they are complete and agree with the source documents.",
        "本人已审核上述数据，确认其完整并与源文件一致。",
    ),
    (
        "RESPONSIBLE",
        "I have reviewed this casebook and take responsibility for its data as the investigator of this site.",
        "本人作为本中心研究者已审核本病例报告表，并对其数据负责。",
    ),
)

# What may be meant at each level, the usual meaning first.
MEANINGS_AT: Final[dict[Level, tuple[str, ...]]] = {
    Level.FORM: ("REVIEWED",),
    Level.VISIT: ("REVIEWED",),
    Level.PARTICIPANT: ("RESPONSIBLE", "REVIEWED"),
}

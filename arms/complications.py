"""Grade complications after hepatectomy by Clavien and Dindo.

Source: Dindo 2004 and Clavien 2009, as in protocol specification sections 6.4 and 8.18.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from typing import Final

from records.text import Text

PERIOD_DAYS: Final = 90


class ImpossibleComplication(ValueError):
    """A grade or a date that no complication can have; `sentence` says which and why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Degree(StrEnum):
    """The grades, from the mildest to death."""

    I = "I"  # noqa: E741 - the grade's name
    II = "II"
    IIIA = "IIIa"
    IIIB = "IIIb"
    IVA = "IVa"
    IVB = "IVb"
    V = "V"


ORDER: Final = tuple(Degree)
DEGREE_WORDS: Final = {
    Degree.I: Text(
        "Deviation without treatment beyond simple drugs, physiotherapy or opening a wound at the bedside",
        "偏离正常恢复，仅需简单药物、理疗或床旁切口敞开",
    ),
    Degree.II: Text("Other drugs, transfusion or parenteral nutrition", "需其他药物、输血或肠外营养"),
    Degree.IIIA: Text("Intervention without general anaesthesia", "需非全麻下干预"),
    Degree.IIIB: Text("Intervention under general anaesthesia", "需全麻下干预"),
    Degree.IVA: Text("Dysfunction of a single organ", "单器官功能障碍"),
    Degree.IVB: Text("Dysfunction of several organs", "多器官功能障碍"),
    Degree.V: Text("Death", "死亡"),
}


class Measure(StrEnum):
    """What a complication was treated with, or what it led to."""

    NONE = "NONE"
    ANTIEMETIC = "ANTIEMETIC"
    ANTIPYRETIC = "ANTIPYRETIC"
    ANALGESIC = "ANALGESIC"
    DIURETIC = "DIURETIC"
    ELECTROLYTES = "ELECTROLYTES"
    PHYSIOTHERAPY = "PHYSIOTHERAPY"
    BEDSIDE_OPENING = "BEDSIDE_OPENING"
    OTHER_DRUG = "OTHER_DRUG"
    TRANSFUSION = "TRANSFUSION"
    PARENTERAL_NUTRITION = "PARENTERAL_NUTRITION"
    PERCUTANEOUS_DRAIN = "PERCUTANEOUS_DRAIN"
    ENDOSCOPY = "ENDOSCOPY"
    OTHER_INTERVENTION = "OTHER_INTERVENTION"
    RELAPAROTOMY = "RELAPAROTOMY"
    GENERAL_ANAESTHESIA = "GENERAL_ANAESTHESIA"
    DIALYSIS = "DIALYSIS"
    SINGLE_ORGAN = "SINGLE_ORGAN"
    MULTI_ORGAN = "MULTI_ORGAN"
    DEATH = "DEATH"


MEASURES: Final[dict[Measure, tuple[Degree, Text]]] = {
    Measure.NONE: (Degree.I, Text("No treatment", "无需治疗")),
    Measure.ANTIEMETIC: (Degree.I, Text("Antiemetic", "止吐药")),
    Measure.ANTIPYRETIC: (Degree.I, Text("Antipyretic", "退热药")),
    Measure.ANALGESIC: (Degree.I, Text("Analgesic", "镇痛药")),
    Measure.DIURETIC: (Degree.I, Text("Diuretic", "利尿药")),
    Measure.ELECTROLYTES: (Degree.I, Text("Electrolytes", "电解质")),
    Measure.PHYSIOTHERAPY: (Degree.I, Text("Physiotherapy", "理疗")),
    Measure.BEDSIDE_OPENING: (Degree.I, Text("Wound opened at the bedside", "床旁敞开切口")),
    Measure.OTHER_DRUG: (Degree.II, Text("Another drug", "其他药物")),
    Measure.TRANSFUSION: (Degree.II, Text("Transfusion", "输血")),
    Measure.PARENTERAL_NUTRITION: (Degree.II, Text("Parenteral nutrition", "肠外营养")),
    Measure.PERCUTANEOUS_DRAIN: (Degree.IIIA, Text("Percutaneous drain", "经皮穿刺引流")),
    Measure.ENDOSCOPY: (Degree.IIIA, Text("Endoscopic intervention", "内镜干预")),
    Measure.OTHER_INTERVENTION: (
        Degree.IIIA,
        Text("Other intervention without general anaesthesia", "其他非全麻干预"),
    ),
    Measure.RELAPAROTOMY: (Degree.IIIB, Text("Relaparotomy", "再次开腹")),
    Measure.GENERAL_ANAESTHESIA: (
        Degree.IIIB,
        Text("Other intervention under general anaesthesia", "其他全麻干预"),
    ),
    Measure.DIALYSIS: (Degree.IVA, Text("Dialysis", "透析")),
    Measure.SINGLE_ORGAN: (Degree.IVA, Text("Dysfunction of a single organ", "单器官功能障碍")),
    Measure.MULTI_ORGAN: (Degree.IVB, Text("Dysfunction of several organs", "多器官功能障碍")),
    Measure.DEATH: (Degree.V, Text("Death", "死亡")),
}


@total_ordering
@dataclass(frozen=True, slots=True)
class ClavienDindo:
    """A grade, and the suffix d: the complication still disables at discharge. Of equal degrees the one with the suffix is the higher.

    Raises ImpossibleComplication for a death with the suffix.
    """

    degree: Degree
    disability: bool = False

    def __post_init__(self) -> None:
        if self.degree is Degree.V and self.disability:
            raise ImpossibleComplication(Text("Grade V has no suffix d.", "V级无后缀d。"))

    @classmethod
    def parse(cls, text: str) -> ClavienDindo:
        """Read a grade such as `IIIa` or `IIIa-d`; ImpossibleComplication for anything else."""
        found = re.fullmatch(r"(I|II|IIIa|IIIb|IVa|IVb|V)(?:[ -]?(d))?", text.strip())
        if not found:
            words = Text(
                "{text} is no grade; there are {grades}, each but V with or without d.",
                "{text}不是有效分级，可选：{grades}，除V外可加后缀d。",
            )
            raise ImpossibleComplication(words.format(text=repr(text), grades=", ".join(ORDER)))
        return cls(Degree(found[1]), found[2] is not None)

    @property
    def is_major(self) -> bool:
        """Say whether it is major, grade IIIa or above. Source: protocol specification 6.4."""
        return ORDER.index(self.degree) >= ORDER.index(Degree.IIIA)

    def __lt__(self, other: ClavienDindo) -> bool:
        return (ORDER.index(self.degree), self.disability) < (ORDER.index(other.degree), other.disability)

    def __str__(self) -> str:
        return f"{self.degree}-d" if self.disability else self.degree.value


@dataclass(frozen=True, slots=True)
class GradeResult:
    """A grade with the measures that decided it."""

    grade: ClavienDindo
    reason: Text


def grade_complication(measures: Collection[str], *, disability: bool = False) -> GradeResult:
    """Grade a complication by what it was treated with or led to; the most severe measure decides.

    `measures` holds codes of Measure; none at all is grade I, a deviation that needed nothing. A bile leak with a
    percutaneous drain is IIIa, a transfusion II, a relaparotomy IIIb, dialysis IVa, fever treated with
    paracetamol I. Raises ImpossibleComplication for a code that is not known, and for a disability after death.
    Source: Dindo 2004; protocol specification 6.4.
    """
    try:
        taken = [Measure(code) for code in measures] or [Measure.NONE]
    except ValueError:
        unknown = ", ".join(sorted(code for code in measures if code not in set(Measure)))
        raise ImpossibleComplication(
            Text("There is no measure {unknown}.", "没有代码为{unknown}的处理措施。").format(unknown=unknown)
        ) from None
    worst = max((MEASURES[one][0] for one in taken), key=ORDER.index)
    decided = [MEASURES[one][1] for one in Measure if one in taken and MEASURES[one][0] is worst]
    reason = Text("{measures}: grade {grade}.", "{measures}：{grade}级。")
    grade = ClavienDindo(worst, disability)
    return GradeResult(grade, reason.format(measures=Text.join(decided, zh="、"), grade=str(grade)))


def worst_grade(grades: Iterable[ClavienDindo]) -> ClavienDindo | None:
    """Return the highest grade of a participant, None without a complication.

    Source: protocol specification 6.4.
    """
    return max(grades, default=None)


def in_period(operated: dt.date, began: dt.date, *, days: int = PERIOD_DAYS) -> bool:
    """Say whether a complication began within 90 days (a study setting) after hepatectomy, both ends included.

    Raises ImpossibleComplication where it began before the operation. Source: protocol specification 6.4.
    """
    passed = (began - operated).days
    if passed < 0:
        words = Text(
            "The complication of {began} lies before the operation of {operated}.",
            "{began}的并发症早于{operated}的手术日期。",
        )
        raise ImpossibleComplication(words.format(began=began, operated=operated))
    return passed <= days

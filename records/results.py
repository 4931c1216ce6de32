"""Results of laboratory tests: numbers that bring along what a laboratory report says beside the value.

Beside the value as reported stand, in columns of their own, the sign of a value beyond the measuring range
("<0.9"), the reference limits it is held against, whether it is low, normal or high, whether an abnormal one is
clinically significant, and, for tests that have a rule, the CTCAE grade. Limits, flag and grade are computed by
the form (its `derive`); sign and significance are entered, and the limits may be typed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from records.codelists import CodeList
from records.conditions import NEVER, When
from records.items import AccompaniedItem, CodeItem, DecimalItem, IntegerItem, Item, MeasuredItem
from records.text import Text

SIGN: Final = CodeList("COMPARATOR", ("LT", "< (below the measuring range)", "＜（低于检测下限）"),
                       ("GT", "> (above the measuring range)", "＞（高于检测上限）"))  # fmt: skip
FLAG: Final = CodeList(
    "LBNRIND", ("LOW", "Low", "偏低"), ("NORMAL", "Normal", "正常"), ("HIGH", "High", "偏高")
)
SIGNIFICANCE: Final = CodeList(
    "LBCLSIG",
    ("NCS", "Not clinically significant", "无临床意义"),
    ("CS", "Clinically significant", "有临床意义"),
)
LIMITS_FROM: Final = CodeList(
    "LIMITSFROM",
    ("REPORT", "As printed on the report", "按检验报告单"),
    ("SITE", "Reference range of the laboratory", "本实验室参考范围"),
    ("USUAL", "Usual limits for adults", "成人常用参考范围"),
)
TYPED: Final = "REPORT"
ABNORMAL: Final = ("LOW", "HIGH")
SIGNS: Final[Mapping[str, str]] = {"<": "LT", ">": "GT"}
AS_TYPED: Final[Mapping[str, str]] = {code: sign for sign, code in SIGNS.items()}


class ReportedItem(AccompaniedItem):
    """The result of one laboratory test. Mixed in; ResultItem and MeasuredResultItem are the ones to use.

    Brings `_c` (LT or GT; empty: the value itself), `_lo` and `_hi` (the limits used, in the unit reported),
    `_ls` (where they are from), `_fl` (LOW, NORMAL, HIGH), `_cs` (NCS or CS, asked of an abnormal result) and,
    where `graded`, `_gr` (CTCAE grade 0 to 4). `signed` is for tests that often come with a sign.
    """

    def __init__(
        self, label: Text | None = None, *, graded: bool = False, signed: bool = False, **options: Any
    ) -> None:
        self.graded = graded
        self.signed = signed
        super().__init__(label, **options)

    def companions(self, name: str) -> dict[str, Item]:
        def about(en: str, zh: str, cdash: str) -> dict[str, Any]:
            return {
                "label": self.label + Text(f", {en}", f"，{zh}"),
                "required": NEVER,
                "shown_when": self.shown_when,
                "missing": (),
                "companion_of": name,
                "name_cdash": self.name_cdash.replace("LB.LBORRES", cdash),
            }

        def limit(en: str, zh: str, cdash: str, **more: Any) -> DecimalItem:
            return DecimalItem(**about(en, zh, cdash), unit=self.unit if not isinstance(self, MeasuredItem) else "",
                               places=6, digits=18, hard=(0, None), **more)  # fmt: skip

        significance = about("clinical significance", "有无临床意义", "SUPPLB.LBCLSIG")
        significance["required"] = When(**self.shown_when.answers, **{f"{name}_fl": ABNORMAL})
        found: dict[str, Item] = {
            "_c": CodeItem(**about("sign of the value", "结果符号", "LB.LBORRES"), codes=SIGN),
            "_lo": limit("lower reference limit", "参考值下限", "LB.LBORNRLO", below=f"{name}_hi"),
            "_hi": limit("upper reference limit", "参考值上限", "LB.LBORNRHI"),
            "_ls": CodeItem(**about("source of the limits", "参考值来源", "SUPPLB"), codes=LIMITS_FROM, derived=True),
            "_fl": CodeItem(**about("low, normal or high", "高低判断", "LB.LBNRIND"), codes=FLAG, derived=True),
            "_cs": CodeItem(**significance, codes=SIGNIFICANCE),
        }  # fmt: skip
        if self.graded:
            words = about("CTCAE v4.03 grade", "CTCAE v4.03分级", "LB.LBTOXGR")
            found["_gr"] = IntegerItem(**words, hard=(0, 4), derived=True)
        return {**super().companions(name), **found}

    def factor(self, unit: str | None) -> Decimal | None:
        """The factor from a unit into the first one; None where a unit is not known or cannot be converted."""
        if isinstance(self, MeasuredItem):
            return self.units.get(unit or "")
        return Decimal(1) if unit == self.unit else None

    def unit_of(self, answers: Mapping[str, Any]) -> str | None:
        """The unit a result is, or would be, reported in; None where it has to be chosen first."""
        if isinstance(self, MeasuredItem):
            return answers.get(f"{self.name}_u") or (None if self.asks_unit else self.unit)
        return self.unit


class ResultItem(ReportedItem):
    """A test that every laboratory reports in one unit."""

    typed_along = ("_c", "_cs")


class MeasuredResultItem(ReportedItem, MeasuredItem):
    """A test that laboratories report in different units."""

    typed_along = ("_c", "_u", "_cs")


def signed(typed: str, sign: str | None) -> str:
    """Write a value the way it is typed, with its sign before it."""
    return f"{AS_TYPED[sign]}{typed}" if sign and typed else typed

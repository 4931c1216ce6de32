"""Child-Pugh score and ALBI grade, computed from unrounded values in SI units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Final, NamedTuple

from records.text import Text

BILIRUBIN_UMOL_PER_MG_DL: Final = Decimal("17.1")
ALBUMIN_G_L_PER_G_DL: Final = Decimal(10)
DIGITS: Final = 34

# Child-Pugh: where the points of an item change.
BILIRUBIN_CUTS: Final = (Decimal("34.2"), Decimal("51.3"))
ALBUMIN_CUTS: Final = (Decimal(28), Decimal(35))
INR_CUTS: Final = (Decimal("1.7"), Decimal("2.3"))
PROLONGATION_CUTS: Final = (Decimal(4), Decimal(6))

ALBI_GRADE_1: Final = Decimal("-2.60")
ALBI_GRADE_2: Final = Decimal("-1.39")
ALBI_GRADE_2A: Final = Decimal("-2.27")


class ImpossibleLiverValue(ValueError):
    """A laboratory value that cannot occur; `sentence` says which."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Ascites(StrEnum):
    """MILD includes ascites controlled by diuretics; MODSEV is moderate to severe, or refractory."""

    NONE = "NONE"
    MILD = "MILD"
    MODSEV = "MODSEV"


class Encephalopathy(StrEnum):
    """G1_2 includes encephalopathy controlled by medication."""

    NONE = "NONE"
    G1_2 = "G1_2"
    G3_4 = "G3_4"


class ChildPughPoints(NamedTuple):
    """Points 1 to 3 of each item in the order of the score; None where the item is missing."""

    bilirubin: int | None
    albumin: int | None
    coagulation: int | None
    ascites: int | None
    encephalopathy: int | None


@dataclass(frozen=True, slots=True)
class ChildPughResult:
    """A Child-Pugh score 5 to 15 and class A, B or C; both None as long as an item is missing.

    `missing` holds the item names that are needed: tbil, alb, inr (or PT prolongation), ascites, enceph.
    """

    points: ChildPughPoints
    score: int | None
    child_class: str | None
    reason: Text
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlbiResult:
    """An ALBI score, unrounded, its grade 1 to 3 and the modified grade 1, 2a, 2b or 3; None where unknown."""

    value: Decimal | None
    grade: int | None
    modified: str | None
    reason: Text
    missing: tuple[str, ...]


ITEM_WORDS: Final = {
    "tbil": Text("bilirubin", "总胆红素"),
    "alb": Text("albumin", "白蛋白"),
    "inr": Text("INR or prothrombin time", "INR或凝血酶原时间"),
    "ascites": Text("ascites", "腹水"),
    "enceph": Text("encephalopathy", "肝性脑病"),
}
ASCITES_POINTS: Final = {Ascites.NONE: 1, Ascites.MILD: 2, Ascites.MODSEV: 3}
ENCEPHALOPATHY_POINTS: Final = {Encephalopathy.NONE: 1, Encephalopathy.G1_2: 2, Encephalopathy.G3_4: 3}


def bilirubin_from_mg_dl(mg_dl: Decimal) -> Decimal:
    """Convert bilirubin from mg/dL to µmol/L exactly (× 17.1), so that 2.0 mg/dL is 34.20 µmol/L.

    Source: protocol specification section 2.1.
    """
    return mg_dl * BILIRUBIN_UMOL_PER_MG_DL


def albumin_from_g_dl(g_dl: Decimal) -> Decimal:
    """Convert albumin from g/dL to g/L exactly (× 10). Source: protocol specification section 2.1."""
    return g_dl * ALBUMIN_G_L_PER_G_DL


def child_pugh(
    *,
    bilirubin_umol_l: Decimal | None,
    albumin_g_l: Decimal | None,
    inr: Decimal | None,
    pt_prolongation_s: Decimal | None = None,
    ascites: str | None,
    encephalopathy: str | None,
) -> ChildPughResult:
    """Score liver function by Child-Pugh.

    Bilirubin in µmol/L: 1 point below 34.2, 2 up to 51.3 inclusive, 3 above. Albumin in g/L: 1 point above 35,
    2 from 28 inclusive, 3 below. INR: 1 point below 1.7, 2 up to 2.3 inclusive, 3 above; where there is no INR,
    seconds of prothrombin time above control: below 4, up to 6 inclusive, above (a time shorter than control
    is negative and gives 1). Ascites and encephalopathy as coded in Ascites and Encephalopathy. Values are
    compared unrounded. Class A is 5 or 6 points, B 7 to 9, C 10 to 15. A missing item leaves the score
    unknown; absence of ascites or encephalopathy is never assumed.
    Raises ImpossibleLiverValue for values not above zero and for codes outside the lists.
    Source: Child-Pugh as in the Chinese guideline for liver cancer; protocol specification section 2.1.
    """
    _refuse_unless_positive(bilirubin_umol_l, ITEM_WORDS["tbil"])
    _refuse_unless_positive(albumin_g_l, ITEM_WORDS["alb"])
    _refuse_unless_positive(inr, Text("INR", "INR"))
    if pt_prolongation_s is not None and not pt_prolongation_s.is_finite():
        raise ImpossibleLiverValue(Text("The prothrombin time is not a number.", "凝血酶原时间不是数值。"))
    if ascites is not None and ascites not in tuple(Ascites):
        raise ImpossibleLiverValue(Text("Unknown code for ascites.", "腹水代码无法识别。"))
    if encephalopathy is not None and encephalopathy not in tuple(Encephalopathy):
        raise ImpossibleLiverValue(Text("Unknown code for encephalopathy.", "肝性脑病代码无法识别。"))

    points = ChildPughPoints(
        bilirubin=_rising(bilirubin_umol_l, *BILIRUBIN_CUTS),
        albumin=_albumin_points(albumin_g_l),
        coagulation=(
            _rising(inr, *INR_CUTS) if inr is not None else _rising(pt_prolongation_s, *PROLONGATION_CUTS)
        ),
        ascites=None if ascites is None else ASCITES_POINTS[Ascites(ascites)],
        encephalopathy=None
        if encephalopathy is None
        else ENCEPHALOPATHY_POINTS[Encephalopathy(encephalopathy)],
    )
    missing = tuple(name for name, value in zip(ITEM_WORDS, points, strict=True) if value is None)
    if missing:
        return ChildPughResult(points, None, None, _lacking(missing), missing)
    score = sum(value for value in points if value is not None)
    child_class = "A" if score <= 6 else "B" if score <= 9 else "C"
    named = [
        Text("{item} {points}", "{item}{points}分").format(item=ITEM_WORDS[name], points=value)
        for name, value in zip(ITEM_WORDS, points, strict=True)
    ]
    reason = Text("{score} points: {items}.", "共{score}分：{items}。").format(
        score=score, items=Text.join(named, zh="、")
    )
    return ChildPughResult(points, score, child_class, reason, ())


def albi(*, bilirubin_umol_l: Decimal | None, albumin_g_l: Decimal | None) -> AlbiResult:
    """Compute the albumin-bilirubin score and its grades.

    0.66 × log10(bilirubin in µmol/L) − 0.085 × albumin in g/L. Grade 1 up to −2.60 inclusive, grade 2 up to
    −1.39 inclusive, grade 3 above; the modified grade splits 2 into 2a, up to −2.27 inclusive, and 2b. Graded on
    the unrounded value; rounding to 2 decimals is for display. A missing value leaves everything unknown.
    Raises ImpossibleLiverValue for values not above zero.
    Source: Johnson et al., J Clin Oncol 2015; modified grade Hiraoka 2017; specification section 2.2.
    """
    _refuse_unless_positive(bilirubin_umol_l, ITEM_WORDS["tbil"])
    _refuse_unless_positive(albumin_g_l, ITEM_WORDS["alb"])
    if bilirubin_umol_l is None or albumin_g_l is None:
        missing = tuple(
            name for name, value in (("tbil", bilirubin_umol_l), ("alb", albumin_g_l)) if value is None
        )
        return AlbiResult(None, None, None, _lacking(missing), missing)
    with localcontext() as context:
        context.prec = DIGITS
        value = Decimal("0.66") * bilirubin_umol_l.log10() - Decimal("0.085") * albumin_g_l
    grade = 1 if value <= ALBI_GRADE_1 else 2 if value <= ALBI_GRADE_2 else 3
    modified = str(grade) if grade != 2 else "2a" if value <= ALBI_GRADE_2A else "2b"
    reason = Text("ALBI {value}, grade {grade}.", "ALBI评分{value}，{grade}级。").format(
        value=f"{value:.2f}", grade=modified
    )
    return AlbiResult(value, grade, modified, reason, ())


def _rising(value: Decimal | None, two_from: Decimal, three_above: Decimal) -> int | None:
    if value is None:
        return None
    return 1 if value < two_from else 2 if value <= three_above else 3


def _albumin_points(albumin_g_l: Decimal | None) -> int | None:
    if albumin_g_l is None:
        return None
    return 1 if albumin_g_l > 35 else 2 if albumin_g_l >= 28 else 3


def _lacking(missing: tuple[str, ...]) -> Text:
    words = Text.join([ITEM_WORDS[name] for name in missing], zh="、")
    return Text("Not known: {words}.", "缺少：{words}。").format(words=words)


def _refuse_unless_positive(value: Decimal | None, word: Text) -> None:
    if value is not None and not (value.is_finite() and value > 0):
        raise ImpossibleLiverValue(
            Text("The value must be above zero: {word}.", "数值须大于0：{word}。").format(word=word)
        )

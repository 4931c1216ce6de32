"""Judge one assessment: the targets' response, the other lesions' response, and both together.

Source: RECIST 1.1 (Eisenhauer 2009) and mRECIST (Lencioni and Llovet 2010), as in protocol specification 6.2
and 6.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Final, TypeVar

from eligibility.lesions import (
    LARGEST_MM,
    MOST_TARGETS,
    NORMAL_NODE_MM,
    Category,
    Criteria,
    Lesion,
    State,
    is_tenths,
    only_once,
)
from records.text import Text

# PD at S ≥ 1.2 N, PR at S ≤ 0.7 B, both as ten times each side in whole tenths of a millimetre.
INCREASE_OF_TEN: Final = 12
DECREASE_OF_TEN: Final = 7
LEAST_INCREASE_TENTHS: Final = 50

Code = TypeVar("Code", bound=StrEnum)


class ImpossibleResponse(ValueError):
    """Input that no assessment can have; `sentence` says which and why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Target(StrEnum):
    """Response of the targets; NA where there are none to measure (any more)."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"
    NA = "NA"


class NonTarget(StrEnum):
    """Response of the other lesions of the baseline; NA where there were none."""

    CR = "CR"
    NONCRNONPD = "NONCRNONPD"
    PD = "PD"
    NE = "NE"
    NA = "NA"


class NewLesion(StrEnum):
    """Whether a lesion appeared that was not there at baseline."""

    N = "N"
    EQUIVOCAL = "EQUIVOCAL"
    Y = "Y"


class Overall(StrEnum):
    """Overall response; NED and RECURRENCE after hepatectomy.

    A recurrence stands on the form as PD together with where the tumour came back.
    """

    CR = "CR"
    PR = "PR"
    SD = "SD"
    NONCRNONPD = "NONCRNONPD"
    PD = "PD"
    NE = "NE"
    NED = "NED"
    RECURRENCE = "RECURRENCE"


class Margin(StrEnum):
    """Margin of a hepatectomy: R0 clear, R1 tumour under the microscope, R2 tumour left behind."""

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"


PROGRESSIVE: Final = frozenset({Overall.PD, Overall.RECURRENCE})


@dataclass(frozen=True, slots=True)
class TargetResult:
    response: Target
    reason: Text


@dataclass(frozen=True, slots=True)
class NonTargetResult:
    response: NonTarget
    reason: Text


@dataclass(frozen=True, slots=True)
class OverallResult:
    """An overall response; `flagged` where an equivocal new lesion has to be looked at again."""

    response: Overall
    reason: Text
    flagged: bool = False


# Targets --------------------------------------------------------------------------------------------


def judge_targets(
    criteria: Criteria,
    *,
    baseline: Decimal,
    nadir: Decimal,
    current: Decimal | None,
    gone: bool = False,
    evaluable: bool = True,
) -> TargetResult:
    """Judge the targets from three sums of diameters in mm (whole tenths).

    `baseline` B; `nadir` N, the smallest sum so far including the baseline; `current` S now, of the targets that
    can be evaluated. `gone`: of no target anything pathological is left (by mRECIST: no arterial enhancement);
    nodes below 10 mm may make S more than 0 then. `evaluable`: every target can be evaluated.

    In this order: not all evaluable is PD where S alone reaches it, otherwise NE; gone is CR; PD at 10·S ≥ 12·N
    and, by RECIST 1.1 only, S − N ≥ 5 mm, both equalities included; where N is 0, anything that reappears is PD
    by both criteria; PR at 10·S ≤ 7·B, equality included; otherwise SD. Nothing is rounded: 29.9 % less is SD.
    Raises ImpossibleResponse for sums below 0, with more than one decimal or above 2500 mm, a baseline of 0, a
    nadir above the baseline, no current sum although all are evaluable, targets gone with a sum only nodes of 10
    mm could have, and a sum of 0 with targets not gone.
    Source: protocol specification 6.2.
    """
    b, n, s = (_tenths(value, name) for value, name in zip((baseline, nadir, current), _SUMS, strict=True))
    assert b is not None and n is not None
    if b == 0:
        raise ImpossibleResponse(Text("A baseline sum is above 0 mm.", "基线直径总和须大于0 mm。"))
    if n > b:
        raise ImpossibleResponse(
            Text(
                "The smallest sum includes the baseline and cannot be above it.",
                "最小总和包含基线，不能大于基线总和。",
            )
        )
    if not evaluable:
        if s is not None and _progressed(criteria, n, s):
            return TargetResult(Target.PD, _grown(n, s) + EVALUABLE_ALONE)
        return TargetResult(Target.NE, Text("Not every target can be evaluated.", "并非所有靶病灶均可评价。"))
    if s is None:
        raise ImpossibleResponse(
            Text(
                "The current sum is needed where all targets are evaluable.",
                "靶病灶均可评价时须有当前直径总和。",
            )
        )
    if gone:
        if s > LARGEST_GONE_TENTHS:
            raise ImpossibleResponse(
                Text(
                    "Targets that are gone cannot have a sum of {mm} mm.",
                    "靶病灶消失时直径总和不可能为{mm} mm。",
                ).format(mm=_mm(s))
            )
        return TargetResult(Target.CR, GONE[criteria])
    if s == 0:
        raise ImpossibleResponse(
            Text("A sum of 0 mm means that every target is gone.", "直径总和为0 mm即所有靶病灶消失。")
        )
    if _progressed(criteria, n, s):
        return TargetResult(Target.PD, _grown(n, s))
    if 10 * s <= DECREASE_OF_TEN * b:
        return TargetResult(Target.PR, _against_baseline(b, s))
    reason = _against_baseline(b, s)
    if n < s:
        reason = reason + SPACE + _grown(n, s)
    return TargetResult(Target.SD, reason)


_SUMS: Final = (
    Text("baseline sum", "基线直径总和"),
    Text("smallest sum", "最小直径总和"),
    Text("current sum", "当前直径总和"),
)
SPACE: Final = Text(" ", "")
EVALUABLE_ALONE: Final = Text(" The targets that can be evaluated suffice.", "仅可评价的靶病灶已达到。")
GONE: Final = {
    Criteria.RECIST11: Text(
        "All targets are gone, nodes below 10 mm.", "所有靶病灶消失，淋巴结短径＜10 mm。"
    ),
    Criteria.MRECIST: Text(
        "No target enhances in the arterial phase, nodes below 10 mm.",
        "所有靶病灶动脉期均无强化，淋巴结短径＜10 mm。",
    ),
}
LARGEST_GONE_TENTHS: Final = MOST_TARGETS * (int(NORMAL_NODE_MM * 10) - 1)


def _tenths(mm: Decimal | None, name: Text) -> int | None:
    if mm is None:
        return None
    most = MOST_TARGETS * LARGEST_MM
    if not is_tenths(mm, most):
        words = Text(
            "A {name} of {mm} mm is not possible; give 0 to {most} mm with at most one decimal.",
            "{name}不能为{mm} mm，应为0～{most} mm、最多一位小数。",
        )
        raise ImpossibleResponse(words.format(name=name, mm=mm, most=most))
    return int(mm * 10)


def _progressed(criteria: Criteria, nadir: int, current: int) -> bool:
    if nadir == 0:
        return current > 0
    if 10 * current < INCREASE_OF_TEN * nadir:
        return False
    return criteria is Criteria.MRECIST or current - nadir >= LEAST_INCREASE_TENTHS


def _mm(tenths: int) -> str:
    return f"{Decimal(tenths) / 10:.1f}"


def percent(change: int, of: int) -> str:
    """Write a change in %, cut off rather than rounded, so that a limit never seems reached when it is not."""
    return f"{(Decimal(100 * change) / of).quantize(Decimal('0.1'), ROUND_DOWN):+.1f}"


def _grown(nadir: int, current: int) -> Text:
    if nadir == 0:
        return Text(
            "Every target was gone, now the sum is {mm} mm.", "靶病灶曾全部消失，现直径总和{mm} mm。"
        ).format(mm=_mm(current))
    return Text(
        "Sum {mm} mm, {percent} % ({more} mm) from the smallest, {nadir} mm.",
        "直径总和{mm} mm，较最小总和{nadir} mm变化{percent}%（{more} mm）。",
    ).format(
        mm=_mm(current),
        percent=percent(current - nadir, nadir),
        more=f"{Decimal(current - nadir) / 10:+.1f}",
        nadir=_mm(nadir),
    )


def _against_baseline(baseline: int, current: int) -> Text:
    return Text(
        "Sum {mm} mm, {percent} % from the baseline, {baseline} mm.",
        "直径总和{mm} mm，较基线{baseline} mm变化{percent}%。",
    ).format(mm=_mm(current), percent=percent(current - baseline, baseline), baseline=_mm(baseline))


# Other lesions --------------------------------------------------------------------------------------


def judge_non_targets(
    lesions: Iterable[Lesion], criteria: Criteria, *, markers_normal: bool | None = True
) -> NonTargetResult:
    """Judge the non-target lesions of one assessment by their states.

    Unequivocal progression of any is PD; otherwise any that is not evaluable is NE; all gone is CR (nodes below
    10 mm; by mRECIST a liver lesion without enhancement is gone) provided that tumour markers are normal
    (None: not known, then not CR); anything else is NONCRNONPD. No non-target lesion at all is NA, and so are
    lesions that were all resected. Raises ImpossibleLesion for two lesions with one id.
    Source: protocol specification 6.2.
    """
    listed = list(lesions)
    only_once(listed)
    others = [lesion for lesion in listed if lesion.category is Category.NONTARGET]
    left = [lesion for lesion in others if lesion.state is not State.RESECTED]
    if not left:
        return NonTargetResult(NonTarget.NA, Text("There is no non-target lesion.", "无非靶病灶。"))
    growing = [lesion.id for lesion in left if lesion.state is State.PD]
    if growing:
        return NonTargetResult(
            NonTarget.PD,
            Text("{ids} progress unequivocally.", "{ids}明确进展。").format(ids=", ".join(growing)),
        )
    unclear = [lesion.id for lesion in left if lesion.state is State.NE]
    if unclear:
        return NonTargetResult(
            NonTarget.NE,
            Text("{ids} cannot be evaluated.", "{ids}不可评价。").format(ids=", ".join(unclear)),
        )
    if not all(lesion.is_gone(criteria) for lesion in left):
        return NonTargetResult(NonTarget.NONCRNONPD, Text("Non-target lesions persist.", "非靶病灶仍存在。"))
    if not markers_normal:
        return NonTargetResult(
            NonTarget.NONCRNONPD,
            Text(
                "Non-target lesions are gone, tumour markers are not known to be normal.",
                "非靶病灶消失，但肿瘤标志物未确认恢复正常。",
            ),
        )
    return NonTargetResult(NonTarget.CR, Text("Non-target lesions are gone.", "非靶病灶全部消失。"))


# Overall --------------------------------------------------------------------------------------------


def judge_overall(target: Target, non_target: NonTarget, new_lesion: NewLesion) -> OverallResult:
    """Put together the overall response before hepatectomy.

    PD of targets or non-targets and a new lesion are PD, whatever the rest says. An equivocal new lesion counts
    as none and is flagged. Otherwise: CR with CR or no non-targets is CR, CR with any other is PR; PR and SD stay;
    targets not evaluable are NE. Without targets: CR, NONCRNONPD and NE of the non-targets stay, and nothing at
    all is NED, which does not occur at inclusion. Raises ImpossibleResponse for a code that is not known.
    Source: RECIST 1.1 tables 1 and 2; protocol specification 6.3.
    """
    target, non_target = code_of(Target, target), code_of(NonTarget, non_target)
    new_lesion = code_of(NewLesion, new_lesion)
    flagged = new_lesion is NewLesion.EQUIVOCAL
    words = Text("Targets {target}, other lesions {others}.", "靶病灶{target}，非靶病灶{others}。").format(
        target=target.value, others=SHORT.get(non_target, non_target.value)
    )
    if new_lesion is NewLesion.Y:
        return OverallResult(Overall.PD, words + SPACE + NEW_LESION)
    if target is Target.PD or non_target is NonTarget.PD:
        return OverallResult(Overall.PD, words, flagged)
    if flagged:
        words = words + SPACE + EQUIVOCAL
    if target is Target.NA:
        return OverallResult(WITHOUT_TARGETS[non_target], words, flagged)
    if target is Target.CR and non_target not in (NonTarget.CR, NonTarget.NA):
        return OverallResult(Overall.PR, words, flagged)
    return OverallResult(Overall(target.value), words, flagged)


SHORT: Final = {NonTarget.NONCRNONPD: "non-CR/non-PD"}
NEW_LESION: Final = Text("New lesion.", "出现新病灶。")
EQUIVOCAL: Final = Text("Equivocal new lesion, to be looked at again.", "可疑新病灶，需复查确认。")
WITHOUT_TARGETS: Final = {
    NonTarget.CR: Overall.CR,
    NonTarget.NONCRNONPD: Overall.NONCRNONPD,
    NonTarget.NE: Overall.NE,
    NonTarget.NA: Overall.NED,
}


def judge_after_hepatectomy(
    margin: Margin | None, non_target: NonTarget, new_lesion: NewLesion
) -> OverallResult:
    """Judge an assessment after hepatectomy, where removed lesions are never a CR.

    `margin` R2 leaves tumour, which is followed as a non-target lesion: its progression is PD, its persistence
    NONCRNONPD. After R0, R1 or a margin not known, `non_target` describes what is found of the removed tumour's
    surroundings: anything unequivocal (PD, or a new lesion) is RECURRENCE. A new lesion is RECURRENCE after R0 and
    R1, PD after R2. An equivocal one counts as none and is flagged. Not evaluable is NE; otherwise NED.
    Raises ImpossibleResponse for a code that is not known. Source: protocol specification 6.3 and 6.4.
    """
    non_target, new_lesion = code_of(NonTarget, non_target), code_of(NewLesion, new_lesion)
    if margin is not None:
        margin = code_of(Margin, margin)
    flagged = new_lesion is NewLesion.EQUIVOCAL
    tail = SPACE + EQUIVOCAL if flagged else Text("", "")
    residual = margin is Margin.R2
    if new_lesion is NewLesion.Y or non_target is NonTarget.PD:
        if residual:
            return OverallResult(Overall.PD, Text("Growth after R2 resection.", "R2切除后肿瘤进展。"))
        return OverallResult(Overall.RECURRENCE, Text("Recurrence after hepatectomy.", "肝切除术后复发。"))
    if non_target is NonTarget.NE:
        words = Text("The assessment cannot be evaluated.", "本次评价不可评价。")
        return OverallResult(Overall.NE, words + tail, flagged)
    if residual and non_target is NonTarget.NONCRNONPD:
        words = Text("Tumour left by R2 resection persists.", "R2切除后残留肿瘤仍存在，未进展。")
        return OverallResult(Overall.NONCRNONPD, words + tail, flagged)
    words = Text("No evidence of disease after hepatectomy.", "肝切除术后无瘤。")
    return OverallResult(Overall.NED, words + tail, flagged)


def code_of(kind: type[Code], code: str) -> Code:
    """Return the code of a list. Raises ImpossibleResponse for one that is not in it."""
    try:
        return kind(code)
    except ValueError:
        words = Text("{code} is not known here; there are {known}.", "{code}不是有效代码，可选：{known}。")
        raise ImpossibleResponse(words.format(code=code, known=", ".join(kind))) from None

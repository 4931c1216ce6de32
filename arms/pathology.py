"""Judge the pathological response of a resected tumour: complete (pCR) and major (MPR).

Percentages are those of the pathologist's report, whole numbers of each lesion's area.
Source: protocol specification sections 6.4 and 8.17.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from records.text import Text

MPR_THRESHOLD: Final = 10  # 10, 30 and 50 % are all in use: a study setting


class ImpossiblePathology(ValueError):
    """Percentages that no specimen can have; `sentence` says which and why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class ResectedLesion:
    """One lesion of a specimen: viable tumour, necrosis and fibrosis in % of it, None where not reported.

    Raises ImpossiblePathology for a percentage outside 0–100 and where they add up to more than 100.
    Source: protocol specification 8.17.
    """

    viable: int | None
    necrosis: int | None = None
    fibrosis: int | None = None

    def __post_init__(self) -> None:
        parts = (
            (Text("Viable tumour", "存活肿瘤"), self.viable),
            (Text("Necrosis", "坏死"), self.necrosis),
            (Text("Fibrosis", "纤维化"), self.fibrosis),
        )
        for name, percent in parts:
            if percent is not None and not 0 <= percent <= 100:
                words = Text(
                    "{name} is 0 to 100 %, not {percent} %.", "{name}比例应为0～100%，不能为{percent}%。"
                )
                raise ImpossiblePathology(words.format(name=name, percent=percent))
        total = sum(percent for _, percent in parts if percent is not None)
        if total > 100:
            words = Text(
                "Viable tumour, necrosis and fibrosis add up to {total} %, more than 100 %.",
                "存活肿瘤、坏死与纤维化比例合计{total}%，超过100%。",
            )
            raise ImpossiblePathology(words.format(total=total))


@dataclass(frozen=True, slots=True)
class PathologicalResponse:
    """Whether the response is complete and major; None where a percentage that decides is missing."""

    complete: bool | None
    major: bool | None
    reason: Text


def pathological_response(
    lesions: Iterable[ResectedLesion],
    *,
    positive_nodes: int | None = 0,
    mpr_threshold: int = MPR_THRESHOLD,
) -> PathologicalResponse:
    """Judge the response of all lesions of the specimens.

    Complete: 0 % viable tumour in every lesion and no positive lymph node (`positive_nodes`, None where nodes are
    not reported; none examined is 0). Major: viable tumour of every lesion at most `mpr_threshold` %, equality
    included; nodes do not enter, so a specimen that is complete is also major. One lesion with more decides even
    where another is not reported. Raises ImpossiblePathology for no lesion at all, nodes below 0, or a threshold
    outside 0–99. Source: protocol specification 6.4.
    """
    found = list(lesions)
    if not found:
        raise ImpossiblePathology(Text("A specimen needs at least one lesion.", "标本至少须有一个病灶。"))
    if positive_nodes is not None and positive_nodes < 0:
        raise ImpossiblePathology(Text("Positive nodes are counted from 0.", "阳性淋巴结数不能小于0。"))
    if not 0 <= mpr_threshold < 100:
        words = Text(
            "The threshold of a major response is 0 to 99 %, not {percent} %.",
            "主要病理缓解阈值应为0～99%，不能为{percent}%。",
        )
        raise ImpossiblePathology(words.format(percent=mpr_threshold))
    known = [lesion.viable for lesion in found if lesion.viable is not None]
    whole = len(known) == len(found)
    most = max(known, default=0)
    complete: bool | None = most == 0 and positive_nodes == 0
    if most == 0 and (not whole or positive_nodes is None) and not positive_nodes:
        complete = None
    major = False if most > mpr_threshold else True if whole else None
    return PathologicalResponse(complete, major, _reason(most, whole, positive_nodes, mpr_threshold))


def _reason(most: int, whole: bool, positive_nodes: int | None, threshold: int) -> Text:
    words = Text(
        "At most {most} % viable tumour in a lesion; major is at most {threshold} %.",
        "单个病灶存活肿瘤最多{most}%；主要病理缓解阈值≤{threshold}%。",
    ).format(most=most, threshold=threshold)
    if not whole:
        words = words + Text(" A lesion is not reported.", "有病灶未报告。")
    if positive_nodes is None:
        return words + Text(" Lymph nodes are not reported.", "淋巴结未报告。")
    if positive_nodes:
        return words + Text(" Positive lymph nodes: {number}.", "阳性淋巴结{number}枚。").format(
            number=positive_nodes
        )
    return words

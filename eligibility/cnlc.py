"""China Liver Cancer staging (CNLC), and what inclusion criterion 3 makes of the stage.

The cut-offs are the same in the editions of 2019, 2022, 2024 and 2026, so there is one table; the
edition is kept with every staging.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from records.text import Text

DIFFUSE: Final = "DIFFUSE"
EDITIONS: Final = ("2019", "2022", "2024", "2026")

SINGLE_LIMIT_MM: Final = Decimal(50)
FEW_LIMIT_MM: Final = Decimal(30)
FEW_TUMOURS: Final = 3


class ImpossibleStaging(ValueError):
    """A value that cannot occur in staging; `sentence` says which and why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Stage(StrEnum):
    """A CNLC stage, from the least to the most advanced; UNKNOWN where an input is missing."""

    IA = "Ia"
    IB = "Ib"
    IIA = "IIa"
    IIB = "IIb"
    IIIA = "IIIa"
    IIIB = "IIIb"
    IV = "IV"
    UNKNOWN = "UNKNOWN"


class RecordI3(StrEnum):
    """Whether a staging satisfies the wording of inclusion criterion 3.

    RULING: the official stage is Ib, yet the criterion's text describes only the single tumour.
    """

    MET = "MET"
    NOT_MET = "NOT_MET"
    RULING = "RULING"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class StageResult:
    """A stage with its reason.

    `missing` holds the item names that are still needed: ecog, cpcls, exhep, vascinv, tumnum, tummax.
    """

    stage: Stage
    reason: Text
    missing: tuple[str, ...]
    edition: str
    record_i3: RecordI3
    record_i3_reason: Text


@dataclass(frozen=True, slots=True)
class TransplantResult:
    """Whether a tumour lies within the UCSF criteria; `within` is None where an input is missing."""

    within: bool | None
    reason: Text


ITEM_WORDS: Final = {
    "ecog": Text("performance status", "体力状况（PS）"),
    "cpcls": Text("Child-Pugh class", "Child-Pugh分级"),
    "exhep": Text("extrahepatic metastasis", "肝外转移"),
    "vascinv": Text("vascular tumour thrombus", "血管癌栓"),
    "tumnum": Text("number of tumours", "肿瘤数目"),
    "tummax": Text("largest diameter", "最大肿瘤直径"),
}


def stage(
    *,
    ps: int | None,
    child_pugh: str | None,
    tumour_number: int | str | None,
    largest_mm: Decimal | None,
    vascular_thrombus: str | None,
    extrahepatic: str | None,
    edition: str = "2022",
) -> StageResult:
    """Stage a liver cancer by CNLC.

    `ps` ECOG performance status 0 to 4. `child_pugh` A, B or C. `tumour_number` of intrahepatic tumours, or
    DIFFUSE (infiltrative or uncountable, taken as 4 or more). `largest_mm` longest diameter of the largest
    intrahepatic tumour in millimetres, compared unrounded: 50.0 is Ia and 50.1 is Ib; 2 or 3 tumours of 30.0
    are Ib and of 30.1 are IIa. `vascular_thrombus` visible on imaging (not microvascular invasion) and
    `extrahepatic` metastasis including lymph nodes: Y, N, or UNK. None and UNK mean not known.

    Stages are tried in the order IV, IIIb, IIIa, IIb, then by number and diameter. A missing input gives
    UNKNOWN unless the stage is already decided without it. Raises ImpossibleStaging for PS 5 or any value
    outside these, a tumour number below 1, a diameter not above zero, or an edition not known.
    Source: CNLC 2019, 2022 and 2024 (National Health Commission); protocol specification section 1.1 and 1.2.
    """
    _refuse_impossible(ps, child_pugh, tumour_number, largest_mm, vascular_thrombus, extrahepatic, edition)
    thrombus = _known(vascular_thrombus)
    metastasis = _known(extrahepatic)
    many = tumour_number == DIFFUSE or (isinstance(tumour_number, int) and tumour_number > FEW_TUMOURS)

    needed: dict[str, object] = {"ecog": ps, "cpcls": child_pugh, "exhep": metastasis}
    if metastasis != "Y":
        needed["vascinv"] = thrombus
        if thrombus != "Y":
            needed["tumnum"] = tumour_number
            if not many:
                needed["tummax"] = largest_mm
    missing = tuple(name for name, value in needed.items() if value is None)

    def found(one: Stage, reason: Text) -> StageResult:
        record, why = _record_i3(one, tumour_number)
        return StageResult(one, reason, (), edition, record, why)

    if ps is not None and ps >= 3:
        return found(Stage.IV, Text("Performance status {ps}.", "PS {ps}分。").format(ps=ps))
    if child_pugh == "C":
        return found(Stage.IV, Text("Child-Pugh class C.", "肝功能Child-Pugh C级。"))
    if missing:
        words = Text.join([ITEM_WORDS[name] for name in missing], zh="、")
        reason = Text("Not known: {words}.", "缺少：{words}。").format(words=words)
        unknown = Text("The stage is not known.", "分期未知。")
        return StageResult(Stage.UNKNOWN, reason, missing, edition, RecordI3.UNKNOWN, unknown)
    if metastasis == "Y":
        return found(Stage.IIIB, Text("Extrahepatic metastasis.", "有肝外转移。"))
    if thrombus == "Y":
        return found(
            Stage.IIIA,
            Text(
                "Visible vascular tumour thrombus, no extrahepatic metastasis.",
                "影像学可见血管癌栓，无肝外转移。",
            ),
        )
    if many:
        return found(Stage.IIB, _count(tumour_number, Text("any diameter", "不论肿瘤直径大小")))
    assert isinstance(tumour_number, int) and largest_mm is not None  # nothing is missing here
    limit = SINGLE_LIMIT_MM if tumour_number == 1 else FEW_LIMIT_MM
    over = largest_mm > limit
    size = Text("largest {mm} mm, {side} {limit} mm", "最大直径{mm} mm，{side}{limit} mm").format(
        mm=f"{largest_mm:f}",
        side=Text("more than", "＞") if over else Text("at most", "≤"),
        limit=limit,
    )
    if tumour_number == 1:
        return found(Stage.IB if over else Stage.IA, _count(1, size))
    return found(Stage.IIA if over else Stage.IB, _count(tumour_number, size))


def within_ucsf(
    *,
    tumour_number: int | str | None,
    largest_mm: Decimal | None,
    sum_mm: Decimal | None,
    vascular_thrombus: str | None,
    extrahepatic: str | None,
) -> TransplantResult:
    """Say whether a tumour lies within the UCSF transplant criteria; for information, it decides nothing.

    Single tumour up to 65 mm, or at most 3 tumours, the largest up to 45 mm and the sum of diameters up to
    80 mm; no macrovascular invasion and no extrahepatic disease. Limits are inclusive; values in mm,
    unrounded. Where an input is missing, `within` is None unless the others decide it.
    Raises ImpossibleStaging as `stage` does, and for a sum below the largest diameter.
    Source: UCSF criteria as recommended by the Chinese guideline; protocol specification section 1.2.
    """
    _refuse_impossible(None, None, tumour_number, largest_mm, vascular_thrombus, extrahepatic, EDITIONS[0])
    if sum_mm is not None and largest_mm is not None and sum_mm < largest_mm:
        raise ImpossibleStaging(
            Text("The sum of diameters is below the largest diameter.", "直径总和小于最大肿瘤直径。")
        )
    if vascular_thrombus == "Y" or extrahepatic == "Y":
        return TransplantResult(
            False, Text("Vascular thrombus or extrahepatic disease.", "有血管癌栓或肝外转移。")
        )
    number = FEW_TUMOURS + 1 if tumour_number == DIFFUSE else tumour_number
    total = largest_mm if number == 1 else sum_mm
    if isinstance(number, int) and number > FEW_TUMOURS:
        return TransplantResult(False, Text("More than 3 tumours.", "肿瘤多于3个。"))
    limit = Decimal(65) if number == 1 else Decimal(45)
    # One tumour may reach 65 mm, so a large diameter decides alone only once the number is known or above that.
    if largest_mm is not None and (largest_mm > 65 or (number is not None and largest_mm > limit)):
        return TransplantResult(
            False, Text("Largest tumour above {mm} mm.", "最大肿瘤＞{mm} mm。").format(mm=limit)
        )
    if total is not None and total > 80:
        return TransplantResult(False, Text("Sum of diameters above 80 mm.", "肿瘤直径总和＞80 mm。"))
    if isinstance(number, int) and total is None and largest_mm is not None and number * largest_mm <= 80:
        total = number * largest_mm  # the sum cannot be more than this
    absent = (number, largest_mm, total, _known(vascular_thrombus), _known(extrahepatic))
    if any(value is None for value in absent):
        return TransplantResult(None, Text("An input is missing.", "资料不全。"))
    return TransplantResult(True, Text("Within the UCSF criteria.", "符合UCSF标准。"))


def _known(answer: str | None) -> str | None:
    return None if answer == "UNK" else answer


def _count(number: int | str | None, size: Text) -> Text:
    if number == DIFFUSE:
        tumours = Text("Diffuse or uncountable tumours", "弥漫性或无法计数的肿瘤")
    elif number == 1:
        tumours = Text("Single tumour", "单个肿瘤")
    else:
        tumours = Text("{number} tumours", "肿瘤{number}个").format(number=number)
    return Text(
        "{tumours}, {size}, no vascular thrombus, no extrahepatic metastasis.",
        "{tumours}，{size}，无影像学可见血管癌栓和肝外转移。",
    ).format(tumours=tumours, size=size)


def _record_i3(one: Stage, number: int | str | None) -> tuple[RecordI3, Text]:
    if one is Stage.IB and number != 1:
        return RecordI3.RULING, Text(
            "Officially stage Ib with 2 or 3 tumours of at most 30 mm, which the criterion's text does not name.",
            "按官方标准为Ib期（2～3个肿瘤，最大直径≤3 cm），但入选标准文字未列明，需申办者裁定。",
        )
    if one in (Stage.IB, Stage.IIA, Stage.IIB, Stage.IIIA):
        return RecordI3.MET, Text("Stage {stage} is included.", "{stage}期符合入选标准。").format(
            stage=one.value
        )
    return RecordI3.NOT_MET, Text("Stage {stage} is not included.", "{stage}期不符合入选标准。").format(
        stage=one.value
    )


def _refuse_impossible(
    ps: int | None,
    child_pugh: str | None,
    number: int | str | None,
    largest_mm: Decimal | None,
    thrombus: str | None,
    metastasis: str | None,
    edition: str,
) -> None:
    if ps == 5:
        raise ImpossibleStaging(Text("Performance status 5 means death.", "PS 5分代表死亡，不能用于分期。"))
    if ps is not None and ps not in range(5):
        raise ImpossibleStaging(Text("Performance status must be 0 to 4.", "PS评分应为0～4分。"))
    if child_pugh not in (None, "A", "B", "C"):
        raise ImpossibleStaging(Text("Child-Pugh class must be A, B or C.", "Child-Pugh分级应为A、B或C。"))
    if isinstance(number, str) and number != DIFFUSE:
        raise ImpossibleStaging(
            Text("The number of tumours is a whole number or DIFFUSE.", "肿瘤数目应为整数或DIFFUSE。")
        )
    if isinstance(number, int) and number < 1:
        raise ImpossibleStaging(Text("The number of tumours must be at least 1.", "肿瘤数目至少为1。"))
    if largest_mm is not None and not (largest_mm.is_finite() and largest_mm > 0):
        raise ImpossibleStaging(Text("The largest diameter must be above zero.", "最大肿瘤直径须大于0。"))
    if thrombus not in (None, "Y", "N", "UNK") or metastasis not in (None, "Y", "N", "UNK"):
        raise ImpossibleStaging(
            Text("Thrombus and metastasis are answered Y, N or UNK.", "血管癌栓和肝外转移应填Y、N或UNK。")
        )
    if edition not in EDITIONS:
        raise ImpossibleStaging(
            Text("The edition of the staging is not known: {edition}.", "未知的分期版本：{edition}。").format(
                edition=edition
            )
        )

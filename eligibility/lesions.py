"""Lesions as one assessment shows them: which may be targets, and the sum of the targets' diameters.

Diameters are given in mm with at most one decimal and computed as whole tenths of a millimetre, so that no
threshold is ever met or missed by rounding.
Source: RECIST 1.1 (Eisenhauer 2009) and mRECIST (Lencioni and Llovet 2010), as in protocol specification 6.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from records.findings import Finding, Level
from records.text import Text

TOO_SMALL_MM: Final = Decimal(5)
MOST_TARGETS: Final = 5
MOST_PER_ORGAN: Final = 2
LEAST_TARGET_MM: Final = Decimal(10)
LEAST_NODE_MM: Final = Decimal(15)
LEAST_HILAR_NODE_MM: Final = Decimal(20)
NORMAL_NODE_MM: Final = Decimal(10)
THIN_SLICE_MM: Final = Decimal(5)
VIABLE_MARGIN_MM: Final = Decimal(1)
LARGEST_MM: Final = Decimal(500)
TENTH: Final = Decimal("0.1")


class ImpossibleLesion(ValueError):
    """A lesion that cannot be as it is described; `sentence` says which and why, `item` where it stands."""

    def __init__(self, sentence: Text, item: str = "lesst") -> None:
        super().__init__(sentence.en)
        self.sentence = sentence
        self.item = item


class Criteria(StrEnum):
    """The criteria of response; both are kept beside each other."""

    RECIST11 = "RECIST11"
    MRECIST = "MRECIST"


class Category(StrEnum):
    """Targets are measured, non-targets judged by eye, new lesions were not there at baseline."""

    TARGET = "TARGET"
    NONTARGET = "NONTARGET"
    NEW = "NEW"


class State(StrEnum):
    """What became of a lesion; NE is not evaluable, PD unequivocal progression of a lesion not measured."""

    PRESENT = "PRESENT"
    ABSENT = "ABSENT"
    NE = "NE"
    RESECTED = "RESECTED"
    PD = "PD"


class Location(StrEnum):
    """Where a lesion lies: the codes of the form (LESLOC), and LIVER where no segment is named.

    HILARNODE is a node at the liver hilum (porta hepatis); HEPATICVEIN includes the vena cava.
    """

    LIVER = "LIVER"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    S5 = "S5"
    S6 = "S6"
    S7 = "S7"
    S8 = "S8"
    PORTALVEIN = "PV"
    HEPATICVEIN = "HV"
    BILEDUCT = "BILEDUCT"
    NODE = "NODE"
    HILARNODE = "HILARNODE"
    LUNG = "LUNG"
    BONE = "BONE"
    ADRENAL = "ADRENAL"
    PERITONEUM = "PERITONEUM"
    BRAIN = "BRAIN"
    OTHER = "OTHER"


NODES: Final = frozenset({Location.NODE, Location.HILARNODE})
IN_LIVER: Final = frozenset({Location.LIVER, *(Location(f"S{segment}") for segment in range(1, 9))})
# Thrombus has no measurable extent.
THROMBUS: Final = frozenset({Location.PORTALVEIN, Location.HEPATICVEIN, Location.BILEDUCT})

LESION = Text("Lesion {id}", "病灶{id}")


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion at one assessment.

    `id` as on the form (T01, NT01, NEW01). `location`, and `site` in words where it is OTHER. `longest`
    diameter, `short_axis` (nodes) and `viable` (longest arterially enhancing diameter, liver) in mm with at most
    one decimal; None is not measured. `too_small` to measure stands for 5 mm where no diameter is given. A
    viable diameter of 0 is a lesion without enhancement; any other diameter of a present lesion is above 0.
    Raises ImpossibleLesion for a code that is not known, a diameter below 0, above 500 mm or with more decimals,
    a diameter of a lesion that is absent or resected, a short axis above the longest diameter or of no node, a
    viable diameter outside the liver or more than 1 mm above the longest, and unequivocal progression of a target.
    Source: protocol specification 6.1 and 8.8.
    """

    id: str
    category: Category
    location: Location
    state: State = State.PRESENT
    longest: Decimal | None = None
    short_axis: Decimal | None = None
    viable: Decimal | None = None
    too_small: bool = False
    site: str = ""

    def __post_init__(self) -> None:
        _known(self)
        for name, value in _diameters(self):
            _measurable(self, name, value)
        if self.state is not State.PRESENT:
            _without_diameter(self)
            return
        if self.longest == 0 or self.short_axis == 0:
            raise _impossible(self, PRESENT_AT_0)
        if self.longest is not None and self.short_axis is not None and self.short_axis > self.longest:
            raise _impossible(
                self, Text("has a short axis above its longest diameter", "短径大于最长径"), "saxis"
            )
        reach = None if self.longest is None else self.longest + VIABLE_MARGIN_MM
        if reach is not None and self.viable is not None and self.viable > reach:
            words = Text(
                "has a viable diameter more than 1 mm above its longest", "存活肿瘤径超过最长径1 mm以上"
            )
            raise _impossible(self, words, "viadiam")

    @property
    def is_node(self) -> bool:
        return self.location in NODES

    @property
    def organ(self) -> str:
        """The organ it counts for: all of the liver is one, all lymph nodes are one."""
        if self.location in IN_LIVER:
            return Location.LIVER
        if self.is_node:
            return Location.NODE
        return f"{self.location}:{self.site.strip().casefold()}" if self.site else self.location

    def diameter(self, criteria: Criteria) -> Decimal | None:
        """Return the diameter in mm that counts, None where it cannot be evaluated or was taken out.

        Nodes: the short axis. In the liver: RECIST 1.1 the longest diameter, mRECIST the viable one; elsewhere
        the longest for both. Absent is 0; too small to measure, and no diameter given, is 5 mm.
        Source: protocol specification 6.1.
        """
        if self.state is State.ABSENT:
            return Decimal(0)
        if self.state is not State.PRESENT:
            return None
        found = self.longest
        if self.is_node:
            found = self.short_axis
        elif criteria is Criteria.MRECIST and self.location in IN_LIVER:
            found = self.viable
        return TOO_SMALL_MM if found is None and self.too_small else found

    def is_gone(self, criteria: Criteria) -> bool | None:
        """Say whether nothing pathological is left: a node below 10 mm short axis, anything else at 0.

        None where it cannot be evaluated. Source: protocol specification 6.2, rule 2.
        """
        left = self.diameter(criteria)
        if left is None:
            return None
        return left < NORMAL_NODE_MM if self.is_node else left == 0


PRESENT_AT_0: Final = Text(
    "is present, so its diameter is above 0; a lesion that is gone is absent",
    "状态为存在，径线须大于0；病灶消失时状态填“消失”",
)


def _impossible(lesion: Lesion, what: Text, item: str = "lesst") -> ImpossibleLesion:
    return ImpossibleLesion(LESION.format(id=lesion.id) + Text(" ", "") + what + Text(".", "。"), item)


def _known(lesion: Lesion) -> None:
    for value, kind in (
        (lesion.category, Category),
        (lesion.location, Location),
        (lesion.state, State),
    ):
        if not isinstance(value, kind):
            raise _impossible(
                lesion, Text("has a code that is not known: {code}", "含未知代码：{code}").format(code=value)
            )
    if lesion.state is State.PD and lesion.category is Category.TARGET:
        words = Text(
            "is a target and is measured, not judged as progressing", "为靶病灶，应测量而非目测判为进展"
        )
        raise _impossible(lesion, words)
    if lesion.short_axis is not None and not lesion.is_node:
        raise _impossible(lesion, Text("is no node and has no short axis", "非淋巴结，不填短径"))
    if lesion.viable is not None and lesion.location not in IN_LIVER:
        raise _impossible(
            lesion, Text("lies outside the liver and has no viable diameter", "位于肝外，不填存活肿瘤径")
        )


def _diameters(lesion: Lesion) -> tuple[tuple[Text, Decimal | None], ...]:
    return (
        (Text("longest diameter", "最长径"), lesion.longest),
        (Text("short axis", "短径"), lesion.short_axis),
        (Text("viable diameter", "存活肿瘤径"), lesion.viable),
    )


def _measurable(lesion: Lesion, name: Text, value: Decimal | None) -> None:
    if value is not None and not is_tenths(value):
        words = Text(
            "has a {name} of {value} mm; give 0 to {most} mm with at most one decimal",
            "{name}为{value} mm，应为0～{most} mm、最多一位小数",
        )
        raise _impossible(lesion, words.format(name=name, value=value, most=LARGEST_MM))


def is_tenths(mm: Decimal, most: Decimal = LARGEST_MM) -> bool:
    """Say whether a length in mm is from 0 to the most that is possible, in whole tenths."""
    return mm.is_finite() and 0 <= mm <= most and mm % TENTH == 0


def _without_diameter(lesion: Lesion) -> None:
    """Refuse a diameter, or a smallness, of what is not there."""
    measured = any(value for _, value in _diameters(lesion)) or lesion.too_small
    if lesion.state in (State.ABSENT, State.RESECTED) and measured:
        raise _impossible(lesion, Text("is not there and has no diameter", "已消失或切除，不填径线"))


# Selection ------------------------------------------------------------------------------------------


def check_targets(
    lesions: Iterable[Lesion],
    *,
    slice_mm: Decimal = THIN_SLICE_MM,
    criteria: Collection[Criteria] = tuple(Criteria),
) -> tuple[Finding, ...]:
    """Check the targets chosen at baseline; empty when they may be followed.

    HARD: more than 5 targets or 2 per organ (all of the liver is one organ, all nodes are one); longest diameter
    below 10 mm, or below twice the slice thickness where that exceeds 5 mm; a node below 15 mm short axis; by
    mRECIST a liver target whose viable diameter is below 10 mm or not given; thrombus of a vein or bile duct,
    which is never measured. SOFT: a target node at the liver hilum below 20 mm, which mRECIST does not call malignant;
    a node below 10 mm listed at all, which is normal. Each limit itself is allowed.
    Raises ImpossibleLesion for two lesions with one id, a new lesion at baseline, or slices not above 0 mm.
    Source: protocol specification 6.1 and 8.8.
    """
    listed = list(lesions)
    if not slice_mm.is_finite() or slice_mm <= 0:
        raise ImpossibleLesion(
            Text("Slices are thicker than 0 mm, not {mm} mm.", "层厚须大于0 mm，不能为{mm} mm。").format(
                mm=slice_mm
            )
        )
    only_once(listed)
    for lesion in listed:
        if lesion.category is Category.NEW:
            raise _impossible(lesion, Text("cannot be new at baseline", "基线时不能为新病灶"))
    targets = [lesion for lesion in listed if lesion.category is Category.TARGET]
    found: list[Finding] = []
    if len(targets) > MOST_TARGETS:
        words = Text("{number} targets; at most {most}.", "靶病灶{number}个，最多{most}个。")
        found.append(_wrong("lescat", words.format(number=len(targets), most=MOST_TARGETS)))
    for organ, number in Counter(lesion.organ for lesion in targets).items():
        if number > MOST_PER_ORGAN:
            ids = ", ".join(lesion.id for lesion in targets if lesion.organ == organ)
            words = Text(
                "{ids} lie in one organ; at most {most} targets each.",
                "{ids}位于同一器官，每个器官最多{most}个靶病灶。",
            )
            found.append(_wrong("lescat", words.format(ids=ids, most=MOST_PER_ORGAN)))
    least = 2 * slice_mm if slice_mm > THIN_SLICE_MM else LEAST_TARGET_MM
    for lesion in targets:
        found += _check_target(lesion, least, criteria)
    found += [
        Finding("saxis", Level.SOFT, NORMAL_NODE.format(id=lesion.id))
        for lesion in listed
        if lesion.is_node and lesion.short_axis is not None and lesion.short_axis < NORMAL_NODE_MM
    ]
    return tuple(found)


NORMAL_NODE: Final = Text(
    "{id}: a node below 10 mm is normal. Leave it out, or confirm it with a word.",
    "{id}：短径＜10 mm的淋巴结属正常。请删除，或填写说明予以确认。",
)
HILAR_NODE: Final = Text(
    "{id}: by mRECIST a node at the liver hilum is malignant from 20 mm. Confirm it with a word.",
    "{id}：按mRECIST，肝门淋巴结短径≥20 mm方视为恶性，请填写说明予以确认。",
)


def _check_target(lesion: Lesion, least: Decimal, criteria: Collection[Criteria]) -> list[Finding]:
    if lesion.location in THROMBUS:
        words = Text(
            "{id}: thrombus is not measured. Make it a non-target lesion.",
            "{id}：癌栓不可测量，请改为非靶病灶。",
        )
        return [_wrong("lescat", words.format(id=lesion.id))]
    item, value = ("saxis", lesion.short_axis) if lesion.is_node else ("ldiam", lesion.longest)
    if lesion.is_node:
        least = LEAST_NODE_MM
    found: list[Finding] = []
    if value is None or value < least:
        words = Text("{id}: a target needs at least {least} mm.", "{id}：靶病灶至少{least} mm。")
        found.append(_wrong(item, words.format(id=lesion.id, least=least)))
    if Criteria.MRECIST in criteria:
        if lesion.location in IN_LIVER and (lesion.viable is None or lesion.viable < LEAST_TARGET_MM):
            words = Text(
                "{id}: by mRECIST a liver target needs an enhancing diameter of at least {least} mm.",
                "{id}：按mRECIST，肝内靶病灶动脉期强化径至少{least} mm。",
            )
            found.append(_wrong("viadiam", words.format(id=lesion.id, least=LEAST_TARGET_MM)))
        small = value is not None and LEAST_NODE_MM <= value < LEAST_HILAR_NODE_MM
        if lesion.location is Location.HILARNODE and small:
            found.append(Finding("saxis", Level.SOFT, HILAR_NODE.format(id=lesion.id)))
    return found


def _wrong(item: str, message: Text) -> Finding:
    return Finding(item, Level.HARD, message)


def only_once(lesions: Iterable[Lesion]) -> None:
    """Raise ImpossibleLesion where two lesions of one assessment have the same id."""
    for name, number in Counter(lesion.id for lesion in lesions).items():
        if number > 1:
            raise ImpossibleLesion(
                Text("Lesion {id} is listed {number} times.", "病灶{id}重复{number}次。").format(
                    id=name, number=number
                )
            )


# Sums -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetSum:
    """The sum of the targets' diameters.

    `tenths` of a millimetre over those that can be evaluated. `not_evaluable`, `resected`: ids of the others.
    `gone`: every target can be evaluated and nothing pathological is left of any. `targets`: how many there are.
    """

    tenths: int
    targets: int
    not_evaluable: tuple[str, ...]
    resected: tuple[str, ...]
    gone: bool

    @property
    def mm(self) -> Decimal:
        return Decimal(self.tenths) / 10

    @property
    def complete(self) -> bool:
        """Say whether every target entered the sum."""
        return not self.not_evaluable and not self.resected


def sum_targets(
    lesions: Iterable[Lesion], criteria: Criteria, *, chosen: Collection[str] | None = None
) -> TargetSum:
    """Add up the diameters of the targets by one set of criteria.

    `chosen` are the targets' ids of the baseline: one that is missing now is not evaluable. Raises
    ImpossibleLesion for two lesions with one id, or a target that was not chosen at baseline.
    Source: protocol specification 6.1 and 6.2.
    """
    listed = list(lesions)
    only_once(listed)
    targets = {lesion.id: lesion for lesion in listed if lesion.category is Category.TARGET}
    for name in sorted(targets):
        if chosen is not None and name not in chosen:
            raise _impossible(targets[name], Text("was no target at baseline", "基线时不是靶病灶"))
    wanted = sorted(targets if chosen is None else chosen)
    tenths, not_evaluable, resected, gone = 0, [], [], bool(wanted)
    for name in wanted:
        lesion = targets.get(name)
        if lesion is not None and lesion.state is State.RESECTED:
            resected.append(name)
            continue
        diameter = None if lesion is None else lesion.diameter(criteria)
        if lesion is None or diameter is None:
            not_evaluable.append(name)
            continue
        tenths += int(diameter * 10)
        gone = gone and bool(lesion.is_gone(criteria))
    complete = not not_evaluable and not resected
    return TargetSum(tenths, len(wanted), tuple(not_evaluable), tuple(resected), gone and complete)

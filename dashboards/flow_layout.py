"""Where the boxes and arrows of a flow of participants stand: numbers of an SVG picture.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, MARGIN, GAP = 560, 6, 26
LINE, PADDING = 20, 9


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a box: words, a number, and the address of the list behind it ("" for none)."""

    words: str
    number: int
    href: str = ""
    y: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    lines: tuple[Line, ...]

    @property
    def height(self) -> int:
        return 2 * PADDING + LINE * len(self.lines)

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def words_at(self) -> int:
        return self.x + 10

    @property
    def number_at(self) -> int:
        return self.x + self.width - 10


@dataclass(slots=True)
class Flow:
    """The boxes and the arrows (as the `d` of SVG paths) of one picture."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[str] = field(default_factory=list)

    @property
    def height(self) -> int:
        return max((box.bottom for box in self.boxes), default=0) + MARGIN

    @property
    def width(self) -> int:
        return WIDTH

    def add(self, x: int, y: int, width: int, lines: Sequence[Line]) -> Box:
        placed = [
            Line(one.words, one.number, one.href, y + PADDING + LINE * number + 15)
            for number, one in enumerate(lines)
        ]
        box = Box(x, y, width, tuple(placed))
        self.boxes.append(box)
        return box


def lay_out(
    first: Line, aside: Sequence[Line], second: Line, arms: Sequence[tuple[Line, Sequence[Line]]]
) -> Flow:
    """Place a flow: the first box with those who did not go on beside it, the second, and a column for each arm.

    One or two arms; each has a head and the lines of what became of its participants.
    """
    flow = Flow()
    column = (WIDTH - 2 * MARGIN - GAP) // 2
    top = flow.add(MARGIN, MARGIN, column, [first])
    left = flow.add(MARGIN + column + GAP, top.bottom + GAP // 2, column, aside)
    next_box = flow.add(MARGIN, left.bottom + GAP // 2, column, [second])
    beside = left.y + left.height // 2
    flow.arrows.append(f"M{top.middle} {top.bottom}V{next_box.y}")
    flow.arrows.append(f"M{top.middle} {beside}H{left.x}")
    level = next_box.bottom + GAP
    for place, (head, lines) in enumerate(arms):
        x = MARGIN + place * (column + GAP)
        arm = flow.add(x, level + GAP, column, [head])
        what = flow.add(x, arm.bottom + GAP, column, lines)
        flow.arrows.append(f"M{next_box.middle} {next_box.bottom}V{level}H{arm.middle}V{arm.y}")
        flow.arrows.append(f"M{arm.middle} {arm.bottom}V{what.y}")
    return flow

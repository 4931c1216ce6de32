"""Figures of a run: the table on the screen, and the same as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.bars import TARGETS

CHECKOUT = Path(__file__).resolve().parents[1]
RESULTS = CHECKOUT / "bench-results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `judged` is what the bar is asked of: a ratio, or the figure itself."""

    key: str  # of bench/bars.py
    what: str
    product: str
    judged: float
    peer: str = ""

    @property
    def reached(self) -> str:
        target = TARGETS[self.key]
        return target.reached(self.judged) if target else ""

    @property
    def asked(self) -> tuple[str, str]:
        """The bar and the aim in words."""
        target = TARGETS[self.key]
        if target is None:
            return "", ""
        sign = "≥" if target.at_least else "≤"
        return f"{sign} {target.bar:.3g}", f"{sign} {target.aim:.3g}"


HEADINGS = ("", "peer", "product", "judged", "bar", "aim", "reached")


def table(figures: Sequence[Figure]) -> str:
    """Lay the figures out in columns."""
    rows = [HEADINGS]
    for one in figures:
        bar, aim = one.asked
        rows.append((one.what, one.peer, one.product, f"{one.judged:.3g}", bar, aim, one.reached))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def write(figures: Sequence[Figure], options: Mapping[str, Any], at: datetime, folder: Path) -> Path:
    """Keep a run as <folder>/<time>.json and give its path."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    folder.mkdir(exist_ok=True)
    path = folder / f"{at:%Y%m%dT%H%M%SZ}.json"
    content = {
        "at": at.isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": {
            "processors": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "load_at_end": os.getloadavg()[0],
        },
        "options": dict(options),
        "figures": [
            {**asdict(one), "bar": one.asked[0], "aim": one.asked[1], "reached": one.reached}
            for one in figures
        ],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path

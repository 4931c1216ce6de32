"""The process that sets one casebook: JSON on its input, PDF on its output, and its memory gone afterwards.

    python typesetter.py LAYOUT < content.json > casebook.pdf

Typst keeps what it has worked out for a next time that never comes here: a web process that called it would grow with
every casebook. Runs without Django and without the network.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
LAYOUTS = HERE / "layout"
FONTS = HERE / "fonts"


def main(layout: str) -> None:
    document = sys.stdin.buffer.read().decode()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    pdf = typst.compile(
        str(LAYOUTS / f"{layout}.typ"),
        root=str(LAYOUTS),
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"document": document},
        pdf_standards=["a-2a", "ua-1"],  # for decades of keeping, and for screen readers
        timestamp=json.loads(document)["made"]["timestamp"],
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main(sys.argv[1])

"""CSV: as PostgreSQL's COPY hands it out, with a script for R beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from exports.formats.base import Format, Sheet
from records.text import Text


class Csv(Format):
    """Needs no folder and no second look: exports/writing.py copies each table straight into the bundle."""

    key: ClassVar[str] = "csv"
    label: ClassVar[Text] = Text("CSV with codebook and R script", "CSV（附数据字典和R脚本）")
    extension: ClassVar[str] = "csv"
    about: ClassVar[Text] = Text(
        "Opens everywhere; holds everything exactly as entered.", "通用格式，数值与录入完全一致。"
    )
    spooled: ClassVar[bool] = False

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        raise NotImplementedError  # never asked: not spooled

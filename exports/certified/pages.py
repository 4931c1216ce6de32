"""The pages of a copy, read in any browser without a server: an index, and one page for each participant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from casebook.printing.words import Phrase
from exports.bundle import FileFacts
from exports.tables import Table

STYLE = Path(__file__).with_name("copy.css")


@dataclass(frozen=True, slots=True)
class Line:
    """A participant in the index; `pdf` is empty where no PDF was set."""

    number: str
    status: Phrase
    arm: Phrase
    records: int
    drafts: int
    signatures: int
    page: str
    pdf: str


def participant_page(casebook: dict[str, Any], facts: dict[str, Any], pdf: str) -> str:
    """A participant's forms with every value, in both languages; `casebook` as the PDF is made from."""
    return render_to_string(
        "exports/copy/participant.html", {"casebook": casebook, "copy": facts, "pdf": pdf}
    )


def index_page(
    facts: dict[str, Any],
    *,
    lines: list[Line],
    tables: list[Table],
    stored: list[Table],
    uploads: list[FileFacts],
    files: list[FileFacts],
) -> str:
    """The first page: whose copy it is, the participants, and every file with its rows."""
    rows = {one.name: one.rows for one in files}
    return render_to_string(
        "exports/copy/index.html",
        {
            "copy": facts,
            "lines": lines,
            "tables": [(table, f"data/{table.file}", rows[f"data/{table.file}"]) for table in tables],
            "stored": [
                (table.name, f"tables/{table.file}", rows[f"tables/{table.file}"]) for table in stored
            ],
            "uploads": uploads,
        },
    )

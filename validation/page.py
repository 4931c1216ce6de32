"""docs/validation.md: each line with its tests, what became of them, and what its sabotage came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from validation.recording import Results
from validation.register import Line

HEAD = """# Validation

What an inspector will try, line by line (`validation/lines.toml`): the tests that show it, what became of them, and the
sabotage that makes one of them fail. Written by `make validation`; `make sabotage` breaks the product in a throwaway
copy, a line at a time, and records what noticed.
"""


def written(lines: list[Line], results: Results, sabotaged: Mapping[str, str]) -> str:
    """The page, in Markdown."""
    shown = sum(bool(results.get(line.id)) for line in lines)
    noticed = sum(sabotaged.get(line.id, "").startswith("noticed") for line in lines)
    parts = [
        HEAD,
        f"{len(lines)} lines, {shown} with tests that passed, {noticed} whose sabotage was noticed.\n",
    ]
    for line in lines:
        parts.append(f"## {line.id}\n")
        parts.append(f"{line.says}{f' ({line.source})' if line.source else ''}\n")
        parts += [f"- {test}: {outcome}" for test, outcome in _by_test(results.get(line.id, {}))] or [
            "- no test yet"
        ]
        if line.sabotage:
            parts.append(f"- sabotage: {line.sabotage.words} – {sabotaged.get(line.id, 'not tried yet')}")
        parts.append("")
    return "\n".join(parts)


def _by_test(outcomes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Cases of one test are one line: how many passed."""
    counted: dict[str, Counter[str]] = {}
    for node, outcome in sorted(outcomes.items()):
        counted.setdefault(node.partition("[")[0], Counter())[outcome] += 1
    return [
        (f"`{test}`", ", ".join(f"{outcome}{f' × {n}' if n > 1 else ''}" for outcome, n in sorted(c.items())))
        for test, c in counted.items()
    ]

"""Code lists: the short codes that are stored, each with its words in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from records.text import Text


class CodeList:
    """A named list of codes in the order people choose from them.

    `CodeList("NY", ("N", "No", "否"), ("Y", "Yes", "是"))`
    """

    def __init__(self, name: str, *codes: tuple[str, str, str]) -> None:
        self.name = name
        self.labels = {code: Text(en, zh) for code, en, zh in codes}
        if len(self.labels) != len(codes):
            raise ValueError(f"Code list {name} names a code twice.")

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self.labels)

    def label(self, code: str) -> Text:
        """Give the words for a code; a code that is not in the list stands for itself."""
        return self.labels.get(code, Text(code, code))

    def __iter__(self) -> Iterator[tuple[str, Text]]:
        return iter(self.labels.items())

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, code: object) -> bool:
        return code in self.labels


NY = CodeList("NY", ("Y", "Yes", "是"), ("N", "No", "否"))
NYU = CodeList("NYU", ("Y", "Yes", "有"), ("N", "No", "无"), ("UNK", "Unknown", "不详"))

# Why an answer is missing. Standard reasons of the specification, section 8.
MISSING = CodeList(
    "MISSING", ("ND", "Not done", "未做"), ("NK", "Not known", "不详"), ("NA", "Not applicable", "不适用")
)

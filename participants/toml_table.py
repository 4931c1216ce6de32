"""Read one table of a TOML file value by value, and note in plain sentences what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from records.text import Text

NO_TABLE = Text("is not a table", "不是表")
MISSING = Text("{key} is missing", "缺少{key}")
TEXT = Text("{key} must be a text that is not empty", "{key}须为非空文本")
ONE_OF = Text("{key} is '{value}' and must be one of {choices}", "{key}为“{value}”，只能是{choices}之一")
WHOLE = Text("{key} must be a whole number", "{key}须为整数")
LEAST = Text("{key} is {value} and must not be below {least}", "{key}为{value}，不能小于{least}")
FLAG = Text("{key} must be true or false", "{key}须为true或false")
DAY = Text("{key} must be a date such as 2031-08-01", "{key}须为日期，如2031-08-01")
TEXTS = Text("{key} must be a list of texts", "{key}须为文本列表")
POSSIBLE = Text("{key} names '{value}'; possible are {choices}", "{key}中有“{value}”，可用的是{choices}")
TWICE = Text("{key} names '{value}' more than once", "{key}中“{value}”重复")
TABLES = Text("{key} must be a list of tables", "{key}须为表的列表")
UNKNOWN = Text("{key} is not a word this file knows", "{key}不是本文件可用的项")


class TomlTable:
    """Take values out of one TOML table, noting what is missing, of the wrong kind or unknown."""

    def __init__(self, content: object, where: Text, problems: list[Text]) -> None:
        self.where, self.problems, self._taken = where, problems, set[str]()
        self._content: Mapping[str, object] = {}
        if isinstance(content, dict):
            self._content = content
        else:
            self.complain(NO_TABLE)

    def complain(self, what: Text) -> None:
        self.problems.append(self.where + Text(": ", "：") + what + Text(".", "。"))

    def has(self, key: str) -> bool:
        return key in self._content

    def _take(self, key: str, required: bool) -> object:
        self._taken.add(key)
        if required and key not in self._content:
            self.complain(MISSING.format(key=key))
        return self._content.get(key)

    def text(self, key: str, *, required: bool = True, choices: Collection[str] = ()) -> str:
        value = self._take(key, required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.complain(TEXT.format(key=key))
            return ""
        if choices and value not in choices:
            self.complain(ONE_OF.format(key=key, value=value, choices=", ".join(choices)))
            return ""
        return value

    def whole(self, key: str, *, required: bool = True, least: int | None = None) -> int | None:
        value = self._take(key, required)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.complain(WHOLE.format(key=key))
            return None
        if least is not None and value < least:
            self.complain(LEAST.format(key=key, value=value, least=least))
            return None
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, True)
        if value is not None and not isinstance(value, bool):
            self.complain(FLAG.format(key=key))
        return value is True

    def day(self, key: str) -> dt.date:
        value = self._take(key, True)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if value is not None:
            self.complain(DAY.format(key=key))
        return dt.date.max

    def words(self, key: str, *, required: bool = False, choices: Collection[str] = ()) -> tuple[str, ...]:
        value = self._take(key, required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.complain(TEXTS.format(key=key))
            return ()
        for one in value:
            if choices and one not in choices:
                self.complain(POSSIBLE.format(key=key, value=one, choices=", ".join(choices)))
            if value.count(one) > 1:
                self.complain(TWICE.format(key=key, value=one))
                break
        return tuple(one for one in value if not choices or one in choices)

    def label(self) -> Text:
        return Text(self.text("label_en"), self.text("label_zh"))

    def tables(self, key: str, *, required: bool = False) -> list[object]:
        value = self._take(key, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(TABLES.format(key=key))
            return []
        return value

    def inner(self, key: str) -> TomlTable:
        return TomlTable(self._take(key, True), self.where + Text(f", {key}", f"，{key}"), self.problems)

    def finish(self) -> None:
        for key in self._content:
            if key not in self._taken:
                self.complain(UNKNOWN.format(key=key))

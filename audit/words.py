"""One entry of the trail in words of both languages: what changed, from what, to what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.utils import translation

from accounts.access import PARTICIPANT
from accounts.models import Role
from audit.kinds import Kind, tables
from diary.models.entries import SYMPTOMS, TEMPERATURE_WORDS
from records.codelists import MISSING
from records.items import CodeItem, Item, MultiCodeItem, items_of
from records.models import Record, Row
from records.text import CHINESE, ENGLISH, Text
from records.zone import TRIAL_ZONE

NOTHING = Text("", "")

# Columns that are no items of a form. One that is not here shows its name.
COLUMN_WORDS = {
    "state": Text("State of the form", "表单状态"),
    "status": Text("Status", "状态"),
    "missing": Text("Reasons for missing answers", "缺失原因"),
    "confirmed": Text("Comments on unusual values", "异常值说明"),
    "revision": Text("Revision", "修订号"),
    "repeat": Text("Number of the repeated form", "重复表单序号"),
    "number": Text("Number", "编号"),
    "derived_by": Text("Version of the rules", "规则版本"),
    "row_numbers": Text("Last number given to a row", "行序号"),
    "participant_id": Text("Participant (key)", "受试者（键）"),
    "visit_id": Text("Visit (key)", "访视（键）"),
    "site_id": Text("Site (key)", "研究中心（键）"),
    "record_id": Text("Form (key)", "表单（键）"),
    "user_id": Text("Account (key)", "账户（键）"),
    "by_id": Text("By (key of the account)", "操作人（账户键）"),
    "entered_at": Text("Begun", "开始录入时间"),
    "entered_by_id": Text("Begun by (key of the account)", "录入人（账户键）"),
    "submitted_at": Text("Submitted", "提交时间"),
    "submitted_by_id": Text("Submitted by (key of the account)", "提交人（账户键）"),
    "at": Text("When", "时间"),
    "reason": Text("Reason", "原因"),
    "comment": Text("Comment", "说明"),
    "role": Text("Role", "角色"),
    "username": Text("User name", "用户名"),
    "full_name": Text("Name", "姓名"),
    "email": Text("E-mail", "电子邮箱"),
    "language": Text("Language", "语言"),
    "is_active": Text("Account open", "账户启用"),
    "password": Text("Password", "密码"),
    "starts_on": Text("From", "起始日期"),
    "ends_on": Text("Until", "结束日期"),
    "activated_on": Text("Activated on", "启动日期"),
    "code": Text("Code", "代码"),
    "name_en": Text("Name in English", "英文名称"),
    "name_zh": Text("Name in Chinese", "中文名称"),
    "initials": Text("Initials", "姓名缩写"),
    "arm": Text("Arm", "治疗组"),
    "key": Text("Setting", "参数"),
    "value": Text("Value", "取值"),
    "version": Text("Version", "版本"),
    "effective_from": Text("In force from", "生效日期"),
    "rows": Text("Rows", "行数"),
    "size": Text("Size in bytes", "大小（字节）"),
    "sha256": Text("SHA-256", "SHA-256"),
    "file_name": Text("File", "文件名"),
    "data_as_of": Text("Data as of", "数据截止时间"),
    "requested_as": Text("Requested in the role", "申请角色"),
    "scope": Text("Scope", "范围"),
    "kind": Text("Kind", "类别"),
    "address": Text("Address", "地址"),
    "filters": Text("Filters", "筛选条件"),
    "content": Text("Content", "内容"),
    "site_ids": Text("Sites (keys)", "研究中心（键）"),
    "from_day": Text("First day", "起始日期"),
    "to_day": Text("Last day", "结束日期"),
    "figures": Text("Figures", "统计值"),
    "findings": Text("Findings", "审阅发现"),
    "reviewed_at": Text("Reviewed", "审阅时间"),
    "reviewed_as": Text("Reviewed in the role", "审阅角色"),
    "reviewed_by_id": Text("Reviewed by (key of the account)", "审阅人（账户键）"),
    "seals": Text("Seals", "封存数"),
    "entries": Text("Entries under a seal", "已封存记录数"),
    "unsealed": Text("Entries not sealed yet", "未封存记录数"),
    "broken": Text("First broken place", "首个异常位置"),
    "database_ahead": Text("Clock of the database ahead by", "数据库时钟超前"),
    **SYMPTOMS,
    "temperature": TEMPERATURE_WORDS,
    "stated": Text("When it was so, as the participant says", "受试者所述时间"),
    "typed": Text("Written on the phone", "手机填写时间"),
    "received": Text("Received", "接收时间"),
    "note": Text("Note", "备注"),
    "done": Text("What was done", "处理情况"),
    "raised": Text("Raised", "触发时间"),
    "reasons": Text("Severe answers", "严重症状"),
    "call": Text("Number to call", "联系电话"),
    "handed_out_at": Text("Handed out", "发放时间"),
    "expires": Text("Expires", "失效时间"),
    "opened": Text("Opened", "打开时间"),
    "last_used": Text("Last used", "最近使用"),
    "revoked_at": Text("Revoked", "撤销时间"),
    "revoked_why": Text("Why it was revoked", "撤销原因"),
    "given": Text("Consent given", "是否同意"),
    "signed_on": Text("On", "日期"),
}
MISSING_WHY = Text("{label}, why missing", "{label}（缺失原因）")
CONFIRMED_WHY = Text("{label}, comment", "{label}（说明）")
OPERATIONS = {
    "INSERT": Text("added", "新增"),
    "UPDATE": Text("changed", "修改"),
    "DELETE": Text("removed", "删除"),
}
# Columns that only say how rows hang together; left out on the page, never in the file.
OF_THE_MACHINE = {"id", "revision", "row_numbers", "derived_by", "participant_id", "record_id", "visit_id"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value as the trail keeps it, and its words where it is a code."""

    raw: str
    words: Text = NOTHING

    def __str__(self) -> str:
        return str(self.words) or self.raw

    def __bool__(self) -> bool:
        return bool(self.raw)


@dataclass(frozen=True, slots=True)
class Line:
    """One column that changed; `column` is "missing.<item>" or "confirmed.<item>" for what is kept beside an item."""

    column: str
    label: Text
    old: Value
    new: Value

    @property
    def of_the_machine(self) -> bool:
        return self.column in OF_THE_MACHINE


def title(relation: str) -> Text:
    """What a row of a table is; the table's name where it is none of ours any more."""
    table = tables().get(relation)
    return table.title if table else Text(relation, relation)


def kind(relation: str) -> Kind | None:
    table = tables().get(relation)
    return table.kind if table else None


def form(relation: str) -> str:
    """The code of the form a table belongs to; "" for none."""
    table = tables().get(relation)
    return table.form if table else ""


def operation(word: str) -> Text:
    return OPERATIONS.get(word, Text(word, word))


@cache
def items_of_table(relation: str) -> dict[str, Item]:
    """The items of a form or a row by their columns, in the order of the form; none for other tables."""
    table = tables().get(relation)
    if table is None or not issubclass(table.model, (Record, Row)):
        return {}
    return {str(item.column): item for item in items_of(table.model)}


def column_label(relation: str, column: str) -> Text:
    item = items_of_table(relation).get(column)
    return item.label if item else COLUMN_WORDS.get(column, Text(column, column))


def lines(relation: str, changes: dict[str, list[Any]]) -> Iterator[Line]:
    """Every column of an entry: a form's items in the order of the form, then the others."""
    items = items_of_table(relation)
    order = {column: place for place, column in enumerate(items)}
    for column in sorted(changes, key=lambda name: (order.get(name, len(order)), name)):
        before, after = changes[column]
        item = items.get(column)
        if item is not None:
            yield Line(column, item.label, _of_item(item, before), _of_item(item, after))
        elif items and column in ("missing", "confirmed"):
            yield from _beside(items, column, before or {}, after or {})
        else:
            label = COLUMN_WORDS.get(column, Text(column, column))
            yield Line(column, label, _plain(column, before), _plain(column, after))


def _beside(
    items: dict[str, Item], column: str, before: dict[str, str], after: dict[str, str]
) -> Iterator[Line]:
    by_name = {item.name: item for item in items.values()}
    pattern = MISSING_WHY if column == "missing" else CONFIRMED_WHY
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            label = by_name[name].label if name in by_name else Text(name, name)
            values = [
                Value(raw or "", MISSING.label(raw) if raw and column == "missing" else NOTHING)
                for raw in (old, new)
            ]
            yield Line(f"{column}.{name}", pattern.format(label=label), *values)


def _of_item(item: Item, value: Any) -> Value:
    if value is None:
        return Value("")
    if isinstance(item, MultiCodeItem) and isinstance(value, list) and item.codes is not None:
        words = [item.codes.label(code) for code in value]
        return Value(" ".join(value), Text.join(words, "; ", "；"))
    if isinstance(item, CodeItem) and item.codes is not None:
        return Value(str(value), item.codes.label(str(value)))
    if item.kind == "datetime":
        return _moment(str(value))
    return Value(str(value))


def _moment(raw: str) -> Value:
    try:
        there = datetime.fromisoformat(raw).astimezone(TRIAL_ZONE)
    except ValueError:
        return Value(raw)
    words = f"{there:%Y-%m-%d %H:%M:%S}"
    return Value(raw, Text(words, words))


def _plain(column: str, value: Any) -> Value:
    if value is None or value == "":
        return Value("")
    if column.endswith("_at") or column == "at":
        return _moment(str(value))
    if column in ("role", "requested_as", "reviewed_as") and value in Role.values:
        return Value(str(value), role_words(str(value)))
    if isinstance(value, (dict, list, bool)):
        return Value(json.dumps(value, ensure_ascii=False))
    return Value(str(value))


# Who acts without an account.
OTHER_AUTHORS = {"SYSTEM": Text("The system", "系统"), PARTICIPANT: Text("The participant", "受试者")}


@cache
def role_words(role: str) -> Text:
    """A role in both languages; the worker's and the participant's too, and one that is not known as it is."""
    if role in OTHER_AUTHORS:
        return OTHER_AUTHORS[role]
    if role not in Role.values:
        return Text(role, role)
    words = []
    for language in (ENGLISH, CHINESE):
        with translation.override(language):
            words.append(str(Role(role).label))
    return Text(*words)

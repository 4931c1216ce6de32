"""An import's path: one table of allowed moves beside its states, and what can come of one row."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class ImportState(StrEnum):
    MAPPING = "MAPPING"
    QUEUED = "QUEUED"
    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    ORDERED = "ORDERED"
    RUNNING = "RUNNING"
    OUTDATED = "OUTDATED"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ImportFailure(StrEnum):
    FILE = "FILE"
    RIGHTS = "RIGHTS"
    ATTEMPTS = "ATTEMPTS"


class Outcome(StrEnum):
    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    REFUSED = "REFUSED"


I = ImportState  # noqa: E741 – the table below reads as a table

# Work goes back to its queue when the worker that did it is gone. From RUNNING on nobody cancels: all or nothing.
IMPORT_MOVES: dict[ImportState, tuple[ImportState, ...]] = {
    I.MAPPING: (I.QUEUED, I.CANCELLED),
    I.QUEUED: (I.CHECKING, I.FAILED, I.CANCELLED),
    I.CHECKING: (I.QUEUED, I.CHECKED, I.FAILED, I.CANCELLED),
    I.CHECKED: (I.QUEUED, I.ORDERED, I.CANCELLED),
    I.ORDERED: (I.RUNNING, I.FAILED, I.CANCELLED),
    I.RUNNING: (I.ORDERED, I.DONE, I.OUTDATED, I.FAILED),
    I.OUTDATED: (I.QUEUED, I.CANCELLED),
    I.DONE: (),
    I.FAILED: (),
    I.CANCELLED: (),
}
WAITING = (I.QUEUED, I.ORDERED)
WORKING = (I.CHECKING, I.RUNNING)
# What a worker that finds it goes on to, and back to if the worker is lost.
BEGINS = {I.QUEUED: I.CHECKING, I.ORDERED: I.RUNNING}
BACK_TO = {work: queue for queue, work in BEGINS.items()}
# Where the columns can still be assigned otherwise.
OPEN = (I.MAPPING, I.CHECKED, I.OUTDATED)
ENDED = (I.DONE, I.FAILED, I.CANCELLED)

IMPORT_WORDS = {
    I.MAPPING: Text("To be mapped", "待设置对应关系"),
    I.QUEUED: Text("Waiting for the dry run", "等待试运行"),
    I.CHECKING: Text("Dry run under way", "试运行中"),
    I.CHECKED: Text("Dry run done", "试运行完成"),
    I.ORDERED: Text("Waiting to be stored", "等待写入"),
    I.RUNNING: Text("Being stored", "写入中"),
    I.OUTDATED: Text("Data changed meanwhile", "数据已变动"),
    I.DONE: Text("Stored", "已写入"),
    I.FAILED: Text("Failed", "失败"),
    I.CANCELLED: Text("Cancelled", "已取消"),
}

FAILURE_WORDS = {
    ImportFailure.FILE: Text(
        "The file could not be read again as it was uploaded. Upload it once more; if that fails too, the system "
        "administrator looks at the folder of files.",
        "已上传的文件无法按原样读取。请重新上传；若仍失败，请系统管理员检查文件夹。",
    ),
    ImportFailure.RIGHTS: Text(
        "The person who asked for it may no longer import data at this site. Nothing was stored.",
        "申请人已不再具有该中心的数据导入权限，未写入任何数据。",
    ),
    ImportFailure.ATTEMPTS: Text(
        "The worker stopped several times while it worked on this import. Nothing was stored. The system "
        "administrator finds the cause in the worker's log.",
        "后台进程在处理此导入时多次中断，未写入任何数据。请系统管理员查看后台日志以确定原因。",
    ),
}

OUTCOME_WORDS = {
    Outcome.NEW: Text("New", "新增"),
    Outcome.CHANGED: Text("Changed", "修改"),
    Outcome.SAME: Text("Same", "一致"),
    Outcome.REFUSED: Text("Refused", "拒绝"),
}

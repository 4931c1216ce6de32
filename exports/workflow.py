"""An export's path: one table of allowed moves beside its states, and why one can fail."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class ExportState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ExportFailure(StrEnum):
    STORAGE = "STORAGE"
    ATTEMPTS = "ATTEMPTS"
    UNFIT = "UNFIT"


E = ExportState

# Running goes back to queued when the worker that ran it is gone.
EXPORT_MOVES: dict[ExportState, tuple[ExportState, ...]] = {
    E.QUEUED: (E.RUNNING, E.FAILED, E.CANCELLED),
    E.RUNNING: (E.QUEUED, E.DONE, E.FAILED, E.CANCELLED),
    E.DONE: (),
    E.FAILED: (),
    E.CANCELLED: (),
}

EXPORT_WORDS = {
    E.QUEUED: Text("Waiting", "等待中"),
    E.RUNNING: Text("Writing", "生成中"),
    E.DONE: Text("Ready", "已生成"),
    E.FAILED: Text("Failed", "失败"),
    E.CANCELLED: Text("Cancelled", "已取消"),
}

FAILURE_WORDS = {
    ExportFailure.STORAGE: Text(
        "The file could not be stored. The system administrator can look at the disk of the export folder; "
        "then request the export again.",
        "导出文件无法保存。请系统管理员检查导出文件夹所在磁盘后，重新申请导出。",
    ),
    ExportFailure.ATTEMPTS: Text(
        "The worker stopped several times while writing this export. The system administrator finds the cause in "
        "the worker's log.",
        "后台进程在生成此导出时多次中断，请系统管理员查看后台日志以确定原因。",
    ),
    ExportFailure.UNFIT: Text(
        "The format cannot hold some of the data, and nothing is cut short. Leave out what it cannot hold, or choose "
        "another format.",
        "所选格式无法容纳部分数据，系统不会截断数据。请选择“略去格式无法容纳的列”，或改用其他格式。",
    ),
}

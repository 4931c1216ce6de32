"""The formats an export can be asked for, by their keys, in the order they are offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from django.db.backends.base.base import BaseDatabaseWrapper

from exports.cdisc import whole
from exports.formats.base import Format
from exports.formats.excel import Excel
from exports.formats.parquet import Parquet
from exports.formats.readstat import Dta, Sav
from exports.formats.redcap import Redcap
from exports.formats.text import Csv
from exports.formats.xpt import Xpt
from exports.stamp import Report, Stamp
from records.text import Text

# Writes a whole ZIP: what the manifest says, a connection inside a snapshot, the sites (None: all), the file, and whom to
# tell of the progress. Gives the rows of data.
WriteWhole = Callable[[Stamp, BaseDatabaseWrapper, list[int] | None, IO[bytes], Report], int]


@dataclass(frozen=True, slots=True)
class WholeFormat:
    """A format that is no file a table: it writes the whole ZIP itself, and reads of `stamp.asked` what it knows."""

    key: str
    label: Text
    about: Text
    write: WriteWhole


FORMATS: dict[str, Format] = {
    form.key: form for form in (Csv(), Excel(), Parquet(), Xpt(), Sav(), Dta(), Redcap())
}
WHOLE: dict[str, WholeFormat] = {
    one.key: one
    for one in (
        WholeFormat(
            "odm",
            Text("CDISC ODM 1.3.2", "CDISC ODM 1.3.2"),
            Text(
                "Forms and their definitions as one XML file, as they stand, drafts too.",
                "以单个XML文件导出全部表单及其定义（当前状态，含草稿）。",
            ),
            whole.odm,
        ),
        WholeFormat(
            "odm-audit",
            Text("CDISC ODM 1.3.2 with audit records", "CDISC ODM 1.3.2（含稽查记录）"),
            Text(
                "Every change of a form with person, time and reason, signatures and queries.",
                "表单的每次变更及其操作人、时间和原因，含签名与质疑。",
            ),
            whole.odm_audit,
        ),
        WholeFormat(
            "sdtm",
            Text("CDISC SDTM with Define-XML", "CDISC SDTM（含Define-XML）"),
            Text(
                "Submitted forms as datasets for regulators: SAS transport files and Dataset-JSON.",
                "已提交表单按监管递交格式导出：SAS传输文件与Dataset-JSON。",
            ),
            whole.sdtm,
        ),
        WholeFormat(
            "adam",
            Text("CDISC ADaM: ADSL and ADTTE", "CDISC ADaM：ADSL与ADTTE"),
            Text(
                "Participants and times to an event, ready for analysis.",
                "可直接用于分析的受试者层面及至事件时间数据集。",
            ),
            whole.adam,
        ),
    )
}


def label_of(key: str) -> Text:
    """What a format is called; a key nobody knows stands for itself."""
    known = FORMATS.get(key) or WHOLE.get(key)
    return known.label if known else Text(key, key)


def about_of(key: str) -> Text:
    """What a format is for."""
    return FORMATS[key].about if key in FORMATS else WHOLE[key].about


def keys() -> list[str]:
    return [*FORMATS, *WHOLE]

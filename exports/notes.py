"""What stands at the head of an export's README.txt: its format, and what was left out or changed."""

from __future__ import annotations

from collections.abc import Iterator

from exports.formats.base import Format
from exports.stamp import Stamp

OTHER_FORMAT = """\
Format: {format}. Where this text says .csv of a table of data, look for what is said here; NAME in codebook.csv is what
a column is called in its file.
格式：{format_zh}。下文数据表的.csv文件在本导出中以此格式提供；各列在文件中的名称见codebook.csv的NAME列。
"""
DEIDENTIFIED = """\
DE-IDENTIFIED - 已去标识
Participants stand under codes, and so do queries and the entries of participants' own records. All days and times of one
participant are moved back by the same number of days, 1 to 365: intervals and study days are right, no date is the true
one. Left out: free text, initials, dates of birth (ages stay; 90 means 90 or older), names and accounts of staff, files,
numbers of the audit trail, and the system's own times (when something was entered, submitted, asked, signed ...): rows
new in a file would tell by them how far dates were moved.{masked}
受试者以代码表示，质疑和受试者日记条目亦以代码表示。同一受试者的全部日期和时间均前移相同天数（1至365天）：间隔和研究日正确，
日期均非真实日期。已略去：自由文本、姓名缩写、出生日期（保留年龄，90表示90岁及以上）、工作人员姓名和账号、文件、稽查轨迹编号，
以及系统自身记录的时间（录入、提交、质疑、签名等时间）：否则由新增的行可推知日期的平移天数。{masked_zh}

"""
MASKED = " Sites stand under codes, and what tells them is left out."
MASKED_ZH = "研究中心以代码表示，并略去可识别中心的信息。"
NARROWED = """\
Part of the trial only; "asked" in manifest.json says which. 仅为部分数据，范围见manifest.json中的"asked"。

"""


def notes_of(stamp: Stamp, form: Format) -> Iterator[str]:
    """The paragraphs for one export, in both languages."""
    asked = stamp.asked
    if asked.deidentified:
        masked, masked_zh = (MASKED, MASKED_ZH) if asked.masked else ("", "")
        yield DEIDENTIFIED.format(masked=masked, masked_zh=masked_zh)
    if not asked.whole:
        yield NARROWED
    if form.note:
        yield OTHER_FORMAT.format(format=form.label.en, format_zh=form.label.zh)
        yield f"{form.note}\n"

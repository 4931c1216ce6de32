"""The codebook of an export: one row per column of every file, and every code with its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from exports.bundle import Bundle
from exports.tables import Column, Table
from records.codelists import MISSING, CodeList
from records.conditions import ALWAYS, NEVER, Either, When
from records.items import Item

CODEBOOK_HEADER = (
    "FILE", "POSITION", "COLUMN", "FORM", "TITLE_EN", "TITLE_ZH", "SECTION_EN", "SECTION_ZH", "LABEL_EN", "LABEL_ZH",
    "TYPE", "UNIT", "CODELIST", "CODES", "HARD_LOW", "HARD_HIGH", "SOFT_LOW", "SOFT_HIGH", "REQUIRED_WHEN",
    "SHOWN_WHEN", "CDASH", "DERIVED", "MISSING_CODES", "NAME", "LEFT_OUT",
)  # fmt: skip
CODES_HEADER = ("CODELIST", "POSITION", "CODE", "LABEL_EN", "LABEL_ZH")

TYPES = {
    "measured": "decimal",
    "listed": "code of another file",
    "multicode": "codes separated by spaces",
    "partialdate": "date, possibly without day or month",
    "label": "words of a code",
    "labels": "words of codes separated by semicolons",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """What the files of a format are called and what their columns are called in them, and what was left out and why.

    What is not named here goes by its own name: a table by its CSV file, a column by its heading.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, table: Table, column: Column) -> tuple[str, str]:
        """A column's name in its file, empty where it was left out, and why it was."""
        why = self.left.get((table.name, column.name), "")
        return ("" if why else self.names.get(table.name, {}).get(column.name, column.name)), why


PLAINLY = Naming()


def in_words(condition: When) -> str:
    """Say when a condition holds: `always`, `never`, `SEX = F and CHILDPOT in (Y N)`, or several with `or`."""
    if condition is ALWAYS:
        return "always"
    if condition is NEVER:
        return "never"
    if isinstance(condition, Either):
        return " or ".join(f"({in_words(part)})" for part in condition.parts)
    parts = [
        f"{name.upper()} = {codes[0]}" if len(codes) == 1 else f"{name.upper()} in ({' '.join(codes)})"
        for name, codes in condition.answers.items()
    ]
    return " and ".join(parts)


def _number(limit: Decimal | None) -> str:
    return "" if limit is None else f"{limit:f}"


class CodeLists:
    """Every code list of an export under a name of its own."""

    def __init__(self) -> None:
        self.named: dict[str, CodeList] = {}

    def name(self, codes: CodeList, otherwise: str) -> str:
        """Give a list's name; `otherwise` where it has none or another list has it already."""
        for name in (codes.name, otherwise):
            if name and self.named.setdefault(name, codes).labels == codes.labels:
                return name
        raise ValueError(f"Two code lists are called {otherwise}.")

    def rows(self) -> Iterator[tuple[str, int, str, str, str]]:
        for name, codes in sorted(self.named.items()):
            for position, (code, label) in enumerate(codes, start=1):
                yield name, position, code, label.en, label.zh


def _item_facts(item: Item) -> list[str]:
    return [
        *(_number(limit) for limit in (*item.hard, *item.soft)),
        in_words(item.required),
        in_words(item.shown_when),
        item.name_cdash,
        "Y" if item.derived else "N",
        " ".join(item.missing),
    ]


def codebook_rows(
    tables: Iterable[Table], code_lists: CodeLists, naming: Naming = PLAINLY
) -> Iterator[list[str]]:
    """Describe every column of every file, in the order of the files; registers the code lists met."""
    code_lists.name(MISSING, "MISSING")
    for table in tables:
        section_en = section_zh = ""
        for position, column in enumerate(table.columns, start=1):
            item = column.item
            if item is not None and item.section is not None:
                section_en, section_zh = item.section.en, item.section.zh
            list_name = codes = ""
            if column.codes is not None:
                list_name = code_lists.name(column.codes, f"{table.name}.{column.name}")
                codes = "; ".join(f"{code} = {label.en} | {label.zh}" for code, label in column.codes)
            yield [
                naming.files.get(table.name, table.file),
                str(position),
                column.name,
                table.name if table.form else "",
                table.title.en,
                table.title.zh,
                section_en if item or column.reason_for else "",
                section_zh if item or column.reason_for else "",
                column.label.en,
                column.label.zh,
                TYPES.get(column.kind, column.kind),
                item.unit if item else "",
                list_name,
                codes,
                *(_item_facts(item) if item else _plain_facts(column)),
                *naming.of(table, column),
            ]


def _plain_facts(column: Column) -> list[str]:
    """A column that is no item has no ranges or conditions; a reason for a missing value shares its item's."""
    shown = in_words(column.reason_for.shown_when) if column.reason_for else ""
    return ["", "", "", "", "", shown, "", "", ""]


def write_codebook(
    bundle: Bundle,
    tables: list[Table],
    *,
    naming: Naming = PLAINLY,
    notes: Iterable[str] = (),
    fictitious: bool = False,
) -> None:
    """Add README.txt, codebook.csv and codes.csv; the first begins with `notes`, and says where data are `fictitious`."""
    code_lists = CodeLists()
    bundle.text("README.txt", "".join([FICTITIOUS if fictitious else "", *notes, README]))
    with bundle.table("codebook.csv") as file:
        file.header(CODEBOOK_HEADER)
        for cells in codebook_rows(tables, code_lists, naming):
            file.row(cells)
    with bundle.table("codes.csv") as file:
        file.header(CODES_HEADER)
        for row in code_lists.rows():
            file.row(row)


FICTITIOUS = """\
FICTITIOUS DATA - 虚构数据
This export was made from a demonstration database: none of its participants exists. Only entries of the historical
screening log, where they are included, are those of a published data set.
本导出来自演示数据库，其中受试者均为虚构；如含历史筛选记录，该部分来自公开数据集。

"""
README = """\
Export of trial NCT07070076
===========================

forms/<FORM>.csv    one row per form entered; <FORM> is the form's code in the casebook
forms/<FORM>_<ROWS>.csv  one row per row of a table inside a form; ROW is its number, REPEAT that of the form
participants.csv    one row per participant; statuses.csv: each step on the way
visits.csv          one row per visit, planned or done; visit_statuses.csv: each step
anchors.csv         the dates that visits are counted from
decisions.csv       who was found eligible or not, and on what grounds; rulings.csv: the sponsor's rulings
laboratories.csv    the laboratories of the sites; reference_ranges.csv: each version of their reference ranges
plan_authors.csv    who wrote, and plan_checks.csv who checked, each revision of a Y-90 plan (account numbers)
overrides.csv       requests to set a block of an infusion aside, with the reason and who confirmed
discrepancies.csv   what checks across forms found, and the comments that confirmed it
discrepancy_steps.csv  each step of them
queries.csv         what people asked the site about any place of the data, and the answers; query_steps.csv: each step
checks_fired.csv    checks on one form that fired, at which answer, and whether it was changed or confirmed
sae_reports.csv     each version of the report of a serious adverse event as it was filed; sae_receipts.csv: to whom
sae_clocks.csv      clocks that passed 18 or 24 hours before the initial report
deviation_drafts.csv  what rules of the protocol found broken, and which deviation was drafted for it
laboratory_dismissals.csv  graded results that were judged to be no adverse event, with the reason
event_codes.csv     codes given to adverse events by the sponsor's licensed dictionary, every version
study_settings.csv  the settings that were changed from their defaults
confirmations.csv   the words with which unusual values were confirmed
codebook.csv        one row per column of every other file: label, type, unit, codes, ranges, conditions; NAME is
                    what the column is called in its file, LEFT_OUT why a format left it out
codes.csv           one row per code, with its words
read.R              in an export as CSV: reads all of it into R, typed and labelled
trail.csv           the audit trail, where it was asked for; trail_columns.csv: what its columns mean
manifest.json       when, by whom, what part of the trial, and rows, bytes and SHA-256 of every file

Text is UTF-8 without a byte order mark; lines end in CR LF (RFC 4180). In a spreadsheet, import the files as
UTF-8 and the columns as text: values are given exactly as entered, so one that begins with = + - or @ is data and
no formula, and leading zeros belong to the value.
Times are UTC in ISO 8601 with their offset; dates are ISO 8601, and shorter where the day or the month is not known.
An empty cell is no answer; why it is missing stands in the column <ITEM>_MISSING beside it, where a reason was given.
<ITEM>_U is the unit a measurement was reported in, <ITEM>_SI its exact value in the unit the codebook names.
A laboratory result <ITEM> has beside it: <ITEM>_C, LT or GT where it was reported as "<" or ">" (empty: the value
itself); <ITEM>_LO and <ITEM>_HI, the reference limits used, in the unit reported; <ITEM>_LS, where they are from;
<ITEM>_FL, low, normal or high; <ITEM>_CS, whether an abnormal result is clinically significant; <ITEM>_GR, its CTCAE grade.
Drafts are included: FORMSTATE tells them apart.
Columns depend on the forms' definitions alone and stay the same whatever the rows. The same data give the same bytes.

试验NCT07070076数据导出
=======================

forms/<表单>.csv    每份已录入表单一行；<表单>为病例报告表代码
forms/<表单>_<表格>.csv  表单内表格的每一行；ROW为行号，REPEAT为所属表单序号
participants.csv    每名受试者一行；statuses.csv为其状态历程
visits.csv          每次访视一行（计划或已完成）；visit_statuses.csv为其状态历程
anchors.csv         访视推算所依据的日期
decisions.csv       入选判定及其依据；rulings.csv为申办方对标准的解释
laboratories.csv    各中心的实验室；reference_ranges.csv为其参考范围的各版本
plan_authors.csv    钇-90计划各版本的录入人；plan_checks.csv为核对人（账号编号）
overrides.csv       解除输注限制的申请、原因及确认人
discrepancies.csv   跨表核查结果及确认说明
discrepancy_steps.csv  跨表核查结果的每一步
queries.csv         对数据任一位置提出的质疑及答复；query_steps.csv为每一步
checks_fired.csv    单表核查的触发、当时的数据及结果（更正或说明确认）
sae_reports.csv     严重不良事件报告的每一版本；sae_receipts.csv为报告对象及接收确认
sae_clocks.csv      首次报告前超过18或24小时的时钟
deviation_drafts.csv  规则发现的方案偏离及其草稿
laboratory_dismissals.csv  判定非不良事件的分级检验结果及理由
event_codes.csv     按申办者授权的MedDRA给不良事件的编码（各版本）
study_settings.csv  已由默认值修改的研究参数
confirmations.csv   异常值的确认说明
codebook.csv        其他文件的每一列一行：标签、类型、单位、代码、范围、条件；NAME为该列在文件中的名称，LEFT_OUT为略去原因
codes.csv           每个代码一行及其含义
read.R              CSV导出附带：将全部数据读入R，带类型和标签
trail.csv           稽查轨迹（如已选择）；trail_columns.csv为其各列含义
manifest.json       导出时间、导出人、数据范围，以及各文件的行数、字节数和SHA-256

文本编码为UTF-8（无BOM），换行为CR LF（RFC 4180）。用电子表格打开时，请以UTF-8导入并将各列设为文本：数值与录入完全一致，
以 = + - @ 开头的内容是数据而非公式，前导零属于数值本身。
时间为UTC（ISO 8601，带时区偏移）；日期为ISO 8601格式，日或月不详时相应缩短。
空单元格表示无回答；注明缺失原因的，原因见其后的<项目>_MISSING列。
<项目>_U为检测结果的报告单位，<项目>_SI为按数据字典所列单位换算的精确值。
检验结果<项目>之后依次为：<项目>_C，报告为“<”或“>”时为LT或GT（空为数值本身）；<项目>_LO、<项目>_HI，所用参考值下限和上限
（报告单位）；<项目>_LS，参考值来源；<项目>_FL，偏低、正常或偏高；<项目>_CS，异常结果有无临床意义；<项目>_GR，CTCAE分级。
草稿亦包括在内，以FORMSTATE列区分。
列仅取决于表单定义，与数据行无关；数据相同则文件逐字节相同。
"""

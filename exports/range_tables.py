"""The tables of an export about the sites' laboratories and their reference ranges."""

from __future__ import annotations

from psycopg2 import sql

from eligibility.reference_ranges import SEXES
from exports.tables import SITE, STUDY, Table, column, day, moment, row
from records.codelists import CodeList
from records.text import Text

RANGE_SEX = CodeList("RANGESEX", *((code, words.en, words.zh) for code, words in SEXES.items()))


def range_tables() -> list[Table]:
    """The laboratories of the sites, and every version of their reference ranges."""
    laboratory = (
        STUDY,
        SITE,
        column("LBLAB", row("code"), "Laboratory, as in LB.LBLAB", "实验室代码（见LB.LBLAB）"),
    )
    of_sites = sql.SQL("eligibility_sitelaboratory r JOIN accounts_site s ON s.id = r.site_id")
    return [
        Table(
            "laboratories",
            Text("Laboratories of the sites", "各中心的实验室"),
            (
                *laboratory,
                column("NAME_EN", row("name_en"), "Name in English", "英文名称"),
                column("NAME_ZH", row("name_zh"), "Name in Chinese", "中文名称"),
            ),
            of_sites,
            sql.SQL('s.code COLLATE "C", r.code COLLATE "C"'),
            site=sql.SQL("s.id"),
        ),
        Table(
            "reference_ranges",
            Text("Versions of the laboratories' reference ranges", "实验室参考范围各版本"),
            (
                *laboratory,
                column("TEST", sql.SQL("upper(g.test)"), "Test, as its column of LB", "检验项目（LB列名）"),
                column("SEX", _range("sex"), "For whom", "适用性别", "code", codes=RANGE_SEX),
                column("AGE_FROM", _range("age_from"), "From this age (years)", "年龄起（岁）", "integer"),
                column(
                    "AGE_TO", _range("age_to"), "To this age, included (years)", "年龄止（岁，含）", "integer"
                ),
                column("EFFECTIVE_FROM", day(_range("effective_from")), "In force from", "生效日期", "date"),
                column("LOWER", _number(_range("lower")), "Lower limit", "下限", "decimal"),
                column("UPPER", _number(_range("upper")), "Upper limit", "上限", "decimal"),
                column("UNIT", _range("unit"), "Unit of the limits", "单位"),
                column("RECORDED_AT", moment(_range("recorded_at")), "Recorded", "记录时间", "datetime"),
            ),
            of_sites + sql.SQL(" JOIN eligibility_referencerange g ON g.laboratory_id = r.id"),
            sql.SQL('s.code COLLATE "C", r.code COLLATE "C", g.test COLLATE "C", g.id'),
            site=sql.SQL("s.id"),
        ),
    ]


def _range(name: str) -> sql.Composable:
    return sql.Identifier("g", name)


def _number(source: sql.Composable) -> sql.Composable:
    return sql.SQL("trim_scale({})").format(source)

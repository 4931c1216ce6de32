"""A form that is in no trial: one item of every kind, with ranges, conditions and a value computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.test.utils import isolate_apps

from records.codelists import NY, CodeList
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DecimalItem, IntegerItem, MeasuredItem, MultiCodeItem, TextItem
from records.models import Record
from records.text import Text

TISSUE = CodeList("TISSUE", ("BLOOD", "Blood", "血液"), ("URINE", "Urine", "尿液"))
TESTS = CodeList("TESTS", ("ALB", "Albumin", "白蛋白"), ("PH", "pH", "酸碱度"))

with isolate_apps("records"):

    class Specimen(Record):
        form = FormFacts("SPEC", Text("Specimen", "标本"), ("LB",))

        taken = CodeItem(Text("Taken", "是否采样"), codes=NY, missing=())
        tissue = CodeItem(
            Text("Tissue", "标本类型"),
            codes=TISSUE,
            shown_when=When(taken="Y"),
            required=When(taken="Y"),
            missing=("NK",),
        )
        albumin = MeasuredItem(
            Text("Albumin", "白蛋白"),
            units={"g/L": 1, "g/dL": 10, "mg/L": "0.001"},
            places=2,
            hard=(10, 65),
            soft=(25, 55),
            shown_when=When(tissue="BLOOD"),
            required=When(tissue="BLOOD"),
        )
        method = TextItem(Text("Method", "方法"), shown_when=When(tissue="BLOOD"), required=NEVER)
        pulse = IntegerItem(
            Text("Pulse", "脉搏"),
            unit="/min",
            hard=(20, 250),
            soft=(50, 110),
            required=NEVER,
            missing=("ND",),
        )
        tests = MultiCodeItem(Text("Tests", "检验项目"), codes=TESTS, required=NEVER)
        share = DecimalItem(
            Text("Share", "比例"), places=1, hard=(None, 2), soft=("0.5", None), derived=True, required=NEVER
        )

        class Meta(Record.Meta):
            app_label = "records"

        @classmethod
        def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
            if answers.get("tissue") == "URINE" and context.get("fasting"):
                yield Finding("tissue", Level.SOFT, Text("Urine of a fasting person.", "空腹尿样。"))

        @classmethod
        def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
            pulse = answers.get("pulse")
            if pulse is None:
                return {"share": Derived(None, Text("Needs the pulse.", "需要脉搏。"))}
            return {"share": Derived(Decimal(pulse) / 100, Text("Pulse by 100.", "脉搏除以100。"))}

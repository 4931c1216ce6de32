"""Symptoms as the participant records them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from followup import codelists
from followup.models.survival import died_on, not_after_death
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, DecimalItem, FileItem, IntegerItem, TextItem
from records.text import Text

WRITTEN = Text("Date", "记录日期")
WORST = 10
SEVERE_FROM = 7
SEVERE = Text(
    "{label} {value} of 10. Enter an adverse event where it is one, and confirm the value with a word.",
    "{label}{value}分（满分10分）。如构成不良事件请录入，并填写说明予以确认。",
)
TESTED = When(symtest=codelists.OWN_TEST.values)


def _symptom(en: str, zh: str, section: Text | None = None, help: Text | None = None) -> IntegerItem:  # noqa: A002 – as items call it
    return IntegerItem(
        Text(en, zh),
        section=section,
        help=help,
        hard=(0, WORST),
        missing=("NK",),
        width="s",
        name_cdash="QS.QSORRES",
    )


class SymptomRecord(CaseReportForm):
    form = FormFacts(
        "SYM",
        Text("Symptom record (kept by the participant)", "受试者症状记录"),
        ("QS", "FA"),
        several=True,
        listed=("symdtc", "symtemp", "symnote"),
    )

    symdtc = DateItem(WRITTEN, section=Text("Symptoms", "症状"), missing=(), name_cdash="QS.QSDTC")
    sym_fatigue = _symptom(
        "Fatigue",
        "乏力",
        help=Text("Each from 0 (none) to 10 (worst).", "各项0分为无，10分为最重。"),
    )
    sym_pain = _symptom("Abdominal pain", "腹痛")
    sym_fever = _symptom("Fever", "发热")
    sym_nausea = _symptom("Nausea", "恶心")
    sym_vomiting = _symptom("Vomiting", "呕吐")
    sym_appetite = _symptom("Appetite loss", "纳差")
    sym_jaundice = _symptom("Jaundice", "黄疸")
    sym_itching = _symptom("Itching", "瘙痒")
    sym_diarrhoea = _symptom("Diarrhoea", "腹泻")
    sym_numbness = _symptom("Numbness", "麻木")
    symtemp = DecimalItem(
        Text("Highest temperature", "最高体温"),
        unit="°C",
        hard=(34, 43),
        required=NEVER,
        missing=(),
        width="s",
        name_cdash="VS.VSORRES TEMP",
    )
    symtest = CodeItem(
        Text("Test result: which", "检查项目"),
        codes=codelists.OWN_TEST,
        section=Text("Test result brought along", "携带的检查结果"),
        required=NEVER,
        missing=(),
        name_cdash="LB.LBTEST",
    )
    symtestd = TextItem(
        Text("Test in words", "检查项目名称"),
        required=When(symtest="OTHER"),
        shown_when=When(symtest="OTHER"),
        missing=(),
        name_cdash="LB.LBTEST",
    )
    symval = TextItem(
        Text("Value", "结果"), required=TESTED, shown_when=TESTED, missing=("NK",), name_cdash="LB.LBORRES"
    )
    symunit = TextItem(
        Text("Unit", "单位"),
        max_length=20,
        required=TESTED,
        shown_when=TESTED,
        missing=("NA", "NK"),
        width="s",
        name_cdash="LB.LBORRESU",
    )
    symfile = FileItem(
        Text("Photo of the report", "检查报告照片"),
        help=Text("An image or a PDF, at most 10 MB; cover names.", "图片或PDF，不超过10 MB；请遮盖姓名。"),
        required=NEVER,
        missing=(),
        name_cdash="–",
    )
    symnote = TextItem(
        Text("Note", "备注"),
        section=Text("Note", "备注"),
        max_length=1000,
        required=NEVER,
        missing=(),
        width="l",
        name_cdash="QS.QSORRES",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `died_on`; one query more."""
        return {**super().context(visit=visit, **place), "died_on": died_on(visit.participant_id)}

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from not_before_consent("symdtc", WRITTEN, answers.get("symdtc"), context)
        yield from not_after_death("symdtc", WRITTEN, answers.get("symdtc"), context)
        for item in cls._meta.fields:
            value = answers.get(item.name) if item.name.startswith("sym_") else None
            if isinstance(item, IntegerItem) and value is not None and SEVERE_FROM <= value <= WORST:
                words = SEVERE.format(label=item.label, value=value)
                yield Finding(item.name, Level.SOFT, words)

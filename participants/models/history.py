"""The history: the cancer, what decides eligibility, and rows of treatments before and of other conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import models

from participants import codelists
from participants.dates import PartialDate
from participants.models.forms import CaseReportForm, FormRow, not_in_future
from records import clock
from records.codelists import NY
from records.conditions import When
from records.definition import FormFacts, RowFacts
from records.findings import Finding, Level
from records.items import CodeItem, IntegerItem, MultiCodeItem, PartialDateItem, TextItem
from records.text import Text

# A diagnosis may still be completed in screening, as long as that lasts.
DIAGNOSIS_AFTER_CONSENT = timedelta(days=28)

ALLERGIES = When(allergy=tuple(code for code in codelists.ALLERGY.values if code != "NONE"))


class MedicalHistory(CaseReportForm):
    """The history of one participant; what drives the criteria is asked one by one."""

    form = FormFacts("MH", Text("HCC and medical history", "肝癌病史与既往史"), ("MH", "SU"))

    hccdxdtc = PartialDateItem(
        Text("Date of HCC diagnosis", "肝癌诊断日期"),
        section=Text("Hepatocellular carcinoma", "肝细胞癌"),
        missing=("NK",),
        name_cdash="MH.MHSTDTC",
    )
    hccdxm = CodeItem(
        Text("Basis of diagnosis", "诊断依据"),
        codes=codelists.DIAGNOSIS_BASIS,
        missing=("NK",),
        name_cdash="SUPPMH",
    )
    hcctype = CodeItem(
        Text("Histology if biopsied", "病理类型"),
        codes=codelists.HISTOLOGY,
        missing=("NK",),
        name_cdash="MI.MIORRES",
    )
    etiol = MultiCodeItem(
        Text("Cause of liver disease", "肝病病因"),
        codes=codelists.ETIOLOGY,
        missing=(),
        name_cdash="MH.MHTERM",
    )
    cirrh = CodeItem(Text("Cirrhosis", "肝硬化"), codes=NY, missing=("NK",), name_cdash="MH")
    varices = CodeItem(
        Text("Oesophago-gastric varices", "食管胃静脉曲张"),
        codes=codelists.VARICES,
        missing=("NK",),
        name_cdash="MH",
    )
    portht = CodeItem(Text("Portal hypertension", "门静脉高压"), codes=NY, missing=("NK",), name_cdash="MH")
    priortx = CodeItem(
        Text("Any previous anti-tumour treatment (including interferon)", "既往抗肿瘤治疗（含干扰素）"),
        codes=NY,
        section=Text("History that decides eligibility", "影响入选的病史"),
        missing=("NK",),
        name_cdash="CM/PR (I4, E5)",
    )
    priorifn = CodeItem(
        Text("Interferon ever", "曾用干扰素"),
        codes=codelists.INTERFERON,
        missing=("NK",),
        name_cdash="CM.CMTRT (E5)",
    )
    maligoth = CodeItem(
        Text("Other malignancy ever", "其他恶性肿瘤史"), codes=NY, missing=("NK",), name_cdash="MH (E2)"
    )
    maligtyp = TextItem(
        Text("Type of the malignancy", "恶性肿瘤类型"),
        required=When(maligoth="Y"),
        shown_when=When(maligoth="Y"),
        missing=("NK",),
        name_cdash="MH.MHTERM",
    )
    maligdtc = PartialDateItem(
        Text("Date of the malignancy", "恶性肿瘤诊断日期"),
        required=When(maligoth="Y"),
        shown_when=When(maligoth="Y"),
        missing=("NK",),
        name_cdash="MH.MHSTDTC",
    )
    transpl = CodeItem(
        Text("Organ transplant ever", "器官移植史"), codes=NY, missing=("NK",), name_cdash="MH (E4)"
    )
    transplo = MultiCodeItem(
        Text("Organ transplanted", "移植器官"),
        codes=codelists.ORGAN,
        required=When(transpl="Y"),
        shown_when=When(transpl="Y"),
        missing=("NK",),
        name_cdash="MH.MHTERM",
    )
    allergy = MultiCodeItem(
        Text("Drug allergy", "药物过敏史"), codes=codelists.ALLERGY, missing=("NK",), name_cdash="MH (E3)"
    )
    allergys = TextItem(
        Text("Substance", "过敏物质"),
        required=ALLERGIES,
        shown_when=ALLERGIES,
        missing=("NK",),
        name_cdash="MH.MHTERM",
    )
    allergyr = TextItem(
        Text("Reaction", "过敏反应"),
        required=ALLERGIES,
        shown_when=ALLERGIES,
        missing=("NK",),
        name_cdash="SUPPMH",
    )
    subabuse = CodeItem(
        Text("Drug or substance abuse history", "药物/毒品滥用史"),
        codes=NY,
        missing=("NK",),
        name_cdash="SU (E7)",
    )
    gibyn = CodeItem(
        Text("Gastrointestinal bleeding ever", "是否有消化道出血史"),
        codes=NY,
        missing=("NK",),
        name_cdash="MH.MHOCCUR",
    )
    gibdtc = PartialDateItem(
        Text("Latest GI bleeding", "最近一次消化道出血日期"),
        required=When(gibyn="Y"),
        shown_when=When(gibyn="Y"),
        missing=("NK",),
        name_cdash="MH.MHSTDTC (E8)",
    )
    cvyn = CodeItem(
        Text("Cardio- or cerebrovascular event ever", "是否有心脑血管事件史"),
        codes=NY,
        missing=("NK",),
        name_cdash="MH.MHOCCUR",
    )
    cvdtc = PartialDateItem(
        Text("Latest cardio-/cerebrovascular event", "最近一次心脑血管事件日期"),
        required=When(cvyn="Y"),
        shown_when=When(cvyn="Y"),
        missing=("NK",),
        name_cdash="MH.MHSTDTC (E8)",
    )
    cvtype = CodeItem(
        Text("Type of the event", "事件类型"),
        codes=codelists.VASCULAR_EVENT,
        required=When(cvyn="Y"),
        shown_when=When(cvyn="Y"),
        missing=("NK",),
        name_cdash="MH.MHTERM",
    )
    psych = CodeItem(
        Text("Psychiatric disorder", "精神疾病"),
        codes=codelists.PSYCHIATRIC,
        missing=("NK",),
        name_cdash="MH (E10)",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        diagnosed, consent = answers.get("hccdxdtc"), context.get("icfdtc")
        if diagnosed and consent:
            last = clock.day(consent) + DIAGNOSIS_AFTER_CONSENT
            if PartialDate.parse(diagnosed).earliest > last:
                words = Text(
                    "The diagnosis is more than 28 days after the consent. Check both dates.",
                    "肝癌诊断日期晚于知情同意28天以上，请核对两个日期。",
                )
                yield Finding("hccdxdtc", Level.HARD, words)
        if answers.get("hcctype") in ("ICC", "CHCC_CCA"):
            words = Text(
                "The trial is for hepatocellular carcinoma. Correct the histology, or confirm it with a word.",
                "本研究针对肝细胞癌。请更正病理类型，或填写说明予以确认。",
            )
            yield Finding("hcctype", Level.SOFT, words)
        allergies = answers.get("allergy") or []
        if "NONE" in allergies and len(allergies) > 1:
            words = Text(
                "“None” and an allergy exclude each other. Take one away.", "“无”与具体过敏原不能同时选择。"
            )
            yield Finding("allergy", Level.HARD, words)


class PriorTreatment(FormRow):
    """One treatment of the tumour before the trial, or interferon."""

    rows = RowFacts(
        Text("Previous treatments", "既往治疗"),
        Text("Treatment", "治疗"),
        after="priorifn",
        shown_when=When(priortx="Y"),
        required=When(priortx="Y"),
    )
    record = models.ForeignKey(MedicalHistory, models.CASCADE, related_name="prior_treatments")

    priortype = CodeItem(
        Text("Type of treatment", "治疗类型"),
        codes=codelists.PRIOR_TREATMENT,
        missing=(),
        name_cdash="CM.CMCAT / PR.PRCAT",
    )
    priordtc = PartialDateItem(Text("Date", "日期"), missing=("NK",), name_cdash="CM.CMSTDTC / PR.PRSTDTC")
    priordrug = TextItem(
        Text("Drug", "药物"),
        required=When(priortype=codelists.DRUG_TREATMENTS),
        shown_when=When(priortype=codelists.DRUG_TREATMENTS),
        missing=("NK",),
        name_cdash="CM.CMTRT",
    )

    class Meta(FormRow.Meta):
        pass


class Condition(FormRow):
    """Another condition of the history; ongoing ones carry their CTCAE grade at screening (criterion E1)."""

    rows = RowFacts(Text("Other conditions", "其他病史"), Text("Condition", "疾病"))
    record = models.ForeignKey(MedicalHistory, models.CASCADE, related_name="conditions")

    mhterm = TextItem(Text("Other condition", "其他病史名称"), missing=(), name_cdash="MH.MHTERM")
    mhstdtc = PartialDateItem(Text("Start date", "开始日期"), missing=("NK",), name_cdash="MH.MHSTDTC")
    mhenrf = CodeItem(Text("Ongoing", "是否持续"), codes=NY, missing=("NK",), name_cdash="MH.MHENRF")
    mhtoxgr = IntegerItem(
        Text("CTCAE v4.03 grade at screening", "CTCAE分级"),
        help=Text(
            "Grade 3 and more asks the question of exclusion criterion 1.", "3级及以上需判断排除标准1。"
        ),
        hard=(1, 5),
        soft=(None, 2),
        required=When(mhenrf="Y"),
        shown_when=When(mhenrf="Y"),
        missing=("NK",),
        width="s",
        name_cdash="SUPPMH",
    )

    class Meta(FormRow.Meta):
        pass

"""Y-90 steps 1 to 3: assessment, angiography with 99mTc-MAA, SPECT and activity planning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from arms import codelists, day_checks, plan_record
from arms.infusion_checks import scanned_late
from arms.models.readings import READ, first_day, readings_at, record_at, settings_for
from arms.y90_course import lung_dose_before, pairs_of
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.selectors import case_forms_of
from records import clock
from records.checks import Entry
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts, forms
from records.findings import Finding, Level
from records.items import CodeItem, DateTimeItem, DecimalItem, IntegerItem, MultiCodeItem, TextItem
from records.text import Text

MAPPED = Text("Angiography / MAA date", "造影/MAA日期时间")


class MaaMapping(CaseReportForm):
    form = FormFacts(
        "YMAP",
        Text("Y-90 steps 1–2: assessment, angiography and 99mTc-MAA", "钇-90 第1–2步：评估、造影与MAA模拟"),
        ("PR", "AG"),
        several=True,
        listed=("ymapdtc", "yextra", "maaact"),
    )

    ymdtok = CodeItem(
        Text("Routine pre-operative assessment complete", "术前评估完成"),
        section=Text("Step 1: assessment", "第1步：评估"),
        codes=NY,
        missing=(),
        name_cdash="PR",
    )
    ymapdtc = DateTimeItem(
        MAPPED,
        section=Text("Step 2: angiography and simulation", "第2步：造影与模拟"),
        missing=(),
        name_cdash="PR.PRSTDTC",
    )
    yvess = MultiCodeItem(
        Text("Feeding arteries found", "肿瘤供血动脉"),
        codes=codelists.FEEDING_ARTERIES,
        missing=("NK",),
        name_cdash="PR",
    )
    yvessd = TextItem(
        Text("Feeding arteries in words", "供血动脉描述"),
        required=When(yvess="OTHER"),
        shown_when=When(yvess=("OTHER", "SEGMENTAL")),
        missing=(),
        width="l",
        name_cdash="PR",
    )
    yextra = CodeItem(
        Text("Extrahepatic feeder or gastrointestinal shunt", "肝外供血或胃肠分流"),
        codes=codelists.EXTRAHEPATIC,
        missing=(),
        name_cdash="PR",
    )
    ycoil = MultiCodeItem(
        Text("Vessels embolised", "预防性栓塞血管"),
        codes=codelists.EMBOLISED_VESSELS,
        required=When(yextra=("EMBOLISED", "UNCORRECTED")),
        shown_when=When(yextra=("EMBOLISED", "UNCORRECTED")),
        missing=("NA",),
        name_cdash="PR",
    )
    maaact = DecimalItem(
        Text("99mTc-MAA activity injected", "MAA注射活度"),
        unit="MBq",
        places=1,
        hard=(20, 400),
        soft=(75, 222),
        missing=("NK",),
        width="s",
        name_cdash="AG.AGDOSE",
    )
    maatime = DateTimeItem(Text("MAA injection", "MAA注射时间"), missing=("NK",), name_cdash="AG.AGSTDTC")
    spectime = DateTimeItem(Text("Scan start", "显像时间"), missing=("ND", "NK"), name_cdash="PR.PRSTDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the settings, what E8 and E9 are judged from (`first_day`), and the other mappings' times. Two more."""
        book = case_forms_of(visit.participant, (cls, *READ))
        given = super().context(visit=visit, **place)
        mappings = book.of(cls)
        this = record_at(mappings, visit, given["repeat"])
        settings = settings_for(this, place["today"])
        recorded = _day(this.ymapdtc) if this and this.submitted else None
        return {
            **given,
            "settings": settings,
            "first_day": first_day(book, settings, "Y90", recorded_on=recorded),
            "mapped_else": [one.ymapdtc for one in mappings if one is not this and one.ymapdtc],
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        mapped, injected, scanned = answers.get("ymapdtc"), answers.get("maatime"), answers.get("spectime")
        yield from not_before_consent("ymapdtc", MAPPED, _day(mapped), context)
        # The first mapping is the first treatment: it is an arterial puncture, and no infusion lies before it.
        is_first = mapped is not None and all(mapped <= other for other in context["mapped_else"])
        yield from day_checks.findings("ymapdtc", _day(mapped), context["first_day"] if is_first else None)
        within = timedelta(minutes=context["settings"]["y90_maa_scan"])
        if injected and mapped and injected < mapped:
            words = Text("MAA was injected before angiography began.", "MAA注射时间早于造影开始时间。")
            yield Finding("maatime", Level.HARD, words)
        if injected and scanned and scanned < injected:
            words = Text("The scan began before MAA was injected.", "显像时间早于MAA注射时间。")
            yield Finding("spectime", Level.HARD, words)
        elif injected and scanned and scanned_late(injected, scanned, within):
            words = Text(
                "The scan began more than {limit} minutes after injection. Confirm with a word.",
                "显像距MAA注射超过{limit}分钟，请说明并确认。",
            )
            limit = context["settings"]["y90_maa_scan"]
            yield Finding("spectime", Level.SOFT, words.format(limit=limit))
        if answers.get("yextra") == "UNCORRECTED":
            words = Text("A shunt that cannot be corrected was found.", "存在不可纠正的肝外供血或胃肠分流。")
            yield Finding("yextra", Level.SOFT, words + plan_record.BLOCKS_INFUSION)
        if answers.get("ymdtok") == "N":
            words = Text(
                "The assessment is not complete. Confirm with a word.", "术前评估尚未完成，请说明并确认。"
            )
            yield Finding("ymdtok", Level.SOFT, words)


def _day(moment: datetime | None) -> date | None:
    return clock.day(moment) if moment else None


COUNTED = When(spectmod=("PLANAR", "SPECT"))
DOSED = When(ymethod=("MIRD", "PARTITION"))


def _volume(label: Text, low: int, high: int, required: When) -> IntegerItem:
    return IntegerItem(
        label,
        unit="mL",
        hard=(low, high),
        required=required,
        missing=(),
        width="s",
        name_cdash="XY.XYORRES VOLUME",
    )


def _dose(label: Text, section: Text | None = None) -> DecimalItem:
    return DecimalItem(
        label + Text(" (for verification only)", "（仅供核对）"),
        section=section,
        unit="Gy",
        places=1,
        derived=True,
        required=NEVER,
        name_cdash="XY.XYORRES DOSE",
    )


class ActivityPlan(CaseReportForm):
    form = FormFacts(
        "YDOS",
        Text("Y-90 step 3: SPECT validation and activity planning", "钇-90 第3步：SPECT验证与活度计算"),
        ("PR", "XY"),
        several=True,
        listed=("msphere", "lsf", "aplan"),
        beside="YMAP",
    )

    spectmod = CodeItem(
        Text("SPECT type", "显像方式"),
        section=Text("Lung shunt and uptake", "肺分流与摄取"),
        codes=codelists.SPECT_KIND,
        missing=(),
        name_cdash="PR.PRMETHOD",
    )
    cntlung = IntegerItem(
        Text("Counts, lung (geometric mean)", "肺计数（几何均值）"),
        hard=(0, None),
        required=COUNTED,
        missing=("NK",),
        name_cdash="XY.XYORRES LUNGCNT",
    )
    cntliver = IntegerItem(
        Text("Counts, liver (geometric mean)", "肝计数（几何均值）"),
        hard=(1, None),
        required=COUNTED,
        missing=("NK",),
        name_cdash="XY.XYORRES LIVRCNT",
    )
    lsfcalc = DecimalItem(
        Text(
            "Lung shunt fraction from the counts (for verification only)", "按计数计算的肺分流率（仅供核对）"
        ),
        unit="%",
        places=2,
        derived=True,
        required=NEVER,
        name_cdash="XY.XYORRES LSF",
    )
    lsf = DecimalItem(
        Text("Lung shunt fraction", "肺分流率"),
        unit="%",
        places=1,
        digits=4,
        hard=(0, 100),
        missing=(),
        width="s",
        name_cdash="XY.XYORRES LSF",
    )
    exupt = CodeItem(
        Text("Extrahepatic uptake", "肝外摄取"), codes=codelists.UPTAKE, missing=(), name_cdash="XY.XYORRES"
    )
    exuptd = TextItem(
        Text("Site of the uptake", "摄取部位"),
        required=When(exupt=("GI", "OTHER")),
        shown_when=When(exupt=("GI", "OTHER")),
        missing=(),
        width="l",
        name_cdash="XY.XYLOC",
    )

    msphere = CodeItem(
        Text("Microsphere product", "微球种类"),
        section=Text("Planning", "活度计算"),
        codes=codelists.MICROSPHERE,
        missing=(),
        name_cdash="EX.EXTRT",
    )
    ymethod = CodeItem(
        Text("Planning method", "活度计算方法"),
        codes=codelists.PLANNING_METHOD,
        missing=(),
        name_cdash="XY.XYMETHOD",
    )
    vliver = _volume(Text("Volume, whole liver", "全肝体积"), 500, 5000, When(ymethod="BSA"))
    vtumour = _volume(Text("Volume, tumour", "肿瘤体积"), 1, 4000, When(ymethod=("BSA", "PARTITION")))
    vperf = _volume(Text("Volume, perfused", "灌注区体积"), 1, 5000, DOSED)
    vlung = _volume(Text("Volume, lungs", "肺体积"), 1000, 9000, NEVER)
    tnr = DecimalItem(
        Text("Tumour-to-normal ratio", "肿瘤/正常肝摄取比"),
        unit="",
        places=2,
        digits=4,
        hard=("0.5", 50),
        soft=(1, None),
        required=When(ymethod="PARTITION"),
        missing=(),
        width="s",
        name_cdash="XY.XYORRES TNR",
    )
    dtarget = IntegerItem(
        Text("Prescribed dose", "处方剂量"),
        unit="Gy",
        hard=(20, 1500),
        required=DOSED,
        missing=(),
        width="s",
        name_cdash="XY.XYORRES",
    )
    dtargeto = CodeItem(
        Text("Prescribed to", "处方对象"),
        codes=codelists.DOSE_TARGET,
        required=DOSED,
        missing=(),
        name_cdash="XY.XYLOC",
    )
    residex = DecimalItem(
        Text("Expected residual fraction", "预计残留率"),
        unit="%",
        help=Text("Glass: filled in unless another is entered.", "玻璃微球：未填写时自动填入默认值。"),
        places=1,
        digits=4,
        hard=(0, 30),
        required=When(msphere="GLASS"),
        shown_when=When(msphere=("GLASS", "OTHER")),
        missing=(),
        width="s",
        name_cdash="XY.XYORRES",
    )
    acalc = DecimalItem(
        Text("Activity, calculated (for verification only)", "活度计算值（仅供核对）"),
        unit="GBq",
        places=3,
        derived=True,
        required=NEVER,
        name_cdash="XY.XYORRES",
    )
    aplan = DecimalItem(
        Text("Planned activity", "计划活度"),
        unit="GBq",
        places=3,
        digits=6,
        hard=("0.1", 20),
        missing=(),
        width="s",
        name_cdash="XY.XYORRES",
    )

    dlung = _dose(Text("Lung dose", "肺剂量"), Text("Predicted doses", "预测剂量"))
    dlungcum = _dose(Text("Cumulative lung dose", "累计肺剂量"))
    dperf = _dose(Text("Mean dose to perfused liver", "灌注肝平均剂量"))
    dnorm = _dose(Text("Dose to normal liver", "正常肝剂量"))
    dtum = _dose(Text("Dose to tumour", "肿瘤剂量"))

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add body measures, study settings and the lung dose of infusions before (`lung_before`, Gy). Two queries more,
        and one for each infusion before whose lung dose was not measured.
        """
        infusion = forms()["YTRT"]
        book = case_forms_of(visit.participant, (cls, MaaMapping, infusion, *READ))  # type: ignore[arg-type]
        given = super().context(visit=visit, **place)
        pairs = pairs_of(book.of(MaaMapping), book.of(cls))
        mine = next(
            (one for one in pairs if (one.mapping.visit_id, one.number) == (visit.pk, given["repeat"])), None
        )
        readings = readings_at(book, visit)

        def planned_dose(plan: ActivityPlan) -> Decimal | None:
            settings = settings_for(plan, place["today"])
            return plan_record.predict(plan.answers, {"settings": settings}).lung.value

        before = mine.mapped_at if mine else None
        return {
            **given,
            "height": readings.height,
            "weight": readings.weight,
            "settings": settings_for(mine.plan if mine else None, place["today"]),
            "lung_before": lung_dose_before(pairs, book.records["YTRT"], before, planned_dose),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from plan_record.findings(answers, context)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        return plan_record.derive(answers, context)

    @property
    def answers(self) -> dict[str, Any]:
        """The stored answers by item name, as the rules read them."""
        return Entry.of(self).answers

"""Y-90 steps 4 and 5: infusion, and imaging of the distribution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from arms import codelists, infusion_record
from arms.infusion_record import Planned
from arms.models.oversight import SafetyOverride
from arms.models.planning import ActivityPlan, MaaMapping
from arms.models.readings import pregnancy_possible, pregnancy_tests, record_at, settings_for
from arms.y90_course import pairs_of
from eligibility.models import Laboratory
from participants.models import CaseReportForm, Demographics, Visit
from participants.models.forms import not_in_future
from participants.selectors import case_forms_of
from records import clock
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding
from records.items import CodeItem, DateTimeItem, DecimalItem, TextItem
from records.text import Text


def _activity(label: Text, low: str, missing: tuple[str, ...]) -> DecimalItem:
    return DecimalItem(
        label,
        unit="GBq",
        places=3,
        digits=6,
        hard=(low, 100),
        missing=missing,
        width="s",
        name_cdash="DA.DAORRES",
    )


def _measured(label: Text, section: Text | None = None) -> DecimalItem:
    return DecimalItem(
        label,
        section=section,
        unit="Gy",
        places=1,
        digits=5,
        hard=(0, 5000),
        required=NEVER,
        missing=("ND",),
        width="s",
        name_cdash="XY.XYORRES DOSE",
    )


class Y90Infusion(CaseReportForm):
    form = FormFacts(
        "YTRT",
        Text("Y-90 steps 4–5: infusion and post-treatment imaging", "钇-90 第4–5步：输注与分布显像"),
        ("EX", "PR", "DA"),
        several=True,
        listed=("yinfdt", "ynetact", "ypct"),
    )

    yinfdt = DateTimeItem(
        Text("Infusion start (A1)", "输注开始日期时间（A1）"),
        section=Text("Step 4: infusion", "第4步：输注"),
        missing=(),
        name_cdash="EX.EXSTDTC",
    )
    ylot = TextItem(Text("Lot", "批号"), max_length=40, missing=("NK",), name_cdash="EX.EXLOT")
    ycaldt = DateTimeItem(Text("Calibration time", "标定时间"), missing=("NK",), name_cdash="DA.DADTC")
    ycalact = _activity(Text("Calibrated activity", "标定活度"), "0.001", ("NK",))
    ypredt = DateTimeItem(
        Text("Assay before infusion, time", "输注前实测时间"), missing=("ND", "NK"), name_cdash="DA.DADTC"
    )
    ypreact = _activity(Text("Assayed activity before infusion", "输注前实测活度"), "0.001", ("ND",))
    ycath = CodeItem(
        Text("Injection position", "注射位置"),
        codes=codelists.INJECTION_POSITION,
        missing=("NK",),
        name_cdash="EX.EXLOC",
    )
    ycathd = TextItem(
        Text("Position in words", "注射位置说明"),
        required=When(ycath="DIFFERENT"),
        shown_when=When(ycath="DIFFERENT"),
        missing=(),
        width="l",
        name_cdash="EX.EXLOC",
    )
    yresdt = DateTimeItem(
        Text("Residual, time", "残留活度测量时间"), missing=("ND", "NK"), name_cdash="DA.DADTC"
    )
    yresact = _activity(Text("Residual activity", "残留活度"), "0", ("ND",))
    ynetact = DecimalItem(
        Text("Net activity delivered (for verification only)", "实际注入活度（仅供核对）"),
        unit="GBq",
        places=3,
        derived=True,
        required=NEVER,
        name_cdash="EX.EXDOSE",
    )
    ypct = DecimalItem(
        Text("Part delivered (for verification only)", "注入比例（仅供核对）"),
        unit="%",
        places=2,
        derived=True,
        required=NEVER,
        name_cdash="SUPPEX",
    )
    ynetrsn = TextItem(
        Text("Reason for the difference from the plan", "与计划活度差异的原因"),
        help=Text("Required when the net activity lies far off the plan.", "与计划活度相差较大时必填。"),
        required=NEVER,
        missing=(),
        width="l",
        name_cdash="EX.EXADJ",
    )
    ystasis = CodeItem(
        Text("Stasis or early stop", "淤滞或提前终止"), codes=NY, missing=(), name_cdash="EX.EXADJ"
    )
    ystasrsn = TextItem(
        Text("Reason for the stop", "终止原因"),
        required=When(ystasis="Y"),
        shown_when=When(ystasis="Y"),
        missing=(),
        width="l",
        name_cdash="EX.EXADJ",
    )

    ypostmod = CodeItem(
        Text("Post-infusion imaging", "术后显像方式"),
        section=Text("Step 5: distribution", "第5步：分布显像"),
        codes=codelists.POST_IMAGING,
        missing=("ND",),
        name_cdash="PR.PRTRT",
    )
    ypostdt = DateTimeItem(
        Text("Post-infusion imaging, time", "术后显像时间"), missing=("ND", "NK"), name_cdash="PR.PRSTDTC"
    )
    ydistok = CodeItem(
        Text("Distribution as planned", "分布与计划一致"),
        codes=codelists.DISTRIBUTION,
        missing=("ND",),
        name_cdash="XY.XYORRES",
    )
    yextdep = CodeItem(
        Text("Deposition outside the liver", "肝外沉积"), codes=NY, missing=("ND",), name_cdash="XY.XYORRES"
    )
    yextsite = TextItem(
        Text("Site of the deposition", "肝外沉积部位"),
        required=When(yextdep="Y"),
        shown_when=When(yextdep="Y"),
        missing=(),
        width="l",
        name_cdash="XY.XYLOC",
    )
    ydtumpost = _measured(
        Text("Dose to tumour, measured", "肿瘤术后剂量"),
        Text("Doses, where quantified", "术后剂量（如已定量）"),
    )
    ydnormpost = _measured(Text("Dose to normal liver, measured", "正常肝术后剂量"))
    ydlungpost = _measured(Text("Lung dose, measured", "肺术后剂量"))

    yfeel24 = CodeItem(
        Text("Unwell at 24 h", "24小时有无不适"),
        section=Text("Discharge", "出院"),
        codes=codelists.FEELING,
        missing=("ND",),
        name_cdash="HO.HOOCCUR",
    )
    ydisch = DateTimeItem(Text("Discharge", "出院时间"), missing=("NK",), name_cdash="HO.HOENDTC")
    ydosrate = DecimalItem(
        Text("Dose rate at 1 m at discharge", "出院时1米剂量率"),
        unit="µSv/h",
        places=2,
        digits=6,
        hard=(0, 1000),
        soft=(None, 25),
        required=NEVER,
        missing=("ND",),
        width="s",
        name_cdash="XY.XYORRES",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add what each mapping and its plan say (`plans`), and the settings. Three queries more.

        `pregnancy_tests`: those of a woman of childbearing potential, None where none is asked for; `recorded_on`: the
        day of the infusion that stands on a submitted form already.
        What was set aside for an earlier revision of a plan still counts once the infusion is on record: correcting
        the plan afterwards does not undo the decision it was infused by.
        """
        given = super().context(visit=visit, **place)
        book = case_forms_of(visit.participant, (cls, MaaMapping, ActivityPlan, Demographics, Laboratory))
        this = record_at(book.of(cls), visit, given["repeat"])
        pairs = pairs_of(book.of(MaaMapping), book.of(ActivityPlan))
        aside = SafetyOverride.set_aside([pair.plan for pair in pairs if pair.plan])
        infused = this is not None and this.yinfdt is not None
        return {
            **given,
            "plans": tuple(
                Planned(
                    pair.mapped_at,
                    pair.plan.aplan if pair.plan else None,
                    frozenset(
                        one.code
                        for one in aside
                        if pair.plan
                        and one.plan_id == pair.plan.pk
                        and (infused or one.revision == pair.plan.revision)
                    ),
                )
                for pair in pairs
            ),
            "pregnancy_tests": pregnancy_tests(book) if pregnancy_possible(book) else None,
            "recorded_on": clock.day(this.yinfdt) if this and this.submitted and this.yinfdt else None,
            "settings": settings_for(this, place["today"]),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from infusion_record.findings(answers, context)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        return infusion_record.derive(answers, context)

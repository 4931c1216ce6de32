"""One HAIC cycle: the check before it, the catheter, four infusions, removal and discharge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from arms import codelists, cycle_record
from arms.haic_cycles import Interval
from arms.models.readings import (
    READ,
    first_day,
    gate_at,
    pregnancy_possible,
    readings_at,
    settings_for,
)
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.selectors import case_forms_of
from records import clock, study
from records.checks import Entry
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding
from records.items import (
    CodeItem,
    DateTimeItem,
    DecimalItem,
    IntegerItem,
    MultiCodeItem,
    Range,
    TextItem,
)
from records.text import Text

# An infusion that was not given, or of which the source says nothing.
NOT_GIVEN = ("ND", "NK")
CYCLE_VISITS = {"H-C1": 1, "H-C2": 2, "H-C3": 3, "H-C4": 4}

OXA = Text("Oxaliplatin", "奥沙利铂")
LV = Text("Leucovorin", "亚叶酸钙")
FU1 = Text("5-FU (2 h)", "氟尿嘧啶（2小时）")
FU2 = Text("5-FU (46 h)", "氟尿嘧啶（46小时）")


def _calculated(drug: Text, section: Text) -> DecimalItem:
    return DecimalItem(
        drug + Text(", calculated dose (for verification only)", "计算剂量（仅供核对）"),
        section=section,
        unit="mg",
        places=2,
        derived=True,
        required=NEVER,
        name_cdash="SUPPEX",
    )


def _dose(drug: Text, hard: Range) -> IntegerItem:
    return IntegerItem(
        drug + Text(" given", "实际剂量"),
        unit="mg",
        hard=hard,
        missing=NOT_GIVEN,
        width="s",
        name_cdash="EX.EXDOSE",
    )


def _deviation(drug: Text) -> DecimalItem:
    return DecimalItem(
        drug + Text(", difference from the calculated dose", "与计算剂量之差"),
        unit="%",
        places=1,
        derived=True,
        required=NEVER,
        name_cdash="SUPPEX",
    )


def _start(drug: Text) -> DateTimeItem:
    return DateTimeItem(drug + Text(", start", "开始时间"), missing=NOT_GIVEN, name_cdash="EX.EXSTDTC")


def _end(drug: Text) -> DateTimeItem:
    return DateTimeItem(drug + Text(", end", "结束时间"), missing=NOT_GIVEN, name_cdash="EX.EXENDTC")


def _changed(drug: Text) -> CodeItem:
    return CodeItem(
        drug + Text(", dose changed", "剂量调整"),
        codes=codelists.ADJUSTMENT,
        required=NEVER,
        missing=(),
        name_cdash="EX.EXADJ",
    )


def _why(drug: Text, item: str) -> CodeItem:
    return CodeItem(
        drug + Text(", reason for the change", "剂量调整原因"),
        help=Text("Required when the dose lies far off the calculated one.", "与计算剂量相差较大时必填。"),
        codes=codelists.ADJUSTMENT_REASON,
        required=When(**{item: ("REDUCED", "INTERRUPTED", "STOPPED")}),
        missing=(),
        name_cdash="EX.EXADJ",
    )


class HaicCycle(CaseReportForm):
    form = FormFacts("HAIC", Text("HAIC cycle", "HAIC治疗周期"), ("EX", "PR", "DA"))

    cycle = IntegerItem(
        Text("Cycle", "疗程序号"),
        section=Text("Check before the cycle", "疗前核查"),
        hard=(1, 4),
        derived=True,
        required=NEVER,
        name_cdash="EX.EPOCH",
    )
    hgo = CodeItem(
        Text("Check before the cycle", "疗前核查结果"),
        codes=codelists.GATE,
        derived=True,
        required=NEVER,
        name_cdash="SUPPEX",
    )
    hgorsn = TextItem(
        Text("Reason to give the cycle all the same", "仍进行本疗程的理由"),
        help=Text(
            "Decided by the investigator on the values of this visit.", "由研究者根据本次访视检查结果判断。"
        ),
        max_length=500,
        required=When(gate=("HOLD", "UNKNOWN")),
        shown_when=When(gate=("HOLD", "UNKNOWN", "CONFIRM")),
        missing=(),
        width="l",
        name_cdash="SUPPEX",
    )
    hint = IntegerItem(
        Text("Days since the previous cycle", "距上一疗程天数"),
        derived=True,
        required=NEVER,
        shown_when=When(later_cycle="Y"),
        name_cdash="SUPPEX",
    )
    hintrsn = TextItem(
        Text("Reason for the interval", "疗程间隔原因"),
        help=Text("Required far outside the planned interval.", "间隔明显超出计划时间窗时必填。"),
        required=NEVER,
        shown_when=When(later_cycle="Y"),
        missing=(),
        width="l",
        name_cdash="SUPPEX",
    )

    hbsac = DecimalItem(
        Text("Body surface area, calculated (for verification only)", "体表面积计算值（仅供核对）"),
        section=Text("Body surface area", "体表面积"),
        unit="m²",
        places=2,
        derived=True,
        required=NEVER,
        name_cdash="VS.VSORRES BSA",
    )
    hbsaf = CodeItem(
        Text("Formula", "公式"), codes=study.BSA_FORMULA, derived=True, required=NEVER, name_cdash="SUPPVS"
    )
    hbsa = DecimalItem(
        Text("Body surface area used for dosing", "计算用体表面积"),
        unit="m²",
        places=2,
        digits=4,
        hard=("1.0", "2.8"),
        missing=(),
        width="s",
        name_cdash="VS.VSORRES BSA",
    )

    hpunct = CodeItem(
        Text("Puncture site", "穿刺部位"),
        section=Text("Catheterisation", "置管"),
        codes=codelists.PUNCTURE_SITE,
        missing=("NK",),
        name_cdash="PR.PRLOC",
    )
    hangio = MultiCodeItem(
        Text("Vessels shown by angiography", "造影血管"),
        codes=codelists.ANGIO_VESSELS,
        missing=("ND", "NK"),
        name_cdash="PR",
    )
    hcath = CodeItem(
        Text("Catheter tip position", "导管头位置"),
        codes=codelists.CATHETER_TIP,
        missing=("NK",),
        name_cdash="PR.PRLOC",
    )
    hcathd = TextItem(
        Text("Position in words", "导管头位置描述"),
        required=When(hcath="FEEDER"),
        shown_when=When(hcath="FEEDER"),
        missing=("NK",),
        width="l",
        name_cdash="PR.PRLOC",
    )
    hcoil = CodeItem(
        Text("Protective embolisation (GDA/RGA)", "保护性栓塞（GDA/RGA）"),
        codes=NY,
        missing=("NK",),
        name_cdash="PR",
    )
    hcoilv = MultiCodeItem(
        Text("Vessels embolised", "栓塞血管"),
        codes=codelists.EMBOLISED_VESSELS,
        required=When(hcoil="Y"),
        shown_when=When(hcoil="Y"),
        missing=(),
        name_cdash="PR.PRLOC",
    )
    hprocdt = DateTimeItem(Text("Catheterisation start", "置管开始"), missing=(), name_cdash="PR.PRSTDTC")

    oxacalc = _calculated(OXA, Text("Oxaliplatin, 3 h", "奥沙利铂，3小时"))
    oxadose = _dose(OXA, (50, 400))
    oxadev = _deviation(OXA)
    oxast = _start(OXA)
    oxaen = _end(OXA)
    oxaadj = _changed(OXA)
    oxaadjrsn = _why(OXA, "oxaadj")

    lvcalc = _calculated(LV, Text("Leucovorin, 1.5 h", "亚叶酸钙，1.5小时"))
    lvdose = _dose(LV, (100, 1200))
    lvdev = _deviation(LV)
    lvst = _start(LV)
    lven = _end(LV)
    lvadj = _changed(LV)
    lvadjrsn = _why(LV, "lvadj")

    fu1calc = _calculated(FU1, Text("5-FU, 2 h", "氟尿嘧啶，2小时"))
    fu1dose = _dose(FU1, (100, 1200))
    fu1dev = _deviation(FU1)
    fu1st = _start(FU1)
    fu1en = _end(FU1)
    fu1adj = _changed(FU1)
    fu1adjrsn = _why(FU1, "fu1adj")

    fu2calc = _calculated(FU2, Text("5-FU, 46 h", "氟尿嘧啶，46小时"))
    fu2dose = _dose(FU2, (600, 7000))
    fu2dev = _deviation(FU2)
    fu2st = _start(FU2)
    fu2en = _end(FU2)
    fu2adj = _changed(FU2)
    fu2adjrsn = _why(FU2, "fu2adj")

    hcathout = DateTimeItem(
        Text("Catheter removed", "拔管时间"),
        section=Text("After the infusions", "输注后"),
        missing=("NK",),
        name_cdash="PR.PRENDTC",
    )
    hbandst = DateTimeItem(
        Text("Compression bandage, start", "加压包扎开始"), missing=("ND", "NK"), name_cdash="PR.PRSTDTC"
    )
    hbanden = DateTimeItem(
        Text("Compression bandage, end", "加压包扎结束"), missing=("ND", "NK"), name_cdash="PR.PRENDTC"
    )
    hdisch = DateTimeItem(Text("Discharge", "出院时间"), missing=("NK",), name_cdash="HO.HOENDTC")
    hcomp = CodeItem(
        Text("Procedure complication", "操作并发症"),
        codes=codelists.HAIC_COMPLICATION,
        missing=("NK",),
        name_cdash="AE",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add body, laboratory, gate and settings of this cycle and what it reads of the cycles before.

        `cycle`, `later_cycle` (Y or N), `gate` (GO, CONFIRM, HOLD, UNKNOWN), `gate_judged`, `height`, `weight`,
        `sampled_at`, `pregnancy_test`, `settings`, `previous_day`, `area_first`, `weight_first`, `first_day` (what
        E8 and E9 are judged from, None but for cycle 1). Three queries.
        """
        given = super().context(visit=visit, **place)
        book = case_forms_of(visit.participant, (cls, *READ))
        number = CYCLE_VISITS.get(visit.code)
        cycles = {CYCLE_VISITS[one.visit.code]: one for one in book.of(cls) if one.visit.code in CYCLE_VISITS}
        this, first = cycles.get(number or 0), cycles.get(1)
        before = cycles.get(number - 1) if number else None
        settings = settings_for(this, place["today"])
        readings, gate = readings_at(book, visit), gate_at(book, visit, settings)
        recorded = cycle_record.catheterised_on(this.answers) if this and this.submitted else None
        return {
            **given,
            "cycle": number,
            "later_cycle": "Y" if number and number > 1 else "N",
            "gate": "CONFIRM" if gate.outcome == "GO" and gate.confirm else str(gate.outcome),
            "gate_judged": gate,
            "height": readings.height,
            "weight": readings.weight,
            "sampled_at": readings.sampled_at,
            "pregnancy_test": readings.pregnancy_test if pregnancy_possible(book) else None,
            "settings": settings,
            "previous_day": before.counted_from(settings) if before else None,
            "area_first": first.hbsa if first and number != 1 else None,
            "weight_first": readings_at(book, first.visit).weight if first and number != 1 else None,
            # A missing pregnancy test holds the check before the cycle already.
            "first_day": first_day(book, settings, "HAIC", recorded_on=recorded, unknown=("E8",))
            if number == 1
            else None,
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        start = answers.get("hprocdt")
        label = Text("Catheterisation start", "置管开始")
        yield from not_before_consent("hprocdt", label, clock.day(start) if start else None, context)
        yield from cycle_record.findings(answers, context)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        return cycle_record.derive(answers, context)

    @property
    def answers(self) -> dict[str, Any]:
        """The stored answers by item name, as the rules read them."""
        return Entry.of(self).answers

    def counted_from(self, settings: Mapping[str, Any]) -> Any:
        """The day from which the interval to the next cycle is counted, by the study setting."""
        if settings["haic_interval_anchor"] == "END":
            return clock.day(self.hcathout) if self.hcathout else None
        return self.started_on

    @property
    def started_on(self) -> date | None:
        """The day the cycle started: of its first infusion, or of catheterisation while that is not known."""
        return cycle_record.first_day({"oxast": self.oxast, "hprocdt": self.hprocdt})

    def interval_from(self, before: HaicCycle, settings: Mapping[str, Any]) -> Interval | None:
        """Judge the days since the cycle before; None where a date is missing."""
        context = {"cycle": self.cycle, "previous_day": before.counted_from(settings), "settings": settings}
        return cycle_record.interval({"oxast": self.oxast, "hprocdt": self.hprocdt}, context)

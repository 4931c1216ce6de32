"""Laboratory results of one visit, in panels: blood count, chemistry, coagulation, markers, virology, pregnancy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import codelists, laboratory_checks, laboratory_results
from eligibility.models.reference_ranges import laboratories_of
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_in_future
from records.codelists import NY
from records.conditions import ALWAYS, NEVER, Either, When
from records.definition import Derived, FormFacts
from records.findings import Finding
from records.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    DecimalItem,
    IntegerItem,
    ListedItem,
    MultiCodeItem,
    Range,
    items_of,
)
from records.results import MeasuredResultItem, ResultItem
from records.text import Text

HEM, CHEM, COAG, MARK = When(hemyn="Y"), When(chemyn="Y"), When(coagyn="Y"), When(markyn="Y")
VIR, SEROLOGY = When(viryn="Y"), When(visit_code="SCR", viryn="Y")
CHILDBEARING = {"sex": "F", "childpot": "Y"}
TESTED = When(**CHILDBEARING, hcg=("NEG", "POS"))
CELLS = "×10⁹/L"
NOT_DONE = ("ND",)


def _panel(en: str, zh: str, shown_when: When = ALWAYS) -> CodeItem:
    """Ask whether a panel was done; its tests apply, and are required, only then."""
    return CodeItem(
        Text(f"{en} done", f"是否进行{zh}检查"),
        codes=NY,
        section=Text(en, zh),
        required=shown_when,
        shown_when=shown_when,
        missing=(),
        name_cdash="LB.LBPERF",
    )


def _test(
    en: str,
    zh: str,
    panel: When,
    cdash: str,
    unit: str,
    places: int,
    hard: Range | None,
    soft: Range | None = None,
    **more: Any,
) -> ResultItem:
    facts = {"required": panel, "shown_when": panel, "missing": NOT_DONE, "width": "s", **more}
    return ResultItem(
        Text(en, zh),
        unit=unit,
        places=places,
        hard=hard,
        soft=soft,
        name_cdash=f"LB.LBORRES {cdash}",
        **facts,
    )


def _measured(
    en: str,
    zh: str,
    panel: When,
    cdash: str,
    units: Mapping[str, int | str | None],
    hard: Range,
    soft: Range | None = None,
    **more: Any,
) -> MeasuredResultItem:
    return MeasuredResultItem(
        Text(en, zh),
        units=units,
        places=2,
        hard=hard,
        soft=soft,
        required=panel,
        shown_when=panel,
        missing=NOT_DONE,
        width="s",
        name_cdash=f"LB.LBORRES {cdash}",
        **more,
    )


def _code(en: str, zh: str, codes: Any, cdash: str) -> CodeItem:
    return CodeItem(
        Text(en, zh),
        codes=codes,
        required=SEROLOGY,
        shown_when=SEROLOGY,
        missing=NOT_DONE,
        name_cdash=f"LB.LBORRES {cdash}",
    )


def _load(en: str, zh: str, cdash: str, required: When, shown_when: When) -> ResultItem:
    return ResultItem(
        Text(en, zh),
        unit="IU/mL",
        places=2,
        digits=15,
        hard=(0, None),
        missing=NOT_DONE,
        signed=True,
        required=required,
        shown_when=shown_when,
        width="s",
        name_cdash=f"LB.LBORRES {cdash}",
    )


class Laboratory(CaseReportForm):
    form = FormFacts("LB", Text("Laboratory", "实验室检查"), ("LB",), several=True)
    rules_version = "2"

    lbdtc = DateTimeItem(
        Text("Sample taken (date and time)", "采样日期时间"),
        section=Text("Sample", "采样"),
        missing=("NK",),
        name_cdash="LB.LBDTC",
    )
    lblab = ListedItem(
        Text("Laboratory", "检验实验室"),
        max_length=10,
        required=When(site_labs="Y"),
        shown_when=When(site_labs="Y"),
        missing=(),
        name_cdash="LB.LBNAM",
    )
    lbsoc = CodeItem(
        Text("Taken in routine care before consent", "知情同意前的常规诊疗样本"),
        codes=NY,
        required=NEVER,
        missing=(),
        name_cdash="SUPPLB",
    )

    hemyn = _panel("Blood count", "血常规")
    wbc = _test("White cells", "白细胞", HEM, "WBC", CELLS, 2, ("0.1", 100), (2, 15), graded=True)
    neut = _test("Neutrophils", "中性粒细胞", HEM, "NEUT", CELLS, 2, (0, 80), (1, 12), graded=True)
    lym = _test("Lymphocytes", "淋巴细胞", HEM, "LYM", CELLS, 2, (0, 50), graded=True)
    hgb = _measured(
        "Haemoglobin", "血红蛋白", HEM, "HGB", {"g/L": 1, "g/dL": 10}, (20, 250), (80, 175), graded=True
    )
    plt = _test("Platelets", "血小板", HEM, "PLAT", CELLS, 0, (1, 1500), (50, 450), graded=True)

    chemyn = _panel("Chemistry", "血生化")
    alt = _test(
        "Alanine aminotransferase (ALT)",
        "丙氨酸氨基转移酶",
        CHEM,
        "ALT",
        "U/L",
        1,
        (1, 10000),
        (None, 200),
        graded=True,
    )
    ast = _test(
        "Aspartate aminotransferase (AST)",
        "天门冬氨酸氨基转移酶",
        CHEM,
        "AST",
        "U/L",
        1,
        (1, 10000),
        (None, 200),
        graded=True,
    )
    alp = _test(
        "Alkaline phosphatase (ALP)", "碱性磷酸酶", CHEM, "ALP", "U/L", 1, (5, 5000), (None, 400), graded=True
    )
    ggt = _test(
        "Gamma-glutamyl transferase (GGT)",
        "γ-谷氨酰转移酶",
        CHEM,
        "GGT",
        "U/L",
        1,
        (1, 5000),
        (None, 500),
        graded=True,
    )
    tbil = _measured(
        "Total bilirubin", "总胆红素", CHEM, "BILI", {"µmol/L": 1, "mg/dL": "17.1"}, (1, 800), (None, "51.3"), graded=True
    )  # fmt: skip
    dbil = _measured(
        "Direct bilirubin", "直接胆红素", CHEM, "BILDIR", {"µmol/L": 1, "mg/dL": "17.1"}, (0, 600)
    )
    alb = _measured("Albumin", "白蛋白", CHEM, "ALB", {"g/L": 1, "g/dL": 10}, (10, 65), (25, 55), graded=True)
    crea = _measured(
        "Creatinine",
        "肌酐",
        CHEM,
        "CREAT",
        {"µmol/L": 1, "mg/dL": "88.4"},
        (10, 2000),
        (30, 150),
        graded=True,
    )
    egfr = DecimalItem(
        Text("eGFR (CKD-EPI 2021)", "估算肾小球滤过率（CKD-EPI 2021）"),
        unit="mL/min/1.73 m²",
        places=1,
        derived=True,
        required=NEVER,
        shown_when=CHEM,
        name_cdash="LB.LBORRES EGFR",
    )
    urea = _test("Urea", "尿素", CHEM, "UREA", "mmol/L", 2, ("0.5", 60))
    k = _test("Potassium", "钾", CHEM, "K", "mmol/L", 2, ("1.5", 9), graded=True)
    na = _test("Sodium", "钠", CHEM, "SODIUM", "mmol/L", 2, (100, 180), graded=True)
    cl = _test("Chloride", "氯", CHEM, "CL", "mmol/L", 2, (60, 140))
    ca = _test("Calcium", "钙", CHEM, "CA", "mmol/L", 2, (1, "4.5"))
    gluc = _test("Fasting glucose", "空腹血糖", CHEM, "GLUC", "mmol/L", 2, (1, 50), ("3.5", 11), graded=True)
    nh3 = _test("Ammonia", "血氨", CHEM, "AMMONIA", "µmol/L", 1, (5, 500), required=NEVER)

    coagyn = _panel("Coagulation", "凝血功能")
    pt = _test("Prothrombin time", "凝血酶原时间", COAG, "PT", "s", 1, (5, 100), (None, 18))
    ptctl = DecimalItem(
        Text("Prothrombin time of the control", "凝血酶原时间对照值"),
        unit="s",
        places=1,
        hard=(5, 30),
        required=NEVER,
        shown_when=COAG,
        missing=("ND",),
        width="s",
        name_cdash="LB.LBORRES PT",
    )
    inr = _test("INR", "国际标准化比值（INR）", COAG, "INR", "", 2, ("0.5", 15), (None, "1.7"), graded=True)
    aptt = _test("APTT", "活化部分凝血活酶时间", COAG, "APTT", "s", 1, (10, 200))
    fib = _test("Fibrinogen", "纤维蛋白原", COAG, "FIBRINO", "g/L", 2, ("0.2", 15))

    markyn = _panel("Tumour markers", "肿瘤标志物")
    # Above 400 ng/mL is expected in almost half of the participants: a mark (afp400), not a question to confirm.
    afp = _measured(
        "Alpha-fetoprotein", "甲胎蛋白", MARK, "AFP", {"ng/mL": 1, "IU/mL": "1.21"}, (0, 10_000_000), signed=True
    )  # fmt: skip
    afp400 = CodeItem(
        Text("AFP above 400 ng/mL", "甲胎蛋白＞400 ng/mL"),
        codes=NY,
        derived=True,
        required=NEVER,
        shown_when=MARK,
        name_cdash="SUPPLB",
    )
    # The two units cannot be converted into each other; each value keeps its own.
    pivka = _measured(
        "PIVKA-II (DCP)", "异常凝血酶原（PIVKA-II）", MARK, "DCP", {"mAU/mL": 1, "ng/mL": None}, (0, 1_000_000),
        (None, 40), signed=True,
    )  # fmt: skip
    cea = _test("CEA", "癌胚抗原", MARK, "CEA", "ng/mL", 2, (0, 100_000), signed=True, required=NEVER)
    ca199 = _test("CA19-9", "CA19-9", MARK, "CA19_9", "U/mL", 2, (0, 1_000_000), signed=True, required=NEVER)

    viryn = _panel("Virology", "病毒学", When(virology="Y"))
    virdtc = DateItem(
        Text("Virology sample taken", "病毒学采样日期"),
        required=VIR,
        shown_when=VIR,
        missing=("NK",),
        name_cdash="LB.LBDTC",
    )
    hbsag = _code("HBsAg", "乙肝表面抗原", codelists.NEGPOS, "HBSAG")
    hbsagq = _load(
        "HBsAg, quantity", "乙肝表面抗原定量", "HBSAG", NEVER, When(visit_code="SCR", viryn="Y", hbsag="POS")
    )
    hbvdna = _load(
        "HBV DNA",
        "乙肝病毒载量（HBV DNA）",
        "HBVVLD",
        Either(When(viryn="Y", hbsag="POS"), When(viryn="Y", hbsag_scr="POS")),
        When(viryn="Y", hbv="Y"),
    )
    hcvab = _code("HCV antibody", "丙肝抗体", codelists.NEGPOS, "HCAB")
    hcvrna = _load(
        "HCV RNA",
        "丙肝病毒载量（HCV RNA）",
        "HCVVLD",
        Either(When(viryn="Y", hcvab="POS"), When(viryn="Y", hcvab_scr="POS")),
        When(viryn="Y", hcv="Y"),
    )
    hivab = _code("HIV antibody", "HIV抗体", codelists.HIV, "HIV12AB")

    hcg = CodeItem(
        Text("Pregnancy test", "妊娠试验"),
        codes=codelists.NEGPOS,
        section=Text("Pregnancy test", "妊娠试验"),
        help=Text(
            "At screening within 14 days, before a HAIC cycle within 7 days, before MAA and Y-90 within 72 hours.",
            "筛选时14天内；每次HAIC疗程前7天内；MAA及钇-90前72小时内。",
        ),
        required=When(**CHILDBEARING, visit_code=codelists.PREGNANCY_TEST),
        shown_when=When(**CHILDBEARING),
        missing=("ND",),
        name_cdash="LB.LBORRES HCG",
    )
    hcgspec = CodeItem(
        Text("Specimen of the pregnancy test", "妊娠试验标本"),
        codes=codelists.SPECIMEN,
        required=TESTED,
        shown_when=TESTED,
        missing=(),
        name_cdash="LB.LBSPEC",
    )
    hcgdtc = DateItem(
        Text("Pregnancy test done on", "妊娠试验日期"),
        required=TESTED,
        shown_when=TESTED,
        missing=(),
        name_cdash="LB.LBDTC",
    )

    lbtoxgr = IntegerItem(
        Text("Highest CTCAE v4.03 grade", "最高CTCAE v4.03分级"),
        section=Text("Judgement", "判断"),
        hard=(0, 4),
        derived=True,
        required=NEVER,
        name_cdash="LB.LBTOXGR",
    )
    lbtoxg3 = MultiCodeItem(
        Text("Results of grade 3 or 4", "3级及以上的检查项目"),
        codes=codelists.LAB_TESTS,
        derived=True,
        required=NEVER,
        name_cdash="LB.LBTOXGR",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the site's laboratories with their ranges, and what later visits read of the screening sample.

        `laboratories` by code, `site_labs` (Y, N), `lblab_choices`; `crea_baseline`, against which creatinine is
        graded; `virology`, `hbv`, `hcv` (Y, N): whether it is asked at this visit, by the schedule and by what
        screening found (`hbsag_scr`, `hcvab_scr`). Two queries more, one at screening.
        """
        laboratories = laboratories_of(visit.participant.site_id)
        screening = visit.code == "SCR"
        found: dict[str, Any] = {"hbsag": None, "hcvab": None, "crea_si": None, "crea_c": None}
        if not screening:
            at_screening = cls._default_manager.filter(participant_id=visit.participant_id, visit__code="SCR")
            found |= at_screening.order_by("-repeat").values(*found).first() or {}
        loads = visit.code in codelists.VIRAL_LOAD
        hbsag, hcvab = (found[name] if loads else None for name in ("hbsag", "hcvab"))
        hbv, hcv = ("Y" if screening or known == "POS" else "N" for known in (hbsag, hcvab))
        return {
            **super().context(visit=visit, **place),
            "laboratories": laboratories,
            "site_labs": "Y" if laboratories else "N",
            "lblab_choices": [(code, one.label) for code, one in laboratories.items()],
            "crea_baseline": found["crea_si"] if found["crea_c"] is None else None,
            "hbsag_scr": hbsag,
            "hcvab_scr": hcvab,
            "hbv": hbv,
            "hcv": hcv,
            "virology": "Y" if "Y" in (hbv, hcv) else "N",
            "limits_of": laboratory_results.limits_on_page,
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        items = {item.name: item for item in items_of(cls)}
        yield from laboratory_checks.laboratory_known(items, answers, context)
        yield from laboratory_checks.routine_before_consent(items, answers, context)
        yield from laboratory_checks.parts_of_a_whole(items, answers)
        yield from laboratory_checks.unit_plausible(items, answers)
        yield from laboratory_results.check_results(items.values(), answers, context)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        results = laboratory_results.derive_results(items_of(cls), answers, context)
        return {
            **laboratory_checks.only_laboratory(answers, context),
            "egfr": laboratory_checks.egfr(answers, context),
            "afp400": laboratory_checks.afp_high(answers),
            **laboratory_results.summary(results),
            **results,
        }

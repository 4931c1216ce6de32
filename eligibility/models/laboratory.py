"""Laboratory results of one visit, in panels: blood count, chemistry, coagulation, markers, virology, pregnancy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import codelists, laboratory_checks
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_in_future
from records.codelists import NY
from records.conditions import ALWAYS, NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding, Level
from records.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    DecimalItem,
    IntegerItem,
    MeasuredItem,
    MultiCodeItem,
    Range,
    items_of,
)
from records.text import Text

HEM, CHEM, COAG, MARK = When(hemyn="Y"), When(chemyn="Y"), When(coagyn="Y"), When(markyn="Y")
VIR = When(visit_code="SCR", viryn="Y")
CHILDBEARING = {"sex": "F", "childpot": "Y"}
CELLS = "×10⁹/L"
COMPARED = {"afpc": "afp", "pivkac": "pivka"}


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
    required: When | None = None,
) -> DecimalItem:
    return DecimalItem(
        Text(en, zh),
        unit=unit,
        places=places,
        hard=hard,
        soft=soft,
        required=required or panel,
        shown_when=panel,
        width="s",
        name_cdash=f"LB.LBORRES {cdash}",
    )


def _measured(
    en: str,
    zh: str,
    panel: When,
    cdash: str,
    units: Mapping[str, int | str],
    hard: Range,
    soft: Range | None = None,
) -> MeasuredItem:
    return MeasuredItem(
        Text(en, zh),
        units=units,
        places=2,
        hard=hard,
        soft=soft,
        required=panel,
        shown_when=panel,
        width="s",
        name_cdash=f"LB.LBORRES {cdash}",
    )


def _result(en: str, zh: str, codes: Any, panel: When, cdash: str) -> CodeItem:
    return CodeItem(
        Text(en, zh), codes=codes, required=panel, shown_when=panel, name_cdash=f"LB.LBORRES {cdash}"
    )


class Laboratory(CaseReportForm):
    form = FormFacts("LB", Text("Laboratory", "实验室检查"), ("LB",), several=True)

    lbdtc = DateTimeItem(
        Text("Sample taken (date and time)", "采样日期时间"),
        section=Text("Sample", "采样"),
        name_cdash="LB.LBDTC",
    )
    lbsoc = CodeItem(
        Text("Taken in routine care before consent", "知情同意前的常规诊疗样本"),
        codes=NY,
        required=NEVER,
        missing=(),
        name_cdash="SUPPLB",
    )

    hemyn = _panel("Blood count", "血常规")
    wbc = _test("White cells", "白细胞", HEM, "WBC", CELLS, 2, ("0.1", 100), (2, 15))
    neut = _test("Neutrophils", "中性粒细胞", HEM, "NEUT", CELLS, 2, (0, 80), (1, 12))
    lym = _test("Lymphocytes", "淋巴细胞", HEM, "LYM", CELLS, 2, (0, 50))
    hgb = _measured("Haemoglobin", "血红蛋白", HEM, "HGB", {"g/L": 1, "g/dL": 10}, (20, 250), (80, 175))
    plt = _test("Platelets", "血小板", HEM, "PLAT", CELLS, 0, (1, 1500), (50, 450))

    chemyn = _panel("Chemistry", "血生化")
    alt = _test("ALT", "丙氨酸氨基转移酶", CHEM, "ALT", "U/L", 1, (1, 10000), (None, 200))
    ast = _test("AST", "天门冬氨酸氨基转移酶", CHEM, "AST", "U/L", 1, (1, 10000), (None, 200))
    alp = _test("ALP", "碱性磷酸酶", CHEM, "ALP", "U/L", 1, (5, 5000), (None, 400))
    ggt = _test("GGT", "γ-谷氨酰转移酶", CHEM, "GGT", "U/L", 1, (1, 5000), (None, 500))
    tbil = _measured(
        "Total bilirubin", "总胆红素", CHEM, "BILI", {"µmol/L": 1, "mg/dL": "17.1"}, (1, 800), (None, "51.3")
    )
    dbil = _measured(
        "Direct bilirubin", "直接胆红素", CHEM, "BILDIR", {"µmol/L": 1, "mg/dL": "17.1"}, (0, 600)
    )
    alb = _measured("Albumin", "白蛋白", CHEM, "ALB", {"g/L": 1, "g/dL": 10}, (10, 65), (25, 55))
    crea = _measured(
        "Creatinine", "肌酐", CHEM, "CREAT", {"µmol/L": 1, "mg/dL": "88.4"}, (10, 2000), (30, 150)
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
    k = _test("Potassium", "钾", CHEM, "K", "mmol/L", 2, ("1.5", 9))
    na = _test("Sodium", "钠", CHEM, "SODIUM", "mmol/L", 1, (100, 180))
    cl = _test("Chloride", "氯", CHEM, "CL", "mmol/L", 1, (60, 140))
    ca = _test("Calcium", "钙", CHEM, "CA", "mmol/L", 2, (1, "4.5"))
    gluc = _test("Fasting glucose", "空腹血糖", CHEM, "GLUC", "mmol/L", 2, (1, 50), ("3.5", 11))
    nh3 = _test("Ammonia", "血氨", CHEM, "AMMONIA", "µmol/L", 1, (5, 500), required=NEVER)

    coagyn = _panel("Coagulation", "凝血功能")
    pt = _test("Prothrombin time", "凝血酶原时间", COAG, "PT", "s", 1, (5, 100), (None, 18))
    ptctl = _test(
        "Prothrombin time of the control", "凝血酶原时间对照值", COAG, "PT", "s", 1, (5, 30), required=NEVER
    )
    inr = _test("INR", "国际标准化比值（INR）", COAG, "INR", "", 2, ("0.5", 15), (None, "1.7"))
    aptt = _test("APTT", "活化部分凝血活酶时间", COAG, "APTT", "s", 1, (10, 200), required=NEVER)
    fib = _test("Fibrinogen", "纤维蛋白原", COAG, "FIBRINO", "g/L", 2, ("0.2", 15), required=NEVER)

    markyn = _panel("Tumour markers", "肿瘤标志物")
    afpc = CodeItem(
        Text("Alpha-fetoprotein, reported as", "甲胎蛋白结果符号"),
        codes=codelists.COMPARATOR,
        required=NEVER,
        shown_when=MARK,
        missing=(),
        name_cdash="LB.LBORRES AFP",
    )
    # Above 400 ng/mL is expected in almost half of the participants: a mark (afp400), not a question to confirm.
    afp = _measured(
        "Alpha-fetoprotein", "甲胎蛋白", MARK, "AFP", {"ng/mL": 1, "IU/mL": "1.21"}, (0, 10_000_000)
    )
    afp400 = CodeItem(
        Text("AFP above 400 ng/mL", "甲胎蛋白＞400 ng/mL"),
        codes=NY,
        derived=True,
        required=NEVER,
        shown_when=MARK,
        name_cdash="SUPPLB",
    )
    pivkac = CodeItem(
        Text("PIVKA-II, reported as", "异常凝血酶原结果符号"),
        codes=codelists.COMPARATOR,
        required=NEVER,
        shown_when=MARK,
        missing=(),
        name_cdash="LB.LBORRES DCP",
    )
    pivka = _test("PIVKA-II (DCP)", "异常凝血酶原（PIVKA-II）", MARK, "DCP", "", 2, (0, 1_000_000))
    # The two units cannot be converted into each other, so the unit is an answer of its own.
    pivkau = CodeItem(
        Text("PIVKA-II, unit", "异常凝血酶原单位"),
        codes=codelists.PIVKA_UNIT,
        required=NEVER,
        shown_when=MARK,
        missing=(),
        name_cdash="LB.LBORRESU DCP",
    )
    cea = _test("CEA", "癌胚抗原", MARK, "CEA", "ng/mL", 2, (0, 100_000), required=NEVER)
    ca199 = _test("CA19-9", "CA19-9", MARK, "CA19_9", "U/mL", 2, (0, 1_000_000), required=NEVER)

    viryn = _panel("Virology", "病毒学", When(visit_code="SCR"))
    virdtc = DateItem(
        Text("Virology sample taken", "病毒学采样日期"), required=VIR, shown_when=VIR, name_cdash="LB.LBDTC"
    )
    hbsag = _result("HBsAg", "乙肝表面抗原", codelists.NEGPOS, VIR, "HBSAG")
    hbvdna = DecimalItem(
        Text("HBV DNA", "乙肝病毒载量（HBV DNA）"),
        unit="IU/mL",
        places=2,
        digits=15,
        hard=(0, None),
        required=When(viryn="Y", hbsag="POS"),
        shown_when=When(visit_code="SCR", viryn="Y", hbsag="POS"),
        width="s",
        name_cdash="LB.LBORRES HBVVLD",
    )
    hcvab = _result("HCV antibody", "丙肝抗体", codelists.NEGPOS, VIR, "HCAB")
    hcvrna = DecimalItem(
        Text("HCV RNA", "丙肝病毒载量（HCV RNA）"),
        unit="IU/mL",
        places=2,
        digits=15,
        hard=(0, None),
        required=NEVER,
        shown_when=When(visit_code="SCR", viryn="Y", hcvab="POS"),
        width="s",
        name_cdash="LB.LBORRES HCVVLD",
    )
    hivab = _result("HIV antibody", "HIV抗体", codelists.HIV, VIR, "HIV12AB")

    hcg = CodeItem(
        Text("Pregnancy test", "妊娠试验"),
        codes=codelists.NEGPOS,
        section=Text("Pregnancy test", "妊娠试验"),
        required=When(**CHILDBEARING, visit_code=codelists.PREGNANCY_TEST),
        shown_when=When(**CHILDBEARING),
        name_cdash="LB.LBORRES HCG",
    )
    hcgspec = CodeItem(
        Text("Specimen of the pregnancy test", "妊娠试验标本"),
        codes=codelists.SPECIMEN,
        required=When(**CHILDBEARING, hcg=("NEG", "POS")),
        shown_when=When(**CHILDBEARING, hcg=("NEG", "POS")),
        missing=(),
        name_cdash="LB.LBSPEC",
    )
    hcgdtc = DateItem(
        Text("Pregnancy test done on", "妊娠试验日期"),
        required=When(**CHILDBEARING, hcg=("NEG", "POS")),
        shown_when=When(**CHILDBEARING, hcg=("NEG", "POS")),
        missing=(),
        name_cdash="LB.LBDTC",
    )

    lbcs = MultiCodeItem(
        Text("Clinically significant abnormal results", "有临床意义的异常结果"),
        codes=codelists.LAB_TESTS,
        section=Text("Judgement", "判断"),
        required=NEVER,
        missing=(),
        name_cdash="SUPPLB.LBCLSIG",
    )
    lbtoxgr = IntegerItem(
        Text("Highest CTCAE v4.03 grade", "最高CTCAE v4.03分级"),
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
        """Add the creatinine at screening, against which later ones are graded."""
        given = {**super().context(visit=visit, **place), "crea_baseline": None}
        if visit.code != "SCR":
            given["crea_baseline"] = (
                cls._default_manager.filter(participant_id=visit.participant_id, visit__code="SCR")
                .order_by("-repeat")
                .values_list("crea_si", flat=True)
                .first()
            )
        return given

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        items = {item.name: item for item in items_of(cls)}
        yield from laboratory_checks.routine_before_consent(items, answers, context)
        yield from laboratory_checks.parts_of_a_whole(items, answers)
        yield from laboratory_checks.unit_plausible(items, answers)
        if answers.get("pivka") is not None and not answers.get("pivkau"):
            yield Finding(
                "pivkau", Level.HARD, Text("Choose the unit of PIVKA-II.", "请选择异常凝血酶原的单位。")
            )

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        as_reported = Text("Reported without a sign: taken as equal.", "未填符号，按“=”处理。")
        unsigned = [
            sign for sign, test in COMPARED.items() if answers.get(test) is not None and not answers.get(sign)
        ]
        return {
            **{sign: Derived("EQ", as_reported) for sign in unsigned},
            "egfr": laboratory_checks.egfr(answers, context),
            "afp400": laboratory_checks.afp_high(answers),
            **laboratory_checks.grades(answers, context),
        }

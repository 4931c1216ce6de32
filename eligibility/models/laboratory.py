"""Laboratory results of one visit, in panels: blood count, chemistry, coagulation, markers, virology, pregnancy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from eligibility import codelists
from eligibility.lab_grades import TEST_OF_ITEM, LabGrade, grade_lab
from eligibility.reference_limits import limits_of
from eligibility.renal import egfr_ckd_epi_2021
from participants.dates import PartialDate, age_if_certain
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_in_future
from records import clock
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
    Item,
    MeasuredItem,
    MultiCodeItem,
    Range,
)
from records.text import Text

HEM, CHEM, COAG, MARK = When(hemyn="Y"), When(chemyn="Y"), When(coagyn="Y"), When(markyn="Y")
VIR = When(visit_code="SCR", viryn="Y")
CHILDBEARING = {"sex": "F", "childpot": "Y"}
CELLS = "×10⁹/L"

AFP_FLAG = 400
SERIOUS_GRADE = 3


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
    form = FormFacts("LB", Text("Laboratory", "实验室检查"), ("LB",))

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
        yield from _routine_before_consent(cls, answers, context)
        yield from _parts_of_a_whole(cls, answers)
        yield from _unit_plausible(cls, answers)
        if answers.get("pivka") is not None and not answers.get("pivkau"):
            yield Finding(
                "pivkau", Level.HARD, Text("Choose the unit of PIVKA-II.", "请选择异常凝血酶原的单位。")
            )

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        given = {
            name: answers.get(name) or "EQ"
            for name in ("afpc", "pivkac")
            if answers.get(name[:-1]) is not None
        }
        as_reported = Text("Reported without a sign: taken as equal.", "未填符号，按“=”处理。")
        return {
            **{name: Derived(code, as_reported) for name, code in given.items()},
            "egfr": _egfr(answers, context),
            "afp400": _afp_high(answers),
            **_grades(answers, context),
        }


def _item(model: type[Laboratory], name: str) -> Item:
    item = model._meta.get_field(name)
    assert isinstance(item, Item)
    return item


def _routine_before_consent(
    model: type[Laboratory], answers: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterable[Finding]:
    consent = context.get("icfdtc")
    if not consent or answers.get("lbsoc") == "Y":
        return
    words = Text(
        "{label} is before the informed consent. Correct the date, or mark the sample as routine care.",
        "{label}早于知情同意，请更正日期，或注明为知情同意前的常规诊疗样本。",
    )
    sampled = answers.get("lbdtc")
    if sampled and sampled < consent:
        yield Finding("lbdtc", Level.HARD, words.format(label=_item(model, "lbdtc").label), "X01")
    for name in ("virdtc", "hcgdtc"):
        day = answers.get(name)
        if day and day < clock.day(consent):
            yield Finding(name, Level.HARD, words.format(label=_item(model, name).label), "X01")


def _parts_of_a_whole(model: type[Laboratory], answers: Mapping[str, Any]) -> Iterable[Finding]:
    words = Text(
        "{part} {value} cannot be more than {whole} {limit}. Check both.",
        "{part}（{value}）不应大于{whole}（{limit}），请核对两者。",
    )
    for part, whole, read in (("neut", "wbc", ""), ("lym", "wbc", ""), ("dbil", "tbil", "_si")):
        value, limit = answers.get(part + read), answers.get(whole + read)
        if value is not None and limit is not None and value > limit:
            yield Finding(
                part,
                Level.HARD,
                words.format(
                    part=_item(model, part).label,
                    value=f"{value.normalize():f}",
                    whole=_item(model, whole).label,
                    limit=f"{limit.normalize():f}",
                ),
            )


# Below this, in the first unit, a value looks as if it was reported in the other one (check X22).
UNIT_ASKED_BELOW = {"alb": 8, "tbil": 3, "crea": 5, "hgb": 25}


def _unit_plausible(model: type[Laboratory], answers: Mapping[str, Any]) -> Iterable[Finding]:
    words = Text(
        "{label} {value} {unit}: was it reported in {other}? Choose the unit, or confirm the value.",
        "{label} {value} {unit}：报告单位是否为{other}？请选择正确单位，或填写说明予以确认。",
    )
    for name, limit in UNIT_ASKED_BELOW.items():
        item = _item(model, name)
        assert isinstance(item, MeasuredItem)
        value, unit = answers.get(name), answers.get(f"{name}_u")
        if value is None or unit != item.unit or value >= limit:
            continue
        other = next(one for one in item.units if one != item.unit)
        yield Finding(
            name,
            Level.SOFT,
            words.format(label=item.label, value=f"{value:f}", unit=unit, other=other),
            "X22",
        )


def _egfr(answers: Mapping[str, Any], context: Mapping[str, Any]) -> Derived:
    creatinine, sex, born = answers.get("crea_si"), context.get("sex"), context.get("brthdtc")
    day = clock.day(answers["lbdtc"]) if answers.get("lbdtc") else context["today"]
    age = age_if_certain(PartialDate.parse(born), day) if born else None
    if not creatinine or sex is None or age is None:
        return Derived(None, Text("Needs creatinine, sex and date of birth.", "需要肌酐、性别和出生日期。"))
    rate = egfr_ckd_epi_2021(creatinine_umol_l=creatinine, age_years=age, sex=sex)
    reason = Text("Creatinine {value} µmol/L, {age} years.", "肌酐{value} µmol/L，{age}岁。")
    return Derived(
        rate.quantize(Decimal("0.1"), ROUND_HALF_UP),
        reason.format(value=f"{creatinine.normalize():f}", age=age),
    )


def _afp_high(answers: Mapping[str, Any]) -> Derived:
    value, comparator = answers.get("afp_si"), answers.get("afpc")
    if value is None:
        return Derived(None, Text("Needs alpha-fetoprotein.", "需要甲胎蛋白。"))
    above = value > AFP_FLAG or (value == AFP_FLAG and comparator == "GT")
    # "< 600" and "> 300" say nothing about 400.
    if (above and comparator == "LT") or (not above and comparator == "GT"):
        return Derived(None, Text("The reported value leaves it open.", "报告值无法判定。"))
    return Derived(
        "Y" if above else "N",
        Text("{value} ng/mL.", "{value} ng/mL。").format(value=f"{value.normalize():f}"),
    )


def lab_grades(
    answers: Mapping[str, Any], sex: str | None, baseline: Decimal | None = None
) -> list[LabGrade]:
    """Grade every test with a result by CTCAE v4.03, in the order of the form."""
    grades = []
    for code in codelists.LAB_TESTS.values:
        name = ITEM_OF_TEST[code]
        value = answers.get(f"{name}_si", answers.get(name))
        if value is None:
            continue
        limits = limits_of(code, sex)
        creatinine = baseline if code == "CREAT" else None
        grades.append(grade_lab(code, value, lower=limits.lower, upper=limits.upper, baseline=creatinine))
    return grades


ITEM_OF_TEST = {
    test: item
    for item, test in TEST_OF_ITEM.items()
    if test in codelists.LAB_TESTS and item in vars(Laboratory)
}


def _grades(answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
    graded = lab_grades(answers, context.get("sex"), context.get("crea_baseline"))
    known = [one for one in graded if one.grade is not None]
    if not known:
        reason = Text("No graded result.", "尚无可分级的结果。")
        return {"lbtoxgr": Derived(None, reason), "lbtoxg3": Derived(None, reason)}
    worst = max(one.grade or 0 for one in known)
    highest = Text.join([codelists.LAB_TESTS.label(one.test) for one in known if one.grade == worst], zh="、")
    reason = (
        Text("Grade {grade}: {tests}.", "{grade}级：{tests}。").format(grade=worst, tests=highest)
        if worst
        else Text("Within the reference limits.", "均在参考范围内。")
    )
    serious = [one.test for one in known if (one.grade or 0) >= SERIOUS_GRADE]
    return {"lbtoxgr": Derived(worst, reason), "lbtoxg3": Derived(serious or None, reason)}

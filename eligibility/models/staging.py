"""Liver function scores, tumour burden and the CNLC stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from eligibility import cnlc, codelists
from eligibility.liver_function import (
    ALBUMIN_CUTS,
    BILIRUBIN_CUTS,
    INR_CUTS,
    PROLONGATION_CUTS,
    ChildPughResult,
    ImpossibleLiverValue,
    albi,
    child_pugh,
)
from eligibility.models.laboratory import Laboratory
from eligibility.models.vital_signs import VitalSigns
from eligibility.reported import Reported, certain
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_in_future
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, DecimalItem, IntegerItem, MultiCodeItem
from records.text import Text

DEFAULT_EDITION = "2022"
LABORATORY_READ = (
    *("tbil_si", "tbil_c", "alb_si", "alb_c", "inr", "inr_c", "pt", "pt_c", "ptctl"),
    *("nh3", "lbdtc"),
)
SUSPECTED = ("G1_2", "G3_4")
# The tumour is staged once, at baseline; the scores of liver function are taken at every visit.
SCREENING = When(visit_code="SCR")
COUNTABLE = When(visit_code="SCR", tumdiff="N")
THROMBUS = When(visit_code="SCR", vascinv="Y")
SPREAD = When(visit_code="SCR", exhep="Y")
CHILD_CLASSES = Text("A: 5 or 6 points, B: 7 to 9, C: 10 to 15.", "A级5～6分，B级7～9分，C级10～15分。")
ALBI_GRADES = Text(
    "1: up to −2.60, 2a: up to −2.27, 2b: up to −1.39, 3: above.",
    "1级≤−2.60，2a级≤−2.27，2b级≤−1.39，3级＞−1.39。",
)


class Staging(CaseReportForm):
    form = FormFacts(
        "STG", Text("Liver function scores and CNLC stage", "肝功能分级与CNLC分期"), ("RS", "TU", "TR")
    )
    rules_version = "CNLC-1"

    ascites = CodeItem(
        Text("Ascites", "腹水"),
        codes=codelists.ASCITES,
        section=Text("Liver function", "肝功能"),
        missing=("ND",),
        name_cdash="RS.RSORRES CPS03",
    )
    enceph = CodeItem(
        Text("Hepatic encephalopathy", "肝性脑病"),
        codes=codelists.ENCEPHALOPATHY,
        missing=("ND",),
        name_cdash="RS.RSORRES CPS",
    )
    cptot = IntegerItem(
        Text("Child-Pugh score", "Child-Pugh总分"),
        hard=(5, 15),
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES CPS",
    )
    cpcls = CodeItem(
        Text("Child-Pugh class", "Child-Pugh分级"),
        codes=codelists.CHILD_CLASS,
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES CPS",
    )
    albi = DecimalItem(
        Text("ALBI score", "ALBI评分"), places=2, derived=True, required=NEVER, name_cdash="RS.RSORRES ALBI"
    )
    albigr = CodeItem(
        Text("ALBI grade (mALBI)", "ALBI分级（mALBI）"),
        codes=codelists.ALBI_GRADE,
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES ALBIGR",
    )

    imgdtc = DateItem(
        Text("Date of the contrast CT or MRI", "增强CT/MRI检查日期"),
        section=Text("Tumour burden on contrast CT or MRI", "肿瘤负荷（增强CT或MRI）"),
        missing=("NK",),
        shown_when=SCREENING,
        name_cdash="TU.TUDTC",
    )
    chestct = CodeItem(
        Text("Chest CT done", "是否完成胸部CT"),
        codes=NY,
        missing=(),
        shown_when=SCREENING,
        name_cdash="PR.PROCCUR",
    )
    tumdiff = CodeItem(
        Text("Diffuse, infiltrative or uncountable tumours", "弥漫性、浸润性或无法计数的肿瘤"),
        codes=NY,
        missing=("ND",),
        shown_when=SCREENING,
        name_cdash="TR.TRORRES",
    )
    tumnum = IntegerItem(
        Text("Number of intrahepatic tumours", "肝内肿瘤数目"),
        hard=(1, None),
        required=COUNTABLE,
        shown_when=COUNTABLE,
        missing=("ND",),
        width="s",
        name_cdash="TR.TRORRES NUMTUM",
    )
    tummax = DecimalItem(
        Text("Largest diameter", "最大肿瘤直径"),
        unit="mm",
        help=Text(
            "Longest diameter of the largest intrahepatic tumour, not the viable part.",
            "肝内最大肿瘤的最长径（非存活部分）。",
        ),
        places=1,
        hard=(1, 300),
        required=COUNTABLE,
        missing=("ND",),
        shown_when=SCREENING,
        width="s",
        name_cdash="TR.TRORRES LDIAM",
    )
    vascinv = CodeItem(
        Text("Radiologically visible vascular tumour thrombus", "影像学可见血管癌栓"),
        codes=codelists.NYU_IMAGING,
        help=Text(
            "Portal vein, hepatic vein or vena cava; not microvascular invasion, not bile ducts.",
            "指门静脉、肝静脉或下腔静脉；不含微血管侵犯及胆管癌栓。",
        ),
        missing=(),
        shown_when=SCREENING,
        name_cdash="TU.TUORRES",
    )
    pvtt = CodeItem(
        Text("Portal vein thrombus type (Cheng)", "门静脉癌栓分型（程氏）"),
        codes=codelists.PVTT,
        required=THROMBUS,
        shown_when=THROMBUS,
        missing=("NK",),
        name_cdash="SUPPTU",
    )
    pvttvp = CodeItem(
        Text("Portal vein thrombus (Vp)", "门静脉癌栓（Vp分型）"),
        codes=codelists.PVTT_VP,
        required=NEVER,
        shown_when=When(visit_code="SCR", vascinv="Y", pvtt=("I", "II", "III", "IV")),
        missing=(),
        name_cdash="SUPPTU",
    )
    hvivc = CodeItem(
        Text("Hepatic vein or inferior vena cava thrombus", "肝静脉/下腔静脉癌栓"),
        codes=codelists.HEPATIC_VEIN,
        required=THROMBUS,
        shown_when=THROMBUS,
        missing=("NK",),
        name_cdash="SUPPTU",
    )
    exhep = CodeItem(
        Text("Extrahepatic metastasis (including lymph nodes)", "肝外转移（含淋巴结）"),
        codes=codelists.NYU_IMAGING,
        missing=(),
        shown_when=SCREENING,
        name_cdash="TU.TUORRES",
    )
    exhepsit = MultiCodeItem(
        Text("Sites of metastasis", "转移部位"),
        codes=codelists.METASTASIS_SITE,
        required=SPREAD,
        shown_when=SPREAD,
        missing=("NK",),
        name_cdash="TU.TULOC",
    )

    cnlc = CodeItem(
        Text("CNLC stage", "CNLC分期"),
        codes=codelists.CNLC,
        section=Text("Stage", "分期"),
        derived=True,
        required=NEVER,
        shown_when=SCREENING,
        name_cdash="RS.RSORRES CNLCSTG",
    )
    recordi3 = CodeItem(
        Text("Wording of inclusion criterion 3", "入选标准3文字是否符合"),
        codes=codelists.RECORD_I3,
        derived=True,
        required=NEVER,
        shown_when=SCREENING,
        name_cdash="SUPPRS",
    )
    cnlced = CodeItem(
        Text("CNLC edition", "CNLC版本"),
        codes=codelists.CNLC_EDITION,
        help=Text(
            "2022 unless another one is chosen; the cut-offs are the same.",
            "未选择时为2022年版；各版界值相同。",
        ),
        required=NEVER,
        missing=(),
        shown_when=SCREENING,
        name_cdash="SUPPRS",
    )
    cnlcinv = CodeItem(
        Text("Stage as judged by the investigator", "研究者判定分期"),
        codes=codelists.CNLC,
        missing=("ND",),
        shown_when=SCREENING,
        name_cdash="RS.RSORRES",
    )
    bclc = CodeItem(
        Text("BCLC stage", "BCLC分期"),
        codes=codelists.BCLC,
        required=NEVER,
        missing=(),
        shown_when=SCREENING,
        name_cdash="RS.RSORRES",
    )
    transok = CodeItem(
        Text("Within the UCSF transplant criteria (information only)", "是否符合UCSF肝移植标准（仅供参考）"),
        codes=NY,
        derived=True,
        required=NEVER,
        shown_when=SCREENING,
        name_cdash="SUPPRS",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add performance status and laboratory values of the same visit; None where not entered yet."""
        laboratory = (
            Laboratory.objects.filter(visit_id=visit.pk).order_by("-repeat").values(*LABORATORY_READ).first()
        )
        signs = VitalSigns.objects.filter(visit_id=visit.pk).order_by("-repeat").values("ecog").first()
        return {
            **super().context(visit=visit, **place),
            **(laboratory or dict.fromkeys(LABORATORY_READ)),
            "ecog": signs["ecog"] if signs else None,
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        if answers.get("enceph") in SUSPECTED and context.get("lbdtc") and context.get("nh3") is None:
            words = Text(
                "Encephalopathy: ammonia is not in the laboratory results of this visit. Enter it, or say why.",
                "存在肝性脑病，本次访视检验结果缺少血氨，请补录或说明原因。",
            )
            yield Finding("enceph", Level.SOFT, words)
        derived, judged = answers.get("cnlc"), answers.get("cnlcinv")
        if derived not in (None, "UNKNOWN") and judged and judged != derived:
            yield Finding(
                "cnlcinv",
                Level.SOFT,
                Text(
                    "The investigator's stage {judged} differs from the computed {derived}. Correct one, or say why.",
                    "研究者判定分期（{judged}）与系统计算（{derived}）不一致，请更正或说明原因。",
                ).format(judged=judged, derived=derived),
            )
        if answers.get("vascinv") == "Y" and answers.get("pvtt") == "NONE" and answers.get("hvivc") == "NONE":
            yield Finding(
                "pvtt",
                Level.HARD,
                Text(
                    "A thrombus is visible: it lies in the portal vein, a hepatic vein or the vena cava. Say where.",
                    "已填写可见血管癌栓，请注明位于门静脉、肝静脉或下腔静脉。",
                ),
            )

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        scores = _liver_function(answers, context)
        if context["visit_code"] != "SCR":
            return scores
        edition = answers.get("cnlced") or DEFAULT_EDITION
        used = Text("The edition in use, unless another is chosen.", "默认使用的版本。")
        return {
            **scores,
            "cnlced": Derived(edition, used),
            **_stage(answers, context, scores["cpcls"].value, edition),
        }


def prolongation(pt: Decimal | None, control: Decimal | None) -> Decimal | None:
    """Give the seconds of prothrombin time above the control's; None where either is missing."""
    return None if pt is None or control is None else pt - control


def child_pugh_of(
    values: Mapping[str, Any], *, ascites: str | None, encephalopathy: str | None
) -> ChildPughResult:
    """Score Child-Pugh from the laboratory's values by item name (LABORATORY_READ); a bound that leaves the points
    of an item open counts as missing. Raises ImpossibleLiverValue as `child_pugh` does.
    """
    seconds = prolongation(values.get("pt"), values.get("ptctl"))
    return child_pugh(
        bilirubin_umol_l=certain(_reported(values, "tbil_si", "tbil_c"), BILIRUBIN_CUTS),
        albumin_g_l=certain(_reported(values, "alb_si", "alb_c"), ALBUMIN_CUTS),
        inr=certain(_reported(values, "inr", "inr_c"), INR_CUTS),
        pt_prolongation_s=None
        if seconds is None
        else certain(Reported(seconds, values.get("pt_c")), PROLONGATION_CUTS),
        ascites=ascites,
        encephalopathy=encephalopathy,
    )


def _reported(values: Mapping[str, Any], name: str, sign: str) -> Reported | None:
    value = values.get(name)
    return None if value is None else Reported(value, values.get(sign))


def _liver_function(answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
    # ALBI moves with every unit, so that a bound says nothing of it.
    bilirubin = certain(_reported(context, "tbil_si", "tbil_c"), ())
    albumin = certain(_reported(context, "alb_si", "alb_c"), ())
    try:
        score = child_pugh_of(context, ascites=answers.get("ascites"), encephalopathy=answers.get("enceph"))
        grade = albi(bilirubin_umol_l=bilirubin, albumin_g_l=albumin)
    except ImpossibleLiverValue as impossible:
        return {name: Derived(None, impossible.sentence) for name in ("cptot", "cpcls", "albi", "albigr")}
    shown = None if grade.value is None else grade.value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "cptot": Derived(score.score, score.reason),
        "cpcls": Derived(score.child_class, score.reason if score.score is None else CHILD_CLASSES),
        "albi": Derived(shown, grade.reason),
        "albigr": Derived(grade.modified, grade.reason if grade.value is None else ALBI_GRADES),
    }


def _stage(
    answers: Mapping[str, Any], context: Mapping[str, Any], child_class: str | None, edition: str
) -> dict[str, Derived]:
    number = cnlc.DIFFUSE if answers.get("tumdiff") == "Y" else answers.get("tumnum")
    ecog = context.get("ecog")
    largest, thrombus, metastasis = answers.get("tummax"), answers.get("vascinv"), answers.get("exhep")
    try:
        found = cnlc.stage(
            ps=None if ecog is None else int(ecog),
            child_pugh=child_class,
            tumour_number=number,
            largest_mm=largest,
            vascular_thrombus=thrombus,
            extrahepatic=metastasis,
            edition=edition,
        )
        transplant = cnlc.within_ucsf(
            tumour_number=number,
            largest_mm=largest,
            sum_mm=None,
            vascular_thrombus=thrombus,
            extrahepatic=metastasis,
        )
    except cnlc.ImpossibleStaging as impossible:
        return {name: Derived(None, impossible.sentence) for name in ("cnlc", "recordi3", "transok")}
    within = None if transplant.within is None else "Y" if transplant.within else "N"
    edition_named = Text(" CNLC {edition}.", "（CNLC {edition}年版）").format(edition=edition)
    return {
        "cnlc": Derived(str(found.stage), found.reason + edition_named),
        "recordi3": Derived(str(found.record_i3), found.record_i3_reason),
        "transok": Derived(within, transplant.reason),
    }

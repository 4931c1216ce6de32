"""The study settings of treatment: doses, limits and windows of both arms, of review, surgery and pathology.

Every limit that the protocol specification marks as proposed or remembered in sections 4, 5, 6.4 and 8.9 to
8.18 stands here, so that the sponsor can change it without a new program. arms/limits.py hands them to the rules.
"""

from __future__ import annotations

from decimal import Decimal

from records.codelists import CodeList
from records.setting_kinds import Choice, Number, Setting
from records.text import Text

BSA_FORMULA = CodeList(
    "BSAFORM",
    ("MOSTELLER", "Mosteller", "Mosteller"),
    ("DU_BOIS", "Du Bois", "Du Bois"),
    ("STEVENSON", "Stevenson", "Stevenson（许文生式）"),
)
CYCLE_ANCHOR = CodeList(
    "CYCLEFROM",
    ("START", "From start to start", "自上一疗程开始"),
    ("END", "From end to start", "自上一疗程结束"),
)
KEEP_OR_NEW = CodeList(
    "KEEPBSA",
    ("KEEP", "May be kept while weight changes little", "体重变化不大时可沿用"),
    ("NEW", "Always from the weight of the cycle", "每疗程按当次体重重新计算"),
)
PRODUCT_CLASS = CodeList("PRODCLASS", ("DRUG", "Drug", "药品"), ("DEVICE", "Device", "医疗器械"))

REGISTRY = Text("NCT07070076 registry record", "NCT07070076注册信息")
SPECIFICATION = "Protocol specification {section}", "方案规格说明{section}"
DAYS, PERCENT = Text("days", "天"), "%"


def section(number: str) -> Text:
    """Name a section of the protocol specification as the source of a setting."""
    return Text(*SPECIFICATION).format(section=number)


def _number(
    key: str,
    group: str,
    words: tuple[str, str],
    default: int | str,
    source: Text,
    limits: tuple[str, str],
    unit: str | Text = "",
    places: int = 1,
) -> Number:
    """Make a number: whole where the default is an int, otherwise kept to `places` decimals."""
    if isinstance(default, int):
        return Number(key, group, Text(*words), default, source, *limits, unit, 0)
    return Number(key, group, Text(*words), Decimal(default), source, *limits, unit, places)


_N = _number
HAIC: tuple[Setting, ...] = (
    Choice("bsa_formula_haic", "HAIC", Text("Body surface area for chemotherapy", "化疗用体表面积公式"),
           "MOSTELLER", section("2.4"), BSA_FORMULA),
    Choice("haic_keep_bsa", "HAIC", Text("Body surface area of cycle 1", "第1疗程体表面积"),
           "KEEP", section("4.2"), KEEP_OR_NEW),
    _N("haic_keep_bsa_change", "HAIC", ("It may be kept while weight has changed by less than", "可沿用时体重变化须小于"),
       10, section("4.2"), ("1", "30"), PERCENT),
    _N("haic_bsa_high", "HAIC", ("Body surface area asked about above", "体表面积超过此值需确认"),
       "2.0", section("4.2"), ("1.0", "2.8"), "m²"),
    _N("haic_oxaliplatin", "HAIC", ("Oxaliplatin, 3 h", "奥沙利铂，3小时"), 135, REGISTRY, ("10", "400"), "mg/m²"),
    _N("haic_leucovorin", "HAIC", ("Leucovorin, 1.5 h", "亚叶酸钙，1.5小时"), 400, REGISTRY, ("10", "1000"), "mg/m²"),
    _N("haic_fu_2h", "HAIC", ("5-FU, 2 h", "氟尿嘧啶，2小时"), 400, REGISTRY, ("10", "1000"), "mg/m²"),
    _N("haic_fu_46h", "HAIC", ("5-FU, 46 h", "氟尿嘧啶，46小时"), 2400, REGISTRY, ("100", "5000"), "mg/m²"),
    _N("haic_deviation_accepted", "HAIC", ("Dose given, difference accepted up to", "实际剂量与计算值之差可接受上限"),
       5, section("4.2"), ("1", "20"), PERCENT),
    _N("haic_deviation_query", "HAIC", ("Dose given, reason required above", "实际剂量与计算值之差超过此值须填写原因"),
       10, section("4.2"), ("1", "50"), PERCENT),
    Choice("haic_interval_anchor", "HAIC", Text("Interval between cycles is counted", "疗程间隔计算方式"),
           "START", section("4.4"), CYCLE_ANCHOR),
    _N("haic_interval_from", "HAIC", ("Interval between cycles, planned from", "疗程间隔计划下限"),
       21, section("4.4"), ("7", "60"), DAYS),
    _N("haic_interval_to", "HAIC", ("Interval between cycles, planned to", "疗程间隔计划上限"),
       28, section("4.4"), ("7", "90"), DAYS),
    _N("haic_interval_review_to", "HAIC",
       ("Interval of the first cycle after a review, planned to", "评估后首个疗程间隔计划上限"),
       42, section("4.4"), ("7", "120"), DAYS),
    _N("haic_interval_query_from", "HAIC", ("Interval, reason required below", "疗程间隔少于此值须填写原因"),
       18, section("4.4"), ("1", "60"), DAYS),
    _N("haic_interval_query_to", "HAIC", ("Interval, reason required above", "疗程间隔超过此值须填写原因"),
       42, section("4.4"), ("7", "120"), DAYS),
    _N("haic_interval_stop", "HAIC", ("Interval, end of treatment asked about above", "疗程间隔超过此值须考虑终止治疗"),
       58, section("4.4"), ("14", "180"), DAYS),
    _N("haic_laboratory_recent", "HAIC", ("Laboratory before a cycle, asked about when older than", "疗前检验超过此天数需确认"),
       3, section("4.4"), ("0", "14"), DAYS),
    _N("haic_laboratory_limit", "HAIC", ("Laboratory before a cycle, refused when older than", "疗前检验超过此天数须重做"),
       7, section("4.4"), ("0", "28"), DAYS),
    _N("haic_pregnancy_days", "HAIC", ("Pregnancy test before a cycle, at most", "疗前妊娠试验有效期"),
       7, section("3"), ("1", "28"), DAYS),
    _N("haic_tolerance_oxaliplatin", "HAIC", ("Oxaliplatin, duration within ±", "奥沙利铂输注时长允许偏差±"),
       "0.6", section("4.4"), ("0", "3"), "h"),
    _N("haic_tolerance_leucovorin", "HAIC", ("Leucovorin, duration within ±", "亚叶酸钙输注时长允许偏差±"),
       "0.3", section("4.4"), ("0", "1.5"), "h"),
    _N("haic_tolerance_fu_2h", "HAIC", ("5-FU (2 h), duration within ±", "氟尿嘧啶（2小时）输注时长允许偏差±"),
       "0.4", section("4.4"), ("0", "2"), "h"),
    _N("haic_tolerance_fu_46h", "HAIC", ("5-FU (46 h), duration within ±", "氟尿嘧啶（46小时）输注时长允许偏差±"),
       "4", section("4.4"), ("0", "24"), "h"),
    _N("haic_dwell_from", "HAIC", ("Catheter in place, asked about below", "导管留置少于此时长需确认"),
       52, section("4.1"), ("1", "120"), "h"),
    _N("haic_dwell_to", "HAIC", ("Catheter in place, asked about above", "导管留置超过此时长需确认"),
       80, section("4.1"), ("1", "240"), "h"),
    _N("haic_bandage", "HAIC", ("Compression bandage, at least", "加压包扎至少"), 12, REGISTRY, ("1", "48"), "h"),
    _N("haic_reexamination_from", "HAIC", ("Re-examination after the last cycle ended, from", "末次疗程结束后复查，自"),
       21, section("4.4"), ("1", "90"), DAYS),
    _N("haic_reexamination_to", "HAIC", ("Re-examination after the last cycle ended, to", "末次疗程结束后复查，至"),
       28, section("4.4"), ("1", "120"), DAYS),
    _N("haic_review_from", "HAIC", ("MDT review after the last cycle ended, from", "末次疗程结束后MDT评估，自"),
       21, section("4.4"), ("1", "90"), DAYS),
    _N("haic_review_to", "HAIC", ("MDT review after the last cycle ended, to", "末次疗程结束后MDT评估，至"),
       35, section("4.4"), ("1", "120"), DAYS),
)  # fmt: skip

GATE: tuple[Setting, ...] = (
    _N("gate_neutrophils", "GATE", ("Neutrophils, at least", "中性粒细胞下限"),
       "1.2", section("4.3"), ("0", "10"), "×10⁹/L", 2),
    _N("gate_platelets", "GATE", ("Platelets, at least", "血小板下限"), 60, section("4.3"), ("0", "300"), "×10⁹/L"),
    _N("gate_bilirubin", "GATE", ("Total bilirubin, at most", "总胆红素上限"),
       "30", section("4.3"), ("1", "200"), "µmol/L"),
    _N("gate_albumin", "GATE", ("Albumin, at least", "白蛋白下限"), "30", section("4.3"), ("10", "60"), "g/L"),
    _N("gate_confirm_ecog", "GATE", ("ECOG asked about from", "ECOG评分达到此值需确认"), 2, section("4.3"), ("1", "4")),
    _N("gate_confirm_child_pugh", "GATE", ("Child-Pugh score asked about from", "Child-Pugh总分达到此值需确认"),
       8, section("4.3"), ("6", "15")),
    _N("gate_confirm_inr", "GATE", ("INR asked about above", "INR超过此值需确认"), "1.7", section("4.3"), ("1", "5"), "", 2),
    _N("gate_confirm_creatinine", "GATE", ("Creatinine asked about above", "肌酐超过此值需确认"),
       "1.5", section("4.3"), ("1", "6"), Text("× upper limit of normal", "×正常上限"), 2),
)  # fmt: skip

Y90: tuple[Setting, ...] = (
    Choice("product_class", "Y90", Text("The microspheres are handled as", "微球按何种类别管理"),
           "DRUG", section("0.2 (C21)"), PRODUCT_CLASS),
    Choice("bsa_formula_resin", "Y90", Text("Body surface area for resin microspheres", "树脂微球用体表面积公式"),
           "DU_BOIS", section("2.4"), BSA_FORMULA),
    _N("y90_half_life", "Y90", ("Half-life of Y-90", "钇-90半衰期"), "64.1", section("5.2"), ("63", "65"), "h", 2),
    _N("y90_k_product", "Y90", ("Dose constant K, product formulas", "剂量常数K（产品公式）"),
       "50", section("5.2"), ("48", "52"), "Gy·kg/GBq", 2),
    _N("y90_k_partition", "Y90", ("Dose constant K, partition model", "剂量常数K（分区模型）"),
       "49.67", section("5.2"), ("48", "52"), "Gy·kg/GBq", 2),
    _N("y90_liver_density", "Y90", ("Density of liver", "肝脏密度"), "1.03", section("5.2"), ("0.9", "1.2"), "g/mL", 3),
    _N("y90_lung_mass", "Y90", ("Mass of the lungs", "肺质量"), "1.0", section("5.2"), ("0.3", "2"), "kg", 2),
    _N("y90_residual_expected", "Y90", ("Expected residual of glass where none is entered", "玻璃微球预计残留率默认值"),
       "1.0", section("8.12"), ("0", "30"), PERCENT),
    _N("y90_lung_dose_query", "Y90", ("Lung dose of one treatment, asked about above", "单次治疗肺剂量超过此值需确认"),
       25, section("8.12"), ("5", "50"), "Gy"),
    _N("y90_lung_dose", "Y90", ("Lung dose of one treatment, at most", "单次治疗肺剂量上限"),
       30, section("5.4"), ("5", "50"), "Gy"),
    _N("y90_lung_dose_total", "Y90", ("Cumulative lung dose, at most", "累计肺剂量上限"),
       50, section("5.4"), ("10", "100"), "Gy"),
    _N("y90_lsf_warning", "Y90", ("Lung shunt asked about above", "肺分流率超过此值需确认"),
       "10", section("5.4"), ("1", "50"), PERCENT),
    _N("y90_lsf_resin", "Y90", ("Lung shunt that blocks resin above", "树脂微球肺分流率上限"),
       "20", section("5.4"), ("1", "50"), PERCENT),
    _N("y90_lung_activity_glass", "Y90", ("Activity of glass reaching the lungs, at most", "玻璃微球进入肺部活度上限"),
       "0.61", section("5.4"), ("0.1", "2"), "GBq", 3),
    _N("y90_resin_low", "Y90", ("Activity of resin asked about below", "树脂微球计划活度低于此值需确认"),
       "0.5", section("5.5"), ("0.1", "5"), "GBq", 2),
    _N("y90_resin_high", "Y90", ("Activity of resin asked about above", "树脂微球计划活度超过此值需确认"),
       "3", section("5.5"), ("0.1", "20"), "GBq", 2),
    _N("y90_glass_high", "Y90", ("Activity of glass asked about above", "玻璃微球计划活度超过此值需确认"),
       "10", section("8.12"), ("0.1", "20"), "GBq", 2),
    _N("y90_resin_reduce_from", "Y90", ("Resin, first reduction from a lung shunt of", "树脂微球第一级减量的肺分流率"),
       "10", section("5.5"), ("1", "50"), PERCENT),
    _N("y90_resin_reduce_first", "Y90", ("Resin, first reduction", "树脂微球第一级减量"),
       20, section("5.5"), ("0", "90"), PERCENT),
    _N("y90_resin_reduce_more_from", "Y90", ("Resin, second reduction from a lung shunt of", "树脂微球第二级减量的肺分流率"),
       "15", section("5.5"), ("1", "50"), PERCENT),
    _N("y90_resin_reduce_second", "Y90", ("Resin, second reduction", "树脂微球第二级减量"),
       40, section("5.5"), ("0", "90"), PERCENT),
    _N("y90_resin_normal_liver", "Y90", ("Dose of resin to normal liver asked about above", "树脂微球正常肝剂量超过此值需确认"),
       40, section("5.6"), ("10", "100"), "Gy"),
    _N("y90_maa_scan", "Y90", ("Scan after MAA, asked about later than", "MAA显像超过此时间需确认"),
       60, section("5.7"), ("10", "240"), Text("min", "分钟")),
    _N("y90_mapping_recent", "Y90", ("Infusion after mapping, asked about later than", "距造影/MAA超过此天数需确认"),
       14, section("5.7"), ("1", "60"), DAYS),
    _N("y90_mapping_limit", "Y90", ("Infusion after mapping, blocked later than", "距造影/MAA超过此天数不能输注"),
       30, section("5.7"), ("1", "120"), DAYS),
    _N("y90_pregnancy_hours", "Y90", ("Pregnancy test before mapping and infusion, at most", "造影及输注前妊娠试验有效期"),
       72, section("3"), ("24", "336"), "h"),
    _N("y90_assay", "Y90", ("Assay asked about when off the calibration by more than", "实测活度与标定活度之差超过此值需确认"),
       10, section("5.8"), ("1", "50"), PERCENT),
    _N("y90_net_accepted", "Y90", ("Net activity, difference from the plan accepted up to", "实际注入活度与计划之差可接受上限"),
       10, section("5.8"), ("1", "50"), PERCENT),
    _N("y90_net_query", "Y90", ("Net activity, reason required above", "实际注入活度与计划之差超过此值须填写原因"),
       20, section("5.8"), ("1", "100"), PERCENT),
    _N("y90_residual_query", "Y90", ("Residual asked about above", "残留比例超过此值需确认"),
       10, section("8.13"), ("1", "50"), PERCENT),
    _N("y90_scan_wanted", "Y90", ("Scan after infusion wanted within", "术后显像宜在此时间内完成"),
       24, section("5.7"), ("1", "96"), "h"),
    _N("y90_scan_query", "Y90", ("Scan after infusion, asked about later than", "术后显像超过此时间需确认"),
       48, section("5.7"), ("1", "168"), "h"),
    _N("y90_discharge", "Y90", ("Discharge after infusion, not before", "输注后至少观察"), 24, REGISTRY, ("1", "96"), "h"),
    _N("y90_warn_bilirubin", "Y90", ("Bilirubin warned about above", "总胆红素超过此值提示"),
       "34.2", section("5.7"), ("10", "100"), "µmol/L"),
    _N("y90_warn_granulocytes", "Y90", ("Granulocytes warned about below", "粒细胞低于此值提示"),
       "1.5", section("5.7"), ("0.5", "5"), "×10⁹/L", 2),
    _N("y90_warn_replacement", "Y90", ("Tumour replacement warned about above", "肿瘤占肝体积超过此值提示"),
       70, section("5.7"), ("20", "100"), PERCENT),
    _N("y90_warn_child_pugh", "Y90", ("Child-Pugh score warned about from", "Child-Pugh总分达到此值提示"),
       8, section("5.7"), ("6", "15")),
)  # fmt: skip

SURGERY: tuple[Setting, ...] = (
    _N("mdt_disciplines", "SURGERY", ("Disciplines at the MDT, at least", "MDT参与学科至少"), 3, section("8.9"), ("1", "7")),
    _N("remnant_least", "SURGERY", ("Liver remnant asked about below, without cirrhosis", "无肝硬化时剩余肝体积比低于此值需确认"),
       30, section("8.9"), ("10", "60"), PERCENT),
    _N("remnant_least_cirrhosis", "SURGERY", ("Liver remnant asked about below, with cirrhosis", "肝硬化时剩余肝体积比低于此值需确认"),
       40, section("8.9"), ("10", "70"), PERCENT),
    _N("review_y90_from", "SURGERY", ("Review after Y-90, from", "钇-90输注后评估，自"), 90, section("8.15"), ("30", "240"), DAYS),
    _N("review_y90_to", "SURGERY", ("Review after Y-90, to", "钇-90输注后评估，至"), 120, section("8.15"), ("30", "300"), DAYS),
    _N("surgery_haic_from", "SURGERY", ("Hepatectomy after the last HAIC cycle ended, from", "末次HAIC结束后肝切除，自"),
       21, section("8.16"), ("7", "120"), DAYS),
    _N("surgery_haic_to", "SURGERY", ("Hepatectomy after the last HAIC cycle ended, to", "末次HAIC结束后肝切除，至"),
       28, section("8.16"), ("7", "180"), DAYS),
    _N("surgery_y90_from", "SURGERY", ("Hepatectomy after Y-90, asked about before", "钇-90输注后早于此天数肝切除需确认"),
       76, section("5.8"), ("14", "240"), DAYS),
    _N("surgery_y90_to", "SURGERY", ("Hepatectomy after Y-90, asked about after", "钇-90输注后晚于此天数肝切除需确认"),
       148, section("5.8"), ("30", "365"), DAYS),
    _N("surgery_y90_reason_from", "SURGERY", ("Hepatectomy after Y-90, reason required before", "钇-90输注后早于此天数肝切除须填写原因"),
       60, section("5.8"), ("14", "240"), DAYS),
    _N("surgery_y90_reason_to", "SURGERY", ("Hepatectomy after Y-90, reason required after", "钇-90输注后晚于此天数肝切除须填写原因"),
       180, section("5.8"), ("30", "365"), DAYS),
    _N("surgery_waits", "SURGERY", ("Resectable and no hepatectomy, pointed out after", "评估可切除后未手术，超过此天数提示"),
       60, section("8.26 (X13)"), ("7", "365"), DAYS),
    _N("pathology_mpr", "SURGERY", ("Major pathological response: viable tumour, at most", "主要病理缓解：存活肿瘤比例上限"),
       10, section("6.4"), ("0", "50"), PERCENT),
    _N("pathology_r0_margin", "SURGERY", ("R0 asked about when the margin is narrower than", "R0切缘窄于此值需确认"),
       "1.0", section("6.4"), ("0", "10"), "mm"),
    _N("complication_days", "SURGERY", ("Complications are recorded after hepatectomy for", "肝切除术后并发症记录期"),
       90, section("8.18"), ("30", "365"), DAYS),
)  # fmt: skip

TREATMENT = (*HAIC, *GATE, *Y90, *SURGERY)
# Limits that have to stand in this order, so that no window is empty and no grade is milder than the one before.
ORDERED = (
    ("haic_deviation_accepted", "haic_deviation_query"),
    ("haic_interval_query_from", "haic_interval_from", "haic_interval_to", "haic_interval_query_to", "haic_interval_stop"),
    ("haic_interval_to", "haic_interval_review_to", "haic_interval_stop"),
    ("haic_laboratory_recent", "haic_laboratory_limit"),
    ("haic_dwell_from", "haic_dwell_to"),
    ("haic_reexamination_from", "haic_reexamination_to"),
    ("haic_review_from", "haic_review_to"),
    ("y90_lung_dose_query", "y90_lung_dose", "y90_lung_dose_total"),
    ("y90_lsf_warning", "y90_lsf_resin"),
    ("y90_resin_reduce_from", "y90_resin_reduce_more_from", "y90_lsf_resin"),
    ("y90_resin_reduce_first", "y90_resin_reduce_second"),
    ("y90_resin_low", "y90_resin_high"),
    ("y90_mapping_recent", "y90_mapping_limit"),
    ("y90_net_accepted", "y90_net_query"),
    ("y90_scan_wanted", "y90_scan_query"),
    ("review_y90_from", "review_y90_to"),
    ("surgery_haic_from", "surgery_haic_to"),
    ("surgery_y90_reason_from", "surgery_y90_from", "surgery_y90_to", "surgery_y90_reason_to"),
)  # fmt: skip

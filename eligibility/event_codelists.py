"""Code lists of adverse events and of concomitant medication."""

from records.codelists import CodeList

RELATION = CodeList(
    "AEREL",
    ("DEFINITE", "Definite", "肯定有关"),
    ("PROBABLE", "Probable", "很可能"),
    ("POSSIBLE", "Possible", "可能"),
    ("UNLIKELY", "Unlikely", "可能无关"),
    ("UNRELATED", "Not related", "肯定无关"),
)
ACTION = CodeList(
    "AEACN",
    ("NOTCHANGED", "Not changed", "不变"),
    ("REDUCED", "Dose reduced", "减量"),
    ("INTERRUPTED", "Interrupted", "暂停"),
    ("WITHDRAWN", "Permanently stopped", "永久停止"),
    ("NOTAPPLICABLE", "Not applicable", "不适用"),
)
OUTCOME = CodeList(
    "AEOUT",
    ("RECOVERED", "Recovered", "痊愈"),
    ("RECOVERING", "Recovering", "好转"),
    ("NOTRECOVERED", "Not recovered", "未愈"),
    ("SEQUELAE", "Recovered with sequelae", "有后遗症"),
    ("FATAL", "Fatal", "死亡"),
    ("UNKNOWN", "Unknown", "未知"),
)
# The outcomes of an event that has ended.
ENDED = ("RECOVERED", "SEQUELAE", "FATAL")
SPECIAL_INTEREST = CodeList(
    "AESI",
    ("NONE", "None of these", "均不是"),
    ("REILD", "Radioembolisation-induced liver disease (REILD)", "放射性栓塞诱发的肝病（REILD）"),
    ("PNEUMONITIS", "Radiation pneumonitis", "放射性肺炎"),
    ("GIULCER", "Gastrointestinal ulcer", "胃肠溃疡"),
    ("CHOLECYSTITIS", "Cholecystitis", "胆囊炎"),
    ("LIVERFAILURE", "Liver failure", "肝衰竭"),
    ("NEUROTOXICITY", "Neurotoxicity", "神经毒性"),
    ("INFUSIONPAIN", "Abdominal pain at infusion", "输注腹痛"),
    ("CATHTHROMBOSIS", "Catheter thrombosis", "导管血栓"),
)

DRUG_CATEGORY = CodeList(
    "CMCAT",
    ("ANTIHBV", "Antiviral for hepatitis B", "抗乙肝病毒"),
    ("ANTIEMETIC", "Antiemetic", "止吐"),
    ("ANALGESIC", "Analgesic", "镇痛"),
    ("HEPATOPROTECT", "Liver protection", "保肝"),
    ("ANTICOAGULANT", "Anticoagulant", "抗凝"),
    ("ANTIBIOTIC", "Antibiotic", "抗生素"),
    ("ALBUMIN", "Albumin", "白蛋白"),
    ("GROWTHFACTOR", "Growth factor", "生长因子"),
    ("OTHER", "Other", "其他"),
)
# Units, frequencies and routes carry the submission values of CDISC controlled terminology where there is one.
DOSE_UNIT = CodeList(
    "CMDOSU",
    ("mg", "mg", "mg"),
    ("g", "g", "g"),
    ("ug", "µg", "µg"),
    ("mL", "mL", "mL"),
    ("L", "L", "L"),
    ("IU", "IU", "IU"),
    ("U", "U", "U（单位）"),
    ("mmol", "mmol", "mmol"),
    ("mg/kg", "mg/kg", "mg/kg"),
    ("ug/kg", "µg/kg", "µg/kg"),
    ("TABLET", "Tablet", "片"),
    ("CAPSULE", "Capsule", "粒"),
    ("SACHET", "Sachet", "袋"),
    ("VIAL", "Vial", "支/瓶"),
    ("DROP", "Drop", "滴"),
    ("PUFF", "Puff", "揿"),
    ("PATCH", "Patch", "贴"),
    ("OTHER", "Other", "其他"),
)
FREQUENCY = CodeList(
    "CMDOSFRQ",
    ("ONCE", "Once", "一次"),
    ("QD", "Once a day (QD)", "每日1次（QD）"),
    ("BID", "Twice a day (BID)", "每日2次（BID）"),
    ("TID", "Three times a day (TID)", "每日3次（TID）"),
    ("QID", "Four times a day (QID)", "每日4次（QID）"),
    ("QN", "Every night (QN)", "每晚1次（QN）"),
    ("Q4H", "Every 4 hours (Q4H)", "每4小时1次（Q4H）"),
    ("Q6H", "Every 6 hours (Q6H)", "每6小时1次（Q6H）"),
    ("Q8H", "Every 8 hours (Q8H)", "每8小时1次（Q8H）"),
    ("Q12H", "Every 12 hours (Q12H)", "每12小时1次（Q12H）"),
    ("QOD", "Every other day (QOD)", "隔日1次（QOD）"),
    ("QS", "Once a week", "每周1次"),
    ("BIS", "Twice a week", "每周2次"),
    ("Q2S", "Every 2 weeks", "每2周1次"),
    ("Q3S", "Every 3 weeks", "每3周1次"),
    ("QM", "Once a month", "每月1次"),
    ("PRN", "As needed (PRN)", "必要时（PRN）"),
    ("CONTINUOUS", "Continuous", "持续"),
    ("OTHER", "Other", "其他"),
)
ROUTE = CodeList(
    "CMROUTE",
    ("ORAL", "Oral", "口服"),
    ("INTRAVENOUS", "Intravenous", "静脉"),
    ("INTRAMUSCULAR", "Intramuscular", "肌内注射"),
    ("SUBCUTANEOUS", "Subcutaneous", "皮下注射"),
    ("INTRA-ARTERIAL", "Intra-arterial", "动脉"),
    ("INTRAPERITONEAL", "Intraperitoneal", "腹腔"),
    ("SUBLINGUAL", "Sublingual", "舌下"),
    ("RECTAL", "Rectal", "直肠"),
    ("RESPIRATORY", "Inhaled", "吸入"),
    ("NASAL", "Nasal", "鼻用"),
    ("TOPICAL", "Topical", "外用"),
    ("TRANSDERMAL", "Transdermal", "经皮"),
    ("EPIDURAL", "Epidural", "硬膜外"),
    ("OTHER", "Other", "其他"),
)

"""Code lists of the measurements, the staging, the imaging and the judgement questions, and their visits."""

from eligibility.cnlc import EDITIONS, RecordI3, Stage
from eligibility.lesions import Category, Location, State
from records.codelists import CodeList

NYU_IMAGING = CodeList("NYU", ("N", "No", "无"), ("Y", "Yes", "有"), ("UNK", "Unknown", "不详"))

ECOG = CodeList(
    "ECOG",
    ("0", "0 – fully active", "0 – 活动能力完全正常"),
    ("1", "1 – restricted in strenuous activity, light work possible", "1 – 能自由走动及从事轻体力活动"),
    (
        "2",
        "2 – cares for self, unable to work, up more than half of the day",
        "2 – 能自由走动、生活自理，丧失工作能力，日间一半以上时间可起床",
    ),
    (
        "3",
        "3 – limited self-care, in bed or chair more than half of the day",
        "3 – 生活仅部分自理，日间一半以上时间卧床或坐轮椅",
    ),
    ("4", "4 – completely disabled", "4 – 卧床不起，生活不能自理"),
)
PUNCTURE_SITE = CodeList(
    "PUNCT",
    ("NORMAL", "Normal", "正常"),
    ("HAEMATOMA", "Haematoma", "血肿"),
    ("BLEEDING", "Bleeding", "出血"),
    ("PSEUDOANEURYSM", "Pseudoaneurysm", "假性动脉瘤"),
    ("INFECTION", "Infection", "感染"),
)

NEGPOS = CodeList("NEGPOS", ("NEG", "Negative", "阴性"), ("POS", "Positive", "阳性"))
HIV = CodeList(
    "HIVAB",
    ("NEG", "Negative", "阴性"),
    ("POS", "Positive, confirmed", "阳性（已确证）"),
    ("CONFIRM", "To be confirmed", "待确证"),
    ("PENDING", "Result awaited", "结果未回"),
)
SPECIMEN = CodeList("HCGSPEC", ("BLOOD", "Blood", "血"), ("URINE", "Urine", "尿"))
LAB_TESTS = CodeList(
    "LABTEST",
    ("BILI", "Total bilirubin", "总胆红素"),
    ("ALT", "ALT", "丙氨酸氨基转移酶"),
    ("AST", "AST", "天门冬氨酸氨基转移酶"),
    ("ALP", "ALP", "碱性磷酸酶"),
    ("GGT", "GGT", "γ-谷氨酰转移酶"),
    ("ALB", "Albumin", "白蛋白"),
    ("CREAT", "Creatinine", "肌酐"),
    ("K", "Potassium", "钾"),
    ("SODIUM", "Sodium", "钠"),
    ("GLUC", "Glucose", "空腹血糖"),
    ("INR", "INR", "INR"),
    ("WBC", "White cells", "白细胞"),
    ("NEUT", "Neutrophils", "中性粒细胞"),
    ("LYM", "Lymphocytes", "淋巴细胞"),
    ("HGB", "Haemoglobin", "血红蛋白"),
    ("PLT", "Platelets", "血小板"),
)

ASCITES = CodeList(
    "ASCITES",
    ("NONE", "None", "无"),
    ("MILD", "Mild, or controlled by diuretics", "轻度（利尿剂可控）"),
    ("MODSEV", "Moderate to severe, or refractory", "中重度或难治性"),
)
ENCEPHALOPATHY = CodeList(
    "ENCEPH",
    ("NONE", "None", "无"),
    ("G1_2", "Grade 1–2, or controlled", "1～2级（或药物可控）"),
    ("G3_4", "Grade 3–4", "3～4级"),
)
CHILD_CLASS = CodeList(
    "CPCLS",
    ("A", "A (5–6)", "A级（5～6分）"),
    ("B", "B (7–9)", "B级（7～9分）"),
    ("C", "C (10–15)", "C级（10～15分）"),
)
ALBI_GRADE = CodeList(
    "ALBIGR", ("1", "1", "1级"), ("2a", "2a", "2a级"), ("2b", "2b", "2b级"), ("3", "3", "3级")
)
PVTT = CodeList(
    "PVTT",
    ("NONE", "No portal vein thrombus", "无门静脉癌栓"),
    ("I", "Cheng I – segmental branches or above", "程氏I型 – 二级以上分支"),
    ("II", "Cheng II – left or right branch", "程氏II型 – 左支或右支"),
    ("III", "Cheng III – main trunk", "程氏III型 – 主干"),
    ("IV", "Cheng IV – superior mesenteric vein", "程氏IV型 – 肠系膜上静脉"),
)
PVTT_VP = CodeList(
    "PVTTVP",
    ("VP1", "Vp1", "Vp1"),
    ("VP2", "Vp2", "Vp2"),
    ("VP3", "Vp3", "Vp3"),
    ("VP4", "Vp4", "Vp4"),
)
HEPATIC_VEIN = CodeList(
    "HVIVC",
    ("NONE", "None", "无"),
    ("HV", "Hepatic vein", "肝静脉"),
    ("IVC", "Inferior vena cava", "下腔静脉"),
    ("RA", "Right atrium", "右心房"),
)
METASTASIS_SITE = CodeList(
    "EXHEPSIT",
    ("NODE", "Lymph node", "淋巴结"),
    ("LUNG", "Lung", "肺"),
    ("BONE", "Bone", "骨"),
    ("ADRENAL", "Adrenal gland", "肾上腺"),
    ("PERITONEUM", "Peritoneum", "腹膜"),
    ("BRAIN", "Brain", "脑"),
    ("OTHER", "Other", "其他"),
)
CNLC = CodeList(
    "CNLC",
    *[(stage.value, stage.value, f"{stage.value}期") for stage in Stage if stage is not Stage.UNKNOWN],
    ("UNKNOWN", "Unknown", "未知"),
)
CNLC_EDITION = CodeList("CNLCED", *[(edition, edition, f"{edition}年版") for edition in EDITIONS])
BCLC = CodeList("BCLC", *[(stage, stage, f"{stage}期") for stage in ("0", "A", "B", "C", "D")])
RECORD_I3 = CodeList(
    "RECORDI3",
    (RecordI3.MET.value, "Met", "符合"),
    (RecordI3.NOT_MET.value, "Not met", "不符合"),
    (RecordI3.RULING.value, "Needs a sponsor ruling", "待申办者裁定"),
    (RecordI3.UNKNOWN.value, "Unknown", "未知"),
)

TOLERATES = CodeList(
    "E1J",
    ("TOLERATES", "Tolerates the treatment", "可耐受治疗"),
    ("CANNOT", "Cannot tolerate the treatment", "不能耐受治疗"),
)
CRITERIA = CodeList(
    "IETESTCD",
    *[(f"I{n}", f"Inclusion {n}", f"入选标准{n}") for n in range(1, 7)],
    *[(f"E{n}", f"Exclusion {n}", f"排除标准{n}") for n in range(1, 12)],
)

# Visits after an arterial puncture, and visits whose treatment needs a negative pregnancy test first.
AFTER_PUNCTURE = ("H-C1", "H-C2", "H-C3", "H-C4", "Y-MAP", "Y-INF", "Y-D1")
PREGNANCY_TEST = ("SCR", "H-C1", "H-C2", "H-C3", "H-C4", "Y-MAP", "Y-INF", "PREOP")
# After the infusion the puncture site is looked at on the next day.
PUNCTURE_CHECK = tuple(code for code in AFTER_PUNCTURE if code != "Y-INF")
# Visits at which the schedule asks for the viral load of whoever carries the virus.
VIRAL_LOAD = ("H-R2", "H-R4", "Y-M3", "NR-M3", "NR-M6", "PH-M3", "PH-M6")

MODALITY = CodeList(
    "IMGMOD",
    ("CECT", "Contrast CT", "增强CT"),
    ("CEMRI", "Contrast MRI", "增强MRI"),
    ("EOBMRI", "Gadoxetate MRI (Primovist)", "普美显MRI"),
    ("CHESTCT", "Chest CT", "胸部CT"),
    ("PETCT", "PET-CT", "PET-CT"),
    ("BONESCAN", "Bone scan", "骨扫描"),
    ("CEUS", "Contrast ultrasound", "超声造影"),
)
READER = CodeList(
    "IMGEVAL",
    ("INVESTIGATOR", "Investigator", "研究者"),
    ("IRC", "Independent review (IRC)", "独立影像（IRC）"),
)
LESION_CATEGORY = CodeList(
    "LESCAT",
    (Category.TARGET.value, "Target", "靶病灶"),
    (Category.NONTARGET.value, "Non-target", "非靶病灶"),
    (Category.NEW.value, "New", "新病灶"),
)
LESION_LOCATION = CodeList(
    "LESLOC",
    *[(f"S{n}", f"Liver, segment {n}", f"肝S{n}段") for n in range(1, 9)],
    (Location.PORTALVEIN.value, "Portal vein", "门静脉"),
    (Location.HEPATICVEIN.value, "Hepatic vein or vena cava", "肝静脉/下腔静脉"),
    (Location.BILEDUCT.value, "Bile duct", "胆管"),
    (Location.HILARNODE.value, "Lymph node at the liver hilum", "肝门淋巴结"),
    (Location.NODE.value, "Lymph node elsewhere", "其他淋巴结"),
    (Location.LUNG.value, "Lung", "肺"),
    (Location.BONE.value, "Bone", "骨"),
    (Location.ADRENAL.value, "Adrenal gland", "肾上腺"),
    (Location.PERITONEUM.value, "Peritoneum", "腹膜"),
    (Location.BRAIN.value, "Brain", "脑"),
    (Location.OTHER.value, "Other", "其他"),
)
LESION_STATE = CodeList(
    "LESST",
    (State.PRESENT.value, "Present", "存在"),
    (State.ABSENT.value, "Absent", "消失"),
    (State.NE.value, "Not evaluable", "不可评价"),
    (State.RESECTED.value, "Resected", "已切除"),
    (State.PD.value, "Unequivocal progression", "明确进展"),
)
NEW_LESION = CodeList("NEWLES", ("N", "No", "无"), ("EQUIVOCAL", "Equivocal", "可疑"), ("Y", "Yes", "有"))

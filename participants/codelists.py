"""Code lists of the forms every phase reads. Codes are short and stored; words follow the specification."""

from records.codelists import CodeList

SEX = CodeList("SEX", ("M", "Male", "男"), ("F", "Female", "女"))
CONSENT_SIGNER = CodeList(
    "ICFWHO", ("SUBJECT", "Participant", "本人"), ("REPRESENTATIVE", "Legal representative", "法定代理人")
)
CONTACT_MODE = CodeList(
    "SVMODE",
    ("CLINIC", "Clinic", "门诊"),
    ("INPATIENT", "Inpatient", "住院"),
    ("PHONE", "Telephone", "电话"),
    ("VIDEO", "Video", "视频"),
)
REASON_NOT_DONE = CodeList(
    "REASND",
    ("REFUSED", "Refused", "拒绝"),
    ("LOST", "Could not be reached", "失联"),
    ("CONDITION", "Medical condition", "病情"),
    ("DEATH", "Death", "死亡"),
    ("EPIDEMIC", "Epidemic", "疫情"),
    ("OTHER", "Other", "其他"),
)
NO_CHILDBEARING = CodeList(
    "CHILDPOTN",
    ("MENOPAUSE", "No menses for 12 months or more", "绝经≥12个月"),
    ("HYSTERECTOMY", "Hysterectomy", "子宫切除"),
    ("BILATERAL", "Both ovaries or tubes removed", "双侧卵巢或输卵管切除"),
    ("OTHER", "Other", "其他"),
)
DIAGNOSIS_BASIS = CodeList(
    "HCCDXM",
    ("HISTOLOGY", "Histology", "病理"),
    ("CLINICAL", "Clinical and imaging", "临床影像"),
    ("LIRADS5", "LI-RADS 5", "LI-RADS 5"),
)
HISTOLOGY = CodeList(
    "HCCTYPE",
    ("HCC", "HCC", "肝细胞癌"),
    ("ICC", "ICC", "肝内胆管癌"),
    ("CHCC_CCA", "cHCC-CCA", "混合型肝癌"),
    ("NOBIOPSY", "Not biopsied", "未活检"),
)
ETIOLOGY = CodeList(
    "ETIOL",
    ("HBV", "Hepatitis B", "乙型肝炎"),
    ("HCV", "Hepatitis C", "丙型肝炎"),
    ("ALCOHOL", "Alcohol", "酒精"),
    ("MASLD", "MASLD", "代谢相关脂肪性肝病"),
    ("OTHER", "Other", "其他"),
    ("UNKNOWN", "Unknown", "不明"),
)
VARICES = CodeList(
    "VARICES",
    ("NONE", "None", "无"),
    ("MILD", "Mild", "轻度"),
    ("MODERATE", "Moderate", "中度"),
    ("SEVERE", "Severe", "重度"),
    ("NOTEXAM", "Not examined", "未查"),
)
INTERFERON = CodeList(
    "PRIORIFN",
    ("N", "Never", "从未"),
    ("HEP", "For hepatitis", "因肝炎使用"),
    ("TUM", "For the tumour", "因肿瘤使用"),
)
ALLERGY = CodeList(
    "ALLERGY",
    ("NONE", "None", "无"),
    ("CONTRAST", "Iodinated contrast", "碘对比剂"),
    ("PLATINUM", "Oxaliplatin or platinum", "奥沙利铂/铂类"),
    ("FLUOROURACIL", "Fluorouracil", "氟尿嘧啶"),
    ("FOLINATE", "Folinate", "亚叶酸"),
    ("ALBUMIN", "Human albumin (MAA)", "人血白蛋白（MAA）"),
    ("MICROSPHERE", "Microsphere material", "微球"),
    ("OTHER", "Other", "其他"),
)
PRIOR_TREATMENT = CodeList(
    "PRIORTYPE",
    ("TACE", "TACE", "TACE"),
    ("HAIC", "HAIC", "HAIC"),
    ("SIRT", "Radioembolisation (SIRT)", "放射性栓塞（SIRT）"),
    ("ABLATION", "Ablation", "消融"),
    ("RADIOTHERAPY", "Radiotherapy", "放疗"),
    ("RESECTION", "Resection", "肝切除"),
    ("TRANSPLANT", "Liver transplant", "肝移植"),
    ("TARGETED", "Targeted therapy", "靶向治疗"),
    ("IMMUNO", "Immunotherapy", "免疫治疗"),
    ("TARGIMM", "Targeted and immunotherapy", "靶免联合"),
    ("CHEMO", "Systemic chemotherapy", "全身化疗"),
    ("INTERFERON", "Interferon", "干扰素"),
    ("TCM", "Traditional Chinese medicine", "中药"),
    ("OTHER", "Other", "其他"),
)
# Those of the list that are drugs.
DRUG_TREATMENTS = ("TACE", "HAIC", "TARGETED", "IMMUNO", "TARGIMM", "CHEMO", "INTERFERON", "TCM")
ORGAN = CodeList(
    "ORGAN",
    ("LIVER", "Liver", "肝"),
    ("KIDNEY", "Kidney", "肾"),
    ("HEART", "Heart", "心"),
    ("LUNG", "Lung", "肺"),
    ("PANCREAS", "Pancreas", "胰腺"),
    ("BONEMARROW", "Bone marrow or stem cells", "骨髓/造血干细胞"),
    ("CORNEA", "Cornea", "角膜"),
    ("OTHER", "Other", "其他"),
)
VASCULAR_EVENT = CodeList(
    "CVTYPE",
    ("MI", "Myocardial infarction", "心肌梗死"),
    ("ANGINA", "Unstable angina", "不稳定型心绞痛"),
    ("HEARTFAILURE", "Heart failure", "心力衰竭"),
    ("ARRHYTHMIA", "Severe arrhythmia", "严重心律失常"),
    ("ISCHAEMIC", "Ischaemic stroke", "缺血性脑卒中"),
    ("HAEMORRHAGIC", "Haemorrhagic stroke", "出血性脑卒中"),
    ("TIA", "Transient ischaemic attack", "短暂性脑缺血发作"),
    ("OTHER", "Other", "其他"),
)
PSYCHIATRIC = CodeList(
    "PSYCH",
    ("NONE", "None", "无"),
    ("NOIMPACT", "Present, without effect", "有，不影响"),
    ("IMPACT", "Present, affects consent or treatment", "有，影响知情或治疗"),
)
# The 56 groups in the order and romanisation of GB/T 3304; OTHER for a participant from abroad.
ETHNIC_GROUP = CodeList(
    "ETHNIC_CN",
    ("HAN", "Han", "汉族"),
    ("MONGOL", "Mongol", "蒙古族"),
    ("HUI", "Hui", "回族"),
    ("TIBETAN", "Tibetan", "藏族"),
    ("UYGUR", "Uygur", "维吾尔族"),
    ("MIAO", "Miao", "苗族"),
    ("YI", "Yi", "彝族"),
    ("ZHUANG", "Zhuang", "壮族"),
    ("BUYEI", "Buyei", "布依族"),
    ("KOREAN", "Korean", "朝鲜族"),
    ("MANCHU", "Manchu", "满族"),
    ("DONG", "Dong", "侗族"),
    ("YAO", "Yao", "瑶族"),
    ("BAI", "Bai", "白族"),
    ("TUJIA", "Tujia", "土家族"),
    ("HANI", "Hani", "哈尼族"),
    ("KAZAK", "Kazak", "哈萨克族"),
    ("DAI", "Dai", "傣族"),
    ("LI", "Li", "黎族"),
    ("LISU", "Lisu", "傈僳族"),
    ("VA", "Va", "佤族"),
    ("SHE", "She", "畲族"),
    ("GAOSHAN", "Gaoshan", "高山族"),
    ("LAHU", "Lahu", "拉祜族"),
    ("SUI", "Sui", "水族"),
    ("DONGXIANG", "Dongxiang", "东乡族"),
    ("NAXI", "Naxi", "纳西族"),
    ("JINGPO", "Jingpo", "景颇族"),
    ("KIRGIZ", "Kirgiz", "柯尔克孜族"),
    ("TU", "Tu", "土族"),
    ("DAUR", "Daur", "达斡尔族"),
    ("MULAO", "Mulao", "仫佬族"),
    ("QIANG", "Qiang", "羌族"),
    ("BLANG", "Blang", "布朗族"),
    ("SALAR", "Salar", "撒拉族"),
    ("MAONAN", "Maonan", "毛南族"),
    ("GELAO", "Gelao", "仡佬族"),
    ("XIBE", "Xibe", "锡伯族"),
    ("ACHANG", "Achang", "阿昌族"),
    ("PUMI", "Pumi", "普米族"),
    ("TAJIK", "Tajik", "塔吉克族"),
    ("NU", "Nu", "怒族"),
    ("UZBEK", "Uzbek", "乌孜别克族"),
    ("RUSSIAN", "Russian", "俄罗斯族"),
    ("EWENKI", "Ewenki", "鄂温克族"),
    ("DEANG", "Deang", "德昂族"),
    ("BONAN", "Bonan", "保安族"),
    ("YUGUR", "Yugur", "裕固族"),
    ("GIN", "Gin", "京族"),
    ("TATAR", "Tatar", "塔塔尔族"),
    ("DERUNG", "Derung", "独龙族"),
    ("OROQEN", "Oroqen", "鄂伦春族"),
    ("HEZHEN", "Hezhen", "赫哲族"),
    ("MONBA", "Monba", "门巴族"),
    ("LHOBA", "Lhoba", "珞巴族"),
    ("JINO", "Jino", "基诺族"),
    ("OTHER", "Other", "其他"),
)

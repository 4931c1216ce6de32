"""Code lists of the treatment forms. Codes are short and stored; words follow the specification."""

from records.codelists import CodeList

# MDT and assignment ---------------------------------------------------------------------------------

DISCIPLINES = CodeList(
    "MDTMEM",
    ("HPBSURG", "Hepatobiliary surgery", "肝胆外科"),
    ("INTERVENTION", "Interventional radiology", "介入"),
    ("NUCLEAR", "Nuclear medicine", "核医学"),
    ("IMAGING", "Radiology", "影像"),
    ("ONCOLOGY", "Medical oncology", "肿瘤内科"),
    ("PATHOLOGY", "Pathology", "病理"),
    ("RADIOTHERAPY", "Radiotherapy", "放疗"),
)
NOT_RESECTABLE_AT_ONCE = CodeList(
    "POTRSN",
    ("HUGE", "Huge tumour", "肿瘤巨大"),
    ("REMNANT", "Insufficient liver remnant", "剩余肝体积不足"),
    ("THROMBUS", "Tumour thrombus", "癌栓"),
    ("MULTIPLE", "Multiple tumours", "多发"),
    ("VESSEL", "Close to a major vessel", "邻近大血管"),
)
ARM = CodeList("ARMCD", ("HAIC", "HAIC", "HAIC"), ("Y90", "Yttrium-90 (SIRT)", "钇-90（SIRT）"))
ARM_BASIS = CodeList(
    "ARMBASIS",
    ("MDT", "MDT recommendation", "MDT建议"),
    ("PREFERENCE", "Participant's preference", "患者意愿"),
    ("COST", "Insurance and cost", "医保费用"),
    ("SUPPLY", "Availability of microspheres", "微球可及性"),
    ("CONTRAINDIC", "Medical contraindication", "医学禁忌"),
)
HAIC_CYCLES = CodeList("HPLAN", ("2", "2 cycles", "2个疗程"), ("4", "4 cycles", "4个疗程"))

# HAIC -----------------------------------------------------------------------------------------------

GATE = CodeList(
    "HGO",
    ("GO", "Passed", "通过"),
    ("HOLD", "On hold", "暂缓"),
    ("UNKNOWN", "Not known: values missing", "无法判断：缺少检查值"),
)
PUNCTURE_SITE = CodeList(
    "HPUNCT",
    ("RFEMORAL", "Right femoral artery", "右股动脉"),
    ("LFEMORAL", "Left femoral artery", "左股动脉"),
    ("LRADIAL", "Left radial artery", "左桡动脉"),
    ("OTHER", "Other", "其他"),
)
ANGIO_VESSELS = CodeList(
    "HANGIO",
    ("SMA", "Superior mesenteric artery", "肠系膜上动脉"),
    ("CHA", "Common hepatic artery", "肝总动脉"),
    ("PHA", "Proper hepatic artery", "肝固有动脉"),
    ("LHA", "Left hepatic artery", "肝左动脉"),
    ("RHA", "Right hepatic artery", "肝右动脉"),
    ("VARIANT", "Variant hepatic artery", "变异肝动脉"),
)
CATHETER_TIP = CodeList(
    "HCATH",
    ("PHA", "Proper hepatic artery", "肝固有动脉"),
    ("LHA", "Left hepatic artery", "肝左动脉"),
    ("RHA", "Right hepatic artery", "肝右动脉"),
    ("FEEDER", "Branch feeding the tumour", "肿瘤供血支"),
)
ADJUSTMENT = CodeList(
    "EXADJ",
    ("NONE", "Not changed", "未调整"),
    ("REDUCED", "Reduced", "减量"),
    ("INTERRUPTED", "Interrupted", "中断"),
    ("STOPPED", "Stopped", "停药"),
)
ADJUSTMENT_REASON = CodeList(
    "EXADJRSN",
    ("HAEMATOLOGY", "Haematological toxicity", "血液学毒性"),
    ("LIVER", "Liver function", "肝功能"),
    ("PAIN", "Pain", "疼痛"),
    ("NEUROTOXICITY", "Neurotoxicity", "神经毒性"),
    ("ALLERGY", "Allergy", "过敏"),
    ("CATHETER", "Catheter", "导管"),
    ("OTHER", "Other", "其他"),
)
HAIC_COMPLICATION = CodeList(
    "HCOMP",
    ("NONE", "None", "无"),
    ("HAEMATOMA", "Haematoma", "血肿"),
    ("DISSECTION", "Dissection", "夹层"),
    ("THROMBOSIS", "Thrombosis", "血栓"),
    ("DISPLACEMENT", "Catheter displaced", "导管移位"),
    ("PAINSTOP", "Interrupted for abdominal pain", "腹痛中断"),
)

# Y-90 -----------------------------------------------------------------------------------------------

FEEDING_ARTERIES = CodeList(
    "YVESS",
    ("RHA", "Right hepatic artery", "肝右动脉"),
    ("LHA", "Left hepatic artery", "肝左动脉"),
    ("MHA", "Middle hepatic artery", "肝中动脉"),
    ("SEGMENTAL", "Segmental artery", "段动脉"),
    ("PHRENIC", "Inferior phrenic artery", "膈下动脉"),
    ("SMA", "From the superior mesenteric artery", "发自肠系膜上动脉"),
    ("OTHER", "Other", "其他"),
)
EXTRAHEPATIC = CodeList(
    "YEXTRA",
    ("NONE", "None", "无"),
    ("EMBOLISED", "Present, embolised", "有，已栓塞"),
    ("UNCORRECTED", "Present, cannot be corrected", "有，不可纠正"),
)
EMBOLISED_VESSELS = CodeList(
    "YCOIL",
    ("GDA", "Gastroduodenal artery", "胃十二指肠动脉"),
    ("RGA", "Right gastric artery", "胃右动脉"),
    ("CYSTIC", "Cystic artery", "胆囊动脉"),
    ("PHRENIC", "Phrenic artery", "膈动脉"),
    ("OTHER", "Other", "其他"),
)
SPECT_KIND = CodeList(
    "SPECTMOD",
    ("PLANAR", "Planar", "平面显像"),
    ("SPECT", "SPECT", "SPECT"),
    ("SPECTCT", "SPECT-CT", "SPECT-CT"),
)
UPTAKE = CodeList(
    "EXUPT",
    ("NONE", "None", "无"),
    ("GI", "Gastrointestinal", "有，胃肠道"),
    ("OTHER", "Elsewhere outside the liver", "有，其他部位"),
)
MICROSPHERE = CodeList(
    "MSPHERE",
    ("RESIN", "Resin", "树脂微球"),
    ("GLASS", "Glass", "玻璃微球"),
    ("OTHER", "Other", "国产及其他"),
)
PLANNING_METHOD = CodeList(
    "YMETHOD",
    ("MIRD", "MIRD, one compartment", "MIRD单室"),
    ("BSA", "Body surface area (BSA)", "体表面积法（BSA）"),
    ("PARTITION", "Partition model", "分区模型"),
    ("VOXEL", "Voxel dosimetry", "体素剂量法"),
)
DOSE_TARGET = CodeList("DTARGETO", ("PERFUSED", "Perfused liver", "灌注肝"), ("TUMOUR", "Tumour", "肿瘤"))
INJECTION_POSITION = CodeList("YCATH", ("SAME", "As for MAA", "同MAA"), ("DIFFERENT", "Different", "不同"))
POST_IMAGING = CodeList(
    "YPOSTMOD",
    ("PETCT", "90Y PET-CT", "90Y PET-CT"),
    ("SPECTCT", "Bremsstrahlung SPECT-CT", "韧致辐射SPECT-CT"),
)
DISTRIBUTION = CodeList(
    "YDISTOK",
    ("AGREES", "As planned", "一致"),
    ("PARTLY", "Partly", "部分一致"),
    ("NOT", "Not as planned", "不一致"),
)
FEELING = CodeList("YFEEL24", ("WELL", "No discomfort", "无不适"), ("UNWELL", "Unwell", "有不适"))

# Review ---------------------------------------------------------------------------------------------

REVIEW_RESULT = CodeList(
    "RESRES",
    ("RESECTABLE", "Resectable", "可切除"),
    ("NOTYET", "Not yet, continue treatment", "暂不可，继续治疗"),
    ("UNRESECTABLE", "Not resectable", "不可切除"),
    ("PROGRESSION", "Progression", "进展"),
)
WHY_NOT_RESECTABLE = CodeList(
    "RESWHY",
    ("NOTSHRUNK", "Tumour not smaller", "肿瘤未缩小"),
    ("REMNANT", "Insufficient liver remnant", "剩余肝体积不足"),
    ("LIVER", "Liver function", "肝功能"),
    ("PROGRESSION", "Progression", "进展"),
    ("METASTASIS", "Metastasis", "转移"),
    ("CONDITION", "General condition", "全身状况"),
    ("REFUSED", "Refused by the participant", "患者拒绝"),
)
NEXT_STEP = CodeList(
    "NEXTSTEP",
    ("HEPATECTOMY", "Hepatectomy", "肝切除"),
    ("CONTINUE_HAIC", "Continue HAIC", "继续HAIC"),
    ("OBSERVE", "Observe", "观察"),
    ("OTHER_TREATMENT", "Other anti-tumour treatment", "其他抗肿瘤治疗"),
    ("TRANSPLANT", "Liver transplant", "肝移植"),
)

# Hepatectomy ----------------------------------------------------------------------------------------

RESECTION_PLANE = CodeList(
    "SURGANAT", ("ANATOMIC", "Anatomic", "解剖性"), ("NONANATOMIC", "Non-anatomic", "非解剖性")
)
RESECTION = CodeList(
    "SURGTYPE",
    ("LEFT", "Left hepatectomy", "左半肝切除"),
    ("RIGHT", "Right hepatectomy", "右半肝切除"),
    ("EXTENDED", "Extended hepatectomy", "扩大半肝切除"),
    ("SEGMENT", "Segmentectomy", "肝段切除"),
    ("CENTRAL", "Central hepatectomy", "中肝切除"),
)
APPROACH = CodeList(
    "SURGAPP",
    ("OPEN", "Open", "开腹"),
    ("LAPAROSCOPIC", "Laparoscopic", "腹腔镜"),
    ("ROBOTIC", "Robotic", "机器人"),
    ("CONVERTED", "Converted to open", "中转开腹"),
)
MARGIN = CodeList("MARGIN_I", ("R0", "R0", "R0"), ("R1", "R1", "R1"), ("R2", "R2", "R2"))
NOT_RESECTED = CodeList(
    "NORESRSN",
    ("METASTASIS", "Metastasis found", "术中发现转移"),
    ("VESSEL", "Vessels not resectable", "血管侵犯无法切除"),
    ("REMNANT", "Insufficient liver remnant", "剩余肝体积不足"),
    ("LIVER", "Condition of the liver", "肝脏条件差"),
    ("OTHER", "Other", "其他"),
)

# Pathology ------------------------------------------------------------------------------------------

SPECIMEN_HISTOLOGY = CodeList(
    "HISTO",
    ("HCC", "HCC", "肝细胞癌"),
    ("ICC", "ICC", "肝内胆管癌"),
    ("CHCC_CCA", "cHCC-CCA", "混合型肝癌"),
    ("NOVIABLE", "No viable tumour", "无存活肿瘤"),
)
EDMONDSON = CodeList(
    "EDMOND",
    ("I", "Grade I", "I级"),
    ("II", "Grade II", "II级"),
    ("III", "Grade III", "III级"),
    ("IV", "Grade IV", "IV级"),
    ("NE", "Cannot be assessed", "无法评估"),
)
MICROVASCULAR = CodeList(
    "MVI",
    ("M0", "M0", "M0"),
    ("M1", "M1", "M1"),
    ("M2", "M2, not subdivided", "M2，未细分"),
    ("M2A", "M2a", "M2a"),
    ("M2B", "M2b", "M2b"),
)
LIVER_FIBROSIS = CodeList(
    "FIBROSIS",
    ("S0", "S0", "S0"),
    ("S1", "S1", "S1"),
    ("S2", "S2", "S2"),
    ("S3", "S3", "S3"),
    ("S4", "S4", "S4"),
    ("CIRRHOSIS", "Cirrhosis", "肝硬化"),
)

# Complications --------------------------------------------------------------------------------------

COMPLICATION = CodeList(
    "POCTERM",
    ("BILELEAK", "Bile leak", "胆漏"),
    ("BLEEDING", "Bleeding", "出血"),
    ("PHLF", "Liver failure (PHLF)", "肝衰竭（PHLF）"),
    ("ASCITES", "Ascites", "腹水"),
    ("INFECTION", "Infection", "感染"),
    ("EFFUSION", "Pleural effusion", "胸水"),
    ("OTHER", "Other", "其他"),
)
CLAVIEN_DINDO = CodeList(
    "CDGRADE",
    ("I", "I", "I级"),
    ("II", "II", "II级"),
    ("IIIA", "IIIa", "IIIa级"),
    ("IIIB", "IIIb", "IIIb级"),
    ("IVA", "IVa", "IVa级"),
    ("IVB", "IVb", "IVb级"),
    ("V", "V", "V级"),
)
ISGLS = CodeList("ISGLS", ("A", "A", "A级"), ("B", "B", "B级"), ("C", "C", "C级"))

# Other anti-tumour treatment ------------------------------------------------------------------------

OTHER_TREATMENT = CodeList(
    "SACTTYPE",
    ("TACE", "TACE", "TACE"),
    ("HAIC", "HAIC outside the protocol", "HAIC（方案外）"),
    ("SIRT", "Radioembolisation outside the protocol", "放射性栓塞（方案外）"),
    ("ABLATION", "Ablation", "消融"),
    ("RADIOTHERAPY", "Radiotherapy", "放疗"),
    ("TARGETED", "Targeted therapy", "靶向治疗"),
    ("IMMUNO", "Immunotherapy", "免疫治疗"),
    ("TARGIMM", "Targeted and immunotherapy", "靶免联合"),
    ("CHEMO", "Systemic chemotherapy", "全身化疗"),
    ("TRANSPLANT", "Liver transplant", "肝移植"),
    ("RESECTION", "Second resection", "再切除"),
    ("TCM", "Traditional Chinese medicine", "中药"),
    ("INTERFERON", "Interferon", "干扰素"),
    ("OTHER", "Other", "其他"),
)
INTENT = CodeList(
    "SACTINT",
    ("ADJUVANT", "Adjuvant (no recurrence)", "辅助（无复发）"),
    ("THERAPEUTIC", "Therapeutic", "治疗"),
)
WHY_OTHER_TREATMENT = CodeList(
    "SACTWHY",
    ("PROGRESSION", "Progression", "进展"),
    ("RECURRENCE", "Recurrence", "复发"),
    ("UNRESECTABLE", "Not resectable", "不可切除"),
    ("HIGHRISK", "High risk after surgery", "术后高危"),
    ("PREFERENCE", "Participant's preference", "患者意愿"),
    ("OTHER", "Other", "其他"),
)

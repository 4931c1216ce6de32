"""Code lists of the forms of follow-up."""

from records.codelists import CodeList

CRITERIA = CodeList("RSCAT", ("RECIST11", "RECIST 1.1", "RECIST 1.1"), ("MRECIST", "mRECIST", "mRECIST"))
TARGET_RESPONSE = CodeList(
    "TRGRESP",
    ("CR", "CR (complete response)", "CR 完全缓解"),
    ("PR", "PR (partial response)", "PR 部分缓解"),
    ("SD", "SD (stable disease)", "SD 疾病稳定"),
    ("PD", "PD (progressive disease)", "PD 疾病进展"),
    ("NE", "NE (not evaluable)", "NE 不可评价"),
    ("NA", "NA (no target lesion)", "NA 无靶病灶"),
)
NON_TARGET_RESPONSE = CodeList(
    "NTRGRESP",
    ("CR", "CR", "CR 完全缓解"),
    ("NONCRNONPD", "Non-CR/non-PD", "非CR/非PD"),
    ("PD", "PD", "PD 进展"),
    ("NE", "NE (not evaluable)", "NE 不可评价"),
    ("NA", "NA (no such lesions at baseline)", "NA 基线无非靶病灶"),
)
OVERALL_RESPONSE = CodeList(
    "OVRLRESP",
    ("CR", "CR (complete response)", "CR 完全缓解"),
    ("PR", "PR (partial response)", "PR 部分缓解"),
    ("SD", "SD (stable disease)", "SD 疾病稳定"),
    ("PD", "PD (progressive disease)", "PD 疾病进展"),
    ("NONCRNONPD", "Non-CR/non-PD", "非CR/非PD"),
    ("NE", "NE (not evaluable)", "NE 不可评价"),
    ("NED", "NED (no evidence of disease)", "NED 无瘤状态"),
)
RECURRENCE = CodeList(
    "RECURFL",
    ("NONE", "None", "无"),
    ("INTRAHEPATIC", "In the liver", "肝内"),
    ("EXTRAHEPATIC", "Outside the liver", "肝外"),
    ("BOTH", "Both", "肝内及肝外"),
)
SURVIVAL = CodeList(
    "SSSTAT", ("ALIVE", "Alive", "存活"), ("DEAD", "Dead", "死亡"), ("LOST", "Lost to follow-up", "失访")
)
TUMOUR_STATUS = CodeList(
    "TUMSTAT",
    ("FREE", "No tumour", "无瘤"),
    ("STABLE", "Stable", "稳定"),
    ("PROGRESSION", "Progression", "进展"),
    ("RECURRENCE", "Recurrence", "复发"),
    ("UNKNOWN", "Unknown", "不明"),
)
CAUSE_OF_DEATH = CodeList(
    "DTHCAUS",
    ("HCC", "Progression of the liver cancer", "肝癌进展"),
    ("LIVERFAILURE", "Liver failure", "肝衰竭"),
    ("GIBLEEDING", "Gastrointestinal bleeding", "消化道出血"),
    ("TREATMENT", "Related to treatment", "治疗相关"),
    ("INFECTION", "Infection", "感染"),
    ("OTHER", "Other", "其他"),
    ("UNKNOWN", "Unknown", "不明"),
)
WHICH_END = CodeList("DSSCAT", ("EOT", "End of treatment", "治疗结束"), ("EOS", "End of study", "研究结束"))
WHY_ENDED = CodeList(
    "DSDECOD",
    ("COMPLETED", "Completed", "完成"),
    ("PROGRESSION", "Progression", "进展"),
    ("ADVERSEEVENT", "Adverse event", "不良事件"),
    ("DEATH", "Death", "死亡"),
    ("WITHDRAWAL", "Consent withdrawn", "撤回知情同意"),
    ("LOST", "Lost to follow-up", "失访"),
    ("PHYSICIAN", "Investigator's decision", "研究者决定"),
    ("DEVIATION", "Protocol deviation", "方案违背"),
    ("PREGNANCY", "Pregnancy", "妊娠"),
    ("SPONSOR", "Terminated by the sponsor", "申办者终止"),
    ("SCREENFAILURE", "Screen failure", "筛选失败"),
)
WITHDRAWAL_SCOPE = CodeList(
    "WDSCOPE",
    ("TREATMENT", "Stops treatment only, follow-up goes on", "仅停止治疗，继续随访"),
    ("ALL", "Stops everything", "停止全部"),
)
OWN_TEST = CodeList(
    "SYMTEST",
    ("CBC", "Blood count", "血常规"),
    ("LIVER", "Liver function", "肝功能"),
    ("KIDNEY", "Kidney function", "肾功能"),
    ("COAG", "Coagulation", "凝血功能"),
    ("AFP", "Alpha-fetoprotein", "甲胎蛋白"),
    ("PIVKA", "PIVKA-II", "异常凝血酶原"),
    ("HBVDNA", "HBV DNA", "乙肝病毒载量"),
    ("IMAGING", "CT, MRI or ultrasound", "CT/MRI/超声"),
    ("OTHER", "Other", "其他"),
)

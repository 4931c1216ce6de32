"""Code lists of the forms of follow-up."""

from records.codelists import CodeList

CRITERIA = CodeList("RSCAT", ("RECIST11", "RECIST 1.1", "RECIST 1.1"), ("MRECIST", "mRECIST", "mRECIST"))
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
NEW_LESION = CodeList("NEWLES", ("N", "No", "无"), ("EQUIVOCAL", "Equivocal", "可疑"), ("Y", "Yes", "有"))
RECURRENCE = CodeList(
    "RECURFL",
    ("NONE", "None", "无"),
    ("INTRAHEPATIC", "In the liver", "肝内"),
    ("EXTRAHEPATIC", "Outside the liver", "肝外"),
    ("BOTH", "Both", "肝内及肝外"),
)

"""Code lists of safety: deviations, reports, and whom a report goes to."""

from records.codelists import CodeList

CATEGORY = CodeList(
    "DVDECOD",
    ("CONSENT", "Informed consent", "知情同意"),
    ("ELIGIBILITY", "Eligibility", "入排"),
    ("DOSE", "Dose given", "给药剂量"),
    ("INTERVAL", "Interval of cycles", "周期间隔"),
    ("VISITWINDOW", "Visit outside its window", "访视超窗"),
    ("MISSEDTEST", "Examination missing", "检查缺失"),
    ("PROHIBITED", "Prohibited treatment", "禁用治疗"),
    ("SAELATE", "SAE reported late", "SAE迟报"),
    ("OTHER", "Other", "其他"),
)
SEVERITY = CodeList("DVSEV", ("MINOR", "Minor", "轻微"), ("MAJOR", "Major", "重大"))

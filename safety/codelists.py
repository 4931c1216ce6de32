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

# The rules of safety/deviation_rules.py, by which a deviation is drafted.
RULE = CodeList(
    "DVRULE",
    ("CONSENT", "Procedure before informed consent", "知情同意前已进行研究操作"),
    ("ELIGIBILITY", "Assigned although a criterion fails", "不符合入排标准仍完成分组"),
    (
        "FIRST_DAY",
        "Treated although exclusion 8 or 9 fails on that day",
        "治疗当日不符合排除标准8或9仍接受治疗",
    ),
    ("DOSE", "Dose more than 10 % off (Y-90: 20 %)", "剂量偏差超过10%（钇-90为20%）"),
    ("INTERVAL", "Interval between cycles outside its window", "疗程间隔超窗"),
    ("WINDOW", "Visit outside its window", "访视超窗"),
    ("LABS", "Laboratory missing or too old", "实验室检查缺失或超期"),
    ("PROHIBITED", "Other anti-tumour treatment during study treatment", "研究治疗期间使用其他抗肿瘤治疗"),
    ("SAELATE", "SAE reported late", "SAE迟报"),
    ("SECOND_Y90", "A second Y-90 infusion", "第二次钇-90输注"),
    ("CYCLES", "Neither 2 nor 4 HAIC cycles", "HAIC疗程数非2或4"),
)

REPORT = CodeList(
    "SAEREPORT",
    ("INITIAL", "Initial report", "首次报告"),
    ("FOLLOWUP", "Follow-up report", "随访报告"),
    ("FINAL", "Final report", "总结报告"),
)
RECIPIENT = CodeList(
    "SAERECIPIENT",
    ("SPONSOR", "Sponsor", "申办者"),
    ("INSTITUTION", "Institution", "研究机构"),
    ("ETHICS", "Ethics committee", "伦理委员会"),
    ("AUTHORITY", "Authority", "监管部门"),
    ("OTHER", "Other", "其他"),
)
LIGHT = CodeList(
    "SAELIGHT",
    ("AMBER", "18 hours have passed", "已过18小时"),
    ("RED", "24 hours have passed", "已过24小时"),
)
MEDDRA_LEVEL = CodeList(
    "MEDDRALEVEL",
    ("SOC", "System organ class", "系统器官分类"),
    ("HLGT", "High level group term", "高位组语"),
    ("HLT", "High level term", "高位语"),
    ("PT", "Preferred term", "首选语"),
    ("LLT", "Lowest level term", "低位语"),
)

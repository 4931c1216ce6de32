"""The 17 criteria in the words of the registered protocol, and in Chinese as the sites read them."""

from __future__ import annotations

from typing import Final

from records.text import Text

WORDING: Final[dict[str, Text]] = {
    "I1": Text("Age ≥ 18 years and ≤ 75 years.", "年龄≥18岁且≤75岁。"),
    "I2": Text(
        "Good general condition, with an ECOG Performance Status (PS) of 0-1.",
        "一般情况良好，ECOG体力状况（PS）评分0～1分。",
    ),
    "I3": Text(
        "Classified as China Liver Cancer Staging (CNLC) stage Ib (PS 0-2, Child-Pugh class A/B liver function, "
        "single tumor >5 cm in diameter, without radiologically visible vascular tumor thrombus and extrahepatic "
        "metastasis), IIa (PS 0-2, Child-Pugh class A/B liver function, 2-3 tumors with the largest diameter "
        ">3 cm, without radiologically visible vascular tumor thrombus and extrahepatic metastasis), IIb (PS 0-2, "
        "Child-Pugh class A/B liver function, ≥4 tumors regardless of diameter, without radiologically visible "
        "vascular tumor thrombus and extrahepatic metastasis), or IIIa (PS 0-2, Child-Pugh class A/B liver "
        "function, any tumor status with radiologically visible vascular tumor thrombus but without extrahepatic "
        "metastasis).",
        "中国肝癌分期（CNLC）为Ib期（PS 0～2分，肝功能Child-Pugh A/B级，单个肿瘤、直径＞5 cm，无影像学可见血管癌栓和"
        "肝外转移）、IIa期（PS 0～2分，肝功能Child-Pugh A/B级，2～3个肿瘤、最大直径＞3 cm，无影像学可见血管癌栓和"
        "肝外转移）、IIb期（PS 0～2分，肝功能Child-Pugh A/B级，肿瘤数目≥4个、不论肿瘤直径大小，无影像学可见血管癌栓"
        "和肝外转移）或IIIa期（PS 0～2分，肝功能Child-Pugh A/B级，不论肿瘤情况，有影像学可见血管癌栓而无肝外转移）。",
    ),
    "I4": Text("No prior treatment for liver cancer.", "既往未接受过针对肝癌的治疗。"),
    "I5": Text(
        "Absence of distant metastasis, with the tumor anticipated to be completely resectable.",
        "无远处转移，且预计肿瘤可完整切除。",
    ),
    "I6": Text(
        "Patient provides written informed consent after being fully informed about the study.",
        "患者在充分了解本研究后签署书面知情同意书。",
    ),
    "E1": Text(
        "Presence of severe impairment of heart, brain, lung, kidney, or other major organ function, severe "
        "concurrent infection, or other serious comorbid conditions (> Grade 2 adverse events per CTCAE Version "
        "4.03), rendering the patient unable to tolerate the treatment.",
        "存在心、脑、肺、肾等重要脏器功能严重障碍，严重合并感染或其他严重合并症（按CTCAE 4.03版＞2级的不良事件），"
        "无法耐受治疗。",
    ),
    "E2": Text("History of other malignancies.", "既往有其他恶性肿瘤病史。"),
    "E3": Text("History of allergy to related drugs.", "对相关药物有过敏史。"),
    "E4": Text("History of organ transplantation.", "有器官移植史。"),
    "E5": Text(
        "Prior treatment for the tumor (including interferon).", "既往接受过针对肿瘤的治疗（包括干扰素）。"
    ),
    "E6": Text("Concurrent HIV infection.", "合并HIV感染。"),
    "E7": Text("History of drug or substance abuse.", "有药物滥用或吸毒史。"),
    "E8": Text(
        "Occurrence of gastrointestinal bleeding or cardiovascular/cerebrovascular events within approximately "
        "30 days prior to treatment.",
        "治疗前约30天内发生过消化道出血或心脑血管事件。",
    ),
    "E9": Text(
        "Pregnant or lactating women, or women of childbearing potential unwilling to use contraception.",
        "妊娠期或哺乳期妇女，或不愿采取避孕措施的育龄期妇女。",
    ),
    "E10": Text(
        "Concurrent psychiatric disorders that prevent the patient from providing informed consent or interfere "
        "with receiving treatment.",
        "合并精神疾病，无法签署知情同意或影响治疗的实施。",
    ),
    "E11": Text(
        "Any other factors deemed by the investigator as likely to affect patient enrollment or the evaluation of "
        "results.",
        "研究者认为可能影响患者入组或结果评价的其他任何因素。",
    ),
}

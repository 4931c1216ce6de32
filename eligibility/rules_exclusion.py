"""The rules of exclusion criteria 1 to 11, one function each. PASS means: not excluded.

Source: NCT07070076 registry record (criteria); protocol specification section 3, and section 0.2 where the
record leaves a case open (C12, C13, C14).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from eligibility.facts import CriteriaSettings, Facts
from eligibility.verdicts import FAIL, NOTHING, PASS, RULING, UNKNOWN, YES_NO, Verdict, missing, must_be_no
from participants.dates import PartialDate
from records.text import Text


def e1_severe_condition(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Ask the investigator, where a condition is above CTCAE grade 2, whether treatment is tolerated.

    Fails where one is there and treatment is not tolerated. Missing laboratory or ECG leaves it unknown even
    where the investigator has answered: the answer cannot cover what is not known.
    """
    severe = [
        (one.name, one.grade)
        for one in facts.conditions or ()
        if one.grade is not None and one.grade >= 3 and one.ongoing is not False
    ]
    severe += [
        (one.test, one.grade) for one in facts.lab_grades or () if one.grade is not None and one.grade >= 3
    ]
    named = [
        Text("{name} grade {grade}", "{name} {grade}级").format(name=name, grade=grade)
        for name, grade in severe
    ]
    value = Text.join(named, zh="、") if named else Text("None of grade 3 or more", "无3级及以上")
    if severe and facts.e1j == "CANNOT":
        words = Text(
            "Treatment is not tolerated by judgement of the investigator.", "研究者判断无法耐受治疗。"
        )
        return Verdict(FAIL, words, value)
    if severe and facts.e1j is None:
        words = Text(
            "The investigator has to judge whether treatment is tolerated.", "需研究者判断能否耐受治疗。"
        )
        return Verdict(UNKNOWN, words, value)
    absent = _gaps_of_e1(facts)
    if absent:
        return replace(missing(*absent), value=value)
    if facts.e1j == "CANNOT":
        words = Text(
            "Judged not to tolerate treatment, but no condition of grade 3 or more is recorded.",
            "研究者判断无法耐受治疗，但未记录3级及以上的疾病或异常。",
        )
        return Verdict(UNKNOWN, words, value, data_error=True)
    if severe:
        words = Text("Treatment is tolerated by judgement of the investigator.", "研究者判断可耐受治疗。")
        return Verdict(PASS, words, value)
    return Verdict(PASS, Text("Nothing above grade 2.", "无＞2级的异常。"), value)


def e2_malignancy(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude any other malignancy ever; there is no exception (C14)."""
    words = (
        Text("No other malignancy.", "无其他恶性肿瘤史。"),
        Text("Another malignancy; there is no exception.", "有其他恶性肿瘤史，无例外情况。"),
        Text("other malignancy", "其他恶性肿瘤史"),
    )
    return must_be_no(facts.maligoth, *words)


ALLERGEN_WORDS: Final = {
    "CONTRAST": Text("iodinated contrast", "碘对比剂"),
    "PLATINUM": Text("platinum", "铂类"),
    "FLUOROURACIL": Text("fluorouracil", "氟尿嘧啶"),
    "FOLINATE": Text("folinate", "亚叶酸"),
    "ALBUMIN": Text("human albumin", "人血白蛋白"),
    "MICROSPHERE": Text("microsphere material", "微球"),
    "OTHER": Text("other", "其他"),
    "NONE": Text("none", "无"),
}


def e3_allergy(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude allergy to a drug or material of the study; any other allergy passes with a note."""
    if not facts.allergy:
        return missing(Text("drug allergy", "药物过敏史"))
    value = Text.join([ALLERGEN_WORDS[code] for code in facts.allergy], zh="、")
    if any(code not in ("NONE", "OTHER") for code in facts.allergy):
        return Verdict(FAIL, Text("Allergic to a drug of the study.", "对研究相关药物过敏。"), value)
    if "OTHER" in facts.allergy:
        note = Text(
            "Another allergy: confirm that no drug of the study is meant.",
            "有其他过敏史，请确认与研究药物无关。",
        )
        words = Text("No allergy to a drug of the study.", "对研究相关药物无过敏。")
        return Verdict(PASS, words, value, (note,))
    return Verdict(PASS, Text("No allergy.", "无过敏史。"), value)


def e4_transplant(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude any organ transplant ever."""
    words = (
        Text("No organ transplant.", "无器官移植史。"),
        Text("Organ transplant.", "有器官移植史。"),
        Text("organ transplant", "器官移植史"),
    )
    return must_be_no(facts.transpl, *words)


def e5_prior_treatment(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude prior treatment of the tumour, or interferon; interferon for hepatitis needs a ruling (C13)."""
    value = Text("Treatment: {one}; interferon: {two}", "抗肿瘤治疗：{one}；干扰素：{two}").format(
        one=YES_NO.get(facts.priortx or "", NOTHING),
        two={
            "N": Text("never", "从未"),
            "HEP": Text("for hepatitis", "因肝炎使用"),
            "TUM": Text("for the tumour", "因肿瘤使用"),
        }.get(facts.priorifn or "", NOTHING),
    )
    if facts.priorifn == "TUM":
        return Verdict(FAIL, Text("Interferon for the tumour.", "曾因肿瘤使用干扰素。"), value)
    if facts.priortx == "Y":
        return Verdict(FAIL, Text("Previously treated.", "既往接受过抗肿瘤治疗。"), value)
    absent = [
        words
        for answer, words in (
            (facts.priortx, Text("previous anti-tumour treatment", "既往抗肿瘤治疗")),
            (facts.priorifn, Text("interferon", "干扰素使用史")),
        )
        if answer is None
    ]
    if absent:
        return replace(missing(*absent), value=value)
    if facts.priorifn == "HEP":
        words = Text(
            "Interferon for hepatitis: the sponsor has to rule whether this excludes.",
            "曾因肝炎使用干扰素，是否排除需申办者裁定。",
        )
        return Verdict(RULING, words, value)
    return Verdict(PASS, Text("No treatment and no interferon.", "无抗肿瘤治疗，未用过干扰素。"), value)


def e6_hiv(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require a negative HIV antibody; a result still to be confirmed is unknown."""
    if facts.hivab is None:
        return missing(Text("HIV antibody", "HIV抗体"))
    if facts.hivab in ("PENDING", "CONFIRM"):
        waits = Text("HIV antibody: result awaited", "HIV抗体：结果未回")
        if facts.hivab == "CONFIRM":
            waits = Text("HIV antibody: to be confirmed", "HIV抗体：待确证")
        return Verdict(UNKNOWN, Text("The result is not final.", "尚无最终结果。"), waits)
    if facts.hivab == "POS":
        return Verdict(
            FAIL, Text("HIV positive.", "HIV阳性。"), Text("HIV antibody: positive", "HIV抗体：阳性")
        )
    return Verdict(PASS, Text("HIV negative.", "HIV阴性。"), Text("HIV antibody: negative", "HIV抗体：阴性"))


def e7_abuse(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude drug or substance abuse ever."""
    words = (
        Text("No history of abuse.", "无药物滥用史。"),
        Text("History of abuse.", "有药物滥用史。"),
        Text("drug or substance abuse", "药物滥用史"),
    )
    return must_be_no(facts.subabuse, *words)


def e8_event(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude bleeding or a cardio- or cerebrovascular event 0 to 30 days before treatment.

    Judged again on the day of treatment (C12). 31 to 35 days pass with a soft query. Partial dates are judged for
    their earliest and their latest day.
    """
    found = [
        _event(happened, facts.planned_treatment, words, settings)
        for happened, words in (
            (facts.gibdtc, Text("GI bleeding", "消化道出血")),
            (facts.cvdtc, Text("cardio- or cerebrovascular event", "心脑血管事件")),
        )
    ]
    outcome = next((one for one in (FAIL, UNKNOWN) if any(each.outcome is one for each in found)), PASS)
    deciding = [each for each in found if each.outcome is outcome]
    return Verdict(
        outcome,
        Text.join([each.reason for each in deciding], en=" ", zh=""),
        Text.join([each.value for each in found], en="; ", zh="；"),
        tuple(warning for each in found for warning in each.warnings),
        any(each.data_error for each in found),
    )


def e9_pregnancy(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude pregnancy, lactation, and childbearing potential without contraception; not for men."""
    if facts.sex is None:
        return missing(Text("sex", "性别"))
    if facts.sex == "M":
        if any(answer is not None for answer in (facts.childpot, facts.lactate, facts.contraok, facts.hcg)):
            words = Text(
                "Answers that only women have are filled in for a man.",
                "男性受试者填写了仅适用于女性的项目。",
            )
            return Verdict(UNKNOWN, words, Text("Male", "男"), data_error=True)
        return Verdict(PASS, Text("Not applicable to men.", "男性不适用。"), Text("Male", "男"))
    value = Text("Childbearing potential: {one}; HCG: {two}", "生育能力：{one}；妊娠试验：{two}").format(
        one=YES_NO.get(facts.childpot or "", NOTHING),
        two={"NEG": Text("negative", "阴性"), "POS": Text("positive", "阳性")}.get(facts.hcg or "", NOTHING),
    )
    if facts.hcg == "POS":
        return Verdict(FAIL, Text("Pregnancy test positive.", "妊娠试验阳性。"), value)
    if facts.lactate == "Y":
        return Verdict(FAIL, Text("Lactating.", "哺乳期。"), value)
    if facts.childpot == "Y" and facts.contraok == "N":
        return Verdict(FAIL, Text("Unwilling to use contraception.", "不愿采取避孕措施。"), value)
    asked = [
        (facts.childpot, Text("childbearing potential", "生育能力")),
        (facts.lactate, Text("lactation", "哺乳情况")),
    ]
    if facts.childpot == "Y":
        asked += [
            (facts.contraok, Text("contraception", "避孕意愿")),
            (facts.hcg, Text("pregnancy test", "妊娠试验")),
        ]
    absent = [words for answer, words in asked if answer is None]
    if absent:
        return replace(missing(*absent), value=value)
    if facts.childpot == "N":
        words = Text("Not of childbearing potential, not lactating.", "无生育能力，非哺乳期。")
        return Verdict(PASS, words, value)
    return _pregnancy_test_in_window(facts, settings, value)


def e10_psychiatric(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude a psychiatric disorder that affects consent or treatment."""
    if facts.psych is None:
        return missing(Text("psychiatric disorder", "精神疾病"))
    if facts.psych == "IMPACT":
        words = Text("It affects consent or treatment.", "影响知情同意或治疗。")
        return Verdict(FAIL, words, Text("Present", "有"))
    if facts.psych == "NOIMPACT":
        words = Text("It affects neither consent nor treatment.", "不影响知情同意和治疗。")
        return Verdict(PASS, words, Text("Present", "有"))
    return Verdict(PASS, Text("No psychiatric disorder.", "无精神疾病。"), Text("None", "无"))


def e11_other(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Exclude any other factor by judgement of the investigator, with the reason."""
    if facts.e11j is None:
        return missing(Text("judgement of the investigator", "研究者判断"))
    if facts.e11j == "N":
        return Verdict(PASS, Text("No other factor.", "无其他因素。"), YES_NO["N"])
    given = facts.e11j_text.strip()
    if given:
        return Verdict(FAIL, Text(given, given), YES_NO["Y"])
    note = Text("Write down which factor.", "请注明具体因素。")
    return Verdict(FAIL, Text("Another factor.", "存在其他因素。"), YES_NO["Y"], (note,))


def _gaps_of_e1(facts: Facts) -> list[Text]:
    absent = []
    if facts.conditions is None:
        absent.append(Text("other conditions with their grade", "其他疾病及分级"))
    elif any(one.grade is None and one.ongoing is not False for one in facts.conditions):
        absent.append(Text("grade of a condition", "某项疾病的分级"))
    if not facts.labs_complete or not facts.lab_grades:
        absent.append(Text("screening laboratory", "筛选期实验室检查"))
    elif any(one.grade is None for one in facts.lab_grades):
        tests = ", ".join(one.test for one in facts.lab_grades if one.grade is None)
        absent.append(Text("grade of {tests}", "{tests}的分级").format(tests=tests))
    if not facts.ecg_done:
        absent.append(Text("ECG", "心电图"))
    return absent


def _event(
    happened: PartialDate | str | None, treatment: date | None, words: Text, settings: CriteriaSettings
) -> Verdict:
    if happened is None:
        return missing(words)
    if not isinstance(happened, PartialDate):
        value = Text("{words}: none", "{words}：无").format(words=words)
        return Verdict(PASS, Text("No {words}.", "无{words}。").format(words=words), value)
    value = Text("{words}: {day}", "{words}：{day}").format(words=words, day=happened)
    if treatment is None:
        return replace(missing(Text("planned treatment date", "计划治疗日期")), value=value)
    fewest, most = happened.days_until(treatment)
    if most < 0:
        reason = Text(
            "{words} is dated after the day of treatment {treatment}.", "{words}日期晚于治疗日期{treatment}。"
        )
        return Verdict(
            UNKNOWN, reason.format(words=words, treatment=treatment.isoformat()), value, data_error=True
        )
    fewest = max(fewest, 0)  # an event before treatment cannot lie in the part of the month after it
    span = f"{fewest}" if fewest == most else f"{fewest}–{most}"
    reason = Text("{words} {span} days before treatment.", "{words}距治疗{span}天。").format(
        words=words, span=span
    )
    if most <= settings.event_days:
        return Verdict(FAIL, reason, value)
    if fewest <= settings.event_days:
        open_ = Text(" The incomplete date leaves the interval open.", "日期不完整，间隔无法确定。")
        return Verdict(UNKNOWN, reason + open_, value)
    soft: tuple[Text, ...] = ()
    if fewest <= settings.event_soft_days:
        ask = Text(
            "{words} only {span} days before treatment: confirm the date.",
            "{words}距治疗仅{span}天，请核实日期。",
        )
        soft = (ask.format(words=words, span=span),)
    return Verdict(PASS, reason, value, soft)


def _pregnancy_test_in_window(facts: Facts, settings: CriteriaSettings, value: Text) -> Verdict:
    if facts.hcg_date is None:
        return replace(missing(Text("date of the pregnancy test", "妊娠试验日期")), value=value)
    if facts.planned_treatment is None:
        return replace(missing(Text("planned treatment date", "计划治疗日期")), value=value)
    days = (facts.planned_treatment - facts.hcg_date).days
    if not 0 <= days <= settings.pregnancy_test_days:
        reason = Text(
            "The pregnancy test of {day} is not within {limit} days before treatment.",
            "妊娠试验（{day}）不在治疗前{limit}天内。",
        ).format(day=facts.hcg_date.isoformat(), limit=settings.pregnancy_test_days)
        return Verdict(UNKNOWN, reason, value)
    words = Text(
        "Pregnancy test negative, not lactating, willing to use contraception.",
        "妊娠试验阴性，非哺乳期，愿意避孕。",
    )
    return Verdict(PASS, words, value)

"""The rules of inclusion criteria 1 to 6, one function each.

Source: NCT07070076 registry record (criteria); protocol specification section 3, and section 0.2 where the
record leaves a case open (C1, C2, C4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from eligibility.cnlc import RecordI3
from eligibility.facts import CriteriaSettings, Facts
from eligibility.verdicts import FAIL, NOTHING, PASS, RULING, UNKNOWN, YES_NO, Verdict, missing, must_be_no
from participants.dates import BornAfterwards, age_at, trial_day
from records.text import Text
from records.zone import TRIAL_ZONE


def i1_age(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require completed years on the day of consent from 18 to 75, both included.

    Unknown where a partial birth date allows an age inside and one outside.
    """
    if facts.brthdtc is None:
        return missing(Text("date of birth", "出生日期"))
    if facts.icfdtc is None:
        return missing(Text("date of consent", "知情同意日期"))
    try:
        youngest, oldest = age_at(facts.brthdtc, trial_day(facts.icfdtc))
    except BornAfterwards:
        return Verdict(
            UNKNOWN,
            Text("The date of birth is after the consent.", "出生日期晚于知情同意日期。"),
            Text(str(facts.brthdtc), str(facts.brthdtc)),
            data_error=True,
        )
    years = f"{youngest}" if youngest == oldest else f"{youngest}–{oldest}"
    value = Text("{years} years", "{years}岁").format(years=years)
    limits = {"low": settings.age_from, "high": settings.age_to}
    if oldest < settings.age_from or youngest > settings.age_to:
        words = Text("Age at consent is outside {low} to {high}.", "签署时年龄不在{low}～{high}岁之间。")
        return Verdict(FAIL, words.format(**limits), value)
    if youngest < settings.age_from or oldest > settings.age_to:
        words = Text(
            "The incomplete date of birth allows an age inside and one outside {low} to {high}.",
            "出生日期不完整，年龄可能在{low}～{high}岁之内或之外。",
        )
        return Verdict(UNKNOWN, words.format(**limits), value)
    words = Text("Age at consent is {low} to {high}.", "签署时年龄在{low}～{high}岁之间。")
    return Verdict(PASS, words.format(**limits), value)


def i2_ecog(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require ECOG 0 or 1. Staging allows 0 to 2; the two rules are independent (C1)."""
    if facts.ecog is None:
        return missing(Text("ECOG performance status", "ECOG评分"))
    value = Text("ECOG {ecog}", "ECOG {ecog}分").format(ecog=facts.ecog)
    if facts.ecog <= 1:
        return Verdict(PASS, Text("Performance status 0 or 1.", "ECOG评分0～1分。"), value)
    return Verdict(FAIL, Text("Performance status above 1.", "ECOG评分＞1分。"), value)


def i3_stage(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require CNLC Ib, IIa, IIb or IIIa in the record's wording; Ib with 2 or 3 tumours needs a ruling (C2)."""
    if facts.cnlc is None:
        return missing(Text("CNLC stage", "CNLC分期"))
    outcome = {
        RecordI3.MET: PASS,
        RecordI3.NOT_MET: FAIL,
        RecordI3.RULING: RULING,
        RecordI3.UNKNOWN: UNKNOWN,
    }[facts.cnlc.record_i3]
    value = Text("CNLC {stage}", "CNLC {stage}期").format(stage=facts.cnlc.stage.value)
    if outcome is UNKNOWN:
        return Verdict(outcome, facts.cnlc.reason, Text("Stage not known", "分期未知"))
    reason = Text("{one} {two}", "{one}{two}").format(one=facts.cnlc.record_i3_reason, two=facts.cnlc.reason)
    return Verdict(outcome, reason, value)


def i4_untreated(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require that the liver cancer was not treated before."""
    words = (
        Text("No previous anti-tumour treatment.", "既往无抗肿瘤治疗。"),
        Text("Previously treated.", "既往接受过抗肿瘤治疗。"),
        Text("previous anti-tumour treatment", "既往抗肿瘤治疗"),
    )
    return must_be_no(facts.priortx, *words)


def i5_resectable(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require no metastasis, and that the MDT expects complete resection after the study treatment (C4)."""
    metastasis = None if facts.exhep == "UNK" else facts.exhep
    value = Text("Metastasis: {one}; resectable: {two}", "肝外转移：{one}；可切除：{two}").format(
        one=YES_NO.get(facts.exhep or "", NOTHING), two=YES_NO.get(facts.potres or "", NOTHING)
    )
    if metastasis == "Y":
        return Verdict(FAIL, Text("Extrahepatic metastasis.", "有肝外转移。"), value)
    if facts.potres == "N":
        return Verdict(
            FAIL, Text("The MDT does not expect complete resection.", "MDT认为肿瘤不能完整切除。"), value
        )
    absent = [
        words
        for answer, words in (
            (metastasis, Text("extrahepatic metastasis", "肝外转移")),
            (facts.potres, Text("judgement of the MDT", "MDT意见")),
        )
        if answer is None
    ]
    if absent:
        return replace(missing(*absent), value=value)
    return Verdict(
        PASS,
        Text(
            "No metastasis; the MDT expects complete resection after treatment.",
            "无肝外转移；MDT预计治疗后可完整切除。",
        ),
        value,
    )


def i6_consent(facts: Facts, settings: CriteriaSettings) -> Verdict:
    """Require consent on an approved version, not after the first study-specific procedure.

    Both in the same minute are allowed.
    """
    if facts.icfdtc is None:
        return Verdict(UNKNOWN, Text("Consent is not signed yet.", "尚未签署知情同意书。"))
    signed = f"{_local(facts.icfdtc):%Y-%m-%d %H:%M}"
    value = Text(signed, signed)
    if facts.first_procedure is not None and _minute(facts.first_procedure) < _minute(facts.icfdtc):
        first = f"{_local(facts.first_procedure):%Y-%m-%d %H:%M}"
        return Verdict(
            FAIL,
            Text(
                "A study-specific procedure took place before consent ({first}). This is a major deviation.",
                "研究相关操作（{first}）早于签署知情同意，属重大方案偏离。",
            ).format(first=first),
            value,
        )
    if facts.icf_version_approved is None:
        return replace(
            missing(Text("approved version of the consent form", "知情同意书批准版本")), value=value
        )
    if not facts.icf_version_approved:
        return Verdict(
            FAIL,
            Text(
                "The version signed was not the approved one on that day.",
                "签署的知情同意书版本在当日未获批准或已失效。",
            ),
            value,
        )
    return Verdict(
        PASS,
        Text("Signed on an approved version, before any procedure.", "已签署获批版本，且早于研究操作。"),
        value,
    )


def _minute(moment: datetime) -> datetime:
    return _local(moment).replace(second=0, microsecond=0)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(TRIAL_ZONE) if moment.tzinfo else moment

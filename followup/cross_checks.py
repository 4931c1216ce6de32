"""Checks across the course: consent, death, the end of treatment, progression (specification section 8.26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any

from accounts.prepared import ask
from eligibility.cross_checks import BASELINE
from followup import codelists
from participants.cross_checks import Casebook, CrossCheck, Mismatch
from participants.dates import PartialDate
from participants.models import CaseReportForm
from participants.models.forms import BEFORE_CONSENT
from participants.workflow import ParticipantState
from records import clock
from records.definition import forms
from records.items import DateItem, DateTimeItem, Item, PartialDateItem, items_of
from records.text import Text
from records.zone import TRIAL_ZONE

# What may be dated after a death: pathology, deviations, dispositions, the record of the death itself, and the
# moments at which something was learned, reported or signed.
FORMS_AFTER_DEATH = ("PATH", "DV", "DS", "SURV")
ITEMS_AFTER_DEATH = ("saeaware", "saerep", "saeec", "saeorg")

AFTER_DEATH = Text(
    "{label} {day} is after the death on {death}. Correct one of the dates.",
    "{label}（{day}）晚于死亡日期{death}，请更正其中之一。",
)
FATAL_WITHOUT_DEATH = Text(
    "An adverse event of grade 5, and no death is recorded. Record the death, or correct the grade.",
    "不良事件为5级，但无死亡记录。请补录死亡，或更正分级。",
)
DEATH_WITHOUT_EVENT = Text(
    "A death by treatment or infection, and no adverse event of grade 5. Record it, or confirm.",
    "死因为治疗相关或感染，但无5级不良事件。请补录，或填写说明予以确认。",
)
NO_END_OF_TREATMENT = Text(
    "Treatment was stopped for good because of this event, and no end of treatment is recorded. Record it, or confirm.",
    "因该事件永久停止治疗，但无治疗结束记录。请补录，或填写说明予以确认。",
)
TREATED_AFTER_PROGRESSION = Text(
    "Treatment on {day} follows a progression on {progression}. Correct one of them, or confirm with the reason.",
    "{progression}评为疾病进展后，于{day}继续治疗。请更正，或填写理由予以确认。",
)
RESPONSE_OVERTAKEN = Text(
    "The computed response is {computed} since other forms were corrected; the investigator's is {judged}. "
    "Correct it, or confirm.",
    "其他表单更正后，系统计算的总体疗效为{computed}，研究者判定为{judged}。请更正，或填写说明予以确认。",
)
# Causes of death that are adverse events by themselves.
DEATH_BY_EVENT = ("LIVERFAILURE", "GIBLEEDING", "TREATMENT", "INFECTION")


# What may not be dated before consent, by form: history, demographics and adverse events (X01AE) are left out.
# A form refuses such a date itself; this is what a corrected consent leaves behind it.
SINCE_CONSENT: Mapping[str, tuple[str, ...]] = {
    "SV": ("svstdtc",),
    "IE": ("trtpdtc",),
    "LB": ("lbdtc", "virdtc", "hcgdtc"),
    "IMG": ("imgdtc",),
    "ARM": ("mdtdtc", "armdtc"),
    "HAIC": ("hprocdt",),
    "YMAP": ("ymapdtc",),
    "RES": ("resdtc",),
    "SURG": ("surgdtc",),
    "SACT": ("sactstdtc",),
    "RSP": ("rsdtc",),
    "SYM": ("symdtc",),
    "SURV": ("ssdtc", "lastalive", "dthdtc"),
    "DS": ("dsstdtc",),
}
# Samples of routine care may lie before consent, and so may the imaging that is the baseline.
NOT_ROUTINE: Mapping[str, str] = {
    "LB": "lbsoc IS DISTINCT FROM 'Y'",
    "IMG": f"(SELECT code FROM participants_visit v WHERE v.id = visit_id) <> '{BASELINE}'",  # noqa: S608 – our own
}
# Of a sample the time counts, of everything else the day.
TO_THE_MINUTE = ("lbdtc",)


@cache
def _before_consent() -> str:
    """The statement that gives form, record and item of each date before a consent (`signed`, `day`, `midnight`)."""
    found = []
    for code, names in SINCE_CONSENT.items():
        model: Any = forms()[code]
        items = {item.name: item for item in items_of(model)}
        for name in names:
            bound = "midnight" if isinstance(items[name], DateTimeItem) else "day"
            bound = "signed" if name in TO_THE_MINUTE else bound
            kept = f" AND {NOT_ROUTINE[code]}" if code in NOT_ROUTINE else ""
            found.append(
                f"SELECT '{code}', id, '{name}' FROM {model._meta.db_table} "  # noqa: S608 – our own names
                f"WHERE participant_id = %(participant)s AND {name} < %({bound})s{kept}"
            )
    return " UNION ALL ".join(found)


def before_consent(casebook: Casebook) -> Iterable[Mismatch]:
    """X01: a visit, assessment or treatment dated before the consent as it reads now; one query where there is none.

    The consent is stored as it was signed, so what lies before it is asked about, and refused where it is saved again.
    """
    signed = next((one.icfdtc for one in casebook.all("DM") if one.icfdtc), None)
    if signed is None:
        return
    day = clock.day(signed)
    asked = {
        "participant": casebook.participant.pk,
        "signed": signed,
        "day": day,
        "midnight": datetime.combine(day, time.min, TRIAL_ZONE),
    }
    for code, key, name in sorted(ask(_before_consent(), asked)):
        record = next(one for one in casebook.all(code) if one.pk == key)
        label = next(item.label for item in items_of(type(record)) if item.name == name)
        yield Mismatch(record, name, BEFORE_CONSENT.format(label=label, consent=day))


def dated_items(model: type[CaseReportForm]) -> list[Item]:
    """The items of a form that say when something happened."""
    return [
        item
        for item in items_of(model)
        if isinstance(item, (DateItem, DateTimeItem, PartialDateItem)) and item.name not in ITEMS_AFTER_DEATH
    ]


def _day_of(value: Any) -> date:
    if isinstance(value, datetime):
        return clock.day(value)
    return PartialDate.parse(value).earliest if isinstance(value, str) else value


def death_of(casebook: Casebook) -> date | None:
    """The day of death as recorded; None for somebody alive."""
    return next((one.dthdtc for one in casebook.all("SURV") if one.dthdtc), None)


def after_death(casebook: Casebook) -> Iterable[Mismatch]:
    """X02: an event, treatment, assessment or visit dated after the death; a partial date by its first day."""
    death = death_of(casebook)
    if death is None:
        return
    for code, model in forms().items():
        if code in FORMS_AFTER_DEATH or not issubclass(model, CaseReportForm):
            continue
        items = dated_items(model)
        for record in casebook.all(code) if items else ():
            for item in items:
                value = getattr(record, item.name)
                if value is not None and _day_of(value) > death:
                    words = AFTER_DEATH.format(label=item.label, day=_day_of(value), death=death)
                    yield Mismatch(record, item.name, words)


def death_and_fatal_event(casebook: Casebook) -> Iterable[Mismatch]:
    """X10: an adverse event of grade 5 without a death, or a death by an event without one of grade 5."""
    dead = next((one for one in casebook.all("SURV") if one.ssstat == "DEAD"), None)
    fatal = [one for one in casebook.all("AE") if one.aetoxgr == 5]
    if fatal and dead is None:
        yield Mismatch(fatal[0], "aetoxgr", FATAL_WITHOUT_DEATH)
    if dead is not None and not fatal and dead.dthcaus in DEATH_BY_EVENT:
        yield Mismatch(dead, "dthcaus", DEATH_WITHOUT_EVENT)


def stopped_without_end(casebook: Casebook) -> Iterable[Mismatch]:
    """X12: an event that stopped treatment for good, and no record of the end of treatment."""
    if any(one.dsscat == "EOT" for one in casebook.all("DS")):
        return
    for one in casebook.all("AE"):
        if one.aeacn == "WITHDRAWN":
            yield Mismatch(one, "aeacn", NO_END_OF_TREATMENT)


def treated_after_progression(casebook: Casebook) -> Iterable[Mismatch]:
    """X15: a HAIC cycle or a Y-90 infusion begun after a day on which the disease was found progressive."""
    progressed = [one.rsdtc for one in casebook.all("RSP") if one.rsdtc and one.rsinv == "PD"]
    if not progressed:
        return
    first = min(progressed)
    begun = [(one, "hprocdt", one.hprocdt) for one in casebook.all("HAIC")]
    begun += [(one, "yinfdt", one.yinfdt) for one in casebook.all("YTRT")]
    for record, item, moment in begun:
        if moment is not None and clock.day(moment) > first:
            words = TREATED_AFTER_PROGRESSION.format(day=clock.day(moment), progression=first)
            yield Mismatch(record, item, words)


def response_overtaken(casebook: Casebook) -> Iterable[Mismatch]:
    """RS1: a submitted assessment whose computed response has become another than the investigator's.

    The form asks when it is saved; this asks again when a correction elsewhere has changed the computed response.
    """
    for one in casebook.all("RSP"):
        if not one.submitted or one.confirmed.get("rsinv") or not one.ovrlresp or not one.rsinv:
            continue
        if one.ovrlresp != one.rsinv:
            words = RESPONSE_OVERTAKEN.format(
                computed=codelists.OVERALL_RESPONSE.label(one.ovrlresp),
                judged=codelists.OVERALL_RESPONSE.label(one.rsinv),
            )
            yield Mismatch(one, "rsinv", words)


def _every_date() -> dict[str, tuple[str, ...]]:
    """Every item of every form that X02 reads."""
    found: dict[str, tuple[str, ...]] = {"SURV": ("dthdtc",)}
    for code, model in forms().items():
        if code not in FORMS_AFTER_DEATH and issubclass(model, CaseReportForm):
            names = tuple(item.name for item in dated_items(model))
            if names:
                found[code] = names
    return found


CHECKS = (
    CrossCheck(
        "X01",
        Text("Dated before the consent", "日期早于知情同意"),
        {"DM": ("icfdtc",), **SINCE_CONSENT, "LB": (*SINCE_CONSENT["LB"], "lbsoc")},
        before_consent,
    ),
    CrossCheck(
        "X02",
        Text("Dated after the death", "日期晚于死亡日期"),
        _every_date(),
        after_death,
        hard=True,
        # Everybody else has no death to compare with, so the forms of most people are saved without asking.
        only_in={code: (ParticipantState.DIED,) for code in _every_date() if code != "SURV"},
    ),
    CrossCheck(
        "X10",
        Text("Fatal event and death", "5级不良事件与死亡记录不一致"),
        {"AE": ("aetoxgr",), "SURV": ("ssstat", "dthcaus")},
        death_and_fatal_event,
    ),
    CrossCheck(
        "X12",
        Text("Treatment stopped for good without its end", "永久停止治疗但无治疗结束记录"),
        {"AE": ("aeacn",), "DS": ("dsscat",)},
        stopped_without_end,
        daily=True,
    ),
    CrossCheck(
        "X15",
        Text("Treatment after progression", "进展后继续治疗"),
        {"RSP": ("rsdtc", "rsinv"), "HAIC": ("hprocdt",), "YTRT": ("yinfdt",)},
        treated_after_progression,
    ),
    CrossCheck(
        "RS1",
        Text(
            "The computed response differs from the investigator's after a correction elsewhere",
            "其他表单更正后，计算疗效与研究者判定不一致",
        ),
        # Derived items are not read here: what made them change is, once for all assessments it changed.
        {
            "RSP": ("rscat", "ntrgresp", "rsinv", "recurfl"),
            "IMG": ("imgdtc", "imgqual", "imgeval", "newles", "lesions"),
            "SURG": ("surgdtc", "surgyn", "margin_i"),
            "PATH": ("rmargin",),
            "SACT": ("sactint", "sactstdtc"),
        },
        response_overtaken,
    ),
)

"""The base of every case report form, and the forms every phase reads: visit header, demographics, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from django.db import models

from accounts.prepared import ask
from participants import codelists
from participants.dates import BornAfterwards, PartialDate, age_at
from participants.models.participant import NOT_APPROVED, ConsentVersion, Participant, Visit
from records import clock
from records.checks import at_row
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts, row_groups
from records.findings import Finding, Level
from records.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    IntegerItem,
    Item,
    PartialDateItem,
    TextItem,
    items_of,
)
from records.models import Record, Row
from records.text import Text

FUTURE = Text(
    "{label} lies in the future. Check the year and the day.", "{label}晚于当前时间，请核对年份和日期。"
)
BEFORE_CONSENT = Text(
    "{label} is before the informed consent was signed ({consent}). Correct the date, or the consent date.",
    "{label}早于知情同意签署日期（{consent}），请更正该日期或知情同意日期。",
)


# What most forms read of the person.
PERSON = ("sex", "age", "childpot", "icfdtc", "brthdtc")
# Every form asks it, so it is written once.
OF_THE_PERSON = f"SELECT {', '.join(PERSON)} FROM participants_demographics WHERE participant_id = %s"  # noqa: S608


class CaseReportForm(Record):
    """A form of one participant at one visit."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    repeat = models.PositiveSmallIntegerField(default=1)

    class Meta(Record.Meta):
        abstract = True
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["visit", "repeat"], name="%(app_label)s_%(class)s_once_a_visit"),
        ]

    def __str__(self) -> str:
        return f"{self.form.code} {self.visit_id}"

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Give what conditions of most forms read: arm, sex, age, childbearing potential, and the consent's day.

        Keys beside items of other forms: `arm`, `visit_code`, `series`, `repeat`, `today`, `now`. One query.
        """
        person = ask(OF_THE_PERSON, [visit.participant_id])
        return {
            **(dict(zip(PERSON, person[0], strict=True)) if person else {}),
            "arm": visit.participant.arm,
            "visit_code": visit.code,
            "series": visit.series,
            "repeat": place.get("repeat", 1),
            "today": place["today"],
            "now": place["now"],
        }


class FormRow(Row):
    """A row of a table inside a case report form; names the participant too, for the trail."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")

    class Meta(Row.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.rows.one.en} {self.number}"


def not_in_future(
    model: type[Record], answers: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterable[Finding]:
    """Refuse any full date or time of a form, or of a row inside it, that lies after the trial's present moment."""
    yield from _items_not_in_future(model, answers, context)
    for group, rows in row_groups(model).items():
        for index, row in enumerate(answers.get(group) or []):
            for found in _items_not_in_future(rows, row, context):
                yield replace(found, item=at_row(group, index, found.item))


def _items_not_in_future(
    model: type[Record | Row], answers: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterable[Finding]:
    for item in _dated(model):
        value = answers.get(item.name)
        if value is None:
            continue
        if (
            (isinstance(item, DateTimeItem) and value > context["now"])
            or (isinstance(item, DateItem) and value > context["today"])
            or (isinstance(item, PartialDateItem) and PartialDate.parse(value).earliest > context["today"])
        ):
            yield Finding(item.name, Level.HARD, FUTURE.format(label=item.label))


@cache
def _dated(model: type[Record | Row]) -> tuple[Item, ...]:
    """The items of a form, or of a row, that hold a day or a moment."""
    return tuple(
        item for item in items_of(model) if isinstance(item, (DateTimeItem, DateItem, PartialDateItem))
    )


def not_before_consent(
    name: str, label: Text, day: date | None, context: Mapping[str, Any]
) -> Iterable[Finding]:
    """Refuse a date before the day of consent; nothing to say where either is missing (check X01)."""
    consent = context.get("icfdtc")
    if day and consent and day < clock.day(consent):
        yield Finding(
            name,
            Level.HARD,
            BEFORE_CONSENT.format(label=label, consent=clock.day(consent).isoformat()),
            "X01",
        )


class VisitHeader(CaseReportForm):
    form = FormFacts("SV", Text("Visit header", "访视信息"), ("SV",))

    svdone = CodeItem(Text("Visit done?", "访视是否完成"), codes=NY, missing=(), name_cdash="SV.SVOCCUR")
    svstdtc = DateItem(
        Text("Visit date", "访视日期"),
        required=When(svdone="Y"),
        shown_when=When(svdone="Y"),
        missing=(),
        name_cdash="SV.SVSTDTC",
    )
    svmode = CodeItem(
        Text("Contact mode", "访视方式"),
        codes=codelists.CONTACT_MODE,
        required=When(svdone="Y"),
        shown_when=When(svdone="Y"),
        missing=("NK",),
        name_cdash="SV.SVCNTMOD",
    )
    svreasnd = CodeItem(
        Text("Reason not done", "未完成原因"),
        codes=codelists.REASON_NOT_DONE,
        required=When(svdone="N"),
        shown_when=When(svdone="N"),
        missing=(),
        name_cdash="SV.SVREASOC",
    )
    svoowrsn = TextItem(
        Text("Reason outside window", "超窗原因"),
        required=NEVER,
        shown_when=When(svdone="Y"),
        missing=(),
        width="l",
        name_cdash="SUPPSV",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        return {
            **super().context(visit=visit, **place),
            "window_open": visit.window_open,
            "window_close": visit.window_close,
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        day = answers.get("svstdtc")
        yield from not_before_consent("svstdtc", Text("Visit date", "访视日期"), day, context)
        opens, closes = context.get("window_open"), context.get("window_close")
        if day and opens and not opens <= day <= closes and not answers.get("svoowrsn"):
            yield Finding(
                "svoowrsn",
                Level.HARD,
                Text(
                    "The visit date is outside the window {opens} to {closes}. Write the reason.",
                    "访视日期不在时间窗{opens}至{closes}内，请填写原因。",
                ).format(opens=opens, closes=closes),
                "X25",
            )


class Demographics(CaseReportForm):
    form = FormFacts("DM", Text("Demographics and informed consent", "人口学与知情同意"), ("DM", "DS", "RP"))

    icfdtc = DateTimeItem(
        Text("Consent signed (date and time)", "知情同意书签署日期时间"),
        section=Text("Informed consent", "知情同意"),
        missing=(),
        name_cdash="DM.RFICDTC",
    )
    icfver = TextItem(
        Text("Consent form version", "知情同意书版本号"), max_length=20, missing=(), name_cdash="SUPPDS"
    )
    icfwho = CodeItem(
        Text("Signed by", "签署人"), codes=codelists.CONSENT_SIGNER, missing=(), name_cdash="SUPPDS"
    )
    icfcopy = CodeItem(
        Text("Copy given to subject", "是否交付副本"), codes=NY, missing=(), name_cdash="SUPPDS"
    )
    brthdtc = PartialDateItem(
        Text("Date of birth", "出生日期"),
        section=Text("Demographics", "人口学"),
        missing=(),
        name_cdash="DM.BRTHDTC",
    )
    age = IntegerItem(
        Text("Age at consent", "签署时年龄"),
        unit="years",
        hard=(0, 120),
        derived=True,
        required=NEVER,
        name_cdash="DM.AGE",
    )
    sex = CodeItem(Text("Sex", "性别"), codes=codelists.SEX, missing=(), name_cdash="DM.SEX")
    ethnic_cn = CodeItem(
        Text("Ethnic group", "民族"),
        codes=codelists.ETHNIC_GROUP,
        required=NEVER,
        missing=("NK",),
        name_cdash="SUPPDM",
    )
    childpot = CodeItem(
        Text("Childbearing potential", "是否具有生育能力"),
        codes=NY,
        section=Text("Childbearing potential", "生育能力"),
        required=When(sex="F"),
        shown_when=When(sex="F"),
        missing=(),
        name_cdash="RP.CHILDPOT",
    )
    childpotn = CodeItem(
        Text("Reason no potential", "无生育能力原因"),
        codes=codelists.NO_CHILDBEARING,
        required=When(sex="F", childpot="N"),
        shown_when=When(sex="F", childpot="N"),
        missing=(),
        name_cdash="RP",
    )
    lactate = CodeItem(
        Text("Lactating", "是否哺乳期"),
        codes=NY,
        required=When(sex="F"),
        shown_when=When(sex="F"),
        missing=(),
        name_cdash="RP",
    )
    contraok = CodeItem(
        Text("Willing to use contraception", "是否愿意避孕"),
        codes=NY,
        required=When(sex="F", childpot="Y"),
        shown_when=When(sex="F", childpot="Y"),
        missing=(),
        name_cdash="RP",
    )

    class Meta(CaseReportForm.Meta):
        constraints = [
            *CaseReportForm.Meta.constraints,
            models.UniqueConstraint(fields=["participant"], name="demographics_once_a_participant"),
        ]

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `consent_versions`, those of the site by their name. One query more."""
        versions = ConsentVersion.objects.filter(site_id=visit.participant.site_id)
        return {**super().context(visit=visit, **place), "consent_versions": {v.version: v for v in versions}}

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        born, consent, version = answers.get("brthdtc"), answers.get("icfdtc"), answers.get("icfver")
        if consent and version:
            known, day = context["consent_versions"].get(version), clock.day(consent)
            if known is None or not known.holds_on(day):
                yield Finding("icfver", Level.HARD, NOT_APPROVED.format(version=version, day=day.isoformat()))
        if not born:
            return
        birth = PartialDate.parse(born)
        if birth.latest < date(1930, 1, 1):
            yield Finding(
                "brthdtc",
                Level.HARD,
                Text("The date of birth is before 1930. Check the year.", "出生日期早于1930年，请核对年份。"),
            )
        elif consent and birth.earliest > clock.day(consent):
            yield Finding(
                "brthdtc",
                Level.HARD,
                Text(
                    "The date of birth is after the consent. Check both.",
                    "出生日期晚于知情同意日期，请核对两者。",
                ),
            )

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        born, consent = answers.get("brthdtc"), answers.get("icfdtc")
        if not born or not consent:
            return {
                "age": Derived(None, Text("Needs date of birth and consent.", "需要出生日期和知情同意日期。"))
            }
        try:
            youngest, oldest = age_at(PartialDate.parse(born), clock.day(consent))
        except BornAfterwards:
            return {"age": Derived(None, Text("The birth is after the consent.", "出生日期晚于签署日期。"))}
        if youngest != oldest:
            words = Text(
                "{young} or {old}: the birth date is not exact.", "{young}或{old}岁：出生日期不完整。"
            )
            return {"age": Derived(None, words.format(young=youngest, old=oldest))}
        return {"age": Derived(youngest, Text("Completed years on the day of consent.", "签署当日的周岁。"))}

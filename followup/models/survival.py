"""Survival, and death."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from eligibility.models import Imaging
from followup import codelists
from participants.models import CaseReportForm, Visit, VisitHeader
from participants.models.forms import not_before_consent, not_in_future
from records.codelists import NY
from records.conditions import When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, FileItem
from records.text import Text

CONTACT = Text("Contact date", "随访日期")
LAST_ALIVE = Text("Last known alive", "末次确认存活日期")
DEATH = Text("Date of death", "死亡日期")
LIVING = When(ssstat=("ALIVE", "LOST"))
DEAD = When(ssstat="DEAD")

AFTER_CONTACT = Text(
    "{label} lies after this contact of {day}. Correct one of the dates.",
    "{label}晚于本次随访日期（{day}），请更正其中之一。",
)
SEEN_LATER = Text(
    "The participant was seen at a visit on {day}, later than this date. Enter that day or a later one.",
    "受试者于{day}到访，晚于该日期。请填写该日或之后的日期。",
)
ALIVE_LATER = Text(
    "{what} of {day} lies after this death. Correct one of the dates.",
    "{day}的{what}晚于该死亡日期，请更正其中之一。",
)
DIED_BEFORE = Text(
    "The death on {day} is on record. Correct that form, or this one.", "已记录{day}死亡，请更正该表或本表。"
)
AFTER_DEATH = Text(
    "{label} lies after the death on {day}. Correct one of the dates.",
    "{label}晚于死亡日期（{day}），请更正其中之一。",
)
VISIT_DONE, IMAGED = Text("The visit", "访视"), Text("The imaging", "影像检查")
CONTACTED = Text("The last day known alive", "末次确认存活日期")


class SurvivalFollowUp(CaseReportForm):
    form = FormFacts(
        "SURV",
        Text("Survival follow-up and death", "生存随访与死亡"),
        ("SS", "DD"),
        several=True,
        listed=("ssdtc", "ssstat", "tumstat"),
    )

    ssdtc = DateItem(CONTACT, section=Text("Contact", "随访"), missing=(), name_cdash="SS.SSDTC")
    ssstat = CodeItem(
        Text("Status", "生存状态"), codes=codelists.SURVIVAL, missing=(), name_cdash="SS.SSORRES SURVSTAT"
    )
    lastalive = DateItem(
        LAST_ALIVE, required=LIVING, shown_when=LIVING, missing=(), name_cdash="SS.SSDTC LASTALIVE"
    )
    tumstat = CodeItem(
        Text("Tumour status", "肿瘤状态"),
        codes=codelists.TUMOUR_STATUS,
        missing=(),
        name_cdash="SS.SSORRES / RS",
    )
    dthdtc = DateItem(
        DEATH,
        section=Text("Death", "死亡"),
        required=DEAD,
        shown_when=DEAD,
        missing=(),
        name_cdash="DM.DTHDTC",
    )
    dthcaus = CodeItem(
        Text("Cause", "死因"),
        codes=codelists.CAUSE_OF_DEATH,
        required=DEAD,
        shown_when=DEAD,
        missing=(),
        name_cdash="DD.DDORRES",
    )
    autopsy = CodeItem(
        Text("Autopsy", "尸检"),
        codes=NY,
        required=DEAD,
        shown_when=DEAD,
        missing=("NK",),
        name_cdash="DD.DDORRES AUTOPSY",
    )

    dthreport = FileItem(
        Text("Final medical report", "最终医学报告"),
        help=Text("An image or a PDF, at most 10 MB; cover names.", "图片或PDF，不超过10 MB；请遮盖姓名。"),
        required=DEAD,
        shown_when=DEAD,
        missing=("ND",),
        name_cdash="DD.DDORRES",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `seen` (what shows the participant alive, with its day), `visits_on`, and `died_on` elsewhere.

        Three queries more.
        """
        given = super().context(visit=visit, **place)
        mine = {"participant_id": visit.participant_id}
        headers = VisitHeader.objects.filter(**mine, svdone="Y").exclude(svstdtc=None)
        visits_on = list(headers.values_list("svstdtc", flat=True))
        imaged = Imaging.objects.filter(**mine).exclude(imgdtc=None).values_list("imgdtc", flat=True)
        contacts = [
            row
            for row in cls._default_manager.filter(**mine).values(
                "visit_id", "repeat", "lastalive", "ssstat", "dthdtc"
            )
            if (row["visit_id"], row["repeat"]) != (visit.pk, given["repeat"])
        ]
        deaths = [row["dthdtc"] for row in contacts if row["ssstat"] == "DEAD" and row["dthdtc"]]
        return {
            **given,
            "visits_on": visits_on,
            "seen": [
                *((VISIT_DONE, day) for day in visits_on),
                *((IMAGED, day) for day in imaged),
                *((CONTACTED, row["lastalive"]) for row in contacts if row["lastalive"]),
            ],
            "died_on": min(deaths, default=None),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        for name, label in (("ssdtc", CONTACT), ("lastalive", LAST_ALIVE), ("dthdtc", DEATH)):
            yield from not_before_consent(name, label, answers.get(name), context)
        contact, alive, died = answers.get("ssdtc"), answers.get("lastalive"), answers.get("dthdtc")
        for name, label, day in (("lastalive", LAST_ALIVE, alive), ("dthdtc", DEATH, died)):
            if day and contact and day > contact:
                yield Finding(name, Level.HARD, AFTER_CONTACT.format(label=label, day=contact))
        if alive:
            yield from _alive(alive, contact, context)
        if died:
            yield from _dead(died, context)


def _alive(alive: date, contact: date | None, context: Mapping[str, Any]) -> Iterator[Finding]:
    # A visit after this contact was not known then.
    seen = [day for day in context["visits_on"] if contact is None or day <= contact]
    if seen and alive < max(seen):
        yield Finding("lastalive", Level.HARD, SEEN_LATER.format(day=max(seen)))
    elsewhere = context["died_on"]
    if elsewhere and alive > elsewhere:
        yield Finding("lastalive", Level.HARD, DIED_BEFORE.format(day=elsewhere))


def _dead(died: date, context: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse a death before what shows the participant alive (of check X02 what is read here)."""
    elsewhere = context["died_on"]
    if elsewhere and elsewhere != died:
        yield Finding("dthdtc", Level.HARD, DIED_BEFORE.format(day=elsewhere))
    what, last = max(context["seen"], key=lambda one: one[1], default=(VISIT_DONE, died))
    if last > died:
        yield Finding("dthdtc", Level.HARD, ALIVE_LATER.format(what=what, day=last), "X02")


def died_on(participant_id: int) -> date | None:
    """The day of death on any form of a participant; one query."""
    return (
        SurvivalFollowUp.objects.filter(participant_id=participant_id, ssstat="DEAD")
        .exclude(dthdtc=None)
        .order_by("dthdtc")
        .values_list("dthdtc", flat=True)
        .first()
    )


def not_after_death(
    name: str, label: Text, day: date | None, context: Mapping[str, Any]
) -> Iterator[Finding]:
    """Refuse a date after the day of death (`died_on` of the context); the day itself is possible."""
    died = context.get("died_on")
    if day and died and day > died:
        yield Finding(name, Level.HARD, AFTER_DEATH.format(label=label, day=died), "X02")

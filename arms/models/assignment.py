"""MDT and arm assignment: not randomised, so the basis of the choice is data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from arms import codelists
from eligibility.models import Judgement
from participants.models import CaseReportForm, MedicalHistory, Participant, ParticipantStatus, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.workflow import ParticipantState
from records import clock, study
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, DecimalItem, MultiCodeItem
from records.text import Text

MDT_DATE = Text("MDT date", "MDT日期")
ARM_DATE = Text("Assignment date (A0)", "分组日期（A0）")


class ArmAssignment(CaseReportForm):
    form = FormFacts("ARM", Text("MDT and arm assignment", "MDT讨论与分组"), ("DS", "SV"))

    mdtdtc = DateItem(MDT_DATE, section=Text("MDT", "MDT讨论"), missing=(), name_cdash="SUPPDS")
    mdtmem = MultiCodeItem(
        Text("Disciplines present", "参与学科"), codes=codelists.DISCIPLINES, missing=(), name_cdash="SUPPDS"
    )
    # Asked once, where criterion 5 is judged: only whom the MDT expects to be resectable can be assigned.
    potres = CodeItem(
        Text("Potentially resectable", "潜在可切除"),
        codes=NY,
        derived=True,
        required=NEVER,
        name_cdash="SUPPIE (I5)",
    )
    potrsn = MultiCodeItem(
        Text("Why not resected at once", "暂不直接切除的原因"),
        codes=codelists.NOT_RESECTABLE_AT_ONCE,
        missing=(),
        name_cdash="SUPPIE (I5)",
    )
    flrpct = DecimalItem(
        Text("Future liver remnant", "预计剩余肝体积比"),
        unit="%",
        places=1,
        digits=4,
        hard=(5, 100),
        missing=("ND",),
        width="s",
        name_cdash="SUPPRS",
    )
    armcd = CodeItem(
        Text("Assigned arm", "分组"),
        section=Text("Assignment", "分组"),
        help=Text(
            "Submitting this form assigns the arm; an investigator submits it.",
            "提交本表即完成分组，须由研究者提交。",
        ),
        codes=codelists.ARM,
        missing=(),
        name_cdash="DM.ARMCD",
    )
    armbasis = CodeItem(
        Text("Basis of (non-random) assignment", "分组依据"),
        codes=codelists.ARM_BASIS,
        missing=(),
        name_cdash="SUPPDS",
    )
    armdtc = DateItem(ARM_DATE, missing=(), name_cdash="DS.DSSTDTC")
    hplan = CodeItem(
        Text("HAIC cycles planned", "计划HAIC疗程数"),
        help=Text(
            "Cycles 3 and 4 follow only after the review of the first two.",
            "第3、4疗程须在前2疗程评估后方可进行。",
        ),
        codes=codelists.HAIC_CYCLES,
        required=When(armcd="HAIC"),
        shown_when=When(armcd="HAIC"),
        missing=(),
        name_cdash="SUPPDS",
    )

    class Meta(CaseReportForm.Meta):
        constraints = [
            *CaseReportForm.Meta.constraints,
            models.UniqueConstraint(fields=["participant"], name="arm_assigned_once_a_participant"),
        ]

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the day eligibility was confirmed (`decided_on`), whether the liver is cirrhotic, the MDT's answer
        on resectability in the judgement form (`potres_judged`), and the settings. Two queries more."""
        mine = {"participant_id": OuterRef("pk")}
        eligible = ParticipantStatus.objects.filter(**mine, status=ParticipantState.ELIGIBLE).order_by("-id")
        decided, cirrhosis, judged, begun = Participant.objects.values_list(
            Subquery(eligible.values("at")[:1]),
            Subquery(MedicalHistory.objects.filter(**mine).order_by("id").values("cirrh")[:1]),
            Subquery(Judgement.objects.filter(**mine).order_by("-repeat").values("potres")[:1]),
            Subquery(cls._default_manager.filter(visit_id=visit.pk).order_by("id").values("entered_at")[:1]),
        ).get(pk=visit.participant_id)
        return {
            **super().context(visit=visit, **place),
            "potres_judged": judged,
            # As settings_for gives them.
            "settings": study.in_force(clock.day(begun) if begun else place["today"]),
            "decided_on": clock.day(decided) if decided else None,
            "cirrh": cirrhosis,
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from not_before_consent("mdtdtc", MDT_DATE, answers.get("mdtdtc"), context)
        yield from not_before_consent("armdtc", ARM_DATE, answers.get("armdtc"), context)
        assigned, decided = answers.get("armdtc"), context.get("decided_on")
        if assigned and decided and assigned < decided:
            words = Text(
                "The arm was assigned before eligibility was confirmed ({day}). Correct the date.",
                "分组日期早于入选确认日期（{day}），请更正。",
            )
            yield Finding("armdtc", Level.HARD, words.format(day=decided))
        if assigned and answers.get("mdtdtc") and assigned < answers["mdtdtc"]:
            words = Text("The arm was assigned before the MDT met.", "分组日期早于MDT日期。")
            yield Finding("armdtc", Level.SOFT, words)
        disciplines, fewest = answers.get("mdtmem") or [], context["settings"]["mdt_disciplines"]
        if disciplines and len(disciplines) < fewest:
            words = Text(
                "Fewer than {least} disciplines took part. Confirm with a word.",
                "参与学科少于{least}个，请说明并确认。",
            )
            yield Finding("mdtmem", Level.SOFT, words.format(least=fewest))
        cirrhotic = "_cirrhosis" if context.get("cirrh") == "Y" else ""
        remnant, least = answers.get("flrpct"), context["settings"][f"remnant_least{cirrhotic}"]
        if remnant is not None and remnant < least:
            words = Text(
                "A remnant of {value} % is below {least} %. Confirm with a word.",
                "预计剩余肝体积比{value}%低于{least}%，请说明并确认。",
            )
            yield Finding("flrpct", Level.SOFT, words.format(value=remnant, least=least))

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        judged = context["potres_judged"]
        words = Text(
            "As answered by the MDT for inclusion criterion 5, in the form Eligibility: judgement.",
            "取自“入选/排除标准：判断项”中MDT对入选标准5的回答。",
        )
        return {"potres": Derived(judged, words)}

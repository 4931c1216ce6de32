"""What is known of a participant's eligibility: the facts, the verdicts on them, and the decision taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import Manager

from eligibility import cnlc, reference_limits
from eligibility.criteria import apply_rulings, conclude, judge
from eligibility.facts import (
    NEVER,
    Conclusion,
    Condition,
    CriterionResult,
    Facts,
    GradedTest,
    Outcome,
    Ruling,
)
from eligibility.lab_grades import SCREENING_TESTS
from eligibility.laboratory_results import lab_grades
from eligibility.liver_function import ChildPughResult, ImpossibleLiverValue
from eligibility.models import (
    AdverseEvent,
    EligibilityDecision,
    Judgement,
    Laboratory,
    SponsorRuling,
    Staging,
    VitalSigns,
)
from eligibility.models.adverse_event import open_events
from eligibility.models.staging import DEFAULT_EDITION, LABORATORY_READ, child_pugh_of
from participants.dates import PartialDate
from participants.models import (
    CaseReportForm,
    ConsentVersion,
    Demographics,
    MedicalHistory,
    Participant,
    Visit,
    VisitHeader,
)
from records import clock, digest
from records.items import items_of
from records.text import Text

# The forms a decision rests on, in the order of the screening visit; all have to be submitted.
DECIDING_FORMS: tuple[type[CaseReportForm], ...] = (
    Demographics,
    MedicalHistory,
    VitalSigns,
    Laboratory,
    Staging,
    Judgement,
)
CRITERIA_VERSION = "criteria-1"

Records = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything the eligibility page shows and a decision keeps.

    `records` are the screening forms by code, None where not begun. `results` have the sponsor's rulings
    applied. `stricter` are the criteria the investigator holds unfulfilled, and `failing` those plus the
    failed ones, in the protocol's order.
    """

    participant: Participant
    visit: Visit | None
    records: Records
    facts: Facts
    results: tuple[CriterionResult, ...]
    conclusion: Conclusion
    liver: ChildPughResult | None
    stricter: tuple[str, ...]

    @property
    def failing(self) -> list[str]:
        return [one.id for one in self.results if one.outcome is Outcome.FAIL or one.id in self.stricter]

    @property
    def failed_by_data(self) -> list[str]:
        return [one.id for one in self.results if one.outcome is Outcome.FAIL]

    @property
    def not_submitted(self) -> list[type[CaseReportForm]]:
        return [
            model
            for model in DECIDING_FORMS
            if (record := self.records[model.form.code]) is None or not record.submitted
        ]

    @property
    def stage(self) -> cnlc.StageResult | None:
        return self.facts.cnlc


def assess(participant: Participant, now: datetime) -> Assessment:
    """Judge a participant on what is entered now, drafts included. Eleven queries, whatever there is."""
    visit = Visit.objects.filter(participant=participant, code="SCR").first()
    records = _screening_records(participant)
    facts = _facts(participant, records)
    today = clock.day(now)
    rulings = rulings_in_force(today)
    found = judge(facts)
    judgement = records["IE"]
    return Assessment(
        participant=participant,
        visit=visit,
        records=records,
        facts=facts,
        results=apply_rulings(found, rulings, today),
        conclusion=conclude(found, rulings, on=today),
        liver=_liver(records["STG"], records["LB"]),
        stricter=tuple(judgement.iestrict or ()) if judgement else (),
    )


def facts_for(participant: Participant) -> Facts:
    """What the criteria read of a participant, as entered now."""
    return _facts(participant, _screening_records(participant))


def results_for(participant: Participant, now: datetime) -> tuple[CriterionResult, ...]:
    """The verdict on each of the 17 criteria, with the sponsor's rulings in force."""
    return assess(participant, now).results


def rulings_in_force(on: date) -> dict[str, Ruling]:
    """The newest ruling on each criterion whose day has come."""
    return {
        row.criterion: Ruling(row.accepts, row.reference, row.effective_from)
        for row in SponsorRuling.objects.filter(effective_from__lte=on)
    }


def stage_of(participants: Iterable[Participant]) -> dict[int, str]:
    """The CNLC stage at baseline by participant id; left out where it is not staged yet. One query."""
    staged = Staging.objects.filter(participant__in=list(participants), visit__code="SCR", cnlc__isnull=False)
    return dict(staged.order_by("repeat").values_list("participant_id", "cnlc"))


def decisions_of(participant: Participant) -> list[EligibilityDecision]:
    """The decisions taken, in their order: at most one of each kind."""
    return list(participant.eligibility_decisions.select_related("decided_by"))


def snapshot_of(assessment: Assessment) -> dict[str, Any]:
    """All that lay before the investigator, as JSON that needs no other row to be read."""
    return {
        "conclusion": assessment.conclusion.value,
        "criteria": [
            {
                "id": one.id,
                "outcome": one.outcome.value,
                "value": _both(one.value),
                "reason": _both(one.reason),
                "warnings": [_both(words) for words in one.warnings],
                "answers": {
                    f"{form}.{item}": _answer(assessment.records, form, item) for form, item in one.deciding
                },
                "stricter": one.id in assessment.stricter,
            }
            for one in assessment.results
        ],
        "forms": {code: record.revision for code, record in assessment.records.items() if record is not None},
        "stage": None
        if assessment.stage is None
        else {
            "cnlc": assessment.stage.stage.value,
            "edition": assessment.stage.edition,
            "reason": _both(assessment.stage.reason),
        },
        "child_pugh": None
        if assessment.liver is None
        else {
            "score": assessment.liver.score,
            "class": assessment.liver.child_class,
            "reason": _both(assessment.liver.reason),
        },
        "stricter_reason": assessment.records["IE"].ieovrd if assessment.stricter else None,
        "versions": {
            "criteria": CRITERIA_VERSION,
            "staging": Staging.rules_version,
            "reference_limits": reference_limits.VERSION,
        },
    }


def seen(assessment: Assessment) -> str:
    """What the page shows of an assessment, in short: another word as soon as a verdict, or a form behind it, is."""
    return digest.sha256(
        [
            assessment.conclusion.value,
            [
                [one.id, one.outcome.value, *map(_both, (one.value, one.reason, *one.warnings))]
                for one in assessment.results
            ],
            [[code, one.pk, one.revision] for code, one in assessment.records.items() if one is not None],
            list(assessment.stricter),
        ]
    )


def _both(words: Text) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _answer(records: Records, form: str, item: str) -> Any:
    value = getattr(records.get(form), item, None)
    if isinstance(value, Manager):
        rows = value.all()
        return [
            {
                one.name: str(answer)
                for one in items_of(type(row))
                if (answer := getattr(row, one.name)) is not None
            }
            for row in rows
        ]
    return value if value is None or isinstance(value, (bool, int, list)) else str(value)


def _screening_records(participant: Participant) -> dict[str, Any]:
    read: tuple[type[CaseReportForm], ...] = (VisitHeader, *DECIDING_FORMS)
    return {
        model.form.code: model._default_manager.filter(participant=participant, visit__code="SCR")
        .order_by("-repeat")
        .first()
        for model in read
    }


def _facts(participant: Participant, records: Records) -> Facts:
    """Collect the facts; a form not begun leaves its answers unknown."""
    return Facts(
        **_person(participant, records["DM"]),
        **_history(records["MH"], open_events(participant)),
        **_laboratory(records["LB"], records["DM"]),
        **_tumour(records["STG"], records["VS"]),
        **_judgement(records["IE"]),
        ecog=_ecog(records["VS"]),
        ecog_date=getattr(records["SV"], "svstdtc", None),
    )


def _ecog(signs: VitalSigns | None) -> int | None:
    return None if signs is None or signs.ecog is None else int(signs.ecog)


def _person(participant: Participant, person: Demographics | None) -> dict[str, Any]:
    if person is None:
        return {}
    approved = None
    if person.icfdtc and person.icfver:
        signed_on = clock.day(person.icfdtc)
        version = ConsentVersion.objects.filter(site_id=participant.site_id, version=person.icfver).first()
        approved = (
            version is not None
            and version.approved_on <= signed_on
            and (version.retired_on is None or signed_on < version.retired_on)
        )
    return {
        "brthdtc": _partial(person.brthdtc),
        "icfdtc": person.icfdtc,
        "icf_version_approved": approved,
        "sex": person.sex,
        "childpot": person.childpot,
        "lactate": person.lactate,
        "contraok": person.contraok,
    }


def _partial(day: str | None) -> PartialDate | None:
    return PartialDate.parse(day) if day else None


def _event(ever: str | None, day: str | None) -> PartialDate | Literal["NONE"] | None:
    return NEVER if ever == "N" else _partial(day)


def _history(history: MedicalHistory | None, events: Iterable[AdverseEvent]) -> dict[str, Any]:
    if history is None:
        return {}
    return {
        "priortx": history.priortx,
        "priorifn": history.priorifn,
        "maligoth": history.maligoth,
        "transpl": history.transpl,
        "allergy": tuple(history.allergy) if history.allergy else None,
        "subabuse": history.subabuse,
        "psych": history.psych,
        "gibdtc": _event(history.gibyn, history.gibdtc),
        "cvdtc": _event(history.cvyn, history.cvdtc),
        "conditions": (
            *(
                Condition(row.mhterm or "", row.mhtoxgr, None if row.mhenrf is None else row.mhenrf == "Y")
                for row in history.conditions.all()
            ),
            *(Condition(event.aeterm or "", event.aetoxgr, ongoing=True) for event in events),
        ),
    }


def _laboratory(laboratory: Laboratory | None, person: Demographics | None) -> dict[str, Any]:
    if laboratory is None:
        return {}
    answers = {
        field.attname: getattr(laboratory, field.attname) for field in laboratory._meta.concrete_fields
    }
    sex = person.sex if person else None
    graded = lab_grades(answers, sex)
    present = {one.test for one in graded}
    transaminase_limits = {
        f"{name}_uln": answers[f"{name}_hi"]
        if answers[f"{name}_ls"]
        else reference_limits.limits_of(name.upper(), sex).upper
        for name in ("alt", "ast")
    }
    return {
        "lab_grades": tuple(GradedTest(one.test, one.grade) for one in graded) or None,
        "labs_complete": all(test in present for test in SCREENING_TESTS),
        "labs_date": clock.day(laboratory.lbdtc) if laboratory.lbdtc else None,
        "virology_date": laboratory.virdtc,
        "hivab": laboratory.hivab,
        "hcg": laboratory.hcg,
        "hcg_date": laboratory.hcgdtc,
        "tbil": laboratory.tbil_si,  # type: ignore[attr-defined]
        "crea": laboratory.crea_si,  # type: ignore[attr-defined]
        "hgb": laboratory.hgb_si,  # type: ignore[attr-defined]
        "inr": laboratory.inr,
        "plt": laboratory.plt,
        "alt": laboratory.alt,
        "ast": laboratory.ast,
        **transaminase_limits,
    }


def _tumour(staging: Staging | None, signs: VitalSigns | None) -> dict[str, Any]:
    if staging is None:
        return {}
    return {
        "exhep": staging.exhep,
        "pvtt": staging.pvtt,
        "imaging_date": staging.imgdtc,
        "chest_ct": None if staging.chestct is None else staging.chestct == "Y",
        "childpugh_score": staging.cptot,
        "cnlc": _stage(staging, _ecog(signs)),
    }


def _stage(staging: Staging, ecog: int | None) -> cnlc.StageResult | None:
    try:
        return cnlc.stage(
            ps=ecog,
            child_pugh=staging.cpcls,
            tumour_number=cnlc.DIFFUSE if staging.tumdiff == "Y" else staging.tumnum,
            largest_mm=staging.tummax,
            vascular_thrombus=staging.vascinv,
            extrahepatic=staging.exhep,
            edition=staging.cnlced or DEFAULT_EDITION,
        )
    except cnlc.ImpossibleStaging:
        return None


def _judgement(judgement: Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return {}
    return {
        "potres": judgement.potres,
        "first_procedure": judgement.procdtc,
        "planned_treatment": judgement.trtpdtc,
        "ecg_done": None if judgement.ecgyn is None else judgement.ecgyn == "Y",
        "e1j": judgement.e1j,
        "e11j": judgement.e11j,
        "e11j_text": judgement.e11tx or "",
    }


def _liver(staging: Staging | None, laboratory: Laboratory | None) -> ChildPughResult | None:
    if staging is None:
        return None
    values = {name: getattr(laboratory, name, None) for name in LABORATORY_READ}
    try:
        return child_pugh_of(values, ascites=staging.ascites, encephalopathy=staging.enceph)
    except ImpossibleLiverValue:
        return None

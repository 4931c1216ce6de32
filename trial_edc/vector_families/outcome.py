"""Worked cases of the outcome: lesions and response, best response, times to an event."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from followup.endpoints import (
    Assessment,
    Endpoint,
    History,
    Intent,
    Operation,
    Slot,
    Treatment,
    duration_of_response,
    overall_survival,
    progression_free,
    recurrence_free,
    time_to_progression,
)
from followup.response import (
    Category,
    Criteria,
    Imaging,
    Lesion,
    Location,
    Margin,
    NewLesion,
    NonTarget,
    Overall,
    Reading,
    State,
    Target,
    best_response,
    check_targets,
    evaluate,
    judge_overall,
    judge_targets,
)
from trial_edc.vector_families.family import Family
from trial_edc.vector_families.histories import read_history
from trial_edc.vector_reading import Case

# Words in which cases write codes, where they are not the codes themselves.
WORDS: Final[Mapping[str, str]] = {
    "R11": Criteria.RECIST11,
    "RECIST 1.1": Criteria.RECIST11,
    "MR": Criteria.MRECIST,
    "mRECIST": Criteria.MRECIST,
    "NN": NonTarget.NONCRNONPD,
    "Non-CR/Non-PD": NonTarget.NONCRNONPD,
    "NON-CR/NON-PD": NonTarget.NONCRNONPD,
    "E": NewLesion.EQUIVOCAL,
}
WRITTEN: Final[Mapping[Overall, str]] = {Overall.NONCRNONPD: "NON-CR/NON-PD"}


def recist_target(case: Case) -> Mapping[str, object]:
    found = judge_targets(
        case.code("criteria", Criteria, WORDS),
        baseline=case.number("baseline_mm"),
        nadir=case.number("nadir_mm"),
        current=case.maybe_number("current_mm"),
        gone=bool(case.flag("all_disappeared")),
        evaluable=case.flag("evaluable") is not False,
    )
    return {"target": found.response.value}


def recist_overall(case: Case) -> Mapping[str, object]:
    found = judge_overall(
        case.code("target", Target, WORDS),
        case.code("non_target", NonTarget, WORDS),
        case.code("new", NewLesion, WORDS),
    )
    return {"overall": WRITTEN.get(found.response, found.response.value), "flagged": found.flagged}


def lesion_of(case: Case) -> Lesion:
    """Read a lesion; what is not given is not measured, and a state not given is PRESENT."""

    def mm(name: str) -> Decimal | None:
        return case.maybe_number(name) if case.has(name) else None

    return Lesion(
        case.word("id"),
        case.code("category", Category),
        case.code("location", Location, {"PORTALVEIN": "PV"}),
        case.code("state", State) if case.has("state") else State.PRESENT,
        longest=mm("longest"),
        short_axis=mm("short_axis"),
        viable=mm("viable"),
        too_small=bool(case.flag("too_small")) if case.has("too_small") else False,
        site=case.word("site") if case.has("site") else "",
    )


def recist_selection(case: Case) -> Mapping[str, object]:
    lesions = [lesion_of(one) for one in case.inners("lesions") or ()]
    found = (
        check_targets(lesions, slice_mm=case.number("slice_mm"))
        if case.has("slice_mm")
        else check_targets(lesions)
    )
    return {"findings": [f"{one.level} {one.item}" for one in found]}


def imaging_of(case: Case) -> Imaging:
    return Imaging(
        case.whole_day("on"),
        [lesion_of(one) for one in case.inners("lesions") or ()],
        case.code("new", NewLesion, WORDS) if case.has("new") else NewLesion.N,
        non_target=case.code("non_target", NonTarget, WORDS) if case.has("non_target") else None,
        resected=bool(case.flag("resected")) if case.has("resected") else False,
        margin=case.code("margin", Margin) if case.has("margin") else None,
    )


def recist_course(case: Case) -> Mapping[str, object]:
    found = evaluate(
        imaging_of(case.inner("baseline")),
        [imaging_of(one) for one in case.inners("later") or ()],
        case.code("criteria", Criteria, WORDS),
    )
    return {
        "sums": [f"{one.sum.mm:.1f}" for one in found],
        "nadirs": [None if one.nadir_mm is None else f"{one.nadir_mm:.1f}" for one in found],
        "targets": [one.target.response.value for one in found],
        "overall": [one.overall.response.value for one in found],
    }


def best(case: Case) -> Mapping[str, object]:
    readings = [
        Reading(
            one.whole_day("on"),
            one.code("overall", Overall, WORDS),
            one.code("new", NewLesion, WORDS) if one.has("new") else NewLesion.N,
            frozenset(one.words("new_ids") or ()) if one.has("new_ids") else frozenset(),
        )
        for one in case.inners("assessments") or ()
    ]
    found = best_response(
        readings,
        a0=case.whole_day("A0"),
        other_treatment_on=case.day("other_treatment") if case.has("other_treatment") else None,
        hepatectomy_on=case.day("hepatectomy") if case.has("hepatectomy") else None,
        confirm_days=case.maybe_whole("confirm_days") if case.has("confirm_days") else None,
    )
    return {
        "best": WRITTEN.get(found.response, found.response.value),
        "first_seen": None if found.on is None else found.on.isoformat(),
        "ORR": found.is_objective,
        "DCR": found.is_control,
    }


def history_of(case: Case) -> History:
    """Read a history written as assessments and events; what is left out did not happen."""

    def listed(name: str) -> list[Case]:
        return list(case.inners(name) or ()) if case.has(name) else []

    return History(
        case.whole_day("A0"),
        baseline=case.flag("baseline") is not False if case.has("baseline") else True,
        assessments=tuple(
            Assessment(
                one.whole_day("on"),
                one.code("result", Overall, WORDS),
                adequate=one.flag("adequate") is not False if one.has("adequate") else True,
                first_seen=one.day("first_seen") if one.has("first_seen") else None,
            )
            for one in listed("assessments")
        ),
        slots=tuple(Slot(one.whole_day("opens"), one.whole_day("closes")) for one in listed("slots")),
        operations=tuple(
            Operation(
                one.whole_day("on"),
                one.code("margin", Margin) if one.has("margin") else None,
                resected=one.flag("resected") is not False if one.has("resected") else True,
                metastasis=bool(one.flag("metastasis")) if one.has("metastasis") else False,
            )
            for one in listed("operations")
        ),
        treatments=tuple(
            Treatment(one.whole_day("on"), one.code("intent", Intent)) for one in listed("treatments")
        ),
        died_on=case.day("died") if case.has("died") else None,
        last_alive_on=case.day("last_alive") if case.has("last_alive") else None,
        cut_off=case.day("cut_off") if case.has("cut_off") else None,
    )


def pfs(case: Case) -> Mapping[str, object]:
    """A history in words (`case`) or as assessments and events; the other endpoints beside PFS."""
    history = read_history(case.word("case"), case.whole_day("A0")) if case.has("case") else history_of(case)
    responded = case.day("responded") if case.has("responded") else None
    found = progression_free(history)
    return {
        "date": found.date.isoformat(),
        "outcome": _outcome(found),
        "days": found.days,
        "months": found.months,
        "rule": found.rule.value,
        **_named("s2", progression_free(history, censor_adjuvant=True)),
        **_named("os", overall_survival(history)),
        **_named("ttp", time_to_progression(history)),
        **_named("rfs", recurrence_free(history)),
        **_named("dor", duration_of_response(history, responded)),
    }


def _outcome(found: Endpoint) -> str:
    return "event" if found.event else "censored"


def _named(name: str, found: Endpoint | None) -> dict[str, object]:
    return {
        f"{name}_date": None if found is None else found.date.isoformat(),
        f"{name}_outcome": None if found is None else _outcome(found),
        f"{name}_days": None if found is None else found.days,
    }


FAMILIES: Final[Mapping[str, Family]] = {
    "recist_target": Family(recist_target, ("target",)),
    "recist_overall": Family(recist_overall, ("overall", "flagged")),
    "recist_selection": Family(recist_selection, ("findings",)),
    "recist_course": Family(recist_course, ("sums", "nadirs", "targets", "overall")),
    "best_response": Family(best, ("best", "first_seen", "ORR", "DCR")),
    "pfs": Family(
        pfs,
        (
            *("date", "outcome", "days", "months", "rule"),
            *(
                f"{name}_{part}"
                for name in ("s2", "os", "ttp", "rfs", "dor")
                for part in ("date", "outcome", "days")
            ),
        ),
        {"months": 2},
    ),
}

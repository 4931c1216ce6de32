"""What follows treatment, in words: re-examination, review by the MDT, hepatectomy, pathology, complications."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arms import codelists
from arms.complications import worst_grade
from arms.haic_cycles import Review, days_after_last_cycle
from arms.models import (
    Hepatectomy,
    OtherTreatment,
    Pathology,
    PostoperativeComplication,
    ResectabilityReview,
    Y90Infusion,
)
from arms.page import DROPPED, address, facts_of, place_of, shown, span
from arms.reviews import Decision, latest, not_resectable_on, resectable_on
from arms.selectors import HaicState, Treatment
from participants.models import Visit, VisitHeader
from participants.models.participant import THROUGHOUT
from records import clock

REEXAMINED = {"HAIC": ("H-R2", "H-R4"), "Y90": ("Y-M1", "Y-M3")}
REVIEWED = {"HAIC": ("H-R2", "H-R4"), "Y90": ("Y-M3",)}
REVIEW = ("resdtc", "resres", "reswhy", "flr2", "icgr15", "surgcontra", "surgcontrad", "nextstep")
SURGERY = (
    "surgdtc",
    "surgyn",
    "noresrsn",
    "surganat",
    "surgtype",
    "surgapp",
    "surgmin",
    "surgebl",
    "margin_i",
    "hospout",
)
PATHOLOGY = ("pathno", "histo", "rmargin", "rmarginw", "mvi", "pcr", "mpr", "lnpos", "fibrosis")

Step = dict[str, Any]


def treatment_ended_on(treatment: Treatment, haic: HaicState | None) -> date | None:
    """The day from which what follows is counted: the end of the last cycle, or the first infusion."""
    if haic is not None:
        return haic.last_end
    given = [clock.day(one.yinfdt) for one in treatment.book.of(Y90Infusion) if one.yinfdt]
    return min(given, default=None)


def steps(treatment: Treatment, haic: HaicState | None, *, may_enter: bool) -> list[Step]:
    """The five steps after treatment, each with its state, a note, and the next action."""
    ended = treatment_ended_on(treatment, haic)
    decided = latest(treatment.decisions, ended)
    goes_on = haic is not None and (
        (decided is not None and decided.continues is Review.CONTINUE)
        or (bool(haic.recorded) and len(haic.recorded) < haic.planned)
    )
    found = [
        _reexamination(treatment, ended),
        _review(treatment, decided),
        _hepatectomy(treatment, decided),
        _pathology(treatment),
        _complications(treatment),
    ]
    is_open = [one for one in found if one["state"] == "waiting" and not one.pop("later", False)]
    if is_open and ended is not None and not goes_on:
        is_open[0]["state"] = "current"
    for one in found:
        one.pop("later", None)
        if one["state"] == "current" and may_enter and one["url"]:
            one["action"] = _("Open the form")
    return found


def _step(title: str, note: str, url: str, *, done: bool = False, **more: Any) -> Step:
    state = "done" if done else "waiting"
    return {"title": title, "note": note, "url": url, "state": state, "action": "", **more}


def _visit_for(treatment: Treatment, codes: tuple[str, ...]) -> Visit | None:
    """The latest of these visits that the calendar still has."""
    found = [treatment.book.visit(code) for code in codes]
    return next((one for one in found[::-1] if one is not None and one.status not in DROPPED), None)


def _reexamination(treatment: Treatment, ended: date | None) -> Step:
    arm = treatment.participant.arm or ""
    visit = _visit_for(treatment, REEXAMINED[arm] if arm == "HAIC" else REEXAMINED[arm][:1])
    header = next((one for one in treatment.book.of(VisitHeader) if visit and one.visit_id == visit.pk), None)
    seen = header.svstdtc if header and header.svdone == "Y" else None
    note = _planned(visit)
    if seen is not None:
        note = str(seen)
        if ended is not None:
            days = days_after_last_cycle(ended, seen)
            note += " · " + ngettext(
                "%(days)s day after treatment", "%(days)s days after treatment", days
            ) % {"days": days}
            low, high = (treatment.settings[f"haic_reexamination_{end}"] for end in ("from", "to"))
            if arm == "HAIC" and not low <= days <= high:
                note += " " + _("(planned %(low)s–%(high)s)") % {"low": low, "high": high}
    url = address(visit, "RSP") if visit else ""
    return _step(_("Re-examination"), note, url, done=bool(header and header.submitted and seen))


def _planned(visit: Visit | None) -> str:
    if visit is None or visit.target_from is None:
        return ""
    return _("planned %(span)s") % {"span": span(visit.target_from, visit.target_to)}


def _review(treatment: Treatment, decided: Decision | None) -> Step:
    visit = _visit_for(treatment, REVIEWED[treatment.participant.arm or ""])
    drafts = [one for one in treatment.book.of(ResectabilityReview) if not one.submitted]
    url = place_of(drafts[-1]) if drafts else address(visit, "RES")
    if decided is None:
        return _step(_("MDT review"), _("draft") if drafts else _planned(visit), url)
    words = codelists.NEXT_STEP.label(decided.next_step)
    records = [one for one in treatment.book.of(ResectabilityReview) if one.decision == decided]
    return _step(_("MDT review"), f"{decided.on} · {words}", place_of(records[-1]), done=True)


def _hepatectomy(treatment: Treatment, decided: Decision | None) -> Step:
    visit = treatment.book.visit("SURG")
    records = treatment.book.of(Hepatectomy)
    done = [one for one in records if one.submitted and one.surgyn]
    url = place_of(records[-1]) if records else address(visit, "SURG")
    title = _("Hepatectomy")
    if done:
        last = done[-1]
        note = str(last.surgdtc)
        if last.surgyn == "N":
            note += " · " + _("explored, not resected")
        return _step(title, note, url, done=True)
    if records:
        return _step(title, _("draft"), url)
    against, for_it = not_resectable_on(treatment.decisions), resectable_on(treatment.decisions)
    if against is not None:
        step = _step(title, _("not resectable by the review of %(day)s") % {"day": against}, "")
        return step | {"state": "stopped"}
    if visit is None or visit.status in DROPPED:
        return _step(title, "", "", later=True)
    note = _("expected %(span)s") % {"span": span(visit.target_from, visit.target_to)}
    limit = treatment.settings["surgery_waits"]
    if for_it is not None and (treatment.today - for_it).days > limit:
        note = _("resectable since %(day)s, no hepatectomy after %(days)s days") % {
            "day": for_it,
            "days": limit,
        }
    wanted = decided is not None and decided.next_step == "HEPATECTOMY"
    return _step(title, note, url, later=not wanted)


def _pathology(treatment: Treatment) -> Step:
    records = treatment.book.of(Pathology)
    operated = [one for one in treatment.book.of(Hepatectomy) if one.surgdtc]
    url = place_of(records[-1]) if records else address(treatment.book.visit("SURG"), "PATH")
    if not operated and not records:
        return _step(_("Pathology"), "", "", later=True)
    if not records:
        return _step(_("Pathology"), "", url)
    told = []
    for one in records:
        if one.rmargin:
            told.append(shown(one, "rmargin"))
        if one.pcr == "Y":
            told.append("pCR")
        elif one.mpr == "Y":
            told.append("MPR")
    note = ", ".join(told) or _("draft")
    return _step(_("Pathology"), note, url, done=all(one.submitted for one in records))


def _complications(treatment: Treatment) -> Step:
    records = treatment.book.of(PostoperativeComplication)
    operated = min((one.surgdtc for one in treatment.book.of(Hepatectomy) if one.surgdtc), default=None)
    if operated is None:
        return _step(_("Complications"), "", "", later=True)
    until = operated + timedelta(days=treatment.settings["complication_days"])
    worst = worst_grade(one.grade for one in records if one.grade is not None)
    note = _("none recorded")
    if worst is not None:
        note = _("%(count)s, highest Clavien-Dindo %(grade)s") % {"count": len(records), "grade": worst}
    over = treatment.today > until
    if not over:
        note += " · " + _("recorded until %(day)s") % {"day": until}
    visit = next((one.visit for one in records), None) or treatment.book.visit("SURG")
    # Nothing has to be entered where nothing went wrong, so it never asks for an action.
    return _step(_("Complications"), note, address(visit, "POC"), done=over, later=True)


# In detail -------------------------------------------------------------------------------------------


def panels(treatment: Treatment) -> list[dict[str, Any]]:
    """Every review, operation, specimen and complication in its facts, the newest of each kind first."""
    book = treatment.book
    kinds: list[tuple[str, list[Any], tuple[str, ...]]] = [
        (_("MDT review"), book.of(ResectabilityReview), REVIEW),
        (_("Hepatectomy"), book.of(Hepatectomy), SURGERY),
        (_("Pathology"), book.of(Pathology), PATHOLOGY),
    ]
    found = []
    for title, records, names in kinds:
        for record in records[::-1]:
            words = f"{title}, {record.visit.label}" if len(records) > 1 else title
            found.append(
                {
                    "title": words,
                    "url": place_of(record),
                    "facts": facts_of(record, names),
                    "submitted": record.submitted,
                }
            )
    return found


def complication_rows(treatment: Treatment) -> list[dict[str, Any]]:
    """The complications after surgery, each with its grade."""
    return [
        {
            "words": one.poctermd or shown(one, "pocterm"),
            "grade": one.grade or "–",
            "major": one.grade is not None and one.grade.is_major,
            "when": span(one.pocdtc, one.pocendtc),
            "url": place_of(one),
        }
        for one in treatment.book.of(PostoperativeComplication)
    ]


def other_treatments(treatment: Treatment) -> dict[str, Any]:
    """Anti-tumour treatment outside the protocol, and where it is entered."""
    log = next((one for one in treatment.book.visits if one.series == THROUGHOUT), None)
    return {
        "url": address(log, "SACT"),
        "rows": [
            {
                "words": ", ".join(
                    words for words in (shown(one, "sacttype"), one.sactdrug or "") if words and words != "–"
                ),
                "intent": shown(one, "sactint"),
                "when": span(one.sactstdtc, one.sactendtc),
                "url": place_of(one),
            }
            for one in treatment.book.of(OtherTreatment)
        ],
    }

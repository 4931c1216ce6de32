"""May this be decided now? Each refusal is a sentence that also explains a greyed-out button."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from eligibility.facts import Conclusion, Outcome
from eligibility.selectors import Assessment
from participants.models import Participant, Visit
from participants.workflow import PARTICIPANT_MOVES, ParticipantState
from records.definition import forms
from records.findings import Refused
from records.text import Text


class NotAnInvestigatorHere(Refused):
    """The person is not an investigator at the participant's site."""


class AlreadyDecided(Refused):
    """The participant is no longer where this decision can be taken."""


class FormsNotSubmitted(Refused):
    """Forms the decision rests on are missing or still drafts."""


class NotEligible(Refused):
    """A criterion fails, is unknown or waits for a ruling."""


class NothingFails(Refused):
    """A screen failure was declared though no criterion fails."""


class TreatmentBeforeEligibility(Refused):
    """A form of treatment was opened while the participant is in screening."""


def ask_investigator(participant: Participant, by: Actor) -> None:
    """Only an investigator of the participant's own site decides."""
    granted = Permission.DECIDE_ELIGIBILITY in GRANTS.get(by.role, frozenset())
    if not granted or by.site_id != participant.site_id:
        raise NotAnInvestigatorHere(_("An investigator of this site decides on eligibility."))


def ask_confirm(assessment: Assessment) -> None:
    """Eligibility is confirmed in screening, on submitted forms, where every criterion passes."""
    status = assessment.participant.status
    if ParticipantState.ELIGIBLE not in PARTICIPANT_MOVES[ParticipantState(status)]:
        raise AlreadyDecided(
            _("This participant is “%(status)s”: eligibility is confirmed in screening only.")
            % {"status": assessment.participant.status_words}
        )
    missing = assessment.not_submitted
    if missing:
        titles = Text.join([model.form.title for model in missing], en="; ", zh="；")
        raise FormsNotSubmitted(_("These forms are not submitted yet: %(forms)s.") % {"forms": titles})
    if assessment.stricter:
        raise NotEligible(
            _("The investigator's own answer excludes: %(criteria)s.")
            % {"criteria": ", ".join(assessment.stricter)}
        )
    if assessment.conclusion is not Conclusion.ELIGIBLE:
        raise NotEligible(_open_criteria(assessment))


def ask_screen_failure(assessment: Assessment) -> None:
    """A screen failure is declared before assignment, where a criterion fails or the investigator is stricter."""
    status = assessment.participant.status
    if ParticipantState.SCREEN_FAILURE not in PARTICIPANT_MOVES[ParticipantState(status)]:
        raise AlreadyDecided(
            _("This participant is “%(status)s”: a screen failure is declared before assignment only.")
            % {"status": assessment.participant.status_words}
        )
    if not assessment.failing:
        raise NothingFails(
            _(
                "No criterion fails. Where you judge more strictly than the data, enter it in the judgement form first."
            )
        )


# Visits that can take place before eligibility is confirmed, and the form among theirs that nevertheless waits for it.
SCREENING_VISITS = ("SCR", "UNS")
AFTER_SCREENING = "ARM"


def is_screening_form(visit_code: str, form_code: str) -> bool:
    """Whether a form belongs to screening: every one but the assignment of the arm, at that visit or unscheduled."""
    return visit_code in SCREENING_VISITS and form_code != AFTER_SCREENING


UNDECIDED = (ParticipantState.SCREENING, ParticipantState.SCREEN_FAILURE)


def due_forms(visit: Visit) -> list[str]:
    """The forms of a visit that are due as things stand, in schedule order.

    Before eligibility is confirmed, and after a screen failure, treatment's forms are not. Reads the
    visit's participant: fetch it along where there are many visits.
    """
    return list(due_at(tuple(visit.forms), visit.code, visit.participant.status in UNDECIDED))


@lru_cache(1024)  # visits of all schedule versions, decided and undecided
def due_at(codes: tuple[str, ...], visit_code: str, undecided: bool) -> tuple[str, ...]:
    """The forms due out of those a visit has; `undecided`: the participant's eligibility is not confirmed."""
    known = [code for code in codes if code in forms()]
    return tuple(code for code in known if not undecided or is_screening_form(visit_code, code))


def ask_before_treatment(
    participant: Participant, visit_code: str, form_code: str, *, throughout: bool = False
) -> None:
    """While somebody is in screening, only the forms of screening and those kept throughout the study are open."""
    if participant.status != ParticipantState.SCREENING:
        return
    if throughout or is_screening_form(visit_code, form_code):
        return
    raise TreatmentBeforeEligibility(_("This form opens when the investigator has confirmed eligibility."))


def _open_criteria(assessment: Assessment) -> str:
    def listed(outcome: Outcome) -> str:
        return ", ".join(one.id for one in assessment.results if one.outcome is outcome)

    sentences = [
        words % {"criteria": criteria}
        for criteria, words in (
            (listed(Outcome.FAIL), _("Not fulfilled: %(criteria)s.")),
            (listed(Outcome.UNKNOWN), _("Not known yet: %(criteria)s.")),
            (listed(Outcome.RULING), _("Waiting for a ruling of the sponsor: %(criteria)s.")),
        )
        if criteria
    ]
    return " ".join(sentences)

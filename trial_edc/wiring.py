"""Which room answers what: events and guards (see records/events.py), checks across forms, sections of the worklist."""

from collections.abc import Mapping

from arms import actions as arms
from arms import cross_checks as arms_checks
from arms import oversight_actions as arms_oversight
from arms import policies as arms_policies
from casebook import selectors as casebook
from casebook.worklist import deciding, entering, questions, severe, trust, visits
from casebook.worklist import safety as safety_work
from casebook.worklist.sections import Section
from eligibility import actions as eligibility
from eligibility import cross_checks as eligibility_checks
from exports import worklist as exports_work
from followup import actions as followup
from followup import cross_checks as followup_checks
from followup.due_reminders import Source, visit_occasions
from monitoring import actions as monitoring
from monitoring.actions import firings as monitoring_firings
from monitoring.policies import trust as trust_policies
from participants import actions as participants
from participants.cross_checks import CrossCheck
from records.events import (
    ActGuard,
    AnchorMoved,
    Corrected,
    Deleted,
    Event,
    Guard,
    ParticipantMoved,
    Saved,
    Submitted,
    Subscriber,
    Typing,
)
from safety import actions as safety
from safety import cross_checks as safety_checks
from safety.selectors.clocks import report_occasions, susar_occasions

# Checks across forms, by the room that writes them (participants/cross_checks.py).
CROSS_CHECKS: tuple[CrossCheck, ...] = (
    *eligibility_checks.CHECKS,
    *arms_checks.CHECKS,
    *followup_checks.CHECKS,
    *safety_checks.CHECKS,
)

# What there is to remind of, by the room that knows it (followup/due_reminders.py).
REMINDER_SOURCES: tuple[Source, ...] = (visit_occasions, report_occasions, susar_occasions)

SUBSCRIBERS: Mapping[type[Event], tuple[Subscriber, ...]] = {
    Saved: (
        # First: a locked form is not computed again, so nothing else has to be undone.
        monitoring.follow_change,
        participants.note_visit_progress,
        participants.follow_consent,
        eligibility.refuse_pregnancy_test_of_a_man,
        eligibility.keep_derived_in_step,
        eligibility.keep_sums_in_step,
        arms.follow_dates,
        arms_oversight.note_author,
        arms.follow_readings,
        followup.keep_responses_in_step,
        # Last: what others computed from the saved form has been stored by then.
        participants.run_cross_checks,
        safety.note_rules_to_judge,
        monitoring_firings.note_findings,
    ),
    # The planner reads the arm; the end of treatment reads the plan.
    Submitted: (
        participants.close_visit,
        arms.assign,
        followup.follow_form,
        arms.end_treatment,
        followup.follow_end,
        participants.run_cross_checks,
        safety.note_rules_to_judge,
    ),
    Corrected: (
        participants.close_visit,
        arms.reassign,
        followup.follow_form,
        arms.end_treatment,
        followup.follow_end,
    ),
    Deleted: (
        monitoring.follow_change,
        arms.refuse_removal,
        arms.follow_removed,
        eligibility.keep_sums_in_step,
        followup.keep_responses_in_step,
        followup.follow_form,
        followup.follow_end,
        participants.run_cross_checks,
        safety.note_rules_to_judge,
    ),
    AnchorMoved: (followup.follow_anchor, followup.keep_responses_in_step),
    ParticipantMoved: (followup.follow_status, followup.record_screen_failure),
}

GUARDS: tuple[Guard, ...] = (
    trust_policies.refuse_held,
    participants.refuse_after_the_end,
    eligibility.no_treatment_before_eligibility,
    arms_policies.refuse_other_arm,
    arms_policies.refuse_out_of_order,
)

# Of what is no form (records.events.Act).
ACT_GUARDS: tuple[ActGuard, ...] = (trust_policies.refuse_act,)

# Who knows of what is typed and not saved (records/events.py).
TYPING: tuple[Typing, ...] = (casebook.is_typed_into,)

# What needs a person, in the order of the page (casebook/worklist/sections.py). A section is found for whoever holds its
# permission, so that each role has a home of its own.
WORKLIST: tuple[Section, ...] = (
    safety_work.CLOCKS,
    severe.SEVERE,
    entering.UNSAVED,
    deciding.DECIDE,
    deciding.ASSIGN,
    deciding.SIGN,
    visits.OVERDUE,
    visits.CLOSING,
    visits.TODAY,
    safety_work.RESULTS,
    questions.ANSWER,
    questions.CHECKS,
    entering.MISSING,
    entering.DRAFTS,
    entering.BEGUN,
    safety_work.DEVIATIONS,
    questions.REMINDERS,
    questions.CLOSE,
    trust.FALLEN,
    questions.JUDGE,
    trust.VERIFY,
    trust.LOCK,
    exports_work.READY,
    visits.OPEN,
    visits.SOON,
)

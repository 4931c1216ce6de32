"""The worklist counted by hand: one row after another, by the plain rules of each room, and no statement over many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.access import Access, Permission
from accounts.models import Site, User
from casebook.models import UnsavedEntry
from eligibility.models import AdverseEvent
from eligibility.policies import due_forms
from exports.models import ExportDownload, ExportJob
from followup.models import Reminder
from followup.schedule import WindowStatus, window_status
from followup.selectors import planned_visit
from monitoring.models import Hold, Query, Signature, Verification, VerificationStep
from monitoring.selectors.plans import plan_for, plans
from participants.models import CaseReportForm, Discrepancy, Participant, Visit
from records import clock, study
from records.definition import forms
from safety.models import DeviationDraft
from safety.selectors.laboratory import prompts

P = Permission


class ByHand:
    """What of each section waits for one person at some of their sites, as lists of whatever tells rows apart."""

    def __init__(self, person: User, site: Site | None, now: datetime) -> None:
        self.person, self.site, self.now, self.today = person, site, now, clock.day(now)
        self.access = Access.of(person, self.today)
        self.settings = study.in_force(self.today)
        self.people = [one for one in Participant.objects.select_related("site") if site in (None, one.site)]
        self.visits: dict[int, list[Visit]] = {one.pk: [] for one in self.people}
        for visit in Visit.objects.select_related("participant"):
            if visit.participant_id in self.visits:
                self.visits[visit.participant_id].append(visit)
        self.plans = plans()
        self.verified = {
            (one.form, one.record_id): one.state for one in Verification.objects.filter(kind="SOURCE")
        }
        self.signatures = list(Signature.objects.select_related("participant").order_by("pk"))
        self.by_rule = {one.deviation_id for one in DeviationDraft.objects.all()}
        self.records: dict[int, list[CaseReportForm]] = {}
        for model in forms().values():
            if issubclass(model, CaseReportForm):
                for record in model._default_manager.all():
                    self.records.setdefault(record.visit_id, []).append(record)

    def may(self, permission: Permission, participant: Participant) -> bool:
        return self.access.may(permission, participant.site_id) and participant.pk in self.visits

    def counts(self) -> dict[str, int]:
        """How many rows each section has; sections without a row are left out."""
        found: dict[str, list[Any]] = {}
        for key, what in self._everything():
            found.setdefault(key, []).append(what)
        return {key: len(rows) for key, rows in found.items()}

    def _everything(self) -> Iterator[tuple[str, Any]]:
        for person in self.people:
            for visit in self.visits[person.pk]:
                yield from self._of_visit(person, visit)
            if self.may(P.DECIDE_ELIGIBILITY, person) and person.status == "SCREENING":
                yield "decide", person
            if self.may(P.ASSIGN_ARM, person) and person.status == "ELIGIBLE":
                yield "assign", person
            if self.may(P.ENTER_DATA, person):
                for prompt in prompts(self.access, Q(participant=person)):
                    yield "results", prompt
            if self.may(P.LOCK, person) and self._to_lock(person):
                yield "lock", person
        yield from self._signatures()
        yield from self._questions()
        yield from self._safety()
        yield from self._of_the_person()

    # -- visits and their forms ------------------------------------------------------------------------

    def _of_visit(self, person: Participant, visit: Visit) -> Iterator[tuple[str, Any]]:
        records = self.records.get(visit.pk, [])
        drafts = [one for one in records if not one.submitted]
        missing = [code for code in due_forms(visit) if code not in {one.form.code for one in records}]
        failed = person.status == "SCREEN_FAILURE"
        if self.may(P.ENTER_DATA, person):
            if visit.status == "PLANNED" and (due := self._due(visit)):
                yield due, visit
            if missing and not failed and visit.status in ("DONE", "STARTED"):
                yield "missing" if visit.status == "DONE" else "begun", visit
            for one in drafts:
                by_rule = one.form.code == "DV" and one.pk in self.by_rule
                if not by_rule and (not failed or visit.throughout):
                    yield "drafts", one
        complete = records and not drafts and (visit.status == "MISSED" or not missing)
        if (
            self.may(P.SIGN, person)
            and visit.status in ("STARTED", "DONE", "MISSED")
            and complete
            and not self._signed(visit)
        ):
            yield "sign", visit
        if self.may(P.VERIFY_SOURCE, person) and any(self._to_verify(one) for one in records):
            yield "verify", visit

    def _due(self, visit: Visit) -> str:
        opens = visit.window_open or visit.target_from
        if opens is None or opens > self.today + timedelta(days=7):
            return ""
        if visit.window_close is None and visit.window_open is None and visit.target_to is not None:
            if visit.target_to < self.today:
                return "" if visit.series == "SURGERY" else "overdue"
        elif visit.series == "SURGERY" and visit.window_close is None and visit.target_to < self.today:
            return ""
        planned = planned_visit(visit)
        assert planned is not None
        match window_status(planned, self.today, self.settings["reminder_closing_days"]):
            case WindowStatus.UPCOMING:
                return "soon"
            case WindowStatus.CLOSING:
                return "closing"
            case WindowStatus.OVERDUE:
                return "overdue"
        return "today" if planned.target_from <= self.today <= planned.target_to else "open"

    def _signed(self, visit: Visit) -> bool:
        """Signed, or signed before; as a visit, or standing with the casebook."""
        return any(
            one.level == "VISIT" if one.visit_id == visit.pk else one.level == "PARTICIPANT" and one.stands
            for one in self.signatures
            if one.participant_id == visit.participant_id
        )

    def _to_verify(self, one: CaseReportForm) -> bool:
        planned = plan_for(self.plans, one.form.code)
        verified = self.verified.get((one.form.code, one.pk))
        return one.submitted and bool(planned) and verified not in ("COMPLETE", "CHANGED")

    # -- signatures, locks -----------------------------------------------------------------------------

    def _signatures(self) -> Iterator[tuple[str, Any]]:
        last = {one.key: one for one in self.signatures}
        for one in last.values():
            if not one.stands and self.may(P.SIGN, one.participant):
                yield "sign", one
        for found in Verification.objects.select_related("participant"):
            changed = found.kind == "SOURCE" and found.state == "CHANGED"
            if changed and self.may(P.VERIFY_SOURCE, found.participant):
                yield "changed", found

    def _to_lock(self, person: Participant) -> bool:
        signed = any(
            one.level == "PARTICIPANT" and one.stands
            for one in self.signatures
            if one.participant_id == person.pk
        )
        locked = any(
            one.state == "LOCKED" and one.key in ("TRIAL", f"S{person.site_id}", f"P{person.pk}")
            for one in Hold.objects.all()
        )
        asked = any(not one.is_closed for one in Query.objects.filter(participant=person))
        return signed and not locked and not asked and not any(one.is_open for one in _checks(person))

    # -- questions -------------------------------------------------------------------------------------

    def _questions(self) -> Iterator[tuple[str, Any]]:
        for query in Query.objects.select_related("participant"):
            mine = query.assigned_to_id in (None, self.person.pk)
            if query.is_open and mine and self.may(P.ENTER_DATA, query.participant):
                yield "answer", query
            if query.is_answered and self.may(P.RAISE_QUERIES, query.participant):
                left = self.access.may_somewhere(P.LOCK) and not self._still_asks(query.raised_by_id)
                if query.raised_by_id == self.person.pk or left:
                    yield "close", query
        for person in self.people:
            for found in _checks(person):
                if found.is_open and self.may(P.ENTER_DATA, person):
                    yield "checks", found
                if found.status == "CONFIRMED" and self.may(P.LOCK, person) and not self._reviewed(found):
                    yield "judge", found
        for reminder in Reminder.objects.select_related("participant"):
            if (
                reminder.sending
                and reminder.sending.undecided
                and self.may(P.SETTLE_REMINDERS, reminder.participant)
            ):
                yield "reminders", reminder

    def _still_asks(self, person_id: int) -> bool:
        person = User.objects.get(pk=person_id)
        return person.is_active and Access.of(person, self.today).may_somewhere(P.RAISE_QUERIES)

    def _reviewed(self, found: Discrepancy) -> bool:
        confirmed = max(step.at for step in found.steps.all())
        return any(
            step.state == "COMPLETE" and step.verification.state == "COMPLETE" and step.at >= confirmed
            for step in VerificationStep.objects.select_related("verification")
            if (step.verification.kind, step.verification.form, step.verification.record_id)
            == ("REVIEW", found.form, found.record_id)
        )

    # -- safety ----------------------------------------------------------------------------------------

    def _safety(self) -> Iterator[tuple[str, Any]]:
        watches = [P.REPORT_SAE, P.ACKNOWLEDGE_SAE, P.REVIEW_DATA]
        for event in AdverseEvent.objects.select_related("participant"):
            running = event.aeser == "Y" and event.saerep is None
            if (
                running
                and any(map(self.access.may_somewhere, watches))
                and self.may(P.SEE_PARTICIPANTS, event.participant)
            ):
                yield "clocks", event
        for draft in DeviationDraft.objects.select_related("participant", "deviation"):
            record = draft.deviation
            if draft.stands:
                waits = (record is not None and not record.submitted) or (
                    record is None and draft.revision == 0
                )
            else:
                waits = record is not None
            if waits and self.may(P.ENTER_DATA, draft.participant):
                yield "deviations", draft

    # -- the person's own ------------------------------------------------------------------------------

    def _of_the_person(self) -> Iterator[tuple[str, Any]]:
        for kept in UnsavedEntry.objects.select_related("visit__participant"):
            mine = kept.person_id == self.person.pk and kept.form in forms()
            if mine and self.may(P.ENTER_DATA, kept.visit.participant):
                yield "unsaved", kept
        for job in ExportJob.objects.all():
            taken = ExportDownload.objects.filter(job=job, by=self.person).exists()
            if job.requested_by_id == self.person.pk and job.done and not taken:
                yield "exports", job


def _checks(person: Participant) -> list[Discrepancy]:
    return list(Discrepancy.objects.filter(participant=person))

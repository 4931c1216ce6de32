from participants.models.forms import CaseReportForm, Demographics, MedicalHistory, VisitHeader
from participants.models.participant import (
    AnchorDate,
    ConsentVersion,
    Participant,
    ParticipantStatus,
    ScheduleVersion,
    Visit,
    VisitStatus,
)

__all__ = [
    "AnchorDate",
    "CaseReportForm",
    "ConsentVersion",
    "Demographics",
    "MedicalHistory",
    "Participant",
    "ParticipantStatus",
    "ScheduleVersion",
    "Visit",
    "VisitHeader",
    "VisitStatus",
]

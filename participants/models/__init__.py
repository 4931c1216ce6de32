from participants.models.forms import CaseReportForm, Demographics, MedicalHistory, VisitHeader
from participants.models.participant import (
    ARMS,
    AnchorDate,
    ConsentVersion,
    Participant,
    ParticipantStatus,
    ScheduleVersion,
    Visit,
    VisitStatus,
)

__all__ = [
    "ARMS",
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

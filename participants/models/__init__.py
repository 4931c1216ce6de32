from participants.models.forms import CaseReportForm, Demographics, FormRow, MedicalHistory, VisitHeader
from participants.models.participant import (
    ARMS,
    THROUGHOUT,
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
    "THROUGHOUT",
    "AnchorDate",
    "CaseReportForm",
    "ConsentVersion",
    "Demographics",
    "FormRow",
    "MedicalHistory",
    "Participant",
    "ParticipantStatus",
    "ScheduleVersion",
    "Visit",
    "VisitHeader",
    "VisitStatus",
]

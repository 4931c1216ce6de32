from participants.models.discrepancy import Discrepancy, DiscrepancyStep
from participants.models.forms import CaseReportForm, Demographics, FormRow, VisitHeader
from participants.models.history import Condition, MedicalHistory, PriorTreatment
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
from participants.models.stored_file import StoredFile

__all__ = [
    "ARMS",
    "THROUGHOUT",
    "AnchorDate",
    "CaseReportForm",
    "Condition",
    "ConsentVersion",
    "Demographics",
    "Discrepancy",
    "DiscrepancyStep",
    "FormRow",
    "MedicalHistory",
    "Participant",
    "ParticipantStatus",
    "PriorTreatment",
    "ScheduleVersion",
    "StoredFile",
    "Visit",
    "VisitHeader",
    "VisitStatus",
]

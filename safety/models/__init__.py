from safety.models.deviation import DeviationDraft, ProtocolDeviation, RuleToJudge
from safety.models.meddra import EventCoding, MeddraPath, MeddraRelease, MeddraTerm
from safety.models.prompts import LaboratoryDismissal
from safety.models.reports import ClockMark, ReportRecipient, SaeDelivery, SaeReport

__all__ = [
    "ClockMark",
    "DeviationDraft",
    "EventCoding",
    "LaboratoryDismissal",
    "MeddraPath",
    "MeddraRelease",
    "MeddraTerm",
    "ProtocolDeviation",
    "ReportRecipient",
    "RuleToJudge",
    "SaeDelivery",
    "SaeReport",
]

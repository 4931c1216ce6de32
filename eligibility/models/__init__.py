from eligibility.models.adverse_event import AdverseEvent, FollowUpReport
from eligibility.models.decision import EligibilityDecision, SponsorRuling
from eligibility.models.history import HistoricalEntry
from eligibility.models.imaging import Imaging, Lesion
from eligibility.models.judgement import Judgement
from eligibility.models.laboratory import Laboratory
from eligibility.models.medication import ConcomitantMedication
from eligibility.models.reference_ranges import ReferenceRange, SiteLaboratory
from eligibility.models.staging import Staging
from eligibility.models.vital_signs import VitalSigns

__all__ = [
    "AdverseEvent",
    "ConcomitantMedication",
    "EligibilityDecision",
    "FollowUpReport",
    "HistoricalEntry",
    "Imaging",
    "Judgement",
    "Laboratory",
    "Lesion",
    "ReferenceRange",
    "SiteLaboratory",
    "SponsorRuling",
    "Staging",
    "VitalSigns",
]

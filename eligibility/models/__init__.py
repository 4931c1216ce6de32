from eligibility.models.decision import EligibilityDecision, SponsorRuling
from eligibility.models.history import HistoricalEntry
from eligibility.models.judgement import Judgement
from eligibility.models.laboratory import Laboratory
from eligibility.models.staging import Staging
from eligibility.models.vital_signs import VitalSigns

__all__ = [
    "EligibilityDecision",
    "HistoricalEntry",
    "Judgement",
    "Laboratory",
    "SponsorRuling",
    "Staging",
    "VitalSigns",
]

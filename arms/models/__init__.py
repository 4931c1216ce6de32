from arms.models.assignment import ArmAssignment
from arms.models.complication import PostoperativeComplication
from arms.models.haic import HaicCycle
from arms.models.infusion import Y90Infusion
from arms.models.other_treatment import OtherTreatment
from arms.models.oversight import NoticeRead, OverrideConfirmation, PlanAuthor, PlanCheck, SafetyOverride
from arms.models.planning import ActivityPlan, MaaMapping
from arms.models.resectability import ResectabilityReview
from arms.models.specimen import Pathology, SpecimenLesion
from arms.models.surgery import Hepatectomy

__all__ = [
    "ActivityPlan",
    "ArmAssignment",
    "HaicCycle",
    "Hepatectomy",
    "MaaMapping",
    "NoticeRead",
    "OtherTreatment",
    "OverrideConfirmation",
    "Pathology",
    "PlanAuthor",
    "PlanCheck",
    "PostoperativeComplication",
    "ResectabilityReview",
    "SafetyOverride",
    "SpecimenLesion",
    "Y90Infusion",
]

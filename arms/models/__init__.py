from arms.models.assignment import ArmAssignment
from arms.models.haic import HaicCycle
from arms.models.infusion import Y90Infusion
from arms.models.oversight import PlanAuthor, PlanCheck, SafetyOverride
from arms.models.planning import ActivityPlan, MaaMapping
from arms.models.surgery import Hepatectomy

__all__ = [
    "ActivityPlan",
    "ArmAssignment",
    "HaicCycle",
    "Hepatectomy",
    "MaaMapping",
    "PlanAuthor",
    "PlanCheck",
    "SafetyOverride",
    "Y90Infusion",
]

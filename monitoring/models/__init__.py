"""What makes data trusted."""

from monitoring.models.firing import CheckFiring
from monitoring.models.hold import Hold, HoldStep
from monitoring.models.query import Query, QueryStep
from monitoring.models.signature import SIGNED_LEVELS, Signature, SignatureVoid
from monitoring.models.verification import Verification, VerificationPlan, VerificationStep
from monitoring.models.work import VisitToCount, VisitWork

__all__ = [
    "SIGNED_LEVELS",
    "CheckFiring",
    "Hold",
    "HoldStep",
    "Query",
    "QueryStep",
    "Signature",
    "SignatureVoid",
    "Verification",
    "VerificationPlan",
    "VerificationStep",
    "VisitToCount",
    "VisitWork",
]

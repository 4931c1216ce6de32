"""Staff, sites and roles; how people sign in; the reviews of who holds which role."""

from accounts.models.people import SITE_STAFF, Role, RoleHeld, Site, User
from accounts.models.reviews import AccessReview, AccessReviewLine
from accounts.models.second_factors import RecoveryCode, SecondFactor
from accounts.models.signing_in import PasswordUsed, Session, SignInEvent

__all__ = [
    "SITE_STAFF",
    "AccessReview",
    "AccessReviewLine",
    "PasswordUsed",
    "RecoveryCode",
    "Role",
    "RoleHeld",
    "SecondFactor",
    "Session",
    "SignInEvent",
    "Site",
    "User",
]

"""The verbs of monitoring."""

from monitoring.actions.following import follow_change
from monitoring.actions.holds import OthersSigned, hold
from monitoring.actions.plans import set_plan
from monitoring.actions.signatures import NotReady, sign
from monitoring.actions.verification import verify, withdraw

__all__ = ["NotReady", "OthersSigned", "follow_change", "hold", "set_plan", "sign", "verify", "withdraw"]

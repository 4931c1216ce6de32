"""Which answers are held against the source: all of a form, some, or none; the plan a trial starts with.

A data manager changes it form by form, with a reason; each change is a new version (models.VerificationPlan).
"""

from __future__ import annotations

from typing import Final

ALL: Final = ("*",)

# What efficacy, dose and safety rest on is verified wholly; of the others, what a decision or an endpoint reads.
# A form that is not named here is verified wholly.
DEFAULT: Final[dict[str, tuple[str, ...]]] = {
    "SV": ("svdone", "svstdtc"),
    "MH": ("hccdxdtc", "hccdxm", "cirrh", "varices", "priortx", "maligoth", "transpl", "prior_treatments", "conditions"),
    "LB": ("lbdtc", "lblab", "tbil", "alb", "inr", "pt", "plt", "neut", "hgb", "alt", "ast", "crea", "afp", "hbvdna", "hcg"),
    "CM": ("cmtrt", "cmcat", "cmstdtc", "cmendtc"),
    "VS": ("height", "weight", "ecog"),
    "POC": ("pocterm", "cdgrade", "phlfgr", "bilegr", "pocdtc"),
    "SYM": (),
}  # fmt: skip


def covers(plan: tuple[str, ...], address: str) -> bool:
    """Say whether a plan asks for an address; a table of rows ("lesions") stands for all in it."""
    return plan == ALL or address in plan or ("-" in address and address.split("-", maxsplit=1)[0] in plan)

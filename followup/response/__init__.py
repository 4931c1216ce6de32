"""Tumour response by RECIST 1.1 and mRECIST: lesions and their sums, one assessment, the course of them all.

Values in, codes with their reasons out; nothing is read or stored.
Source: protocol specification sections 6.1 to 6.3.
"""

from eligibility.lesions import (
    Category,
    Criteria,
    ImpossibleLesion,
    Lesion,
    Location,
    State,
    TargetSum,
    check_targets,
    sum_targets,
)
from followup.response.course import (
    CONFIRMATION_DAYS,
    BestResponse,
    Evaluation,
    Imaging,
    Reading,
    back_dated,
    best_response,
    evaluate,
    first_progression,
)
from followup.response.judging import (
    PROGRESSIVE,
    ImpossibleResponse,
    Margin,
    NewLesion,
    NonTarget,
    NonTargetResult,
    Overall,
    OverallResult,
    Target,
    TargetResult,
    judge_after_hepatectomy,
    judge_non_targets,
    judge_overall,
    judge_targets,
)

__all__ = [
    "CONFIRMATION_DAYS",
    "PROGRESSIVE",
    "BestResponse",
    "Category",
    "Criteria",
    "Evaluation",
    "Imaging",
    "ImpossibleLesion",
    "ImpossibleResponse",
    "Lesion",
    "Location",
    "Margin",
    "NewLesion",
    "NonTarget",
    "NonTargetResult",
    "Overall",
    "OverallResult",
    "Reading",
    "State",
    "Target",
    "TargetResult",
    "TargetSum",
    "back_dated",
    "best_response",
    "check_targets",
    "evaluate",
    "first_progression",
    "judge_after_hepatectomy",
    "judge_non_targets",
    "judge_overall",
    "judge_targets",
    "sum_targets",
]

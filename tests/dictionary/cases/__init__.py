from tests.dictionary.cases import course, screening, treatment
from tests.dictionary.cases.case import Case

CASES = [*screening.CASES, *treatment.CASES, *course.CASES]

__all__ = ["CASES", "Case"]

"""The endpoints of a participant in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from eligibility.lesions import Criteria
from followup import codelists
from followup.endpoint_facts import EndpointFacts
from followup.endpoints import Endpoint
from records.text import Text


@dataclass(frozen=True, slots=True)
class EndpointLine:
    name: str
    note: str
    endpoint: Endpoint | None
    problem: Text | None = None

    @property
    def months(self) -> str:
        if self.endpoint is None:
            return ""
        return f"{self.endpoint.months.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


def endpoint_lines(facts: EndpointFacts, *, all_of_them: bool = True) -> list[EndpointLine]:
    """The endpoints in words; without `all_of_them` the two main ones."""
    primary = facts.criteria
    other = next(one.value for one in Criteria if one != primary)
    words: Mapping[str, Text] = facts.problems
    lines = [
        EndpointLine(
            _("Progression-free survival"),
            str(codelists.CRITERIA.label(primary)),
            facts.progression_free(),
            words.get(primary),
        ),
        EndpointLine(_("Overall survival"), "", facts.overall_survival(), words.get(primary)),
    ]
    if not all_of_them:
        return lines
    lines += [
        EndpointLine(
            _("Progression-free survival, sensitivity"),
            str(codelists.CRITERIA.label(other)),
            facts.progression_free(other),
            words.get(other),
        ),
        EndpointLine(
            _("Progression-free survival, sensitivity"),
            _("adjuvant treatment censored (S2)"),
            facts.progression_free(censor_adjuvant=True),
            words.get(primary),
        ),
        EndpointLine(_("Time to progression"), "", facts.time_to_progression(), words.get(primary)),
    ]
    for name, endpoint in (
        (_("Recurrence-free survival"), facts.recurrence_free()),
        (_("Duration of response"), facts.duration_of_response()),
    ):
        if endpoint is not None:
            lines.append(EndpointLine(name, "", endpoint))
    return lines

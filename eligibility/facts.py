"""What the criteria are judged from, and what a judgement looks like.

None means that nothing is known, which is never taken as the favourable answer. Where None means that
something has not happened or is not asked, the field says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from eligibility.cnlc import StageResult
from participants.dates import PartialDate
from records.text import Text

NEVER: Final = "NONE"  # the history says that it never happened

ALLOWED: Final[Mapping[str, tuple[object, ...]]] = {
    "ecog": (0, 1, 2, 3, 4),
    "priortx": ("N", "Y"),
    "priorifn": ("N", "HEP", "TUM"),
    "exhep": ("N", "Y", "UNK"),
    "potres": ("N", "Y"),
    "e1j": ("TOLERATES", "CANNOT"),
    "maligoth": ("N", "Y"),
    "transpl": ("N", "Y"),
    "hivab": ("NEG", "POS", "CONFIRM", "PENDING"),
    "subabuse": ("N", "Y"),
    "sex": ("F", "M"),
    "childpot": ("N", "Y"),
    "lactate": ("N", "Y"),
    "contraok": ("N", "Y"),
    "hcg": ("NEG", "POS"),
    "psych": ("NONE", "NOIMPACT", "IMPACT"),
    "e11j": ("N", "Y"),
    "pvtt": ("NONE", "I", "II", "III", "IV"),
}
ALLERGENS: Final = (
    "CONTRAST",
    "PLATINUM",
    "FLUOROURACIL",
    "FOLINATE",
    "ALBUMIN",
    "MICROSPHERE",
    "OTHER",
    "NONE",
)


class ImpossibleFact(ValueError):
    """A fact with a code or number that its form does not know."""


class Condition(NamedTuple):
    """A condition of the history or an adverse event with its CTCAE grade."""

    name: str
    grade: int | None
    ongoing: bool | None


class GradedTest(NamedTuple):
    """A screening laboratory test with its CTCAE grade, None where it could not be graded."""

    test: str
    grade: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the criteria read of one participant; names and codes are those of the forms.

    `icfdtc` and `first_procedure`: moments, both with a time zone or both without. `first_procedure`: the first
    study-specific procedure (mapping, catheterisation, study blood test, arm assignment), None where there was
    none yet. `planned_treatment`: the day of first treatment, planned until it is real; for Y-90 the earlier of
    mapping and infusion. `e1j`: asked only where something is of grade 3 or more. `childpot`, `lactate`,
    `contraok`, `hcg`: empty for men. `labs_complete`, `ecg_done`: the screening laboratory panels, the ECG.
    The fields from `childpugh_score` on decide nothing; they raise soft queries. `pvtt` is Cheng's type.
    Concentrations: bilirubin and creatinine µmol/L, haemoglobin g/L, platelets ×10⁹/L, enzymes U/L; `flrpct` %.
    Raises ImpossibleFact for a code that the form does not offer, or where only one moment has a time zone.
    """

    brthdtc: PartialDate | None = None
    icfdtc: datetime | None = None
    icf_version_approved: bool | None = None
    first_procedure: datetime | None = None
    ecog: int | None = None
    cnlc: StageResult | None = None
    priortx: str | None = None
    priorifn: str | None = None
    exhep: str | None = None
    potres: str | None = None
    conditions: tuple[Condition, ...] | None = None
    lab_grades: tuple[GradedTest, ...] | None = None
    labs_complete: bool | None = None
    ecg_done: bool | None = None
    e1j: str | None = None
    maligoth: str | None = None
    allergy: tuple[str, ...] | None = None
    transpl: str | None = None
    hivab: str | None = None
    subabuse: str | None = None
    gibdtc: PartialDate | Literal["NONE"] | None = None
    cvdtc: PartialDate | Literal["NONE"] | None = None
    planned_treatment: date | None = None
    sex: str | None = None
    childpot: str | None = None
    lactate: str | None = None
    contraok: str | None = None
    hcg: str | None = None
    hcg_date: date | None = None
    psych: str | None = None
    e11j: str | None = None
    e11j_text: str = ""

    childpugh_score: int | None = None
    pvtt: str | None = None
    chest_ct: bool | None = None
    flrpct: Decimal | None = None
    tbil: Decimal | None = None
    inr: Decimal | None = None
    plt: Decimal | None = None
    hgb: Decimal | None = None
    crea: Decimal | None = None
    alt: Decimal | None = None
    alt_uln: Decimal | None = None
    ast: Decimal | None = None
    ast_uln: Decimal | None = None
    imaging_date: date | None = None
    labs_date: date | None = None
    ecog_date: date | None = None
    virology_date: date | None = None

    def __post_init__(self) -> None:
        for name, allowed in ALLOWED.items():
            value = getattr(self, name)
            if value is not None and value not in allowed:
                raise ImpossibleFact(f"{name} cannot be {value!r}.")
        moments = [moment for moment in (self.icfdtc, self.first_procedure) if moment is not None]
        if len({moment.tzinfo is None for moment in moments}) > 1:
            raise ImpossibleFact("Consent and first procedure must both have a time zone, or neither.")
        for code in self.allergy or ():
            if code not in ALLERGENS:
                raise ImpossibleFact(f"allergy cannot be {code!r}.")
        for happened in (self.gibdtc, self.cvdtc):
            if isinstance(happened, str) and happened != NEVER:
                raise ImpossibleFact(f"An event is {NEVER} or a date, not {happened!r}.")
        for grade in (
            *(one.grade for one in self.conditions or ()),
            *(one.grade for one in self.lab_grades or ()),
        ):
            if grade is not None and grade not in range(6):
                raise ImpossibleFact(f"A CTCAE grade cannot be {grade}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaSettings:
    """Limits of the protocol, and of those the record leaves open the proposals, as study settings.

    Days are inclusive. Source: protocol specification section 3.
    """

    age_from: int = 18
    age_to: int = 75
    event_days: int = 30
    event_soft_days: int = 35
    pregnancy_test_days: int = 14
    imaging_days: int = 28
    labs_days: int = 7
    ecog_days: int = 7
    virology_days: int = 90
    soft_childpugh_from: int = 8
    soft_tbil_above: Decimal = Decimal("34.2")
    soft_inr_above: Decimal = Decimal("2.0")
    soft_plt_below: Decimal = Decimal(40)
    soft_hgb_below: Decimal = Decimal(80)
    soft_crea_above: Decimal = Decimal(221)
    soft_transaminase_uln: Decimal = Decimal(5)
    soft_flr_below: Decimal = Decimal(30)


class Outcome(StrEnum):
    """What the data say about one criterion. PASS of an exclusion criterion means: not excluded."""

    PASS = "PASS"  # noqa: S105  a verdict, not a password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    RULING = "RULING"


class Kind(StrEnum):
    """Whether data alone answer a criterion, the investigator does, or both are needed."""

    MACHINE = "MACHINE"
    JUDGEMENT = "JUDGEMENT"
    BOTH = "BOTH"


class Conclusion(StrEnum):
    """The result over all criteria; only ELIGIBLE can be signed."""

    ELIGIBLE = "ELIGIBLE"
    INELIGIBLE = "INELIGIBLE"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A sponsor's clarification of one criterion: recorded once, valid for everybody from its date."""

    accepts: bool
    reference: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """The judgement of one criterion.

    `deciding` names the answers it rests on as (form code, item name). `value` shows what they say.
    `warnings` are soft queries. `data_error` marks answers that contradict each other; the outcome is then
    never PASS.
    """

    id: str
    text: Text
    kind: Kind
    outcome: Outcome
    reason: Text
    value: Text
    deciding: tuple[tuple[str, str], ...]
    warnings: tuple[Text, ...] = ()
    data_error: bool = False

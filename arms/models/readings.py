"""What the treatment forms read of other forms: body, laboratory, history, and the study settings of their day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

from arms.day_checks import FirstDay
from arms.haic_cycles import Gate, GateValues, judge_gate
from arms.limits import gate_limits, pregnancy_days
from eligibility import reference_limits
from eligibility.facts import NEVER, Facts
from eligibility.models import Laboratory, Staging, VitalSigns
from eligibility.reported import Reported, certain
from eligibility.treatment_day import PregnancyTest
from participants.dates import PartialDate
from participants.models import CaseReportForm, Demographics, MedicalHistory, Visit
from participants.selectors import CaseForms
from records import clock, study

Form = TypeVar("Form", bound=CaseReportForm)
# Laboratory items read before treatment, and the name each has among the readings.
CHECKED = {"neut": "neutrophils", "plt": "platelets", "tbil_si": "bilirubin", "alb_si": "albumin"}
SIGNS = {name: f"{name.removesuffix('_si')}_c" for name in (*CHECKED, "inr", "crea_si")}
LABORATORY = ("lbdtc", *CHECKED, "inr", "crea_si", "crea_hi", *SIGNS.values(), "hcg", "hcgdtc")
# The forms these readings are taken from: read them in one go, with the treatment's own.
READ = (Demographics, MedicalHistory, VitalSigns, Laboratory, Staging)


@dataclass(frozen=True, slots=True)
class Readings:
    """Values measured at one visit; None where not entered. Height may stem from an earlier visit.

    `sampled_at`: the oldest sample that a value of the check before treatment was taken from. `bounds`: the sign
    (LT, GT) of laboratory values that are bounds ("<0.5"), by name.
    """

    height: Decimal | None = None
    weight: Decimal | None = None
    ecog: int | None = None
    sampled_at: datetime | None = None
    neutrophils: Decimal | None = None
    platelets: Decimal | None = None
    bilirubin: Decimal | None = None
    albumin: Decimal | None = None
    inr: Decimal | None = None
    creatinine_uln: Decimal | None = None
    pregnancy_test: PregnancyTest | None = None
    bounds: Mapping[str, str] = field(default_factory=dict)

    def certain(self, name: str, *cuts: Decimal) -> Decimal | None:
        """Give a laboratory value as far as it can be compared with these cut-offs; None where a bound is open."""
        value = getattr(self, name)
        return None if value is None else certain(Reported(value, self.bounds.get(name)), cuts)


def readings_at(book: CaseForms, visit: Visit) -> Readings:
    """Take body, performance status and laboratory of a visit from what was read; no query.

    Of several samples of the visit each value is that of the latest sample that has it.
    """
    earlier = [one for one in book.of(VitalSigns) if one.visit.position <= visit.position]
    heights = [one.height for one in earlier if one.height]
    here = next((one for one in earlier[::-1] if one.visit_id == visit.pk), None)
    samples = sorted(
        (one for one in book.of(Laboratory) if one.visit_id == visit.pk),
        key=lambda one: (one.lbdtc is not None, one.lbdtc, one.repeat),
    )
    values: dict[str, Any] = {}
    taken: dict[str, Laboratory] = {}
    for sample in samples:
        for name in SIGNS:
            if getattr(sample, name) is not None:
                values[name], taken[name] = getattr(sample, name), sample
    checked = [taken[name].lbdtc for name in CHECKED if name in taken]
    named = {**CHECKED, "inr": "inr", "crea_si": "creatinine_uln"}
    ecog = here.ecog if here else None
    return Readings(
        height=heights[-1] if heights else None,
        weight=here.weight if here else None,
        ecog=None if ecog is None else int(ecog),
        sampled_at=min((at for at in checked if at), default=None),
        inr=values.get("inr"),
        creatinine_uln=_times_upper_limit(taken.get("crea_si"), book),
        pregnancy_test=max(_tests(samples), key=lambda one: one.on, default=None),
        bounds={named[name]: sign for name, one in taken.items() if (sign := getattr(one, SIGNS[name]))},
        **{CHECKED[name]: values.get(name) for name in CHECKED},
    )


def _times_upper_limit(sample: Any, book: CaseForms) -> Decimal | None:
    """Give creatinine in multiples of the limit it is held against on its form, or of the usual one of the sex."""
    if sample is None:
        return None
    if sample.crea_hi:
        return Decimal(sample.crea / sample.crea_hi)
    person = book.last(Demographics)
    upper = reference_limits.limits_of("CREAT", person.sex if person else None).upper
    return None if upper is None else Decimal(sample.crea_si / upper)


def _tests(samples: list[Laboratory]) -> list[PregnancyTest]:
    return [PregnancyTest(one.hcgdtc, one.hcg) for one in samples if one.hcg and one.hcgdtc]


def pregnancy_tests(book: CaseForms) -> tuple[PregnancyTest, ...]:
    """Give every pregnancy test that has a day, whatever visit it was entered at."""
    return tuple(_tests(book.of(Laboratory)))


def pregnancy_possible(book: CaseForms) -> bool:
    """Say whether the participant is a woman of childbearing potential."""
    person = book.last(Demographics)
    return person is not None and person.sex == "F" and person.childpot == "Y"


def child_pugh_at(book: CaseForms, visit: Visit) -> int | None:
    """Give the latest Child-Pugh score up to a visit."""
    known = [one for one in book.of(Staging) if one.visit.position <= visit.position]
    return known[-1].cptot if known else None


def gate_at(book: CaseForms, visit: Visit, settings: Mapping[str, Any]) -> Gate:
    """Judge whether a HAIC cycle may begin with the values of its visit."""
    readings = readings_at(book, visit)
    return gate_of(readings, child_pugh_at(book, visit), pregnancy_possible(book), settings)


def gate_of(readings: Readings, child_pugh: int | None, possible: bool, settings: Mapping[str, Any]) -> Gate:
    """Judge whether a HAIC cycle may begin with these values, by the limits of the study settings."""
    test, limits = readings.pregnancy_test, gate_limits(settings)
    return judge_gate(
        GateValues(
            neutrophils=readings.certain("neutrophils", limits.neutrophils),
            platelets=readings.certain("platelets", limits.platelets),
            bilirubin=readings.certain("bilirubin", limits.bilirubin),
            albumin=readings.certain("albumin", limits.albumin),
            ecog=readings.ecog,
            child_pugh=child_pugh,
            inr=readings.certain("inr", limits.confirm_inr),
            creatinine_uln=readings.certain("creatinine_uln", limits.confirm_creatinine_uln),
            pregnancy_possible=possible,
            pregnant=None if test is None else test.result == "POS",
        ),
        limits,
    )


def first_day(
    book: CaseForms,
    settings: Mapping[str, Any],
    arm: str,
    *,
    recorded_on: date | None = None,
    unknown: tuple[str, ...] = ("E8", "E9"),
) -> FirstDay:
    """Collect what exclusion 8 and 9 are judged from on the first day of treatment; unknown answers stay unknown."""
    person, history = book.last(Demographics), book.last(MedicalHistory)
    known: dict[str, Any] = {}
    if person is not None:
        known |= {name: getattr(person, name) for name in ("sex", "childpot", "lactate", "contraok")}
    if history is not None:
        known |= {
            "gibdtc": _event(history.gibyn, history.gibdtc),
            "cvdtc": _event(history.cvyn, history.cvdtc),
        }
    return FirstDay(
        Facts(**known),
        pregnancy_tests(book),
        pregnancy_days(settings, arm),
        recorded_on,
        unknown,
    )


def _event(ever: str | None, day: str | None) -> PartialDate | Literal["NONE"] | None:
    return NEVER if ever == "N" else PartialDate.parse(day) if day else None


def record_at(records: Iterable[Form], visit: Visit, repeat: int) -> Form | None:
    """Give the record of a form at its place among those read; None where it is not begun."""
    return next((one for one in records if (one.visit_id, one.repeat) == (visit.pk, repeat)), None)


def settings_for(record: CaseReportForm | None, today: date) -> study.InForce:
    """Read the study settings a form is judged by: those of the day it was begun, so that a later version does
    not change what was worked out before; of today for a form not begun. One query."""
    return study.in_force(clock.day(record.entered_at) if record is not None else today)

"""What participants with an arm were like at screening, summed up by arm by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Avg, Count, Exists, FloatField, OuterRef, Q, QuerySet, StdDev

from arms.models import ArmAssignment
from dashboards.selectors import View
from eligibility import codelists
from eligibility.models import Laboratory, Staging, VitalSigns
from participants.codelists import SEX
from participants.models import CaseReportForm, Demographics, MedicalHistory
from records.codelists import NY, CodeList
from records.models import Record
from records.text import Text


@dataclass(frozen=True, slots=True)
class Measure:
    """A number known of each participant: median and quartiles."""

    item: str
    label: Text
    places: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    """A coded answer: how many gave each of the codes shown, of those who gave one."""

    item: str
    label: Text
    codes: CodeList
    shown: tuple[str, ...]


Characteristic = Measure | Category

# In the order of the table, by the form they stand in.
CHARACTERISTICS: tuple[tuple[type[CaseReportForm], tuple[Characteristic, ...]], ...] = (
    (
        Demographics,
        (Measure("age", Text("Age, years", "年龄，岁")), Category("sex", Text("Sex", "性别"), SEX, ("M",))),
    ),
    (
        VitalSigns,
        (
            Measure("weight", Text("Weight, kg", "体重，kg"), 1),
            Category("ecog", Text("ECOG", "ECOG评分"), codelists.ECOG, ("0", "1")),
        ),
    ),
    (MedicalHistory, (Category("cirrh", Text("Cirrhosis", "肝硬化"), NY, ("Y",)),)),
    (
        Staging,
        (
            Category("cnlc", Text("CNLC stage", "CNLC分期"), codelists.CNLC, ("Ib", "IIa", "IIb", "IIIa")),
            Category("cpcls", Text("Child-Pugh", "Child-Pugh分级"), codelists.CHILD_CLASS, ("A",)),
            Measure("albi", Text("ALBI score", "ALBI评分"), 2),
            Measure("tumnum", Text("Number of tumours", "肿瘤数目")),
            Measure("tummax", Text("Largest tumour, mm", "最大肿瘤直径，mm")),
            Category("vascinv", Text("Vascular invasion", "血管侵犯"), NY, ("Y",)),
        ),
    ),
    (
        Laboratory,
        (
            Measure("afp_si", Text("AFP, ng/mL", "甲胎蛋白，ng/mL")),
            Category("afp400", Text("AFP above 400 ng/mL", "甲胎蛋白＞400 ng/mL"), NY, ("Y",)),
            Category("hbsag", Text("HBsAg", "乙肝表面抗原"), codelists.NEGPOS, ("POS",)),
            Measure("tbil_si", Text("Bilirubin, µmol/L", "总胆红素，µmol/L"), 1),
            Measure("alb_si", Text("Albumin, g/L", "白蛋白，g/L"), 1),
            Measure("alt", Text("ALT, U/L", "丙氨酸氨基转移酶，U/L")),
            Measure("plt", Text("Platelets, ×10⁹/L", "血小板，×10⁹/L")),
        ),
    ),
    (ArmAssignment, (Measure("flrpct", Text("Future liver remnant, %", "预计剩余肝体积比，%"), 1),)),
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A measure in one arm: how many are known, and of these mean, sample deviation, quartiles (None of nobody)."""

    known: int
    mean: float
    deviation: float
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Parts:
    """A category in one arm: how many are known, and how many gave each code."""

    known: int
    of_code: dict[str, int]


class Quartiles(Aggregate):
    """Quartiles as PostgreSQL interpolates them (type 7 of Hyndman and Fan): the default of R and NumPy."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY (%(expressions)s)::float8)"
    output_field = ArrayField(FloatField())


def at_baseline(view: View, model: type[CaseReportForm], item: str = "") -> QuerySet[Any]:
    """The submitted form of screening of each participant with an arm; of several samples, the last one.

    With an `item`, the last in which it is known: a sample taken again is often one of a few tests alone.
    """
    found = model._default_manager.order_by().filter(
        view.within("participant", arm=False), participant__arm__isnull=False, state=Record.State.SUBMITTED
    )
    if model is not ArmAssignment:
        found = found.filter(visit__code="SCR")
    known = {f"{item}__isnull": False} if item else {}
    later = model._default_manager.filter(
        visit=OuterRef("visit"), state=Record.State.SUBMITTED, repeat__gt=OuterRef("repeat"), **known
    )
    return found.filter(~Exists(later), **known)


def summed_up(view: View) -> dict[str, dict[str, Numbers | Parts]]:
    """Each characteristic by its item and by arm; one query for each form, or each item of one with several samples."""
    found: dict[str, dict[str, Numbers | Parts]] = {}
    for model, characteristics in CHARACTERISTICS:
        together = (
            [(one.item, (one,)) for one in characteristics] if model.form.several else [("", characteristics)]
        )
        for item, asked_for in together:
            asked: dict[str, Any] = {}
            for one in asked_for:
                asked |= _asked(one)
            for row in at_baseline(view, model, item).values("participant__arm").annotate(**asked):
                for one in asked_for:
                    found.setdefault(one.item, {})[row["participant__arm"]] = _read(one, row)
    return found


def _asked(one: Characteristic) -> dict[str, Any]:
    item = one.item
    asked: dict[str, Any] = {f"n_{item}": Count(item)}
    if isinstance(one, Category):
        for place, code in enumerate(one.shown):
            asked[f"c{place}_{item}"] = Count("pk", filter=Q(**{item: code}))
    else:
        asked |= {
            f"m_{item}": Avg(item),
            f"s_{item}": StdDev(item, sample=True),
            f"q_{item}": Quartiles(item),
        }
    return asked


def _read(one: Characteristic, row: dict[str, Any]) -> Numbers | Parts:
    item, known = one.item, row[f"n_{one.item}"]
    if isinstance(one, Category):
        return Parts(known, {code: row[f"c{place}_{item}"] for place, code in enumerate(one.shown)})
    quartiles: Sequence[float] | None = row[f"q_{item}"]
    return Numbers(
        known,
        float(row[f"m_{item}"] or 0),
        float(row[f"s_{item}"] or 0),
        (quartiles[0], quartiles[1], quartiles[2]) if known and quartiles else None,
    )

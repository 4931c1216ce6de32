"""What was given and what came of it: doses, intervals, activities, resections; summed up by the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from arms.models import ActivityPlan, HaicCycle, Hepatectomy, MaaMapping, Pathology, Y90Infusion
from arms.models.haic import FU1, FU2, LV, OXA
from dashboards.selectors import View
from dashboards.statements import TREATED, rows_of, table_of
from records.text import Text

CYCLES, PLANS = table_of(HaicCycle), table_of(ActivityPlan)
MAPPINGS, INFUSIONS = table_of(MaaMapping), table_of(Y90Infusion)
OPERATIONS, SPECIMENS = table_of(Hepatectomy), table_of(Pathology)
OF_A_PARTICIPANT = "JOIN participants_participant p ON p.id = r.participant_id"
DRUGS: dict[str, Text] = {"oxa": OXA, "lv": LV, "fu1": FU1, "fu2": FU2}


@dataclass(frozen=True, slots=True)
class Spread:
    """How many values are known, and their quartiles; None of nothing."""

    known: int
    quartiles: tuple[float, float, float] | None

    @classmethod
    def of(cls, known: int, found: list[float] | None) -> Spread:
        return cls(known, (found[0], found[1], found[2]) if found else None)

    def shown(self, places: int) -> str:
        """Median (first–third quartile), or a dash."""
        if self.quartiles is None:
            return "–"
        low, middle, high = (f"{value:.{places}f}" for value in self.quartiles)
        return f"{middle} ({low}–{high})"


NOTHING = Spread(0, None)


def quartiles(value: str) -> str:
    """SQL of the number of known values, and of their quartiles (type 7, as NumPy and R have it)."""
    return (
        f"count({value}), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY ({value})::float8)"
    )


def _up_to_each(value: str, ends: tuple[int, ...]) -> str:
    """SQL that counts values up to each end (included), beyond the one before, and those above the last."""
    conditions = [f"{value} <= {ends[0]}"]
    conditions += [f"{value} > {low} AND {value} <= {high}" for low, high in pairwise(ends)]
    return ", ".join(f"count(*) FILTER (WHERE {one})" for one in [*conditions, f"{value} > {ends[-1]}"])


# -- HAIC --------------------------------------------------------------------------------------------


def cycles_given(view: View) -> Counter[int]:
    """Treated participants of the HAIC arm by their number of submitted cycles."""
    statement = f"""
        SELECT cycles, count(*) FROM (
            SELECT p.id, count(r.id) AS cycles FROM participants_participant p
            LEFT JOIN {CYCLES} r ON r.participant_id = p.id AND r.state = 'SUBMITTED'
            WHERE {{where}} AND p.arm = 'HAIC' AND {TREATED} GROUP BY 1
        ) each GROUP BY 1
    """  # noqa: S608 – our own words
    return Counter(dict(rows_of(statement, view)))


def dose_intensity(view: View) -> dict[str, Spread]:
    """By drug: of each participant, all that was given over all that was calculated for the same cycles, in %."""
    parts = ", ".join(
        f"100 * sum(r.{drug}dose) FILTER (WHERE r.{drug}calc > 0) "
        f"/ nullif(sum(r.{drug}calc) FILTER (WHERE r.{drug}dose IS NOT NULL), 0) AS {drug}"
        for drug in DRUGS
    )
    statement = f"""
        SELECT {", ".join(quartiles(drug) for drug in DRUGS)} FROM (
            SELECT p.id, {parts} FROM {CYCLES} r {OF_A_PARTICIPANT}
            WHERE r.state = 'SUBMITTED' AND {{where}} GROUP BY 1
        ) each
    """  # noqa: S608 – our own words
    (row,) = rows_of(statement, view)
    return {drug: Spread.of(*row[2 * place : 2 * place + 2]) for place, drug in enumerate(DRUGS)}


def cycle_intervals(view: View, ends: tuple[int, ...]) -> tuple[list[int], Spread]:
    """Days between cycles: how many up to each end (included) and how many above, and their quartiles.

    `ends` ascend. As derived with each cycle, by the study setting of how intervals are counted.
    """
    statement = f"""
        SELECT {_up_to_each("r.hint", ends)}, {quartiles("r.hint")} FROM {CYCLES} r {OF_A_PARTICIPANT}
        WHERE r.state = 'SUBMITTED' AND r.hint IS NOT NULL AND {{where}}
    """  # noqa: S608 – our own words
    ((*numbers, known, found),) = rows_of(statement, view)
    return numbers, Spread.of(known, found)


# -- yttrium-90 --------------------------------------------------------------------------------------

PLANNED: dict[str, tuple[Text, int]] = {
    "lsf": (Text("Lung shunt fraction, %", "肺分流率，%"), 1),
    "aplan": (Text("Planned activity, GBq", "计划活度，GBq"), 2),
    "dtum": (Text("Tumour dose, planned, Gy", "肿瘤剂量（计划），Gy"), 0),
    "dperf": (Text("Perfused liver dose, planned, Gy", "灌注肝剂量（计划），Gy"), 0),
    "dnorm": (Text("Normal liver dose, planned, Gy", "正常肝剂量（计划），Gy"), 0),
    "dlung": (Text("Lung dose, planned, Gy", "肺剂量（计划），Gy"), 1),
}
DELIVERED: dict[str, tuple[Text, int]] = {
    "ynetact": (Text("Activity delivered, GBq", "实际注入活度，GBq"), 2),
    "ydtumpost": (Text("Tumour dose, measured, Gy", "肿瘤剂量（实测），Gy"), 0),
    "ydnormpost": (Text("Normal liver dose, measured, Gy", "正常肝剂量（实测），Gy"), 0),
    "ydlungpost": (Text("Lung dose, measured, Gy", "肺剂量（实测），Gy"), 1),
}


def dosimetry(view: View) -> dict[str, Spread]:
    """The submitted plans and infusions in numbers, by item; two queries."""
    found: dict[str, Spread] = {}
    for table, items in ((PLANS, PLANNED), (INFUSIONS, DELIVERED)):
        asked = ", ".join(quartiles(f"r.{item}") for item in items)
        statement = (
            f"SELECT {asked} FROM {table} r {OF_A_PARTICIPANT} WHERE r.state = 'SUBMITTED' AND {{where}}"  # noqa: S608
        )
        (row,) = rows_of(statement, view)
        found |= {item: Spread.of(*row[2 * place : 2 * place + 2]) for place, item in enumerate(items)}
    return found


def shunts(view: View, ends: tuple[int, ...]) -> list[int]:
    """Submitted plans by lung shunt fraction: how many up to each end (included), and how many above."""
    statement = f"""
        SELECT {_up_to_each("r.lsf", ends)} FROM {PLANS} r {OF_A_PARTICIPANT}
        WHERE r.state = 'SUBMITTED' AND r.lsf IS NOT NULL AND {{where}}
    """  # noqa: S608 – our own words
    (row,) = rows_of(statement, view)
    return list(row)


def delivered_of_planned(view: View, ends: tuple[int, ...]) -> tuple[list[int], Spread]:
    """Infusions by the activity delivered in % of that planned: up to each end (included), above; quartiles.

    An infusion rests on the plan of the latest mapping at or before it (arms/y90_course.py). Infusions whose plan
    or net activity is not known are left out.
    """
    statement = f"""
        SELECT {_up_to_each("part", ends)}, {quartiles("part")} FROM (
            SELECT 100 * r.ynetact / plan.aplan AS part FROM {INFUSIONS} r {OF_A_PARTICIPANT}
            JOIN LATERAL (
                SELECT d.aplan, d.state FROM {MAPPINGS} m JOIN participants_visit v ON v.id = m.visit_id
                LEFT JOIN {PLANS} d ON d.visit_id = m.visit_id AND d.repeat = m.repeat
                WHERE m.participant_id = r.participant_id AND m.ymapdtc <= r.yinfdt
                ORDER BY m.ymapdtc DESC, v.position DESC, m.repeat DESC LIMIT 1
            ) plan ON plan.aplan > 0
            WHERE r.state = 'SUBMITTED' AND {{where}}
        ) each WHERE part IS NOT NULL
    """  # noqa: S608 – our own words
    ((*numbers, known, found),) = rows_of(statement, view)
    return numbers, Spread.of(known, found)


# -- surgery -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Surgery:
    """One arm: how many have it, were treated, were resected, and of these the margins and responses."""

    assigned: int = 0
    treated: int = 0
    resected: int = 0
    margin_known: int = 0
    r0: int = 0
    pathology: int = 0
    complete: int = 0
    major: int = 0
    days: Spread = NOTHING  # from assignment (A0) to hepatectomy (A2)


def surgery(view: View) -> dict[str, Surgery]:
    """Resections by arm; one query.

    Resected: a submitted operation with the liver resected. Margin: the pathologist's, of several specimens the
    worst, otherwise the surgeon's. Pathological response: only where every specimen shows it.
    """
    statement = f"""
        SELECT p.arm, count(*), count(*) FILTER (WHERE {TREATED}), count(o.participant_id),
               count(coalesce(h.margin, o.margin)) FILTER (WHERE o.participant_id IS NOT NULL),
               count(*) FILTER (WHERE coalesce(h.margin, o.margin) = 'R0'),
               count(h.complete) FILTER (WHERE o.participant_id IS NOT NULL),
               count(*) FILTER (WHERE h.complete AND o.participant_id IS NOT NULL),
               count(*) FILTER (WHERE h.major AND o.participant_id IS NOT NULL),
               {quartiles("o.cut - a.date")}
        FROM participants_participant p
        LEFT JOIN (
            SELECT r.participant_id, min(r.surgdtc) AS cut, max(r.margin_i) AS margin FROM {OPERATIONS} r
            WHERE r.state = 'SUBMITTED' AND r.surgyn = 'Y' AND r.surgdtc IS NOT NULL GROUP BY 1
        ) o ON o.participant_id = p.id
        LEFT JOIN (
            SELECT r.participant_id, max(r.rmargin) AS margin, bool_and(r.pcr = 'Y') AS complete,
                   bool_and(r.mpr = 'Y') AS major FROM {SPECIMENS} r WHERE r.state = 'SUBMITTED' GROUP BY 1
        ) h ON h.participant_id = p.id
        LEFT JOIN participants_anchordate a ON a.participant_id = p.id AND a.name = 'A0'
        WHERE p.arm IS NOT NULL AND {{where}} GROUP BY 1
    """  # noqa: S608 – our own words
    return {
        arm: replace(Surgery(*numbers), days=Spread.of(known, found))
        for arm, *numbers, known, found in rows_of(statement, view)
    }

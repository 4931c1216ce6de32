"""What is to be reached, each in the same run as the peer: the bar that has to be met, and the aim beyond it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A bar and an aim for one figure; both are lowest or both highest values, the limit included."""

    bar: float
    aim: float
    at_least: bool

    def reached(self, value: float) -> str:
        """Give "aim", "bar", or "missed"."""
        for name, limit in (("aim", self.aim), ("bar", self.bar)):
            if value >= limit if self.at_least else value <= limit:
                return name
        return "missed"


def at_least(bar: float, aim: float) -> Target:
    return Target(bar, aim, at_least=True)


def at_most(bar: float, aim: float | None = None) -> Target:
    return Target(bar, bar if aim is None else aim, at_least=False)


# Ratios are the product's figure over the peer's. What nothing is asked of stands here with None.
TARGETS: dict[str, Target | None] = {
    "form.rate": at_least(2, 8),
    "form.sql": at_most(12),
    "save.rate": at_least(1, 2),
    "save.sql": at_most(14),
    "matrix.rate": at_least(1, 2),
    "matrix.sql": at_most(8),
    "matrix.growth": at_most(1.3),  # time with ten times the participants over time
    "enrol.sql": at_most(25, 20),
    "register.sql": None,
    "dashboard.ms": at_most(300, 100),
    "dashboard.sql": None,
    "worklist.site.ms": at_most(100, 50),
    "worklist.trial.ms": at_most(100, 50),
    "worklist.sql": None,
    # Time with twice the participants over time: two where it is linear in the work.
    "plan.pure": at_most(2.4, 2.1),
    "plan.preview": at_most(2.4, 2.1),
    "plan.replan": at_most(2.4, 2.1),
    "plan.waiting": at_most(2.4, 2.1),
    "plan.reminders": at_most(2.4, 2.1),
    "dashboard.section.ms": at_most(300, 100),
    "dashboard.worker.s": None,
    "audit.saves": at_most(1.25, 1.15),  # time with the trail over time without
    "audit.bulk": at_most(1.7, 1.4),
    "audit.update": None,
    "audit.captured": at_least(1, 1),  # the share of changes found in the trail
    "export.rate": at_least(1 / 3, 0.6),  # over the rate of COPY
    "export.memory": at_most(1.2),  # peak with many rows over peak with few
    # Seconds over those of COPY of the same rows.
    "export.parquet": at_most(3),
    "export.xpt": at_most(6),
    "export.sav": at_most(6),
    "export.dta": at_most(6),
    "export.xlsx": at_most(50),
    "export.odm": at_most(8),
    "export.odm-audit": at_most(12),
    "export.sdtm": None,
    "export.adam": None,
    "export.formats": at_most(300),  # MB
}

"""Walk through imaging and response: examine with lesions, and assess by both criteria."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from eligibility.models import Imaging, Lesion
from followup.models import TumourResponse
from participants.models import CaseReportForm, Participant, Visit
from records import clock
from trial_edc.demo.filling import CONFIRMED, fill

Rows = Sequence[Mapping[str, Any]]
CRITERIA = ("RECIST11", "MRECIST")
# What is left of the targets' longest and of their viable diameters, in percent, by the response it shows.
LEFT = {
    "CR": (0, 0),
    "PR": (62, 45),
    "SD": (92, 84),
    "PD": (128, 131),
}
LARGEST_VIABLE = Decimal("0.88")


def target(number: int, longest: Decimal, location: str = "S6", **more: Any) -> dict[str, Any]:
    """A target lesion of the liver, or of `location`."""
    return {"lnkid": f"T{number:02d}", "lescat": "TARGET", "lesloc": location, "ldiam": longest, **more}


def non_target(number: int, location: str, **more: Any) -> dict[str, Any]:
    return {"lnkid": f"NT{number:02d}", "lescat": "NONTARGET", "lesloc": location, **more}


def new_lesion(number: int, location: str, longest: Decimal) -> dict[str, Any]:
    lesion = {"lnkid": f"NEW{number:02d}", "lescat": "NEW", "lesloc": location, "ldiam": longest}
    return {**lesion, "lesst": "PRESENT"}


def lesions_of_tumour(
    *, tummax: Decimal | None = None, tumnum: int | None = None, vascinv: str = "N", **_others: Any
) -> Rows:
    """Lesions at baseline that fit a staging form: at most two targets in the liver, the rest non-target."""
    largest = Decimal(tummax if tummax is not None else 72)
    number = tumnum or 1
    found = [target(1, largest, viadiam=tenths(largest * LARGEST_VIABLE))]
    smaller = tenths(largest * Decimal("0.55"))
    if number > 1 and smaller >= 10:
        found.append(target(2, smaller, "S8", viadiam=tenths(max(Decimal(10), smaller * LARGEST_VIABLE))))
    if number > 2:
        found.append(non_target(1, "S4"))
    if vascinv == "Y":
        found.append(non_target(2, "PV"))
    return found


def tenths(mm: Decimal) -> Decimal:
    return mm.quantize(Decimal("0.1"))


def baseline_of(participant: Participant) -> Rows:
    """The lesions of the screening visit, as they are stored."""
    names = ("lnkid", "lescat", "lesloc", "leslocd", "ldiam", "saxis", "viadiam")
    found = Lesion.objects.filter(participant=participant, record__visit__code="SCR")
    return list(found.order_by("record_id", "number").values(*names))


def lesions_showing(response: str, baseline: Rows, after: int = 0) -> Rows:
    """The lesions of the baseline as they are at a later assessment with this response, the `after`-th from 0.

    What responds goes on shrinking a little, and what is stable hardly changes, so that a course looks like one.
    """
    longest, viable = LEFT.get(response, LEFT["SD"])
    if response in ("PR", "SD"):
        step = 5 if response == "PR" else 2
        longest, viable = longest - step * min(after, 4), viable - step * min(after, 4)
    return lesions_at(baseline, longest, viable)


def imaged_before(participant: Participant) -> int:
    """How many visits after screening have imaging."""
    later = Imaging.objects.filter(participant=participant).exclude(visit__code="SCR")
    return later.values("visit_id").distinct().count()


def lesions_at(baseline: Rows, longest: int, viable: int, state: str = "PRESENT") -> Rows:
    """The lesions of the baseline with so many percent of the targets' longest and viable diameters left."""
    return [_later(lesion, longest, viable, state) for lesion in baseline]


def _later(lesion: Mapping[str, Any], longest: int, viable: int, state: str) -> dict[str, Any]:
    known = {name: lesion.get(name) for name in ("lnkid", "lescat", "lesloc", "leslocd")}
    if state != "PRESENT":
        return {**known, "lesst": state}
    if lesion["lescat"] != "TARGET":
        return {**known, "lesst": "ABSENT" if longest == 0 else "PRESENT"}
    if longest == 0:
        return {**known, "lesst": "ABSENT"}
    sizes = {"ldiam": longest, "saxis": longest, "viadiam": viable}
    left = {
        name: tenths(lesion[name] * percent / 100)
        for name, percent in sizes.items()
        if lesion.get(name) is not None
    }
    return {**known, "lesst": "PRESENT", **left}


def image(
    participant: Participant,
    visit_code: str,
    *,
    by: Actor,
    now: datetime,
    lesions: Rows,
    new: Rows = (),
    on: date | None = None,
    modality: str = "CEMRI",
    repeat: int = 1,
    submit: bool = True,
    **changed: Any,
) -> CaseReportForm:
    """Enter one examination with the lesions it shows; `new` are lesions that were not there at baseline."""
    follow_up = {} if visit_code == "SCR" else {"newles": "Y" if new else "N"}
    answers = {
        "imgdtc": on or clock.day(now),
        "imgmod": modality,
        "imgqual": "Y",
        "imgeval": "INVESTIGATOR",
        "lesions": [*lesions, *new],
        **follow_up,
        **changed,
    }
    return fill(
        participant,
        "IMG",
        answers,
        by=by,
        now=now,
        visit_code=visit_code,
        repeat=repeat,
        submit=submit,
        confirmed=dict.fromkeys([*answers, "lescat", "lesst", "ldiam", "saxis"], CONFIRMED),
    )


def assess(
    participant: Participant,
    visit_code: str,
    *,
    by: Actor,
    now: datetime,
    investigator: str | None = None,
    recurrence: str = "NONE",
    criteria: Iterable[str] = CRITERIA,
    **changed: Any,
) -> list[CaseReportForm]:
    """Assess a visit's imaging by each of the criteria; the investigator agrees with what is computed.

    `investigator` is another overall response than the computed one. `recurrence` is asked after hepatectomy.
    """
    return [
        _assess(
            participant, visit_code, repeat, code, by, now,
            investigator=investigator, recurfl=recurrence, **changed,
        )
        for repeat, code in enumerate(criteria, start=1)
    ]  # fmt: skip


def _assess(
    participant: Participant,
    visit_code: str,
    repeat: int,
    criteria: str,
    by: Actor,
    now: datetime,
    *,
    investigator: str | None,
    **answers: Any,
) -> CaseReportForm:
    visit = Visit.objects.select_related("participant").get(participant=participant, code=visit_code)
    known = TumourResponse.context(visit=visit, repeat=repeat, today=clock.day(now), now=now)
    course = known["course"]
    imaging = course.imaging.at(visit.pk)
    others = any(one.category == "NONTARGET" for one in imaging.lesions) if imaging else False
    given = {
        "rsdtc": imaging.on if imaging and imaging.on else clock.day(now),
        "rscat": criteria,
        "ntrgresp": "NONCRNONPD" if others else "NA",
        **answers,
    }
    computed = TumourResponse.derive(given, known)["ovrlresp"].value
    given["rsinv"] = investigator or computed or "NE"
    return fill(
        participant,
        "RSP",
        given,
        by=by,
        now=now,
        visit_code=visit_code,
        repeat=repeat,
        confirmed=dict.fromkeys([*given, "trgresp"], CONFIRMED),
    )

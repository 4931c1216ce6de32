"""The verbs of reference ranges: add a laboratory, add a version of a range, begin with the usual limits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from accounts.models import Site
from eligibility.lab_grades import TEST_OF_ITEM
from eligibility.models import Laboratory, ReferenceRange, SiteLaboratory
from eligibility.reference_limits import BOTH_SEXES, BY_SEX, Limits
from eligibility.reference_ranges import BOTH, OLDEST, SEXES, YOUNGEST
from records import clock
from records.actions import derive_again
from records.findings import Refused
from records.items import items_of
from records.results import ReportedItem
from records.zone import TRIAL_ZONE

RECOMPUTED = "参考范围更改后重新计算 / recomputed after a change to: reference ranges"
TESTS: dict[str, ReportedItem] = {
    item.name: item for item in items_of(Laboratory) if isinstance(item, ReportedItem)
}


def _ask(by: Actor, site_id: int, now: datetime) -> None:
    if not by.may(Permission.CHANGE_STUDY_SETTINGS, site_id, clock.day(now)):
        raise Refused(_("Only data managers of the site enter its laboratories and their ranges."))


@action
def add_laboratory(
    *, site: Site, code: str, name_en: str, name_zh: str, by: Actor, now: datetime
) -> SiteLaboratory:
    """Add a laboratory to a site. Raises Refused for another role, a missing name, and a code the site has."""
    _ask(by, site.pk, now)
    code, name_en, name_zh = code.strip().upper(), name_en.strip(), name_zh.strip()
    if not (code and name_en and name_zh):
        raise Refused(_("Write the code and the name in both languages."))
    try:
        with transaction.atomic():
            return SiteLaboratory.objects.create(
                site=site,
                code=code,
                name_en=name_en,
                name_zh=name_zh,
                recorded_at=now,
                recorded_by=by.author,
            )
    except IntegrityError as refused:
        if "site_laboratory_once" not in str(refused):
            raise
        raise Refused(_("The site has a laboratory with this code already.")) from refused


@action
def add_range(
    *,
    laboratory: SiteLaboratory,
    test: str,
    unit: str,
    sex: str,
    age_from: int,
    age_to: int,
    effective_from: date,
    lower: Decimal | None,
    upper: Decimal | None,
    by: Actor,
    now: datetime,
) -> ReferenceRange:
    """Add a version of a reference range; it holds from its day on, and results it concerns are judged again.

    The day may be past: a laboratory's ranges are often entered after it began to use them. Raises Refused for
    another role, a test or unit the form does not know, no limit at all, and limits or ages out of order.
    """
    _ask(by, laboratory.site_id, now)
    item = TESTS.get(test)
    if item is None or unit not in getattr(item, "units", (item.unit,)):
        raise Refused(_("Choose a test with its unit."))
    if lower is None and upper is None:
        raise Refused(_("Write the lower limit, the upper limit, or both."))
    if any(limit is not None and limit < 0 for limit in (lower, upper)):
        raise Refused(_("A limit is not below zero."))
    if upper is not None and lower is not None and lower >= upper:
        raise Refused(_("The lower limit must be below the upper limit."))
    if upper == 0:
        raise Refused(_("The upper limit must be above zero."))
    if sex not in SEXES:
        raise Refused(_("Choose for whom the range holds."))
    if not 0 <= age_from <= age_to <= OLDEST:
        raise Refused(_("Write ages from 0 to 120, the younger first."))
    added = ReferenceRange.objects.create(
        laboratory=laboratory,
        test=test,
        unit=unit,
        sex=sex,
        age_from=age_from,
        age_to=age_to,
        effective_from=effective_from,
        lower=lower,
        upper=upper,
        recorded_at=now,
        recorded_by=by.author,
    )
    _judge_again(laboratory, {test}, effective_from, by, now)
    return added


@action
def begin_with_usual_limits(
    *, laboratory: SiteLaboratory, effective_from: date, by: Actor, now: datetime
) -> int:
    """Take over the usual limits for adults for every test that has no range at this laboratory; give how many
    versions were added. Raises Refused for another role, and where nothing is left to take over.
    """
    _ask(by, laboratory.site_id, now)
    known = set(laboratory.ranges.values_list("test", flat=True))
    added: list[ReferenceRange] = []
    for name, item in TESTS.items():
        usual = TEST_OF_ITEM.get(name)
        if name in known or usual is None:
            continue
        by_sex: dict[str, Limits] = dict(BY_SEX.get(usual, {}))
        if usual in BOTH_SEXES:
            by_sex = {BOTH: BOTH_SEXES[usual]}
        added += [
            ReferenceRange(
                laboratory=laboratory,
                test=name,
                unit=item.unit,
                sex=sex,
                age_from=YOUNGEST,
                age_to=OLDEST,
                effective_from=effective_from,
                lower=limits.lower,
                upper=limits.upper,
                recorded_at=now,
                recorded_by=by.author,
            )
            for sex, limits in by_sex.items()
        ]
    if not added:
        raise Refused(_("Every test with usual limits has a range at this laboratory already."))
    ReferenceRange.objects.bulk_create(added)
    _judge_again(laboratory, {one.test for one in added}, effective_from, by, now)
    return len(added)


def _judge_again(
    laboratory: SiteLaboratory, tests: Collection[str], since: date, by: Actor, now: datetime
) -> None:
    """Compute the laboratory forms again whose results the ranges concern."""
    concerned = Q()
    for test in tests:
        concerned |= Q(**{f"{test}__isnull": False})
    begins = datetime.combine(since, time(), tzinfo=TRIAL_ZONE)
    found = Laboratory.objects.filter(
        concerned, Q(lbdtc__isnull=True) | Q(lbdtc__gte=begins), participant__site_id=laboratory.site_id
    ).filter(Q(lblab=laboratory.code) | Q(lblab__isnull=True))
    for record in found.select_related("visit__participant"):
        context = Laboratory.context(visit=record.visit, today=clock.day(now), now=now)
        derive_again(record=record, context=context, by=by, now=now, reason=RECOMPUTED)

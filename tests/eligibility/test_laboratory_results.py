"""What the laboratory form makes of each result: limits of its laboratory, flag, significance, grade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from eligibility.laboratories.actions import add_laboratory, add_range, begin_with_usual_limits
from eligibility.models import Laboratory, SiteLaboratory, Staging
from eligibility.selectors import facts_for
from participants.models import Participant, Visit
from records.findings import Level, Refused
from records.models import TrailEntry
from tests.cast import actor
from trial_edc.demo.walks import LABORATORY, VIROLOGY, fill, walk_to_screened

DAY = date(2026, 8, 1)
Enter = Callable[..., Any]


@pytest.fixture
def by_manager(data_manager: User, site: Site) -> Actor:
    return actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)


@pytest.fixture
def laboratory(site: Site, by_manager: Actor, at_start: datetime) -> SiteLaboratory:
    return add_laboratory(
        site=site, code="lab1", name_en="Clinical laboratory", name_zh="检验科", by=by_manager, now=at_start
    )


@pytest.fixture
def woman_of_56(participant: Participant, by_coordinator: Actor, at_start: datetime) -> Participant:
    answers = {"sex": "F", "childpot": "N", "childpotn": "MENOPAUSE", "lactate": "N", "brthdtc": "1970-05-04"}
    fill(participant, "DM", answers, by=by_coordinator, now=at_start)
    return participant


@pytest.fixture
def enter(woman_of_56: Participant, by_coordinator: Actor, at_start: datetime) -> Enter:
    """Enter results of a woman of 56 years at screening over a complete form; gives the record."""

    def enter(submit: bool = False, reason: str = "", **answers: Any) -> Any:
        known = {**LABORATORY, "viryn": "N", "lbdtc": at_start}
        answers = {
            name: Decimal(value) if isinstance(value, str) and value[:1].isdigit() else value
            for name, value in answers.items()
        }
        given = {**known, **answers}
        return fill(woman_of_56, "LB", given, by=by_coordinator, now=at_start, submit=submit, reason=reason)

    return enter


def refused(enter: Enter, **answers: Any) -> list[tuple[str, Level]]:
    with pytest.raises(Refused) as refusal:
        enter(submit=True, **answers)
    return [(finding.item, finding.level) for finding in refusal.value.findings]


def new_range(laboratory: SiteLaboratory, by: Actor, now: datetime, **changed: Any) -> Any:
    given: dict[str, Any] = {
        "test": "alt",
        "unit": "U/L",
        "sex": "F",
        "age_from": 18,
        "age_to": 120,
        "effective_from": DAY,
        "lower": Decimal(7),
        "upper": Decimal(45),
        **changed,
    }
    return add_range(laboratory=laboratory, **given, by=by, now=now)


# -- limits --------------------------------------------------------------------------------------------


def test_without_a_laboratory_the_usual_limits_stand_in(enter: Enter) -> None:
    record = enter(alt="40.1")
    assert (record.lblab, record.alt_lo, record.alt_hi, record.alt_ls) == (None, 7, 40, "USUAL")
    assert (record.alt_fl, record.alt_gr, record.alt_cs) == ("HIGH", 1, "NCS")
    assert (record.ca_lo, record.ca_hi, record.ca_ls, record.ca_fl) == (None, None, None, None)


def test_the_range_of_the_sites_only_laboratory_is_used(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime
) -> None:
    new_range(laboratory, by_manager, at_start)
    record = enter(alt="45.0")
    assert (record.lblab, record.alt_lo, record.alt_hi, record.alt_ls) == ("LAB1", 7, 45, "SITE")
    assert (record.alt_fl, record.alt_gr) == ("NORMAL", 0)


@pytest.mark.parametrize(
    ("changed", "upper"),
    [
        ({"sex": "M"}, 40),
        ({"age_from": 57}, 40),
        ({"age_to": 55}, 40),
        ({"age_from": 56, "age_to": 56}, 45),
        ({"effective_from": date(2026, 9, 1)}, 45),
        ({"effective_from": date(2026, 9, 2)}, 40),
    ],
)
def test_the_range_is_that_for_sex_age_and_day_of_the_sample(
    enter: Enter,
    laboratory: SiteLaboratory,
    by_manager: Actor,
    at_start: datetime,
    changed: dict[str, Any],
    upper: int,
) -> None:
    new_range(laboratory, by_manager, at_start, **changed)
    assert enter().alt_hi == upper


def test_of_several_laboratories_one_is_chosen(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime, site: Site
) -> None:
    new_range(laboratory, by_manager, at_start)
    add_laboratory(site=site, code="LAB2", name_en="Other", name_zh="其他", by=by_manager, now=at_start)
    assert enter().alt_hi == 40
    assert refused(enter) == [("lblab", Level.HARD)]
    assert refused(enter, lblab="LAB9") == [("lblab", Level.HARD)]
    assert enter(lblab="LAB1").alt_hi == 45


def test_limits_are_typed_over_where_the_report_says_otherwise(enter: Enter) -> None:
    record = enter(alt="40.1", alt_lo="5", alt_hi="42", alt_ls="REPORT")
    assert (record.alt_lo, record.alt_hi, record.alt_ls, record.alt_fl) == (5, 42, "REPORT", "NORMAL")
    # One side typed over leaves the other to the range.
    record = enter(alt="40.1", alt_lo=None, alt_hi="42", alt_ls="REPORT")
    assert (record.alt_lo, record.alt_hi, record.alt_ls) == (7, 42, "REPORT")
    record = enter(alt="40.1", alt_lo=None, alt_hi=None, alt_ls="REPORT")
    assert (record.alt_hi, record.alt_ls, record.alt_fl) == (40, "USUAL", "HIGH")


@pytest.mark.parametrize(("low", "high"), [("42", "42"), ("43", "42")])
def test_the_lower_limit_lies_below_the_upper(enter: Enter, low: str, high: str) -> None:
    found = refused(enter, alt_lo=low, alt_hi=high, alt_ls="REPORT")
    assert found == [("alt_lo", Level.HARD)]


def test_a_typed_limit_above_the_laboratorys_other_one_is_refused(enter: Enter) -> None:
    assert refused(enter, alt_lo="41", alt_ls="REPORT") == [("alt_lo", Level.HARD)]


def test_limits_follow_the_unit_of_the_report(enter: Enter) -> None:
    record = enter(tbil="1.35", tbil_u="mg/dL", dbil=None, alb="3.9", alb_u="g/dL")
    # 23 µmol/L are 1.345029… mg/dL; 1.35 mg/dL are 23.085 µmol/L.
    assert (record.tbil_hi, record.tbil_fl, record.tbil_gr) == (Decimal("1.345029"), "HIGH", 1)
    assert (record.alb_lo, record.alb_hi, record.alb_fl, record.alb_gr) == (4, Decimal("5.5"), "LOW", 1)


def test_a_range_in_the_other_unit_is_converted_exactly(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime
) -> None:
    limits = {"test": "alb", "unit": "g/dL", "lower": Decimal("4.05"), "upper": Decimal("5.5")}
    new_range(laboratory, by_manager, at_start, **limits)
    record = enter(alb="40.4")
    assert (record.alb_lo, record.alb_hi, record.alb_fl) == (Decimal("40.5"), 55, "LOW")


def test_pivka_keeps_its_unit_and_is_never_converted(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime
) -> None:
    limits = {"test": "pivka", "unit": "mAU/mL", "lower": None, "upper": Decimal(40)}
    new_range(laboratory, by_manager, at_start, **limits)
    record = enter(pivka="39.99")
    assert (record.pivka_si, record.pivka_hi, record.pivka_fl) == (Decimal("39.99"), 40, "NORMAL")
    record = enter(pivka="41", pivka_u="ng/mL")
    assert (record.pivka_si, record.pivka_hi, record.pivka_ls, record.pivka_fl) == (None, None, None, None)
    assert refused(enter, pivka="41") == [("pivka", Level.SOFT)]
    assert refused(enter, pivka="1000000.01", pivka_u="ng/mL") == [("pivka", Level.HARD)]
    assert refused(enter, pivka_u=None) == [("pivka_u", Level.HARD)]


def test_ranges_entered_later_judge_the_results_they_concern_again(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime
) -> None:
    record = enter(alt="42.0", ast="30.0", ggt="40.0")
    assert (record.alt_hi, record.alt_fl, record.lbtoxgr) == (40, "HIGH", 1)
    new_range(laboratory, by_manager, at_start)
    record.refresh_from_db()
    assert (record.alt_hi, record.alt_fl, record.alt_cs, record.lbtoxgr) == (45, "NORMAL", None, 0)
    trail = TrailEntry.objects.filter(relation="eligibility_laboratory", operation="UPDATE").latest("id")
    assert trail.changes["alt_hi"] == [40, 45]
    assert trail.reason.endswith("recomputed after a change to: reference ranges")
    assert trail.role == "DATA_MANAGER"
    # A range from the day after the sample on concerns nobody yet.
    new_range(laboratory, by_manager, at_start, upper=Decimal(41), effective_from=date(2026, 9, 2))
    record.refresh_from_db()
    assert record.alt_hi == 45


def test_what_was_typed_over_stays_when_ranges_change(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime
) -> None:
    record = enter(alt_lo="5", alt_hi="43", alt_ls="REPORT")
    new_range(laboratory, by_manager, at_start)
    record.refresh_from_db()
    assert (record.alt_lo, record.alt_hi, record.alt_ls) == (5, 43, "REPORT")


def test_a_corrected_sex_brings_the_limits_of_that_sex(
    enter: Enter, woman_of_56: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    record = enter(alt="45.0")
    man = {"sex": "M", "childpot": None, "childpotn": None, "lactate": None, "contraok": None}
    fill(woman_of_56, "DM", man, by=by_coordinator, now=at_start, reason="Typing error")
    record.refresh_from_db()
    assert (record.alt_lo, record.alt_hi, record.alt_fl, record.alt_cs) == (9, 50, "NORMAL", None)


def test_the_usual_limits_are_taken_over_once(
    enter: Enter, laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime
) -> None:
    new_range(laboratory, by_manager, at_start)
    added = begin_with_usual_limits(laboratory=laboratory, effective_from=DAY, by=by_manager, now=at_start)
    assert added == 20  # ten tests for both sexes, five for each; ALT had a range
    record = enter()
    assert (record.alt_hi, record.ast_hi, record.ast_ls) == (45, 35, "SITE")
    with pytest.raises(Refused):
        begin_with_usual_limits(laboratory=laboratory, effective_from=DAY, by=by_manager, now=at_start)


@pytest.mark.parametrize(
    "changed",
    [
        {"lower": Decimal(45)},
        {"lower": Decimal(46)},
        {"lower": None, "upper": None},
        {"lower": Decimal(-1)},
        {"lower": None, "upper": Decimal(0)},
        {"age_from": 60, "age_to": 59},
        {"age_to": 121},
        {"sex": "X"},
        {"test": "hcg"},
        {"unit": "g/L"},
    ],
)
def test_an_impossible_range_is_refused_with_a_sentence(
    laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime, changed: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refusal:
        new_range(laboratory, by_manager, at_start, **changed)
    assert str(refusal.value.sentence).endswith(".")
    assert laboratory.ranges.count() == 0


def test_only_a_data_manager_enters_laboratories_and_ranges(
    laboratory: SiteLaboratory, by_coordinator: Actor, at_start: datetime, site: Site
) -> None:
    with pytest.raises(Refused):
        new_range(laboratory, by_coordinator, at_start)
    with pytest.raises(Refused):
        add_laboratory(site=site, code="L2", name_en="x", name_zh="x", by=by_coordinator, now=at_start)
    with pytest.raises(Refused):
        begin_with_usual_limits(laboratory=laboratory, effective_from=DAY, by=by_coordinator, now=at_start)


def test_a_code_stands_for_one_laboratory_of_a_site(
    laboratory: SiteLaboratory, by_manager: Actor, at_start: datetime, site: Site, other_site: Site
) -> None:
    again = {"code": "LAB1", "name_en": "x", "name_zh": "x", "by": by_manager, "now": at_start}
    with pytest.raises(Refused):
        add_laboratory(site=site, **again)
    assert add_laboratory(site=other_site, **again).code == "LAB1"
    with pytest.raises(Refused):
        add_laboratory(site=site, **{**again, "code": "LAB2", "name_zh": " "})


# -- flag, significance, grade -------------------------------------------------------------------------


def test_an_abnormal_result_asks_whether_it_is_significant(enter: Enter) -> None:
    assert refused(enter, alt="40.1", alt_cs=None) == [("alt_cs", Level.HARD)]
    record = enter(submit=True, alt="40.1", alt_cs="CS")
    assert (record.alt_fl, record.alt_cs) == ("HIGH", "CS")


def test_a_normal_result_keeps_no_answer(enter: Enter) -> None:
    record = enter(alt="40.0", alt_cs="CS")
    assert (record.alt_fl, record.alt_cs) == ("NORMAL", None)


def test_a_result_taken_away_takes_everything_along(enter: Enter) -> None:
    enter(alt="40.1", alt_c="GT", alt_lo="5", alt_hi="40", alt_ls="REPORT")
    record = enter(alt=None)
    along = ("_c", "_lo", "_hi", "_ls", "_fl", "_cs", "_gr")
    assert [getattr(record, f"alt{one}") for one in along] == [None] * len(along)


@pytest.mark.parametrize(
    ("answers", "grades"),
    [
        ({"plt": "124"}, {"plt_gr": 1}),
        ({"plt": "75"}, {"plt_gr": 1}),
        ({"plt": "74"}, {"plt_gr": 2}),
        ({"alt": "120.0"}, {"alt_gr": 1}),
        ({"alt": "120.1"}, {"alt_gr": 2}),
        ({"alt": "100.1", "alt_hi": "20", "alt_lo": "5", "alt_ls": "REPORT"}, {"alt_gr": 3}),
        ({"neut": "0.99"}, {"neut_gr": 3}),
        ({"crea": "81.1"}, {"crea_gr": 1}),
        ({"alt": "800", "alt_c": "GT"}, {"alt_gr": 4}),
        ({"alt": "100", "alt_c": "GT"}, {"alt_gr": None}),
        ({"alt": "5", "alt_c": "LT"}, {"alt_gr": 0}),
    ],
)
def test_each_result_is_graded_by_the_limits_used(
    enter: Enter, answers: dict[str, Any], grades: dict[str, int | None]
) -> None:
    record = enter(**answers)
    assert {name: getattr(record, name) for name in grades} == grades
    highest = max(getattr(record, f"{name}_gr") or 0 for name in ("plt", "alt", "ast", "neut", "crea", "ggt"))
    assert record.lbtoxgr == highest
    assert record.lbtoxg3 == (
        [name.removesuffix("_gr").upper() for name, grade in grades.items() if (grade or 0) >= 3] or None
    )


def test_exclusion_1_reads_the_grades_of_the_form(
    participant: Participant,
    laboratory: SiteLaboratory,
    by_manager: Actor,
    by_coordinator: Actor,
    at_start: datetime,
) -> None:
    new_range(laboratory, by_manager, at_start, sex="M", upper=Decimal(10))
    walk_to_screened(
        participant, by=by_coordinator, now=at_start, LB={"alt": Decimal(51)}, IE={"e1j": "TOLERATES"}
    )
    facts = facts_for(participant)
    assert facts.lab_grades is not None
    assert {one.test: one.grade for one in facts.lab_grades}["ALT"] == 3
    assert facts.alt_uln == 10


def test_creatinine_is_graded_against_screening_too(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    later = later_visit(participant, "H-C1", 20)
    record = enter_at(participant, "H-C1", by_coordinator, at_start, crea=Decimal(110))
    assert (record.visit_id, record.crea_fl, record.crea_gr) == (later.pk, "NORMAL", 2)


# -- bounds --------------------------------------------------------------------------------------------


def test_bounds_leave_open_what_they_do_not_say(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    low = {"crea_c": "LT", "tbil": Decimal("34.20"), "tbil_c": "LT", "dbil_c": "LT", "dbil": Decimal(50)}
    walk_to_screened(participant, by=by_coordinator, now=at_start, LB=low)
    laboratory, staging = Laboratory.objects.get(), Staging.objects.get()
    assert laboratory.egfr is None
    assert (staging.cptot, staging.albi) == (5, None)  # below 34.2 it is one point, whatever it is
    fill(
        participant,
        "LB",
        {"tbil_c": "GT"},
        by=by_coordinator,
        now=at_start,
        reason="Read again",
    )
    staging.refresh_from_db()
    assert (staging.cptot, staging.cpcls) == (None, None)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"neut": "5.3"}, ["neut"]),
        ({"neut": "5.3", "neut_c": "GT"}, ["neut"]),
        ({"neut": "5.3", "neut_c": "LT"}, []),
        ({"neut": "5.3", "wbc_c": "LT"}, ["neut"]),
        ({"neut": "5.3", "wbc_c": "GT"}, []),
    ],
)
def test_a_part_above_its_whole_is_refused_where_a_bound_leaves_no_way_out(
    enter: Enter, answers: dict[str, Any], found: list[str]
) -> None:
    if found:
        assert [item for item, _level in refused(enter, **answers)] == found
    else:
        enter(submit=True, **answers)


# -- what is asked at later visits ---------------------------------------------------------------------


def later_visit(participant: Participant, code: str, position: int) -> Visit:
    Participant.objects.filter(pk=participant.pk).update(status="ON_TREATMENT")
    participant.refresh_from_db()
    return Visit.objects.create(
        participant=participant,
        schedule=Visit.objects.get(participant=participant, code="SCR").schedule,
        code=code,
        position=position,
        series="TREATMENT",
        label_en=code,
        label_zh=code,
        forms=["LB", "VS"],
    )


def enter_at(participant: Participant, code: str, by: Actor, now: datetime, **answers: Any) -> Any:
    given = {**LABORATORY, "lbdtc": now, **answers}
    return fill(participant, "LB", given, by=by, now=now, visit_code=code)


@pytest.mark.parametrize(
    ("screening", "code", "asked"),
    [
        ({}, "H-R2", ["viryn"]),
        ({}, "PH-M6", ["viryn"]),
        ({}, "H-C1", []),
        ({}, "Y-M1", []),
        ({"hbsag": "NEG", "hbvdna": None}, "H-R2", []),
        ({"hbsag": "NEG", "hbvdna": None, "hcvab": "POS", "hcvrna": Decimal(5000)}, "H-R2", ["viryn"]),
    ],
)
def test_viral_loads_are_asked_of_carriers_where_the_schedule_says_so(
    participant: Participant,
    by_coordinator: Actor,
    at_start: datetime,
    screening: dict[str, Any],
    code: str,
    asked: list[str],
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start, LB=screening)
    later_visit(participant, code, 40)
    if not asked:
        assert enter_at(participant, code, by_coordinator, at_start, viryn="Y").viryn is None
        return
    with pytest.raises(Refused) as refusal:
        enter_at(participant, code, by_coordinator, at_start)
    assert [finding.item for finding in refusal.value.findings] == asked


def test_the_load_of_the_virus_found_at_screening_is_asked(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    later_visit(participant, "H-R2", 40)
    done = {"viryn": "Y", "virdtc": at_start.date()}
    with pytest.raises(Refused) as refusal:
        enter_at(participant, "H-R2", by_coordinator, at_start, **done)
    assert [finding.item for finding in refusal.value.findings] == ["hbvdna"]
    loads = {"hbvdna": Decimal(20), "hbvdna_c": "LT", "hcvrna": Decimal(20), "hbsag": "POS", "hivab": "NEG"}
    record = enter_at(participant, "H-R2", by_coordinator, at_start, **done, **loads)
    assert (record.hbvdna, record.hbvdna_c) == (20, "LT")
    assert (record.hcvrna, record.hbsag, record.hivab) == (None, None, None)


def test_at_screening_the_load_is_required_of_a_positive_test_alone(enter: Enter, at_start: datetime) -> None:
    known = {**VIROLOGY, "virdtc": at_start.date()}
    assert refused(enter, **{**known, "hbvdna": None}) == [("hbvdna", Level.HARD)]
    assert refused(enter, **{**known, "hcvab": "POS"}) == [("hcvrna", Level.HARD)]
    record = enter(submit=True, **{**known, "hbsag": "NEG", "hbvdna": None, "hbsagq": Decimal(5)})
    assert record.hbsagq is None
    record = enter(submit=True, reason="x", **{**known, "hbsagq": Decimal("0.05"), "hbsagq_c": "LT"})
    assert (record.hbsagq, record.hbsagq_c) == (Decimal("0.05"), "LT")


def test_encephalopathy_asks_for_ammonia(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)

    def staged() -> list[str]:
        with pytest.raises(Refused) as refusal:
            fill(participant, "STG", {"enceph": "G1_2"}, by=by_coordinator, now=at_start, reason="Seen")
        return [finding.item for finding in refusal.value.findings]

    assert "enceph" in staged()
    fill(participant, "LB", {"nh3": Decimal(72)}, by=by_coordinator, now=at_start, reason="Found")
    fill(participant, "STG", {"enceph": "G1_2"}, by=by_coordinator, now=at_start, reason="Seen")


# -- ranges of the dictionary --------------------------------------------------------------------------

DICTIONARY: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "wbc": (("0.1", "100"), ("2", "15")),
    "neut": (("0", "80"), ("1", "12")),
    "lym": (("0", "50"), ("", "")),
    "hgb": (("20", "250"), ("80", "175")),
    "plt": (("1", "1500"), ("50", "450")),
    "alt": (("1", "10000"), ("", "200")),
    "ast": (("1", "10000"), ("", "200")),
    "alp": (("5", "5000"), ("", "400")),
    "ggt": (("1", "5000"), ("", "500")),
    "tbil": (("1", "800"), ("", "51.3")),
    "dbil": (("0", "600"), ("", "")),
    "alb": (("10", "65"), ("25", "55")),
    "crea": (("10", "2000"), ("30", "150")),
    "urea": (("0.5", "60"), ("", "")),
    "k": (("1.5", "9"), ("", "")),
    "na": (("100", "180"), ("", "")),
    "cl": (("60", "140"), ("", "")),
    "ca": (("1", "4.5"), ("", "")),
    "gluc": (("1", "50"), ("3.5", "11")),
    "nh3": (("5", "500"), ("", "")),
    "pt": (("5", "100"), ("", "18")),
    "inr": (("0.5", "15"), ("", "1.7")),
    "aptt": (("10", "200"), ("", "")),
    "fib": (("0.2", "15"), ("", "")),
    "afp": (("0", "10000000"), ("", "")),
    "pivka": (("0", "1000000"), ("", "40")),
}


@pytest.mark.parametrize(("name", "ranges"), DICTIONARY.items())
def test_the_ranges_are_the_dictionarys(name: str, ranges: tuple[tuple[str, str], tuple[str, str]]) -> None:
    item: Any = Laboratory._meta.get_field(name)
    si: Any = Laboratory._meta.get_field(f"{name}_si") if item.kind == "measured" else item
    wanted = [tuple(Decimal(end) if end else None for end in ends) for ends in ranges]
    assert [si.hard, si.soft] == wanted


def test_the_future_is_refused(enter: Enter, at_start: datetime) -> None:
    assert refused(enter, lbdtc=at_start + timedelta(minutes=1)) == [("lbdtc", Level.HARD)]

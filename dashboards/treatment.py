"""Treatment: HAIC cycles, doses and intervals; shunt, activity and doses of yttrium-90; resection and pathology."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dashboards.cards import PARTICIPANTS, SEE_TABLE, Ask, Card, Cell, Question, bars, nothing, percent
from dashboards.treatment_facts import (
    DELIVERED,
    DRUGS,
    PLANNED,
    Spread,
    Surgery,
    cycle_intervals,
    cycles_given,
    delivered_of_planned,
    dose_intensity,
    dosimetry,
    shunts,
    surgery,
)
from participants.models import ARMS
from records.text import Text

SHUNT_ENDS = (5, 10, 15, 20)
PART_ENDS = (80, 90, 100, 110, 120)

HAIC_FORMS = Text("Submitted forms of HAIC cycles", "已提交HAIC治疗周期表")
Y90_FORMS = Text("Submitted plans and infusions of yttrium-90", "已提交钇-90计划与输注表")
SURGERY_FORMS = Text(
    "Submitted forms of hepatectomy and pathology of participants with an arm; R0 by the pathologist, otherwise by "
    "the surgeon; pathological response where every specimen shows it",
    "已分组受试者已提交的肝切除术及病理表；R0以病理为准，无病理时以术者判断为准；病理缓解须全部标本均符合",
)
CYCLES = Text("HAIC cycles given", "HAIC疗程数")
CYCLES_FINDING = Text(
    "{n} of {total} treated by HAIC had {cycles} cycles", "HAIC组已治疗{total}例中，{n}例完成{cycles}个疗程"
)
INTENSITY = Text("Relative dose intensity, %", "相对剂量强度，%")
INTENSITY_FINDING = Text(
    "Median relative dose intensity: oxaliplatin {value} %", "奥沙利铂相对剂量强度中位数为{value}%"
)
INTERVAL = Text("Days between HAIC cycles", "HAIC疗程间隔天数")
INTERVAL_FINDING = Text(
    "{n} of {total} intervals between cycles within the planned {low} to {high} days",
    "{total}个疗程间隔中，{n}个在计划的{low}～{high}天内",
)
SHUNT = Text("Lung shunt fraction, %", "肺分流率，%")
SHUNT_FINDING = Text(
    "Median lung shunt fraction {value} % in {n} plans", "{n}份计划的肺分流率中位数为{value}%"
)
ACTIVITY = Text("Activity delivered, % of planned", "实际注入活度占计划百分比")
ACTIVITY_FINDING = Text(
    "A median of {value} % of the planned activity was delivered in {n} infusions",
    "{n}次输注实际注入活度中位数为计划的{value}%",
)
DOSES = Text("Activities and doses of yttrium-90", "钇-90活度与剂量")
DOSES_FINDING = Text(
    "Planned activity {planned} GBq, delivered {delivered} GBq (medians with quartiles)",
    "计划活度{planned} GBq，实际注入{delivered} GBq（中位数及四分位数）",
)
RESECTION = Text("Resection", "手术切除")
RESECTION_FINDING = Text(
    "{n} of {total} with an arm were resected, {r0} of them R0",
    "已分组{total}例中，{n}例行肝切除，其中R0 {r0}例",
)
TIME = Text("Days from assignment to hepatectomy", "分组至肝切除天数")
TIME_FINDING = Text("Days from assignment to hepatectomy: {words}", "分组至肝切除天数：{words}")
NUMBER, MEDIAN = Text("Number", "例数"), Text("Median (quartiles)", "中位数（四分位数）")
INTERVALS, PLANS, INFUSIONS = (
    Text("intervals", "间隔数"),
    Text("plans", "计划数"),
    Text("infusions", "输注次数"),
)
UP_TO, ABOVE = Text("{low} to {high}", "{low}～{high}"), Text("above {low}", "＞{low}")
FIRST = Text("up to {high}", "≤{high}")
DRUG, PARTS = Text("Drug", "药物"), Text("Median, %", "中位数，%")
WHAT, SHARE = Text("Measure", "指标"), Text("{arm}, %", "{arm}，%")
RATES: tuple[tuple[str, Text, str], ...] = (
    ("treated", Text("Treated, of those with an arm", "已治疗（占已分组）"), "assigned"),
    ("resected", Text("Resected, of those with an arm", "已切除（占已分组）"), "assigned"),
    ("r0", Text("R0, of the resected with a known margin", "R0（占切缘已知的已切除者）"), "margin_known"),
    ("complete", Text("Complete pathological response, of the resected with pathology", "病理完全缓解（占有病理的已切除者）"), "pathology"),
    ("major", Text("Major pathological response, of the resected with pathology", "主要病理缓解（占有病理的已切除者）"), "pathology"),
)  # fmt: skip


def _bar_name(words: Text) -> str:
    """The name of a rate beside its bar: what it is a part of stands in the table."""
    return str(Text(words.en.partition(",")[0], words.zh.partition("（")[0]))


def _ranges(ends: Sequence[int], *, whole: bool) -> list[str]:
    """The words of the ranges up to each end and above the last; whole numbers begin one above the end before."""
    words = [str(FIRST.format(high=ends[0]))]
    for low, high in pairwise(ends):
        words.append(str(UP_TO.format(low=low + 1, high=high)) if whole else f">{low}–{high}")
    return [*words, str(ABOVE.format(low=ends[-1]))]


def _histogram(
    card_id: str,
    finding: Text,
    what: Text,
    unit: Text,
    labels: Sequence[str],
    numbers: Sequence[int],
    source: str,
) -> Card:
    rows: list[tuple[Cell, ...]] = [
        (label, number, percent(number, sum(numbers))) for label, number in zip(labels, numbers, strict=True)
    ]
    return Card(
        id=card_id,
        finding=str(finding),
        data=bars(labels, [(str(unit), numbers)], x=str(what), y=str(unit)),
        alt=str(SEE_TABLE.format(what=what)),
        columns=[str(what), str(NUMBER), "%"],
        rows=rows,
        source=source,
    )


def cycles(question: Question) -> Card:
    """How many cycles those treated by HAIC had."""
    found, source = cycles_given(question.view), question.source(HAIC_FORMS)
    if not found:
        return nothing("haic-cycles", CYCLES, source)
    most = max(found, key=lambda number: (found[number], number))
    finding = CYCLES_FINDING.format(n=found[most], total=found.total(), cycles=most)
    labels = sorted({*found, 1, 2, 3, 4})
    numbers = [found[number] for number in labels]
    return _histogram(
        "haic-cycles", finding, CYCLES, PARTICIPANTS, [str(number) for number in labels], numbers, source
    )


def intensity(question: Question) -> Card:
    """Given over calculated dose of each drug."""
    found, source = dose_intensity(question.view), question.source(HAIC_FORMS)
    drawn = [drug for drug in DRUGS if found[drug].quartiles]
    if not drawn:
        return nothing("dose-intensity", INTENSITY, source)
    medians = [round(spread[1], 1) for drug in drawn if (spread := found[drug].quartiles)]
    return Card(
        id="dose-intensity",
        finding=str(INTENSITY_FINDING.format(value=medians[0])),
        data=bars(
            [str(DRUGS[drug]) for drug in drawn], [(str(PARTS), medians)], horizontal=True, x=str(INTENSITY)
        ),
        alt=str(SEE_TABLE.format(what=INTENSITY)),
        columns=[str(DRUG), str(PARTICIPANTS), str(MEDIAN)],
        rows=[(str(DRUGS[drug]), found[drug].known, found[drug].shown(1)) for drug in DRUGS],
        source=source,
    )


def intervals(question: Question) -> Card:
    """Days between cycles against the planned window."""
    names = ("query_from", "from", "to", "query_to")
    too_short, low, high, too_long = (int(question.settings[f"haic_interval_{name}"]) for name in names)
    ends = sorted({too_short - 1, low - 1, high, too_long})
    numbers, spread = cycle_intervals(question.view, tuple(ends))
    source = question.source(HAIC_FORMS)
    if not spread.known:
        return nothing("haic-intervals", INTERVAL, source)
    within = sum(numbers[ends.index(low - 1) + 1 : ends.index(high) + 1])
    finding = INTERVAL_FINDING.format(n=within, total=spread.known, low=low, high=high)
    return _histogram(
        "haic-intervals", finding, INTERVAL, INTERVALS, _ranges(ends, whole=True), numbers, source
    )


def shunt(question: Question) -> Card:
    """Lung shunt fractions of the plans."""
    spread, source = question.kept(_dosimetry)["lsf"], question.source(Y90_FORMS)
    if spread.quartiles is None:
        return nothing("lung-shunt", SHUNT, source)
    finding = SHUNT_FINDING.format(value=f"{spread.quartiles[1]:.1f}", n=spread.known)
    numbers = shunts(question.view, SHUNT_ENDS)
    return _histogram("lung-shunt", finding, SHUNT, PLANS, _ranges(SHUNT_ENDS, whole=False), numbers, source)


def activity(question: Question) -> Card:
    """The activity delivered against the one planned."""
    numbers, spread = delivered_of_planned(question.view, PART_ENDS)
    source = question.source(Y90_FORMS)
    if spread.quartiles is None:
        return nothing("activity", ACTIVITY, source)
    finding = ACTIVITY_FINDING.format(value=f"{spread.quartiles[1]:.1f}", n=spread.known)
    labels = _ranges(PART_ENDS, whole=False)
    return _histogram("activity", finding, ACTIVITY, INFUSIONS, labels, numbers, source)


def _dosimetry(question: Question) -> dict[str, Spread]:
    return dosimetry(question.view)


def doses(question: Question) -> Card:
    """Activities and doses, planned and measured."""
    found, source = question.kept(_dosimetry), question.source(Y90_FORMS)
    if not any(spread.known for spread in found.values()):
        return nothing("y90-doses", DOSES, source)
    finding = DOSES_FINDING.format(planned=found["aplan"].shown(2), delivered=found["ynetact"].shown(2))
    return Card(
        id="y90-doses",
        finding=str(finding),
        columns=[str(WHAT), str(NUMBER), str(MEDIAN)],
        rows=[
            (str(label), found[item].known, found[item].shown(places))
            for item, (label, places) in {**PLANNED, **DELIVERED}.items()
        ],
        source=source,
    )


def resection(question: Question) -> Card:
    """Rates of resection, R0 and pathological response, by arm."""
    found, source = question.kept(_surgery), question.source(SURGERY_FORMS)
    arms = [found.get(arm, Surgery()) for arm in question.arms]
    if not sum(arm.assigned for arm in arms):
        return nothing("resection", RESECTION, source)
    finding = RESECTION_FINDING.format(
        n=sum(arm.resected for arm in arms),
        total=sum(arm.assigned for arm in arms),
        r0=sum(arm.r0 for arm in arms),
    )

    def parts(arm: Surgery) -> list[float]:
        wholes = [(getattr(arm, name), getattr(arm, of)) for name, _words, of in RATES]
        return [round(100 * part / whole, 1) if whole else 0 for part, whole in wholes]

    return Card(
        id="resection",
        finding=str(finding),
        data=bars(
            [_bar_name(words) for _name, words, _of in RATES],
            [(str(ARMS[name]), parts(arm)) for name, arm in zip(question.arms, arms, strict=True)],
            horizontal=True,
            x="%",
        ),
        alt=str(SEE_TABLE.format(what=RESECTION)),
        columns=[
            str(WHAT),
            *(str(words) for arm in question.arms for words in (ARMS[arm], SHARE.format(arm=ARMS[arm]))),
        ],
        rows=[
            (
                str(words),
                *(
                    cell
                    for arm in arms
                    for cell in (
                        f"{getattr(arm, name)}/{getattr(arm, of)}",
                        percent(getattr(arm, name), getattr(arm, of)),
                    )
                ),
            )
            for name, words, of in RATES
        ],
        source=source,
    )


def time_to_resection(question: Question) -> Card:
    """Days from the assignment of the arm to hepatectomy, of those resected."""
    found, source = question.kept(_surgery), question.source(SURGERY_FORMS)
    arms = {arm: found.get(arm, Surgery()).days for arm in question.arms}
    if not any(spread.known for spread in arms.values()):
        return nothing("time-to-resection", TIME, source)
    words = Text.join(
        [ARMS[arm] + Text(" ", " ") + Text(spread.shown(0), spread.shown(0)) for arm, spread in arms.items()],
        en="; ",
        zh="；",
    )
    return Card(
        id="time-to-resection",
        finding=str(TIME_FINDING.format(words=words)),
        columns=[str(TIME), str(NUMBER), str(MEDIAN)],
        rows=[(str(ARMS[arm]), spread.known, spread.shown(0)) for arm, spread in arms.items()],
        source=source,
    )


def _surgery(question: Question) -> dict[str, Surgery]:
    return surgery(question.view)


CARDS: dict[str, Ask] = {
    "haic-cycles": cycles,
    "dose-intensity": intensity,
    "haic-intervals": intervals,
    "lung-shunt": shunt,
    "activity": activity,
    "resection": resection,
    "y90-doses": doses,
    "time-to-resection": time_to_resection,
}

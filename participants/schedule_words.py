"""Say in words when a visit is due, and what differs between two versions of the schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from participants.schedule_file import Anchor, Ending, Schedule, Timing, VisitDefinition
from records.text import Text

ANCHORS = {
    Anchor.CONSENT: Text("consent", "知情同意"),
    Anchor.A0: Text("arm assignment", "分组"),
    Anchor.A1: Text("index procedure", "首要介入治疗"),
    Anchor.A2: Text("hepatectomy", "肝切除术"),
    Anchor.MAP: Text("mapping", "造影模拟"),
    Anchor.EOT: Text("end of treatment", "治疗结束"),
    Anchor.EOS: Text("end of study", "研究结束"),
    **{Anchor(f"C{n}_START"): Text(f"start of cycle {n}", f"第{n}疗程开始") for n in range(1, 5)},
    **{Anchor(f"C{n}_END"): Text(f"end of cycle {n}", f"第{n}疗程结束") for n in range(1, 5)},
}
ENDINGS = {
    Ending.A2: Text("hepatectomy", "肝切除术"),
    Ending.PROGRESSION: Text("progression", "疾病进展"),
    Ending.NOT_RESECTABLE: Text("decision against hepatectomy", "评估为不可切除"),
    Ending.END_OF_TREATMENT: Text("end of treatment", "治疗结束"),
}
ANY_TIME = Text("when it happens", "随时")
NOTHING = Text("nothing", "无")
NO_LIMIT = Text("no limit", "无限制")
YES, NO = Text("yes", "是"), Text("no", "否")
ON, OFF = Text("on", "启用"), Text("off", "停用")
CHANGED = Text("{what}: {old} → {new}.", "{what}：{old} → {new}。")
OF_VISIT, OF_SERIES = Text("visit {code}: ", "访视{code}："), Text("series {code}: ", "系列{code}：")
NEW_VISIT = Text(
    "New visit {code} “{label}”: {timing}; window {window}; forms due {forms}.",
    "新增访视{code}“{label}”：{timing}；窗口{window}；必填表单{forms}。",
)
GONE_VISIT = Text("Visit {code} “{label}” is no longer planned.", "不再安排访视{code}“{label}”。")
NEW_SERIES = Text("New series {code} “{label}”, {on}.", "新增系列{code}“{label}”，{on}。")
GONE_SERIES = Text("Series {code} “{label}” is gone.", "删除系列{code}“{label}”。")


def timing_words(visit: VisitDefinition) -> Text:
    """The target of a visit: `day 21 to 28 from start of cycle 1`; more than one where arms differ."""
    if not visit.timings:
        return ANY_TIME
    return Text.join([_timing(one, visit) for one in visit.timings], en="; ", zh="；")


def _timing(timing: Timing, visit: VisitDefinition) -> Text:
    first, last = _number(timing.day_from), _number(timing.day_to)
    days = Text(first, first) if first == last else Text(f"{first} to {last}", f"{first}至{last}")
    anchor = ANCHORS[timing.anchor]
    words = Text(f"day {days.en} from {anchor.en}", f"{anchor.zh}起第{days.zh}天")
    if timing.arms != visit.arms:
        arms = ", ".join(timing.arms)
        words += Text(f" ({arms})", f"（{arms}）")
    return words


def _number(days: int) -> str:
    return str(days).replace("-", "−")


def window_words(visit: VisitDefinition) -> str:
    """How many days the window reaches beyond the target: `±3 d`, `−0 +16 d`; "" where it has no limit."""
    before, after = (
        (visit.timings[0].window_before, visit.timings[0].window_after) if visit.timings else (None, None)
    )
    if before is not None and before == after:
        return f"±{before} d"
    parts = ([f"−{before}"] if before is not None else []) + ([f"+{after}"] if after is not None else [])
    return " ".join([*parts, "d"]) if parts else ""


# ---- what differs between two versions -------------------------------------------------------------


def differences(old: Schedule, new: Schedule) -> list[Text]:
    """What a newer version says differently, one sentence each: the whole first, then series, then visits in order.

    Nothing where both say the same; the versions' own names are not compared.
    """
    return [*_of_the_whole(old, new), *_of_series(old, new), *_of_visits(old, new)]


def _of_the_whole(old: Schedule, new: Schedule) -> Iterator[Text]:
    facts = (
        (Text("end of the study", "研究结束日期"), _plain(old.study_end), _plain(new.study_end)),
        (
            Text("days a window counts as closing", "窗口期即将结束的提前天数"),
            _plain(old.closing_days),
            _plain(new.closing_days),
        ),
        (
            Text(
                "days before hepatectomy from which visits are superseded", "肝切除术前被替代访视的天数界限"
            ),
            _plain(old.supersede_margin_days),
            _plain(new.supersede_margin_days),
        ),
        (
            Text("progression ends imaging visits", "进展后停止影像随访"),
            YES if old.progression_ends_imaging else NO,
            YES if new.progression_ends_imaging else NO,
        ),
    )
    yield from _changed(Text("", ""), facts)


def _of_series(old: Schedule, new: Schedule) -> Iterator[Text]:
    before = {one.code: one for one in old.series}
    after = {one.code: one for one in new.series}
    for code, one in after.items():
        if code not in before:
            yield NEW_SERIES.format(code=code, label=one.label, on=ON if one.on else OFF)
            continue
        facts = (
            (Text("name", "名称"), before[code].label, one.label),
            (Text("in use", "使用"), ON if before[code].on else OFF, ON if one.on else OFF),
        )
        yield from _changed(OF_SERIES.format(code=code), facts)
    for code, one in before.items():
        if code not in after:
            yield GONE_SERIES.format(code=code, label=one.label)


def _of_visits(old: Schedule, new: Schedule) -> Iterator[Text]:
    before = {one.code: one for one in old.visits}
    after = {one.code: one for one in new.visits}
    for visit in sorted(new.visits, key=lambda one: one.order):
        if visit.code not in before:
            yield NEW_VISIT.format(
                code=visit.code,
                label=visit.label,
                timing=timing_words(visit),
                window=_window(visit),
                forms=_codes(visit.forms),
            )
        else:
            yield from _changed(OF_VISIT.format(code=visit.code), _facts(before[visit.code], visit))
    for visit in sorted(old.visits, key=lambda one: one.order):
        if visit.code not in after:
            yield GONE_VISIT.format(code=visit.code, label=visit.label)


def _facts(old: VisitDefinition, new: VisitDefinition) -> Iterator[tuple[Text, Text, Text]]:
    """Every property of a visit in words, before and after."""
    both = (old, new)
    one: tuple[Text, ...]
    for what, one in (
        (Text("name", "名称"), tuple(visit.label for visit in both)),
        (Text("position", "顺序"), tuple(_plain(visit.order) for visit in both)),
        (Text("series", "系列"), tuple(_plain(visit.series) for visit in both)),
        (Text("basis", "依据"), tuple(_plain(visit.basis) for visit in both)),
        (Text("arms", "组别"), tuple(_codes(visit.arms) for visit in both)),
        (Text("target", "计划日"), tuple(timing_words(visit) for visit in both)),
        (Text("window", "窗口"), tuple(_windows(visit) for visit in both)),
        (Text("forms due", "必填表单"), tuple(_codes(visit.forms) for visit in both)),
        (Text("forms that may be entered", "可填表单"), tuple(_codes(visit.optional) for visit in both)),
        (
            Text("becomes unnecessary at", "终止于"),
            tuple(
                Text.join([ENDINGS[end] for end in visit.ends_at], zh="、") if visit.ends_at else NOTHING
                for visit in both
            ),
        ),
        (Text("is the same as", "等同于"), tuple(_codes(visit.same_as) for visit in both)),
        (Text("is covered by", "可由以下访视替代"), tuple(_codes(visit.covered_by) for visit in both)),
        (Text("follows the series", "在以下系列之后"), tuple(_codes(visit.after_series) for visit in both)),
        (Text("HAIC cycles needed", "所需HAIC疗程数"), tuple(_plain(visit.min_cycles) for visit in both)),
    ):
        yield what, one[0], one[1]


def _changed(
    where: Text, facts: Iterator[tuple[Text, Text, Text]] | Sequence[tuple[Text, Text, Text]]
) -> Iterator[Text]:
    for what, old, new in facts:
        if old != new:
            yield where + CHANGED.format(what=what, old=old, new=new)


def _windows(visit: VisitDefinition) -> Text:
    """The windows of all timings of a visit."""
    found = [_reach(one) for one in visit.timings]
    return Text.join(found, en="; ", zh="；") if found else NO_LIMIT


def _reach(timing: Timing) -> Text:
    before, after = timing.window_before, timing.window_after
    if before is None and after is None:
        return NO_LIMIT
    sides = [f"−{before}" if before is not None else "", f"+{after}" if after is not None else ""]
    return _plain(" ".join(side for side in sides if side) + " d")


def _window(visit: VisitDefinition) -> Text:
    return _plain(window_words(visit)) if window_words(visit) else NO_LIMIT


def _codes(codes: Sequence[str]) -> Text:
    return _plain(", ".join(codes)) if codes else NOTHING


def _plain(value: object) -> Text:
    return Text(str(value), str(value))

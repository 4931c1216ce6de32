"""Conduct by site: what was done in time, entered, complete, queried, verified, reported, and where it deviated."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.text import Truncator

from dashboards import conduct_facts as facts
from dashboards.cards import SEE_TABLE, TOGETHER, Ask, Card, Cell, Question, bars, nothing, percent
from dashboards.conduct_facts import BySite
from monitoring.selectors.plans import plans
from records.text import Text
from safety.codelists import CATEGORY, SEVERITY

SITE = Text("Site", "研究中心")
INSIDE, OUTSIDE = Text("In the window", "窗内"), Text("Outside the window", "超窗")
VISITS = Text("Visits", "访视")
VISIT_FORMS = Text("Visits with a window, by submitted visit headers", "设有时间窗的访视（按已提交访视信息）")
VISIT_KINDS = {
    "inside": INSIDE,
    "outside": OUTSIDE,
    "missed": Text("Missed", "缺失"),
    "overdue": Text("Past, not entered", "逾期未录入"),
}
LAG = Text("Days from visit to first entry", "访视至首次录入天数")
LAG_FINDING = Text(
    "{site} enters latest: a median of {days} days after the visit", "{site}录入最迟：访视后中位{days}天"
)
NO_LAG = Text("Half of the forms or more are entered on the day of the visit", "半数以上表单于访视当日录入")
LAG_SOURCE = Text(
    "Forms of visits that took place, by the day they were first entered",
    "已完成访视的各表单，按首次录入日期",
)
FORMS, FORMS_SOURCE = (
    Text("Forms due", "应填表单"),
    Text("Forms due at visits that took place", "已完成访视的应填表单"),
)
FORM_KINDS = {
    "submitted": Text("Submitted", "已提交"),
    "begun": Text("Begun", "填写中"),
    "absent": Text("Not begun", "未填写"),
}
QUERIES = Text("Queries", "质疑")
QUERIES_SOURCE = Text(
    "Queries of people, and open differences between forms", "人工质疑及未解决的表单间不一致"
)
QUERY_KINDS = {
    "open": Text("Open", "待答复"),
    "answered": Text("Answered", "已答复"),
    "closed": Text("Closed", "已关闭"),
    "differences": Text("Open differences between forms", "未解决的表单间不一致"),
}
VERIFIED = Text("Source verification", "源数据核查")
VERIFIED_SOURCE = Text("Submitted forms of which the plan asks something", "核查计划涉及的已提交表单")
VERIFIED_KINDS = {
    "complete": Text("Verified", "已核查"),
    "changed": Text("Changed since", "核查后有变更"),
    "partial": Text("In part", "部分核查"),
    "not_verified": Text("Not verified", "未核查"),
}
ASSESSED = Text("Tumour assessments", "肿瘤评价")
ASSESSED_SOURCE = Text(
    "Assessments due by the calendar, by submitted forms of response", "计划内肿瘤评价（按已提交疗效评价表）"
)
ASSESSED_KINDS = {"inside": INSIDE, "outside": OUTSIDE, "missing": Text("Missing", "缺失")}
REPORTS = Text("Initial reports of serious adverse events", "SAE首次报告")
REPORTS_SOURCE = Text(
    "Serious adverse events whose awareness is entered; due within {hours} hours",
    "已填写获知时间的SAE；时限{hours}小时",
)
REPORT_KINDS = {
    "in_time": Text("In time", "按时"),
    "late": Text("Late", "迟报"),
    "not_sent": Text("Not sent", "未报告"),
}
DEVIATIONS = Text("Protocol deviations", "方案偏离")
DEVIATIONS_SOURCE = Text("Submitted protocol deviations", "已提交的方案偏离表")
SEVERITIES = {"MINOR": SEVERITY.label("MINOR"), "MAJOR": SEVERITY.label("MAJOR")}
CATEGORIES = Text("Deviations by category", "方案偏离类别")
MOST = Text(
    "{category} is the most frequent deviation, {n} of {total}", "最常见偏离为{category}，{n}/{total}项"
)
RATE = Text("{what}: {n} of {total} {kind} ({percent})", "{what}：{kind}{n}/{total}（{percent}）")
MEDIAN, NUMBER = Text("Median (quartiles)", "中位数（四分位数）"), Text("Forms", "表单数")


def _by_site(
    card_id: str,
    question: Question,
    found: BySite,
    kinds: Mapping[str, Text],
    *,
    what: Text,
    words: Text,
    good: str,
    colours: tuple[int, ...] = (1, 2, 6, 5),
) -> Card:
    """A bar for each site, divided by what became of things; the finding gives the share of the `good` kind."""
    source = question.source(words)
    sites = [site for site in question.view.sites if any(found.get(site.pk, {}).values())]
    if not sites:
        return nothing(card_id, what, source)
    numbers = {site.pk: [found[site.pk].get(kind, 0) for kind in kinds] for site in sites}
    sums = [sum(row[place] for row in numbers.values()) for place in range(len(kinds))]
    n = sums[list(kinds).index(good)]
    finding = RATE.format(
        what=what, n=n, total=sum(sums), kind=_in_a_sentence(kinds[good]), percent=percent(n, sum(sums))
    )
    rows: list[tuple[Cell, ...]] = [
        (
            str(site),
            *numbers[site.pk],
            sum(numbers[site.pk]),
            percent(numbers[site.pk][list(kinds).index(good)], sum(numbers[site.pk])),
        )
        for site in sites
    ]
    if len(sites) > 1:
        rows.append((str(TOGETHER), *sums, sum(sums), percent(n, sum(sums))))
    return Card(
        id=card_id,
        finding=str(finding),
        data=bars(
            [Truncator(str(site)).chars(22) for site in sites],
            [
                (str(label), [numbers[site.pk][place] for site in sites])
                for place, label in enumerate(kinds.values())
            ],
            colours,
            horizontal=True,
            stacked=True,
            x=str(what),
        ),
        alt=str(SEE_TABLE.format(what=what)),
        columns=[str(SITE), *(str(label) for label in kinds.values()), str(TOGETHER), f"{kinds[good]}, %"],
        rows=rows,
        source=source,
    )


def _in_a_sentence(words: Text) -> Text:
    """A heading as words inside a sentence."""
    return Text(words.en[0].lower() + words.en[1:], words.zh)


def visits(question: Question) -> Card:
    """Visits in and outside their windows, missed, and past without an entry."""
    found = facts.visits(question.view, question.today)
    return _by_site("visits", question, found, VISIT_KINDS, what=VISITS, words=VISIT_FORMS, good="inside")


def lag(question: Question) -> Card:
    """How long after a visit its forms are entered."""
    found, source = facts.entry_lag(question.view), question.source(LAG_SOURCE)
    medians = [
        (site, spread.quartiles[1])
        for site in question.view.sites
        if (spread := found.get(site.pk)) and spread.quartiles
    ]
    if not medians:
        return nothing("entry-lag", LAG, source)
    latest, days = max(medians, key=lambda one: one[1])
    return Card(
        id="entry-lag",
        finding=str(LAG_FINDING.format(site=latest, days=f"{days:g}") if days else NO_LAG),
        data=bars(
            [Truncator(str(site)).chars(22) for site, _days in medians],
            [(str(LAG), [median for _site, median in medians])],
            horizontal=True,
            x=str(LAG),
        ),
        alt=str(SEE_TABLE.format(what=LAG)),
        columns=[str(SITE), str(NUMBER), str(MEDIAN)],
        rows=[(str(site), found[site.pk].known, found[site.pk].shown(1)) for site, _days in medians],
        source=source,
    )


def completeness(question: Question) -> Card:
    """Forms due, and which of them are submitted."""
    found = facts.completeness(question.view)
    return _by_site(
        "completeness", question, found, FORM_KINDS, what=FORMS, words=FORMS_SOURCE, good="submitted"
    )


def queries(question: Question) -> Card:
    """Queries and what became of them."""
    found = facts.queries(question.view)
    return _by_site(
        "queries",
        question,
        found,
        QUERY_KINDS,
        what=QUERIES,
        words=QUERIES_SOURCE,
        good="open",
        colours=(6, 2, 1, 5),
    )


def verification(question: Question) -> Card:
    """How far the data were held against the source."""
    found = facts.verification(question.view, plans())
    return _by_site(
        "verification",
        question,
        found,
        VERIFIED_KINDS,
        what=VERIFIED,
        words=VERIFIED_SOURCE,
        good="complete",
        colours=(1, 6, 2, 5),
    )


def assessments(question: Question) -> Card:
    """Tumour assessments made in time, late, and missing."""
    found = facts.assessments(question.view, question.today)
    return _by_site(
        "assessments", question, found, ASSESSED_KINDS, what=ASSESSED, words=ASSESSED_SOURCE, good="inside"
    )


def reports(question: Question) -> Card:
    """Whether serious adverse events were reported in time."""
    hours = int(question.settings["sae_report_hours"])
    found = facts.reports(question.view, hours)
    return _by_site(
        "sae-reports",
        question,
        found,
        REPORT_KINDS,
        what=REPORTS,
        words=REPORTS_SOURCE.format(hours=hours),
        good="in_time",
        colours=(1, 6, 2),
    )


def _deviations(question: Question) -> tuple[BySite, dict[str, dict[str, int]]]:
    return facts.deviations(question.view)


def deviations(question: Question) -> Card:
    """Deviations by site and severity."""
    found, _categories = question.kept(_deviations)
    return _by_site(
        "deviations",
        question,
        found,
        SEVERITIES,
        what=DEVIATIONS,
        words=DEVIATIONS_SOURCE,
        good="MAJOR",
        colours=(2, 6),
    )


def categories(question: Question) -> Card:
    """Deviations by category and severity."""
    _sites, found = question.kept(_deviations)
    source = question.source(DEVIATIONS_SOURCE)
    shown = sorted(found, key=lambda category: -sum(found[category].values()))
    if not shown:
        return nothing("deviation-categories", CATEGORIES, source)
    sums = {category: sum(found[category].values()) for category in shown}
    finding = MOST.format(category=CATEGORY.label(shown[0]), n=sums[shown[0]], total=sum(sums.values()))
    return Card(
        id="deviation-categories",
        finding=str(finding),
        data=bars(
            [str(CATEGORY.label(category)) for category in shown],
            [
                (str(label), [found[category].get(code, 0) for category in shown])
                for code, label in SEVERITIES.items()
            ],
            (2, 6),
            horizontal=True,
            stacked=True,
            x=str(DEVIATIONS),
        ),
        alt=str(SEE_TABLE.format(what=CATEGORIES)),
        columns=[str(CATEGORIES), *(str(label) for label in SEVERITIES.values()), str(TOGETHER)],
        rows=[
            (
                str(CATEGORY.label(category)),
                *(found[category].get(code, 0) for code in SEVERITIES),
                sums[category],
            )
            for category in shown
        ],
        source=source,
    )


CARDS: dict[str, Ask] = {
    "visits": visits,
    "assessments": assessments,
    "entry-lag": lag,
    "completeness": completeness,
    "queries": queries,
    "verification": verification,
    "sae-reports": reports,
    "deviations": deviations,
    "deviation-categories": categories,
}

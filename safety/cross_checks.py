"""Checks of reporting (specification sections 8.26 and 9)."""

from __future__ import annotations

from collections.abc import Iterable

from participants.cross_checks import Casebook, CrossCheck, Mismatch
from records.text import Text
from safety.clocks import REPORT_WITHIN

LATE_REPORT = Text(
    "The serious adverse event was reported more than 24 hours after the site became aware of it. "
    "Correct the times, or confirm with the reason.",
    "严重不良事件在获知后超过24小时才报告。请更正时间，或填写原因予以确认。",
)
NOT_REPORTED = Text(
    "The serious adverse event is not reported, and the 24 hours are over. Report it, then enter when.",
    "严重不良事件获知已超过24小时仍未报告。请立即报告并填写报告时间。",
)


def late_report(casebook: Casebook) -> Iterable[Mismatch]:
    """X21: a serious adverse event reported later than 24 hours after awareness, or not at all by then."""
    for one in casebook.all("AE"):
        if one.aeser != "Y" or one.saeaware is None:
            continue
        due = one.saeaware + REPORT_WITHIN
        if one.saerep is None:
            if casebook.now > due:
                yield Mismatch(one, "saerep", NOT_REPORTED)
        elif one.saerep > due:
            yield Mismatch(one, "saerep", LATE_REPORT)


CHECKS = (
    CrossCheck(
        "X21",
        Text("Serious adverse event reported late", "严重不良事件迟报"),
        {"AE": ("aeser", "saeaware", "saerep")},
        late_report,
        daily=True,
    ),
)

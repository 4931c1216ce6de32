"""The whole laboratory form is filled with the keyboard alone: Tab, digits, letters, and a few Alt keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.access import Permission
from accounts.models import Role
from eligibility.models import Laboratory
from participants.models import Participant, Visit
from records import clock
from tests.browser.conftest import Desk
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.walks import fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What is typed where Tab arrives, in the order of the form; what is not named here is passed over.
TYPED = {
    "lbdtc": "2026-9-1 9:30",
    "hemyn": "y",
    "wbc": "2.4",
    "wbc_cs": "n",
    "neut": "1.10",
    "neut_cs": "n",
    "lym": "1.2",
    "hgb": "138",
    "plt": "160",
    "chemyn": "y",
    "alt": "260",
    "alt_cs": "c",
    "ast": "38",
    "alp": "110",
    "ggt": "55",
    "tbil": "15.2",
    "dbil": "5.1",
    "alb": "41.3",
    "crea": "72",
    "urea": "5.1",
    "k": "4.2",
    "na": "140",
    "cl": "103",
    "ca": "2.3",
    "gluc": "5.2",
    "coagyn": "y",
    "pt": "12.8",
    "ptctl": "12.0",
    "inr": "1.06",
    "aptt": "31.5",
    "fib": "2.9",
    "markyn": "y",
    "afp": ">60500",
    "pivka": "312",
    "pivka_u": "m",
    "viryn": "y",
    "virdtc": "2026-9-1",
    "hbsag": "p",
    "hbvdna": "<20",
    "hcvab": "n",
    "hivab": "n",
}
FOCUSED = "document.activeElement.name || document.activeElement.id || document.activeElement.tagName"


@pytest.fixture
def screening(own_database: str) -> int:
    """The screening visit of a man of 56 years."""
    clock.move_to(START)
    site = make_site()
    by = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    participant: Participant = make_participant(site, by)
    fill(participant, "DM", {"sex": "M", "brthdtc": "1970-05-04"}, by=by, now=START)
    return Visit.objects.get(participant=participant, code="SCR").pk


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_whole_form_is_filled_with_the_keyboard_alone(
    screening: int, desk: Callable[..., Desk], language: str
) -> None:
    sheet = desk("coordinator")
    sheet.speak(language)
    sheet.open(f"/visits/{screening}/LB/")
    page, keys = sheet.page, sheet.page.keyboard
    page.evaluate("document.getElementById('crf').querySelector('h2').tabIndex = -1")
    page.evaluate("document.getElementById('crf').querySelector('h2').focus()")
    stops: list[str] = []
    waiting = dict(TYPED)
    for _stop in range(120):
        keys.press("Tab")
        here = page.evaluate(FOCUSED)
        stops.append(here)
        if here == "action":
            break
        if here in waiting:
            keys.type(waiting.pop(here))
    assert waiting == {}, stops
    # One stop a result: neither units, limits, marks nor the reason for a missing value lie in the way.
    assert len(stops) < 70, stops
    assert [stop for stop in stops if stop.endswith(("_lo", "_hi", "__missing"))] == []

    def at(name: str) -> None:
        page.focus(f"#id_{name}")

    at("alb")
    keys.press("Alt+u")
    assert page.evaluate(FOCUSED) == "alb_u"
    keys.press("Tab")
    at("ast")
    keys.press("Alt+l")
    keys.type("10")
    keys.press("Tab")
    keys.type("37")
    keys.press("Tab")
    assert page.evaluate(FOCUSED) == "ast_cs"  # 38 is now too high
    keys.press("n")
    at("ca")
    keys.press("Alt+m")
    keys.press("n")
    page.locator("#id_alt_v", has_text="G3").wait_for()

    sheet.submit_form()
    questions = page.locator("input.confirm")
    asked = [questions.nth(place).get_attribute("name") for place in range(questions.count())]
    assert asked == ["alt__confirm", "pivka__confirm"]
    for name in asked:
        page.focus(f"[name={name}]")
        keys.type("seen on the report")
    sheet.submit_form()
    assert sheet.errors() == ""

    stored: Any = Laboratory.objects.get()
    assert stored.state == "SUBMITTED"
    assert (stored.wbc_fl, stored.wbc_cs, stored.wbc_gr) == ("LOW", "NCS", 2)
    assert (stored.alt_fl, stored.alt_cs, stored.alt_gr, stored.lbtoxgr) == ("HIGH", "CS", 3, 3)
    assert (stored.ast_lo, stored.ast_hi, stored.ast_ls, stored.ast_cs) == (10, 37, "REPORT", "NCS")
    assert (stored.afp, stored.afp_c, stored.pivka_u) == (60500, "GT", "mAU/mL")
    assert (stored.hbvdna, stored.hbvdna_c, stored.hivab) == (20, "LT", "NEG")
    assert (stored.ca, stored.missing["ca"]) == (None, "ND")

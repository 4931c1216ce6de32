"""Lesions typed in a browser, and the response they make: offered rows, new ones, hidden sizes, the picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from accounts.access import Permission
from accounts.models import Role
from eligibility.models import Imaging
from participants.actions import move_participant, set_anchor
from participants.models import Participant, Visit
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState
from records import clock
from tests.browser.conftest import Desk
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.imaging import assess, image, non_target, target

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Sit = Callable[..., Desk]


@pytest.fixture
def followed(own_database: str) -> Participant:
    """Somebody in follow-up with a baseline of two targets and a thrombus, on the day of month 1."""
    site = make_site()
    make_person("coordinator", Role.COORDINATOR, site)
    by = actor(make_person("investigator", Role.INVESTIGATOR, site), Permission.DECIDE_ELIGIBILITY, site)
    clock.move_to(START)
    participant = make_participant(site, by)
    lesions = [
        target(1, Decimal(60), viadiam=Decimal(55)),
        target(2, Decimal(40), "S3", viadiam=Decimal(40)),
        non_target(1, "PV"),
    ]
    image(participant, "SCR", by=by, now=START, on=date(2026, 8, 20), lesions=lesions)
    for state in (ParticipantState.ELIGIBLE, ParticipantState.ASSIGNED, ParticipantState.ON_TREATMENT):
        move_participant(participant=participant, to=state, by=by, now=START)
    participant.arm = "Y90"
    participant.save()
    for anchor, day in ((Anchor.A0, date(2026, 9, 1)), (Anchor.A1, date(2026, 9, 5))):
        set_anchor(participant=participant, anchor=anchor, day=day, by=by, now=START)
    clock.move_to(datetime.combine(date(2026, 10, 5), START.timetz()))
    return participant


def test_lesions_are_typed_and_their_response_is_drawn(followed: Participant, desk: Sit) -> None:
    coordinator = desk("coordinator")
    page = coordinator.page
    visit = Visit.objects.get(participant=followed, code="Y-M1")
    coordinator.open(f"/visits/{visit.pk}/IMG/")
    assert page.locator("[data-row]").count() == 3
    coordinator.fill({"imgdtc": "2026-10-05", "imgmod": "CEMRI", "imgqual": "Y", "imgeval": "INVESTIGATOR"})
    # A lesion that is gone has no size.
    longest = page.locator("#id_lesions-n2-ldiam")
    assert longest.is_visible()
    page.locator("[name='lesions-n2-lesst'][value='ABSENT']").check()
    assert not longest.is_visible()
    coordinator.fill({"lesions-n1-lesst": "PRESENT", "lesions-n1-ldiam": "30", "lesions-n1-viadiam": "10"})
    coordinator.fill({"lesions-n3-lesst": "PRESENT"})
    page.locator("#id_sumr11", has_text="30.0").wait_for()
    # A row more takes the next number, not that of an offered one; images not adequate show none.
    page.locator("[data-add-row]").click()
    assert page.locator("[data-row='n4']").count() == 1
    coordinator.fill({"lesions-n4-lnkid": "NEW01", "lesions-n4-lescat": "NEW", "lesions-n4-lesloc": "LUNG"})
    coordinator.fill({"lesions-n4-lesst": "PRESENT", "lesions-n4-ldiam": "8", "newles": "N"})
    coordinator.submit_form()
    assert "New lesions are listed (NEW01)" in coordinator.errors()
    assert page.locator("[data-row]").count() == 4
    page.locator("[data-add-row]").click()
    assert page.locator("[data-row='n5']").count() == 1
    page.locator("[data-row='n5'] [data-remove-row]").click()
    coordinator.fill({"newles": "Y"})
    coordinator.submit_form()
    assert coordinator.errors() == ""
    record = Imaging.objects.get(visit=visit)
    assert (record.sumr11, record.summr, record.lesions.count()) == (30, 10, 4)

    by = actor(
        make_person("another", Role.INVESTIGATOR, followed.site), Permission.DECIDE_ELIGIBILITY, followed.site
    )
    assess(followed, "Y-M1", by=by, now=datetime.combine(date(2026, 10, 5), START.timetz()))
    for width, locale, words in ((1440, "en", "Lesions over visits"), (390, "zh-CN", "各访视病灶")):
        reader = desk("coordinator", locale=locale, width=width)
        reader.speak("zh-hans" if locale == "zh-CN" else "en")
        reader.open(f"/participants/{followed.pk}/response/?criteria=RECIST11")
        assert words in reader.text()
        assert reader.page.evaluate("document.documentElement.scrollWidth") == width
        box = reader.page.locator("canvas#spider").bounding_box()
        assert box is not None and box["width"] > 200
        drawn = reader.page.evaluate(
            "() => { const c = document.querySelector('canvas#spider');"
            " return new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size; }"
        )
        assert drawn > 20  # a picture of many colours, not an empty one

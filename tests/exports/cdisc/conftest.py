"""Two people who went through a whole treatment each, in the words of people who type odd things."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Permission
from accounts.models import Role
from eligibility.models import AdverseEvent
from participants.models import Participant
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import walk_to_eligible, walk_to_haic_done, walk_to_y90_done

ODD = '=1+1 胆漏, "前次" <b>&amp;</b>\r\n第二行\t🙂\u2028 '


@pytest.fixture(scope="module")
def walked(database_of_the_module: str, django_db_blocker: Any) -> Iterator[dict[str, Participant]]:
    """Participants by arm, at a site each; nothing a test does here may change them."""
    with django_db_blocker.unblock():
        clock.move_to(START)
        found = {}
        for code, arm, walk in (("01", "HAIC", walk_to_haic_done), ("02", "Y90", walk_to_y90_done)):
            site = make_site(code)
            enters = actor(make_person(f"enters{code}", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
            decides = actor(
                make_person(f"decides{code}", Role.INVESTIGATOR, site), Permission.DECIDE_ELIGIBILITY, site
            )
            one = make_participant(site, enters)
            walk_to_eligible(one, by=enters, investigator=decides, now=START)
            walk(one, by=enters, investigator=decides, now=START)
            later = clock.now()
            event = {"aeterm": ODD, "aestdtc": "2026-09", "aeser": "N"}
            said = {"missing": {"aetoxgr": "NK"}}
            fill(one, "AE", event, visit_code="LOG", by=enters, now=later, submit=False, **said)
            fill(
                one,
                "LB",
                {"urea": Decimal("5.3")},
                by=enters,
                now=later + timedelta(hours=1),
                reason="=抄写错误 <1>",
            )
            AdverseEvent.objects.filter(participant=one).update(confirmed={"aestdtc": "=核对过"})
            found[arm] = one
        yield found

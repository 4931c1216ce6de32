"""What the room of safety keeps beside its forms, as files of an export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accounts.access import SYSTEM, Actor, Permission
from accounts.models import Site, User
from participants.models import Participant
from safety.actions import acknowledge, file_report, judge_what_is_noted, watch
from safety.models import SaeDelivery
from tests.cast import START, actor
from tests.exports.conftest import Files
from tests.safety.entering import at, enter
from trial_edc.demo.walks import fill


def test_reports_receipts_clocks_and_drafts_are_exported(
    export: Callable[..., Files],
    participant: Participant,
    by_coordinator: Actor,
    data_manager: User,
    site: Site,
) -> None:
    fill(
        participant, "IE", {"procdtc": START - timedelta(hours=2)}, by=by_coordinator, now=START, submit=False
    )
    least = {"aeterm": "肝脓肿", "aeser": "Y", "saeaware": at("2026-09-02 08:00")}
    event = enter(participant, "AE", least, submit=False, by=by_coordinator, now=at("2026-09-02 09:00"))
    judge_what_is_noted(by=SYSTEM, now=at("2026-09-02 09:01"))
    watch(by=SYSTEM, now=at("2026-09-03 08:01"))
    file_report(
        event=event,
        kind="INITIAL",
        revision=event.revision,
        sent=at("2026-09-03 09:00"),
        reporter="Zhang Min",
        information="",
        by=by_coordinator,
        now=at("2026-09-03 09:05"),
    )
    delivery = SaeDelivery.objects.select_related("recipient").get(recipient__kind="ETHICS")
    noted = actor(data_manager, Permission.ACKNOWLEDGE_SAE, site)
    acknowledge(delivery=delivery, note="No. 17", by=noted, now=at("2026-09-03 10:00"))
    files = export()

    [report] = files.rows("sae_reports.csv")
    assert (report["SUBJID"], report["AENUM"], report["VERSION"], report["KIND"]) == (
        "01-001",
        "1",
        "1",
        "INITIAL",
    )
    assert (report["SENT"], report["REPORTER"]) == ("2026-09-03T01:00:00+00:00", "Zhang Min")
    assert "肝脓肿" in report["SNAPSHOT"]
    receipts = files.rows("sae_receipts.csv")
    assert [one["RECIPIENT_KIND"] for one in receipts] == ["SPONSOR", "INSTITUTION", "ETHICS"]
    assert [one["NOTE"] for one in receipts] == ["", "", "No. 17"]
    assert [one["LIGHT"] for one in files.rows("sae_clocks.csv")] == ["AMBER", "RED"]
    drafts = files.rows("deviation_drafts.csv")
    assert [(one["RULE"], one["FORM"], one["DVNUM"]) for one in drafts] == [
        ("CONSENT", "IE", "1"),
        ("SAELATE", "AE", "2"),
    ]
    assert files.rows("event_codes.csv") == files.rows("laboratory_dismissals.csv") == []
    assert [one["AETERM"] for one in files.rows("forms/AE.csv")] == ["肝脓肿"]

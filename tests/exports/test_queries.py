"""Queries with their steps, and checks that fired, as files of an export."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from accounts.access import Actor, Permission
from accounts.models import Site, User
from exports.asked import Asked
from exports.deidentify import key_codes
from monitoring.actions.queries import answer_query, close_query, raise_query
from monitoring.places import Place
from participants.models import Participant
from tests.browsing import at_the_desk
from tests.casebook.desk import form_address, send
from tests.cast import START, actor
from tests.exports.conftest import Files
from tests.monitoring.asking import at
from trial_edc.demo.walks import VITAL_SIGNS, fill


def test_queries_steps_and_checks_are_exported(
    export: Callable[..., Files],
    participant: Participant,
    by_coordinator: Actor,
    coordinator: User,
    monitor: User,
    site: Site,
) -> None:
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    asks = actor(monitor, Permission.RAISE_QUERIES, site)
    query = raise_query(place=at(participant, "weight"), words="Right? 对吗", by=asks, now=START)
    raise_query(place=Place(participant), words="As a whole", by=asks, now=START)
    changed = {**VITAL_SIGNS, "weight": Decimal("66.0")}
    fill(participant, "VS", changed, by=by_coordinator, now=START, submit=False, reason="Misread")
    answer_query(query=query, words="Corrected.", by=by_coordinator, now=START)
    close_query(query=query, by=asks, now=START)
    send(at_the_desk(coordinator), form_address(participant, "VS"), {"pulse": "999", "reason": "x"})
    files = export()

    asked, whole = files.rows("queries.csv")
    assert [asked[name] for name in ("SUBJID", "VISIT", "FORM", "REPEAT", "ITEM", "STATE")] == [
        "01-001",
        "SCR",
        "VS",
        "1",
        "WEIGHT",
        "CLOSED",
    ]
    assert [asked[name] for name in ("QUESTION", "ANSWER", "CHANGED")] == ["Right? 对吗", "Corrected.", "t"]
    assert [whole[name] for name in ("VISIT", "FORM", "REPEAT", "STATE", "CHANGED")] == [
        "",
        "",
        "",
        "OPEN",
        "f",
    ]
    steps = [one for one in files.rows("query_steps.csv") if one["QUERY"] == asked["QUERY"]]
    assert [(one["STEP"], one["ROLE"], bool(one["CHANGE"])) for one in steps] == [
        ("RAISED", "MONITOR", False),
        ("ANSWERED", "COORDINATOR", True),
        ("CLOSED", "MONITOR", True),
    ]
    [fired] = files.rows("checks_fired.csv")
    assert [fired[name] for name in ("CHECK", "LEVEL", "VALUE", "STATE")] == [
        "VS.pulse",
        "HARD",
        "999",
        "FIRED",
    ]


def test_de_identified_queries_stand_under_codes(
    export: Callable[..., Files],
    participant: Participant,
    by_coordinator: Actor,
    monitor: User,
    site: Site,
    settings: Any,
) -> None:
    """Rows join within the export as they did, in the order of the codes; nothing joins with identified data."""
    asks = actor(monitor, Permission.RAISE_QUERIES, site)
    queries = [
        raise_query(place=Place(participant), words=f"Question {number}", by=asks, now=START)
        for number in range(6)
    ]
    answer_query(query=queries[0], words="Answered.", by=by_coordinator, now=START)
    plain, files, again = (
        export(),
        export(asked=Asked(deidentified=True)),
        export(asked=Asked(deidentified=True)),
    )
    other = export(asked=Asked(deidentified=True), key="definition 1")
    key = key_codes(settings.DEIDENTIFICATION_KEY, "once")["Q"]
    codes = {
        one.pk: "Q" + hmac.digest(key, str(one.pk).encode(), "sha256").hex()[:12].upper() for one in queries
    }
    assert [row["QUERY"] for row in files.rows("queries.csv")] == sorted(codes.values())
    assert files.raw == again.raw
    assert not set(codes.values()) & {row["QUERY"] for row in other.rows("queries.csv")}
    steps = files.rows("query_steps.csv")
    assert "CHANGE" not in steps[0]
    assert [row["QUERY"] for row in steps] == sorted(row["QUERY"] for row in steps)
    assert [row["STEP"] for row in steps if row["QUERY"] == codes[queries[0].pk]] == ["RAISED", "ANSWERED"]
    told = {(codes[int(row["QUERY"])], row["STEP"]) for row in plain.rows("query_steps.csv")}
    assert {(row["QUERY"], row["STEP"]) for row in steps} == told
    [label] = {row["LABEL_EN"] for row in files.rows("codebook.csv") if row["COLUMN"] == "QUERY"}
    assert label == "Number of the query (under a code)"


def test_another_sites_queries_are_left_out(
    export: Callable[..., Files], participant: Participant, monitor: User, site: Site, other_site: Site
) -> None:
    asks = actor(monitor, Permission.RAISE_QUERIES, site)
    raise_query(place=Place(participant), words="As a whole", by=asks, now=START)
    files = export(other_site)
    assert files.rows("queries.csv") == files.rows("query_steps.csv") == []

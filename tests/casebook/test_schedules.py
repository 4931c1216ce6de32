"""Versions of the visit schedule at the pages and in the shell: faults, preview, adoption, differences."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from accounts.access import SYSTEM, Actor, Permission
from accounts.models import User
from followup.actions import replan_all_where_needed
from followup.amendment import Amended
from followup.calendars import amendments
from participants.actions import adopt_next_schedule, set_anchor
from participants.models import Participant, ScheduleVersion, Visit
from participants.schedule_file import SCHEDULES, Anchor, ScheduleFileError, parse
from participants.schedule_words import differences
from participants.workflow import VisitState
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import START, actor, make_participant

TODAY = date(2026, 9, 1)
FIRST = (SCHEDULES / "v1.toml").read_text(encoding="utf-8")
SECOND = (
    FIRST.replace('version = "1"', 'version = "2"')
    .replace('code = "PREOP"', 'code = "PREOP2"')
    .replace('code = "Y-M3"\nlabel_en = "Y-90 month 3"', 'code = "Y-M3"\nlabel_en = "Y-90 month three"')
    .replace("day_from = 183\nday_to = 183", "day_from = 180\nday_to = 180")
    .replace('forms = ["SV", "VS", "LB", "SYM"]\n', 'forms = ["SV", "VS", "LB", "AE"]\n')
    .replace('code = "SURGERY"\nlabel_en = "Hepatectomy"', 'code = "SURGERY"\nlabel_en = "Liver resection"')
    + """
[[visit]]
code = "Y-W2"
label_en = "Week 2"
label_zh = "第2周"
order = 300
series = "Y"
basis = "P"
arms = ["Y90"]
anchor = "A1"
day_from = 14
day_to = 14
window_before = 3
window_after = 3
forms = ["SV"]
"""
)


@pytest.fixture
def infused(participant: Participant, by_investigator: Actor) -> Participant:
    """In the Y-90 arm, infused today; screening has begun, nothing else."""
    Participant.objects.filter(pk=participant.pk).update(arm="Y90", status="ON_TREATMENT")
    participant.refresh_from_db()
    for anchor in (Anchor.A0, Anchor.A1):
        set_anchor(participant=participant, anchor=anchor, day=TODAY, by=by_investigator, now=START)
    return participant


@pytest.fixture
def manages(data_manager: User, site: Any) -> Actor:
    return actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)


@pytest.fixture
def desk(data_manager: User) -> Client:
    return at_the_desk(data_manager)


def post(desk: Client, source: str, *, day: str = "2026-9-15", **more: str) -> Any:
    file = SimpleUploadedFile("v2.toml", source.encode())
    return desk.post(
        "/schedules/new/", {"file": file, "effective_from": day, "reason": "", "action": "preview", **more}
    )


# ---- at the pages ----------------------------------------------------------------------------------


def test_a_preview_tells_what_changes_and_writes_nothing(desk: Client, infused: Participant) -> None:
    before = TrailEntry.objects.count()
    page = Page(post(desk, SECOND))
    assert TrailEntry.objects.count() == before
    for words in (
        "visit Y-M3: name: Y-90 month 3 → Y-90 month three.",
        "series SURGERY: name: Hepatectomy → Liver resection.",
        "visit NR-M6: target: day 183 from index procedure → day 180 from index procedure.",
        "visit Y-D1: forms due: SV, VS, LB, SYM → SV, VS, LB, AE.",
        "New visit Y-W2 “Week 2”: day 14 from index procedure; window ±3 d; forms due SV.",
        "Visit PREOP “Pre-operative assessment” is no longer planned.",
        "Calendars that change 1",
        "Y-W2 is added: 2026-09-15, window 2026-09-12 – 2026-09-18.",
        "NR-M6 moves: 2027-03-03, window 2027-02-17 – 2027-03-17 → 2027-02-28, window 2027-02-14 – 2027-03-14.",
        "Y-D1: due from now on AE; no longer due SYM.",
        "Y-M3: another name.",
    ):
        assert words in page.text, words


def test_what_was_previewed_is_adopted_with_a_reason(desk: Client, infused: Participant) -> None:
    page = Page(post(desk, SECOND))
    carried = {"source": page.value("source").removeprefix("\n").replace("\n", "\r\n")}
    given = {"effective_from": "2026-9-15", "action": "adopt", **carried}
    assert desk.post("/schedules/new/", {**given, "reason": " "}).status_code == 422
    assert ScheduleVersion.objects.count() == 1
    answer = desk.post("/schedules/new/", {**given, "reason": "Amendment 2."}, follow=True)
    version = ScheduleVersion.objects.select_related("adopted_by").get(number=2)
    assert (version.source, version.reason, version.effective_from) == (
        SECOND,
        "Amendment 2.",
        date(2026, 9, 15),
    )
    assert version.adopted_by is not None and version.adopted_by.username == "datamanager"
    text = Page(answer).text
    assert "Version 2 is adopted" in text and "not yet in force" in text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("version = ", "This is not valid TOML"),
        (FIRST, 'The file calls itself version "1". The next version is 2: write version = "2".'),
        (SECOND.replace('code = "UNS"\nlabel_en = "Unscheduled v', 'code = "UNX"\nlabel_en = "Unscheduled v'), "needs a visit with the code UNS"),
        (SECOND.replace('window_after = 3\nforms = ["SV"]\n', 'window_after = 3\nforms = ["VS"]\n'), "visit Y-W2: the form SV is missing"),
        (SECOND.replace("Week 2", "Week 2" * 20), "visit Y-W2: a label has at most 80 characters."),
        (SECOND.replace("Y-W2", "Y-WEEK-TWO-A"), "visit Y-WEEK-TWO-A: a code has at most 10 characters."),
        (SECOND + 'same_as = ["NR-M3"]\n[[visit]]\n', "code is missing"),
        ("", "The file is empty" ),
    ],
    ids=["toml", "number", "no UNS", "no header", "label", "code", "table", "empty"],
)  # fmt: skip
def test_faults_are_told_in_sentences_and_nothing_is_offered(
    desk: Client, infused: Participant, source: str, words: str
) -> None:
    answer = post(desk, source)
    page = Page(answer)
    assert answer.status_code == 422
    assert words in page.text or (not source and "empty" in page.text)
    assert ("action", "adopt") not in page.buttons
    assert ScheduleVersion.objects.count() == 1


def test_the_same_faults_in_chinese(data_manager: User, infused: Participant) -> None:
    text = Page(post(at_the_desk(data_manager, "zh-hans"), SECOND.replace("order = 300", "order = 31"))).text
    assert "访视Y-W2：顺序号31与访视Y-INF相同。" in text


def test_a_day_past_is_refused(desk: Client, infused: Participant) -> None:
    answer = post(desk, SECOND, day="2026-8-31")
    assert answer.status_code == 422
    assert "from today on" in Page(answer).text


def test_versions_are_compared_and_their_file_is_handed_out(
    desk: Client, coordinator: User, infused: Participant, manages: Actor
) -> None:
    adopt(manages, SECOND)
    page = Page(desk.get("/schedules/2/"))
    assert "Y-M3: name: Y-90 month 3 → Y-90 month three." in page.text
    back = Page(desk.get("/schedules/1/?against=2"))
    assert "Y-M3: name: Y-90 month three → Y-90 month 3." in back.text
    at_the_site = at_the_desk(coordinator)
    assert at_the_site.get("/schedules/2/file/").content.decode() == SECOND
    assert at_the_site.get("/schedules/new/").status_code == 403
    assert {desk.get(f"/schedules/{number}/").status_code for number in (3, 10**20)} == {404}


# ---- adopting, and what follows --------------------------------------------------------------------


def adopt(by: Actor, source: str, day: date = date(2026, 9, 15), now: Any = START) -> ScheduleVersion:
    return adopt_next_schedule(source=source, effective_from=day, reason="Amendment.", by=by, now=now)


def test_only_data_managers_adopt_and_only_from_today_on(
    participant: Participant, manages: Actor, by_investigator: Actor
) -> None:
    with override("en"), pytest.raises(Refused, match="Only data managers"):
        adopt(by_investigator, SECOND)
    with override("en"), pytest.raises(Refused, match="not for days past"):
        adopt(manages, SECOND, TODAY - timedelta(days=1))
    with pytest.raises(ScheduleFileError):
        adopt(manages, FIRST)
    assert adopt(manages, SECOND, TODAY).number == 2
    with pytest.raises(ScheduleFileError, match="The next version is 3"):
        adopt(manages, SECOND, TODAY)


def test_calendars_become_what_the_preview_said_on_its_day_and_begun_visits_stay(
    infused: Participant, manages: Actor, by_investigator: Actor, site: Any
) -> None:
    make_participant(site, by_investigator)  # in screening: nothing of theirs is moved
    begun = infused.visits.get(code="Y-D1")
    Visit.objects.filter(pk=begun.pk).update(status=VisitState.STARTED)
    told = [one for one in amendments(parse(SECOND), date(2026, 9, 15)) if isinstance(one, Amended)]
    assert [(one.number, one.changes) for one in told] == [("01-001", True), ("01-002", False)]
    adopt(manages, SECOND)

    before = list(infused.visits.values())
    clock.move_to(START + timedelta(days=13))
    replan_all_where_needed(by=SYSTEM, now=START + timedelta(days=13))
    assert list(infused.visits.values()) == before
    replan_all_where_needed(by=SYSTEM, now=START + timedelta(days=14))

    after = {visit.code: visit for visit in infused.visits.select_related("schedule")}
    assert set(after) - {row["code"] for row in before} == {one.code for one in told[0].add} == {"Y-W2"}
    for move in told[0].move:
        assert after[move.plan.code].target_from == move.plan.target_from
    assert (after["Y-D1"].schedule.number, after["Y-D1"].forms) == (1, begun.forms)
    assert {visit.schedule.number for visit in after.values() if visit.status == "PLANNED"} == {2}
    again = [one for one in amendments(parse(SECOND), date(2026, 9, 15)) if isinstance(one, Amended)]
    assert not any(one.changes for one in again)


def test_who_left_is_not_told_and_a_contradiction_is(
    infused: Participant, by_investigator: Actor, site: Any
) -> None:
    other = make_participant(site, by_investigator)
    Participant.objects.filter(pk=other.pk).update(status="WITHDRAWN")
    infused.anchors.create(name="A2", date=TODAY - timedelta(days=1))
    assert [type(one).__name__ for one in amendments(parse(SECOND), TODAY)] == ["Unplannable"]


def test_calendars_are_read_in_as_many_queries_for_two_as_for_one(
    infused: Participant, by_investigator: Actor, site: Any, django_assert_num_queries: Any
) -> None:
    schedule = parse(SECOND)
    with django_assert_num_queries(3):
        assert len(list(amendments(schedule, TODAY))) == 1
    make_participant(site, by_investigator)
    with django_assert_num_queries(3):
        assert len(list(amendments(schedule, TODAY))) == 2


def test_a_version_differs_in_nothing_from_itself() -> None:
    assert differences(parse(FIRST), parse(FIRST)) == []
    assert len(differences(parse(FIRST), parse(SECOND))) == len(differences(parse(SECOND), parse(FIRST)))


# ---- in the shell ----------------------------------------------------------------------------------


def run(file: Path, *words: str) -> str:
    out = StringIO()
    call_command("adopt_schedule", str(file), "--effective-from", "2026-09-15", *words, stdout=out)
    return out.getvalue()


def test_the_command_previews_and_adopts(
    tmp_path: Path, infused: Participant, data_manager: User, coordinator: User
) -> None:
    file = tmp_path / "v2.toml"
    file.write_text(SECOND, encoding="utf-8")
    said = run(file)
    assert "01-001: " in said and "Y-W2" in said and "1 of 1 calendars change" in said
    assert ScheduleVersion.objects.count() == 1
    for missing in ((), ("--by", "coordinator", "--reason", "x"), ("--by", "datamanager")):
        with pytest.raises(CommandError):
            run(file, "--adopt", *missing)
    assert ScheduleVersion.objects.count() == 1
    assert "Version 2 is adopted" in run(file, "--adopt", "--by", "datamanager", "--reason", "Amendment 2.")
    with pytest.raises(CommandError, match="The next version is 3"):
        run(file)

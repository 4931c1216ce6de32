"""A licensed dictionary: read, held together, stored once, and used to code events. All terms here are invented."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.access import Access, Actor, Permission
from accounts.models import Site, User
from eligibility.models import AdverseEvent
from participants.models import Participant
from records.findings import Refused
from records.models import TrailEntry
from safety.actions.coding import code_event
from safety.meddra_files import UnreadableRelease, read_names, read_release
from safety.models import EventCoding, MeddraPath, MeddraRelease, MeddraTerm
from safety.selectors.coding import (
    coding_of,
    events_to_code,
    needs_code,
    newest_release,
    place_of,
    search,
    suggestions,
)
from tests.cast import START, actor
from tests.safety.entering import EVENT, NOT_GIVEN, enter
from tests.safety.meddra_folder import ENGLISH, chinese, english, write

# -- reading -------------------------------------------------------------------------------------------


def test_a_release_is_read_whole(tmp_path: Path) -> None:
    release = read_release(english(tmp_path))
    assert release.counts == {"SOC": 2, "HLGT": 2, "HLT": 2, "PT": 3, "LLT": 5, "PATH": 4}
    assert set(release.digests) == set(ENGLISH)
    old = next(term for term in release.terms if term.code == 102)
    assert (old.level, old.parent, old.current) == ("LLT", 500, False)
    assert sum(way.primary for way in release.paths) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_names_in_chinese_are_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    names, digests = read_names(chinese(tmp_path, encoding))
    assert names["LLT", 101] == "膝部发蓝"
    assert len(digests) == 5


def test_file_names_in_capitals_are_found(tmp_path: Path) -> None:
    write(tmp_path, {name.upper(): lines for name, lines in ENGLISH.items()})
    assert read_release(tmp_path).counts["LLT"] == 5


@pytest.mark.parametrize(
    ("file", "lines", "sentence"),
    [
        ("llt", ["100$Blue knee$500$$$$$$$Y$$", "100$Again$500$$$$$$$Y$$"], "LLT 100 stands there twice"),
        ("llt", ["100$Blue knee$599$$$$$$$Y$$"], "LLT 100 names PT 599, which is not there"),
        ("llt", ["100$Blue knee$500"], r"llt\.asc, line 1: 10 columns"),
        ("llt", ["100$Blue knee$500$$$$$$$X$$"], "current is Y or N"),
        ("llt", ["ten$Blue knee$500$$$$$$$Y$$"], "'ten' is no code"),
        ("pt", ["500$$$900$"], r"pt\.asc, line 1"),
        ("pt", [f"500${'x' * 251}$$900$"], "more than 250 characters"),
        ("mdhier", ENGLISH["mdhier.asc"][1:], "PT 500 has 0 primary paths"),
        ("mdhier", [*ENGLISH["mdhier.asc"], ENGLISH["mdhier.asc"][0]], "PT 500 has 2 primary paths"),
        ("mdhier", ["500$700$800$999$a$b$c$d$e$$900$Y$"], "SOC 999, which is not there"),
        ("mdhier", ["500$700$800$900$a$b"], r"mdhier\.asc, line 1: 12 columns"),
    ],
)
def test_what_does_not_hold_together_is_named(
    tmp_path: Path, file: str, lines: list[str], sentence: str
) -> None:
    with pytest.raises(UnreadableRelease, match=sentence):
        read_release(english(tmp_path, **{file: lines}))


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRelease, match=r"has no file soc\.asc"):
        read_release(tmp_path)
    with pytest.raises(UnreadableRelease):
        read_release(tmp_path / "nowhere")
    (english(tmp_path) / "soc.asc").write_bytes(b"900$\xff\xff\xff$")
    with pytest.raises(UnreadableRelease, match="neither UTF-8 nor"):
        read_release(tmp_path)


# -- the command ---------------------------------------------------------------------------------------


def run(*arguments: Any) -> str:
    said = StringIO()
    call_command("import_meddra", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_a_dry_run_stores_nothing(tmp_path: Path, db: None) -> None:
    said = run(english(tmp_path / "en"), "--version", "99.0", "--chinese", chinese(tmp_path / "zh"))
    assert "MedDRA 99.0: SOC 2, HLGT 2, HLT 2, PT 3, LLT 5, PATH 4." in said
    assert "14 terms named in Chinese, 0 not." in said
    assert "Nothing was stored." in said
    assert MeddraRelease.objects.count() == MeddraTerm.objects.count() == 0


def test_a_release_is_stored_once_by_a_data_manager(
    tmp_path: Path, data_manager: User, coordinator: User, at_start: Any
) -> None:
    folder = english(tmp_path / "en")
    for who in ([], ["--by", "nobody"], ["--by", "coordinator"]):
        with pytest.raises(CommandError):
            run(folder, "--version", "99.0", "--commit", *who)
    run(folder, "--version", "99.0", "--commit", "--by", "datamanager", "--chinese", chinese(tmp_path / "zh"))
    release = MeddraRelease.objects.get()
    assert (release.version, release.chinese, release.imported_by) == ("99.0", True, data_manager)
    assert (release.terms.count(), release.paths.count()) == (14, 4)
    assert release.terms.get(level="LLT", code=101).name_zh == "膝部发蓝"
    assert TrailEntry.objects.filter(relation="safety_meddrarelease").count() == 1
    assert not TrailEntry.objects.filter(relation="safety_meddraterm").exists()
    with pytest.raises(CommandError, match="imported already"):
        run(folder, "--version", "99.0", "--commit", "--by", "datamanager")
    assert "This version is there already." in run(folder, "--version", "99.0")


def test_a_broken_folder_is_refused_with_its_line(tmp_path: Path, db: None) -> None:
    with pytest.raises(CommandError, match=r"llt\.asc, line 1"):
        run(english(tmp_path, llt=["x$y"]), "--version", "99.0")


# -- coding --------------------------------------------------------------------------------------------


@pytest.fixture
def release(tmp_path: Path, data_manager: User, at_start: Any) -> MeddraRelease:
    run(
        english(tmp_path / "en"),
        "--version",
        "99.0",
        "--commit",
        "--by",
        "datamanager",
        "--chinese",
        chinese(tmp_path / "zh"),
    )
    return MeddraRelease.objects.get()


@pytest.fixture
def coder(data_manager: User, site: Site) -> Actor:
    return actor(data_manager, Permission.CODE_EVENTS, site)


@pytest.fixture
def event(participant: Participant, by_coordinator: Actor) -> AdverseEvent:
    answers = {**EVENT, "aeterm": "blue knee", "aedecod": None}
    found: AdverseEvent = enter(participant, "AE", answers, missing=NOT_GIVEN, by=by_coordinator, now=START)
    return found


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("knee", [101, 100, 120]),
        ("blue knee", [100, 101]),
        ("BLUE", [100, 101]),
        ("蓝膝", [100]),
        ("发蓝", [101]),
        ("elbow humming", [110]),
        ("old", []),
        ("", []),
        ("nothing", []),
    ],
)
def test_current_terms_are_found_in_either_language(
    release: MeddraRelease, typed: str, codes: list[int]
) -> None:
    assert [place.llt.code for place in search(release, typed)] == codes


def test_a_place_names_preferred_term_and_primary_class(release: MeddraRelease) -> None:
    place = place_of(release, 101)
    assert place is not None
    assert (place.pt.name_en, place.soc.name_zh) == ("Blue knee", "虚构器官疾病")
    assert place_of(release, 102) is place_of(release, 999) is None


def test_an_event_is_coded_and_coded_again_with_a_reason(
    release: MeddraRelease, event: AdverseEvent, coder: Actor, participant: Participant, by_coordinator: Actor
) -> None:
    assert newest_release() == release
    assert [place.llt.code for place in suggestions(release, event)] == [100, 101]
    first = code_event(event=event, release=release, llt=101, reason="", by=coder, now=START)
    assert (first.version, first.pt_code, first.pt_name, first.soc_code) == (1, 500, "Blue knee", 900)
    with pytest.raises(Refused, match="this code already"):
        code_event(event=event, release=release, llt=101, reason="again", by=coder, now=START)
    with pytest.raises(Refused, match="why the code changes"):
        code_event(event=event, release=release, llt=110, reason=" ", by=coder, now=START)
    second = code_event(event=event, release=release, llt=110, reason="the elbow", by=coder, now=START)
    assert [one.version for one in coding_of(event)] == [1, 2]
    enter(
        participant, "AE", {"aeterm": "green knee"}, repeat=1, reason="misheard", by=by_coordinator, now=START
    )
    event.refresh_from_db()
    code_event(event=event, release=release, llt=120, reason="other words", by=coder, now=START)
    assert (second.verbatim, coding_of(event)[-1].verbatim) == ("blue knee", "green knee")


@pytest.mark.parametrize("llt", [102, 999, 500])
def test_only_a_current_lowest_level_term_is_a_code(
    release: MeddraRelease, event: AdverseEvent, coder: Actor, llt: int
) -> None:
    with pytest.raises(Refused, match="no current term"):
        code_event(event=event, release=release, llt=llt, reason="", by=coder, now=START)


def test_only_a_data_manager_codes(
    release: MeddraRelease, event: AdverseEvent, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused, match="A data manager codes"):
        code_event(event=event, release=release, llt=100, reason="", by=by_coordinator, now=START)


def test_codes_and_terms_can_be_neither_changed_nor_removed(
    release: MeddraRelease, event: AdverseEvent, coder: Actor
) -> None:
    code_event(event=event, release=release, llt=100, reason="", by=coder, now=START)
    for table in ("eventcoding", "meddraterm", "meddrapath", "meddrarelease"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(f"DELETE FROM safety_{table}")
    assert (EventCoding.objects.count(), MeddraPath.objects.count()) == (1, 4)


def test_events_wait_until_they_are_coded_by_their_own_words(
    release: MeddraRelease,
    event: AdverseEvent,
    coder: Actor,
    data_manager: User,
    coordinator: User,
    participant: Participant,
    by_coordinator: Actor,
) -> None:
    access = Access.of(data_manager, START.date())

    def waiting() -> list[int]:
        return [one.event.repeat for one in events_to_code(access, release) if needs_code(one, release)]

    enter(participant, "AE", {**EVENT, "aeterm": "humming"}, missing=NOT_GIVEN, by=by_coordinator, now=START)
    assert waiting() == [1, 2]
    code_event(event=event, release=release, llt=100, reason="", by=coder, now=START)
    assert waiting() == [2]
    enter(
        participant, "AE", {"aeterm": "green knee"}, repeat=1, reason="misheard", by=by_coordinator, now=START
    )
    assert waiting() == [1, 2]
    assert events_to_code(Access.of(coordinator, START.date()), release) == []

"""Files added to a form: taken by content, kept privately, read only by who may see the participant."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from accounts.access import SYSTEM, Actor
from accounts.models import Role, Site, User
from followup.models import SymptomRecord
from participants.actions import store_file
from participants.models import Participant, StoredFile
from records.files import MOST_BYTES
from records.findings import Refused
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page
from tests.cast import START, make_participant, make_person

PDF = b"%PDF-1.7\nreport of somebody"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF a photo"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


def address(participant: Participant, tail: str = "") -> str:
    return f"{form_address(participant, 'SYM', 'LOG')}1/{tail}"


def add(
    participant: Participant, person: User, content: bytes | None, name: str = "report.pdf", **typed: Any
) -> Any:
    """Add a file at the form's page and save it as a draft."""
    client = at_the_desk(person)
    place = address(participant)
    there: dict[str, Any] = on_the_page(Page(client.get(place)))
    if content is not None:
        there["symfile__file"] = SimpleUploadedFile(name, content)
    return client.post(place, {**there, "symdtc": "2026-09-01", **typed, "action": "save"})


def kept(participant: Participant) -> str | None:
    return SymptomRecord.objects.get(participant=participant).symfile


def test_no_file_is_taken_under_the_name_of_who_signed_in_meanwhile(
    participant: Participant, coordinator: User
) -> None:
    other = make_person("second", Role.COORDINATOR, participant.site)
    answer = add(participant, coordinator, PDF, typed_by=str(other.pk))
    assert answer.status_code == 422
    assert "Add the file again." in Page(answer).text
    assert not StoredFile.objects.exists()
    assert not SymptomRecord.objects.exists()


def test_a_file_is_kept_and_read_again(
    participant: Participant, coordinator: User, monitor: User, folder: Path
) -> None:
    assert add(participant, coordinator, PDF).status_code == 302
    key = kept(participant)
    assert key is not None and key.endswith(".pdf")
    [stored] = StoredFile.objects.filter(participant=participant)
    assert (stored.key, stored.size, stored.stored_by) == (key, len(PDF), coordinator)
    [path] = [one for one in folder.rglob("*") if one.is_file()]
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    page = Page(at_the_desk(monitor).get(address(participant)))
    assert f"{address(participant, 'file/')}?item=symfile" in page.addresses
    answer = at_the_desk(monitor).get(address(participant, "file/"), {"item": "symfile"})
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="01-001-LOG-SYM-1-symfile.pdf"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_its_name_says_nothing_and_its_content_all(participant: Participant, coordinator: User) -> None:
    add(participant, coordinator, JPEG, "王某某.pdf")
    assert str(kept(participant)).endswith(".jpg")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><script>", "neither an image nor a PDF"),
        (b"MZ\x90 program", "neither an image nor a PDF"),
        (b"", "at most 10 MB, and is not empty"),
        (PDF + b"x" * (MOST_BYTES + 1 - len(PDF)), "at most 10 MB"),
    ],
)
def test_anything_else_is_refused_at_its_field(
    participant: Participant, coordinator: User, content: bytes, words: str, folder: Path
) -> None:
    answer = add(participant, coordinator, content, "report.pdf", symnote="kept")
    page = Page(answer)
    assert answer.status_code == 422
    assert words in page.text
    assert "id_symfile_error" in page.ids
    assert page.value("symnote") == "kept"
    assert not StoredFile.objects.exists()
    assert not folder.exists()


def test_ten_megabytes_are_taken(participant: Participant, coordinator: User) -> None:
    assert add(participant, coordinator, PDF + b"x" * (MOST_BYTES - len(PDF))).status_code == 302


def test_a_file_is_not_lost_when_the_form_is_refused(participant: Participant, coordinator: User) -> None:
    refused = add(participant, coordinator, PDF, sym_pain="11")
    assert refused.status_code == 422
    page = Page(refused)
    [stored] = StoredFile.objects.all()
    assert page.value("symfile") == stored.key
    client = at_the_desk(coordinator)
    saved = client.post(address(participant), {**on_the_page(page), "sym_pain": "3", "action": "save"})
    assert saved.status_code == 302
    assert kept(participant) == stored.key


def test_a_file_stays_is_replaced_and_is_taken_out(participant: Participant, coordinator: User) -> None:
    add(participant, coordinator, PDF)
    first = kept(participant)
    add(participant, coordinator, None, symnote="again")
    assert kept(participant) == first
    add(participant, coordinator, JPEG)
    assert kept(participant) not in (None, first)
    add(participant, coordinator, None, symfile__drop="1")
    assert kept(participant) is None
    # Nothing that was added is gone: the trail names each.
    changes = TrailEntry.objects.filter(relation=SymptomRecord._meta.db_table).order_by("id")
    assert [one.changes["symfile"][1] is None for one in changes if "symfile" in one.changes] == [
        False,
        False,
        True,
    ]
    assert StoredFile.objects.count() == 2


def test_nobody_reads_the_file_of_another_site(
    participant: Participant, coordinator: User, other_site: Site
) -> None:
    add(participant, coordinator, PDF)
    stranger = make_person("stranger", Role.COORDINATOR, other_site)
    assert at_the_desk(stranger).get(address(participant, "file/"), {"item": "symfile"}).status_code == 404
    assert at_the_desk(None).get(address(participant, "file/"), {"item": "symfile"}).status_code == 302


def test_nobody_claims_the_file_of_somebody_else(
    participant: Participant, coordinator: User, by_coordinator: Actor
) -> None:
    add(participant, coordinator, PDF)
    other = make_participant(participant.site, by_coordinator, initials="QQ")
    claimed = add(other, coordinator, None, symfile=kept(participant))
    assert claimed.status_code == 422
    assert not SymptomRecord.objects.filter(participant=other).exists()


@pytest.mark.parametrize("item", ["symnote", "participant", "", "nothing"])
def test_only_files_are_read_as_files(participant: Participant, coordinator: User, item: str) -> None:
    add(participant, coordinator, PDF)
    assert at_the_desk(coordinator).get(address(participant, "file/"), {"item": item}).status_code == 404


def test_who_reads_only_adds_nothing(participant: Participant, coordinator: User, monitor: User) -> None:
    add(participant, coordinator, PDF)
    page = Page(at_the_desk(monitor).get(address(participant)))
    assert "symfile__file" not in page.values
    answer = at_the_desk(monitor).post(
        address(participant), {"symfile__file": SimpleUploadedFile("a.pdf", PDF), "action": "save"}
    )
    assert answer.status_code == 403
    assert StoredFile.objects.count() == 1


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(
    participant: Participant, coordinator: User, folder: Path
) -> None:
    add(participant, coordinator, PDF)
    [path] = [one for one in folder.rglob("*") if one.is_file()]
    path.write_bytes(PDF + b" more")
    answer = at_the_desk(coordinator).get(address(participant, "file/"), {"item": "symfile"}, follow=True)
    assert "is not the one that was added" in Page(answer).text
    path.unlink()
    answer = at_the_desk(coordinator).get(address(participant, "file/"), {"item": "symfile"}, follow=True)
    assert "is not in its folder" in Page(answer).text


def test_a_process_adds_no_files(participant: Participant) -> None:
    with pytest.raises(Refused):
        store_file(
            participant=participant,
            content=SimpleUploadedFile("a.pdf", PDF),
            size=len(PDF),
            by=SYSTEM,
            now=START,
        )


def test_the_database_keeps_every_file_it_was_told_of(participant: Participant, coordinator: User) -> None:
    add(participant, coordinator, PDF)
    for change in (lambda: StoredFile.objects.update(size=1), lambda: StoredFile.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

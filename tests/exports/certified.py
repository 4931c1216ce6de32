"""Two sites with everything told apart by words that stand in one of them alone."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from accounts.access import Access, Actor, Permission
from accounts.models import Role, Site, User
from exports import actions
from exports.models import ExportJob
from exports.policies import file_of
from exports.running import run
from participants.actions.files import store_file
from participants.models import Participant, StoredFile
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.exports.conftest import Files

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of site "


@dataclass
class TwoSites:
    """Site 01 (QQA, anna…) and site 02 (XXB, boris…), each with staff, a participant and a file."""

    sites: list[Site]
    staff: list[User]
    investigators: list[User]
    participants: list[Participant]
    files: list[StoredFile]
    folder: Path

    def take(self, place: int = 0, *, casebooks: bool = False) -> ExportJob:
        """Take a copy as that site's investigator, from request to file."""
        site = self.sites[place]
        access = Access.of(self.investigators[place], date(2026, 9, 1))
        job = actions.request_copy(
            access=access,
            site=site,
            casebooks=casebooks,
            by=access.actor(Permission.TAKE_COPY, site.pk),
            now=START,
        )
        run(job.pk)
        return ExportJob.objects.get(pk=job.pk)


def two_sites(folder: Path, settings: Any) -> TwoSites:
    settings.EXPORT_ROOT, settings.FILES_ROOT = str(folder / "exports"), str(folder / "files")
    clock.move_to(START)
    sites = [make_site("01"), make_site("02")]
    staff = [
        make_person("anna-coordinates", Role.COORDINATOR, sites[0]),
        make_person("boris-coordinates", Role.COORDINATOR, sites[1]),
    ]
    investigators = [
        make_person("ada-investigates", Role.INVESTIGATOR, sites[0]),
        make_person("bruno-investigates", Role.INVESTIGATOR, sites[1]),
    ]
    participants, files = [], []
    for site, person, initials in zip(sites, staff, ("QQA", "XXB"), strict=True):
        by: Actor = actor(person, Permission.ENTER_DATA, site)
        participant = make_participant(site, by, initials=initials)
        raw = PNG + site.code.encode()
        participants.append(participant)
        files.append(
            store_file(participant=participant, content=io.BytesIO(raw), size=len(raw), by=by, now=START)
        )
    return TwoSites(sites, staff, investigators, participants, files, folder)


def files_of(job: ExportJob) -> Files:
    return Files(file_of(job).read_bytes())


def unpacked(files: Files, folder: Path) -> Path:
    files.zip.extractall(folder)
    return folder


def verify(folder: Path, *arguments: str, script: Path | None = None) -> tuple[int, str]:
    """Run the script of a copy as a reader would, with nothing of the project in reach: exit status and words."""
    done = subprocess.run(
        [sys.executable, "-I", str(script or folder / "verify.py"), *arguments],
        cwd=folder if folder.is_dir() else folder.parent,
        env={"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def rewritten(folder: Path, **changed: Any) -> None:
    """Change what the manifest says."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changed}), "utf-8")

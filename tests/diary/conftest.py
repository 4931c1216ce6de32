from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from diary.models import DiaryLink
from participants.models import Participant
from tests.cast import actor
from tests.diary.writing import opened


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def link(participant: Participant, by_coordinator: Actor) -> DiaryLink:
    return opened(participant, by_coordinator)


@pytest.fixture
def by_contact(coordinator: User, site: Site) -> Actor:
    return actor(coordinator, Permission.SEE_CONTACTS, site)

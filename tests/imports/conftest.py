from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.imports.desk import Desk, open_desk


@pytest.fixture
def desk(own_database: str, settings: Any, tmp_path: Path) -> Desk:
    settings.FILES_ROOT = tmp_path / "files"
    return open_desk(tmp_path / "files")

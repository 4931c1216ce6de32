"""Which version of the system wrote a copy."""

from __future__ import annotations

import os
import subprocess
import tomllib
from functools import cache

from django.conf import settings


@cache
def software() -> dict[str, str]:
    """Name, version and commit; the commit is SOFTWARE_COMMIT's, else the checkout's, else empty."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    return {
        "name": project["name"],
        "version": project["version"],
        "commit": os.environ.get("SOFTWARE_COMMIT") or _checked_out(),
    }


def _checked_out() -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(settings.BASE_DIR), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

"""Without a key for the trail's seals neither the web server nor a worker starts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

STARTS = {
    "web server": ["-c", "import trial_edc.wsgi"],
    "worker": [
        "-m",
        "celery",
        "-A",
        "trial_edc",
        "worker",
        "--pool",
        "solo",
        "-Q",
        "nobody-asks",
        "--without-gossip",
    ],
}


@pytest.mark.parametrize("key", ["", "too short"])
@pytest.mark.parametrize("process", STARTS)
def test_it_does_not_start_without_a_key(process: str, key: str) -> None:
    done = subprocess.run(
        [sys.executable, *STARTS[process]],
        check=False,
        env={**os.environ, "TRAIL_SEAL_KEY": key, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "Set TRAIL_SEAL_KEY to a random text" in done.stderr

"""The whole test suite: finds the browser and the readers of exports or says what is missing, then runs pytest beside services."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from trial_edc.launcher import services
from trial_edc.launcher.processes import CannotStart

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
# Programs from outside that read exports, and the Debian packages they come in.
READERS = {"Rscript": ("r-base-core", "r-cran-foreign"), "pspp": ("pspp",), "xmllint": ("libxml2-utils",)}


def find_browser() -> str | None:
    configured = os.environ.get("CHROMIUM")
    if configured:
        return shutil.which(configured)
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def install(packages: Sequence[str]) -> None:
    """Install some of Debian's packages; only root can."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"Installing Debian's packages {' and '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], wanted):
        done = subprocess.run(command, check=False, env=quiet, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return


def have_readers() -> None:
    """Install the programs that read exports in tests where they are missing.

    A test fails where its reader is missing still, and names it.
    """
    missing = [
        package
        for program, packages in READERS.items()
        if shutil.which(program) is None
        for package in packages
    ]
    if missing:
        install(missing)


def run(arguments: Sequence[str]) -> int:
    """Run pytest with the arguments; without a browser all but the browser tests, which it names.

    With CI=true a missing browser is a failure.
    """
    have_readers()
    if find_browser() is None:
        install(PACKAGES)
    browser = find_browser()
    pytest = [sys.executable, "-m", "pytest", *arguments]
    if browser is not None:
        os.environ["CHROMIUM"] = browser
        return services.run(pytest, for_tests=True)
    needed = f"Chromium is missing. On Debian: apt-get install {' '.join(PACKAGES)}"
    if os.environ.get("CI") == "true":
        raise CannotStart(f"{needed}; with CI=true nothing is skipped.")
    status = services.run([*pytest, "-m", "not browser"], for_tests=True)
    listing = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "browser"]
    print(f"\n{needed}. Skipped:", flush=True)
    services.run(listing, for_tests=True)
    return status

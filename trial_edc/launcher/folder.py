"""Where the services keep their data, under which account, and who holds the folder at the moment."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from trial_edc.launcher.processes import Account, CannotStart, as_account

CHECKOUT = Path(__file__).resolve().parents[2]
ROOTS_FOLDERS = Path("/var/lib/trial-edc")
MARKER = "folder-of-trial-edc"


class FolderInUse(CannotStart):
    """Another launcher holds the folder; `holder` is what it wrote about itself."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"The folder is in use: {holder}")
        self.holder = holder


def service_account() -> Account | None:
    """Choose who runs the servers: the person typing or, PostgreSQL refusing root, an existing account."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("TRIAL_SERVICE_ACCOUNT", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root, and this machine has no account {name}: "
            "name an existing one in TRIAL_SERVICE_ACCOUNT."
        ) from None
    if entry.pw_uid == 0:
        raise CannotStart("PostgreSQL does not run as root: name another account in TRIAL_SERVICE_ACCOUNT.")
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def demo_folder() -> Path:
    """Choose the demo's folder: TRIAL_DATA_DIR, else the checkout; for root where other accounts may pass."""
    configured = os.environ.get("TRIAL_DATA_DIR")
    if configured:
        return Path(configured).expanduser().absolute()
    if os.geteuid() != 0:
        return CHECKOUT / ".demo"
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return ROOTS_FOLDERS / f"{CHECKOUT.name}-{digest}"


def throwaway_folder() -> Path:
    """Choose the folder for services of one run: beside the demo's, never inside it."""
    if os.environ.get("TRIAL_DATA_DIR") or os.geteuid() == 0:
        demo = demo_folder()
        return demo.with_name(f"{demo.name}-tests")
    return CHECKOUT / ".test-services"


def prepare(folder: Path, account: Account | None) -> None:
    """Make the data folder, open to the account alone; the folders above keep their modes."""
    if folder.is_dir() and not (folder / MARKER).exists() and any(folder.iterdir()):
        raise CannotStart(f"{folder} holds something else: name an empty or a new folder in TRIAL_DATA_DIR.")
    try:
        if not folder.parent.is_dir():
            folder.parent.mkdir(parents=True)
            if folder.parent == ROOTS_FOLDERS:
                ROOTS_FOLDERS.chmod(0o755)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / MARKER).touch(mode=0o600)
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be written ({error.strerror}): name another in TRIAL_DATA_DIR."
        ) from None
    if account is not None and stat.S_IMODE(folder.stat().st_mode) != 0o710:
        os.chown(folder, 0, account.gid)
        folder.chmod(0o710)
    if account is not None and not _reachable(folder, account):
        raise CannotStart(
            f"The account {account.name}, which runs PostgreSQL for root, cannot reach {folder}, "
            "and the modes of the folders above are left as they are: name another folder in TRIAL_DATA_DIR."
        )


def _reachable(folder: Path, account: Account) -> bool:
    found = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', str(folder)],
        check=False,
        cwd="/",
        stderr=subprocess.DEVNULL,
        **as_account(account),  # type: ignore[call-overload]
    )
    return bool(found.returncode == 0)


def own_folder(path: Path, account: Account | None) -> Path:
    """Make a folder, mode 700, that belongs to the account that works in it."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path


def secret(folder: Path, name: str) -> str:
    """Read a generated password; the first time, make it (mode 600)."""
    path = folder / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(24))
        new.rename(path)
    return path.read_text()


@dataclass(frozen=True)
class Lock:
    """Held for as long as the launcher lives; the kernel lets go of it however the launcher ends."""

    path: Path
    descriptor: int

    def say(self, holder: str) -> None:
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, holder.encode(), 0)

    def release(self) -> None:
        os.close(self.descriptor)


def lock(folder: Path, name: str = "lock", *, wait: bool = False) -> Lock:
    path = folder / name
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        holder = os.pread(descriptor, 200, 0).decode()
        os.close(descriptor)
        raise FolderInUse(holder) from None
    return Lock(path=path, descriptor=descriptor)


def remove(folder: Path) -> None:
    """Remove a data folder; refuse one that this program did not make."""
    if not folder.exists():
        return
    if not (folder / MARKER).exists():
        raise CannotStart(f"{folder} was not made by this program and is left alone.")
    shutil.rmtree(folder)
    if folder.parent == ROOTS_FOLDERS and not any(ROOTS_FOLDERS.iterdir()):
        ROOTS_FOLDERS.rmdir()

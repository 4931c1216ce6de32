"""Where the launcher puts its data, and what it leaves alone."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from tests.launcher.conftest import Person
from trial_edc.launcher.folder import (
    CHECKOUT,
    MARKER,
    ROOTS_FOLDERS,
    CannotStart,
    FolderInUse,
    lock,
    prepare,
    remove,
    secret,
    service_account,
)

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns root alone")


def modes_above(folder: Path) -> list[tuple[str, str]]:
    return [(str(above), stat.filemode(above.stat().st_mode)) for above in folder.parents]


@only_root
def test_a_checkout_in_a_private_home_works_and_the_home_stays_private(me: Person, tmp_path: Path) -> None:
    checkout = tmp_path / "home" / "checkout"
    for room in ("trial_edc", "records"):  # the latter for the worker, which asks for the key of the seals
        shutil.copytree(CHECKOUT / room, checkout / room, ignore=shutil.ignore_patterns("__pycache__"))
    checkout.parent.chmod(0o700)
    before = modes_above(checkout / "x")
    try:
        assert me.run("services", "--", "true", cwd=checkout) == (0, "")
        made = list(ROOTS_FOLDERS.glob("checkout-*-tests"))
        assert [stat.filemode(path.stat().st_mode) for path in made] == ["drwx--x---"]
        assert sorted(path.name for path in checkout.iterdir() if path.name != "__pycache__") == [
            "records",
            "trial_edc",
        ]
        assert modes_above(checkout / "x") == before
    finally:
        for path in ROOTS_FOLDERS.glob("checkout-*-tests"):
            shutil.rmtree(path)


@only_root
def test_a_folder_its_account_cannot_reach_is_a_sentence_and_stays_as_it_is(
    me: Person, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    before = modes_above(tmp_path / "data")
    status, said = me.run("demo", TRIAL_DATA_DIR=str(tmp_path / "data"))
    assert said == (
        f"The account nobody, which runs PostgreSQL for root, cannot reach {tmp_path / 'data'}, and the modes of "
        "the folders above are left as they are: name another folder in TRIAL_DATA_DIR.\n"
    )
    assert status == 1
    assert modes_above(tmp_path / "data") == before


def test_a_folder_with_other_things_is_neither_used_nor_removed(me: Person, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert me.run("demo", TRIAL_DATA_DIR=str(tmp_path)) == (
        1,
        f"{tmp_path} holds something else: name an empty or a new folder in TRIAL_DATA_DIR.\n",
    )
    assert me.run("clean-demo", TRIAL_DATA_DIR=str(tmp_path)) == (
        1,
        f"{tmp_path} was not made by this program and is left alone.\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@only_root
def test_an_unknown_account_is_a_sentence(me: Person, tmp_path: Path) -> None:
    status, said = me.run("demo", TRIAL_DATA_DIR=str(tmp_path / "x"), TRIAL_SERVICE_ACCOUNT="no-such-account")
    assert said == (
        "PostgreSQL does not run as root, and this machine has no account no-such-account: "
        "name an existing one in TRIAL_SERVICE_ACCOUNT.\n"
    )
    assert status == 1


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    first = secret(tmp_path, "admin")
    assert secret(tmp_path, "admin") == first
    assert secret(tmp_path, "app") != first
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.rglob("*")}
    assert modes == {"secrets": "0o700", "admin": "0o600", "app": "0o600"}


def test_a_folder_is_held_by_one_and_let_go(tmp_path: Path) -> None:
    held = lock(tmp_path)
    held.say("process 7")
    with pytest.raises(FolderInUse) as refusal:
        lock(tmp_path)
    assert refusal.value.holder == "process 7"
    held.release()
    lock(tmp_path).release()


def test_a_folder_is_prepared_and_removed(open_place: Path) -> None:
    folder = open_place / "data"
    prepare(folder, service_account())
    assert [path.name for path in folder.iterdir()] == [MARKER]
    remove(folder)
    assert list(open_place.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence() -> None:
    with pytest.raises(CannotStart, match="name another in TRIAL_DATA_DIR"):
        prepare(Path("/proc/nowhere/data"), None)

"""The script in a certified copy, run alone: what was altered, removed, added or swapped is named."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from exports.bundle import Bundle
from exports.certified.writing import VERIFY
from tests.exports.certified import rewritten, verify

NAMES = ("data/a.csv", "data/b.csv", "files/scan.png", "index.html")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small copy in its ZIP."""
    path = tmp_path / "copy.zip"
    with path.open("wb") as target, Bundle(target) as bundle:
        for name, rows in (("data/a.csv", [("1", "一\r\n二")]), ("data/b.csv", [("1", "x"), ("2", "y")])):
            with bundle.table(name) as table:
                table.header(("ID", "WORDS"))
                for row in rows:
                    table.row(row)
        bundle.binary("files/scan.png", bytes(range(256)))
        bundle.text("index.html", "<p>副本</p>")
        bundle.binary("verify.py", VERIFY.read_bytes())
        digest = bundle.seal({"study": "S", "site": {"code": "01"}, "data_as_of": "today", "rows": 3})
    path.with_suffix(".sha256").write_text(digest)
    return path


@pytest.fixture
def copy(archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder


@pytest.fixture
def digest(archive: Path) -> str:
    return archive.with_suffix(".sha256").read_text()


def test_an_untouched_copy_agrees(copy: Path, digest: str) -> None:
    status, words = verify(copy, digest)
    assert status == 0
    assert "AS IT WAS WRITTEN: all 5 files" in words and "与写入时一致" in words
    assert "It is the one you gave." in words
    assert verify(copy, digest.upper())[0] == 0


def test_without_a_hash_it_prints_the_one_to_compare(copy: Path, digest: str) -> None:
    status, words = verify(copy)
    assert status == 0
    assert digest in words and "Compare it" in words


def test_the_zip_itself_can_be_checked(archive: Path, digest: str) -> None:
    status, words = verify(archive, digest, str(archive), script=VERIFY)
    assert (status, "all 5 files" in words) == (0, True)


@pytest.mark.parametrize("name", [*NAMES, "verify.py"])
@pytest.mark.parametrize("place", ["first", "last"])
def test_one_changed_byte_is_found_in_any_file(copy: Path, digest: str, name: str, place: str) -> None:
    raw = bytearray((copy / name).read_bytes())
    raw[0 if place == "first" else -1] ^= 1
    (copy / name).write_bytes(raw)
    status, words = verify(copy, digest, str(copy), script=VERIFY)
    assert status == 1
    assert f"{name}\n    ALTERED" in words and "NOT AS IT WAS WRITTEN: " in words and "已改动" in words


@pytest.mark.parametrize("name", NAMES)
def test_a_removed_file_is_named(copy: Path, digest: str, name: str) -> None:
    (copy / name).unlink()
    status, words = verify(copy, digest)
    assert (status, f"{name}\n    MISSING · 缺失" in words) == (1, True)


@pytest.mark.parametrize("name", ["more.csv", "data/deep/more.csv", "files/.hidden"])
def test_an_added_file_is_named(copy: Path, digest: str, name: str) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("more")
    status, words = verify(copy, digest)
    assert (status, f"{name}\n    ADDED" in words) == (1, True)


def test_two_swapped_files_are_both_named(copy: Path, digest: str) -> None:
    first, second = copy / "data/a.csv", copy / "data/b.csv"
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    status, words = verify(copy, digest)
    assert status == 1
    assert "data/a.csv\n    ALTERED" in words and "data/b.csv\n    ALTERED" in words


def test_a_file_renamed_is_missing_and_added(copy: Path, digest: str) -> None:
    (copy / "data/a.csv").rename(copy / "data/c.csv")
    _status, words = verify(copy, digest)
    assert "data/a.csv\n    MISSING" in words and "data/c.csv\n    ADDED" in words


def entries(copy: Path) -> list[dict[str, Any]]:
    return json.loads((copy / "manifest.json").read_text("utf-8"))["files"]


def test_a_manifest_made_to_fit_is_told_by_its_hash_alone(copy: Path, digest: str) -> None:
    raw = b"another picture"
    (copy / "files/scan.png").write_bytes(raw)
    listed = entries(copy)
    for entry in listed:
        if entry["name"] == "files/scan.png":
            entry |= {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    rewritten(copy, files=listed)
    assert verify(copy)[0] == 0
    status, words = verify(copy, digest)
    assert (status, "ALTERED: not the one you gave" in words) == (1, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"rows": 2}, "ROWS: 2 listed, 1 there"), ({"bytes": 1}, "another size than listed")],
)
def test_what_the_manifest_says_of_a_file_has_to_be_so(copy: Path, change: dict[str, int], said: str) -> None:
    listed = entries(copy)
    listed[0] |= change
    rewritten(copy, files=listed)
    status, words = verify(copy)
    assert (status, said in words) == (1, True)


def test_the_rows_of_all_files_have_to_add_up(copy: Path) -> None:
    rewritten(copy, rows=4)
    status, words = verify(copy)
    assert (status, "do not add up" in words) == (1, True)


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "data/../../x", "", "C:\\x"])
def test_a_manifest_that_names_a_place_outside_is_refused(copy: Path, name: str) -> None:
    rewritten(copy, files=[{"name": name, "rows": None, "bytes": 1, "sha256": "0" * 64}])
    status, words = verify(copy)
    assert (status, "was altered" in words) == (2, True)


def test_a_file_listed_twice_is_refused(copy: Path) -> None:
    listed = entries(copy)
    rewritten(copy, files=[*listed, listed[0]])
    assert verify(copy)[0] == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"files": 3}', '{"files": [{}]}'])
def test_a_manifest_that_cannot_be_read_is_said_to_be_so(copy: Path, content: str) -> None:
    (copy / "manifest.json").write_text(content)
    status, words = verify(copy)
    assert (status, "manifest.json无法读取" in words) == (2, True)


def test_without_a_manifest_or_a_copy_there_is_nothing_to_check(copy: Path, tmp_path: Path) -> None:
    (copy / "manifest.json").unlink()
    assert verify(copy)[0] == 2
    assert verify(copy, str(tmp_path / "nowhere"))[0] == 2
    no_zip = tmp_path / "no.zip"
    no_zip.write_text("no ZIP")
    assert verify(copy, str(no_zip))[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_link_in_place_of_a_file_is_altered(copy: Path, digest: str, tmp_path: Path) -> None:
    shutil.copy(copy / "index.html", tmp_path / "elsewhere.html")
    (copy / "index.html").unlink()
    (copy / "index.html").symlink_to(tmp_path / "elsewhere.html")
    status, words = verify(copy, digest)
    assert (status, "index.html\n    ALTERED: cannot be read" in words) == (1, True)


def test_a_zip_with_a_file_twice_is_found(archive: Path, digest: str) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(archive, "a") as packed:
        packed.writestr("data/a.csv", packed.read("data/a.csv"))
    status, words = verify(archive, digest, str(archive), script=VERIFY)
    assert (status, "data/a.csv\n    TWICE" in words) == (1, True)


def test_the_script_runs_on_python_3_8_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(VERIFY.read_text("utf-8"), feature_version=(3, 8))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert imported <= sys.stdlib_module_names

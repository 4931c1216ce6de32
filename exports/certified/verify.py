"""Checks a site's certified copy: whether any of its files was altered, removed or added.

    python verify.py [SHA256 OF manifest.json] [FOLDER OR ZIP OF THE COPY]

Needs Python 3.8 or newer and nothing else: no network, no database, no part of the system that made the copy.
Without a folder it checks the one it stands in. Give the SHA-256 of manifest.json that the system's page and its
audit trail name for the copy: only then is it certain that the list of files itself is the one that was written.
The exit status is 0 where everything agrees, 1 where something does not, 2 where there is nothing to check.

检查研究中心的核证副本：文件是否被改动、删除或增加。需要Python 3.8或更高版本，无需其他任何软件或网络。
请给出系统页面及稽查轨迹中该副本manifest.json的SHA-256，才能确认文件清单本身未被改动。
退出状态：0表示全部一致，1表示有不一致，2表示无可检查的内容。
"""

import csv
import hashlib
import io
import json
import os
import re
import sys
import zipfile
import zlib

MANIFEST = "manifest.json"
CHUNK = 1024 * 1024


class NothingToCheck(Exception):
    """There is no copy, or none that can be read: `english`, `chinese` say why."""

    def __init__(self, english, chinese):
        super().__init__(english)
        self.english, self.chinese = english, chinese


class Folder:
    """The files of an unpacked copy; names have forward slashes."""

    def __init__(self, path):
        self.path = path

    def names(self):
        found = []
        for above, folders, files in os.walk(self.path):
            links = [name for name in folders if os.path.islink(os.path.join(above, name))]
            for name in files + links:
                found.append(os.path.relpath(os.path.join(above, name), self.path).replace(os.sep, "/"))
        return found

    def open(self, name):
        path = os.path.join(self.path, *name.split("/"))
        if os.path.islink(path):
            raise OSError("a link, not a file")
        return open(path, "rb")


class Zip:
    """The files of a copy in its ZIP."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)

    def names(self):
        return [name for name in self.zip.namelist() if not name.endswith("/")]

    def open(self, name):
        return self.zip.open(name)


def source_at(path):
    if os.path.isdir(path):
        return Folder(path)
    try:
        return Zip(path)
    except (OSError, zipfile.BadZipFile):
        raise NothingToCheck(
            f"There is no folder or ZIP file at {path}.", f"{path}不是文件夹或ZIP文件。"
        ) from None


def read_manifest(source):
    """The bytes of the manifest and what it says of each file."""
    try:
        with source.open(MANIFEST) as file:
            raw = file.read()
    except (OSError, KeyError, zipfile.BadZipFile, EOFError):
        raise NothingToCheck("manifest.json is not there.", "缺少manifest.json。") from None
    try:
        manifest = json.loads(raw.decode("utf-8"))
        files = manifest["files"]
        listed = {entry["name"]: (entry["sha256"], entry["bytes"], entry["rows"]) for entry in files}
    except (ValueError, KeyError, TypeError):
        raise NothingToCheck(
            "manifest.json cannot be read: it was altered.", "manifest.json无法读取：已被改动。"
        ) from None
    if len(listed) != len(files) or not all(map(_sound_name, listed)):
        raise NothingToCheck(
            "manifest.json names a file twice or outside the copy: it was altered.",
            "manifest.json重复列出文件或列出副本以外的文件：已被改动。",
        )
    return raw, manifest, listed


def _sound_name(name):
    return (
        isinstance(name, str)
        and bool(name)
        and not set(name.split("/")) & {"", ".", ".."}
        and ":" not in name
    )


def look_at(source, name, count):
    """SHA-256, size and, where `count`, the rows of a file; OSError where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with source.open(name) as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                digest.update(chunk)
                size += len(chunk)
        rows = rows_of(source, name) if count else None
    except (OSError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise OSError(str(error)) from error
    return digest.hexdigest(), size, rows


def rows_of(source, name):
    """The rows of a CSV file below its header; -1 where it is no CSV file."""
    csv.field_size_limit(2**31 - 1)
    with source.open(name) as file:
        try:
            return sum(1 for _row in csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))) - 1
        except (csv.Error, ValueError):
            return -1


def differences(source, listed):
    """What does not agree, as (file, English, Chinese), in the order of names; and how many files were looked at."""
    there = source.names()
    found = []
    for name in sorted(set(there) - set(listed) - {MANIFEST}):
        found.append((name, "ADDED: not in the manifest", "多出：清单中没有"))
    for name in sorted({name for name in there if there.count(name) > 1}):
        found.append((name, "TWICE in the ZIP", "ZIP中重复"))
    for name, (sha256, size, rows) in sorted(listed.items()):
        if name not in there:
            found.append((name, "MISSING", "缺失"))
            continue
        try:
            is_sha256, is_size, is_rows = look_at(source, name, rows is not None)
        except OSError:
            found.append((name, "ALTERED: cannot be read", "已改动：无法读取"))
            continue
        if is_sha256 != sha256:
            found.append((name, "ALTERED: another content", "已改动：内容不同"))
        elif is_size != size:
            found.append((name, "ALTERED: another size than listed", "已改动：大小与清单不符"))
        if rows is not None and is_rows != rows:
            found.append(
                (
                    name,
                    f"ROWS: {rows} listed, {is_rows} there",
                    f"行数：清单{rows}，实际{is_rows}",
                )
            )
    return found


def check(source, expected):
    """Print what was found; True where everything agrees."""
    raw, manifest, listed = read_manifest(source)
    digest = hashlib.sha256(raw).hexdigest()
    site = manifest.get("site") or {}
    print(
        "Certified copy 核证副本: {} · {} · {}".format(
            manifest.get("study"), site.get("code"), manifest.get("data_as_of")
        )
    )
    if manifest.get("fictitious"):
        print("FICTITIOUS DATA · 虚构数据")
    found = differences(source, listed)
    for name, english, chinese in found:
        print(f"  {name}\n    {english} · {chinese}")
    total = sum(entry[2] for entry in listed.values() if entry[2] is not None)
    if total != manifest.get("rows"):
        found.append((MANIFEST, "", ""))
        print("  The rows of all files do not add up. · 各文件行数之和与总数不符。")
    print(f"SHA-256 of manifest.json · manifest.json的SHA-256:\n  {digest}")
    if expected is None:
        print(
            "  Compare it with the one the system's page and its audit trail name for this copy.\n"
            "  请与系统页面及稽查轨迹中该副本的SHA-256核对。"
        )
    elif digest != expected:
        found.append((MANIFEST, "", ""))
        print(f"  ALTERED: not the one you gave. · 已改动：与所给的SHA-256不同。\n  {expected}")
    else:
        print("  It is the one you gave. · 与所给的SHA-256一致。")
    if found:
        print(f"NOT AS IT WAS WRITTEN: {len(found)} differences. · 与写入时不符：{len(found)}处。")
        return False
    print(
        f"AS IT WAS WRITTEN: all {len(listed)} files agree with the manifest. · 与写入时一致：{len(listed)}个文件均与清单相符。"
    )
    return True


def main(arguments):
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    expected, path = None, os.path.dirname(os.path.abspath(__file__))
    for argument in arguments:
        if argument in ("-h", "--help"):
            print(__doc__)
            return 0
        if re.fullmatch("[0-9a-fA-F]{64}", argument):
            expected = argument.lower()
        else:
            path = argument
    try:
        return 0 if check(source_at(path), expected) else 1
    except NothingToCheck as nothing:
        print(f"{nothing.english} · {nothing.chinese}")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

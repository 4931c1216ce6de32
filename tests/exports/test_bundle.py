import csv
import hashlib
import io
import json
from zipfile import ZipFile

import pytest

from exports.bundle import ROWS_AT_ONCE, Bundle

ODD = [
    "肝细胞癌，右叶",
    'said "yes"',
    "two\nlines",
    "two\r\nlines",
    "=HYPERLINK(1)",
    "@x",
    "007",
    " padded ",
    "🙂",
    ",",
    "",
]


def test_cells_are_read_back_as_they_were() -> None:
    target = io.BytesIO()
    with Bundle(target) as bundle:
        with bundle.table("a.csv") as table:
            table.header(["N", "WORDS"])
            for number, words in enumerate(ODD):
                table.row([number, words])
        bundle.seal({})
    raw = ZipFile(target).read("a.csv")
    assert list(csv.reader(io.StringIO(raw.decode(), newline="")))[1:] == [
        [str(n), words] for n, words in enumerate(ODD)
    ]


def test_lines_of_a_copy_end_in_crlf_and_keep_line_feeds_within_values() -> None:
    target = io.BytesIO()
    told: list[int] = []
    with Bundle(target) as bundle, bundle.table("a.csv", told.append) as table:
        table.header(["WORDS"])
        for _row in range(ROWS_AT_ONCE):
            table.write(b'"two\nlines"\n')
        table.write(b"last\n")
    assert ZipFile(target).read("a.csv") == b"WORDS\r\n" + b'"two\nlines"\r\n' * ROWS_AT_ONCE + b"last\r\n"
    assert told == [ROWS_AT_ONCE, ROWS_AT_ONCE + 1]
    assert bundle.files[0].rows == ROWS_AT_ONCE + 1


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_the_manifest_says_what_each_file_is(rows: int) -> None:
    target = io.BytesIO()
    with Bundle(target) as bundle:
        bundle.text("README.txt", "读我\n")
        with bundle.table("a.csv") as table:
            table.header(["N"])
            for number in range(rows):
                table.row([number])
        bundle.seal({"study": "X"})
    archive = ZipFile(target)
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["study"] == "X"
    assert manifest["files"] == [
        {
            "name": name,
            "rows": count,
            "bytes": len(archive.read(name)),
            "sha256": hashlib.sha256(archive.read(name)).hexdigest(),
        }
        for name, count in (("README.txt", None), ("a.csv", rows))
    ]
    assert archive.namelist() == ["README.txt", "a.csv", "manifest.json"]


def test_the_moment_of_writing_does_not_show() -> None:
    target = io.BytesIO()
    with Bundle(target) as bundle:
        bundle.text("a.txt", "a")
    infos = ZipFile(target).infolist()
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100600}

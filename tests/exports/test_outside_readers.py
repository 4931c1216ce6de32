"""Readers from outside agree with the database on every value of every table, whatever the format."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pytest
from django.db import connection
from python_calamine import CalamineWorkbook

from accounts.access import Actor
from exports.asked import Asked
from exports.formats.base import CANNOT_WORDS, ascii_signs
from exports.formats.excel import NAME as WORKBOOK
from exports.formats.readstat import numbers_of
from exports.tables import Column, Table
from exports.trial_tables import tables_of_export
from participants.models import MedicalHistory, Participant
from participants.models.history import Condition
from tests.cast import START
from tests.exports.conftest import Files
from tests.exports.sheets import ran
from tests.exports.test_odd_text import ODD, ZERO_OF_PANDAS
from trial_edc.demo.walks import walk_to_eligible

pytestmark = pytest.mark.slow
# A value as it is compared: None where there is none, a number, a day, a time in UTC, or text.
Value = None | float | date | datetime | str
Rows = list[dict[str, Value]]
TABLES = tables_of_export(historical=False)
NUMBERS = ("integer", "decimal", "measured")


@pytest.fixture
def eligible(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    """Somebody with filled forms, odd text in a history of many rows, and a reason for a missing answer."""
    now = START + timedelta(hours=1)
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=now)
    MedicalHistory.objects.update(
        allergys="\n".join(ODD), allergyr="皮疹，🙂", gibyn=None, missing={"gibyn": "NK"}
    )
    history = MedicalHistory.objects.get()
    Condition.objects.bulk_create(
        Condition(record=history, participant=participant, number=100 + place, mhterm=text)
        for place, text in enumerate(ODD)
    )
    return participant


def canonical(column: Column, text: object) -> Value:
    """A value out of the text the database gives; nothing and an empty text are the same to most formats."""
    if text is None or text == "":
        return None
    said = str(text)
    if column.kind in NUMBERS:
        return float(said)
    if column.kind == "date":
        return date.fromisoformat(said)
    if column.kind == "datetime":
        return datetime.fromisoformat(said).replace(tzinfo=None)
    return said


def in_database(table: Table) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(table.selection(None).as_string(cursor.cursor))
        return [
            {column.name: canonical(column, value) for column, value in zip(table.columns, row, strict=True)}
            for row in cursor.fetchall()
        ]


@pytest.fixture
def truth(eligible: Participant) -> dict[str, Rows]:
    found = {table.name: in_database(table) for table in TABLES}
    assert {row["MHTERM"] for row in found["MH_CONDITIONS"]} >= set(ODD)
    assert found["MH"][0]["GIBYN_MISSING"] == "NK"
    assert sum(len(rows) for rows in found.values()) > 30
    return found


class Unpacked:
    """An export unpacked in a folder, with its rename map as its own codebook gives it."""

    def __init__(self, files: Files, folder: Path) -> None:
        files.zip.extractall(folder)
        self.folder = folder
        self.book = files.rows("codebook.csv")

    def file(self, table: Table) -> Path:
        return self.folder / next(row["FILE"] for row in self.book if self._of(row, table))

    def _of(self, row: dict[str, str], table: Table) -> bool:
        return row["TITLE_EN"] == table.title.en and row["COLUMN"] in table.header

    def names(self, table: Table) -> dict[str, str]:
        """Each column's name in the file; those left out have none."""
        return {
            row["COLUMN"]: row["NAME"] for row in self.book if self._of(row, table) and not row["LEFT_OUT"]
        }

    def left_out(self) -> dict[str, str]:
        return {
            f"{row['FORM'] or row['FILE']}.{row['COLUMN']}": row["LEFT_OUT"]
            for row in self.book
            if row["LEFT_OUT"]
        }


@pytest.fixture
def unpacked(
    export: Callable[..., Files], tmp_path: Path, settings: Any, truth: Any
) -> Callable[..., Unpacked]:
    settings.EXPORT_ROOT = str(tmp_path / "exports")

    def unpack(form: str, **wishes: Any) -> Unpacked:
        found = Unpacked(export(asked=Asked(format=form, **wishes)), tmp_path / form)
        assert list((tmp_path / "exports").glob("*")) == []
        return found

    return unpack


def agree(
    truth: dict[str, Rows], export: Unpacked, read: Callable[[Path, Table], Iterator[dict[str, Any]]]
) -> None:
    """Hold every value of every table as a reader gives it, by the names in the file, against the database."""
    for table in TABLES:
        names = export.names(table)
        expected = [
            {names[name]: value for name, value in row.items() if name in names} for row in truth[table.name]
        ]
        found = [
            {names[column.name]: row[names[column.name]] for column in table.columns if column.name in names}
            for row in read(export.file(table), table)
        ]
        assert found == expected, table.name


def of_text(rows: list[dict[str, Any]], table: Table) -> Iterator[dict[str, Value]]:
    for row in rows:
        yield {column.name: canonical(column, row[column.name]) for column in table.columns}


def test_duckdb_and_polars_read_the_csv(truth: dict[str, Rows], unpacked: Callable[..., Unpacked]) -> None:
    export = unpacked("csv")

    def by_duckdb(path: Path, table: Table) -> Iterator[dict[str, Value]]:
        found = duckdb.read_csv(
            str(path),
            header=True,
            all_varchar=True,
            quotechar='"',
            escapechar='"',
            delimiter=",",
            strict_mode=False,
        )
        return of_text([dict(zip(found.columns, row, strict=True)) for row in found.fetchall()], table)

    def by_polars(path: Path, table: Table) -> Iterator[dict[str, Value]]:
        return of_text(polars.read_csv(path, infer_schema=False).to_dicts(), table)

    agree(truth, export, by_polars)
    agree(truth, export, by_duckdb)


def test_duckdb_and_polars_read_the_parquet(
    truth: dict[str, Rows], unpacked: Callable[..., Unpacked]
) -> None:
    export = unpacked("parquet")

    def typed(rows: list[dict[str, Any]], table: Table) -> Iterator[dict[str, Value]]:
        for row in rows:
            found = {}
            for column in table.columns:
                value = row[column.name]
                if column.kind in NUMBERS and value is not None:
                    value = float(value)
                elif isinstance(value, datetime):
                    value = value.replace(tzinfo=None)
                found[column.name] = value if value != "" else None
            yield found

    def by_duckdb(path: Path, table: Table) -> Iterator[dict[str, Value]]:
        duckdb.sql("SET TimeZone = 'UTC'")
        moments = ", ".join(
            f'"{column.name}" AT TIME ZONE \'UTC\' AS "{column.name}"'
            for column in table.columns
            if column.kind == "datetime"
        )
        chosen = f"* REPLACE ({moments})" if moments else "*"
        found = duckdb.sql(f"SELECT {chosen} FROM read_parquet('{path}')")
        return typed([dict(zip(found.columns, row, strict=True)) for row in found.fetchall()], table)

    agree(truth, export, lambda path, table: typed(polars.read_parquet(path).to_dicts(), table))
    agree(truth, export, by_duckdb)


def by_name(table: Table, names: dict[str, str]) -> dict[str, Column]:
    return {names[column.name]: column for column in table.columns if column.name in names}


def test_pandas_and_r_read_the_transport_files(
    truth: dict[str, Rows], unpacked: Callable[..., Unpacked]
) -> None:
    export = unpacked("xpt", leave_out=True)
    left = export.left_out()
    assert (left["MH.ALLERGYR"], left["MH_CONDITIONS.MHTERM"]) == ("ASCII", "ASCII")
    assert set(left.values()) <= set(CANNOT_WORDS)
    in_ascii = {
        table.name: [
            {
                column.name: ascii_signs(str(row[column.name]))
                if isinstance(row[column.name], str)
                and (column.kind == "code" or column.name.endswith("_EN") or column.name == "UNIT")
                else row[column.name]
                for column in table.columns
            }
            for row in truth[table.name]
        ]
        for table in TABLES
    }

    def typed(rows: list[dict[str, Any]], columns: dict[str, Column]) -> Iterator[dict[str, Any]]:
        for row in rows:
            found: dict[str, Value] = {}
            for name, column in columns.items():
                value = row[name]
                if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
                    found[name] = None
                elif column.kind == "date":
                    found[name] = date(1960, 1, 1) + timedelta(days=float(value))
                elif column.kind == "datetime":
                    found[name] = datetime(1960, 1, 1) + timedelta(seconds=float(value))
                elif column.kind in NUMBERS:
                    found[name] = 0.0 if float(value) == ZERO_OF_PANDAS else float(value)
                else:
                    found[name] = value
            yield found

    def by_pandas(path: Path, table: Table) -> Iterator[dict[str, Any]]:
        if not truth[table.name]:
            return iter(())  # pandas cannot read a transport file without rows
        read = pandas.read_sas(path, format="xport", encoding="ascii")
        return typed(read.to_dict("records"), by_name(table, export.names(table)))

    script = export.folder / "foreign.R"
    script.write_text(
        "for (path in list.files('.', pattern = 'xpt$', recursive = TRUE)) {\n"
        "  read <- foreign::read.xport(path)\n"
        "  read[] <- lapply(read, function(x) if (is.numeric(x)) ifelse(is.na(x), '', sprintf('%.17g', x)) else as.character(x))\n"
        "  write.csv(read, paste0(path, '.csv'), row.names = FALSE, na = '', fileEncoding = 'UTF-8', eol = '\\r\\n')\n"
        "}\n"
    )
    ran("Rscript", "--vanilla", str(script), cwd=export.folder)

    def by_r(path: Path, table: Table) -> Iterator[dict[str, Any]]:
        raw = path.with_name(f"{path.name}.csv").read_bytes().decode()
        # A name that R reserves ("NA") has a dot behind it there.
        rows = [
            {name.removesuffix("."): value for name, value in row.items()}
            for row in csv.DictReader(io.StringIO(raw, newline=""))
        ]
        return typed(rows, by_name(table, export.names(table)))

    agree(in_ascii, export, by_pandas)
    agree(in_ascii, export, by_r)


def test_pspp_reads_the_spss_files(truth: dict[str, Rows], unpacked: Callable[..., Unpacked]) -> None:
    export = unpacked("sav")
    commands = []
    for path in sorted(export.folder.rglob("*.sav")):
        commands.append(f"GET FILE='{path}'.")
        commands.append(
            f"SAVE TRANSLATE /OUTFILE='{path}.csv' /TYPE=CSV /REPLACE /FIELDNAMES /CELLS=VALUES /MISSING=IGNORE "
            "/TEXTOPTIONS FORMAT=PLAIN."
        )
    (export.folder / "read.sps").write_text("\n".join(commands) + "\n", encoding="utf-8")
    ran("pspp", "-b", "-o", str(export.folder / "log.txt"), "read.sps", cwd=export.folder)

    def by_pspp(path: Path, table: Table) -> Iterator[dict[str, Any]]:
        raw = path.with_name(f"{path.name}.csv").read_bytes().decode()
        columns = by_name(table, export.names(table))
        for row in csv.DictReader(io.StringIO(raw, newline="")):
            yield {name: of_pspp(column, row[name]) for name, column in columns.items()}

    def of_pspp(column: Column, said: str) -> Value:
        if said.strip() in ("", "."):
            return None
        if column.kind in NUMBERS:
            return float(said)
        if column.kind == "date":
            return datetime.strptime(said, "%m/%d/%Y").date()  # noqa: DTZ007
        if column.kind == "datetime":
            return datetime.strptime(said, "%m/%d/%Y %H:%M:%S")  # noqa: DTZ007
        return said

    # PSPP itself drops carriage returns as it writes CSV; pyreadstat reads them (test_odd_text.py).
    without = {
        name: [
            {key: value.replace("\r", "") if isinstance(value, str) else value for key, value in row.items()}
            for row in rows
        ]
        for name, rows in truth.items()
    }
    agree(without, export, by_pspp)


def test_pandas_reads_the_stata_files(truth: dict[str, Rows], unpacked: Callable[..., Unpacked]) -> None:
    export = unpacked("dta")

    def by_pandas(path: Path, table: Table) -> Iterator[dict[str, Any]]:
        columns = by_name(table, export.names(table))
        read = pandas.read_stata(path, convert_categoricals=False)
        with pandas.io.stata.StataReader(path) as reader:
            labels = reader.value_labels()
        for row in read.to_dict("records"):
            yield {name: of_stata(column, row[name], labels) for name, column in columns.items()}

    def of_stata(column: Column, value: Any, labels: dict[str, dict[int, str]]) -> Value:
        if value == "" or pandas.isna(value):
            return None
        if column.kind == "code" and column.codes is not None:
            [code] = [code for code, number in numbers_of(column.codes).items() if number == value]
            return code
        if isinstance(value, pandas.Timestamp):
            moment = value.to_pydatetime()
            return moment.date() if column.kind == "date" else moment
        return float(value) if column.kind in NUMBERS else value

    agree(truth, export, by_pandas)
    labelled = pandas.read_stata(export.folder / "forms" / "DM.dta")
    assert list(labelled["SEX"]) == ["M = Male | 男"]


def test_calamine_reads_the_workbook(truth: dict[str, Rows], unpacked: Callable[..., Unpacked]) -> None:
    export = unpacked("xlsx")
    book = CalamineWorkbook.from_path(str(export.folder / WORKBOOK))

    def by_calamine(path: Path, table: Table) -> Iterator[dict[str, Any]]:
        [name] = [sheet for sheet in book.sheet_names if sheet == table.name]
        heading, *rows = book.get_sheet_by_name(name).to_python()
        columns = by_name(table, export.names(table))
        for row in rows:
            read = dict(zip(heading, row, strict=True))
            yield {name: of_excel(column, read[name]) for name, column in columns.items()}

    def of_excel(column: Column, value: Any) -> Value:
        if value == "":
            return None
        if column.kind in NUMBERS:
            return float(value)
        if column.kind == "datetime" and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day)
        return value

    agree(truth, export, by_calamine)


OUT_OF_R = """\
source("read.R")
trial <- read_trial()
dir.create("out")
text <- function(x) {
  codes <- attr(x, "codes")
  if (is.factor(x)) x <- codes[as.integer(x)]
  else if (inherits(x, "Date")) x <- format(x)
  else if (inherits(x, "POSIXct")) x <- format(x, "%Y-%m-%dT%H:%M:%S", tz = "UTC")
  else if (is.numeric(x)) x <- ifelse(is.na(x), NA, sprintf("%.17g", x))
  x
}
for (name in names(trial)) {
  rows <- trial[[name]]
  rows[] <- lapply(rows, text)
  con <- file(file.path("out", name), "wb", encoding = "UTF-8")
  write.table(rows, con, sep = ",", qmethod = "double", row.names = FALSE, na = "", eol = "\\r\\n")
  close(con)
}
cat(levels(trial$DM$SEX), attr(trial$DM$SEX, "label"), attr(trial$VS$WEIGHT, "unit"), attr(trial$DM, "label"), sep = "|")
"""


def test_r_reads_the_csv_through_its_script(
    truth: dict[str, Rows], unpacked: Callable[..., Unpacked]
) -> None:
    export = unpacked("csv")
    (export.folder / "test.R").write_text(OUT_OF_R)
    told = ran(
        "Rscript",
        "--vanilla",
        "test.R",
        cwd=export.folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert told == "Male|Female|Sex|kg|Demographics and informed consent"

    def by_r(path: Path, table: Table) -> Iterator[dict[str, Value]]:
        raw = (export.folder / "out" / table.name).read_bytes().decode()
        return of_text(list(csv.DictReader(io.StringIO(raw, newline=""))), table)

    agree(truth, export, by_r)

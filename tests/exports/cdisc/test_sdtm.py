"""SDTM as outside readers see it: pyreadstat for transport files, JSON and its schema, Define-XML by its schema."""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import jsonschema
import odmlib
import pyreadstat
import pytest
from django.db import connection, transaction
from lxml import etree

from accounts.models import Site
from eligibility.models import AdverseEvent, Laboratory, VitalSigns
from exports.cdisc.sdtm.compiling import Dataset, datasets, epoch
from exports.cdisc.sdtm.writing import continued, write_sdtm
from participants.models import Participant
from records.definition import forms, row_groups
from records.items import Item, items_of
from records.models import Record
from records.zone import TRIAL_ZONE
from tests.exports.cdisc.conftest import ODD
from tests.exports.conftest import stamp

pytestmark = pytest.mark.django_db

DEFINE = Path(odmlib.__file__).parent / "schemas/define/2.1/define2-1-0.xsd"
JSON_SCHEMA = json.loads((Path(__file__).parent / "dataset-json-1.1.schema.json").read_text())
Row = dict[str, Any]


class Tables:
    """A ZIP of datasets read back, each kind of file by a reader that knows nothing of this project."""

    def __init__(self, raw: bytes, folder: Path) -> None:
        self.raw = raw
        self.zip = ZipFile(io.BytesIO(raw))
        self._folder = folder
        self.names = [name for name in self.zip.namelist() if name.endswith(".xpt")]

    def transport(self, name: str) -> tuple[list[Row], Any]:
        """The rows of a transport file, missing as None, and what pyreadstat says of it."""
        path = self._folder / Path(name).name
        path.write_bytes(self.zip.read(name))
        columns, about = pyreadstat.read_xport(str(path), encoding="utf-8", output_format="dict")
        names = list(columns)
        rows = [dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        return [{key: _plain(value) for key, value in row.items()} for row in rows], about

    def rows(self, dataset: str) -> list[Row]:
        return self.transport(f"sdtm/xpt/{dataset.lower()}.xpt")[0]

    def json(self, dataset: str) -> dict[str, Any]:
        return json.loads(self.zip.read(f"sdtm/json/{dataset.lower()}.json"))


@pytest.fixture(scope="module")
def tables(
    walked: dict[str, Participant], tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Tables:
    """What both participants give, written once."""
    with django_db_blocker.unblock():
        return _written(tmp_path_factory.mktemp("sdtm"), ())


def _written(folder: Path, sites: tuple[Site, ...], **changed: Any) -> Tables:
    target = io.BytesIO()
    with transaction.atomic():
        write_sdtm(
            target=target,
            reader=connection,
            stamp=stamp(**{"sites": tuple(site.code for site in sites) or None, **changed}),
            site_ids=[site.pk for site in sites] or None,
            report=lambda table, done, total: None,
        )
    return Tables(target.getvalue(), folder)


def _plain(value: Any) -> Any:
    return None if value is None or value != value else value


@pytest.fixture
def tabulate(tmp_path: Path) -> Callable[..., Tables]:
    def write(*sites: Site, **changed: Any) -> Tables:
        return _written(tmp_path, sites, **changed)

    return write


def test_both_files_of_every_dataset_say_the_same(tables: Tables) -> None:
    assert len(tables.names) > 30
    for name in tables.names:
        rows, about = tables.transport(name)
        dataset = tables.json(Path(name).stem)
        jsonschema.Draft201909Validator(JSON_SCHEMA).validate(dataset)
        columns = [column["name"] for column in dataset["columns"]]
        assert dataset["records"] == len(dataset["rows"]) == len(rows)
        assert about.column_names == columns
        assert about.column_labels == [column["label"] for column in dataset["columns"]]
        assert about.file_label == dataset["label"]
        for row, cells in zip(rows, dataset["rows"], strict=True):
            read = dict(zip(columns, cells, strict=True))
            # The transport format pads with blanks, so those at a text's end do not come back.
            assert row == {
                key: value.rstrip(" ") if isinstance(value, str) else value for key, value in read.items()
            }
        for column, values in zip(dataset["columns"], zip(*dataset["rows"], strict=True), strict=bool(rows)):
            if column["dataType"] == "string":
                assert max(len(str(value).encode()) for value in values) <= column["length"]


def test_keys_are_unique_and_numbers_run_through(tables: Tables) -> None:
    people = {row["USUBJID"] for row in tables.rows("DM")}
    filled = 0
    for dataset in datasets():
        if f"sdtm/xpt/{dataset.name.lower()}.xpt" not in tables.names:
            continue
        rows = tables.rows(dataset.name)
        keys = [tuple(row[key] for key in dataset.domain.keys) for row in rows]
        assert len(keys) == len(set(keys)), dataset.name
        assert {row["USUBJID"] for row in rows} <= people
        filled += len(rows) > 0
        if f"{dataset.name}SEQ" in dataset.domain.variables:
            numbered = defaultdict(list)
            for row in rows:
                numbered[row["USUBJID"]].append(row[f"{dataset.name}SEQ"])
            assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in numbered.values())
    assert filled > 12


def test_a_qualifier_finds_the_record_it_belongs_to(tables: Tables) -> None:
    for name in (name for name in tables.names if "/supp" in name):
        rows, _about = tables.transport(name)
        parents = tables.rows(rows[0]["RDOMAIN"])
        known = {
            (parent["USUBJID"], column, _key(value)) for parent in parents for column, value in parent.items()
        }
        for row in rows:
            assert not row["IDVAR"] or (row["USUBJID"], row["IDVAR"], row["IDVARVAL"]) in known, row
        said = {(row["QNAM"], row["QLABEL"]) for row in rows}
        assert len({name for name, _label in said}) == len(said)


def _key(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _texts(item: Item, value: Any) -> list[str]:
    """An answer as it can stand in a dataset."""
    if item.kind == "datetime":
        return [value.astimezone(TRIAL_ZONE).strftime("%Y-%m-%dT%H:%M:%S")]
    if item.kind == "multicode":
        return list(value)
    if isinstance(value, Decimal):
        return [str(value), f"{value.normalize():f}"]
    return [item.exported(value).rstrip(" ")]


def test_every_answer_of_a_submitted_form_stands_somewhere(tables: Tables) -> None:
    stands: dict[str, set[str]] = defaultdict(set)
    for name in tables.names:
        rows, _about = tables.transport(name)
        for row in rows:
            held = {_key(value) for value in row.values() if value is not None}
            parts = {part for value in held for part in value.split(";")}
            signless = {value.lstrip("<>") for value in held}
            stands[row.get("USUBJID", "")] |= held | parts | signless
    lost = []
    for form in forms().values():
        for record in form._default_manager.filter(state=Record.State.SUBMITTED).select_related(
            "participant"
        ):
            person = f"NCT07070076-{record.participant.number}"
            holders = [(record, form)]
            holders += [
                (row, rows) for name, rows in row_groups(form).items() for row in getattr(record, name).all()
            ]
            for holder, model in holders:
                for item in items_of(model):
                    value = getattr(holder, item.name)
                    # Codes stand in the words of the standard's terminology; their mapping is total by construction.
                    if value is None or item.kind == "code":
                        continue
                    if item.kind == "multicode" and item.name in ("etiol", "transplo", "allergy"):
                        continue
                    if not set(_texts(item, value)) & stands[person]:
                        lost.append((form.form.code, item.name, str(value)))
    assert lost == []


def test_laboratory_results_agree_with_the_database(tables: Tables) -> None:
    rows = {(row["USUBJID"], row["VISIT"], row["LBTESTCD"]): row for row in tables.rows("LB")}
    seen = 0
    for record in Laboratory.objects.filter(state="SUBMITTED").select_related("participant", "visit"):
        for code, item in (("ALT", "alt"), ("BILI", "tbil"), ("PLAT", "plt"), ("AFP", "afp")):
            value = getattr(record, item)
            if value is None:
                continue
            row = rows[(f"NCT07070076-{record.participant.number}", record.visit.label_en, code)]
            seen += 1
            assert Decimal(row["LBORRES"].lstrip("<>")) == value
            limit = getattr(record, f"{item}_hi")
            assert (Decimal(row["LBORNRHI"]) if row["LBORNRHI"] else None) == limit
            assert row["LBNRIND"] == (getattr(record, f"{item}_fl") or "")
            assert row["LBDTC"] == record.lbdtc.astimezone(TRIAL_ZONE).strftime("%Y-%m-%dT%H:%M:%S")
            si = getattr(record, f"{item}_si", value)
            assert row["LBSTRESN"] == pytest.approx(float(si))
            grade = getattr(record, f"{item}_gr", None)
            assert row["LBTOXGR"] == ("" if grade is None else str(grade))
    assert seen > 10


def test_vital_signs_carry_unit_and_last_value_before_treatment(
    walked: dict[str, Participant], tables: Tables
) -> None:
    rows = tables.rows("VS")
    weights = [row for row in rows if row["VSTESTCD"] == "WEIGHT"]
    assert {row["VSORRESU"] for row in weights} == {"kg"}
    entered = VitalSigns.objects.filter(state="SUBMITTED").exclude(weight=None)
    assert sorted(row["VSSTRESN"] for row in weights) == sorted(float(one.weight or 0) for one in entered)
    flagged = [row["USUBJID"] for row in weights if row["VSLOBXFL"] == "Y"]
    assert sorted(flagged) == sorted(f"NCT07070076-{one.number}" for one in walked.values())


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ("2027-03-09", "SCREENING"),
        ("2027-03-10", "TREATMENT"),
        ("2027-03-10T07:59:00", "TREATMENT"),
        ("2027-06-30", "TREATMENT"),
        ("2027-07-01", "FOLLOW-UP"),
        ("2027-02", "SCREENING"),
        ("2027-03", None),  # before or after the first infusion
        ("2027-04", "TREATMENT"),
        ("2027-06", "TREATMENT"),  # the last infusion is on its last day
        ("2027-07", "FOLLOW-UP"),
        ("2026", "SCREENING"),
        ("2027", None),
        ("2028", "FOLLOW-UP"),
        (None, None),
    ],
)
def test_an_epoch_holds_all_of_a_date_or_is_empty(begins: str | None, expected: str | None) -> None:
    assert _epoch(begins, "2027-03-10T08:00:00", "2027-06-30T09:00:00") == expected
    assert _epoch(begins, None, None) == ("SCREENING" if begins else None)


def test_an_epoch_from_the_first_of_a_month_to_a_day_before_its_end() -> None:
    begun, ended = "2027-03-01T08:00:00", "2028-02-28T09:00:00"
    found = [_epoch(begins, begun, ended) for begins in ("2027-03", "2027", "2028-01", "2028-02", "2028-03")]
    assert found == ["TREATMENT", None, "TREATMENT", None, "FOLLOW-UP"]
    assert _epoch("2027", "2027-01-01T08:00:00", "2027-12-31T09:00:00") == "TREATMENT"


def _epoch(begins: str | None, begun: str | None, ended: str | None) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {epoch('b.d')} FROM (SELECT %s::text AS d) b, (SELECT %s::text AS rfx, %s::text AS rfxe) u",
            [begins, begun, ended],
        )
        return cursor.fetchone()[0]


def test_a_draft_is_no_data(tables: Tables) -> None:
    assert AdverseEvent.objects.filter(state="DRAFT").count() == 2
    assert "sdtm/xpt/ae.xpt" in tables.names
    assert ODD.strip() not in {row["AETERM"] for row in tables.rows("AE")}


@pytest.mark.parametrize("of", datasets(), ids=lambda of: of.name)
def test_a_form_is_read_only_where_it_is_submitted(of: Dataset) -> None:
    """Also where another form's row takes its day from it."""
    names = [form._meta.db_table for form in forms().values()]
    read = sum(len(re.findall(rf"\b{name}\b", of.query)) for name in names)
    assert read == of.query.count("state = 'SUBMITTED'")


def test_a_day_that_stands_in_a_draft_is_no_data(walked: dict[str, Participant], tabulate: Any) -> None:
    person = f"NCT07070076-{walked['Y90'].number}"
    for draft in (False, True):
        if draft:
            with connection.cursor() as cursor:
                for name in ("participants_visitheader", "participants_demographics", "arms_maamapping"):
                    cursor.execute(
                        f"UPDATE {name} SET state = 'DRAFT', submitted_at = NULL, submitted_by_id = NULL"
                    )
        tables = tabulate()
        signs = [row for row in tables.rows("VS") if row["USUBJID"] == person]
        stages = [row for row in tables.rows("RS") if row["RSCAT"] == "CHILD-PUGH CLASSIFICATION"]
        plans = [row for row in tables.rows("PR") if row["PRTRT"] == "ACTIVITY PLANNING"]
        for days in (
            {row["VSDTC"] for row in signs},
            {row["RSDTC"] for row in stages},
            {row["PRSTDTC"] for row in plans},
        ):
            assert days and (days == {""}) is draft, days
        assert all((row["EPOCH"] == "") is draft for row in signs)
        elements = [row["ETCD"] for row in tables.rows("SE") if row["USUBJID"] == person]
        assert elements == (["Y90", "FU"] if draft else ["SCRN", "Y90", "FU"])


@pytest.fixture
def submitted(walked: dict[str, Participant]) -> dict[str, Participant]:
    """The drafts as if they had been submitted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE eligibility_adverseevent SET state = 'SUBMITTED', submitted_at = entered_at, submitted_by_id = entered_by_id"
        )
    return walked


def test_odd_text_and_missing_reasons_come_through(submitted: dict[str, Participant], tabulate: Any) -> None:
    tables = tabulate()
    assert [row["AETERM"] for row in tables.rows("AE")] == [ODD.rstrip(" ")] * 2
    at = [column["name"] for column in tables.json("AE")["columns"]].index("AETERM")
    assert [row[at] for row in tables.json("AE")["rows"]] == [ODD, ODD]
    reasons = [row for row in tables.rows("SUPPAE") if row["QNAM"] == "AETOXGRM"]
    assert [(row["QVAL"], row["IDVAR"], row["IDVARVAL"]) for row in reasons] == [("NK", "AESEQ", "1")] * 2


def test_a_text_longer_than_a_variable_goes_on_in_qualifiers(
    submitted: dict[str, Participant], tabulate: Any
) -> None:
    term, narrative = "胆" * 180 + "🙂" * 3, "叙述 " * 300
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eligibility_adverseevent SET aeterm = %s, saenarr = %s", [term, narrative])
    tables = tabulate(submitted["HAIC"].site)
    [event] = tables.rows("AE")
    columns = [column["name"] for column in tables.json("SUPPAE")["columns"]]
    said = [dict(zip(columns, row, strict=True)) for row in tables.json("SUPPAE")["rows"]]
    pieces = {row["QNAM"]: row["QVAL"] for row in said}
    assert event["AETERM"] + "".join(pieces[f"AETERM{number}"] for number in (1, 2)) == term
    told = [
        pieces["SAENARR"],
        *(
            pieces[continued(b"SAENARR", n).decode()]
            for n in range(1, len(pieces))
            if continued(b"SAENARR", n).decode() in pieces
        ),
    ]
    assert "".join(told) == narrative
    assert all(len(value.encode()) <= 200 for value in pieces.values())


def test_the_same_data_give_the_same_bytes(
    walked: dict[str, Participant], tables: Tables, tabulate: Any
) -> None:
    with connection.cursor() as cursor:  # another physical order of the rows
        cursor.execute("UPDATE eligibility_laboratory SET revision = revision")
    assert tabulate().raw == tables.raw


def test_the_cutoff_is_the_day_it_was_at_the_sites(walked: dict[str, Participant], tabulate: Any) -> None:
    late = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    for moment, day in ((late - timedelta(seconds=1), "2026-09-01"), (late, "2026-09-02")):
        found = {row["TSPARMCD"]: row["TSVAL"] for row in tabulate(data_as_of=moment).rows("TS")}
        assert found["DCUTDTC"] == day


def test_only_the_sites_asked_for(walked: dict[str, Participant], tabulate: Any) -> None:
    tables = tabulate(walked["Y90"].site)
    assert [row["SITEID"] for row in tables.rows("DM")] == ["02"]
    assert {row["USUBJID"] for row in tables.rows("LB")} == {f"NCT07070076-{walked['Y90'].number}"}


def test_define_xml_is_valid_and_describes_every_column(
    walked: dict[str, Participant], tabulate: Any
) -> None:
    tables = tabulate(fictitious=True)
    schema = etree.XMLSchema(etree.parse(DEFINE))
    for kind in ("xpt", "json"):
        tree = etree.fromstring(tables.zip.read(f"sdtm/{kind}/define.xml"))
        assert schema.validate(tree), schema.error_log
        assert tree.get("Description", "").startswith("FICTITIOUS DATA")
        names = {"odm": "http://www.cdisc.org/ns/odm/v1.3", "def": "http://www.cdisc.org/ns/def/v2.1"}
        oids = {node.get("OID") for node in tree.iter() if node.get("OID")}
        for attribute in ("ItemOID", "CodeListOID", "ValueListOID", "WhereClauseOID"):
            named = {node.get(attribute) for node in tree.iter() if node.get(attribute)}
            assert named <= oids
        described = {
            group.get("Name"): [ref.get("ItemOID") for ref in group.findall("odm:ItemRef", names)]
            for group in tree.iter("{http://www.cdisc.org/ns/odm/v1.3}ItemGroupDef")
        }
        assert set(described) == {Path(name).stem.upper() for name in tables.names}
        for name, items in described.items():
            columns = [column["itemOID"] for column in tables.json(name)["columns"]]
            assert items == columns


def test_the_codes_in_the_data_stand_in_define_xml(tables: Tables) -> None:
    for dataset in datasets():
        if f"sdtm/xpt/{dataset.name.lower()}.xpt" not in tables.names:
            continue
        rows = tables.rows(dataset.name)
        for variable in dataset.variables:
            if variable.values:
                allowed = {code for code, _words in variable.values} | {""}
                assert {row[variable.name] for row in rows} <= allowed, (dataset.name, variable.name)

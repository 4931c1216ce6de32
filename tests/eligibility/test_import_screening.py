"""import_screening: what it reports, what it stores, and that its patients are no participants."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.access import NOBODY, Access, Actor
from accounts.models import Role, Site, User
from eligibility.history.actions import import_log
from eligibility.history.columns import PATIENT
from eligibility.history.judging import judge_row
from eligibility.history.reading import read_log
from eligibility.history.selectors import log_counts
from eligibility.models import HistoricalEntry
from participants.models import Participant, Visit
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from tests.cast import START, make_person
from tests.eligibility.screening_log import BILIRUBIN, CRITERIA, LOG, PLATELETS, SOUND


def as_file(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(SOUND), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


# -- the command -------------------------------------------------------------------------------------


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_screening", str(path), *options, stdout=out)
    return out.getvalue()


def commit(path: Path, site: Site, *options: str) -> str:
    return run(path, "--site", site.code, "--commit", "--by", "datamanager", *options)


def test_a_dry_run_stores_nothing(other_site: Site, at_start: Any, tmp_path: Path) -> None:
    out = run(LOG, "--site", "02", "--report", str(tmp_path / "report.json"))
    assert HistoricalEntry.objects.count() == 0
    assert (
        out.splitlines()[-1]
        == "Nothing was stored. --commit would store 165 new entries; 0 are stored already."
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]


def test_the_report_says_everything_of_each_row(other_site: Site, at_start: Any, tmp_path: Path) -> None:
    run(LOG, "--site", "02", "--report", str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert sorted(report) == [
        "at", "cnlc_edition", "criteria", "file", "headings", "mode", "rows", "rules", "shape", "site", "summary",
        "unreadable",
    ]  # fmt: skip
    assert (report["mode"], report["site"], report["cnlc_edition"]) == ("dry run", "02", "2022")
    assert len(report["rows"]) == 165
    for row in report["rows"]:
        assert sorted(row) == [
            "age", "albi", "child_pugh", "conclusion", "criteria", "doubtful", "line", "patient", "stage", "state",
            "values",
        ]  # fmt: skip
        assert list(row["child_pugh"]["points"]) == ["tbil", "alb", "inr", "ascites", "enceph"]
        assert [result["id"] for result in row["criteria"]] == CRITERIA
        assert all(result["reason"]["en"] and result["reason"]["zh"] for result in row["criteria"])
        assert all(one["sentence"]["en"] and one["sentence"]["zh"] for one in row["doubtful"])
        assert row["stage"]["reason"]["en"]
    first = report["rows"][0]
    assert first["child_pugh"]["points"] == {"tbil": 2, "alb": 2, "inr": 1, "ascites": 1, "enceph": 1}
    assert (first["child_pugh"]["score"], first["child_pugh"]["class"]) == (7, "B")
    assert first["stage"]["reason"]["en"] == (
        "Single tumour, largest 35.0 mm, at most 50 mm, no vascular thrombus, no extrahepatic metastasis."
    )
    assert first["values"]["LB.tbil"] == {
        "heading": BILIRUBIN, "given": "2.1", "value": "35.91", "unit": "µmol/L",
    }  # fmt: skip
    metastasis = next(one for one in report["headings"] if one["heading"] == "Liver Metastasis")
    assert metastasis["item"] == "STG.exhep"
    assert "extrahepatic" in metastasis["note"]["en"]


def test_a_commit_stores_all_and_a_second_one_changes_nothing(
    other_site: Site, data_manager: User, at_start: Any
) -> None:
    first = commit(LOG, other_site)
    assert first.splitlines()[-1] == "165 new entries were stored; 0 were stored before and not touched."
    before = list(HistoricalEntry.objects.order_by("pk").values())
    second = commit(LOG, other_site)
    assert second.splitlines()[-1] == "0 new entries were stored; 165 were stored before and not touched."
    assert list(HistoricalEntry.objects.order_by("pk").values()) == before
    entry = HistoricalEntry.objects.get(source_patient="10")
    assert (entry.source_row, entry.age_given, entry.cnlc_edition) == (11, "43", "2022")
    assert entry.given[PLATELETS] == "193000"
    assert "LB.plt" not in entry.read
    assert [one["given"] for one in entry.doubtful if one["heading"] == PLATELETS] == ["193000"]
    assert entry.imported_by == data_manager
    written = TrailEntry.objects.filter(relation="eligibility_historicalentry")
    assert set(written.values_list("operation", "person_id", "role", "site_id")) == {
        ("INSERT", data_manager.pk, "DATA_MANAGER", other_site.pk)
    }
    assert written.count() == 165


def test_nobody_in_the_log_is_a_participant(other_site: Site, data_manager: User, at_start: Any) -> None:
    commit(LOG, other_site)
    assert (Participant.objects.count(), Visit.objects.count()) == (0, 0)
    pointing = {
        field.related_model
        for field in HistoricalEntry._meta.get_fields()
        if field.is_relation and field.related_model is not None
    }
    assert pointing == {Site, User}


def test_one_broken_line_keeps_no_other_from_being_stored(
    other_site: Site, data_manager: User, at_start: Any, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    content = LOG.read_text(encoding="utf-8").split("\n")
    content[4] = content[4][:40]
    path.write_text("\n".join(content), encoding="utf-8")
    with pytest.raises(CommandError, match=r"left out: 5\. The others were taken") as refused:
        commit(path, other_site, "--report", str(tmp_path / "report.json"))
    assert refused.value.returncode == 1
    assert HistoricalEntry.objects.count() == 164
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [one["line"] for one in report["unreadable"]] == [5]


def test_a_corrected_copy_brings_in_only_what_is_new(
    other_site: Site, data_manager: User, at_start: Any, tmp_path: Path
) -> None:
    path = as_file(tmp_path / "log.csv", [SOUND, {**SOUND, PATIENT: "2"}])
    commit(path, other_site)
    as_file(path, [SOUND, {**SOUND, PATIENT: "2", "Age at diagnosis": "61"}, {**SOUND, PATIENT: "3"}])
    with pytest.raises(CommandError, match=r"left as stored: 2\."):
        commit(path, other_site)
    assert list(HistoricalEntry.objects.values_list("source_patient", "age_given")) == [
        ("1", "60"),
        ("2", "60"),
        ("3", "60"),
    ]


def test_the_same_file_is_not_taken_for_two_sites_or_names(
    site: Site, other_site: Site, data_manager: User, at_start: Any, tmp_path: Path
) -> None:
    commit(as_file(tmp_path / "log.csv", [SOUND]), other_site)
    renamed = as_file(tmp_path / "renamed.csv", [SOUND])
    assert commit(renamed, other_site).splitlines()[-1].startswith("0 new entries")
    with pytest.raises(CommandError, match=r"stored for another site; patients left out: 1\."):
        commit(renamed, site)
    assert HistoricalEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--site", "99"], "There is no site 99. The sites are: 02."),
        (
            ["--site", "02", "--commit"],
            "--commit needs --by USERNAME: the trail keeps who brought the entries in.",
        ),
        (
            ["--site", "02", "--commit", "--by", "monitor"],
            "monitor is not an active trial administrator (data manager) of site 02 today.",
        ),
        (
            ["--site", "02", "--commit", "--by", "elsewhere"],
            "elsewhere is not an active trial administrator (data manager) of site 02 today.",
        ),
        (
            ["--site", "02", "--report", str(LOG)],
            "The report would overwrite the log itself. Name another file.",
        ),
    ],
)
def test_what_keeps_a_run_from_starting(
    other_site: Site, at_start: Any, options: list[str], sentence: str
) -> None:
    make_person("monitor", Role.MONITOR, other_site)
    make_person("elsewhere", Role.DATA_MANAGER, Site.objects.create(code="03", name_en="3", name_zh="3"))
    sentence = sentence.replace("02.", "02, 03.") if "sites are" in sentence else sentence
    with pytest.raises(CommandError) as refused:
        run(LOG, *options)
    assert (str(refused.value), refused.value.returncode) == (sentence, 1)
    assert HistoricalEntry.objects.count() == 0


def test_an_unusable_file_or_report_place_is_named(
    other_site: Site, data_manager: User, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file") as refused:
        run(tmp_path / "none.csv", "--site", "02")
    assert refused.value.returncode == 1
    other = tmp_path / "other.csv"
    other.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(
        CommandError, match=r"is not a screening log: Headings that are missing: patient; Gender"
    ):
        run(other, "--site", "02")
    with pytest.raises(CommandError, match="report cannot be written"):
        commit(LOG, other_site, "--report", str(tmp_path / "none" / "report.json"))
    assert HistoricalEntry.objects.count() == 0


def test_every_criterion_is_printed_when_asked_for(other_site: Site, at_start: Any, tmp_path: Path) -> None:
    out = run(as_file(tmp_path / "log.csv", [SOUND]), "--site", "02", "--verbosity", "2")
    assert [line.split()[0] for line in out.splitlines() if line.startswith("    ")] == CRITERIA


# -- what is stored ----------------------------------------------------------------------------------


def stored(site: Site, by: User, *rows: dict[str, str]) -> None:
    content = io.StringIO(newline="")
    writer = csv.DictWriter(content, list(SOUND), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    log = read_log(f"{site.code}.csv", content.getvalue().encode())
    import_log(
        log=log,
        judged=[judge_row(row) for row in log.rows],
        site=site,
        by=Actor(by, Role.DATA_MANAGER, site.pk),
        now=START,
        reason="test",
    )


def test_only_a_data_manager_stores_entries(site: Site, coordinator: User) -> None:
    log = read_log(LOG.name, LOG.read_bytes())
    by = Actor(coordinator, Role.COORDINATOR, site.pk)
    with pytest.raises(Refused, match="data managers"):
        import_log(log=log, judged=[], site=site, by=by, now=START, reason="test")


def test_entries_are_never_changed_or_removed(site: Site, data_manager: User) -> None:
    stored(site, data_manager, SOUND)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        HistoricalEntry.objects.update(cnlc="IV")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        HistoricalEntry.objects.all().delete()


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("conclusion", "ELIGIBLE", "historical_entry_is_never_eligible"),
        ("cnlc", "V", "historical_entry_stage_known"),
        ("child_pugh_class", "C", "historical_entry_child_pugh_class_is_its_score"),
        ("origin_sha256", "abc", "historical_entry_says_its_origin"),
        ("source_row", 2, "historical_entry_once_a_file"),
    ],
)
def test_the_database_refuses(
    site: Site, data_manager: User, column: str, value: object, constraint: str
) -> None:
    stored(site, data_manager, SOUND)
    entry = HistoricalEntry.objects.get()
    entry.pk = None
    setattr(entry, column, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        entry.save(force_insert=True)


def test_counts_by_site_for_those_who_may_see_them(site: Site, other_site: Site, data_manager: User) -> None:
    stored(
        other_site,
        data_manager,
        SOUND,
        {**SOUND, PATIENT: "2", "Number of Nodules": "0"},
        {**SOUND, PATIENT: "3", "Performance Status": "3", "Age at diagnosis": "80"},
        {**SOUND, PATIENT: "4", "Age at diagnosis": "76"},
    )
    stored(site, data_manager, {**SOUND, "Number of Nodules": "4"})
    today = clock.day(START)
    counts = log_counts(Access.of(data_manager, today))
    there = counts[other_site.pk]
    assert (there.entries, there.staged, there.stage_included, there.none_failed) == (4, 3, 2, 1)
    assert (there.pending, there.ineligible) == (2, 2)
    assert there.stages == {"Ib": 2, "UNKNOWN": 1, "IV": 1}
    assert there.failing == {"I1": 2, "I2": 1, "I3": 1}
    assert counts[site.pk].stages == {"IIb": 1}
    assert list(log_counts(Access.of(data_manager, today), site.pk)) == [site.pk]
    monitor = make_person("monitor", Role.MONITOR, site)
    assert list(log_counts(Access.of(monitor, today))) == [site.pk]
    assert log_counts(NOBODY) == {}
    assert log_counts(Access.of(make_person("sysadmin", Role.SYSTEM_ADMINISTRATOR), today)) == {}


def test_counts_take_two_queries(
    site: Site, data_manager: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    access = Access.of(data_manager, clock.day(START))
    stored(site, data_manager, SOUND)
    with django_assert_num_queries(2):
        log_counts(access)
    stored(site, data_manager, SOUND, *({**SOUND, PATIENT: str(n)} for n in range(2, 9)))
    with django_assert_num_queries(2):
        log_counts(access)

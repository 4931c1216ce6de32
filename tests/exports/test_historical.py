"""Historical screening entries in an export: left out unless asked for, and then never among the participants."""

from __future__ import annotations

from collections.abc import Callable

from accounts.access import Actor
from accounts.models import Role, Site, User
from eligibility.history.actions import import_log
from eligibility.history.judging import judge_row
from eligibility.history.reading import read_log
from tests.cast import START
from tests.eligibility.screening_log import LOG
from tests.exports.conftest import Files

FILE = "historical_screening.csv"


def imported(site: Site, by: User) -> None:
    log = read_log(LOG.name, LOG.read_bytes())
    import_log(
        log=log,
        judged=[judge_row(row) for row in log.rows],
        site=site,
        by=Actor(by, Role.DATA_MANAGER, site.pk),
        now=START,
        reason="test",
    )


def test_an_export_leaves_the_log_out(export: Callable[..., Files], site: Site, data_manager: User) -> None:
    imported(site, data_manager)
    files = export()
    assert FILE not in files.names
    assert files.manifest["rows"] == 1  # the site


def test_the_log_is_a_file_of_its_own_when_asked_for(
    export: Callable[..., Files], site: Site, other_site: Site, data_manager: User
) -> None:
    imported(other_site, data_manager)
    files = export(historical=True)
    rows = files.rows(FILE)
    assert [row["SOURCE_PATIENT"] for row in rows] == [str(n) for n in range(1, 166)]
    first = rows[0]
    expected = {
        "SITE": "02", "SOURCE_ROW": "2", "SEX": "M", "AGE": "67", "TBIL": "35.91", "PLT": "99", "TUMMAX": "35",
        "CP_TBIL": "2", "CP_ENCEPH": "1", "CPTOT": "7", "CPCLS": "B", "CNLC": "Ia", "CNLCED": "2022",
        "I1": "PASS", "I3": "FAIL", "E11": "UNKNOWN", "CONCLUSION": "INELIGIBLE",
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert rows[9]["PLT"] == ""  # given as 193000
    assert [len(files.rows(f"{name}.csv")) for name in ("participants", "statuses")] == [0, 0]
    assert export(site, historical=True).rows(FILE) == []

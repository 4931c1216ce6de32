"""A participant's casebook filled in at the browser: what was typed, and whether all of it comes out again."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from eligibility.codelists import PUNCTURE_CHECK, VIRAL_LOAD
from followup.models import SymptomRecord
from participants.models import Participant, Visit
from records import clock
from records.definition import forms
from records.items import items_of
from records.zone import TRIAL_ZONE
from tests.browser.conftest import Desk
from tests.cast import START
from trial_edc.demo.imaging import CRITERIA
from trial_edc.demo.walks import LABORATORY, VITAL_SIGNS

Answers = Mapping[str, Any]
Rows = Mapping[str, Sequence[Answers]]

EXAMINATION = {"imgmod": "CEMRI", "imgqual": "Y", "imgeval": "INVESTIGATOR"}
LIVER = {"ascites": "NONE", "enceph": "NONE"}
SYMPTOMS = {item.name: 0 for item in items_of(SymptomRecord) if item.name.startswith("sym_")}


def morning_of(day: date) -> datetime:
    """Ten o'clock in Shanghai."""
    return datetime.combine(day, START.timetz())


@dataclass(frozen=True)
class Typed:
    """What was typed into one record: answers, rows of its tables, reasons for what is missing."""

    visit: str
    form: str
    repeat: int
    answers: Answers
    rows: Rows
    missing: Mapping[str, str]


@dataclass
class Casebook:
    """One participant's casebook, as a coordinator and an investigator fill it in."""

    coordinator: Desk
    investigator: Desk
    number: str
    typed: list[Typed] = field(default_factory=list)

    @property
    def participant(self) -> Participant:
        return Participant.objects.get(number=self.number)

    def visit(self, code: str) -> Visit:
        return Visit.objects.get(participant__number=self.number, code=code)

    def aimed_at(self, code: str) -> datetime:
        """The morning of the day a visit is aimed at."""
        day = self.visit(code).target_from
        assert day is not None, code
        return morning_of(day)

    def enter(
        self,
        visit: str,
        form: str,
        answers: Answers,
        *,
        by: Desk | None = None,
        another: bool = False,
        rows: Rows | None = None,
        missing: Mapping[str, str] | None = None,
    ) -> None:
        """Open a form, type, submit with the keyboard; what is unusual is confirmed with a word.

        The form is not opened where the one submitted before led to it. `another`: one more of several.
        """
        desk = by or self.coordinator
        address = f"/visits/{self.visit(visit).pk}/{form}/"
        if another or not desk.page.url.startswith(desk.address + address):
            desk.open(f"{address}new/" if another else address)
        desk.fill(answers)
        for table, given in (rows or {}).items():
            _type_rows(desk, table, given)
        for name, reason in (missing or {}).items():
            desk.leave_out(name, reason)
        self.submit(desk, visit, form, answers, rows or {}, missing or {})

    def submit(
        self, desk: Desk, visit: str, form: str, answers: Answers, rows: Rows, missing: Mapping[str, str]
    ) -> None:
        """Submit the form that is filled in, and keep what was typed into it."""
        heading = desk.page.locator(".crf-head h2").inner_text()
        number = int(heading.split()[-1]) if forms()[form].form.several else 1
        desk.submit_form()
        questions = desk.page.locator("input.confirm")
        if desk.errors() and questions.count():
            for position in range(questions.count()):
                questions.nth(position).fill("Checked against the source")
            desk.submit_form()
        assert desk.errors() == "", (self.number, visit, form, desk.errors())
        self.typed.append(Typed(visit, form, number, answers, rows, missing))

    def attend(self, code: str, at: datetime, *, mode: str = "CLINIC", **of_the_visit: Answers) -> None:
        """Enter a visit of a day: what every such visit has, and where given the answers of a form, by its code."""
        clock.move_to(at)
        for form in self.visit(code).forms:
            if form == "RSP":
                self.assess(code, of_the_visit[form])
            elif form == "IMG":
                shown = {**EXAMINATION, "imgdtc": clock.day(at), "newles": "N", **of_the_visit[form]}
                self.enter(code, form, shown)
            else:
                usual = self.usual(code, form, at, mode)
                if usual or form in of_the_visit:
                    self.enter(code, form, {**usual, **of_the_visit.get(form, {})})

    def usual(self, code: str, form: str, at: datetime, mode: str) -> Answers:
        """What stands on this form at such a visit where nothing is remarkable; nothing for a form of its own."""
        today = clock.day(at)
        punctured = {"punct": "NORMAL"} if code in PUNCTURE_CHECK else {}
        loads = {"viryn": "Y", "virdtc": today, "hbvdna": "<20"} if code in VIRAL_LOAD else {}
        return {
            "SV": {"svdone": "Y", "svstdtc": today, "svmode": mode},
            "VS": {**{name: one for name, one in VITAL_SIGNS.items() if name != "height"}, **punctured},
            "LB": {**LABORATORY, "lbdtc": at, **loads},
            "STG": LIVER,
            "SYM": {"symdtc": today, **SYMPTOMS, "sym_fatigue": 2},
        }.get(form, {})

    def assess(self, code: str, found: Answers) -> None:
        """Assess the imaging of a visit by each of the criteria."""
        for place, criteria in enumerate(CRITERIA):
            answers = {"rsdtc": clock.today(), "rscat": criteria, "ntrgresp": "NA", **found}
            self.enter(code, "RSP", answers, another=place > 0)

    def complete(self) -> dict[str, str]:
        """The state of each visit as the participant's page tells it, but for those that lie ahead or fell away."""
        self.coordinator.open(f"/participants/{self.participant.pk}/")
        rows = self.coordinator.page.locator("table").first.locator("tbody tr")
        told = {
            row.locator("th .small").inner_text(): row.locator("td").nth(2).inner_text().strip()
            for row in rows.all()
        }
        return {code: state for code, state in told.items() if not state.startswith("planned from")}


def _type_rows(desk: Desk, table: str, rows: Sequence[Answers]) -> None:
    place = desk.page.locator(f"[data-rows='{table}']")
    for number, answers in enumerate(rows, start=1):
        if not place.locator(f"[data-row='n{number}']").count():
            place.locator("[data-add-row]").click()
        desk.fill({f"{table}-n{number}-{name}": value for name, value in answers.items()})


# ---- what comes out ---------------------------------------------------------------------------------


def printed(desk: Desk, participant: Participant) -> bytes:
    """Make the casebook as a PDF and download it."""
    desk.open(f"/participants/{participant.pk}/casebook/")
    with desk.page.expect_download() as coming:
        desk.page.get_by_role("button", name="Make the PDF").click()
    return coming.value.path().read_bytes()


def export_as(desk: Desk) -> dict[str, list[dict[str, str]]]:
    """Ask for an export, watch it finish, download it, and read its tables."""
    desk.open("/exports/")
    desk.press("Request the export")
    link = desk.page.get_by_role("link", name=re.compile("Download")).first
    link.wait_for(timeout=60_000)
    with desk.page.expect_download() as coming:
        link.click()
    content = zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes()))
    return {
        name: list(csv.DictReader(io.StringIO(content.read(name).decode("utf-8"))))
        for name in content.namelist()
        if name.endswith(".csv")
    }


def lost(book: Casebook, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> list[str]:
    """What was typed and does not stand in the export."""
    found = []
    for typed in book.typed:
        key = (book.number, typed.visit, str(typed.repeat))
        (record,) = _rows_of(tables[f"forms/{typed.form}.csv"], key)
        pairs = list(typed.answers.items())
        expected = [(record, name, value) for name, value in pairs if not name.startswith("lesions-")]
        expected += [(record, f"{name}_missing", reason) for name, reason in typed.missing.items()]
        offered = {name.rpartition("-")[2]: value for name, value in pairs if name.startswith("lesions-")}
        rows = dict(typed.rows) or ({"lesions": [offered]} if offered else {})
        for table, given in rows.items():
            stored = _rows_of(tables[f"forms/{typed.form}_{table.upper()}.csv"], key)
            assert len(stored) == len(given), (key, typed.form, table)
            for row, answers in zip(stored, given, strict=True):
                expected += [(row, name, value) for name, value in answers.items()]
        for row, name, value in expected:
            if not _same(row[name.upper()], value):
                found.append(
                    f"{typed.visit} {typed.form} {name}: {value} typed, {row[name.upper()]} exported"
                )
    return found


def _rows_of(rows: Sequence[Mapping[str, str]], key: tuple[str, str, str]) -> list[Mapping[str, str]]:
    return [row for row in rows if (row["SUBJID"], row["VISIT"], row.get("REPEAT", "1")) == key]


def _same(exported: str, typed: Any) -> bool:
    """Whether an exported text says what was typed: numbers by value, the sign of "<20" stands in its own column."""
    if isinstance(typed, list):
        return exported.split() == typed
    if isinstance(typed, datetime):
        return datetime.fromisoformat(exported) == typed.astimezone(TRIAL_ZONE)
    if isinstance(typed, int | Decimal) or re.fullmatch(r"<?[0-9.]+", str(typed)):
        return Decimal(exported) == Decimal(str(typed).lstrip("<"))
    return exported == str(typed)

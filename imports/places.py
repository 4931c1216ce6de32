"""Find the place of a row: its participant, its visit, and which of several records of a form."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.access import Actor
from accounts.models import Site
from followup.actions import add_unscheduled_visit
from imports.cells import read_cell
from imports.mapping import Mapping, ParticipantBy, VisitBy
from imports.targets import fold, target_of
from participants.models import CaseReportForm, Participant, Visit, VisitHeader
from participants.selectors import next_repeat, records_at
from participants.workflow import VisitState
from records import clock
from records.actions import save_record
from records.checks import Entry
from records.items import DateItem
from records.parsing import NotReadable
from records.text import Text

GONE = (VisitState.SUPERSEDED, VisitState.CANCELLED)
HEADER = VisitHeader.form.code
DAY = DateItem()

BLANK_PARTICIPANT = Text("The row names no participant.", "该行未填写受试者。")
NO_PARTICIPANT = Text(
    "No participant of this site is called “{given}”. Write the participant's number.",
    "该中心没有编号为“{given}”的受试者，请填写受试者编号。",
)
BLANK_VISIT = Text("The row names no visit.", "该行未填写访视。")
NO_VISIT = Text(
    "{participant} has no visit “{given}” at which this form is entered. Write the visit's code.",
    "{participant}没有可填写该表单的访视“{given}”，请填写访视代码。",
)
MANY_VISITS = Text(
    "{participant} has several visits “{given}”. Write its number behind it: “{given} 2”.",
    "{participant}有多次访视“{given}”，请在其后注明序号，如“{given} 2”。",
)
NO_WINDOW = Text(
    "No visit of {participant} at which this form is entered has {day} in its window. Correct the date, or name the visit by its code.",
    "{participant}可填写该表单的访视中，没有时间窗包含{day}者。请更正日期，或改用访视代码。",
)
MANY_WINDOWS = Text(
    "{day} lies in the windows of several visits of {participant}: {visits}. Name the visit by its code.",
    "{day}同时处于{participant}多次访视（{visits}）的时间窗内，请改用访视代码。",
)
NOT_ONE = Text(
    "{participant} has {count} visits at which this form is entered. Say in a column which one is meant.",
    "{participant}有{count}次可填写该表单的访视，请用一列注明是哪一次。",
)
NO_UNSCHEDULED = Text(
    "This form is not entered at an unscheduled visit, and no visit of {participant} has the date {day}.",
    "计划外访视不填写该表单，且{participant}没有日期为{day}的访视。",
)
BAD_REPEAT = Text(
    "“{given}” is not the number of a record: write 1, 2, 3 ….", "“{given}”不是记录序号，请填写1、2、3等。"
)
NO_REPEAT = Text(
    "There is no record {given}, and the next one would be {next}.",
    "没有第{given}份记录，下一份应为第{next}份。",
)
MANY_RECORDS = Text(
    "Several records of this visit have the same “{labels}”. Add a column with the record's number.",
    "该访视有多份记录的“{labels}”相同，请增加一列注明记录序号。",
)


class NoPlace(ValueError):
    """A row has no place; `sentence` says what to correct, `heading` in which column."""

    def __init__(self, sentence: Text, heading: str) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence
        self.heading = heading


@dataclass(slots=True)
class Place:
    """Where a row goes: `record` is the one it meets there, None for one that is not begun."""

    visit: Visit
    repeat: int
    record: CaseReportForm | None
    begins_visit: bool = False

    def key(self) -> dict[str, Any]:
        return {"participant": self.visit.participant, "visit": self.visit, "repeat": self.repeat}


def participants_by_name(site: Site, by: ParticipantBy) -> dict[str, int]:
    """The participants of a site by what a file calls them; one query."""
    known = Participant.objects.filter(site=site).values_list("pk", "number", "sequence")
    if by is ParticipantBy.SEQUENCE:
        return {str(sequence): pk for pk, _number, sequence in known}
    return {fold(number): pk for pk, number, _sequence in known}


def named_participant(mapping: Mapping, cells: AnyMapping[str, str], known: AnyMapping[str, int]) -> int:
    """The participant a row names; NoPlace where it names none of the site's."""
    given = cells[mapping.participant].strip()
    if not given:
        raise NoPlace(BLANK_PARTICIPANT, mapping.participant)
    name = given.lstrip("0") if mapping.participant_by is ParticipantBy.SEQUENCE else fold(given)
    if name not in known:
        raise NoPlace(NO_PARTICIPANT.format(given=given), mapping.participant)
    return known[name]


def place_of(
    *,
    mapping: Mapping,
    model: type[CaseReportForm],
    participant_id: int,
    cells: AnyMapping[str, str],
    origin: str,
    by: Actor,
    now: datetime,
) -> Place:
    """Find where a row goes, within the transaction it is stored in; NoPlace with what to correct.

    An unscheduled visit is begun where the mapping says so, with its header as a draft; Refused where none can be.
    """
    visits = list(
        Visit.objects.filter(participant_id=participant_id)
        .exclude(status__in=GONE)
        .select_related("participant__site")
        .order_by("position", "occurrence")
    )
    visit = _visit_of(mapping, model, visits, cells)
    begins = visit is None
    if visit is None:
        visit = _begin(mapping, model, participant_id, cells, origin=origin, by=by, now=now)
    repeat, record = _record_of(mapping, model, visit, cells)
    if record is not None:
        record.visit, record.participant = visit, visit.participant
    return Place(visit, repeat, record, begins)


# -- the visit -------------------------------------------------------------------------------------------


def _visit_of(
    mapping: Mapping, model: type[CaseReportForm], visits: list[Visit], cells: AnyMapping[str, str]
) -> Visit | None:
    """The visit of a row; None for one of a day that has none yet."""
    code = model.form.code
    fitting = [visit for visit in visits if code in visit.may_hold]
    if not visits:
        raise NoPlace(NOT_ONE.format(participant="–", count=0), mapping.participant)
    person = visits[0].participant.number
    if mapping.visit_by is VisitBy.ONLY:
        if len(fitting) != 1:
            raise NoPlace(NOT_ONE.format(participant=person, count=len(fitting)), mapping.participant)
        return fitting[0]
    given = cells[mapping.visit].strip()
    if not given:
        raise NoPlace(BLANK_VISIT, mapping.visit)
    if mapping.visit_by is VisitBy.CODE:
        return _by_code(given, fitting, person, mapping.visit)
    day = _day(given, mapping.visit)
    headed = VisitHeader.objects.filter(participant_id=visits[0].participant_id, svstdtc=day)
    ids = set(headed.values_list("visit_id", flat=True))
    found = [visit for visit in fitting if visit.pk in ids]
    if not found and mapping.visit_by is VisitBy.DAY:
        return None
    found = found or [visit for visit in fitting if not visit.throughout and _holds(visit, day)]
    if not found:
        raise NoPlace(NO_WINDOW.format(participant=person, day=day.isoformat()), mapping.visit)
    if len(found) > 1:
        names = Text.join([visit.label for visit in found], zh="、")
        raise NoPlace(
            MANY_WINDOWS.format(participant=person, day=day.isoformat(), visits=names), mapping.visit
        )
    return found[0]


def _by_code(given: str, fitting: list[Visit], person: str, heading: str) -> Visit:
    name, _space, number = given.rpartition(" ")
    for wanted, occurrence in ((given, None), (name, int(number) if number.isdecimal() else None)):
        if wanted == name and occurrence is None:
            continue
        found = [
            visit
            for visit in fitting
            if fold(wanted) in {fold(visit.code), fold(visit.label_en), fold(visit.label_zh)}
            and occurrence in (None, visit.occurrence)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise NoPlace(MANY_VISITS.format(participant=person, given=given), heading)
    raise NoPlace(NO_VISIT.format(participant=person, given=given), heading)


def _day(given: str, heading: str) -> date:
    try:
        day, _reason = read_cell(DAY, given)
    except NotReadable as refused:
        raise NoPlace(refused.sentence, heading) from refused
    if not isinstance(day, date):
        raise NoPlace(BLANK_VISIT, heading)
    return day


def _holds(visit: Visit, day: date) -> bool:
    """Whether a visit's window holds a day; where a side has no limit, its target is the limit."""
    opens, closes = visit.window_open or visit.target_from, visit.window_close or visit.target_to
    return opens is not None and closes is not None and opens <= day <= closes


def _begin(
    mapping: Mapping,
    model: type[CaseReportForm],
    participant_id: int,
    cells: AnyMapping[str, str],
    *,
    origin: str,
    by: Actor,
    now: datetime,
) -> Visit:
    """Begin an unscheduled visit of the row's day, and its header as a draft."""
    participant = Participant.objects.select_related("site").get(pk=participant_id)
    day = _day(cells[mapping.visit], mapping.visit)
    visit = add_unscheduled_visit(participant=participant, by=by, now=now)
    visit.participant = participant
    if model.form.code not in visit.may_hold or model is VisitHeader:
        raise NoPlace(
            NO_UNSCHEDULED.format(participant=participant.number, day=day.isoformat()), mapping.visit
        )
    save_record(
        model=VisitHeader,
        place={"participant": participant, "visit": visit, "repeat": 1},
        entry=Entry({"svdone": "Y", "svstdtc": day}),
        context=VisitHeader.context(visit=visit, repeat=1, today=clock.day(now), now=now),
        submit=False,
        by=by,
        now=now,
        reason=origin,
        known=None,
    )
    return visit


# -- the record ------------------------------------------------------------------------------------------


def _record_of(
    mapping: Mapping, model: type[CaseReportForm], visit: Visit, cells: AnyMapping[str, str]
) -> tuple[int, CaseReportForm | None]:
    records = records_at(model, visit)
    by_number = {record.repeat: record for record in records}
    if mapping.repeat and (given := cells[mapping.repeat].strip()):
        if not given.isdecimal() or not 0 < int(given) < 10_000:
            raise NoPlace(BAD_REPEAT.format(given=given), mapping.repeat)
        number = int(given)
        following = next_repeat(model, visit)
        if number not in by_number and number != following:
            raise NoPlace(NO_REPEAT.format(given=number, next=following), mapping.repeat)
        return number, by_number.get(number)
    if mapping.key:
        return _recognised(mapping, model, visit, records, cells)
    first = records[0] if records else None
    return (first.repeat, first) if first else (next_repeat(model, visit) if model.form.several else 1, None)


def _recognised(
    mapping: Mapping,
    model: type[CaseReportForm],
    visit: Visit,
    records: list[CaseReportForm],
    cells: AnyMapping[str, str],
) -> tuple[int, CaseReportForm | None]:
    """The record with the same answers to the items that tell records apart; otherwise the next one."""
    wanted = {}
    for column in mapping.columns:
        target = target_of(model, column.target)
        if target is None or column.target not in mapping.key:
            continue
        text = column.values.get(cells[column.heading].strip(), cells[column.heading])
        try:
            wanted[column.target] = read_cell(target.item, text)
        except NotReadable as refused:
            raise NoPlace(refused.sentence, column.heading) from refused
    found = [
        record
        for record in records
        if all((getattr(record, name), record.missing.get(name, "")) == said for name, said in wanted.items())
    ]
    if len(found) > 1:
        labels = Text.join([model._meta.get_field(name).label for name in wanted], zh="、")  # type: ignore[union-attr]
        raise NoPlace(MANY_RECORDS.format(labels=labels), mapping.participant)
    if found:
        return found[0].repeat, found[0]
    return next_repeat(model, visit), None

"""Fill in a form from the dictionary: a valid sheet for any form, and values an item must take or refuse.

Everything is worked out from the table (docs/dictionary) and the form's own findings; `HINTS` holds the few answers
that only a rule in words knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import override

from eligibility.models.reference_ranges import KnownLaboratory
from records.checks import Entry, derive, findings_of, settle
from records.definition import forms, row_groups
from records.entry import EntryForm, entry_form
from records.findings import Finding, Level
from records.text import CHINESE, ENGLISH, Text
from records.zone import TRIAL_ZONE
from tests.cast import START
from trial_edc.dictionary import product
from trial_edc.dictionary.table import UNANSWERED, Condition, Dictionary, Field, read

LANGUAGES = (ENGLISH, CHINESE)
DICTIONARY = read(Path(settings.BASE_DIR) / "docs" / "dictionary")


def rows_typed() -> list[Field]:
    """The rows a person enters and the product holds as the dictionary says; those announced as pending later."""
    held = {(field.form, field.item) for field in product.fields_of_product()}
    pending = {(one.form, one.item) for one in DICTIONARY.pending}
    return [
        field
        for field in DICTIONARY.fields
        if not (field.outside or field.derived or is_companion(field))
        and (field.form, field.item) in held
        and not {(field.form, field.item), (field.form, "*")} & pending
    ]


def is_companion(field: Field) -> bool:
    """Whether it is entered with another item: the unit, sign or limit of a result."""
    return field.form == "LB" and field.item.rpartition("_")[2] in ("u", "c", "lo", "hi", "cs")


TYPED = rows_typed()
NOW = START.astimezone(TRIAL_ZONE)
TODAY = NOW.date()
CONSENTED = NOW - timedelta(hours=1)  # as tests.cast registers participants
# Times of a form follow each other in the order of its items, between consent and now.
FIRST_TIME = CONSENTED + timedelta(minutes=1)
ROW = "n1"

# Answers that only a rule in words knows: of one form, or of one item of it.
HINTS: Mapping[tuple[str, str], str] = {
    ("DM", "icfver"): "1.0",
    ("DM", "brthdtc"): "1970-05-04",
    ("AE", "aedecod"): "Fatigue",
    ("AE", "aesdth"): "Y",
    ("LB", "lblab"): "L1",
    ("LB", "neut"): "3.10",
    ("LB", "lym"): "1.50",
    ("LB", "dbil"): "5.10",
    ("STG", "hvivc"): "HV",
    ("YTRT", "ypreact"): "1.900",
    ("YTRT", "yresact"): "0.060",
    ("IMG", "imgqual"): "Y",
    ("IMG", "lesions.lnkid"): "T01",
    ("IMG", "lesions.lescat"): "TARGET",
    ("IMG", "lesions.lesloc"): "S4",
    ("PATH", "lesions.pathlnk"): "T01",
    ("PATH", "lesions.viable"): "30",
    ("PATH", "lesions.necrosis"): "60",
    ("PATH", "lesions.lesfibr"): "10",
}
# What has to be on record elsewhere for an item to take its answer.
TWO_LABORATORIES = {code: KnownLaboratory(Text(code, code), {}) for code in ("L1", "L2")}
ELSEWHERE: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("LB", "lblab"): {
        "laboratories": TWO_LABORATORIES,
        "lblab_choices": [(code, one.label) for code, one in TWO_LABORATORIES.items()],
    },
    ("CM", "cmaeno"): {"cmaeno_choices": [("1", "1 · Fatigue")]},
    ("CM", "cmmhno"): {"cmmhno_choices": [("1", "1 · Diabetes")]},
}
# The unit of a result that cannot be converted is chosen; its limits hold in the first.
ALONG: Mapping[tuple[str, str], Mapping[str, str]] = {("LB", "pivka"): {"pivka_u": "mAU/mL"}}
A_FILE = "0123456789abcdef" * 2 + ".pdf"
# Answers that make a computed one what a condition asks for.
COMPUTED: Mapping[tuple[str, str], Mapping[str, str]] = {("AE", "aerelany"): {"aerel_drug": "POSSIBLE"}}
# Answers that ask for the least besides.
PLAIN_CODES = ("N", "NONE", "WELL", "SAME", "AGREES")


@dataclass(slots=True)
class Sheet:
    """What stands in a form as typed: answers, reasons, comments by item (`group.item` for the one row of a group).

    `assumed` is what other forms are taken to say; it stands in `context` as well.
    """

    dictionary: Dictionary
    form: str
    context: dict[str, Any]
    typed: dict[str, str | list[str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    assumed: dict[str, Any] = field(default_factory=dict)

    def assume(self, said: Mapping[str, Any]) -> None:
        """Take other forms to say this."""
        self.assumed |= said
        self.context |= said

    @property
    def model(self) -> Any:
        return forms()[self.form]

    @property
    def fields(self) -> dict[str, Field]:
        return self.dictionary.of_form(self.form)

    def posted(self) -> QueryDict:
        """The sheet as a browser would send it."""
        data = QueryDict(mutable=True)
        groups = {item.split(".")[0] for item in (*self.typed, *self.missing) if "." in item}
        for name in row_groups(self.model):
            data[f"{name}__shown"] = "1"
            if name in groups:
                data[f"{name}__rows"] = ROW
        along = {name: unit for item in self.typed for name, unit in ALONG.get((self.form, item), {}).items()}
        for item, value in (along | self.typed).items():
            data.setlist(sent(item), value if isinstance(value, list) else [value])
        for item, code in self.missing.items():
            data[f"{sent(item)}__missing"] = code
        for item, words in self.confirmed.items():
            data[f"{sent(item)}__confirm"] = words
        return data

    def judged(self, *, complete: bool = False, language: str = ENGLISH) -> list[tuple[str, Level, str]]:
        """What the form says of the sheet, as (item, level, sentence): what cannot be read, or else the findings."""
        with override(language):
            form = entry_form(self.model)(self.posted(), record=None, context=self.context)
            if not form.is_valid():
                return list(_unreadable(form))
            return [
                (as_item(one.item), one.level, str(one.message))
                for one in self._findings(form.entry(), complete)
            ]

    def _findings(self, entry: Entry, complete: bool) -> tuple[Finding, ...]:
        settle(self.model, entry, self.context)
        derive(self.model, entry, self.context)
        return findings_of(self.model, entry, self.context, complete=complete)

    def meet(self, condition: Condition, *, seen: frozenset[str] = frozenset()) -> None:
        """Answer whatever a condition reads, here or in other forms, so that its first alternative holds."""
        for name, codes in (condition.alternatives[0] if condition.alternatives else {}).items():
            item = next((one for one in self.fields if one.rpartition(".")[2] == name), None)
            if item is None:
                self.assume({name: sorted(codes)[0]})
            elif UNANSWERED in codes or item in seen:
                continue
            elif self.fields[item].derived:
                self.typed |= COMPUTED[self.form, item]
            else:
                code = next(one for one, _en, _zh in self.fields[item].codes or () if one in codes)
                self.typed[item] = [code] if self.fields[item].type == "multicode" else code
                self.meet(self.fields[item].shown, seen=seen | {item})

    def begin_row(self, *, besides: str) -> None:
        """Where an item stands in a row: have something else stand there, so that there is a row."""
        group = besides.rpartition(".")[0]
        others = [item for item in self.fields if item.startswith(f"{group}.") and item != besides]
        if group and not any(item in self.typed for item in others):
            self.typed[others[0]] = self.value_of(self.fields[others[0]])

    def fill(self, *, besides: str = "") -> None:
        """Answer and confirm until the form can be submitted; `besides` is left blank whatever is asked of it."""
        for _round in range(60):
            hard = []
            for item, level, words in self.judged(complete=True):
                if level is Level.SOFT:
                    self.confirmed[item] = "Checked against the source"
                elif item != besides:
                    hard.append((item, words))
            # A file has to be added; the reason for its absence does as well.
            files = [
                item for item, _words in hard if item in self.fields and self.fields[item].type == "file"
            ]
            self.missing |= {item: self.fields[item].missing[0] for item in files}
            todo = [item for item, _words in hard if item not in self.typed and item in self.fields]
            todo = [item for item in todo if item not in files]
            empty = [item for item, _words in hard if (self.form, item) in self.dictionary.groups]
            if not todo and not empty and not files:
                if hard:
                    raise AssertionError(f"{self.form} cannot be filled in: {hard}; {self.typed}")
                return
            for item in todo:
                self.typed[item] = self.value_of(self.fields[item])
            for group in empty:
                first = next(item for item in self.fields if item.startswith(f"{group}."))
                self.typed[first] = self.value_of(self.fields[first])
        raise AssertionError(f"{self.form} is never filled in: {self.judged(complete=True)}")

    def value_of(self, one: Field) -> str | list[str]:
        """A value that nobody would ask about."""
        hint = HINTS.get((one.form, one.item))
        if one.codes:
            codes = [code for code, _en, _zh in one.codes]
            code = hint or next((plain for plain in PLAIN_CODES if plain in codes), codes[0])
            return [code] if one.type == "multicode" else code
        return hint or plain_value(one, list(self.fields).index(one.item))


def _unreadable(form: EntryForm) -> Iterator[tuple[str, Level, str]]:
    for name, errors in form.errors.items():
        for error in errors:
            yield name, Level.HARD, str(error)
    for group, rows in form.rows.items():
        for row in rows:
            for name, errors in row.errors.items():
                for error in errors:
                    yield f"{group}.{name}", Level.HARD, str(error)


def sent(item: str) -> str:
    """The name an item has in what a browser sends."""
    group, dot, name = item.partition(".")
    return f"{group}-{ROW}-{name}" if dot else item


def as_item(address: str) -> str:
    group, _, rest = address.partition(f"-{ROW}-")
    return f"{group}.{rest}" if rest else address


def kind_of(one: Field) -> str:
    return one.type.partition("(")[0]


def plain_value(one: Field, place: int) -> str:
    match kind_of(one):
        case "integer" | "decimal" | "measured":
            return number(one)
        case "date" | "partialdate":
            return TODAY.isoformat()
        case "datetime":
            return clock_time(FIRST_TIME + timedelta(minutes=place % 55))
        case "time":
            return "10:00"
        case "file":
            return A_FILE
        case "text" | "longtext":
            return words_of(least_length(one))
    raise AssertionError(f"Nothing is known of {one.type}.")


def number(one: Field) -> str:
    """A number inside the soft range, or else the hard one."""
    low, high = (one.soft[side] if one.soft[side] is not None else one.hard[side] for side in (0, 1))
    if low is not None and high is not None:
        middle = (low + high) / 2
    else:
        middle = low if low is not None else high if high is not None else Decimal(1)
    return f"{middle.quantize(step(one)):f}" if step(one) < 1 else f"{int(middle)}"


def step(one: Field) -> Decimal:
    """The smallest difference an item can tell."""
    places = one.type.rpartition("(")[2].rstrip(")") if "(" in one.type else "0"
    return Decimal(1).scaleb(-int(places))


def least_length(one: Field) -> int:
    """The characters a rule such as `>= 50 chars` asks for."""
    asked = [rule for rule in one.rules if rule.endswith(" chars")]
    return int(asked[0].split()[1]) if asked else 1


def words_of(length: int) -> str:
    return ("Seen-in-the-hospital-record-" * (length // 28 + 1))[: max(length, 4)]


def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M}"

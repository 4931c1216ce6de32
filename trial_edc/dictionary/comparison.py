"""Where the dictionary and the product part, field by field and both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from trial_edc.dictionary import product
from trial_edc.dictionary.table import OPEN, Dictionary, Field, Range, unit_factors

ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the dictionary says of one thing of one field, and what the product does instead."""

    form: str
    item: str
    what: str
    dictionary: str
    product: str

    def __str__(self) -> str:
        return (
            f"{self.form} {self.item} {self.what}: dictionary {self.dictionary!r}, product {self.product!r}"
        )


def differences(dictionary: Dictionary) -> list[Difference]:
    """Compare the dictionary with the product's definitions; in the order of the dictionary."""
    return [
        *_of_forms(dictionary),
        *_of_groups(dictionary),
        *compare_fields(dictionary, product.fields_of_product()),
        *_of_outside(dictionary),
    ]


def _of_forms(dictionary: Dictionary) -> Iterator[Difference]:
    theirs = product.forms_of_product()
    for code in {**dictionary.forms, **theirs}:
        here, there = dictionary.forms.get(code), theirs.get(code)
        if here is None or there is None:
            yield Difference(code, "", "form", code if here else ABSENT, code if there else ABSENT)
        elif here != there:
            for what in ("title", "domains", "several"):
                mine, yours = getattr(here, what), getattr(there, what)
                if mine != yours:
                    yield Difference(code, "", what, str(mine), str(yours))


def _of_groups(dictionary: Dictionary) -> Iterator[Difference]:
    theirs = product.groups_of_product()
    for key in {**dictionary.groups, **theirs}:
        here, there = dictionary.groups.get(key), theirs.get(key)
        if here is None or there is None:
            yield Difference(*key, "rows", key[1] if here else ABSENT, key[1] if there else ABSENT)
            continue
        for what in ("title", "shown", "required"):
            mine, yours = getattr(here, what), getattr(there, what)
            if mine != yours:
                yield Difference(*key, what, str(mine), str(yours))


def compare_fields(dictionary: Dictionary, theirs: Iterable[Field]) -> Iterator[Difference]:
    """Compare row by row; an item without a row and a row without an item are differences too."""
    product_fields = {(field.form, field.item): field for field in theirs}
    here = {(field.form, field.item): field for field in dictionary.fields if not field.outside}
    for key in {**here, **product_fields}:
        mine, yours = here.get(key), product_fields.get(key)
        if mine is None or yours is None:
            yield Difference(*key, "field", key[1] if mine else ABSENT, key[1] if yours else ABSENT)
        else:
            yield from compare(mine, yours)


def compare(mine: Field, yours: Field) -> Iterator[Difference]:
    """Compare one row with one item."""
    pairs: list[tuple[str, object, object]] = [
        ("label in English", mine.label[0], yours.label[0]),
        ("label in Chinese", mine.label[1], yours.label[1]),
    ]
    # A "decimal" without places stands for any number of them.
    if not (mine.type.endswith("decimal") and yours.type.startswith(mine.type)):
        pairs.append(("type", mine.type, yours.type))
    if unit_factors(mine.unit) != unit_factors(yours.unit):
        pairs.append(("unit", mine.unit, yours.unit))
    pairs += [
        ("required", str(mine.required & mine.shown), str(yours.required & yours.shown)),
        ("shown", str(mine.shown), str(yours.shown)),
        ("hard", in_words(mine.hard), in_words(yours.hard)),
        ("soft", in_words(mine.soft), in_words(yours.soft)),
        ("missing", " ".join(mine.missing), " ".join(yours.missing)),
    ]
    for what, here, there in pairs:
        if here != there:
            yield Difference(mine.form, mine.item, what, str(here), str(there))
    if not _data(mine):
        yield from _of_codes(mine, yours)


def _data(field: Field) -> bool:
    """Whether the codes are data of the trial, which the dictionary cannot list."""
    return field.codes is None and field.type.removeprefix("derived ") in ("code", "multicode")


def _of_codes(mine: Field, yours: Field) -> Iterator[Difference]:
    here = {code: labels for code, *labels in mine.codes or ()}
    there = {code: labels for code, *labels in yours.codes or ()}
    for code in {**here, **there}:
        if here.get(code) != there.get(code):
            yield Difference(
                mine.form,
                mine.item,
                f"code {code}",
                " | ".join(here.get(code, [ABSENT])),
                " | ".join(there.get(code, [ABSENT])),
            )
    if list(here) != list(there) and set(here) == set(there):
        yield Difference(mine.form, mine.item, "order of codes", " ".join(here), " ".join(there))


def _of_outside(dictionary: Dictionary) -> Iterator[Difference]:
    for field in dictionary.fields:
        if not field.outside:
            continue
        if wrong := product.kept_outside(field.item):
            yield Difference(field.form, field.item, "field", field.item, wrong)
            continue
        kinds = product.type_outside(field.item)
        if field.type.removeprefix("derived ") not in kinds:
            yield Difference(field.form, field.item, "type", field.type, " or ".join(kinds))
        label = product.label_outside(field.item)
        if label is not None and label != field.label:
            yield Difference(field.form, field.item, "label", str(field.label), str(label))
        codes = product.codes_outside(field.item)
        if field.codes is not None and codes != field.codes:
            yield Difference(field.form, field.item, "codes", str(field.codes), str(codes))


def in_words(limits: Range) -> str:
    """`120..220`, with the numbers written alike: 1.0 as 1."""
    if limits == OPEN:
        return ""
    low, high = (_number(bound) for bound in limits)
    return f"{low}..{high}"


def _number(bound: Decimal | None) -> str:
    return "" if bound is None else f"{bound.normalize():f}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`open`: differences nobody has announced; `settled`: announcements whose difference is no more."""

    open: tuple[Difference, ...]
    settled: tuple[str, ...]


def judge(dictionary: Dictionary, found: Iterable[Difference]) -> Verdict:
    """Set announced differences (pending.csv) aside, and name the announcements that have been settled."""
    left: list[Difference] = []
    met: set[tuple[str, str]] = set()
    announced = {(one.form, one.item) for one in dictionary.pending}
    for one in found:
        keys = {(one.form, one.item), (one.form, "*")} & announced
        met |= keys
        if not keys:
            left.append(one)
    settled = tuple(f"{form} {item}" for form, item in sorted(announced - met))
    return Verdict(tuple(left), settled)

"""What a printed casebook says in both languages at once, made from the definitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache

from django.utils.translation import override

from participants.models import ARMS
from participants.schedule_file import VisitDefinition
from participants.schedule_words import timing_words
from records.codelists import NY, CodeList
from records.conditions import When
from records.definition import forms
from records.items import Item, MeasuredItem, items_of
from records.text import CHINESE, ENGLISH, Text
from records.zone import TRIAL_ZONE

Phrase = dict[str, str]

TITLE = Text(
    "Y-90 selective internal radiation therapy or hepatic arterial infusion chemotherapy in hepatocellular carcinoma",
    "钇-90选择性内放射治疗或肝动脉灌注化疗治疗肝细胞癌",
)

# Units in which computed values are doses or activities: never an order.
DOSE_UNITS = frozenset({"mg", "Gy", "MBq", "GBq"})

# Words of a form's context that are no item of any form; another one is printed as it is written.
CONTEXT = {
    "arm": (
        Text("arm", "治疗组"),
        CodeList("ARM", *((code, words.en, words.zh) for code, words in ARMS.items())),
    ),
    "visit_code": (Text("visit", "访视"), CodeList("")),
    "series": (Text("series of visits", "访视系列"), CodeList("")),
    "later_cycle": (Text("from cycle 2 on", "第2疗程起"), NY),
    "gate": (Text("check before the cycle", "疗前核查"), CodeList("")),
    "resected": (Text("liver resected", "已行肝切除"), NY),
    "site_labs": (Text("the site has laboratories recorded", "本中心已录入实验室"), NY),
    "virology": (Text("virology is due at the visit", "该访视须进行病毒学检查"), NY),
    "hbv": (Text("HBV is asked at the visit", "该访视须填写乙肝病毒"), NY),
    "hcv": (Text("HCV is asked at the visit", "该访视须填写丙肝病毒"), NY),
    "severe": (Text("condition or result of grade 3 or more", "有3级及以上疾病或检验异常"), NY),
}


def phrase(text: Text) -> Phrase:
    return {"zh": text.zh, "en": text.en}


def in_both(show: Callable[[], object]) -> Phrase:
    """Ask something that answers in the active language in each of the two."""
    with override(CHINESE):
        chinese = str(show())
    with override(ENGLISH):
        return {"zh": chinese, "en": str(show())}


def moment(at: datetime, *, seconds: bool = False) -> str:
    """A point in time as people at the sites read it: Beijing time."""
    return f"{at.astimezone(TRIAL_ZONE):{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}}"


def is_dose(item: Item) -> bool:
    return item.derived and item.unit in DOSE_UNITS


def range_of(item: Item) -> Phrase | None:
    """The usual range of an item, or the one outside which it is refused, as words and `limits`; None without."""
    soft, hard = item.soft, item.hard
    if isinstance(item, MeasuredItem):
        [si] = [one for one in items_of(item.model) if one.name == f"{item.name}_si"]
        soft, hard = si.soft, si.hard
    for words, (low, high) in ((Text("usual", "常见"), soft), (Text("possible", "可录入"), hard)):
        if low is not None or high is not None:
            unit = f" {item.unit}" if isinstance(item, MeasuredItem) else ""
            return {**phrase(words), "limits": f"{_between(low, high)}{unit}"}
    return None


def _between(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return f"≤ {high:f}"
    return f"≥ {low:f}" if high is None else f"{low:f}–{high:f}"


@cache
def _items_anywhere() -> dict[str, Item]:
    """Items by name, for conditions that read another form's answer."""
    return {item.name: item for model in forms().values() for item in items_of(model)}


def condition_of(shown_when: When, own: dict[str, Item]) -> Phrase | None:
    """Say when a question is asked: `only if Sex: Female`; None where it always is. `own`: the form's items."""
    parts = [_part(name, codes, own) for name, codes in shown_when.answers.items()]
    if not parts:
        return None
    return phrase(Text("only if ", "仅当") + Text.join(parts, en=" and ", zh="且"))


def _part(name: str, codes: tuple[str, ...], own: dict[str, Item]) -> Text:
    label, words = CONTEXT.get(name, (Text(name, name), CodeList("")))
    item = own.get(name)
    if item is None and name not in CONTEXT:
        item = _items_anywhere().get(name)
    if item is not None:
        label, words = item.label, item.codes or words
    if words is NY and codes == ("Y",) and name in CONTEXT:
        return label
    answers = Text.join([words.label(code) for code in codes], en=" / ", zh="／")
    return Text(label.en.rstrip("?"), label.zh.rstrip("？")) + Text(": ", "：") + answers


def timing_of(visit: VisitDefinition) -> Phrase:
    """The target of a visit: `day 21 to 28 from start of cycle 1`; more than one where arms differ."""
    return phrase(timing_words(visit))

"""What the form page shows of holds, verification and signatures: badges, marks at the fields, a bar, a panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.access import Access, Permission
from monitoring.codelists import MEANINGS
from monitoring.content import label_of, names_to_verify
from monitoring.extents import Extent
from monitoring.permissions import PERMISSION_OF
from monitoring.plan import covers
from monitoring.policies.trust import hold_choices
from monitoring.selectors.standing import Standing, standing_over
from monitoring.trust import (
    HOLD_WORDS,
    LEVEL_WORDS,
    SIGNED_WORDS,
    VERIFICATION_WORDS,
    HoldState,
    Kind,
    Level,
    SignatureState,
    VerificationState,
)
from participants.models import CaseReportForm, Visit
from records.digest import sha256
from records.drawing import draw
from records.text import Text
from records.zone import TRIAL_ZONE

ZONE = Text("Beijing time", "北京时间")
OF_KEYS = {"T": Level.TRIAL, "S": Level.SITE, "P": Level.PARTICIPANT, "V": Level.VISIT, "F": Level.FORM}


def moment(at: Any) -> str:
    """A point in time with its zone, as a signature shows it; of JSON, too."""
    read = parse_datetime(at) if isinstance(at, str) else at
    return f"{read.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M} ({ZONE})" if read else ""


@dataclass(slots=True)
class KindLine:
    """How far a record is verified, or reviewed, in words; `may` whether this person does so here."""

    kind: Kind
    may: bool
    state: str
    words: str
    fallen: list[Text]
    there: dict[str, list[str]]
    down: frozenset[str]


@dataclass(slots=True)
class Panel:
    """All of it, as templates/monitoring/_panel.html and _bar.html read it."""

    extent: Extent
    saw: str
    standing: Standing
    holds: list[dict[str, Any]]
    signatures: list[dict[str, Any]]
    kinds: list[KindLine]
    choices: list[tuple[HoldState, str]]
    lifts: list[HoldState]
    at_stake: list[dict[str, Any]]
    may_sign: bool
    names: frozenset[tuple[str, str]]
    badges: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hold_choices(self) -> list[tuple[HoldState, str, bool]]:
        """What this person may do with the hold of the form, in words, and whether that lifts it."""
        return [(to, words, to in self.lifts) for to, words in self.choices]

    @property
    def said(self) -> str:
        """How far it is verified and reviewed, in one line."""
        return " · ".join(line.words for line in self.kinds if line.state)

    @property
    def may_verify(self) -> bool:
        return any(line.may for line in self.kinds)

    def at_item(self, name: str, label: Any) -> SafeString:
        """What stands at the end of an item: whether it is verified and reviewed, and a box to tick."""
        group, _dash, item = name.rpartition("-")
        if (group.partition("-")[0], item) not in self.names:
            return SafeString("")
        said = {str(line.kind).lower(): _said(line, name) for line in self.kinds}
        if not self.may_verify and not any(words for _state, words in said.values()):
            return SafeString("")
        source, review = said["source"], said["review"]
        return draw(
            "monitoring/_seen.html",
            "seen",
            {
                "may": self.may_verify,
                "wanted": covers(self.standing.plan, name),
                "source": source[0],
                "source_words": source[1],
                "review": review[0],
                "review_words": review[1],
                "name": name,
                "label": str(label),
            },
            ("source_words", "review_words", "name", "label"),
        )


def _said(line: KindLine, name: str) -> tuple[str, str]:
    """The state of one address and its words: "Verified · Wang Li · 2026-09-01 10:00"."""
    told = line.there.get(name)
    if told is None:
        return "", ""
    state = VerificationState.CHANGED if name in line.down else VerificationState.COMPLETE
    words = VERIFICATION_WORDS[line.kind][state]
    return str(state).lower(), f"{words} · {told[2]} · {moment(told[1])}"


def panel_of(access: Access, visit: Visit, form: str, repeat: int, record: CaseReportForm | None) -> Panel:
    """Read what stands over a record, or one to come, and what this person may do about it; one query."""
    standing = standing_over(visit, form, repeat, record)
    site_id = visit.participant.site_id
    extent = Extent.of_form(visit, form, repeat)
    held = standing.held
    locked = held is not None and held.state == HoldState.LOCKED
    submitted = record is not None and record.submitted
    own = next(
        (HoldState(one["state"]) for one in standing.holds if one["key"] == extent.key), HoldState.OPEN
    )
    choices = hold_choices(own, access.may(Permission.FREEZE, site_id), access.may(Permission.LOCK, site_id))
    signatures = [_signature(one) for one in standing.signatures]
    by_kind = {one["kind"]: one for one in standing.verifications}
    model = type(record) if record else None
    kinds = []
    for kind in Kind:
        one = by_kind.get(str(kind))
        kinds.append(
            KindLine(
                kind,
                submitted and not locked and access.may(PERMISSION_OF[kind], site_id),
                one["state"] if one else "",
                str(VERIFICATION_WORDS[kind][VerificationState(one["state"])]) if one else "",
                [label_of(model, at) for at in one["fallen"]] if one and model else [],
                one["items"] if one else {},
                frozenset(one["fallen"]) if one else frozenset(),
            )
        )
    panel = Panel(
        extent,
        sha256([[form, record.pk, record.revision]])[:16] if record else "",
        standing,
        [_hold(one) for one in sorted(standing.holds, key=lambda one: "TSPVF".index(one["key"][0]))],
        signatures,
        kinds,
        [(to, str(HOLD_VERBS[own, to])) for to in choices],
        [to for to in choices if _lifts(own, to)],
        [one for one in signatures if one["stands"]],
        submitted
        and not locked
        and access.may(Permission.SIGN, site_id)
        and not any(one["stands"] and one["level"] == Level.FORM for one in signatures),
        names_to_verify(model) if model else frozenset(),
    )
    panel.badges = _badges(panel)
    return panel


HOLD_VERBS = {
    (HoldState.OPEN, HoldState.FROZEN): Text("Freeze", "冻结"),
    (HoldState.OPEN, HoldState.LOCKED): Text("Lock", "锁定"),
    (HoldState.FROZEN, HoldState.OPEN): Text("Lift the freeze", "解除冻结"),
    (HoldState.FROZEN, HoldState.LOCKED): Text("Lock", "锁定"),
    (HoldState.LOCKED, HoldState.FROZEN): Text("Unlock, leave frozen", "解锁并保持冻结"),
    (HoldState.LOCKED, HoldState.OPEN): Text("Unlock", "解锁"),
}


def _lifts(state: HoldState, to: HoldState) -> bool:
    return (state, to) in (
        (HoldState.FROZEN, HoldState.OPEN),
        (HoldState.LOCKED, HoldState.FROZEN),
        (HoldState.LOCKED, HoldState.OPEN),
    )


def _hold(one: dict[str, Any]) -> dict[str, Any]:
    level = OF_KEYS[one["key"][0]]
    return {
        "state": one["state"],
        "words": f"{HOLD_WORDS[HoldState(one['state'])]}: {LEVEL_WORDS[level]}",
        "by": one["by"],
        "at": moment(one["at"]),
        "reason": one["reason"],
    }


def _signature(one: dict[str, Any]) -> dict[str, Any]:
    void = one["void"]
    return {
        "id": one["id"],
        "level": Level(one["level"]),
        "of": SIGNED_WORDS[Level(one["level"])],
        "stands": one["state"] == SignatureState.STANDING,
        "name": one["name"],
        "at": moment(one["at"]),
        "meaning": MEANINGS.label(one["meaning"]),
        "sha256": one["sha256"],
        "void": {
            "by": void["by"] or _("System"),
            "at": moment(void["at"]),
            "form": void["form"],
            "reason": void["reason"],
        }
        if void
        else None,
    }


def _badges(panel: Panel) -> list[tuple[str, str]]:
    """What stands beside the form's title: its strictest hold, its signature, its verification."""
    found = []
    held = panel.standing.held
    if held:
        found.append(("warn", f"{HOLD_WORDS[held.state]}: {LEVEL_WORDS[held.level]}"))
    for one in panel.signatures:
        if one["stands"]:
            found.append(("good", _("signed: %(of)s") % {"of": one["of"]}))
        elif one["level"] == Level.FORM:
            found.append(("warn", _("signature voided")))
    found += [
        ("good" if line.state == VerificationState.COMPLETE else "warn", line.words)
        for line in panel.kinds
        if line.state
    ]
    return found


def signature_lines(signatures: Any) -> list[dict[str, Any]]:
    """Stored signatures as pages list them, each with what voided it."""
    found = []
    for one in signatures:
        void = getattr(one, "void", None)
        found.append(
            {
                "id": one.pk,
                "level": Level(one.level),
                "of": one.of,
                "stands": one.stands,
                "name": one.name,
                "at": moment(one.at),
                "meaning": one.meaning_words,
                "sha256": one.sha256,
                "participant": one.participant,
                "void": {
                    "by": void.by or _("System"),
                    "at": moment(void.at),
                    "form": void.form,
                    "reason": void.reason,
                }
                if void
                else None,
            }
        )
    return found


def step_lines(steps: Any) -> list[dict[str, Any]]:
    """The steps of a hold as pages list them."""
    return [{"words": one.words, "by": one.by, "at": moment(one.at), "reason": one.reason} for one in steps]

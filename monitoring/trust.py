"""The states of holds, verifications and signatures: each one table of allowed moves beside its states."""

from __future__ import annotations

from enum import StrEnum

from records.text import Text


class Level(StrEnum):
    """What is held or signed, from the widest to the narrowest; the casebook is the participant's."""

    TRIAL = "TRIAL"
    SITE = "SITE"
    PARTICIPANT = "PARTICIPANT"
    VISIT = "VISIT"
    FORM = "FORM"


class HoldState(StrEnum):
    OPEN = "OPEN"
    FROZEN = "FROZEN"
    LOCKED = "LOCKED"


class Kind(StrEnum):
    """The two kinds of reading data over: against the source, and for sense."""

    SOURCE = "SOURCE"
    REVIEW = "REVIEW"


class VerificationState(StrEnum):
    PARTIAL = "PARTIAL"
    COMPLETE = "COMPLETE"
    CHANGED = "CHANGED"
    WITHDRAWN = "WITHDRAWN"
    REMOVED = "REMOVED"


class SignatureState(StrEnum):
    STANDING = "STANDING"
    VOIDED = "VOIDED"


H, V, S = HoldState, VerificationState, SignatureState

HOLD_MOVES: dict[HoldState, tuple[HoldState, ...]] = {
    H.OPEN: (H.FROZEN, H.LOCKED),
    H.FROZEN: (H.OPEN, H.LOCKED),
    H.LOCKED: (H.FROZEN, H.OPEN),
}

# What was verified can be verified again, in part or whole; what is removed with its form stays as it was read.
_STANDING = (V.PARTIAL, V.COMPLETE, V.CHANGED, V.WITHDRAWN, V.REMOVED)
VERIFICATION_MOVES: dict[VerificationState, tuple[VerificationState, ...]] = {
    V.PARTIAL: _STANDING,
    V.COMPLETE: _STANDING,
    V.CHANGED: _STANDING,
    V.WITHDRAWN: (V.PARTIAL, V.COMPLETE, V.REMOVED),
    V.REMOVED: (),
}

# A signature is never given back: who signs again, signs anew.
SIGNATURE_MOVES: dict[SignatureState, tuple[SignatureState, ...]] = {S.STANDING: (S.VOIDED,), S.VOIDED: ()}

# How strict a hold is: of several over one form the strictest counts.
STRICTNESS = {H.OPEN: 0, H.FROZEN: 1, H.LOCKED: 2}


def stricter(one: HoldState, other: HoldState) -> bool:
    """Say whether the first stops more than the second."""
    return STRICTNESS[one] > STRICTNESS[other]


HOLD_WORDS = {
    H.OPEN: Text("Open", "开放"),
    H.FROZEN: Text("Frozen", "已冻结"),
    H.LOCKED: Text("Locked", "已锁定"),
}

LEVEL_WORDS = {
    Level.TRIAL: Text("trial", "研究"),
    Level.SITE: Text("site", "中心"),
    Level.PARTICIPANT: Text("participant", "受试者"),
    Level.VISIT: Text("visit", "访视"),
    Level.FORM: Text("form", "表单"),
}

SIGNED_WORDS = {**LEVEL_WORDS, Level.PARTICIPANT: Text("casebook", "病例报告表")}

KIND_WORDS = {
    Kind.SOURCE: Text("Source verification", "原始数据核查"),
    Kind.REVIEW: Text("Data review", "数据审核"),
}

VERIFICATION_WORDS: dict[Kind, dict[VerificationState, Text]] = {
    Kind.SOURCE: {
        V.PARTIAL: Text("Verified in part", "部分已核查"),
        V.COMPLETE: Text("Verified", "已核查"),
        V.CHANGED: Text("Verified, changed since", "核查后有变更"),
        V.WITHDRAWN: Text("Verification withdrawn", "核查已撤回"),
        V.REMOVED: Text("Verified, removed since", "核查后已删除"),
    },
    Kind.REVIEW: {
        V.PARTIAL: Text("Reviewed in part", "部分已审核"),
        V.COMPLETE: Text("Reviewed", "已审核"),
        V.CHANGED: Text("Reviewed, changed since", "审核后有变更"),
        V.WITHDRAWN: Text("Review withdrawn", "审核已撤回"),
        V.REMOVED: Text("Reviewed, removed since", "审核后已删除"),
    },
}

SIGNATURE_WORDS = {S.STANDING: Text("Signed", "已签名"), S.VOIDED: Text("Voided by a change", "因变更失效")}

"""The tables of what makes data trusted: signatures, verification and review, holds."""

from __future__ import annotations

from psycopg2 import sql

from exports.tables import (
    BY_SUBJECT,
    BY_VISIT,
    SITE,
    STUDY,
    SUBJECT_KEY,
    VISIT_KEY,
    Column,
    Table,
    by_subject,
    by_visit,
    column,
    moment,
    row,
)
from monitoring.codelists import MEANINGS
from monitoring.trust import (
    HOLD_WORDS,
    KIND_WORDS,
    SIGNATURE_WORDS,
    SIGNED_WORDS,
    VERIFICATION_WORDS,
    Kind,
)
from records.codelists import CodeList
from records.text import Text

LEVEL = CodeList("SIGNED", *((str(level), words.en, words.zh) for level, words in SIGNED_WORDS.items()))
STATE = CodeList(
    "SIGNATURESTATE", *((str(one), words.en, words.zh) for one, words in SIGNATURE_WORDS.items())
)
KIND = CodeList("VERIFICATION", *((str(kind), words.en, words.zh) for kind, words in KIND_WORDS.items()))
VERIFIED = CodeList(
    "VERIFICATIONSTATE",
    *((str(one), words.en, words.zh) for one, words in VERIFICATION_WORDS[Kind.SOURCE].items()),
)
HOLD = CodeList("HOLDSTATE", *((str(one), words.en, words.zh) for one, words in HOLD_WORDS.items()))

FORM = column("FORM", row("form"), "Form; empty for more than one", "表单；多份表单时为空")
REPEAT = column(
    "REPEAT",
    sql.SQL("nullif({}, 0)").format(row("repeat")),
    "Row of a repeating form",
    "重复记录序号",
    "integer",
)


def _void(name: str) -> sql.Composable:
    return sql.Identifier("w", name)


def trust_tables() -> list[Table]:
    """In the order of the ZIP."""
    return [
        Table(
            "signatures",
            Text("Electronic signatures, voided ones included", "电子签名（含已失效）"),
            (
                *SUBJECT_KEY,
                column("LEVEL", row("level"), "What was signed", "签名对象", "code", codes=LEVEL),
                *VISIT_KEY[3:],
                FORM,
                REPEAT,
                column("SIGNED_NAME", row("name"), "Printed name", "签名人姓名"),
                column("BY", row("by_id"), "Account number of the person", "签名人账号编号", "integer"),
                column("AT", moment(row("at")), "When it was signed", "签名时间", "datetime"),
                column("MEANING", row("meaning"), "What it means", "签名含义", "code", codes=MEANINGS),
                column("SHA256", row("sha256"), "SHA-256 of what was signed", "签名内容SHA-256"),
                column("STATE", row("state"), "Whether it stands", "状态", "code", codes=STATE),
                column("VOIDAT", moment(_void("at")), "When it was voided", "失效时间", "datetime"),
                column(
                    "VOIDBY",
                    _void("by_id"),
                    "Account number of the person whose change voided it",
                    "导致失效的变更人账号编号",
                    "integer",
                ),
                column("VOIDFORM", _void("form"), "The form that was changed", "发生变更的表单"),
                column("VOIDREASON", _void("reason"), "Reason of the change", "变更原因"),
            ),
            sql.SQL(
                "{} LEFT JOIN participants_visit v ON v.id = r.visit_id "
                "LEFT JOIN monitoring_signaturevoid w ON w.signature_id = r.id"
            ).format(by_subject("monitoring_signature")),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "verifications",
            Text("How far each form is verified and reviewed", "各表单的核查与审核状态"),
            (
                *VISIT_KEY,
                FORM,
                REPEAT,
                column("KIND", row("kind"), "Source verification or review", "核查类别", "code", codes=KIND),
                column("STATE", row("state"), "How far", "状态", "code", codes=VERIFIED),
                column(
                    "ITEMS",
                    sql.SQL("(SELECT count(*) FROM jsonb_object_keys(r.items))"),
                    "Fields verified, fallen ones included",
                    "已核查字段数（含变更后失效）",
                    "integer",
                ),
                column(
                    "FALLEN",
                    sql.SQL("array_to_string(r.fallen, ' ')"),
                    "Fields that changed since",
                    "核查后有变更的字段",
                ),
                column("LASTAT", moment(_last("at")), "Last step", "最近一次操作时间", "datetime"),
                column("LASTBY", _last("by_id"), "Account number of its person", "操作人账号编号", "integer"),
            ),
            sql.SQL(
                "{} LEFT JOIN LATERAL (SELECT s.at, s.by_id FROM monitoring_verificationstep s "
                "WHERE s.verification_id = r.id ORDER BY s.id DESC LIMIT 1) l ON true"
            ).format(by_visit("monitoring_verification")),
            BY_VISIT + sql.SQL(', r.form COLLATE "C", r.repeat, r.kind COLLATE "C", r.id'),
        ),
        _holds(),
    ]


def _last(name: str) -> sql.Composable:
    return sql.Identifier("l", name)


def _holds() -> Table:
    """Steps of every hold; an export of some sites leaves those of the trial as a whole out."""
    about: tuple[Column, ...] = (
        column("LEVEL", sql.Identifier("h", "level"), "What was held", "冻结/锁定层级"),
        column("SUBJID", sql.Identifier("p", "number"), "Participant number", "受试者编号"),
        column("VISIT", sql.Identifier("v", "code"), "Visit", "访视代码"),
        column("FORM", sql.Identifier("h", "form"), "Form", "表单"),
        column(
            "REPEAT",
            sql.SQL("nullif(h.repeat, 0)"),
            "Row of a repeating form",
            "重复记录序号",
            "integer",
        ),
        column("STATE", row("state"), "State from then on", "状态", "code", codes=HOLD),
        column("AT", moment(row("at")), "Since", "起始时间", "datetime"),
        column("BY", row("by_id"), "Account number of the person", "操作人账号编号", "integer"),
        column("REASON", row("reason"), "Reason", "原因"),
    )
    return Table(
        "holds",
        Text("Freezes and locks, set and lifted", "冻结与锁定记录"),
        (STUDY, SITE, *about),
        sql.SQL(
            "monitoring_holdstep r JOIN monitoring_hold h ON h.id = r.hold_id "
            "LEFT JOIN accounts_site s ON s.id = h.site_id "
            "LEFT JOIN participants_participant p ON p.id = h.participant_id "
            "LEFT JOIN participants_visit v ON v.id = h.visit_id"
        ),
        sql.SQL("r.id"),
        site=sql.SQL("h.site_id"),
    )

"""The tables of participants' own records: entries as they were sent, what the site said and did, links handed out.

Contact details are no data of the trial and stand in no export.
"""

from __future__ import annotations

from psycopg2 import sql

from diary.models.entries import SYMPTOMS, TEMPERATURE_WORDS
from diary.workflow import DIARY_TASK_WORDS, REMARK_WORDS
from exports.tables import BY_SUBJECT, SUBJECT_KEY, Column, Table, by_subject, column, moment, row
from followup.codelists import OWN_TEST
from records.codelists import CodeList
from records.text import Text

TASK_STATE = CodeList(
    "DIARYTASKSTATE", *((str(state), words.en, words.zh) for state, words in DIARY_TASK_WORDS.items())
)
REMARK = CodeList("DIARYREMARK", *((str(kind), words.en, words.zh) for kind, words in REMARK_WORDS.items()))
ENTRY = Text("Entry (DIARY_ENTRIES.KEY)", "日记条目（DIARY_ENTRIES.KEY）")


def _account(name: str, en: str, zh: str) -> Column:
    return column(name.upper(), row(f"{name}_id"), f"{en} (account number)", f"{zh}（账号编号）", "integer")


def _entry_key() -> Column:
    return column("KEY", sql.SQL("entry.key"), ENTRY.en, ENTRY.zh)


def _entries() -> Table:
    return Table(
        "diary_entries",
        Text("Entries of participants in their own records, as they were sent", "受试者日记（原始提交）"),
        (
            *SUBJECT_KEY,
            column("KEY", row("key"), "Key of the entry, made on the phone", "条目标识（手机生成）"),
            column(
                "REPLACES",
                sql.SQL("corrected.key"),
                "Key of the entry it corrects; empty: none",
                "所更正条目的标识；空表示非更正",
            ),
            column(
                "REPLACED",
                sql.SQL(
                    "(CASE WHEN EXISTS (SELECT 1 FROM diary_diaryentry later WHERE later.replaces_id = r.id)"
                    " THEN 't' ELSE 'f' END)"
                ),
                "A later entry corrects it (t or f)",
                "是否已被后续条目更正（t/f）",
            ),
            column(
                "STATED",
                moment(row("stated")),
                "When it was so, as the participant says",
                "受试者所述时间",
                "datetime",
            ),
            column("TYPED", moment(row("typed")), "Saved on the phone", "手机保存时间", "datetime"),
            column("RECEIVED", moment(row("received")), "Received", "接收时间", "datetime"),
            *(
                column(name.upper(), row(name), f"{words.en} (0–10)", f"{words.zh}（0–10分）", "integer")
                for name, words in SYMPTOMS.items()
            ),
            column("TEMPERATURE", row("temperature"), TEMPERATURE_WORDS.en, TEMPERATURE_WORDS.zh, "decimal"),
            column(
                "TEST",
                sql.SQL("nullif(r.test, '')"),
                "Test result: which",
                "检查项目",
                "code",
                codes=OWN_TEST,
            ),
            column("TEST_WORDS", row("test_words"), "Test in words", "检查项目名称"),
            column("VALUE", row("value"), "Value", "结果"),
            column("UNIT", row("unit"), "Unit", "单位"),
            column(
                "PHOTO",
                sql.SQL("photo.key"),
                "Photo of the report (FILES.KEY)",
                "检查报告照片（FILES.KEY）",
            ),
            column("NOTE", row("note"), "Note", "备注"),
        ),
        sql.SQL(
            "{} LEFT JOIN diary_diaryentry corrected ON corrected.id = r.replaces_id "
            "LEFT JOIN participants_storedfile photo ON photo.id = r.photo_id"
        ).format(by_subject("diary_diaryentry")),
        BY_SUBJECT + sql.SQL(", r.id"),
    )


def diary_tables() -> list[Table]:
    """Everything of the participants' own records, in the order of the ZIP."""
    return [
        _entries(),
        Table(
            "diary_tasks",
            Text("Severe answers, and what the site did about them", "受试者严重症状及中心处理"),
            (
                *SUBJECT_KEY,
                _entry_key(),
                column(
                    "REASONS",
                    sql.SQL("upper(array_to_string(task.reasons, ' '))"),
                    "Severe answers: their columns in DIARY_ENTRIES, separated by spaces",
                    "严重症状（DIARY_ENTRIES列名，空格分隔）",
                ),
                column("STATE", row("state"), "State from then on", "状态", "code", codes=TASK_STATE),
                column("AT", moment(row("at")), "When", "时间", "datetime"),
                _account("by", "By; empty: raised by the entry", "操作人；空表示由条目触发"),
                column("DONE", row("done"), "What was done", "处理内容"),
            ),
            sql.SQL(
                "{} JOIN diary_diarytask task ON task.id = r.task_id "
                "JOIN diary_diaryentry entry ON entry.id = task.entry_id"
            ).format(by_subject("diary_diarytaskstep")),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "diary_remarks",
            Text("What the site said to entries of participants", "中心对受试者日记的备注"),
            (
                *SUBJECT_KEY,
                _entry_key(),
                column("KIND", row("kind"), "Kind", "类别", "code", codes=REMARK),
                column("COMMENT", row("comment"), "Comment", "备注内容"),
                column("AT", moment(row("at")), "When", "时间", "datetime"),
                _account("by", "By", "操作人"),
            ),
            sql.SQL("{} JOIN diary_diaryentry entry ON entry.id = r.entry_id").format(
                by_subject("diary_entryremark")
            ),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
        Table(
            "diary_links",
            Text("Links to their own records handed out to participants", "发放给受试者的日记链接"),
            (
                *SUBJECT_KEY,
                column("HANDED_OUT_AT", moment(row("handed_out_at")), "Handed out", "发放时间", "datetime"),
                _account("handed_out_by", "Handed out by", "发放人"),
                column("EXPIRES", moment(row("expires")), "Expires", "失效时间", "datetime"),
                column("OPENED", moment(row("opened")), "Opened on a phone", "手机打开时间", "datetime"),
                column(
                    "LAST_USED",
                    moment(row("last_used")),
                    "Last used, to the hour",
                    "最近使用时间（按小时）",
                    "datetime",
                ),
                column("REVOKED_AT", moment(row("revoked_at")), "Revoked", "撤销时间", "datetime"),
                _account("revoked_by", "Revoked by", "撤销人"),
                column("REVOKED_WHY", row("revoked_why"), "Why it was revoked", "撤销原因"),
            ),
            by_subject("diary_diarylink"),
            BY_SUBJECT + sql.SQL(", r.id"),
        ),
    ]

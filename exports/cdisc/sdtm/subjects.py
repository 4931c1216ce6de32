"""What every domain reads of a participant: reference dates, first and last treatment, death, as SQL."""

from __future__ import annotations

from exports.cdisc.sdtm.expressions import moment
from records.definition import forms
from records.zone import TRIAL_ZONE


def subjects() -> str:
    """One line a participant: first and last treatment, end of participation, death, as texts of ISO 8601."""
    haic, y90 = forms()["HAIC"]._meta.db_table, forms()["YTRT"]._meta.db_table
    surv, sv, ds, arm = (forms()[code]._meta.db_table for code in ("SURV", "SV", "DS", "ARM"))
    starts = "least(h.oxast, h.lvst, h.fu1st, h.fu2st)"
    ends = "greatest(h.oxaen, h.lven, h.fu1en, h.fu2en, h.oxast, h.lvst, h.fu1st, h.fu2st)"
    return (
        "SELECT p.id AS pid, p.number, s.code AS site, p.arm, "
        f"{moment('least(h.st, y.st)')} AS rfx, {moment('greatest(h.en, y.en)')} AS rfxe, CASE WHEN coalesce(h.st, y.st) IS NOT NULL THEN to_char(a.armdtc, 'YYYY-MM-DD') END AS ref, "
        "to_char(greatest(c.seen, l.seen, e.seen, z.seen, a.armdtc), 'YYYY-MM-DD') AS rfpen, to_char(l.died, 'YYYY-MM-DD') AS dth "
        "FROM participants_participant p JOIN accounts_site s ON s.id = p.site_id "
        f"LEFT JOIN (SELECT participant_id, min({starts}) AS st, max({ends}) AS en FROM {haic} h "
        "WHERE state = 'SUBMITTED' GROUP BY 1) h ON h.participant_id = p.id "
        f"LEFT JOIN (SELECT participant_id, min(yinfdt) AS st, max(yinfdt) AS en FROM {y90} "
        "WHERE state = 'SUBMITTED' GROUP BY 1) y ON y.participant_id = p.id "
        f"LEFT JOIN (SELECT participant_id, max(svstdtc) AS seen FROM {sv} WHERE state = 'SUBMITTED' GROUP BY 1) c "
        "ON c.participant_id = p.id "
        f"LEFT JOIN (SELECT participant_id, max(greatest(lastalive, dthdtc)) AS seen, min(dthdtc) AS died FROM {surv} "
        "WHERE state = 'SUBMITTED' GROUP BY 1) l ON l.participant_id = p.id "
        f"LEFT JOIN (SELECT participant_id, min(armdtc) AS armdtc FROM {arm} WHERE state = 'SUBMITTED' GROUP BY 1) a "
        "ON a.participant_id = p.id "
        f"LEFT JOIN ({_last_days()}) z ON z.participant_id = p.id "
        f"LEFT JOIN (SELECT participant_id, max(dsstdtc) AS seen FROM {ds} WHERE state = 'SUBMITTED' GROUP BY 1) e "
        "ON e.participant_id = p.id WHERE {sites}"
    )


def _last_days() -> str:
    """The last day any other form shows a participant in the trial: an event, a drug, the end of a cycle or infusion."""
    local = f"AT TIME ZONE '{TRIAL_ZONE.key}'"
    parts = [
        f"SELECT participant_id, {day} AS seen FROM {forms()[code]._meta.db_table} WHERE state = 'SUBMITTED'"
        for code, day in (
            ("AE", "CASE WHEN length(aeendtc) = 10 THEN aeendtc::date END"),
            ("AE", "CASE WHEN length(aestdtc) = 10 THEN aestdtc::date END"),
            ("CM", "CASE WHEN length(cmendtc) = 10 THEN cmendtc::date END"),
            ("SACT", "greatest(sactstdtc, sactendtc)"),
            ("HAIC", f"(greatest(hcathout, hbanden, fu2en, hdisch) {local})::date"),
            ("YTRT", f"(greatest(yinfdt, ypostdt, ydisch) {local})::date"),
            ("IMG", "imgdtc"),
            ("SURG", "greatest(surgdtc, hospout)"),
        )
    ]
    return f"SELECT participant_id, max(seen) AS seen FROM ({' UNION ALL '.join(parts)}) days GROUP BY 1"

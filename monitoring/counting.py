"""How the work at each visit is counted: a function of the database, and the triggers that say where to count again.

Whoever saves only adds a mark (VisitToCount), so nobody waits for anybody; whoever reads has the marked visits counted
first (selectors/work.py). Function and triggers are made from the models after each migration, so a new form is counted
without another line.
"""

from __future__ import annotations

import hashlib

from django.db import connection

from eligibility.policies import AFTER_SCREENING, SCREENING_VISITS, UNDECIDED
from monitoring.plan import DEFAULT
from monitoring.trust import Kind, Level, SignatureState, VerificationState
from participants.models import CaseReportForm
from participants.workflow import VisitState
from records.definition import forms
from records.models import Record

# Counting is done by one at a time.
COUNTING = 7310

# `missing`: due (eligibility/policies.py: due_at) at a visit that was begun, and no record of it. `to_sign`: the visit took place or was missed,
# everything due and begun is submitted, and nobody signed it, as a visit or with its casebook; one whose signature was
# voided waits as such (selectors/progress.py). `to_verify`: forms the plan asks for that were never wholly verified; those
# that were and have changed wait as such.
COUNT = """
CREATE OR REPLACE FUNCTION public.monitoring_count_work() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    marked bigint[];
    unplanned text[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.monitoring_visittocount) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock({counting}, 0);
    WITH taken AS (DELETE FROM public.monitoring_visittocount RETURNING visit_id)
    SELECT array_agg(DISTINCT visit_id) INTO marked FROM taken;
    IF marked IS NULL THEN
        RETURN;
    END IF;
    SELECT coalesce(array_agg(f.code), '{{}}') INTO unplanned
      FROM unnest({codes}::text[]) AS f(code)
      LEFT JOIN LATERAL (SELECT p.items FROM public.monitoring_verificationplan p WHERE p.form = f.code
                         ORDER BY p.version DESC LIMIT 1) newest ON true
     WHERE coalesce(cardinality(newest.items), CASE WHEN f.code = ANY ({default_unplanned}::text[]) THEN 0 ELSE 1 END) = 0;
    INSERT INTO public.monitoring_visitwork AS work
        (visit_id, participant_id, site_id, missing, drafts, took_place, submitted_at, to_sign, to_verify, waits_since)
    WITH entered AS (
        {entered}
    ), judged AS (
        SELECT e.*,
               e.state = {submitted} AND e.form <> ALL (unplanned)
                   AND coalesce(v.state, '') NOT IN ({verified}, {changed}) AS unverified
          FROM entered e LEFT JOIN public.monitoring_verification v
            ON v.form = e.form AND v.record_id = e.id AND v.kind = {source}
    ), summed AS (
        SELECT visit_id,
               array_agg(DISTINCT form) AS forms,
               coalesce(jsonb_agg(jsonb_build_array(form, repeat, entered_at) ORDER BY entered_at, form, repeat)
                            FILTER (WHERE state <> {submitted}), '[]') AS drafts,
               max(submitted_at) AS submitted_at,
               count(*) FILTER (WHERE unverified) AS to_verify,
               min(submitted_at) FILTER (WHERE unverified) AS waits_since
          FROM judged GROUP BY visit_id
    ), counted AS (
        SELECT v.id, v.participant_id, p.site_id, v.status, s.drafts, s.submitted_at, s.to_verify, s.waits_since,
               s.visit_id IS NOT NULL AS begun,
               ARRAY(SELECT due.code FROM unnest(v.forms) WITH ORDINALITY AS due(code, place)
                      WHERE v.status IN ({started}, {done})
                        AND due.code = ANY ({codes}::text[])
                        AND (p.status <> ALL ({undecided}::text[])
                             OR v.code = ANY ({screening}::text[]) AND due.code <> {after_screening})
                        AND due.code <> ALL (coalesce(s.forms, '{{}}'))
                      ORDER BY due.place) AS missing
          FROM public.participants_visit v
          JOIN public.participants_participant p ON p.id = v.participant_id
          LEFT JOIN summed s ON s.visit_id = v.id
         WHERE v.id = ANY (marked)
    )
    SELECT c.id, c.participant_id, c.site_id, c.missing, coalesce(c.drafts, '[]'),
           (SELECT max(h.svstdtc) FROM public.participants_visitheader h WHERE h.visit_id = c.id),
           c.submitted_at,
           c.begun AND c.drafts = '[]' AND c.status IN ({started}, {done}, {missed})
               AND (c.status = {missed} OR c.missing = '{{}}')
               AND NOT EXISTS (SELECT 1 FROM public.monitoring_signature s
                                WHERE s.visit_id = c.id AND s.level = {visit_level})
               AND NOT EXISTS (SELECT 1 FROM public.monitoring_signature s
                                WHERE s.participant_id = c.participant_id AND s.level = {casebook_level}
                                  AND s.state = {standing}),
           coalesce(c.to_verify, 0), c.waits_since
      FROM counted c
    ON CONFLICT (visit_id) DO UPDATE SET
        participant_id = excluded.participant_id, site_id = excluded.site_id, missing = excluded.missing,
        drafts = excluded.drafts, took_place = excluded.took_place, submitted_at = excluded.submitted_at,
        to_sign = excluded.to_sign, to_verify = excluded.to_verify, waits_since = excluded.waits_since;
END
$function$;
"""

# The state of a form or of a verification changed, a form came or went.
MARK_VISIT = """
CREATE OR REPLACE FUNCTION public.monitoring_mark_visit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO public.monitoring_visittocount (visit_id) VALUES (OLD.visit_id);
    ELSIF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN
        INSERT INTO public.monitoring_visittocount (visit_id) VALUES (NEW.visit_id);
    END IF;
    RETURN NULL;
END
$function$;
"""

# The day of a visit is an answer of its header.
MARK_HEADER = """
CREATE OR REPLACE FUNCTION public.monitoring_mark_header() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF NEW.svstdtc IS DISTINCT FROM OLD.svstdtc THEN
        INSERT INTO public.monitoring_visittocount (visit_id) VALUES (NEW.visit_id);
    END IF;
    RETURN NULL;
END
$function$;
"""

# A visit was planned or moved along its path, or asks for other forms.
MARK_PLANNED = """
CREATE OR REPLACE FUNCTION public.monitoring_mark_planned() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.status <> OLD.status OR NEW.forms <> OLD.forms THEN
        INSERT INTO public.monitoring_visittocount (visit_id) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END
$function$;
"""

# What is due depends on how far a participant has come.
MARK_PARTICIPANT = """
CREATE OR REPLACE FUNCTION public.monitoring_mark_participant() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF NEW.status <> OLD.status THEN
        INSERT INTO public.monitoring_visittocount (visit_id)
        SELECT v.id FROM public.participants_visit v WHERE v.participant_id = NEW.id;
    END IF;
    RETURN NULL;
END
$function$;
"""

# A visit or a whole casebook was signed, or its signature was voided.
MARK_SIGNED = """
CREATE OR REPLACE FUNCTION public.monitoring_mark_signed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    INSERT INTO public.monitoring_visittocount (visit_id)
    SELECT v.id FROM public.participants_visit v
     WHERE v.participant_id = NEW.participant_id
       AND (NEW.level = {casebook_level} OR NEW.level = {visit_level} AND v.id = NEW.visit_id);
    RETURN NULL;
END
$function$;
"""

# Another plan of verification: every visit at which something is entered.
MARK_PLAN = """
CREATE OR REPLACE FUNCTION public.monitoring_mark_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    INSERT INTO public.monitoring_visittocount (visit_id)
    SELECT w.visit_id FROM public.monitoring_visitwork w WHERE w.submitted_at IS NOT NULL;
    RETURN NULL;
END
$function$;
"""


def _form_tables() -> dict[str, str]:
    """The tables of all forms of a visit, by the form's code."""
    return {
        code: connection.ops.quote_name(model._meta.db_table)
        for code, model in forms().items()
        if issubclass(model, CaseReportForm)
    }


def _text(word: object) -> str:
    return "'" + str(word).replace("'", "''") + "'"


def _array(words: object) -> str:
    return f"ARRAY[{', '.join(_text(word) for word in words)}]"  # type: ignore[attr-defined]


def statements() -> list[str]:
    """Functions and triggers as the models and workflows are now."""
    tables = _form_tables()
    words = {
        "counting": COUNTING,
        "codes": _array(forms()),
        "default_unplanned": _array(code for code, items in DEFAULT.items() if not items),
        "entered": "\n        UNION ALL ".join(
            f"SELECT {_text(code)}::text AS form, r.visit_id, r.id, r.repeat, r.state, r.entered_at, r.submitted_at "  # noqa: S608 – our own tables
            f"FROM public.{table} r WHERE r.visit_id = ANY (marked)"
            for code, table in tables.items()
        ),
        "submitted": _text(Record.State.SUBMITTED),
        "verified": _text(VerificationState.COMPLETE),
        "changed": _text(VerificationState.CHANGED),
        "source": _text(Kind.SOURCE),
        "undecided": _array(UNDECIDED),
        "screening": _array(SCREENING_VISITS),
        "after_screening": _text(AFTER_SCREENING),
        "started": _text(VisitState.STARTED),
        "done": _text(VisitState.DONE),
        "missed": _text(VisitState.MISSED),
        "visit_level": _text(Level.VISIT),
        "casebook_level": _text(Level.PARTICIPANT),
        "standing": _text(SignatureState.STANDING),
    }
    triggers = [
        *((table, "INSERT OR UPDATE OF state OR DELETE", "visit") for table in tables.values()),
        ("monitoring_verification", "INSERT OR UPDATE OF state OR DELETE", "visit"),
        ("participants_visitheader", "UPDATE OF svstdtc", "header"),
        ("participants_visit", "INSERT OR UPDATE OF status, forms", "planned"),
        ("participants_participant", "UPDATE OF status", "participant"),
        ("monitoring_signature", "INSERT OR UPDATE OF state", "signed"),
        ("monitoring_verificationplan", "INSERT", "plan"),
    ]
    return [
        COUNT.format(**words),
        MARK_VISIT,
        MARK_HEADER,
        MARK_PLANNED,
        MARK_PARTICIPANT,
        MARK_SIGNED.format(**words),
        MARK_PLAN,
        *(
            f"DROP TRIGGER IF EXISTS mark_{name} ON {table}; "
            f"CREATE TRIGGER mark_{name} AFTER {when} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION public.monitoring_mark_{name}()"
            for table, when, name in triggers
        ),
    ]


def install_counting() -> None:
    """Bring functions and triggers in step with the models; where they changed, every visit is counted again."""
    made_from = statements()
    version = hashlib.sha256("\n".join(made_from).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regproc('public.monitoring_count_work'), 'pg_proc')")
        if cursor.fetchone() == (version,):
            return
        for statement in made_from:
            cursor.execute(statement)
        cursor.execute("INSERT INTO monitoring_visittocount (visit_id) SELECT id FROM participants_visit")
        cursor.execute(f"COMMENT ON FUNCTION public.monitoring_count_work() IS '{version}'")

from django.db import migrations

# Who saves a form takes these locks together with everybody else who does; who holds, verifies or signs takes one of
# them alone (monitoring/still.py). What is held is read by a statement of its own, after the wait: it sees what was
# committed meanwhile.
HOLDS = """
CREATE OR REPLACE FUNCTION public.monitoring_holds(of_site bigint, of_participant bigint, keys text[])
RETURNS TABLE (key text, state text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7307, 0);
    PERFORM pg_advisory_xact_lock_shared(7308, of_site::integer);
    PERFORM pg_advisory_xact_lock_shared(7309, of_participant::integer);
    RETURN QUERY SELECT h.key::text, h.state::text FROM public.monitoring_hold h
                 WHERE h.key = ANY (keys) AND h.state <> 'OPEN';
END
$function$;
"""

# What a change of a record meets, read after the same wait: holds, signatures, verification, checks that fired.
TOUCHED = """
CREATE OR REPLACE FUNCTION public.monitoring_touched(
    of_site bigint, of_participant bigint, keys text[], of_visit bigint, of_form text, of_repeat integer,
    of_record bigint)
RETURNS TABLE (what text, body jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7307, 0);
    PERFORM pg_advisory_xact_lock_shared(7308, of_site::integer);
    PERFORM pg_advisory_xact_lock_shared(7309, of_participant::integer);
    RETURN QUERY
        SELECT 'HOLD', jsonb_build_object('key', h.key, 'state', h.state) FROM public.monitoring_hold h
        WHERE h.key = ANY (keys) AND h.state <> 'OPEN'
        UNION ALL
        SELECT 'SIGNATURE', jsonb_build_object('id', s.id) FROM public.monitoring_signature s
        WHERE s.key = ANY (keys) AND s.state = 'STANDING'
        UNION ALL
        SELECT 'VERIFICATION', to_jsonb(v) FROM public.monitoring_verification v
        WHERE v.form = of_form AND v.record_id = of_record
        UNION ALL
        SELECT 'PLAN', to_jsonb(newest.items) FROM (
            SELECT p.items FROM public.monitoring_verificationplan p WHERE p.form = of_form
            ORDER BY p.version DESC LIMIT 1) newest
        UNION ALL
        SELECT 'FIRING', to_jsonb(f) FROM public.monitoring_checkfiring f
        WHERE f.visit_id = of_visit AND f.form = of_form AND f.repeat = of_repeat AND f.state <> 'CHANGED';
END
$function$;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_schema")]

    operations = [
        migrations.RunSQL(HOLDS, "DROP FUNCTION public.monitoring_holds(bigint, bigint, text[])"),
        migrations.RunSQL(
            TOUCHED, "DROP FUNCTION public.monitoring_touched(bigint, bigint, text[], bigint, text, integer, bigint)"
        ),
    ]

"""Bring the database in step with the models after a migration: the trail's triggers, grants, the items' checks.

Everything here is derived: a new model is audited and granted without another line, and a range, code list or
missing-value code that changes is refused by the database from then on. It runs as the migrator, on behalf of
the owner; the application's role owns nothing and is granted row by row kind.
"""

from __future__ import annotations

import hashlib

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from records.items import items_of

ALL_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")

# Tables of libraries that hold nothing of the trial; the application's own models say it themselves
# with `outside_trail = "why"`.
OUTSIDE_TRAIL = {
    "contenttypes.ContentType": "Django's list of models, made by migrations.",
    "auth.Permission": "Django's model permissions, made by migrations and not used.",
    "auth.Group": "Not used: rights come from roles held at sites.",
    "auth.Group_permissions": "Not used.",
    "records.TrailEntry": "The trail itself.",
}

# Columns whose values must not be readable in the trail; that they changed is.
HIDDEN_COLUMNS = {
    "accounts_user": ("password",),
    "accounts_passwordused": ("password",),
    "accounts_secondfactor": ("secret",),
    "accounts_recoverycode": ("code",),
    "followup_reminderattempt": ("address",),
    "followup_reminderpreference": ("phone", "wechat"),
    "diary_diarylink": ("token_hash", "device_hash"),
    # Not even encrypted: what is removed when the consent is withdrawn is then nowhere.
    "diary_contactdetails": ("ciphertext",),
    "casebook_calendarfeed": ("digest",),
}

TRAIL_FUNCTION = """
CREATE OR REPLACE FUNCTION public.records_trail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    words jsonb := coalesce(nullif(current_setting('trail.context', true), ''), '{}')::jsonb;
    before_row jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{}'::jsonb END;
    whole_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    changed jsonb;
BEGIN
    SELECT jsonb_object_agg(
               one.key,
               CASE WHEN one.key = ANY (string_to_array(TG_ARGV[2], ',')) THEN '["hidden", "hidden"]'::jsonb
                    WHEN TG_OP = 'DELETE' THEN jsonb_build_array(one.value, NULL)
                    ELSE jsonb_build_array(before_row -> one.key, one.value) END)
      INTO changed
      FROM jsonb_each(whole_row) AS one
     WHERE one.value <> coalesce(before_row -> one.key, 'null'::jsonb);
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.records_trailentry
        (at, transaction, relation, record_id, operation, changes, participant_id,
         person_id, role, site_id, reason, request, database_user)
    VALUES
        (clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME, whole_row ->> TG_ARGV[0], TG_OP,
         changed, (whole_row ->> nullif(TG_ARGV[1], ''))::bigint,
         (words ->> 'person')::bigint, coalesce(words ->> 'role', ''), (words ->> 'site')::bigint,
         coalesce(words ->> 'reason', ''), coalesce(words ->> 'request', ''), session_user);
    RETURN NULL;
END
$function$;
REVOKE ALL ON FUNCTION public.records_trail() FROM PUBLIC;
"""


def label_of(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.{model._meta.object_name}"


def installed_models() -> list[type[models.Model]]:
    """Every model with a table of its own, tables between two models included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def is_audited(model: type[models.Model]) -> bool:
    return label_of(model) not in OUTSIDE_TRAIL and not getattr(model, "outside_trail", "")


def _participant_column(model: type[models.Model]) -> str:
    """The column that tells whose data a row is; "" where a row concerns no participant."""
    if label_of(model) == "participants.Participant":
        return "id"
    names = {field.column for field in model._meta.concrete_fields}
    return "participant_id" if "participant_id" in names else ""


def install() -> None:
    """Create the trail's function and triggers and grant the application's role what each model allows."""
    quote = connection.ops.quote_name
    role = quote(settings.DATABASE_APP_ROLE)
    statements = [TRAIL_FUNCTION, f"GRANT SELECT ON django_migrations TO {role}"]
    for model in installed_models():
        table = quote(model._meta.db_table)
        privileges = ", ".join(getattr(model, "app_privileges", ALL_ROWS))
        statements.append(f"REVOKE ALL ON {table} FROM {role}; GRANT {privileges} ON {table} TO {role}")
        statements.append(f"DROP TRIGGER IF EXISTS trail ON {table}")
        if is_audited(model):
            assert model._meta.pk is not None
            arguments = ", ".join(
                f"'{word}'"
                for word in (
                    model._meta.pk.column,
                    _participant_column(model),
                    ",".join(HIDDEN_COLUMNS.get(model._meta.db_table, ())),
                )
            )
            statements.append(
                f"CREATE TRIGGER trail AFTER INSERT OR UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION public.records_trail({arguments})"
            )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    for model in installed_models():
        _bring_checks_in_step(model)


def set_checks_aside() -> None:
    """Drop the items' checks while migrations run, which may bring data from the old definition to the new one.

    `install` puts those of the new definition in their place.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, string_agg('DROP CONSTRAINT ' || quote_ident(conname), ', ') "
            "FROM pg_constraint WHERE contype = 'c' AND right(conname, 5) = '_item' "
            "AND obj_description(conrelid, 'pg_class') LIKE 'items %%' GROUP BY conrelid",
            [],
        )
        for table, changes in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {changes}")
            cursor.execute(f"COMMENT ON TABLE {table} IS NULL")


def _bring_checks_in_step(model: type[models.Model]) -> None:
    """Replace the CHECK constraints of a table's items where the items have changed.

    Django makes a column's check when it makes the column, and leaves it as it was when the field changes. What
    the checks were made from is kept as the table's comment.
    """
    checks = {item.column: check for item in items_of(model) if (check := item.db_check(connection))}
    if not checks:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    made_from = hashlib.sha256(repr(sorted(checks.items())).encode()).hexdigest()
    named = [constraint.name for constraint in model._meta.constraints]
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [table])
        if cursor.fetchone() == (f"items {made_from}",):
            return
        cursor.execute(
            "SELECT quote_ident(conname) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype = 'c' AND conname <> ALL (%s)",
            [table, named],
        )
        changes = [f"DROP CONSTRAINT {name}" for (name,) in cursor.fetchall()]
        changes += [
            f"ADD CONSTRAINT {connection.ops.quote_name(f'{column}_item')} CHECK ({check})"
            for column, check in checks.items()
        ]
        cursor.execute(f"ALTER TABLE {table} {', '.join(changes)}")
        cursor.execute(f"COMMENT ON TABLE {table} IS 'items {made_from}'")

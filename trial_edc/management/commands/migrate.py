"""Migrate as the migrator, then bring triggers, grants and the trial's own tables in step."""

from __future__ import annotations

from datetime import date
from typing import Any

import environ
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.access import SYSTEM
from monitoring.counting import install_counting
from participants.actions import adopt_schedule
from participants.models import ScheduleVersion
from participants.schedule_file import SCHEDULES
from records import clock
from records.clock import TrialClock
from records.install import install, set_checks_aside
from safety.actions import name_first_recipients


class Command(migrate.Command):
    help = "Migrates with DATABASE_MIGRATE_URL, then installs the audit trail's triggers and the grants."

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--database-kind",
            choices=TrialClock.Kind.values,
            default="",
            help="What a new database is for; only DEMO and TEST let the clock be moved. Set once.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        application = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(environ.Env.db_url_config(settings.DATABASE_MIGRATE_URL))
        try:
            dry = options["check_unapplied"] or options["plan"]
            self._refuse_another_version()
            if not dry and (options["app_label"] or self._anything_to_do()):
                set_checks_aside()
            super().handle(*args, **options)
            if not dry:
                with transaction.atomic():
                    install()
                    install_counting()
                    self._mark(options["database_kind"])
                    self._adopt_first_schedule()
                    name_first_recipients(by=SYSTEM, now=clock.now())
        finally:
            connection.close()
            connection.settings_dict.update(application)

    def _refuse_another_version(self) -> None:
        """A database that knows a migration this version does not is left alone."""
        loader = MigrationExecutor(connection).loader
        for label, name in sorted(set(loader.applied_migrations) - set(loader.disk_migrations)):
            raise CommandError(
                f"Another version of the system made this database: {label}.{name} is not known here. Use that "
                "version, or start with an empty database (make clean-demo removes the demo's)."
            )

    def _anything_to_do(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _mark(self, kind: str) -> None:
        """Say once, before the first person exists, what kind of database this is."""
        if not TrialClock.objects.exists():
            TrialClock.objects.create(kind=kind or TrialClock.Kind.TRIAL)

    def _adopt_first_schedule(self) -> None:
        """A new trial starts with version 1; later versions are adopted by a data manager."""
        if not ScheduleVersion.objects.exists():
            source = (SCHEDULES / "v1.toml").read_text(encoding="utf-8")
            adopt_schedule(
                number=1, effective_from=date(2026, 8, 1), source=source, by=SYSTEM, now=clock.now()
            )

"""Operations for migrations that Django has no word for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AddFields(Operation):
    """Add many fields to one model at once: the models are worked out once, not once a field."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, fields: list[tuple[str, models.Field[Any, Any]]]) -> None:
        self.model_name = model_name
        self.fields = fields

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.models[app_label, self.model_name].fields |= dict(self.fields)
        state.reload_model(app_label, self.model_name, delay=True)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        before = from_state.apps.get_model(app_label, self.model_name)
        after = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, after):
            for name, _field in self.fields:
                schema_editor.add_field(before, after._meta.get_field(name))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        before = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, before):
            for name, _field in reversed(self.fields):
                schema_editor.remove_field(before, before._meta.get_field(name))

    def describe(self) -> str:
        return f"Add {len(self.fields)} fields to {self.model_name}"

"""Operations of migrations on tables that are in use: indexes that come and go without locking writers out.

On PostgreSQL an index is built concurrently, for which its migration says `atomic = False`; SQLite, which has one
writer at a time anyway, makes it as always.
"""

from typing import Any

from django.db.migrations import RunPython
from django.db.migrations.operations import AddIndex, RemoveIndex

__all__ = ["AddLiveIndex", "RemoveLiveIndex", "postgresql"]

Editor = Any


class AddLiveIndex(AddIndex):
    """An index that is built while others write."""

    def database_forwards(self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, **_how(schema_editor))

    def database_backwards(self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, **_how(schema_editor))


class RemoveLiveIndex(RemoveIndex):
    """An index that goes while others read."""

    def database_forwards(self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
            schema_editor.remove_index(model, index, **_how(schema_editor))

    def database_backwards(self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
            schema_editor.add_index(model, index, **_how(schema_editor))


def postgresql(forwards: str, backwards: str) -> RunPython:
    """A statement and the one that takes it back, where the database is PostgreSQL."""

    def only(statement: str) -> Any:
        def run(_apps: Any, schema_editor: Editor) -> None:
            if schema_editor.connection.vendor == "postgresql":
                schema_editor.execute(statement, params=None)

        return run

    return RunPython(only(forwards), only(backwards))


def _how(schema_editor: Editor) -> dict[str, bool]:
    return {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}

"""The data dictionary, from the models' own declarations: a page of the admin, and docs/data-dictionary*.md."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

APPS = ("customers", "predictions", "healthscore", "experiments")
FILES = {"en": "docs/data-dictionary.md", "zh-hans": "docs/data-dictionary.zh-CN.md"}


@dataclass(frozen=True)
class Column:
    """One column as people read it."""

    name: str
    title: str
    type: str
    is_required: bool
    help_text: str
    values: str


@dataclass(frozen=True)
class Table:
    """One table with its columns and the rules between them."""

    name: str
    title: str
    columns: tuple[Column, ...]
    constraints: tuple[str, ...]


def tables() -> list[Table]:
    """Every table of ours, in the order in which the apps declare them."""
    found = [model for app in APPS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
    return [_table(model) for model in found]


def _table(model: type[models.Model]) -> Table:
    columns = tuple(_column(field) for field in model._meta.concrete_fields if not field.primary_key)
    constraints = tuple(constraint.name for constraint in model._meta.constraints)
    return Table(model._meta.db_table, str(capfirst(model._meta.verbose_name_plural)), columns, constraints)


def _column(field: Any) -> Column:
    choices = "; ".join(f"{value}: {title}" for value, title in field.flatchoices)
    is_required = not (field.blank or field.null or field.has_default() or getattr(field, "auto_now", False))
    is_required = is_required and not getattr(field, "auto_now_add", False)
    return Column(
        field.column, str(capfirst(field.verbose_name)), _type(field), is_required, str(field.help_text), choices
    )


def _type(field: Any) -> str:
    if field.is_relation:
        return _("reference to %(table)s") % {"table": field.related_model._meta.db_table}
    length = getattr(field, "max_length", None)
    names = {
        "CharField": _("text"),
        "SlugField": _("text"),
        "TextField": _("text"),
        "FileField": _("file"),
        "DateField": _("date"),
        "DateTimeField": _("time with zone"),
        "BooleanField": _("yes or no"),
        "DecimalField": _("decimal"),
        "FloatField": _("number"),
        "JSONField": "JSON",
    }
    name = names.get(field.get_internal_type(), _("whole number"))
    return _("%(type)s, at most %(length)s characters") % {"type": name, "length": length} if length else str(name)


def markdown(*, language: str) -> str:
    """The whole dictionary as a page for the docs, in `language` (en or zh-hans)."""
    with translation.override(language):
        head = [
            f"# {_('Data dictionary')}",
            "",
            _("Generated from the models by `python manage.py data_dictionary`."),
            "",
        ]
        return "\n".join(head + [line for table in tables() for line in _lines(table)])


def _lines(table: Table) -> list[str]:
    head = f"| {_('column')} | {_('name')} | {_('type')} | {_('required')} | {_('meaning')} |"
    rows = [
        f"| `{one.name}` | {one.title} | {one.type} | {_('yes') if one.is_required else ''} | {_meaning(one)} |"
        for one in table.columns
    ]
    rules = [_("Rules: ") + ", ".join(f"`{name}`" for name in table.constraints), ""] if table.constraints else []
    return [f"## {table.title} (`{table.name}`)", "", head, "|---|---|---|---|---|", *rows, "", *rules]


def _meaning(column: Column) -> str:
    return " ".join(part for part in (column.help_text, column.values) if part).replace("|", "\\|")


def write() -> list[Path]:
    """Write both pages and return their paths."""
    paths = []
    for language, name in FILES.items():
        path = Path(settings.BASE_DIR) / name
        path.write_text(markdown(language=language), encoding="utf-8")
        paths.append(path)
    return paths

"""Rows of every model that has a page in the admin, as many as asked for; a new model gets rows without being named.

What `tests.face` does not make is made from the fields themselves: the values that they need, each row its own.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule

from experiments.analysis import analyse
from experiments.models import Analysis
from healthscore import configurations
from tests import face
from tests.experiments.factories import DAY, running

__all__ = ["rows"]


def analysed() -> Any:
    """The figures of an analysis."""
    known = Analysis.objects.first()
    return (known or analyse(running(), as_of=DAY + dt.timedelta(days=9))).document


MADE_OTHERWISE: dict[str, dict[str, Any]] = {
    "healthscore.ConfigurationVersion": {"document": lambda: configurations.active().document},
    "experiments.Analysis": {"document": analysed},
    "experiments.UpliftStudy": {"document": {"arms": []}, "code": "no_signal"},
    "django_celery_beat.PeriodicTask": {
        "task": "customers.tasks.import_file",
        "interval": lambda: IntervalSchedule.objects.get_or_create(every=1, period="days")[0],
    },
}
"""Values that a row cannot do without, or that a page reads; a function gives one."""


def rows(n: int) -> None:
    """`n` rows of each model with a page, or more."""
    face.rows(n)
    for model in list(admin.site._registry):
        if not model._meta.proxy:
            _fill(model, n)


def _fill(model: type[models.Model], n: int) -> None:
    for number in range(model._default_manager.count(), n):
        try:
            with transaction.atomic():
                model._default_manager.create(**_values(model, number, n))
        except (IntegrityError, ValueError) as error:
            message = f"Give {model._meta.label} rows in tests/face.py, or its values here: {error}"
            raise AssertionError(message) from error


def _values(model: type[models.Model], number: int, n: int) -> dict[str, Any]:
    given = MADE_OTHERWISE.get(model._meta.label, {})
    needed = [
        field
        for field in model._meta.concrete_fields
        if field.name not in given and not (field.has_default() or field.null or isinstance(field, models.AutoField))
    ]
    ready = {name: value() if callable(value) else value for name, value in given.items()}
    return {field.name: _value(field, number, n) for field in needed} | ready


def _value(field: Any, number: int, n: int) -> Any:
    if field.is_relation:
        return _other(field.related_model, number, n)
    if field.choices:
        return next(value for value, _title in field.flatchoices if value != "")
    if isinstance(field, models.CharField | models.TextField):
        return f"{field.name}{number}"[-(field.max_length or 50) :]
    made = {
        models.DecimalField: Decimal(500 + number) / 1000,
        models.FloatField: number / 1000,
        models.BooleanField: False,
        models.DateTimeField: timezone.now(),
        models.DateField: face.DAY - dt.timedelta(days=number),
        models.IntegerField: number + 1,
        models.JSONField: {},
        models.BinaryField: b"",
        models.GenericIPAddressField: "192.0.2.1",
    }
    return next(value for kind, value in made.items() if isinstance(field, kind))


def _other(model: type[models.Model], number: int, n: int) -> models.Model:
    """A row for each row that points to it, the latest first: the user who looks at the pages was there before."""
    if model is not ContentType:
        _fill(model, n + 1)
    found = model._default_manager.order_by("-pk")
    return found[number % found.count()]

"""Every address of the admin that can be opened, found in its registry and URLs, so that a new page is among them.

A list is opened as it stands, by each of its filters, sorted by each of its columns, turned, and searched; what stands
under a row is opened with the first and the last row of the model that its name begins with.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.forms import BaseForm
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from experiments.admin.guide import GUIDES

__all__ = ["Address", "addresses", "label"]

NOT_PAGES = {"logout", "view_on_site", "jsi18n", "autocomplete", None}
OF_A_ROW = {"object_id", "pk", "id"}
OF_ANOTHER_ROW = {"job": "customers.Job"}
"""Parameters that are the key of a row of another model."""
GIVEN = {"experiments_experiment_guide": {"name": next(iter(GUIDES))}}
"""What else a named pattern takes."""


@dataclass(frozen=True)
class Address:
    """Where a page is: the name of its URL, in which way it is opened, and the address."""

    page: str
    way: str
    url: str


def label(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def addresses(
    client: Client,
    *,
    day: dt.date,
    terms: dict[str, str],
    n_choices: int = 1,
    only: str = "",
    is_thorough: bool = True,
) -> Iterator[Address]:
    """All of them, for a client that may see everything; `terms` are searched for by name.

    `day` is one on which there are rows; of each filter `n_choices` are chosen; `only` is a part of the pages' names.
    Without `is_thorough` the last rows and the other way round of each column are left out.
    """
    again = () if is_thorough else ("the last row", "falling")
    for one in _all(client, day=day, terms=terms, n_choices=n_choices, only=only):
        if not one.way.endswith(again):
            yield one


def _all(client: Client, *, day: dt.date, terms: dict[str, str], n_choices: int, only: str) -> Iterator[Address]:
    yield from (one for one in _named() if only in one.page)
    for model, page in sorted(admin.site._registry.items(), key=lambda pair: label(pair[0])):
        yield from (one for one in _autocompletes(model, page, terms) if only in one.page)
        if only in f"{label(model)}_changelist":
            yield from _list(client, model, day=day, terms=terms, n_choices=n_choices)


def _named() -> Iterator[Address]:
    for name, parameters in _patterns(get_resolver()):
        if name in NOT_PAGES or str(name).endswith("_changelist"):
            continue
        if name == "app_list":
            for app in sorted({model._meta.app_label for model in admin.site._registry}):
                yield Address(name, app, reverse("admin:app_list", args=[app]))
        elif len(parameters) == 1 and parameters & (OF_A_ROW | set(OF_ANOTHER_ROW)):
            yield from _of_rows(name, *parameters)
        else:
            given = GIVEN.get(name, {})
            assert parameters == set(given), f"tests/addresses.py does not know what to give to {name}: {parameters}"
            yield Address(name, "as it opens", reverse(f"admin:{name}", kwargs=given))


def _patterns(where: Any, namespace: str = "") -> Iterator[tuple[Any, set[str]]]:
    """Name and parameters of each pattern of the admin."""
    for one in where.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, one.namespace or namespace)
        elif isinstance(one, URLPattern) and namespace == "admin":
            yield one.name, set(one.pattern.regex.groupindex)


def _of_rows(name: str, parameter: str) -> Iterator[Address]:
    owners = [one for one in admin.site._registry if name.startswith(f"{label(one)}_")]
    another = OF_ANOTHER_ROW.get(parameter)
    owner = apps.get_model(another) if another else max(owners, key=lambda one: len(label(one)))
    rows = owner._default_manager.order_by("pk")
    ends = {"first": rows.first(), "last": rows.last()}
    for which, row in ends.items():
        if row is not None and (which == "first" or row != ends["first"]):
            yield Address(name, f"the {which} row", reverse(f"admin:{name}", kwargs={parameter: row.pk}))


def _autocompletes(model: type[Model], page: ModelAdmin, terms: dict[str, str]) -> Iterator[Address]:
    for field in page.autocomplete_fields:
        for title, term in {"nothing": "", **terms}.items():
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
            query = urlencode({**asked, "term": term})
            yield Address(
                "autocomplete", f"{label(model)}.{field}: {title}", f"{reverse('admin:autocomplete')}?{query}"
            )


def _list(
    client: Client, model: type[Model], *, day: dt.date, terms: dict[str, str], n_choices: int
) -> Iterator[Address]:
    name = f"{label(model)}_changelist"
    url = reverse(f"admin:{name}")
    response: Any = client.get(url)
    assert response.status_code == 200, (url, response.get("Location"))
    shown: ChangeList = response.context_data["cl"]
    yield Address(name, "as it opens", url)
    for way, query in (*_turned(shown), *_filtered(shown, day, n_choices), *_sorted(shown)):
        yield Address(name, way, url + query)
    if shown.search_fields:
        for title, term in terms.items():
            yield Address(name, f"search: {title}", f"{url}?{urlencode({'q': term})}")


def _turned(shown: ChangeList) -> Iterator[tuple[str, str]]:
    if shown.paginator.num_pages > 1:
        yield "page 2", "?p=2"
        yield "last page", f"?p={shown.paginator.num_pages}"


def _filtered(shown: ChangeList, day: dt.date, n_choices: int) -> Iterator[tuple[str, str]]:
    for spec in shown.filter_specs:
        choices: list[Any] = list(spec.choices(shown))
        form = choices[0].get("form") if choices else None
        found = [] if form is None else list(_of_form(form, day))
        found = found or [
            (str(one["display"]), one["query_string"]) for one in choices if not one.get("selected", form)
        ]
        step = max(1, len(found) // n_choices)
        for number, (title, query) in enumerate(found[::step][:n_choices]):
            yield f"filter {spec.title}: {title if n_choices > 1 else number}", query


def _of_form(form: BaseForm, day: dt.date) -> Iterator[tuple[str, str]]:
    """What can be chosen in a filter that is a form: dates from and to, or one of the choices."""
    ends = {"from": day - dt.timedelta(days=6), "to": day}
    dates = {name: ends[name.rsplit("_", 1)[1]].isoformat() for name in form.fields if name.endswith(("_from", "_to"))}
    if dates:
        yield "a week", "?" + urlencode(dates)
    for name, field in form.fields.items():
        for value, title in getattr(field, "choices", ()):
            if value not in ("", None):
                yield str(title), "?" + urlencode({name: value})


def _sorted(shown: ChangeList) -> Iterator[tuple[str, str]]:
    for number, column in enumerate(shown.list_display):
        if column in (shown.sortable_by or ()) and shown.get_ordering_field(column) is not None:
            yield f"sorted by {column}", f"?o={number}"
            yield f"sorted by {column}, falling", f"?o=-{number}"

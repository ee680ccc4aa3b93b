"""Every way out that names customers is declared, and none that says whom to treat names one who is held.

Two customers are held: one is in a control group, one was on a treatment list and then opted out. Every address of the
site is opened, every admin action done, and each is searched for them.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from django.conf import settings as site_settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import get_commands
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from churnsite import celery_app, findings
from churnsite.sample import Shop
from customers import exports, outlets, webhooks
from customers.clock import start_of
from customers.models import (
    Activity,
    ArchiveFile,
    Customer,
    Deal,
    Event,
    Hold,
    Job,
    SetAsideRow,
    Suppression,
    Ticket,
    Webhook,
)
from customers.outlets import Kind, Outlet
from customers.rest import keys
from experiments import analysis
from experiments.models import Assignment, Listing, Outcome, UpliftListing, UpliftStudy
from healthscore import alert_life, configurations, trial
from healthscore.models import ConfigurationVersion, HealthAlert, HealthDay, HealthScore
from healthscore.tasks import try_configuration
from predictions import level_changes
from predictions.models import Prediction
from tests import face
from tests.api_calls import NAMESPACE, called, holds_of
from tests.experiments.factories import running

pytestmark = pytest.mark.django_db
DECLARED = {one.way: one for one in outlets.declared()}
OURS = tuple(app for app in site_settings.INSTALLED_APPS if (Path(site_settings.BASE_DIR) / app).is_dir())
CONTROL, OPTED_OUT, FREE = "HELD-CONTROL", "HELD-OPTED-OUT", "FREE-1"
ROOT = "churnsite"
EMPTY: dict[str, list] = {"arms": []}
# What an address needs besides its own, to show what it can show.
QUERIES = {
    "admin:search": {"s": "HELD"},
    "admin:autocomplete": {
        "app_label": "customers",
        "model_name": "intervention",
        "field_name": "customer",
        "term": "HELD",
    },
}


@pytest.fixture
def held(settings):
    """Rows of every table, each of them of a customer who is held or of one who is not."""
    settings.BUSINESS_DATE = face.DAY
    face.rows(3)
    people = list(Customer.objects.order_by("pk"))
    for customer, name in zip(people, (CONTROL, OPTED_OUT, FREE), strict=True):
        customer.customer_id = customer.name = name
    Customer.objects.bulk_update(people, ["customer_id", "name"])
    Prediction.objects.update(risk_level="critical")
    SetAsideRow.objects.update(raw={"customer_id": CONTROL, "registered_on": "soon"})
    experiment = running(on=face.DAY, starts_on=face.DAY, ends_on=face.DAY)
    _take_part(experiment, people)
    _health(people)
    ArchiveFile.objects.all().delete()  # of which there are no files
    Hold.objects.all().delete()
    Suppression.objects.all().delete()
    for one in people:
        when = start_of(face.DAY)
        Deal.objects.create(deal_id=f"D-{one.pk}", customer=one, deal_date=face.DAY, deal_amount=1)
        Ticket.objects.create(ticket_id=f"T-{one.pk}", customer=one, created_date=when)
        Activity.objects.create(row_key=f"A-{one.pk}", customer=one, date=when)
    week = {"since": face.DAY, "until": face.DAY + dt.timedelta(days=7)}
    Hold.objects.create(customer=people[0], kind="control", source=experiment.source, **week)
    Hold.objects.create(customer=people[1], kind="opt_out", source="opt-out", since=face.DAY)
    Suppression.objects.create(customer=people[0], kind="control", source="x", outlet="x", suppressed_on=face.DAY)
    _fetchable()
    keys.make(name="CRM", scopes=[])
    webhooks.make(url="https://crm.example/", kinds=["treatments.ready"], user=None)
    analysis.analyse(experiment, as_of=face.DAY)
    return experiment


def _fetchable() -> None:
    """A job with a file that can be fetched."""
    (exports.folder() / "list.csv").write_text(f"customer_id\n{CONTROL}\n")
    until = timezone.now() + dt.timedelta(days=1)
    Job.objects.update(kind="customers.export_list", state="done", path="exports/list.csv", expires_at=until)


def _tried() -> Job:
    """What the latest user found of whose grade another configuration would move."""
    user, version = User.objects.latest("pk"), ConfigurationVersion.objects.latest("pk")
    found = trial.try_out(version.configuration, user=user)
    return Job.objects.create(kind=try_configuration.name, created_by=user, state="done", result=found)


def _health(people) -> None:
    """A version that would move their grades, and good scores of old that leaving followed."""
    since, before = face.DAY - dt.timedelta(days=190), face.DAY - dt.timedelta(days=400)
    gone = {"nps_score": 50, "registered_on": before, "account_status": "closed", "status_since": since}
    Customer.objects.filter(pk__in=[one.pk for one in people]).update(**gone)
    for score in HealthScore.objects.all():
        score.pk, score.as_of, score.grade = None, face.DAY - dt.timedelta(days=200), "good"
        score.save()
        day = {"configuration": score.configuration, "n_scored": len(people)}
        HealthDay.objects.get_or_create(as_of=score.as_of, defaults=day)
    configurations.for_run({"grades": {"excellent": 0.7}})


def _take_part(experiment, people) -> None:
    control, coupon = experiment.arms.all()
    for customer, arm in zip(people, (control, coupon, coupon), strict=True):
        score = Prediction.objects.get(customer=customer)
        facts = {"probability": score.probability, "risk_level": score.risk_level, "model": score.model}
        one = Assignment.objects.create(
            experiment=experiment, customer=customer, arm=arm, u=0.5, enrolled_on=face.DAY, layer="retention", **facts
        )
        Listing.objects.create(assignment=one, arm=coupon, is_ghost=arm == control, listed_on=face.DAY)
        counts = {"n_purchases": 0, "amount": 0, "n_active_days": 0, "n_complaints": 0, "n_unsubscribes": 0}
        before = {"n_purchases_before": 0, "amount_before": Decimal(0), "n_active_days_before": 0}
        Outcome.objects.create(assignment=one, status="retained", **counts, **before)
    study = UpliftStudy.objects.create(experiment=experiment, as_of=face.DAY, digest="d", code="signal", document=EMPTY)
    UpliftListing.objects.bulk_create(
        UpliftListing(study=study, customer=one, listed_on=face.DAY, arm=coupon, place=place, effect=0.1)
        for place, one in enumerate(people, start=1)
    )


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def addresses(resolver=None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """The name of every address of the site, with its pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield f"{namespace}{pattern.name}", pattern
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner)


NAMES = sorted({name for name, _pattern in addresses()})
PATTERNS = dict(addresses())


def arguments(name: str, held_back: str) -> dict[str, object]:
    """What the address is built with: the key of a row of the held customer, where it is of a table that has them."""
    wanted = PATTERNS[name].pattern.regex.groupindex
    if name == "admin:app_list":
        return {"app_label": "customers"}
    if "job" in wanted:
        return {"job": _tried().pk}
    return {argument: _key(name, held_back) for argument in wanted}


def _key(name: str, held_back: str) -> object:
    for model in admin.site._registry:
        if re.fullmatch(rf"admin:{model._meta.app_label}_{model._meta.model_name}_\w+", name):
            return _row_of(model, held_back)
    return Customer.objects.get(customer_id=held_back).pk


def _row_of(model, held_back: str) -> object:
    names = {field.name for field in model._meta.fields}
    if model is Customer:
        return Customer.objects.get(customer_id=held_back).pk
    for path in ("customer", "assignment__customer", "low"):
        if path.split("__")[0] in names:
            return model.objects.filter(**{f"{path}__customer_id": held_back}).values_list("pk", flat=True).first() or 0
    if "customer_pk" in names:
        customer = Customer.objects.get(customer_id=held_back)
        known = {"customer_pk": customer.pk, "table": "customers_customer", "action": "change"}
        return model.objects.filter(**known).values_list("pk", flat=True).first() or 0
    return model.objects.values_list("pk", flat=True).first() or 0


def opened(browser: Client, name: str, held_back: str) -> tuple[int, str]:
    """The status of an address, and all that it says; a file as it would be saved."""
    browser.raise_request_exception = False
    if name.startswith(NAMESPACE):
        wanted = set(PATTERNS[name].pattern.regex.groupindex)
        response = called(browser, name, wanted, held_back)
    else:
        address = reverse(name, kwargs=arguments(name, held_back))
        response = browser.get(address, QUERIES.get(name, {}))
    return response.status_code, text_of(response)


def is_of_a_customer(name: str) -> bool:
    """Whether the address has the customer's ID in it, so that the answer need not repeat it."""
    return "customer_id" in PATTERNS[name].pattern.regex.groupindex


def text_of(response) -> str:
    """What a page or a file says; an Excel file is a ZIP of texts."""
    content = b"".join(response.streaming_content if response.streaming else [response.content])
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


def demo(browser: Client, experiment) -> str:
    return str(findings.at_risk(Shop(today=face.DAY)))


def chosen(name: str):
    """An action on all rows of today's risk list."""

    def act(browser: Client, experiment) -> str:
        rows = [str(pk) for pk in Prediction.objects.values_list("pk", flat=True)]
        data = {"action": name, "index": 0, "select_across": 0, "_selected_action": rows}
        return text_of(browser.post(reverse("admin:predictions_risktoday_changelist"), data))

    return act


# How a way out is tried that has no address; those that are silent or record need none.
TRIED = {
    "command demo": demo,
    "action predictions.risktoday export_chosen": chosen("export_chosen"),
    "action predictions.risktoday export_chosen_xlsx": chosen("export_chosen_xlsx"),
}


def said(outlet: Outlet, browser: Client, experiment) -> str:
    kind, _space, name = outlet.way.partition(" ")
    if kind == "url":
        return "".join(opened(browser, name, held_back)[1] for held_back in (CONTROL, OPTED_OUT))
    return TRIED[outlet.way](browser, experiment)


def of_kind(*kinds: Kind) -> list:
    return [pytest.param(one, id=one.way) for one in DECLARED.values() if one.kind in kinds]


@pytest.mark.parametrize("name", NAMES)
def test_an_address_that_names_a_customer_is_declared(name, staff, held):
    for held_back in (CONTROL, OPTED_OUT):
        status, text = opened(staff, name, held_back)
        names_them = CONTROL in text or OPTED_OUT in text or (status == 200 and is_of_a_customer(name))
        assert status < 500 or name == "readyz", "an address that breaks says nothing about what it shows"
        if f"url {name}" not in DECLARED:
            assert not names_them, "names customers and is not declared in the outlets of its app"
            assert status not in (404, 405), "cannot be opened here, so its outlet has to say what it shows"


@pytest.mark.parametrize("outlet", of_kind(Kind.TREATMENT))
def test_what_says_whom_to_treat_leaves_the_held_out_and_records_it(outlet, staff, held):
    text = said(outlet, staff, held)
    assert FREE in text, "or the test would see nothing"
    assert CONTROL not in text
    assert OPTED_OUT not in text
    kept_off = Suppression.objects.filter(outlet=outlet.recorded_as).values_list("customer__customer_id", flat=True)
    assert set(kept_off) == {CONTROL, OPTED_OUT}


def changed_levels() -> Iterator[dict]:
    """What is told of the day's customers, as if each were at a low risk now."""
    Webhook.objects.update(kinds=["risk_level.changed"])
    customers = list(Prediction.objects.filter(as_of=face.DAY).values_list("customer", flat=True))
    columns = {"customer_pk": customers, "probability": 0.1, "risk_level": "low"}
    level_changes.tell(face.DAY, scored=pl.DataFrame(columns))
    yield from Event.objects.filter(kind="risk_level.changed").values_list("data", flat=True)


# What events say of customers, each as it is told.
EVENTS = {
    "event risk_level.changed": changed_levels,
    "event health.alert": lambda: alert_life._told(list(HealthAlert.objects.all())),
}


@pytest.mark.parametrize("way", EVENTS)
def test_an_event_of_a_customer_says_who_is_held_back_and_why(way, held):
    assert DECLARED[way].kind is Kind.MARKED
    told = {one["customer_id"]: one["held_back"] for one in EVENTS[way]()}
    assert told.keys() == {CONTROL, OPTED_OUT, FREE}
    assert (told[CONTROL]["kind"], told[OPTED_OUT]["kind"], told[FREE]) == ("control", "opt_out", None)


def test_every_event_that_names_customers_is_tried():
    assert {way for way, one in DECLARED.items() if way.startswith("event ") and one.kind is not Kind.SILENT} == {
        *EVENTS
    }


@pytest.mark.parametrize("kind", Event.Kind.values)
def test_every_event_says_what_it_shows(kind):
    assert f"event {kind}" in DECLARED


@pytest.mark.parametrize("outlet", [one for one in of_kind(Kind.MARKED) if one.id not in EVENTS])
def test_what_shows_everybody_marks_the_held(outlet, staff, held):
    name = outlet.way.removeprefix("url ")
    for held_back, why in ((CONTROL, "control group"), (OPTED_OUT, "opted out")):
        _status, text = opened(staff, name, held_back)
        assert held_back in text
        if name.startswith(NAMESPACE):
            assert {str(Hold.Kind(one["kind"]).label) for one in holds_of(text, held_back)} == {why}
        else:
            assert re.search(rf"held back[^<]*: {why}", text)


@pytest.mark.parametrize("outlet", of_kind(Kind.RECORD))
def test_what_is_declared_to_show_customers_does(outlet, staff, held):
    kind, _space, name = outlet.way.partition(" ")
    if kind == "url":
        answers = [opened(staff, name, held_back) for held_back in (CONTROL, OPTED_OUT)]
        is_told = any("HELD-" in text for _status, text in answers)
        is_told = is_told or (is_of_a_customer(name) and {status for status, _text in answers} == {200})
        assert is_told, "an outlet that shows nobody is declared in vain"
    else:
        assert kind in ("command", "task", "action")


@pytest.mark.parametrize("outlet", of_kind(*Kind))
def test_what_is_declared_is_there(outlet):
    kind, _space, name = outlet.way.partition(" ")
    there = {"url": NAMES, "command": commands(), "task": tasks(), "action": actions()}
    there["event"] = Event.Kind.values
    assert kind == "function" or name in there[kind]
    assert outlet.shows
    assert bool(outlet.recorded_as) == (outlet.kind is Kind.TREATMENT)
    assert len(outlet.recorded_as) <= Suppression._meta.get_field("outlet").max_length


def test_each_way_out_is_declared_once():
    assert len(list(outlets.declared())) == len(DECLARED)


def commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app in (*OURS, ROOT))


def tasks() -> list[str]:
    celery_app.loader.import_default_modules()
    return sorted(name for name in celery_app.tasks if name.split(".")[0] in (*OURS, ROOT))


def actions() -> list[str]:
    """The actions on chosen rows of a list; those with an address of their own are found by it."""
    request = type("Request", (), {"GET": {}, "POST": {}, "user": User(is_superuser=True, is_active=True)})()
    return sorted(
        f"{model._meta.label_lower} {name}"
        for model, page in admin.site._registry.items()
        if model._meta.app_label in (*OURS, ROOT)
        for name in page.get_actions(request)
        if name != "delete_selected"
    )


@pytest.mark.parametrize("name", commands())
def test_every_command_says_what_it_shows(name):
    assert f"command {name}" in DECLARED


@pytest.mark.parametrize("name", tasks())
def test_every_task_says_what_it_shows(name):
    assert f"task {name}" in DECLARED


def test_every_action_on_chosen_rows_says_what_it_shows():
    assert [name for name in actions() if f"action {name}" not in DECLARED] == []


def test_every_treatment_outlet_is_tried():
    tried = {one.way for one in DECLARED.values() if one.kind is Kind.TREATMENT and not one.way.startswith("url ")}
    assert tried == set(TRIED)


def test_an_undeclared_endpoint_would_be_found(staff, held, monkeypatch):
    monkeypatch.delitem(DECLARED, "url api:experiment_assignments")
    with pytest.raises(AssertionError, match="names customers and is not declared"):
        test_an_address_that_names_a_customer_is_declared("api:experiment_assignments", staff, held)


def test_an_endpoint_that_does_not_ask_the_boundary_would_be_found(staff, held, monkeypatch):
    monkeypatch.setattr("customers.boundary.treatable", lambda rows, **_options: rows)
    outlet = DECLARED["url api:experiment_treatments"]
    with pytest.raises(AssertionError):
        test_what_says_whom_to_treat_leaves_the_held_out_and_records_it(outlet, staff, held)


def test_an_undeclared_list_would_be_found(staff, held, monkeypatch):
    monkeypatch.delitem(DECLARED, "url admin:predictions_risktoday_changelist")
    with pytest.raises(AssertionError, match="names customers and is not declared"):
        test_an_address_that_names_a_customer_is_declared("admin:predictions_risktoday_changelist", staff, held)


def test_a_list_that_does_not_ask_the_boundary_would_be_found(staff, held, monkeypatch):
    monkeypatch.setattr("customers.boundary.treatable", lambda rows, **_options: rows)
    with pytest.raises(AssertionError):
        test_what_says_whom_to_treat_leaves_the_held_out_and_records_it(DECLARED["url admin:index"], staff, held)

"""A list's download, as it is linked on the list, has the rows that the list shows."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Intervention, SetAsideRow
from healthscore.models import HealthScore
from predictions.models import Prediction, RiskToday
from tests import face

pytestmark = pytest.mark.django_db
DOWNLOADS = {
    Customer: {"region__exact": "West"},
    Intervention: {"kind__exact": "call"},
    SetAsideRow: {"state": "open"},
    RiskToday: {"risk_level__exact": "critical"},
    Prediction: {"risk_level__exact": "critical"},
    HealthScore: {"grade__exact": "critical"},
}


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = face.DAY
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def three_rows():
    """Three rows of each list, of which one is mended, one at a critical risk and one of a critical grade."""
    face.rows(3)
    SetAsideRow.objects.filter(pk=SetAsideRow.objects.first().pk).update(resolved_at=timezone.now())
    HealthScore.objects.filter(pk=HealthScore.objects.first().pk).update(grade="critical")
    Customer.objects.filter(customer_id="c0001").update(region="West")
    Intervention.objects.filter(customer__customer_id="c0001").update(kind="call")


def listed(browser, model, query):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return browser.get(reverse(name), query).context


def downloaded(browser, path: str) -> list[list[str]]:
    text = b"".join(browser.get(path).streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def pages_with_list_actions():
    return {model for model, page in admin.site._registry.items() if getattr(page, "actions_list", ())}


@pytest.mark.parametrize("model", DOWNLOADS, ids=lambda model: model._meta.model_name)
@pytest.mark.parametrize("is_filtered", [False, True], ids=["whole", "filtered"])
def test_a_lists_download_has_as_many_rows_as_the_list(staff, three_rows, model, is_filtered):
    shown = listed(staff, model, DOWNLOADS[model] if is_filtered else {})
    link, _excel = shown["actions_list"]
    n_rows = len(downloaded(staff, link["path"]))
    assert n_rows == len(shown["cl"].result_list)
    assert (n_rows < 3) is is_filtered


@pytest.mark.parametrize("model", sorted(pages_with_list_actions(), key=str), ids=lambda model: model._meta.model_name)
def test_every_action_on_a_list_is_told_how_the_list_is_searched(staff, three_rows, model):
    search = "c0 & 茶" if admin.site._registry[model].search_fields else ""
    for link in listed(staff, model, {"q": search})["actions_list"]:
        assert link["path"].partition("?")[2] == ("q=c0+%26+%E8%8C%B6" if search else "q=")


def test_a_download_keeps_the_order_that_the_list_was_given(staff, three_rows):
    chance = listed(staff, RiskToday, {})["cl"].list_display.index("risk")
    for order, names in ((chance, ["c0002", "c0001", "c0000"]), (-chance, ["c0000", "c0001", "c0002"])):
        link, _excel = listed(staff, RiskToday, {"o": order})["actions_list"]
        assert [row[0] for row in downloaded(staff, link["path"])] == names

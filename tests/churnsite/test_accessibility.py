"""Each page of the admin in a real browser, tried by axe-core: nothing serious, by day and by night."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings as site
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from customers.models import Delivery, Event, Webhook
from customers.rest import keys
from tests import face
from tests.addresses import _named as named
from tests.churnsite.axe import serious
from tests.churnsite.test_browser import CHROMIUM
from tests.experiments.factories import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALIKE = ("_history", "_delete", "_guide")
"""Pages that are one template for each table: only the first is opened."""
NO_PAGES = ("jsi18n", "autocomplete", "app_list", "search", "_export", "download", "prometheus")
BY_NIGHT = (
    *("index", "data_dictionary", "second_factor_enrol", "password_change", "customers_importfile_add"),
    *("healthscore_healthscore_portfolio", "experiments_experiment_report", "experiments_experiment_changelist"),
    *("predictions_risktoday_changelist", "customers_customer_change", "customers_customer_changelist"),
    *(
        "auth_user_add",
        "auth_user_change",
        "customers_apikey_add",
        "customers_setasiderow_mend_row",
        "predictions_modelversion_change",
    ),
)


@pytest.fixture
def boss(live_server, monkeypatch, settings):
    """Somebody who may see everything, with rows of every kind to see."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no Chromium on this machine.")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.BUSINESS_DATE = face.DAY
    settings.TWO_FACTOR_REQUIRED = False
    face.rows(2)
    running(on=face.DAY, starts_on=face.DAY, ends_on=face.DAY)
    keys.make(name="CRM", scopes=["customers:read"], user=None)
    hook = Webhook.objects.create(url="https://crm.example/events", kinds=["risk_level_changed"], secret="s" * 32)
    event = Event.objects.create(kind="risk_level_changed", data={})
    Delivery.objects.create(event=event, webhook=hook, state=Delivery.State.FAILED, status=500, error="no answer")
    return User.objects.create_superuser("boss", password="a long pass phrase")


@contextmanager
def browsing(live_server, user: User | None, **options):
    """A page of a context that lets axe-core in past the Content-Security-Policy, signed in if there is a user."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(bypass_csp=True, reduced_motion="reduce", locale="en-US", **options)
        if user is not None:
            client = Client()
            client.force_login(user)
            key = client.cookies[site.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        yield context.new_page()
        browser.close()


def pages() -> Iterator[tuple[str, str]]:
    """Name and address of each page: of every table its list and form, and what else has a name in the admin."""
    for model in sorted(admin.site._registry, key=lambda one: one._meta.label_lower):
        name = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
        yield name, reverse(f"admin:{name}")
    seen: set[str] = set()
    for one in named():
        kind = next((end for end in ALIKE if one.page.endswith(end)), one.page)
        if kind not in seen and not any(part in one.page for part in NO_PAGES):
            seen.add(kind)
            yield one.page, one.url


def found_on(page, live_server, addresses: Iterator[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    """What is serious, of each page by name; what answers with no page of HTML is left out."""
    found = {}
    for name, address in addresses:
        answer = page.request.get(live_server.url + address, max_redirects=0)
        if (
            answer.status == 200
            and "text/html" in answer.headers["content-type"]
            and "content-disposition" not in answer.headers
        ):
            page.goto(live_server.url + address)
            found[name] = serious(page)
    return found


def wrong(found: dict[str, dict[str, list[str]]]) -> str:
    """A line for each place, with its page and the rule."""
    return "\n".join(
        f"{name}: {rule}: {place}" for name, told in found.items() for rule, places in told.items() for place in places
    )


def test_no_page_has_a_serious_finding(boss, live_server):
    with browsing(live_server, boss, viewport={"width": 1280, "height": 900}) as page:
        found = found_on(page, live_server, pages())
    assert len(found) > len(admin.site._registry)
    assert wrong(found) == ""


def test_no_kind_of_page_has_a_serious_finding_by_night(boss, live_server):
    dark = [(name, address) for name, address in pages() if name in BY_NIGHT]
    assert {name for name, _address in dark} == set(BY_NIGHT)
    with browsing(live_server, boss, viewport={"width": 1280, "height": 900}, color_scheme="dark") as page:
        found = found_on(page, live_server, iter(dark))
        assert page.locator("html.dark").count() == 1
    assert wrong(found) == ""


def test_a_serious_finding_would_be_seen(boss, live_server):
    with browsing(live_server, boss) as page:
        page.goto(f"{live_server.url}/admin/")
        page.evaluate("document.body.append(document.createElement('button'))")
        assert list(serious(page)) == ["button-name"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_has_no_serious_finding(boss, live_server, scheme):
    TOTPDevice.objects.create(user=boss, name="phone", confirmed=True)
    found = {}
    with browsing(live_server, None, viewport={"width": 390, "height": 844}, color_scheme=scheme) as page:
        page.goto(f"{live_server.url}/admin/login/")
        found["login"] = serious(page)
        page.locator("input[name=username]").fill("boss")
        page.locator("input[name=password]").fill("wrong")
        page.keyboard.press("Enter")
        page.get_by_text("Please enter the correct", exact=False).wait_for()
        found["login refused"] = serious(page)
        page.locator("input[name=password]").fill("a long pass phrase")
        page.keyboard.press("Enter")
        page.wait_for_url("**/second-factor/**")
        found["second factor"] = serious(page)
        page.goto(f"{live_server.url}/admin/no-such-page/")
    assert wrong(found) == ""

"""The Content-Security-Policy in a real browser: no page of the admin loads, runs or draws what it forbids."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests import face
from tests.churnsite.test_browser import page  # noqa: F401 - a fixture
from tests.experiments.factories import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OTHERS = (
    *("index", "data_dictionary", "second_factor_enrol", "password_change", "customers_importfile_add"),
    *("healthscore_healthscore_portfolio", "healthscore_healthscore_truth", "experiments_experiment_add"),
    *("customers_intervention_add", "auth_user_add"),
)


def addresses() -> list[str]:
    """Each list, and the page of the first row of each table that has one."""
    found = [reverse(f"admin:{name}") for name in OTHERS]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        if (row := model._default_manager.first()) is not None:
            found.append(reverse(f"{name}_change", args=[row.pk]))
    return found


def watched(page) -> list[str]:  # noqa: F811
    """What the browser says of the policy from now on."""
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if "Content Security Policy" in one.text else None)
    return said


def test_no_page_does_what_the_policy_forbids(page, live_server):  # noqa: F811
    said, found = watched(page), {}
    for address in addresses():
        page.goto(live_server.url + address)
        if said:
            found[address] = list(dict.fromkeys(said))
            said.clear()
    assert list(found.items())[:3] == []
    assert page.troubles == []


def test_a_manager_sets_the_second_factor_up_and_goes_on(page, live_server, settings):  # noqa: F811
    said = watched(page)
    settings.TWO_FACTOR_REQUIRED = True
    page.goto(f"{live_server.url}/admin/data-dictionary/")
    assert page.url.startswith(f"{live_server.url}/admin/second-factor/set-up/")
    drawing = page.locator(".second-factor-drawing svg").bounding_box()
    assert drawing["width"] > 150
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    device = TOTPDevice.objects.get(user=User.objects.get(username="boss"))
    page.locator("#id_code").fill(f"{totp(device.bin_key):06d}")
    page.keyboard.press("Enter")
    page.locator("#codes").wait_for()
    assert page.locator("#codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"{live_server.url}/admin/data-dictionary/")
    assert said == []


def test_the_pages_of_an_experiment_and_the_api_keep_to_it(page, live_server):  # noqa: F811
    experiment = running(on=face.DAY, starts_on=face.DAY, ends_on=face.DAY)
    said, found = watched(page), {}
    base = f"/admin/experiments/experiment/{experiment.pk}"
    for address in (f"{base}/change/", f"{base}/plan/", f"{base}/report/", "/api/v1/docs/"):
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        if said:
            found[address] = list(dict.fromkeys(said))
            said.clear()
    assert found == {}
    assert page.troubles == []


def test_a_policy_that_is_broken_would_be_seen(page, live_server):  # noqa: F811
    said = watched(page)
    page.goto(f"{live_server.url}/admin/")
    page.evaluate("document.head.appendChild(Object.assign(document.createElement('style'), {textContent: 'b{}'}))")
    page.wait_for_timeout(200)
    assert said != []

"""The pages in a real browser: nothing breaks, nothing is wider than a phone, nothing is asked of another site."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User

from tests import face

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
ADDRESSES = (
    "/admin/",
    "/admin/predictions/risktoday/",
    "/admin/predictions/drift/",
    "/admin/customers/importfile/add/",
    "/admin/data-dictionary/",
)


@pytest.fixture
def page(live_server, monkeypatch):
    """A page of phone width, signed in by the form; `page.troubles` collects errors and requests to other sites."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no Chromium on this machine.")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which Django takes for an asynchronous caller.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    User.objects.create_superuser("boss", password="a long pass phrase")
    face.rows(2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-US")
        opened.troubles = []
        opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
        opened.on("request", lambda asked: _note_foreign(opened, asked.url, live_server.url))
        opened.goto(f"{live_server.url}/admin/login/")
        opened.get_by_label("Username").fill("boss")
        opened.locator("input[name=password]").fill("a long pass phrase")
        opened.keyboard.press("Enter")
        opened.wait_for_url(f"{live_server.url}/admin/")
        yield opened
        browser.close()


def _note_foreign(page, asked: str, ours: str) -> None:
    if not asked.startswith((ours, "data:", "blob:")):
        page.troubles.append(asked)


def test_pages_fit_a_phone_without_an_error_or_a_foreign_request(page, live_server):
    wide = []
    for address in ADDRESSES:
        page.goto(live_server.url + address)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(address)
    assert wide == []
    assert page.troubles == []


def test_from_the_risk_list_a_click_leads_to_the_customer_with_its_reasons(page, live_server):
    page.goto(f"{live_server.url}/admin/predictions/risktoday/")
    page.locator("#result_list a").filter(has_text="c0000").click()
    page.get_by_role("heading", name="Will this customer leave?").wait_for()
    assert page.get_by_text("Last purchase 15 days ago").is_visible()
    assert page.troubles == []


def test_the_choice_of_permissions_fits_a_desk(page, live_server):
    group = Group.objects.create(name="a group")
    page.set_viewport_size({"width": 1300, "height": 900})
    for address in (f"/admin/auth/group/{group.pk}/change/", f"/admin/auth/user/{User.objects.get().pk}/change/"):
        page.goto(live_server.url + address)
        page.locator(".selector-chosen").first.wait_for()
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), address

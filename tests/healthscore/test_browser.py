"""The pages of the health score in a real browser: nothing breaks, nothing is wider than a phone, in both languages."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from healthscore import scoring
from tests.healthscore.accounts import AS_OF, TIERS, day, store
from tests.healthscore.test_scoring import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
HEALTH = "/admin/healthscore"
ADDRESSES = (
    f"{HEALTH}/healthscore/portfolio/",
    f"{HEALTH}/healthscore/",
    f"{HEALTH}/healthscore/truth/",
    f"{HEALTH}/healthalert/",
    f"{HEALTH}/notscored/",
    f"{HEALTH}/override/add/",
    f"{HEALTH}/configurationversion/",
)


@pytest.fixture
def open_page(live_server, monkeypatch, settings):
    """Opens a page of a size in a language, signed in; `page.troubles` collects errors and requests to other sites."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no Chromium on this machine.")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which Django takes for an asynchronous caller.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.BUSINESS_DATE = AS_OF
    User.objects.create_superuser("boss", password="a long pass phrase")
    store(people())
    scoring.score(as_of=AS_OF, since=day(-15), changes={"adoption_tiers": TIERS})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def opened(locale: str = "en-US", width: int = 1300):
            page = browser.new_page(viewport={"width": width, "height": 844}, locale=locale)
            page.troubles = []
            page.on("pageerror", lambda error: page.troubles.append(str(error)))
            page.on("request", lambda asked: _note_foreign(page, asked.url, live_server.url))
            page.goto(f"{live_server.url}/admin/login/")
            page.locator("input[name=username]").fill("boss")
            page.locator("input[name=password]").fill("a long pass phrase")
            page.keyboard.press("Enter")
            page.wait_for_url(f"{live_server.url}/admin/")
            return page

        yield opened
        browser.close()


def _note_foreign(page, asked: str, ours: str) -> None:
    if not asked.startswith((ours, "data:", "blob:")):
        page.troubles.append(asked)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_pages_fit_a_phone_without_an_error_or_a_foreign_request(open_page, live_server, locale):
    page = open_page(locale, 390)
    wide = []
    for address in ADDRESSES:
        page.goto(live_server.url + address)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(address)
    assert wide == []
    assert page.troubles == []


def test_from_the_portfolio_a_click_leads_to_the_list_and_on_to_the_customers_card(open_page, live_server):
    page = open_page()
    page.goto(f"{live_server.url}{HEALTH}/healthscore/portfolio/")
    page.locator("a.level.high").first.click()
    page.locator("#result_list a").filter(has_text="C00").first.click()
    page.get_by_role("heading", name="How is this customer doing?").wait_for()
    page.locator("details.dimension summary").first.press("Enter")
    assert page.get_by_text("days with a login", exact=False).first.is_visible()
    assert page.troubles == []


def test_a_configuration_is_tried_kept_and_activated(open_page, live_server):
    page = open_page()
    page.goto(f"{live_server.url}{HEALTH}/configurationversion/")
    page.get_by_role("link", name="Edit the active one").click()
    page.get_by_label("Usage, startup").fill("0.5")
    page.get_by_role("button", name="Preview").click()
    assert page.get_by_text("The weights of startup add up to 1.25").is_visible()
    page.get_by_label("Usage, startup").fill("0.3")
    page.get_by_label("Payment, startup").fill("0.05")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="What would change").wait_for()
    page.get_by_role("button", name="Keep as a new version").click()
    page.get_by_role("link", name="Activate").click()
    page.get_by_role("button", name="Activate").click()
    page.get_by_text("is active.").first.wait_for()
    assert page.troubles == []

"""Takes the pictures of the README anew, of the demo's pages in both languages.

After `make demo`, with `make serve` running and the user and password that it printed:

    .venv/bin/python docs/images/take.py http://127.0.0.1:8000 USER PASSWORD
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WIDTH = 1440
LIST, EXPERIMENTS = "/admin/predictions/risktoday/", "/admin/experiments/experiment/"
HEIGHTS = {"home": 1180, "customer": 1390, "experiment-report": 1300}
LANGUAGES = {"en": ("en-US", ""), "zh-hans": ("zh-CN", ".zh-CN")}


def main(base: str, user: str, password: str) -> None:
    with sync_playwright() as playwright:
        path = next((one for one in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(one).exists()), None)
        browser = playwright.chromium.launch(executable_path=path)
        for language, (locale, suffix) in LANGUAGES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": 900}, locale=locale, color_scheme="light")
            page.context.add_cookies([{"name": "django_language", "value": language, "url": base}])
            _log_in(page, base, user, password)
            for name, address in _addresses(page, base).items():
                page.set_viewport_size({"width": WIDTH, "height": HEIGHTS[name]})
                page.goto(base + address)
                page.screenshot(path=HERE / f"{name}{suffix}.png")
        browser.close()


def _log_in(page: Any, base: str, user: str, password: str) -> None:
    page.goto(f"{base}/admin/login/")
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/admin/")


def _addresses(page: Any, base: str) -> dict[str, str]:
    """Of the home page, of the customer most at risk, and of the report of the latest experiment."""
    page.goto(base + LIST)
    customer = page.locator("#result_list a[href*='/customer/']").first.get_attribute("href")
    page.goto(base + EXPERIMENTS)
    experiment = page.locator("#result_list a[href*='/change/']").first.get_attribute("href")
    report = experiment.partition("?")[0].replace("/change/", "/report/")
    return {"home": "/admin/", "customer": customer, "experiment-report": report}


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The study of whom a measure helps in a real browser: in both languages, wide and narrow, light and dark."""

import pytest

from experiments.models import UpliftStudy
from tests.experiments.test_browser import PICTURES, fits, open_page
from tests.experiments.test_uplift_lists import TODAY, shop

__all__ = ["open_page"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOLDER = PICTURES.parent / "uplift"
STUDIES, LISTED = "/admin/experiments/upliftstudy/", "/admin/experiments/upliftlisting/"
CHOOSE_THEME = "localStorage.setItem('adminTheme', JSON.stringify('dark'))"


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize(("locale", "words"), [("en-US", "Whom it helps can be told"), ("zh-CN", "可以")])
def test_a_study_with_a_signal_and_one_without_is_shown(open_page, live_server, settings, locale, words, size):
    found = shop()
    settings.BUSINESS_DATE = TODAY
    page = open_page(locale, size)
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.goto(f"{live_server.url}{STUDIES}{found.pk}/change/")
    assert words in page.locator(".lead").first.inner_text()
    # The measure moves who stays, and not the amounts: the page says both.
    titles = page.locator("section[aria-labelledby^=uplift-] h2").all_inner_texts()
    assert len(titles) == len(found.document["arms"][0]["questions"]) > 1
    assert len({title.rpartition(":")[2] or title for title in titles}) > 1
    assert page.locator("svg text").count() > 10
    page.screenshot(path=FOLDER / f"study-{locale}-{size}.png", full_page=True)
    wide = []
    for address in (STUDIES, f"{STUDIES}{found.pk}/change/", LISTED):
        page.goto(live_server.url + address)
        if not fits(page):
            wide.append(address)
    assert wide == []
    page.evaluate(CHOOSE_THEME)
    page.goto(f"{live_server.url}{STUDIES}{found.pk}/change/")
    assert page.locator("html.dark").count() == 1
    page.screenshot(path=FOLDER / f"study-{locale}-{size}-dark.png", full_page=True)
    assert UpliftStudy.objects.count() == 1
    assert page.troubles == []

"""An upload in a real browser, from the file that is dropped to the row that is mended and the rest sent again."""

import csv
import io
import re

import pytest

from customers.models import Customer, ImportFile
from tests.churnsite.test_browser import page

__all__ = ["page"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = "customer_id,registered_on,name\nA1,2026-01-05,Li\nA2,yesterday,Wang\nA3,tomorrow,陈\n"
DROP = """(field, text) => {
    const held = new DataTransfer();
    held.items.add(new File([text], "people.csv", {type: "text/csv"}));
    const dropped = new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: held});
    field.closest("[data-drop]").dispatchEvent(dropped);
}"""
READERS = {"wide": (1280, "en-US", "en"), "phone": (390, "zh-CN", "zh-hans")}


@pytest.fixture(params=READERS)
def reader(request, page, settings):
    """The signed-in page at a desk in English, and on a phone in Chinese."""
    width, locale, language = READERS[request.param]
    page.set_viewport_size({"width": width, "height": 844})
    page.set_extra_http_headers({"Accept-Language": locale})
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": page.url}])
    return page


def upload(page, live_server, text):
    page.goto(f"{live_server.url}/admin/customers/importfile/add/")
    page.locator("input[name=upload]").evaluate(DROP, text)
    page.locator("select[name=kind]").select_option("customers")
    page.locator("[name=_save]").first.click()
    page.wait_for_url(re.compile(r"/importfile/\d+/change/"))


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def act(page, name: str):
    """Click an action at the top, by the last part of its address; a phone shows those in a menu."""
    link = page.locator(f"a[href*='/{name}/']").first
    link.wait_for(state="attached")
    if not link.is_visible():
        page.locator("a[href='#']", has_text="more_horiz").first.click()
    link.click()


def test_a_row_is_mended_in_place_and_the_rest_is_downloaded_and_sent_again(reader, live_server):
    upload(reader, live_server, ROWS)
    assert fits(reader)
    reader.locator("a[href*='setasiderow/?file']").first.click()
    assert fits(reader)
    rows = reader.url
    reader.locator("#result_list a[href$='/change/'], #result_list a[href*='/change/?']").first.click()
    act(reader, "mend")
    assert fits(reader)
    reader.locator("input[value=yesterday], input[value=tomorrow]").fill("2026-01-06")
    reader.locator("form.panel button[type=submit]").click()
    reader.wait_for_url(re.compile(r"/setasiderow/\d+/change/"))
    assert Customer.objects.filter(customer_id__in=("A1", "A2", "A3")).count() == 2
    reader.goto(f"{rows}&state=open")
    with reader.expect_download() as waited:
        act(reader, "export")
    rest = waited.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(rest)))) == 2
    upload(reader, live_server, re.sub("yesterday|tomorrow", "2026-01-07", rest))
    assert Customer.objects.filter(customer_id__in=("A1", "A2", "A3")).count() == 3
    assert reader.troubles == []


def test_a_dropped_file_is_named_and_a_form_that_is_refused_says_why(page, live_server):
    page.goto(f"{live_server.url}/admin/customers/importfile/add/")
    page.locator("input[name=upload]").evaluate(DROP, "")
    page.get_by_text(re.compile(r"people\.csv \(0 kB\)")).wait_for()
    page.locator("[name=_save]").first.click()
    page.locator(".errornote, .errorlist").first.wait_for()
    assert not ImportFile.objects.filter(name="people.csv").exists()
    assert page.troubles == []


def test_the_sending_of_a_file_shows_progress(page, live_server):
    asked = []
    page.route(
        "**/importfile/add/", lambda route: asked.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.goto(f"{live_server.url}/admin/customers/importfile/add/")
    page.locator("input[name=upload]").evaluate(DROP, ROWS)
    page.locator("select[name=kind]").select_option("customers")
    page.locator("[name=_save]").first.click()
    page.get_by_role("progressbar", name="Sending the file").wait_for()
    asked[0].abort()
    page.get_by_text("The file was not sent").wait_for()
    assert not ImportFile.objects.filter(name="people.csv").exists()
    page.unroute_all()
    page.locator("[name=_save]").first.click()
    page.wait_for_url(re.compile(r"/importfile/\d+/change/"))
    page.get_by_text("All that could go in is in.").wait_for()
    assert page.troubles == []


def test_the_page_of_a_file_loads_itself_again_until_the_file_is_read(page, live_server):
    file = ImportFile.objects.create(name="a.csv", kind="customers", state=ImportFile.State.RUNNING)
    loaded = page.goto(f"{live_server.url}/admin/customers/importfile/{file.pk}/change/")
    assert int(loaded.headers["refresh"]) > 0
    page.get_by_text("This page refreshes itself").wait_for()
    ImportFile.objects.filter(pk=file.pk).update(state=ImportFile.State.DONE, n_read=3, n_added=3)
    page.get_by_text("All that could go in is in.").wait_for()
    assert page.troubles == []

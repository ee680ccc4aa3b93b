"""The pages by keyboard alone in a real browser: all is reached with Tab, is seen to be, and does what it says."""

import pytest
from playwright.sync_api import TimeoutError as TakesTooLong

from customers.models import Customer
from tests import face
from tests.churnsite.test_browser import page

__all__ = ["page"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
N_TABS = 150
SEEN = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return (outlined || style.boxShadow !== "none") && box.width > 0 && box.height > 0;
}"""


@pytest.fixture
def wide(page, live_server, settings):
    """The signed-in page at a desk, at an address, with nothing touched yet."""
    settings.BUSINESS_DATE = face.DAY
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(reduced_motion="reduce")

    def opened(address: str):
        page.goto(live_server.url + address, wait_until="load")
        return page

    return opened


def reach(page, wanted, key: str = "Tab") -> None:
    """Press the key until the element has the focus, and see that it shows."""
    wanted.wait_for(state="attached")
    for _press in range(N_TABS):
        page.keyboard.press(key)
        if wanted.evaluate("one => one === document.activeElement"):
            see_the_focus(page, wanted)
            return
    pytest.fail(f"{key} does not lead to {wanted}")


def see_the_focus(page, wanted) -> None:
    """Its ring may come in by a transition."""
    try:
        page.wait_for_function(SEEN, timeout=5_000)
    except TakesTooLong:
        pytest.fail(f"the focus on {wanted} cannot be seen")


def test_the_menu_leads_from_the_home_page_to_a_list_and_on_to_a_customer(wide):
    page = wide("/admin/")
    reach(page, page.locator("#nav-sidebar a[href$='/risktoday/']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/risktoday/")
    reach(page, page.locator("#result_list a[href*='/customer/']").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/customer/*/change/**")


def test_filters_of_a_list_are_opened_and_closed(wide):
    page = wide("/admin/predictions/risktoday/")
    reach(page, page.get_by_role("button", name="Filters"))
    page.keyboard.press("Enter")
    page.locator("#changelist-filter").wait_for(state="visible")
    reach(page, page.locator("#filter-form button[type=submit]"))
    page.keyboard.press("Escape")
    page.locator("#changelist-filter").wait_for(state="hidden")


def test_the_menu_of_the_account_switches_to_dark_and_to_chinese(wide):
    page = wide("/admin/")
    account = page.get_by_role("button", name="boss")
    reach(page, account)
    page.keyboard.press("Space")
    dark = page.get_by_role("button", name="Dark")
    dark.wait_for(state="visible")
    reach(page, dark, key="Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("html.dark").wait_for()
    reach(page, page.locator("form:has(input[value='zh-hans']) button"))
    page.keyboard.press("Enter")
    page.locator("html[lang^='zh']").wait_for()


def test_the_menu_at_the_side_is_hidden_and_shown(wide):
    page = wide("/admin/")
    switch = page.get_by_role("button", name="Show or hide the menu").locator("visible=true")
    reach(page, switch)
    page.keyboard.press("Enter")
    page.locator("#nav-sidebar").wait_for(state="hidden")
    page.keyboard.press("Enter")
    page.locator("#nav-sidebar").wait_for(state="visible")


def test_the_parts_of_a_customers_page_are_opened_and_a_note_is_kept(wide):
    customer = Customer.objects.earliest("pk")
    page = wide(f"/admin/customers/customer/{customer.pk}/change/")
    reach(page, page.locator(".customer-tabs a[href='?tab=timeline']"))
    page.keyboard.press("Enter")
    page.locator(".customer-tabs a[href='?tab=timeline'][aria-current=page]").wait_for()
    reach(page, page.locator("details.add-note summary"))
    page.keyboard.press("Enter")
    reach(page, page.locator("#note-text"))
    page.keyboard.type("called")
    reach(page, page.get_by_role("button", name="Keep the note"))
    page.keyboard.press("Enter")
    page.get_by_text("The note is kept.").wait_for()
    assert [one.text for one in customer.case_notes.all()] == ["called"]


def test_a_form_is_filled_and_a_file_is_chosen(wide):
    page = wide("/admin/customers/importfile/add/")
    reach(page, page.locator("input[name=upload]"))
    with page.expect_file_chooser() as waited:
        page.keyboard.press("Enter")
    waited.value.set_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": b"customer_id,registered_on\nA1,2026-01-05\n"}
    )
    page.get_by_text("people.csv (").wait_for()
    reach(page, page.locator("select[name=kind]"))
    reach(page, page.locator("[name=_save]").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/importfile/*/change/")
    assert Customer.objects.filter(customer_id="A1").exists()

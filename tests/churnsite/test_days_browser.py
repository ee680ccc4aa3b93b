"""A day of business staff and one of a manager in a real browser, in both languages; a picture of each step is kept."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings as site
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from churnsite import role_groups, roles
from customers.models import ApiKey, Assignee, CaseNote, Intervention
from tests import face
from tests.churnsite.test_browser import CHROMIUM, _note_foreign
from tests.experiments.factories import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = Path(os.environ.get("PICTURES") or Path(__file__).parents[2] / "var" / "pictures") / "days"
REASON = {"en": "Last purchase 15 days ago", "zh-hans": "15 天前最后一次购买"}
WIDTH, HEIGHT = 1440, 900
PASSWORD = "a long pass phrase"


class Day:
    """A browser in a language, in which somebody of a role works; `said` is a text of the pages in that language."""

    def __init__(self, browser, base: str, language: str, role: str):
        self.language, self.base, self.number = language, base, 0
        self.folder = PICTURES / role.replace(" ", "-") / language
        self.folder.mkdir(parents=True, exist_ok=True)
        user = User.objects.create_user("mei", password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        locale = {"en": "en-US", "zh-hans": "zh-CN"}[language]
        self.page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, locale=locale, reduced_motion="reduce"
        )
        self.page.context.add_cookies([{"name": site.LANGUAGE_COOKIE_NAME, "value": language, "url": base}])
        self.troubles: list[str] = []
        self.page.troubles = self.troubles
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda asked: _note_foreign(self.page, asked.url, base))

    def said(self, text: str) -> str:
        with translation.override(self.language):
            return gettext(text)

    def picture(self, name: str) -> None:
        """Of the whole page: what sticks to the bottom of the window would stand in the middle otherwise."""
        self.number += 1
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": WIDTH, "height": max(height, HEIGHT)})
        self.page.screenshot(path=self.folder / f"{self.number}-{name}.png")
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def log_in(self) -> None:
        self.page.goto(f"{self.base}/admin/login/")
        self.page.locator("input[name=username]").fill("mei")
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.picture("login")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def open(self, address: str) -> None:
        assert self.page.goto(self.base + address).status == 200, address


@pytest.fixture(params=("en", "zh-hans"))
def begun(request, live_server, monkeypatch, settings):
    """Begins the day of somebody of a role."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no Chromium on this machine.")
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.BUSINESS_DATE = face.DAY
    face.rows(4)
    granted = {role.name: roles.permissions(role) for role in roles.ROLES}  # the test before this emptied all tables
    role_groups.grant(apps, SimpleNamespace(connection=connection), granted=granted)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield lambda role: Day(browser, live_server.url, request.param, role)
        browser.close()


def test_a_day_of_staff_from_the_list_to_the_measure(begun):
    day = begun("business staff")
    page = day.page
    day.log_in()
    day.picture("home")
    page.locator("main, #main, body").get_by_role("link", name=day.said("The whole work list")).click()
    page.wait_for_url("**/risktoday/**")
    day.picture("work-list")
    page.get_by_role("button", name=day.said("Filters")).click()
    page.locator("#filter-form select[name=assigned]").select_option("nobody", force=True)
    day.picture("filters")
    page.locator("#filter-form button[type=submit]").click()
    page.wait_for_url("**assigned=nobody**")
    page.locator("#result_list a", has_text="c0001").first.click()
    page.get_by_text(REASON[day.language]).first.wait_for()
    day.picture("customer")

    page.get_by_role("button", name=day.said("Assign to me")).click()
    page.get_by_text(day.said("You look after this customer now.")).wait_for()
    assert Assignee.objects.get(customer__customer_id="c0001").user.username == "mei"
    page.locator("summary", has_text=day.said("Add a note")).click()
    page.locator("#note-text").fill("打过电话 / called")
    page.get_by_role("button", name=day.said("Keep the note")).click()
    page.get_by_text(day.said("The note is kept.")).wait_for()
    assert CaseNote.objects.get().text == "打过电话 / called"
    day.picture("note")

    before = Intervention.objects.count()
    page.get_by_role("link", name=day.said("Record an intervention")).click()
    page.locator("#id_kind").fill("call")
    day.picture("measure")
    page.locator("[name=_save]").first.click()
    page.wait_for_url(lambda url: "/add/" not in url)
    assert Intervention.objects.count() == before + 1
    assert Intervention.objects.latest("pk").recorded_by.username == "mei"

    day.open("/admin/predictions/risktoday/?assigned=me")
    with page.expect_download() as waited:
        page.get_by_role("link", name=day.said("Download as CSV")).first.click()
    lines = waited.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] in (["c0001"], [str(face.DAY)])
    assert "c0001" in lines[1]
    day.picture("mine")
    assert page.goto(f"{day.base}/admin/customers/apikey/").status == 403
    assert day.troubles == []


def set_up_the_second_factor(day: Day) -> None:
    """As a manager has to before anything else."""
    day.page.wait_for_url("**/second-factor/set-up/**")
    day.picture("second-factor")
    device = TOTPDevice.objects.get(user__username="mei")
    day.page.locator("#id_code").fill(f"{totp(device.bin_key):06d}")
    day.page.keyboard.press("Enter")
    day.page.locator("#codes").wait_for()
    day.picture("codes")
    day.page.get_by_role("link", name=day.said("I have kept them")).click()
    day.page.wait_for_url(f"{day.base}/admin/")


def make_a_key(day: Day) -> None:
    day.open("/admin/customers/apikey/add/")
    day.page.locator("#id_name").fill("CRM")
    day.page.locator("input[name=scopes]").first.check()
    day.picture("key")
    day.page.locator("[name=_save]").first.click()
    day.page.wait_for_url(re.compile(r"/apikey/$"))
    day.picture("key-shown-once")
    assert ApiKey.objects.latest("created_at").created_by.username == "mei"


def test_a_day_of_a_manager_from_the_second_factor_to_a_new_colleague(begun, settings):
    settings.TWO_FACTOR_REQUIRED = True
    experiment = running(on=face.DAY, starts_on=face.DAY, ends_on=face.DAY)
    day = begun("manager")
    page = day.page
    day.log_in()
    set_up_the_second_factor(day)
    day.picture("home")
    for name, address in {
        "report": f"/admin/experiments/experiment/{experiment.pk}/report/",
        "portfolio": "/admin/healthscore/healthscore/portfolio/",
        "audit-log": "/admin/customers/auditentry/",
        "models": "/admin/predictions/modelversion/",
    }.items():
        day.open(address)
        day.picture(name)
    page.locator("#result_list a", has_text="20170930-lightgbm-aa").first.click()
    page.get_by_role("link", name=day.said("Training report")).first.wait_for()
    day.picture("model")

    make_a_key(day)
    day.open("/admin/auth/user/add/")
    page.locator("#id_username").fill("new.colleague")
    for field in ("password1", "password2"):
        page.locator(f"#id_{field}").fill(PASSWORD)
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/change/")
    page.locator("#id_groups_from").select_option(label=day.said("Business staff"))
    page.locator("#id_groups_add, .selector-add, .selector-chooser .selector-add").first.click()
    page.locator("#id_is_staff").check()
    day.picture("user")
    page.locator("[name=_save]").first.click()
    page.wait_for_url(re.compile(r"/user/$"))
    colleague = User.objects.get(username="new.colleague")
    assert [one.name for one in colleague.groups.all()] == ["business staff"]
    assert colleague.is_staff
    page.locator("#result_list").get_by_text(day.said("Business staff")).wait_for()
    day.picture("users")
    assert day.troubles == []

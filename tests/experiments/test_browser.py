"""A day in the life of an experiment in a real browser: configured, planned, started, filled, ended, read."""

import datetime as dt
import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import gettext

from churnsite import steps
from customers.commands import Advance
from experiments import analysis, outcomes
from experiments.models import Experiment
from tests.experiments.course import stay
from tests.experiments.factories import DAY, scored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
LIST = "/admin/experiments/experiment/"
PICTURES = Path(os.environ.get("PICTURES") or Path(__file__).parents[2] / "var" / "pictures") / "day-in-the-life"
ADD = {"en": "Add another Condition", "zh-hans": "添加另一个 条件"}
SIZES = {"wide": (1300, 900), "phone": (390, 844)}


@pytest.fixture
def open_page(live_server, monkeypatch, settings):
    """Opens a page of a size in a language, signed in; `page.troubles` collects errors and requests to other sites."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no Chromium on this machine.")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which Django takes for an asynchronous caller.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.BUSINESS_DATE = DAY
    User.objects.create_superuser("boss", password="a long pass phrase")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def opened(locale: str = "en-US", size: str = "wide"):
            width, height = SIZES[size]
            page = browser.new_page(viewport={"width": width, "height": height}, locale=locale)
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


def fits(page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def configured(page, live_server, locale: str = "en") -> Experiment:
    """By the form, as it is proposed, with a condition added by its button."""
    page.goto(live_server.url + LIST + "add/")
    page.locator("#id_name").fill("Spring coupons")
    page.locator("#id_smallest_effect").fill("30")
    page.locator("#id_arms-0-share").fill("50")
    page.locator("#id_arms-1-share").fill("40")
    page.locator("#id_arms-1-measure").fill("Send a coupon")
    page.locator("#conditions-group").get_by_role("link", name=ADD[locale]).click()
    page.locator("#id_conditions-0-attribute").select_option("registered_on")
    page.locator("#id_conditions-0-operator").select_option("at_least")
    page.locator("#id_conditions-0-values").fill("2024-01-01")
    page.locator("button[name=_save]").click()
    wrong = words("The shares add up to %(total)s %%, not to 100 %%.", locale) % {"total": 90}
    page.get_by_text(wrong).wait_for()
    assert not Experiment.objects.exists()
    page.locator("#id_arms-1-share").fill("50")
    page.locator("button[name=_save]").click()
    page.get_by_role("link", name="Spring coupons", exact=True).first.wait_for()
    return Experiment.objects.get()


def do(page, live_server, experiment: Experiment, what: str, button: str, reason: str = "") -> None:
    """By the menu of the experiment's page, and the question that it asks."""
    page.goto(f"{live_server.url}{LIST}{experiment.pk}/change/")
    page.locator("a", has=page.locator("span", has_text="more_vert")).first.click()
    page.get_by_role("link", name=what).click()
    if reason:
        page.locator("textarea[name=reason]").fill(reason)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"**{LIST}{experiment.pk}/change/")


def lived(experiment: Experiment) -> None:
    """Everybody treated stays, of the control group nobody; then the days are over."""
    treated = list(experiment.assignments.filter(arm__is_control=False))
    stay(treated, DAY + dt.timedelta(days=2))
    over = DAY + dt.timedelta(days=7)
    outcomes.track(experiment, as_of=over)
    analysis.analyse(experiment, as_of=over)


def words(text: str, locale: str) -> str:
    """A text of the pages as a reader of the locale has it."""
    with translation.override(locale):
        return gettext(text)


def enrolled_for_a_week() -> None:
    """By the daily job: twelve customers more at risk on each of the six days after the first."""
    for number in range(1, 7):
        day = DAY + dt.timedelta(days=number)
        scored([0.9] * 12 * (number + 1), as_of=day)
        steps.step_named("enrol").work(day, Advance())


def after_a_week(experiment: Experiment) -> None:
    """Everybody treated stays, of the control group nobody; then the days of the last ones are over."""
    for number in range(7):
        day = DAY + dt.timedelta(days=number)
        stay(list(experiment.assignments.filter(arm__is_control=False, enrolled_on=day)), day + dt.timedelta(days=2))
    over = DAY + dt.timedelta(days=14)
    outcomes.track(experiment, as_of=over)
    analysis.analyse(experiment, as_of=over)


@pytest.mark.parametrize(("locale", "ending"), [("en", "Stop"), ("zh-hans", "Complete")])
def test_a_day_in_the_life_from_the_form_to_the_report(open_page, live_server, locale, ending, settings):
    """Configured, planned, started, filled for a week, ended, read; a picture of each step is kept."""
    page = open_page({"en": "en-US", "zh-hans": "zh-CN"}[locale])
    pictures = PICTURES / locale
    pictures.mkdir(parents=True, exist_ok=True)

    def said(text: str) -> str:
        return words(text, locale)

    def picture(name: str) -> None:
        page.screenshot(path=pictures / f"{name}.png", full_page=True)

    scored([0.9] * 12)
    page.goto(live_server.url + LIST + "add/")
    picture("1-form")
    experiment = configured(page, live_server, locale)
    page.goto(f"{live_server.url}{LIST}{experiment.pk}/plan/")
    page.get_by_text(said("Eligible today")).wait_for()
    assert page.locator(".card .number").first.inner_text() == "12"
    picture("2-plan")

    do(page, live_server, experiment, said("Start"), said("Start"))
    page.get_by_text(said("“%(name)s” is running; its configuration is locked.") % {"name": experiment.name}).wait_for()
    assert page.locator("#id_name").count() == 0
    picture("3-running")
    do(page, live_server, experiment, said("Enrol now"), said("Enrol now"))
    day = {"en": "March 2, 2026", "zh-hans": "2026年3月2日"}[locale]
    told = said("%(n)s customers were enrolled, by their risk of %(day)s.") % {"n": 12, "day": day}
    page.get_by_text(told).wait_for()
    do(page, live_server, experiment, said("Analyse now"), said("Analyse now"))
    picture("4-enrolled-by-hand")
    enrolled_for_a_week()
    assert experiment.assignments.count() == 84
    settings.BUSINESS_DATE = DAY + dt.timedelta(days=6)
    page.goto(f"{live_server.url}{LIST}{experiment.pk}/report/")
    picture("5-report-before-outcomes")

    reason = "Coupons ran out." if ending == "Stop" else ""
    do(page, live_server, experiment, said(ending), said(ending), reason=reason)
    page.get_by_text(reason or said("completed")).first.wait_for()
    picture("6-ended")
    after_a_week(experiment)
    settings.BUSINESS_DATE = DAY + dt.timedelta(days=14)
    page.goto(f"{live_server.url}{LIST}{experiment.pk}/report/")
    works = said("It works. Give the measure to everybody eligible: %(arms)s.") % {"arms": experiment.arms.last().name}
    page.get_by_text(works).wait_for()
    picture("7-report")
    figure = page.locator("#effects-title ~ .scroll .figured").first
    figure.focus()
    note = figure.get_attribute("aria-describedby")
    assert "Newcombe" in page.locator(f"#{note}").inner_text()
    assert "Newcombe" in figure.get_attribute("title")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    picture("8-report-dark-phone")
    assert page.troubles == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("locale", "words"), [("en-US", "What to do next"), ("zh-CN", "接下来做什么")])
def test_its_pages_fit_every_screen_in_both_languages(open_page, live_server, size, locale, words):
    scored([0.9] * 20)
    page = open_page()
    experiment = configured(page, live_server)
    do(page, live_server, experiment, "Start", "Start")
    do(page, live_server, experiment, "Enrol now", "Enrol now")
    lived(experiment)

    page = open_page(locale, size)
    own = f"{LIST}{experiment.pk}/"
    wide = []
    for address in (LIST, f"{LIST}add/", f"{own}change/", f"{own}plan/", f"{own}report/", f"{LIST}guide/experiments/"):
        page.goto(live_server.url + address)
        if not fits(page):
            wide.append(address)
    assert wide == []
    page.goto(f"{live_server.url}{own}report/")
    assert page.get_by_role("heading", name=words).is_visible()
    assert page.troubles == []


def test_a_printed_report_has_no_menus_and_every_section(open_page, live_server):
    scored([0.9] * 20)
    page = open_page()
    experiment = configured(page, live_server)
    do(page, live_server, experiment, "Start", "Start")
    do(page, live_server, experiment, "Enrol now", "Enrol now")
    lived(experiment)
    page.goto(f"{live_server.url}{LIST}{experiment.pk}/report/")
    page.emulate_media(media="print")
    assert not page.locator("#nav-sidebar").is_visible()
    assert not page.get_by_role("link", name="Plan", exact=True).is_visible()
    assert page.locator("#notes-title").is_visible()

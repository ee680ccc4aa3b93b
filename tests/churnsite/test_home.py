"""The home page: each figure against one worked out by hand, and the list behind it with the same number of rows."""

import datetime as dt
import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Assignee, Customer, Deal, Hold, ImportFile, Intervention, Run, SetAsideRow, Step, UserScope
from experiments.models import Analysis, Assignment, Experiment
from healthscore import configurations, portfolio_kept
from healthscore.dimensions.catalogue import DIMENSIONS
from healthscore.models import HealthDay, HealthScore
from predictions import figures
from predictions.models import DailyFigures, ModelVersion, Prediction
from tests import face
from tests.experiments.factories import running

pytestmark = pytest.mark.django_db
DAY = face.DAY
WEEK = dt.timedelta(days=7)
HOME = "admin:index"
# risk level, probability, monthly value, region
TODAY = (
    ("critical", "0.90", "100.40", "East"),
    ("critical", "0.80", "50.00", "West"),
    ("high", "0.60", "1200.00", "East"),
    ("medium", "0.40", "70.00", "East"),
    ("low", "0.20", "80.00", "West"),
    ("low", "0.10", "90.00", "East"),
)
# The same of a week before, whose outcomes are known: two of five left.
LAST_WEEK = (
    ("high", "0.55", "30.00", True),
    ("low", "0.10", "40.00", False),
    ("critical", "0.75", "20.25", True),
    ("medium", "0.35", "60.00", False),
    ("low", "0.25", "10.00", False),
)
BREAKDOWN = {
    one.name: {"score": 0.5, "parts": dict.fromkeys((part.name for part in one.parts), 0.5)} for one in DIMENSIONS
}
REASONS = [
    {"feature": "login_count_20d", "contribution": -0.9, "sentence": {"en": "20 logins", "zh": "登录 20 次"}},
    {"feature": "friend_count", "contribution": 0.2, "sentence": {"en": "No friends", "zh": "没有好友"}},
]


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def model():
    return face.model_version()


@pytest.fixture
def shop(settings, model):
    """Two days of predictions as they stand above, with their figures."""
    settings.BUSINESS_DATE = DAY
    for number, (level, chance, value, region) in enumerate(TODAY):
        customer = Customer.objects.create(customer_id=f"c{number}", name="Li", registered_on=DAY, region=region)
        _predicted(customer, model, DAY, level, chance, value)
    for customer, (level, chance, value, churned) in zip(Customer.objects.order_by("pk"), LAST_WEEK, strict=False):
        _predicted(customer, model, DAY - WEEK, level, chance, value, churned=churned)
    figures.keep_missing()


def _predicted(customer, model, day, level, chance, value, *, churned=None):
    Prediction.objects.create(
        customer=customer,
        as_of=day,
        model=model,
        probability=Decimal(chance),
        risk_level=level,
        lifecycle_stage="active",
        monthly_value=Decimal(value),
        churned=churned,
        reasons=REASONS,
        main_reason="friend_count",
    )


def limited_to(client, *regions: str, managers: tuple[str, ...] = ()) -> None:
    user = User.objects.create_user("limited", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    UserScope.objects.create(user=user, regions=regions, account_managers=managers)
    client.force_login(user)


def tiles(client) -> dict:
    return {tile.icon: tile for tile in client.get(reverse(HOME)).context["tiles"]}


def n_listed(client, url: str) -> int:
    """How many rows the list at an address has."""
    return client.get(url).context["cl"].result_count


def shown(client, **headers) -> str:
    return client.get(reverse(HOME), headers=headers).content.decode()


def test_how_many_are_at_risk_against_a_week_before(staff, shop):
    tile = tiles(staff)["warning"]
    assert (tile.number, tile.unit) == ("3", "50.0 % of the active customers")
    assert tile.change.text == "1 more than on Sept. 23, 2017 (2)"
    assert tile.change.tone == "bad"
    assert n_listed(staff, tile.url) == 3
    assert n_listed(staff, tile.change.url) == 2


def test_what_they_are_worth_is_the_sum_of_their_monthly_values(staff, shop):
    tile = tiles(staff)["payments"]
    assert tile.number == "1,350"  # 100.40 + 50 + 1200
    assert tile.change.text == "1,300 more than on Sept. 23, 2017 (50)"  # 30 + 20.25
    behind = staff.get(tile.url).context["cl"]
    assert sum(row.monthly_value for row in behind.queryset) == Decimal("1350.40")
    assert [row.monthly_value for row in behind.result_list] == [Decimal(1200), Decimal("100.40"), Decimal(50)]


def test_active_customers_are_those_who_were_scored(staff, shop):
    tile = tiles(staff)["groups"]
    assert (tile.number, tile.change.text, tile.change.tone) == ("6", "1 more than on Sept. 23, 2017 (5)", "good")
    assert n_listed(staff, tile.url) == 6
    assert n_listed(staff, tile.change.url) == 5


def test_the_churn_rate_is_of_the_last_day_whose_outcomes_are_known(staff, shop):
    tile = tiles(staff)["logout"]
    assert tile.number == "40.0 %"
    assert tile.unit == "2 of 5 active on Sept. 23, 2017 left within 7 days"
    assert n_listed(staff, tile.url) == 2
    assert tile.change is None
    assert "no day of a week before" in tile.why_no_change


def test_the_churn_rate_is_compared_in_points(staff, shop, model):
    for customer, churned in zip(Customer.objects.order_by("pk"), (True, False, False, False), strict=False):
        _predicted(customer, model, DAY - 2 * WEEK, "low", "0.1", "1", churned=churned)
    figures.keep(DAY - 2 * WEEK)
    change = tiles(staff)["logout"].change
    assert change.text == "15.0 points more than of those of Sept. 16, 2017 (25.0 %)"
    assert n_listed(staff, change.url) == 1


@pytest.mark.parametrize(("difference", "text"), [(-4, "4 fewer than on"), (0, "as many as on")])
def test_fewer_and_as_many_are_said_too(staff, shop, difference, text):
    before = DailyFigures.objects.get(as_of=DAY - WEEK)
    DailyFigures.objects.filter(pk=before.pk).update(n_high=3 - difference, n_critical=0)
    assert tiles(staff)["warning"].change.text.startswith(text)


def test_each_risk_level_has_its_number_and_its_list(staff, shop):
    levels = staff.get(reverse(HOME)).context["levels"]
    assert [(one["name"], one["n"], one["percent"]) for one in levels] == [
        ("critical", "2", "33.3 %"),
        ("high", "1", "16.7 %"),
        ("medium", "1", "16.7 %"),
        ("low", "2", "33.3 %"),
    ]
    assert [n_listed(staff, one["url"]) for one in levels] == [2, 1, 1, 2]


def test_the_distribution_has_axes_units_and_the_bounds_of_the_levels(staff, shop):
    page = shown(staff)
    for text in ("probability of leaving, in percent", "critical from 70 %", "medium from 30 %"):
        assert text in page


def test_every_number_over_time_leads_to_as_many_rows(staff, shop):
    course = staff.get(reverse(HOME)).context["course"]
    assert [(row["day"], row["active"], row["at_risk"], row["value"], row["left"]) for row in course["rows"]] == [
        (DAY, "6", "3", "1,350", "–"),
        (DAY - WEEK, "5", "2", "50", "2"),
    ]
    for row in course["rows"]:
        assert n_listed(staff, row["active_url"]) == int(row["active"])
        assert n_listed(staff, row["at_risk_url"]) == int(row["at_risk"])
    assert n_listed(staff, course["rows"][1]["left_url"]) == 2


def test_charts_over_time_need_two_days_and_have_units(staff, shop):
    drawings = staff.get(reverse(HOME)).context["course"]["charts"]
    assert len(drawings) == 2  # the churn rate is known of one day only
    assert "account currency a month" in drawings[1]
    DailyFigures.objects.filter(as_of=DAY - WEEK).delete()
    Prediction.objects.filter(as_of=DAY - WEEK).delete()
    assert "A line needs two days that were scored" in shown(staff)


def test_the_list_to_call_has_those_at_risk_who_may_be_treated(staff, shop):
    first, second = Customer.objects.filter(customer_id__in=("c0", "c1")).order_by("customer_id")
    Hold.objects.create(customer=first, kind="opt_out", source="opt-out", since=DAY)
    when = at(10, DAY - dt.timedelta(days=1))
    Intervention.objects.create(intervention_id="i", customer=second, kind="call", occurred_at=when)
    Assignee.objects.create(customer=second, user=User.objects.get(username="boss"))
    calls = staff.get(reverse(HOME)).context["calls"]
    assert [(one["customer"], one["chance"], one["worth"], one["contact"]) for one in calls["rows"]] == [
        ("c1 Li", "80.0%", "50.00", "contacted on Sept. 29, 2017"),
        ("c2 Li", "60.0%", "1,200", "not yet contacted"),
    ]
    assert [one["assignee"] for one in calls["rows"]] == ["boss", ""]
    assert n_listed(staff, calls["url"]) == 2


@pytest.mark.parametrize(("language", "sentence"), [("en", "No friends"), ("zh-hans", "没有好友")])
def test_the_main_reason_is_the_one_that_raises_the_risk_in_the_readers_language(staff, shop, language, sentence):
    staff.cookies["django_language"] = language
    assert {one["main_reason"] for one in staff.get(reverse(HOME)).context["calls"]["rows"]} == {sentence}


def test_with_nobody_at_risk_there_is_nobody_to_call(staff, shop):
    Prediction.objects.update(risk_level="low")
    figures.keep(DAY)
    page = shown(staff)
    assert "Nobody is at high or critical risk" in page
    assert tiles(staff)["warning"].number == "0"
    assert tiles(staff)["payments"].number == "0"


def test_with_everybody_at_risk_held_back_that_is_said(staff, shop):
    Hold.objects.bulk_create(
        Hold(customer=one, kind="opt_out", source="opt-out", since=DAY) for one in Customer.objects.all()
    )
    assert "All customers at risk are held back today" in shown(staff)


def test_without_customers_it_says_how_to_begin(staff):
    page = shown(staff)
    assert "Begin with your data" in page
    assert reverse("admin:customers_importfile_add") in page
    assert "has never run" in page


def test_with_customers_and_no_scores_it_says_what_to_run(staff):
    Customer.objects.create(customer_id="c1", registered_on=DAY)
    page = shown(staff)
    assert "Nobody has been scored yet" in page
    assert "python manage.py run_daily" in page
    assert "Begin with your data" not in page


def test_a_day_whose_figures_were_not_kept_is_counted(staff, shop):
    DailyFigures.objects.all().delete()
    assert tiles(staff)["warning"].number == "3"


def test_an_older_day_than_today_is_named_as_such(staff, shop, settings):
    assert "Today, Sept. 30, 2017" in shown(staff)
    settings.BUSINESS_DATE = DAY + dt.timedelta(days=2)
    assert "As of Sept. 30, 2017, the latest day that was scored" in shown(staff)


def test_a_limited_user_gets_figures_of_their_own_customers(client, shop):
    limited_to(client, "West")
    found = tiles(client)
    assert (found["warning"].number, found["payments"].number, found["groups"].number) == ("1", "50", "2")
    # Of the customers of the west c1 stayed and c4 stayed.
    assert found["logout"].unit == "0 of 2 active on Sept. 23, 2017 left within 7 days"
    assert found["warning"].change.text == "1 more than on Sept. 23, 2017 (0)"
    context = client.get(reverse(HOME)).context
    assert [one["n"] for one in context["levels"]] == ["1", "0", "0", "1"]
    assert [one["customer"] for one in context["calls"]["rows"]] == ["c1 Li"]
    assert [(row["at_risk"], row["value"], row["left"]) for row in context["course"]["rows"]] == [
        ("1", "50", "–"),
        ("0", "0", "0"),
    ]


def test_a_user_of_some_regions_reads_what_was_kept_of_them(client, shop):
    limited_to(client, "West", "East")
    with CaptureQueriesContext(connection) as queries:
        assert [tile.number for tile in tiles(client).values()] == ["3", "1,350", "6", "40.0 %"]
    assert not [one for one in queries if "FLOOR" in one["sql"].upper()]


def test_a_user_of_account_managers_gets_counts_of_their_customers(client, shop):
    customer = Customer.objects.get(customer_id="c2")
    Deal.objects.create(deal_id="d", customer=customer, deal_date=DAY, deal_amount=1, account_manager="Wang")
    limited_to(client, "East", managers=("Wang",))
    found = tiles(client)
    assert [tile.number for tile in found.values()] == ["1", "1,200", "1", "100.0 %"]
    assert n_listed(client, found["warning"].url) == 1
    context = client.get(reverse(HOME)).context
    assert (context["course"]["is_not_kept"], context["course"]["rows"]) == (True, [])


def test_counts_are_remembered_until_the_day_is_counted_again(client, shop):
    limited_to(client, managers=("Wang",))
    assert tiles(client)["warning"].number == "0"
    customer = Customer.objects.get(customer_id="c2")
    Deal.objects.create(deal_id="d", customer=customer, deal_date=DAY, deal_amount=1, account_manager="Wang")
    figures.keep(DAY)
    assert tiles(client)["warning"].number == "1"


def test_a_limited_users_lists_show_the_same_numbers(client, shop):
    limited_to(client, "West")
    found = tiles(client)
    for icon, then in (("warning", 0), ("groups", 2)):
        assert n_listed(client, found[icon].url) == int(found[icon].number)
        assert n_listed(client, found[icon].change.url) == then


def test_a_limited_user_is_shown_nothing_of_the_whole_company(client, shop):
    limited_to(client, "West")
    page = shown(client)
    assert "of the customers whom you may see" in page
    for number in ("1,350", "c0 Li", "1,200"):
        assert number not in page


def test_a_limited_user_whose_customers_are_none_sees_noughts(client, shop):
    limited_to(client, "North")
    assert [tile.number for tile in tiles(client).values()] == ["0", "0", "0", "–"]


def test_a_user_without_rights_sees_no_figures(client, shop):
    user = User.objects.create_user("clerk", is_staff=True)
    client.force_login(user)
    context = client.get(reverse(HOME)).context
    assert (context["tiles"], context["calls"], context["course"], context["cards"]) == ([], None, None, [])
    assert (context["experiments"], context["health"], context["night"]) == (None, None, None)


def at(hour: int, day=DAY) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def night(**fields):
    steps = fields.pop("steps", (("features", "done"),))
    facts = {"kind": "daily", "as_of": DAY, "state": "done", "ended_at": at(3)}
    run = Run.objects.create(**(facts | fields))
    for position, (name, state, *error) in enumerate(steps, start=1):
        Step.objects.create(run=run, name=name, position=position, state=state, error="".join(error))
    return run


@pytest.fixture
def told(monkeypatch):
    """What is said of the last run at nine in the morning of a day."""
    from churnsite.home import night as module

    return lambda day=DAY, hour=9: module.told(now=at(hour, day))


def test_a_run_that_is_done_is_fine(told):
    run = night()
    said = told()
    assert (said["tone"], said["word"]) == ("success", "fine")
    assert said["sentence"] == "As of Sept. 30, 2017, done on Sept. 30, 2017 03:00."
    assert said["url"] == reverse("admin:customers_run_change", args=[run.pk])


def test_a_failed_run_names_its_step_since_when_and_why(told):
    night(state="failed", steps=(("import", "done"), ("features", "failed", "no disk"), ("score", "waiting")))
    said = told()
    assert (said["tone"], said["word"]) == ("danger", "failed")
    assert said["sentence"] == "The step “Features” broke on Sept. 30, 2017 03:00: no disk"


def test_a_run_at_work_says_how_far_it_is(told):
    steps = (("import", "done"), ("features", "running"), ("score", "waiting"))
    night(state="running", heartbeat_at=timezone.now(), steps=steps, ended_at=None)
    assert told()["sentence"] == "1 of 3 steps done, as of Sept. 30, 2017."


def test_a_run_that_gave_no_sign_of_life_was_interrupted(told):
    silent = timezone.now() - dt.timedelta(hours=1)
    night(state="running", heartbeat_at=silent, steps=(("features", "running"),), ended_at=None)
    assert told()["tone"] == "danger"
    assert "interrupted" in told()["sentence"]


@pytest.mark.parametrize(("later", "hour", "word"), [(1, 5, "fine"), (1, 6, "did not run"), (2, 5, "did not run")])
def test_a_night_without_a_run_is_told_from_six_in_the_morning(told, later, hour, word):
    night()
    assert told(DAY + dt.timedelta(days=later), hour)["word"] == word


def test_experiments_that_failed_within_a_step_are_told(told):
    run = night()
    run.steps.update(result={"failed": [{"experiment": 1, "name": "x", "error": "y"}]})
    assert told()["tone"] == "warning"
    assert told()["sentence"].startswith("1 experiments could not be dealt with")


def test_only_the_daily_job_counts_as_last_nights_run(told):
    night(kind="training", state="failed")
    assert told()["word"] == "has never run"


def experiment(**fields) -> Experiment:
    return running(on=DAY - WEEK, starts_on=DAY - WEEK, ends_on=DAY + WEEK, **fields)


def enrolled(one: Experiment, n: int, model: ModelVersion) -> None:
    arm = one.arms.first()
    facts = {"probability": Decimal("0.9"), "risk_level": "critical", "model": model, "enrolled_on": DAY, "u": 0.5}
    for customer in Customer.objects.order_by("pk")[:n]:
        Assignment.objects.create(experiment=one, arm=arm, customer=customer, layer="retention", **facts)


def test_an_experiment_tells_its_day_its_customers_and_its_verdict(staff, shop, model):
    one = experiment()
    enrolled(one, 3, model)
    verdict = {"verdict": "effective", "sentence_en": "It works.", "sentence_zh": "有效。"}
    for as_of, more in ((DAY - WEEK, {"sentence_en": "Nothing yet."}), (DAY, {})):
        facts = verdict | {"as_of": as_of, "digest": str(as_of), "n_assigned": 3, "n_known": 3, "document": {}}
        Analysis.objects.create(experiment=one, **(facts | more))
    row = staff.get(reverse(HOME)).context["experiments"]["rows"][0]
    assert (row["name"], row["progress"], row["enrolled"], row["sentence"]) == (
        one.name,
        "day 8 of 15",
        "3",
        "It works.",
    )
    assert row["url"] == reverse("admin:experiments_experiment_report", args=[one.pk])
    assert n_listed(staff, row["enrolled_url"]) == 3


def test_an_experiment_that_was_never_analysed_says_when_it_will_be(staff, shop):
    experiment()
    assert "Not analysed yet; that is done with the daily job." in shown(staff)


def test_without_an_experiment_the_last_one_is_named_and_where_to_plan_one(staff, shop):
    page = shown(staff)
    assert "None is running." in page
    assert reverse("admin:experiments_experiment_add") in page
    one = experiment()
    Experiment.objects.update(state="completed", ended_on=DAY, finalised_at=timezone.now())
    last = staff.get(reverse(HOME)).context["experiments"]["last"]
    assert (last["name"], last["progress"]) == (one.name, "ended on Sept. 30, 2017")


def test_a_limited_user_sees_how_many_of_their_own_are_enrolled(client, shop, model):
    enrolled(experiment(), 3, model)  # c0 and c2 of the east, c1 of the west
    limited_to(client, "West")
    row = client.get(reverse(HOME)).context["experiments"]["rows"][0]
    assert row["enrolled"] == "1"
    assert n_listed(client, row["enrolled_url"]) == 1


@pytest.fixture
def health(shop):
    """Three accounts, one of the west, with two grades."""
    facts = {"as_of": DAY, "configuration": configurations.active(), "calculated_at": timezone.now()}
    grades = {"c0": "good", "c1": "critical", "c2": "critical"}
    for name, grade in grades.items():
        made = {"score": Decimal("0.5"), "breakdown": BREAKDOWN, "coverage": 1.0, "sources": [], "direction": "stable"}
        HealthScore.objects.create(customer=Customer.objects.get(customer_id=name), grade=grade, **made, **facts)
    HealthDay.objects.create(n_scored=3, n_by_grade={"good": 1, "critical": 2}, **facts)


def test_health_is_told_by_grade_with_the_lists_behind(staff, health):
    grades = staff.get(reverse(HOME)).context["health"]["grades"]
    assert [(one["n"], one["percent"]) for one in grades] == [
        ("0", "0.0 %"),
        ("1", "33.3 %"),
        ("0", "0.0 %"),
        ("2", "66.7 %"),
    ]
    assert [n_listed(staff, one["url"]) for one in grades] == [0, 1, 0, 2]


def test_a_health_day_without_kept_grades_is_counted(staff, health):
    HealthDay.objects.update(n_by_grade={})
    assert [one["n"] for one in staff.get(reverse(HOME)).context["health"]["grades"]] == ["0", "1", "0", "2"]


def test_a_limited_user_sees_the_health_of_their_own_accounts(client, health):
    limited_to(client, "West")
    grades = client.get(reverse(HOME)).context["health"]["grades"]
    assert [one["n"] for one in grades] == ["0", "0", "0", "1"]
    assert [n_listed(client, one["url"]) for one in grades] == [0, 0, 0, 1]


def test_of_a_large_company_the_kept_figures_are_told(client, health, monkeypatch):
    limited_to(client, "West")
    monkeypatch.setattr(portfolio_kept, "LARGE", 1)
    portfolio_kept.keep_days([DAY])
    HealthScore.objects.update(grade="good")
    grades = client.get(reverse(HOME)).context["health"]["grades"]
    assert [one["n"] for one in grades] == ["0", "0", "0", "1"]


def test_without_a_health_score_it_says_what_brings_one(staff, shop):
    assert "No account has a health score yet" in shown(staff)


def test_rows_to_be_mended_are_counted_as_their_list_shows_them(staff, shop):
    file = ImportFile.objects.create(name="f.csv", kind="customers", source="upload", state="done")
    for line, facts in enumerate(({}, {}, {"is_waiting": True}, {"resolved_at": timezone.now()})):
        SetAsideRow.objects.create(file=file, kind="customers", line=line, raw={}, reasons=[], **facts)
    card = next(one for one in staff.get(reverse(HOME)).context["cards"] if one.icon == "rule")
    assert card.number == "2"
    assert n_listed(staff, card.url) == 2


def test_every_address_on_the_page_answers(staff, health, model):
    enrolled(experiment(), 3, model)
    night()
    links = set(re.findall(r'href="(/admin/[^"#]*)"', shown(staff)))
    broken = [link for link in links if staff.get(link.replace("&amp;", "&")).status_code not in (200, 302)]
    assert len({urlsplit(link).path for link in links}) > 15
    assert broken == []


def test_it_takes_as_many_queries_at_thirty_rows_as_at_three(staff, settings):
    settings.BUSINESS_DATE = DAY
    taken = {}
    for n in (3, 30):
        face.rows(n)
        Prediction.objects.update(risk_level="critical")
        figures.keep_missing()
        for number in range(Experiment.objects.count(), n):
            one = experiment(name=f"experiment {number}")
            facts = {"as_of": DAY, "digest": "d", "verdict": "effective", "n_assigned": 0, "n_known": 0, "document": {}}
            Analysis.objects.create(experiment=one, **facts)
        staff.get(reverse(HOME))
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(reverse(HOME)).status_code == 200
        taken[n] = len(queries)
        _empty()
    assert taken[3] == taken[30]


def _empty() -> None:
    from tests.churnsite.test_pages import _empty as empty

    DailyFigures.objects.all().delete()
    empty()

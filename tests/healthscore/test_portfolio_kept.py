"""The portfolio of a large company: its figures are kept with the scores, and are those that would be counted now."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Job, UserScope
from healthscore import portfolio, portfolio_kept, scoring
from healthscore.admin import portfolio as page
from healthscore.models import HealthAlert, HealthDay, HealthPart
from predictions.models import DailyFigures, ModelVersion, Prediction
from tests.healthscore.accounts import AS_OF, day, deal, session, store
from tests.healthscore.plain import Account

pytestmark = pytest.mark.django_db
PAGE = "admin:healthscore_healthscore_portfolio"
LIMITS = [
    {"regions": ["North"]},
    {"regions": ["North", "South"]},
    {"account_managers": ["Ann"]},
    {"account_managers": ["Ann", "Bob"], "regions": ["South"]},
    {"regions": ["Nowhere"]},
]
SHOWN = ("cards", "grades", "movements", "renewals", "course", "alerts")


def account(number: int) -> Account:
    deals = [
        deal(-200, manager="Bob", renewal_on=day(40 + 10 * (number % 6)), cents=100_000 * (number + 1)),
        deal(-100, manager=("Ann", "Bob", "", "Cho")[number % 4]),
    ]
    sessions = [session(-n, 9, depth=0.8, minutes=45.0, feature="board") for n in range(number, 60, number + 1)]
    status = ("current", "late", "overdue")[number % 3]
    return Account(day(-400), "enterprise", day(-300), 12.0, status, 50.0 - 10 * number, True, deals, [], sessions)


@pytest.fixture
def company(settings):
    """Twelve customers of three regions and three account managers, one of them without any data, with their risks."""
    settings.BUSINESS_DATE = AS_OF
    kept = store([*map(account, range(11)), Account(day(-10))])
    for number, one in enumerate(kept):
        Customer.objects.filter(pk=one.pk).update(region=("North", "South", "")[number % 3])
    model = ModelVersion.objects.create(version="m", kind="rule", as_of=AS_OF, horizon_days=7)
    Prediction.objects.bulk_create(
        Prediction(
            customer=one,
            as_of=AS_OF,
            model=model,
            probability=Decimal("0.5"),
            risk_level=("low", "high", "critical")[number % 3],
            lifecycle_stage="active",
        )
        for number, one in enumerate(kept)
    )
    return kept


@pytest.fixture
def large(company, monkeypatch):
    monkeypatch.setattr(portfolio_kept, "LARGE", 5)
    scoring.score(as_of=AS_OF, since=day(-3))


@pytest.fixture
def boss(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def limited(**limits) -> User:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_healthscore"))
    UserScope.objects.create(user=user, **limits)
    return user


def live(user, monkeypatch) -> dict:
    """What the page shows where nothing is kept."""
    with monkeypatch.context() as patch:
        patch.setattr(portfolio_kept, "LARGE", 10**6)
        return page.figures(user)


def test_everybody_sees_kept_what_would_be_counted(large, monkeypatch):
    user = User.objects.create_superuser("boss")
    shown, expected = page.figures(user), live(user, monkeypatch)
    assert shown["is_ready"]
    assert {name: shown[name] for name in SHOWN} == {name: expected[name] for name in SHOWN}
    assert sum(one["n"] for one in shown["grades"]) == 11
    assert [one["number"] for one in shown["cards"]][1] == 1
    assert shown["cards"][3]["number"] > 0
    assert shown["course"]
    assert shown["renewals"]["rows"]


@pytest.mark.parametrize("limits", LIMITS)
def test_a_limited_user_sees_kept_what_would_be_counted(limits, large, monkeypatch):
    user = limited(**limits)
    shown, expected = page.figures(user), live(user, monkeypatch)
    assert {name: shown[name] for name in SHOWN} == {name: expected[name] for name in SHOWN}


def test_the_page_of_a_large_company_counts_no_scores(large, boss, monkeypatch):
    monkeypatch.setattr(portfolio, "figures", None)
    monkeypatch.setattr(portfolio, "course", None)
    assert boss.get(reverse(PAGE)).context["is_ready"]


def test_limits_hold_at_once(large, client):
    user = limited(regions=["North"])
    client.force_login(user)
    before = client.get(reverse(PAGE)).context["grades"]
    UserScope.objects.update(regions=["North", "South"])
    after = client.get(reverse(PAGE)).context["grades"]
    assert [sum(one["n"] for one in grades) for grades in (before, after)] == [4, 8]


def test_an_alert_that_is_taken_up_is_gone_from_the_page_at_once(large, boss):
    n_open = HealthAlert.objects.filter(state="open").count()
    assert boss.get(reverse(PAGE)).context["cards"][2]["number"] == n_open > 0
    HealthAlert.objects.filter(state="open").update(state="acknowledged")
    assert boss.get(reverse(PAGE)).context["cards"][2]["number"] == 0


def test_a_day_scored_again_has_new_figures(large, boss):
    HealthPart.objects.update(n_scored=999)
    Customer.objects.create(customer_id="new", registered_on=day(-400), payment_status="late")
    scoring.score(as_of=AS_OF)
    assert sum(one["n"] for one in boss.get(reverse(PAGE)).context["grades"]) == 12
    assert HealthPart.objects.get(is_total=True, day__as_of=AS_OF).n_scored == 12


def test_figures_of_scores_that_were_replaced_are_not_shown(large, boss):
    HealthDay.objects.update(calculated_at=timezone.now())
    assert not boss.get(reverse(PAGE)).context["is_ready"]


def test_a_day_whose_figures_were_not_kept_has_them_counted_by_a_job(
    large, boss, monkeypatch, django_capture_on_commit_callbacks
):
    HealthPart.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        answer = boss.get(reverse(PAGE))
        text = answer.content.decode()
        assert "The figures are being counted" in text
        assert answer["Refresh"]
        assert "Open alerts" in text
        boss.get(reverse(PAGE))
    job = Job.objects.get()
    assert (job.kind, job.state, job.result) == (portfolio_kept.KIND, "done", {"days": 4})
    shown, expected = page.figures(User.objects.get()), live(User.objects.get(), monkeypatch)
    assert {name: shown[name] for name in SHOWN} == {name: expected[name] for name in SHOWN}
    assert "Refresh" not in boss.get(reverse(PAGE)).headers


def test_a_job_that_failed_is_told_and_not_started_again_at_once(large, boss):
    HealthPart.objects.all().delete()
    Job.objects.create(kind=portfolio_kept.KIND, state="failed", error="OperationalError")
    assert "OperationalError" in boss.get(reverse(PAGE)).content.decode()
    assert Job.objects.count() == 1
    Job.objects.update(created_at=timezone.now() - dt.timedelta(minutes=11))
    boss.get(reverse(PAGE))
    assert Job.objects.count() == 2


def test_risks_computed_anew_are_counted_anew(large, boss, django_capture_on_commit_callbacks):
    before = boss.get(reverse(PAGE)).context["cards"][3]["number"]
    Prediction.objects.update(risk_level="medium")
    DailyFigures.objects.create(as_of=AS_OF, horizon_days=7)
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.get(reverse(PAGE)).context["cards"][3]["number"] == before > 0
    assert boss.get(reverse(PAGE)).context["cards"][3]["number"] == 0
    boss.get(reverse(PAGE))
    assert Job.objects.count() == 1


def test_a_customer_is_counted_with_the_account_manager_of_the_latest_deal(large):
    counted = {
        one: sum(HealthPart.objects.filter(manager=one, day__as_of=AS_OF).values_list("n_scored", flat=True))
        for one in ("Ann", "Bob", "Cho")
    }
    assert counted == {"Ann": 3, "Bob": 6, "Cho": 2}


def test_what_is_older_than_the_line_is_forgotten(large):
    scoring.score(as_of=day(89))
    assert set(HealthPart.objects.values_list("day__as_of", flat=True)) == {AS_OF, day(-1), day(89)}


def test_a_small_company_keeps_nothing(company, boss):
    scoring.score(as_of=AS_OF)
    assert boss.get(reverse(PAGE)).context["is_ready"]
    assert not HealthPart.objects.exists()
    assert not Job.objects.exists()

"""A day in the database: scores, trend, alerts, files, done once or twice."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from customers.models import Customer, Deal
from healthscore import scoring
from healthscore.models import ConfigurationVersion, HealthAlert, HealthDay, HealthScore, NotScored
from tests.healthscore.accounts import AS_OF, TIERS, day, deal, plain, session, store, ticket
from tests.healthscore.plain import Account, theil_sen

pytestmark = pytest.mark.django_db
CHANGES = {"adoption_tiers": TIERS}


def fading() -> Account:
    """Busy until a month ago, silent since, with an urgent ticket open and a renewal ahead."""
    busy = [session(-n, 9, depth=0.8, minutes=45.0, feature="board") for n in range(20, 80)]
    deals = [deal(-200, cents=6_000_000, renewal_on=day(20))]
    tickets = [ticket(-2, 1, priority="urgent", satisfaction=2.0)]
    return Account(day(-400), "enterprise", day(-300), 12.0, "overdue", -10.0, True, deals, tickets, busy)


def steady() -> Account:
    rows = [session(-n, 9, depth=0.5, minutes=30.0, feature="search") for n in range(1, 90)]
    return Account(day(-400), "startup", day(-100), 24.0, "current", 50.0, False, [deal(-50)], [], rows)


def bare() -> Account:
    return Account(day(-10))


def people():
    return [fading(), steady(), bare(), Account(AS_OF)]


def scores(as_of=AS_OF):
    found = HealthScore.objects.filter(as_of=as_of).order_by("customer__customer_id")
    return {one.customer.customer_id: one for one in found}


def test_scores_in_the_database_are_what_the_description_says():
    accounts = people()
    store(accounts)
    scoring.score(as_of=AS_OF, changes=CHANGES)
    found = scores()
    assert found.keys() == {"C001", "C002"}
    for account, one in zip(accounts, found.values(), strict=False):
        expected = plain(account)
        assert one.score == Decimal(expected.score()) / 10000
        assert one.dimensions == pytest.approx(expected.dimensions(), abs=1e-9)
        assert one.change_30d == Decimal(expected.score() - expected.earlier().score()) / 10000
        assert one.sources == expected.sources()
        assert float(one.mrr) == pytest.approx(expected.mrr(), abs=5e-5)
        codes = set(HealthAlert.objects.filter(customer=one.customer).values_list("code", flat=True))
        assert codes == expected.alerts().keys()


def test_a_customer_without_any_data_is_not_scored_and_one_of_today_is_not_there():
    store(people())
    scoring.score(as_of=AS_OF)
    left_out = NotScored.objects.get()
    assert (left_out.customer.customer_id, left_out.reason) == ("C003", "no_data")
    assert HealthDay.objects.get().n_not_scored == 1


def test_a_day_scored_twice_is_there_once_and_the_same():
    store(people())
    scoring.score(as_of=AS_OF)
    columns = ("customer", "score", "breakdown", "change_30d")
    first = list(HealthScore.objects.order_by("customer").values(*columns))
    alerts = list(HealthAlert.objects.order_by("id").values())
    scoring.score(as_of=AS_OF)
    assert list(HealthScore.objects.order_by("customer").values(*columns)) == first
    assert list(HealthAlert.objects.order_by("id").values()) == alerts


def test_each_day_keeps_how_many_of_its_scores_have_each_grade():
    store([*people(), steady()])
    for since in (day(-1), AS_OF):  # a day done again counts once
        scoring.score(as_of=AS_OF, since=since)
    for kept in HealthDay.objects.all():
        grades = list(HealthScore.objects.filter(as_of=kept.as_of).values_list("grade", flat=True))
        assert len(grades) == 3
        assert kept.n_by_grade == {grade: grades.count(grade) for grade in grades}
    assert HealthDay.objects.count() == 2


@pytest.mark.parametrize("parts", [1, 3])
def test_the_days_of_a_period_are_as_each_alone(parts):
    store(people())
    for offset in range(-40, 1):
        scoring.score(as_of=day(offset))
    columns = ("customer", "as_of", "score", "grade", "breakdown", "change_30d", "direction", "forecast_30d", "sources")
    alone = list(HealthScore.objects.order_by("as_of", "customer").values_list(*columns))
    life = list(HealthAlert.objects.order_by("customer", "code", "opened_on").values_list("code", "opened_on", "state"))
    HealthScore.objects.all().delete()
    HealthAlert.objects.all().delete()
    HealthDay.objects.all().delete()
    scoring.score(as_of=AS_OF, since=day(-40), parts=parts)
    assert list(HealthScore.objects.order_by("as_of", "customer").values_list(*columns)) == alone
    again = HealthAlert.objects.order_by("customer", "code", "opened_on")
    assert list(again.values_list("code", "opened_on", "state")) == life


def test_the_forecast_follows_the_median_slope_of_the_stored_scores():
    store(people())
    scoring.score(as_of=AS_OF, since=day(-13))
    for name, one in scores().items():
        past = HealthScore.objects.filter(customer=one.customer).order_by("as_of").values_list("as_of", "score")
        points = [(on, float(score)) for on, score in past]
        ahead = min(1, max(0, float(one.score) + 30 * theil_sen(points)))
        assert float(one.forecast_30d) == pytest.approx(ahead, abs=5.1e-5), name
    assert {one.forecast_30d for one in scores(day(-1)).values()} == {None}


def test_the_files_have_the_form_that_is_described(tmp_path):
    store(people())
    scoring.score(as_of=AS_OF, changes=CHANGES, out=tmp_path)
    document = json.loads((tmp_path / "customer_success_data.json").read_text())
    assert list(document) == ["customers", "not_scored", "summary"]
    one = document["customers"][0]
    assert list(one) == [
        "customer_id",
        "customer_name",
        "health_score",
        "health_grade",
        "risk_level",
        "score_breakdown",
        "coverage",
        "mrr",
        "trend",
        "alerts",
        "recommendations",
        "data_sources",
        "calculated_at",
    ]
    order = ["usage", "engagement", "support", "payment", "adoption", "satisfaction", "lifecycle", "value"]
    assert list(one["score_breakdown"]) == order
    assert list(one["trend"]) == ["direction", "change_30d", "forecast_30d"]
    assert {tuple(alert) for alert in one["alerts"]} == {("code", "severity", "message", "value", "threshold")}
    assert len(one["recommendations"]) == 3
    assert dt.datetime.fromisoformat(one["calculated_at"]).tzinfo == dt.UTC
    reason = "No dimension has data: there is nothing to score from."
    assert document["not_scored"] == [{"customer_id": "C003", "customer_name": "C003 Ltd", "reason": reason}]
    assert document["summary"]["total_customers"] == 2
    assert sum(document["summary"]["distribution"].values()) == 2
    mean = sum(customer["health_score"] for customer in document["customers"]) / 2
    assert document["summary"]["avg_health_score"] == pytest.approx(mean, abs=5.1e-5)


def test_figures_in_the_files_have_four_decimals(tmp_path):
    store(people())
    scoring.score(as_of=AS_OF, out=tmp_path)
    for name in ("customer_success_data.json", "health_scores_history.json", "risk_alerts.json"):
        figures: list[str] = []
        json.loads((tmp_path / name).read_text(), parse_float=figures.append)
        assert figures
        assert {len(figure.partition(".")[2]) for figure in figures} == {4}


def test_the_command_scores_and_writes(tmp_path, capsys):
    store(people())
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CHANGES))
    call_command(
        "compute_health", "--as-of", AS_OF.isoformat(), "--out", str(tmp_path), "--config", str(config), "--json"
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["scored"], told["not_scored"], told["failures"]) == (2, 1, [])
    assert len(told["files"]) == 3
    assert HealthScore.objects.filter(configuration__source="run").count() == 2
    assert ConfigurationVersion.objects.get(is_active=True).source == "default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ('{"weight": 1}', "There is no key weight"),
        ('{"grades": {"superb": 1}}', "There is no key grades.superb"),
        ('{"grades": {"good": 0.9}}', "grades must fall"),
        ('{"usage": {"weights": {"depth": 0.6}}}', "usage.weights must add up to 1, not 1.1"),
        ('{"usage": {"days": 0}}', "usage.days must be above 0"),
        ('{"usage": {"days": "30"}}', "usage.days must be a number"),
        ('{"usage": 3}', "must be an object"),
        ('{"weights": {"startup": {"usage": NaN}}}', "must be a number"),
        ('{"adoption_tiers": {"core": "board"}}', "must be a list of texts"),
        ('{"payment": {"status_scores": {"late": 1.5}}}', "must not be above 1"),
        ('{"trend": {"least_scores": 1}}', "at least 2"),
    ],
)
def test_a_bad_configuration_is_refused_with_what_is_wrong(text, said, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(text)
    with pytest.raises(CommandError, match=said):
        call_command("compute_health", "--as-of", AS_OF.isoformat(), "--config", str(config))
    assert not HealthScore.objects.exists()


def test_alerts_open_once_stay_and_close_when_they_no_longer_hold():
    customer = store([fading()])[0]
    scoring.score(as_of=AS_OF)
    opened = HealthAlert.objects.get(code="payment_overdue")
    scoring.score(as_of=day(1))
    kept = HealthAlert.objects.get(code="payment_overdue")
    assert (kept.pk, kept.opened_on, kept.held_on, kept.state) == (opened.pk, AS_OF, day(1), "open")
    Customer.objects.filter(pk=customer.pk).update(payment_status="current")
    scoring.score(as_of=day(2))
    closed = HealthAlert.objects.get(code="payment_overdue")
    assert (closed.pk, closed.state, closed.closed_on, closed.held_on) == (opened.pk, "closed", day(2), day(1))
    Customer.objects.filter(pk=customer.pk).update(payment_status="overdue")
    scoring.score(as_of=day(3))
    assert HealthAlert.objects.filter(code="payment_overdue").count() == 2


def test_a_date_before_the_last_one_leaves_the_alerts_alone():
    store([fading()])
    scoring.score(as_of=AS_OF)
    before = list(HealthAlert.objects.order_by("id").values())
    scoring.score(as_of=day(-60))
    assert list(HealthAlert.objects.order_by("id").values()) == before


@pytest.mark.parametrize("source", ["sales", "support", "activity"])
def test_a_source_that_cannot_be_read_is_said_and_the_rest_goes_on(source, monkeypatch, capsys):
    store([fading(), steady()])
    scoring.score(as_of=AS_OF)
    alerts = set(HealthAlert.objects.exclude(state="closed").values_list("customer", "code"))
    monkeypatch.setitem(scoring.sources._SQL, source, "SELECT nothing FROM nowhere")
    with pytest.raises(SystemExit):
        call_command("compute_health", "--as-of", AS_OF.isoformat())
    out = capsys.readouterr().out
    assert f"The source {source} could not be read" in out
    assert HealthDay.objects.get().failures[0]["source"] == source
    assert len(scores()) == 2
    assert all(source not in one.sources for one in scores().values())
    assert alerts <= set(HealthAlert.objects.exclude(state="closed").values_list("customer", "code"))


def test_late_facts_change_the_score_of_thirty_days_ago_too():
    account = steady()
    customer = store([account])[0]
    scoring.score(as_of=AS_OF)
    Deal.objects.create(
        customer=customer, deal_id="late", deal_date=day(-45), deal_amount=60_000, deal_stage="won", contract_length=12
    )
    scoring.score(as_of=AS_OF)
    account.sales.append(deal(-45, cents=6_000_000))
    expected = plain(account, tiers={})
    one = scores()["C001"]
    assert one.change_30d == Decimal(expected.score() - expected.earlier().score()) / 10000

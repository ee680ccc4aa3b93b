"""Other systems hear of each changed risk level once, in the transaction that stores it, and of who is held back."""

import datetime as dt

import pytest

from customers import outbox
from customers.models import Customer, Event, Hold, Webhook
from predictions import level_changes, registry, scoring, snapshots
from predictions.models import Prediction

from .model_rows import make_model
from .shops import AS_OF, open_shop

pytestmark = pytest.mark.django_db
YESTERDAY = AS_OF - dt.timedelta(days=1)


@pytest.fixture
def shop():
    open_shop()
    registry.promote(model=make_model("first"), user=None, reason="")
    scoring.score(as_of=AS_OF)


@pytest.fixture
def webhook():
    return Webhook.objects.create(url="https://crm.example/", kinds=["risk_level.changed"])


def levels() -> dict[str, str]:
    return dict(Prediction.objects.filter(as_of=AS_OF).values_list("customer__customer_id", "risk_level"))


def as_of_yesterday(changes: dict[str, str]) -> None:
    """Today's predictions as yesterday's, with other levels."""
    for row in Prediction.objects.filter(as_of=AS_OF).select_related("customer"):
        row.risk_level = changes.get(row.customer.customer_id, row.risk_level)
        row.pk, row.as_of = None, YESTERDAY
        row.save()
    Prediction.objects.filter(as_of=AS_OF).delete()


def other(level: str) -> str:
    return "low" if level != "low" else "critical"


def test_each_change_is_told_once_and_nothing_else(shop, webhook):
    today = levels()
    changed = {name: other(level) for name, level in list(today.items())[:3]}
    as_of_yesterday(changed)
    scoring.score(as_of=AS_OF)
    told = {event.data["customer_id"]: event.data for event in Event.objects.all()}
    assert told.keys() == changed.keys()
    for name, data in told.items():
        row = Prediction.objects.get(as_of=AS_OF, customer__customer_id=name)
        assert data == {
            "customer_id": name,
            "as_of": AS_OF.isoformat(),
            "risk_level": today[name],
            "risk_level_before": changed[name],
            "probability": float(row.probability),
            "held_back": None,
        }
    scoring.score(as_of=AS_OF)
    assert Event.objects.count() == len(changed)


def test_the_levels_of_before_are_read_by_chunks_and_events_are_stored_in_waves(shop, webhook, monkeypatch):
    monkeypatch.setattr(level_changes, "CHUNK", 2)
    monkeypatch.setattr(outbox, "WAVE", 2)
    read, stored = [], []
    frames, told = level_changes._levels, level_changes._told

    def counted(day):
        for frame in frames(day):
            read.append(frame.height)
            yield frame

    def watched(as_of, changed):
        for one in told(as_of, changed):
            stored.append(Event.objects.count())
            yield one

    monkeypatch.setattr(level_changes, "_levels", counted)
    monkeypatch.setattr(level_changes, "_told", watched)
    today = levels()
    as_of_yesterday({name: other(level) for name, level in today.items()})
    scoring.score(as_of=AS_OF)
    assert (max(read), sum(read)) == (2, len(today))
    assert stored == [n - n % 2 for n in range(len(today))]
    assert {event.data["customer_id"] for event in Event.objects.all()} == today.keys()


def test_a_change_of_who_is_held_back_says_so(shop, webhook):
    name, level = next(iter(levels().items()))
    as_of_yesterday({name: other(level)})
    Hold.objects.create(
        customer=Customer.objects.get(customer_id=name),
        kind="control",
        source="experiment 1",
        since=dt.date(2000, 1, 1),
    )
    scoring.score(as_of=AS_OF)
    held_back = Event.objects.get().data["held_back"]
    assert held_back == {"kind": "control", "source": "experiment 1", "until": None}


def test_the_first_day_and_a_day_before_the_latest_tell_nothing(shop, webhook):
    as_of_yesterday({})
    Prediction.objects.filter(as_of=YESTERDAY).update(as_of=AS_OF + dt.timedelta(days=1), risk_level="low")
    scoring.score(as_of=AS_OF)
    Prediction.objects.all().delete()
    scoring.score(as_of=AS_OF)
    assert not Event.objects.exists()


def test_where_nobody_listens_nothing_is_stored(shop):
    as_of_yesterday({name: other(level) for name, level in levels().items()})
    scoring.score(as_of=AS_OF)
    assert not Event.objects.exists()


def test_a_day_that_is_not_stored_is_not_told_of(shop, webhook, monkeypatch):
    as_of_yesterday({name: other(level) for name, level in levels().items()})

    def broken(as_of):
        raise RuntimeError("no")

    monkeypatch.setattr("predictions.figures.keep", broken)
    with pytest.raises(RuntimeError):
        scoring.score(as_of=AS_OF)
    assert not Event.objects.exists()
    assert snapshots.read(as_of=AS_OF).height

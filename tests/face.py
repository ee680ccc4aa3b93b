"""Rows of every kind for tests of pages: small, and as many as asked for."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from customers import webhooks
from customers.models import (
    Activity,
    ArchiveFile,
    Customer,
    Deal,
    Delivery,
    ErasureCertificate,
    Event,
    Hold,
    ImportFile,
    ImportProfile,
    Interaction,
    Intervention,
    Job,
    Link,
    Run,
    SetAsideRow,
    Step,
    Suppression,
    Ticket,
    Transaction,
)
from customers.rest import keys
from healthscore import configurations
from healthscore.dimensions.catalogue import DIMENSIONS
from healthscore.models import HealthAlert, HealthDay, HealthScore, NotScored, Override
from predictions.models import DailyQuality, Drift, FeatureSnapshot, ModelVersion, Prediction, Promotion

DAY = dt.date(2017, 9, 30)
REASONS = [
    {
        "feature": "days_since_last_transaction",
        "value": 15,
        "contribution": 0.8,
        "sentence": {"en": "Last purchase 15 days ago", "zh": "15 天前最后一次购买"},
    },
    {
        "feature": "friend_count",
        "value": 2,
        "contribution": -0.1,
        "sentence": {"en": "2 friends", "zh": "2 位好友"},
    },
]
MEASURE = {"value": 0.79, "low": 0.78, "high": 0.8}


def model_version(version="20170930-lightgbm-aa", role="champion", **fields) -> ModelVersion:
    values = {
        "kind": "lightgbm",
        "as_of": DAY,
        "horizon_days": 7,
        "catalogue_version": "abc",
        "code_version": "1",
        "metrics": {"roc_auc": MEASURE, "ece": MEASURE, "seen": {"roc_auc": MEASURE}, "unseen": {"roc_auc": MEASURE}},
        "baselines": {"purchase_count": {"roc_auc": MEASURE}},
        "curves": {"roc": {"x": [0, 0.5, 1], "y": [0, 0.8, 1]}},
        "analysis": {"gain": {"friend_count": 0.4, "region": 0.6}},
        "data": {"splits": {"train": ["2017-06-01", "2017-07-01"]}, "rows_by_slice": {"train": 10}},
        "parameters": {"threshold": 0.5},
        "warnings": ["Possible leak"],
    }
    return ModelVersion.objects.create(version=version, role=role, **(values | fields))


def rows(n: int, *, model: ModelVersion | None = None) -> None:
    """`n` rows of every table that grows."""
    now = timezone.now()
    model = model or model_version()
    customers = Customer.objects.bulk_create(
        Customer(customer_id=f"c{i:04}", registered_on=DAY, name=f"Name {i}", region="East", customer_type="loyal")
        for i in range(n)
    )
    Transaction.objects.bulk_create(
        Transaction(transaction_id=f"t{i}", customer=one, occurred_at=now, amount=Decimal("12.50"))
        for i, one in enumerate(customers)
    )
    Interaction.objects.bulk_create(
        Interaction(interaction_id=f"i{i}", customer=one, occurred_at=now, kind="login", channel="web")
        for i, one in enumerate(customers)
    )
    Intervention.objects.bulk_create(
        Intervention(intervention_id=f"m{i}", customer=one, occurred_at=now, kind="coupon")
        for i, one in enumerate(customers)
    )
    over = {"since": DAY - dt.timedelta(days=30), "until": DAY - dt.timedelta(days=23)}
    Hold.objects.bulk_create(Hold(customer=one, kind="control", source="experiment 0", **over) for one in customers)
    Suppression.objects.bulk_create(
        Suppression(customer=one, kind="control", source="experiment 0", outlet="calls", suppressed_on=over["since"])
        for one in customers
    )
    Link.objects.bulk_create(Link(low=one, high=one, since=DAY) for one in customers)
    _accounts(customers, now=now)
    Prediction.objects.bulk_create(
        Prediction(
            customer=one,
            as_of=DAY,
            model=model,
            probability=Decimal("0.750000") - i * Decimal("0.001"),
            risk_level="critical" if i % 2 else "low",
            lifecycle_stage="active",
            reasons=REASONS,
            main_reason=REASONS[0]["feature"],
            monthly_value=Decimal(50) + i,
        )
        for i, one in enumerate(customers)
    )
    _rows_of_machines(n, model=model, now=now)
    _other_systems(n)
    _health(customers, now=now)


def _accounts(customers: list[Customer], *, now: dt.datetime) -> None:
    Deal.objects.bulk_create(
        Deal(deal_id=f"d{i}", customer=one, deal_date=DAY, deal_amount=Decimal(1200), deal_stage="won")
        for i, one in enumerate(customers)
    )
    Ticket.objects.bulk_create(
        Ticket(ticket_id=f"t{i}", customer=one, created_date=now, priority="high") for i, one in enumerate(customers)
    )
    Activity.objects.bulk_create(
        Activity(row_key=f"a{i}", customer=one, date=now, activity_type="login") for i, one in enumerate(customers)
    )


def _health(customers: list[Customer], *, now: dt.datetime) -> None:
    facts = {"as_of": DAY, "configuration": configurations.active(), "calculated_at": now}
    HealthDay.objects.update_or_create(as_of=DAY, defaults=facts | {"n_scored": len(customers)})
    breakdown = {
        one.name: {"score": 0.5, "parts": dict.fromkeys((part.name for part in one.parts), 0.5)} for one in DIMENSIONS
    }
    trend = {"change_30d": Decimal("-0.25"), "grade_before": "good", "direction": "declining"}
    made = {"breakdown": breakdown, "coverage": 1.0, "sources": ["sales"], **trend, **facts}
    HealthScore.objects.bulk_create(
        HealthScore(customer=one, score=Decimal("0.5000"), grade="at_risk", **made) for one in customers
    )
    NotScored.objects.bulk_create(NotScored(customer=one, as_of=DAY, reason="no_data") for one in customers)
    dates = {"opened_on": DAY, "held_on": DAY}
    HealthAlert.objects.bulk_create(
        HealthAlert(customer=one, code="score_drop", severity="high", value=0.25, threshold=0.1, **dates)
        for one in customers
    )
    Override.objects.bulk_create(
        Override(customer=one, grade="good", reason="known", starts_on=DAY, expires_on=DAY + dt.timedelta(days=9))
        for one in customers
    )


def _rows_of_machines(n: int, *, model: ModelVersion, now: dt.datetime) -> None:
    profile = ImportProfile.objects.create(name="shop", description="A shop's own columns")
    days = [DAY - dt.timedelta(days=i) for i in range(n)]
    files = ImportFile.objects.bulk_create(
        ImportFile(
            name=f"f{i}.csv", kind="customers", source="upload", state="done", profile=profile, n_read=1, n_set_aside=1
        )
        for i in range(n)
    )
    SetAsideRow.objects.bulk_create(
        SetAsideRow(
            file=file,
            kind="customers",
            line=2,
            raw={"customer_id": "=1+1", "registered_on": "soon"},
            reasons=[{"column": "registered_on", "code": "not_date", "params": {}}],
        )
        for file in files
    )
    runs = Run.objects.bulk_create(Run(kind="daily", as_of=day, state="failed", error="it broke") for day in days)
    Step.objects.bulk_create(
        Step(run=run, name="features", position=1, state="failed", error="no disk") for run in runs
    )
    Job.objects.bulk_create(Job(kind="customers.export_list", state="done") for _ in range(n))
    ArchiveFile.objects.bulk_create(
        ArchiveFile(kind="transactions", month=day, path=f"archive/{day}", n_rows=1, sha256="0" * 64) for day in days
    )
    FeatureSnapshot.objects.bulk_create(
        FeatureSnapshot(
            as_of=day,
            catalogue_version="abc",
            path="x",
            sha256="0",
            n_customers=1,
            n_eligible=1,
            timings={"reading": 1.5},
        )
        for day in days
    )
    DailyQuality.objects.bulk_create(
        DailyQuality(as_of=day, model=model, n_predictions=9, n_churned=3, metrics={"roc_auc": 0.7 + i / 1000})
        for i, day in enumerate(days)
    )
    Drift.objects.bulk_create(
        Drift(as_of=DAY, model=model, feature=f"feature_{i}", psi=0.1, p_value=0.2, is_warning=i == 0) for i in range(n)
    )
    ErasureCertificate.objects.bulk_create(
        ErasureCertificate(digest="0" * 64, reason="asked", erased={"customers.Transaction": 3}) for _ in range(n)
    )
    Promotion.objects.bulk_create(Promotion(model=model, reason="first") for _ in range(n))


def _other_systems(n: int) -> None:
    """Keys, webhooks, and an event on its way to each."""
    for i in range(n):
        keys.make(name=f"CRM {i}", scopes=["customers:read"])
    event = Event.objects.create(kind="health.alert", data={"code": "score_drop"})
    asked = {"kinds": ["health.alert"], "description": "CRM"}
    hooks = [webhooks.make(url=f"https://8.8.8.8/{i}", **asked) for i in range(n)]
    Delivery.objects.bulk_create(Delivery(event=event, webhook=one, state="failed", status=500) for one in hooks)

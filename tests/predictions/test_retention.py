"""Predictions and snapshots past their retention."""

import datetime as dt
import hashlib
from decimal import Decimal

import pytest

from customers import archive
from customers.models import ArchiveFile, Customer
from predictions.models import FeatureSnapshot, ModelVersion, Prediction

pytestmark = pytest.mark.django_db
D = dt.date(2017, 9, 30)


@pytest.fixture
def predicted():
    customer = Customer.objects.create(customer_id="007", registered_on=dt.date(2015, 1, 1))
    model = ModelVersion.objects.create(version="M1", kind="rule", as_of=D, horizon_days=7)

    def predict(as_of):
        return Prediction.objects.create(
            customer=customer,
            as_of=as_of,
            model=model,
            probability=Decimal("0.123456"),
            risk_level="low",
            lifecycle_stage="active",
            reasons=[{"feature": "login_count_20d", "sentence": {"zh": "很少登录"}}],
            churned=True,
        )

    return predict


def test_predictions_leave_after_a_year_with_the_model_as_text(predicted):
    predicted(D - dt.timedelta(days=365))
    predicted(D - dt.timedelta(days=366))
    archive.purge(as_of=D)
    rows = archive.scan(kind="predictions", since=dt.date(2016, 1, 1), until=D).collect().rows(named=True)
    assert rows == [
        {
            "customer_id": "007",
            "as_of": D - dt.timedelta(days=366),
            "model": "M1",
            "probability": 0.123456,
            "risk_level": "low",
            "lifecycle_stage": "active",
            "reasons": '[{"feature": "login_count_20d", "sentence": {"zh": "很少登录"}}]',
            "churned": True,
        }
    ]
    assert Prediction.objects.get().as_of == D - dt.timedelta(days=365)


@pytest.fixture
def snapshot(data_dir):
    def make(as_of, content=b"features"):
        path = data_dir / "snapshots" / f"{as_of}.parquet"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        facts = {"path": f"snapshots/{as_of}.parquet", "sha256": sha256, "n_customers": 3, "n_eligible": 2}
        return FeatureSnapshot.objects.create(as_of=as_of, catalogue_version="1", **facts)

    return make


def test_a_snapshot_past_its_retention_moves_as_it_is(snapshot, data_dir):
    old = snapshot(D - dt.timedelta(days=181))
    kept = snapshot(D - dt.timedelta(days=180))
    archive.purge(as_of=D)
    assert list(FeatureSnapshot.objects.all()) == [kept]
    assert (data_dir / f"archive/features/{old.as_of}.parquet").read_bytes() == b"features"
    assert not (data_dir / old.path).exists()
    assert ArchiveFile.objects.get().sha256 == old.sha256


def test_a_dry_run_leaves_snapshots_where_they_are(snapshot):
    snapshot(D - dt.timedelta(days=181))
    assert archive.purge(as_of=D, dry_run=True)["kinds"]["features"]["n_rows"] == 3
    assert FeatureSnapshot.objects.exists()


def test_a_damaged_snapshot_is_refused_and_stays(snapshot, data_dir):
    old = snapshot(D - dt.timedelta(days=181))
    (data_dir / old.path).write_bytes(b"damaged.")
    with pytest.raises(archive.files.Refused, match="does not match its checksum"):
        archive.purge(as_of=D)
    assert FeatureSnapshot.objects.exists()

"""The quartiles of a snapshot by customer type, and the quick look-up of one customer's row."""

import numpy as np
import polars as pl
import pytest

from customers.models import Customer
from predictions import peers, snapshots
from predictions.features.catalogue import NUMERIC
from predictions.models import PeerGroup
from predictions.spool import share_before

from .shops import AS_OF, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot(monkeypatch):
    monkeypatch.setattr(peers, "FEWEST", 2)
    open_shop()
    for number, pk in enumerate(Customer.objects.order_by("pk").values_list("pk", flat=True)):
        Customer.objects.filter(pk=pk).update(customer_type=("loyal", "loyal", "new", "")[number % 4])
    return snapshots.ensure(as_of=AS_OF)


def test_each_type_has_the_quartiles_of_its_active_customers(snapshot):
    active = snapshots.read(as_of=AS_OF, eligible_only=True)
    groups = {one.customer_type: one for one in snapshot.peer_groups.all()}
    assert {"", "loyal", "new"} <= set(groups)
    for name, group in groups.items():
        mine = active.filter(pl.col("customer_type").cast(pl.String) == name) if name else active
        assert group.n_customers == len(mine)
        assert set(group.quartiles) == set(NUMERIC)
        for feature in NUMERIC:
            found = [mine[feature].cast(pl.Float64).quantile(share, "linear") for share in (0.25, 0.5, 0.75)]
            assert group.quartiles[feature] == [None if one is None else round(one, 4) for one in found], feature


def test_computing_a_day_again_replaces_its_groups(snapshot):
    n = PeerGroup.objects.count()
    snapshots.ensure(as_of=AS_OF, again=True)
    assert PeerGroup.objects.count() == n


def test_a_rare_type_is_compared_with_all_active_customers(snapshot):
    assert peers.of(snapshot, "loyal").customer_type == "loyal"
    assert peers.of(snapshot, "unheard of").customer_type == ""


def test_every_customer_is_found_in_the_snapshot_near_its_place_or_elsewhere(snapshot, monkeypatch):
    whole = snapshots.read(as_of=AS_OF)
    for where in (None, lambda _snapshot, _customer: (0, 1)):
        if where:
            monkeypatch.setattr(snapshots, "_near", where)
        for customer_id in whole["customer_id"]:
            row = snapshots.read(as_of=AS_OF, customer_id=customer_id)
            assert row.equals(whole.filter(pl.col("customer_id") == customer_id))
    assert snapshots.read(as_of=AS_OF, customer_id="nobody").is_empty()


def test_customers_stand_where_their_share_says():
    names = [f"C{n:05}" for n in range(20_000)]
    places = np.argsort(np.argsort([share_before(name) for name in names]))
    off = np.abs(places - np.array([share_before(name) for name in names]) * len(names))
    assert off.max() < 4 * len(names) ** 0.5 + 100

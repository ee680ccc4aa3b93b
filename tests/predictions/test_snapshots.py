"""Snapshots: the same bits whatever the parts, stored once, whole or not at all."""

import datetime as dt

import polars as pl
import pytest
from django.utils import timezone
from polars.testing import assert_frame_equal

from customers.commands import Refused
from customers.models import ImportFile
from predictions import snapshot_files, snapshots
from predictions.features.catalogue import NAMES
from predictions.models import FeatureSnapshot
from tests.predictions.factories import store
from tests.predictions.features.plain import Shop
from tests.predictions.features.shops import AS_OF, computed, customer, random_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = random_shop(77, n_customers=20, n_events=400)
    store(shop)
    return shop


def _values(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("customer_id").drop("customer_pk")


def _assert_as_computed(shop: Shop) -> None:
    snapshots.ensure(as_of=AS_OF)
    assert_frame_equal(_values(snapshots.read(as_of=AS_OF)), _values(computed(shop)), check_exact=True)


def test_a_snapshot_holds_what_the_engine_computes_from_the_rows(shop):
    _assert_as_computed(shop)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_snapshot_read_in_arrow_form_holds_the_same(shop):
    _assert_as_computed(shop)


@pytest.mark.parametrize("parts", [2, 7])
def test_the_number_of_parts_changes_no_byte(shop, parts):
    one = snapshots.ensure(as_of=AS_OF, parts=1)
    many = snapshots.ensure(as_of=AS_OF, parts=parts, again=True)
    assert one.sha256 == many.sha256


def test_row_groups_do_not_depend_on_where_the_parts_end(shop, monkeypatch):
    monkeypatch.setattr(snapshot_files, "ROW_GROUP", 4)
    one = snapshots.ensure(as_of=AS_OF, parts=1)
    assert one.sha256 == snapshots.ensure(as_of=AS_OF, parts=3, again=True).sha256


def test_a_snapshot_that_is_there_is_not_computed_again(shop, monkeypatch):
    first = snapshots.ensure(as_of=AS_OF)
    monkeypatch.setattr(snapshots.Spool, "fill", None)
    assert snapshots.ensure(as_of=AS_OF).computed_at == first.computed_at


def test_a_snapshot_is_computed_again_once_rows_came_in_after_it(shop):
    first = snapshots.ensure(as_of=AS_OF)
    ImportFile.objects.create(name="more.csv", kind="transactions", n_read=1, n_added=1, ended_at=timezone.now())
    assert snapshots.ensure(as_of=AS_OF).computed_at > first.computed_at


def test_an_import_that_changed_nothing_leaves_the_snapshot_as_it_is(shop):
    first = snapshots.ensure(as_of=AS_OF)
    ImportFile.objects.create(name="same.csv", kind="transactions", n_read=1, n_unchanged=1, ended_at=timezone.now())
    assert snapshots.ensure(as_of=AS_OF).computed_at == first.computed_at


def test_a_snapshot_of_another_catalogue_is_computed_again(shop):
    snapshots.ensure(as_of=AS_OF)
    FeatureSnapshot.objects.update(catalogue_version="older")
    assert snapshots.ensure(as_of=AS_OF).catalogue_version == snapshots.catalogue_version()


def test_other_monetary_thresholds_are_another_catalogue(shop, settings):
    before = snapshots.catalogue_version()
    settings.MONETARY_THRESHOLDS = (1, 2, 3, 4)
    assert snapshots.catalogue_version() != before


def test_a_failure_while_writing_leaves_the_snapshot_before(shop, monkeypatch, data_dir):
    before = snapshots.ensure(as_of=AS_OF)

    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setattr(snapshot_files, "_write_group", fail)
    with pytest.raises(OSError, match="disk full"):
        snapshots.ensure(as_of=AS_OF, again=True)
    assert [path.name for path in (data_dir / "snapshots").iterdir()] == [before.path.split("/")[-1]]
    assert snapshots.read(as_of=AS_OF).height == before.n_customers


def test_new_facts_take_the_place_of_the_file_before(shop, data_dir):
    snapshots.ensure(as_of=AS_OF)
    store(Shop(customers=[customer(99)]))
    after = snapshots.ensure(as_of=AS_OF, again=True)
    assert [path.name for path in (data_dir / "snapshots").iterdir()] == [after.path.split("/")[-1]]


def test_an_empty_database_has_an_empty_snapshot_with_every_column():
    snapshots.ensure(as_of=AS_OF)
    empty = snapshots.read(as_of=AS_OF)
    assert (empty.height, empty.columns) == (0, ["customer_pk", "customer_id", *NAMES, "eligible"])


def test_one_customers_row_can_be_read_alone(shop):
    snapshots.ensure(as_of=AS_OF)
    everyone = snapshots.read(as_of=AS_OF)
    one = everyone["customer_id"][3]
    assert snapshots.read(as_of=AS_OF, customer_id=one, columns=["vip_level"]).height == 1
    assert_frame_equal(snapshots.read(as_of=AS_OF, customer_id=one), everyone.filter(pl.col("customer_id") == one))


def test_only_the_eligible_can_be_read(shop):
    stored = snapshots.ensure(as_of=AS_OF)
    assert snapshots.read(as_of=AS_OF, eligible_only=True).height == stored.n_eligible


def test_reading_what_was_never_computed_is_refused():
    with pytest.raises(Refused, match="no feature snapshot of 2024-06-03"):
        snapshots.read(as_of=AS_OF)


def test_many_dates_at_once_are_as_each_date_alone(shop):
    dates = [AS_OF - dt.timedelta(days) for days in (0, 7, 100)]
    snapshots.ensure(as_of=dates[1])
    found = dict(snapshots.features_at(as_of_dates=dates))
    assert list(found) == dates
    for date in dates:
        assert_frame_equal(_values(found[date]), _values(computed(shop, date)), check_exact=True)


def spoil(data_dir, snapshot):
    """Change one byte of a snapshot's file, its size kept."""
    path = data_dir / snapshot.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_wrong_byte_is_told_in_one_sentence(shop, data_dir):
    spoil(data_dir, snapshots.ensure(as_of=AS_OF))
    with pytest.raises(Refused, match=f"^The file of the feature snapshot of {AS_OF} does not match its checksum;.*$"):
        snapshots.read(as_of=AS_OF)


def test_a_wrong_byte_is_found_also_in_a_file_that_was_read_before(shop, data_dir):
    stored = snapshots.ensure(as_of=AS_OF)
    snapshots.read(as_of=AS_OF)
    spoil(data_dir, stored)
    with pytest.raises(Refused, match="does not match its checksum"):
        snapshots.read(as_of=AS_OF, customer_id="C1")


def test_a_damaged_snapshot_is_computed_again_where_it_is_needed(shop, data_dir):
    stored = snapshots.ensure(as_of=AS_OF)
    whole = snapshots.read(as_of=AS_OF)
    spoil(data_dir, stored)
    assert snapshots.ensure(as_of=AS_OF).sha256 == stored.sha256
    assert_frame_equal(snapshots.read(as_of=AS_OF), whole)


def test_training_computes_a_damaged_snapshot_anew(shop, data_dir):
    stored = snapshots.ensure(as_of=AS_OF)
    whole = snapshots.read(as_of=AS_OF)
    spoil(data_dir, stored)
    assert_frame_equal(dict(snapshots.features_at(as_of_dates=[AS_OF]))[AS_OF], whole)


def test_a_file_is_summed_once_in_a_process(shop, monkeypatch):
    stored = snapshots.ensure(as_of=AS_OF)
    snapshots.read(as_of=AS_OF)
    monkeypatch.setattr(snapshot_files, "_sha256", None)
    assert snapshots.read(as_of=AS_OF).height == stored.n_customers


def test_a_file_that_another_run_replaces_while_it_is_read_is_looked_up_again(shop, data_dir, monkeypatch):
    first = snapshots.ensure(as_of=AS_OF)
    scan = snapshots._scan

    def overtaken(path, **given):
        if path.name in first.path:
            store(Shop(customers=[customer(99)]))
            snapshots.ensure(as_of=AS_OF, again=True)
        return scan(path, **given)

    monkeypatch.setattr(snapshots, "_scan", overtaken)
    assert snapshots.read(as_of=AS_OF).height == first.n_customers + 1


def test_rows_of_the_file_can_be_read_by_their_place(shop):
    snapshots.ensure(as_of=AS_OF)
    everyone = snapshots.read(as_of=AS_OF)
    pieces = [snapshots.read(as_of=AS_OF, rows=(first, first + 7), eligible_only=True) for first in range(0, 28, 7)]
    assert_frame_equal(pl.concat(pieces), everyone.filter(pl.col("eligible")))


def test_features_of_other_bytes_than_those_asked_for_are_refused(shop):
    snapshots.ensure(as_of=AS_OF)
    with pytest.raises(snapshots.Replaced, match="computed again meanwhile"):
        snapshots.read(as_of=AS_OF, sha256="other")

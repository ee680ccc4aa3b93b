"""The stages that workers share: the same file as in one process, whatever is lost, late, doubled or at once."""

import datetime as dt
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from customers import archive
from predictions import snapshot_stages as stages
from predictions import snapshots, sources
from predictions.models import FeatureSnapshot
from predictions.spool import Spool
from tests.predictions.at_once import at_once
from tests.predictions.factories import store
from tests.predictions.features.shops import AS_OF, random_shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    monkeypatch.setattr(sources, "SLICE_IDS", 50)


@pytest.fixture
def whole() -> str:
    """A shop's snapshot as one process makes it."""
    store(random_shop(77, n_customers=20, n_events=400))
    return snapshots.ensure(as_of=AS_OF).sha256


def left_over(data_dir):
    return sorted(path.name for path in (data_dir / "spool").iterdir())


def test_slices_and_parts_in_any_order_give_the_same_file(whole, data_dir):
    shuffled = random.Random(1)
    slices = stages.begin(AS_OF, 3)
    assert len(slices) > 4
    for number in shuffled.sample(slices, len(slices)):
        stages.read_slice(AS_OF, number)
    for part in reversed(stages.join(AS_OF)):
        stages.compute_part(AS_OF, part)
    assert stages.finish(AS_OF).sha256 == whole
    assert left_over(data_dir) == []


def test_each_stage_does_what_nobody_did_before(whole):
    stages.begin(AS_OF, 3)
    stages.read_slice(AS_OF, 1)
    stages.join(AS_OF)
    stages.compute_part(AS_OF, 1)
    assert stages.finish(AS_OF).sha256 == whole


def test_finishing_alone_does_everything(whole):
    stages.begin(AS_OF, 3)
    assert stages.finish(AS_OF).sha256 == whole


def test_doing_everything_twice_changes_nothing(whole):
    for number in stages.begin(AS_OF, 2) * 2:
        stages.read_slice(AS_OF, number)
    for part in [*stages.join(AS_OF), *stages.join(AS_OF)]:
        stages.compute_part(AS_OF, part)
    assert stages.finish(AS_OF).sha256 == stages.finish(AS_OF).sha256 == whole


def test_a_part_that_comes_before_all_rows_are_read_waits_for_them(whole):
    stages.begin(AS_OF, 2)
    stages.compute_part(AS_OF, 0)
    stages.join(AS_OF)
    assert stages.finish(AS_OF).sha256 == whole


def test_a_run_that_broke_off_leaves_nothing_behind_once_it_begins_again(whole, data_dir):
    stages.begin(AS_OF, 2)
    stages.read_slice(AS_OF, 0)
    stages.begin(AS_OF, 2)
    stages.finish(AS_OF)
    assert left_over(data_dir) == []


def test_late_tasks_of_a_finished_snapshot_do_nothing(whole, data_dir):
    stages.read_slice(AS_OF, 0)
    stages.compute_part(AS_OF, 0)
    assert stages.join(AS_OF) == []
    assert FeatureSnapshot.objects.get().sha256 == whole


def test_seconds_are_counted_by_stage_from_where_reading_began(whole):
    stages.begin(AS_OF)
    found = stages.finish(AS_OF)
    assert set(found.timings) == {"reading", "features", "writing", "peers"}
    assert min(found.timings.values()) >= 0
    assert FeatureSnapshot.objects.filter(computed_at__gt=found.computed_at - dt.timedelta(hours=1)).exists()


def run_all_stages(parts: int) -> str:
    for number in stages.begin(AS_OF, parts):
        stages.read_slice(AS_OF, number)
    for part in stages.join(AS_OF):
        stages.compute_part(AS_OF, part)
    return stages.finish(AS_OF).sha256


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_runs_that_begin_at_the_same_time_end_as_one_snapshot(whole, data_dir):
    FeatureSnapshot.objects.all().delete()
    found = at_once(*(lambda parts=parts: [run_all_stages(parts) for _ in range(2)] for parts in (1, 2, 3, 5)))
    assert {sha256 for each in found for sha256 in each} == {whole}
    assert FeatureSnapshot.objects.get().sha256 == whole
    assert left_over(data_dir) == []
    assert len(list((data_dir / "snapshots").iterdir())) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_stages_and_one_process_at_the_same_time_end_as_one_snapshot(whole, data_dir):
    at_once(lambda: run_all_stages(3), lambda: snapshots.ensure(as_of=AS_OF, again=True), lambda: run_all_stages(2))
    assert FeatureSnapshot.objects.get().sha256 == whole
    assert snapshots.read(as_of=AS_OF).height == FeatureSnapshot.objects.get().n_customers
    assert left_over(data_dir) == []


def test_a_run_that_begins_while_parts_of_an_earlier_one_run_takes_over(whole, data_dir, monkeypatch):
    is_computing, go_on, compute = threading.Event(), threading.Event(), Spool.compute

    def slowly(spool, **given):
        is_computing.set()
        go_on.wait(60)
        return compute(spool, **given)

    stages.begin(AS_OF, 3)
    stages.join(AS_OF)
    monkeypatch.setattr(Spool, "compute", slowly)
    with ThreadPoolExecutor(1) as pool:
        earlier = pool.submit(stages.compute_part, AS_OF, 2)
        is_computing.wait(60)
        stages.begin(AS_OF, 2)
        go_on.set()
        assert earlier.result(60) is None
    assert [name for name in left_over(data_dir) if name.startswith("features")] == [
        (data_dir / "spool" / f"{AS_OF}.current").readlink().name
    ]
    assert stages.finish(AS_OF).sha256 == whole
    assert left_over(data_dir) == []


def test_the_end_of_an_earlier_run_leaves_the_later_ones_spool_alone(whole, data_dir, monkeypatch):
    stages.begin(AS_OF, 3)
    store_it = stages.store

    def overtaken(**given):
        stored = store_it(**given)
        stages.begin(AS_OF, 2)
        return stored

    monkeypatch.setattr(stages, "store", overtaken)
    assert stages.finish(AS_OF).sha256 == whole
    monkeypatch.undo()
    assert len(left_over(data_dir)) == 2
    assert stages.finish(AS_OF).sha256 == whole
    assert left_over(data_dir) == []


def test_archived_rows_are_slices_of_their_own(whole, data_dir, settings):
    settings.RETENTION_DAYS = 180
    later = AS_OF + dt.timedelta(days=90)
    archive.purge(as_of=later, dry_run=False)
    assert archive.months(kind="transactions")
    slices = sources.slices(since=AS_OF - dt.timedelta(days=180), until=AS_OF)
    assert {one.kind for one in slices if one.is_archived} == {"transactions", "interactions"}
    stages.begin(AS_OF, 3)
    assert stages.finish(AS_OF).sha256 == whole


def test_every_row_is_in_one_slice(whole):
    since, until = AS_OF - dt.timedelta(days=180), AS_OF
    customers = sources.customers()
    for kind in ("transactions", "interactions"):
        mine = [one for one in sources.slices(since=since, until=until) if one.kind == kind]
        found = [len(b) for one in mine for b in sources.read(one, since=since, until=until, customers=customers)]
        wanted = [len(b) for b in sources.events(kind=kind, since=since, until=until, customers=customers)]
        assert len(mine) > 1
        assert sum(found) == sum(wanted) > 0

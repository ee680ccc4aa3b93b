"""The stages that workers share: the same file as in one process, whatever is lost, late, doubled or at once."""

import datetime as dt
import random

import pytest

from predictions import snapshot_stages as stages
from predictions import snapshots, sources
from predictions.models import FeatureSnapshot
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
    assert set(found.timings) == {"reading", "features", "writing"}
    assert min(found.timings.values()) >= 0
    assert FeatureSnapshot.objects.filter(computed_at__gt=found.computed_at - dt.timedelta(hours=1)).exists()

"""Calls at the same time: one change counts, the other is told; one start is done, the other refused."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from experiments.models import Experiment, StateChange
from tests.experiments.api.sent import body, get, patch, post, runner
from tests.experiments.factories import DAY, draft

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
N = 4


@pytest.fixture(autouse=True)
def today(settings):
    settings.BUSINESS_DATE = DAY


def at_once(*calls: Callable[[], Any]) -> list[int]:
    """The statuses of calls that are let go together, sorted."""
    barrier, found = threading.Barrier(len(calls)), []

    def one(call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            found.append(call().status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_of_changes_of_the_same_version_one_counts_and_the_others_are_told():
    clients, experiment = [runner(f"user{i}") for i in range(N)], draft()
    read = get(clients[0], f"{experiment.pk}/").headers["ETag"]
    calls = [
        lambda client=client, i=i: patch(client, experiment.pk, {"hypothesis": f"Number {i}."}, If_Match=read)
        for i, client in enumerate(clients)
    ]
    assert at_once(*calls) == [200] + [412] * (N - 1)
    assert get(clients[0], f"{experiment.pk}/").headers["ETag"] != read


def test_of_starts_one_is_done_and_the_others_are_refused():
    clients, experiment = [runner(f"user{i}") for i in range(N)], draft()
    assert at_once(*(lambda client=client: post(client, f"{experiment.pk}/start/") for client in clients)) == [
        200,
        *[409] * (N - 1),
    ]
    assert StateChange.objects.count() == 1


def test_a_change_comes_before_a_start_or_is_refused():
    ann, bob, experiment = runner(), runner("bob"), draft()
    arms = [{"name": "control", "is_control": True, "share": 0.5}, {"name": "call", "share": 0.5}]
    found = at_once(lambda: patch(ann, experiment.pk, {"arms": arms}), lambda: post(bob, f"{experiment.pk}/start/", {}))
    assert found in ([200, 200], [200, 409])
    shares = [float(arm.share) for arm in experiment.arms.all()]
    assert shares == ([0.5, 0.5] if found == [200, 200] else [0.1, 0.9])
    assert Experiment.objects.get().state == "running"


def test_of_drafts_of_one_name_one_is_made_and_the_others_are_told():
    clients = [runner(f"user{i}") for i in range(N)]
    found = at_once(*(lambda client=client: post(client, "", body()) for client in clients))
    assert found[0] == 201
    assert set(found[1:]) <= {400, 422}
    assert Experiment.objects.count() == 1

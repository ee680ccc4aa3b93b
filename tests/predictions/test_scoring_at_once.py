"""Scorings of one date at the same time: whoever reads sees one of them whole."""

import threading

import pytest
from django.db.models import Count

from predictions import registry, scoring, snapshots
from predictions.models import ModelVersion, Prediction

from .at_once import at_once
from .model_rows import make_model
from .shops import AS_OF, open_shop

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROUNDS = 8


@pytest.fixture
def models(monkeypatch) -> list[ModelVersion]:
    """Two models, the first of which is champion and has scored the day, in several parts."""
    monkeypatch.setattr(scoring, "ROWS_IN_PART", 12)
    open_shop()
    made = [make_model("first"), make_model("second")]
    registry.promote(model=made[0], user=None, reason="")
    scoring.score(as_of=AS_OF)
    return made


def seen_until(over: threading.Event) -> set[tuple[int, ...]]:
    """What one query after another sees of the day: how many rows, customers and models."""
    counts = {"rows": Count("pk"), "customers": Count("customer", distinct=True)}
    counts["models"] = Count("model", distinct=True)
    seen = set()
    while not over.is_set():
        found = Prediction.objects.filter(as_of=AS_OF).aggregate(**counts)
        seen.add((found["rows"], found["customers"], found["models"]))
    return seen


def test_readers_see_one_whole_day_while_two_models_score_it_again_and_again(models):
    eligible = sorted(snapshots.read(as_of=AS_OF, eligible_only=True)["customer_pk"])
    over = threading.Event()

    def promote_and_score() -> None:
        try:
            for number in range(ROUNDS):
                registry.promote(model=models[(number + 1) % 2], user=None, reason="")
                scoring.score(as_of=AS_OF)
        finally:
            over.set()

    def score() -> None:
        while not over.is_set():
            scoring.score(as_of=AS_OF)

    seen, *_others = at_once(lambda: seen_until(over), promote_and_score, score, score)
    assert seen == {(len(eligible), len(eligible), 1)}
    assert sorted(Prediction.objects.values_list("customer", flat=True)) == eligible

"""Two runs at the same time, each with a connection of its own."""

import pytest
from django.db import transaction

from healthscore import scoring
from healthscore.models import HealthAlert, HealthDay, HealthScore
from tests.healthscore.accounts import AS_OF, day, store
from tests.healthscore.test_scoring import people
from tests.predictions.at_once import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_runs_of_a_day_leave_it_there_once():
    store(people())
    at_once(lambda: scoring.score(as_of=AS_OF), lambda: scoring.score(as_of=AS_OF))
    assert (HealthDay.objects.count(), HealthScore.objects.count()) == (1, 2)
    codes = list(HealthAlert.objects.values_list("customer", "code"))
    assert len(codes) == len(set(codes)) > 0


def test_two_days_at_once_leave_the_alerts_of_the_later():
    store(people())
    at_once(lambda: scoring.score(as_of=day(-20)), lambda: scoring.score(as_of=AS_OF))
    assert set(HealthAlert.objects.exclude(state="closed").values_list("held_on", flat=True)) == {AS_OF}
    assert not HealthAlert.objects.filter(state="closed", closed_on__lt=AS_OF).exists()


def test_over_a_connection_of_its_own_rows_come_as_within_a_transaction():
    store(people())
    scoring.score(as_of=AS_OF, since=day(-3), parts=2)
    outside = list(HealthScore.objects.order_by("as_of", "customer").values_list("as_of", "score", "breakdown"))
    with transaction.atomic():
        scoring.score(as_of=AS_OF, since=day(-3))
    again = HealthScore.objects.order_by("as_of", "customer").values_list("as_of", "score", "breakdown")
    assert list(again) == outside

"""Versions of the configuration."""

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from customers.commands import Refused
from healthscore import configurations, scoring
from healthscore.dimensions.configuration import DEFAULT
from healthscore.models import ConfigurationVersion, HealthAlert, HealthScore
from tests.healthscore.accounts import AS_OF, day, store
from tests.healthscore.plain import Account

pytestmark = pytest.mark.django_db
HALF = {"payment": {"status_scores": {"late": 0.9}}}


def test_the_default_becomes_the_active_version_once():
    assert configurations.active().document == DEFAULT
    configurations.active()
    assert ConfigurationVersion.objects.count() == 1


def test_activating_a_version_tells_who_and_leaves_stored_scores_with_theirs():
    store([Account(day(-40), payment_status="late")])
    scoring.score(as_of=AS_OF)
    user = get_user_model().objects.create(username="ana")
    version = configurations.activate(configurations.save(document=HALF, user=user, note="milder"), user=user)
    assert (version.is_active, version.activated_by, version.created_by) == (True, user, user)
    assert HealthScore.objects.get().configuration != version
    scoring.score(as_of=AS_OF)
    one = HealthScore.objects.get()
    assert (one.configuration, str(one.score)) == (version, "0.9000")
    assert ConfigurationVersion.objects.filter(is_active=True).count() == 1


def test_a_document_with_a_mistake_is_refused_and_nothing_is_kept():
    with pytest.raises(Refused, match="must add up to 1"):
        configurations.save(document={"value": {"weights": {"mrr": 0.8}}}, user=None)
    assert not ConfigurationVersion.objects.exists()


def test_equal_documents_are_one_version():
    first = configurations.save(document=HALF, user=None)
    assert configurations.save(document=HALF, user=None) == first


def test_the_changes_of_one_run_are_on_top_of_the_active_version():
    configurations.activate(configurations.save(document=HALF, user=None), user=None)
    version = configurations.for_run({"usage": {"login_days_target": 10}})
    assert version.document["payment"]["status_scores"]["late"] == 0.9
    assert version.document["usage"]["login_days_target"] == 10
    assert not version.is_active


def test_the_database_keeps_a_second_active_version_and_a_second_open_alert_out():
    configurations.active()
    other = configurations.save(document=HALF, user=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConfigurationVersion.objects.filter(pk=other.pk).update(is_active=True, activated_at="2024-01-01T00:00Z")
    customer = store([Account(day(-40))])[0]
    facts = {"customer": customer, "code": "no_activity", "severity": "medium", "opened_on": AS_OF, "held_on": AS_OF}
    HealthAlert.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        HealthAlert.objects.create(**facts, state="acknowledged")

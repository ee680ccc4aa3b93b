"""A customer's page tells which experiments the customer is in."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Customer
from tests.experiments.factories import running
from tests.experiments.shown import enrolled

pytestmark = pytest.mark.django_db


def page_of(customer_id: str) -> str:
    return (
        reverse("admin:customers_customer_change", args=[Customer.objects.get(customer_id=customer_id).pk])
        + "?tab=experiments"
    )


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_a_treated_customers_page_names_experiment_arm_measure_and_turn(staff):
    enrolled(running(name="Spring"), 2)
    page = staff.get(page_of("C00001")).content.decode()
    assert "Spring" in page
    assert "Send a coupon" in page
    assert "2026-03-02" in page


def test_a_control_customers_page_says_that_nothing_is_to_be_done_and_nothing_was_sent(staff):
    enrolled(running(name="Spring"), 2)
    page = staff.get(page_of("C00000")).content.decode()
    assert "control group: to get nothing" in page
    assert "as a ghost: nothing was sent" in page


def test_who_may_not_see_assignments_sees_none(client):
    enrolled(running(name="Spring"), 2)
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    client.force_login(user)
    assert "Spring" not in client.get(page_of("C00001")).content.decode()


def test_the_page_takes_as_many_queries_in_three_experiments_as_in_one(staff):
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            staff.get(page_of("C00001"))
        return len(queries)

    enrolled(running(layer="a"), 2)
    n_queries()
    few = n_queries()
    for layer in ("b", "c"):
        experiment = running(layer=layer)
        arm = experiment.arms.last()
        one = Customer.objects.get(customer_id="C00001").assignments.get(experiment__layer="a")
        one.pk, one.experiment, one.arm, one.layer = None, experiment, arm, layer
        one.save()
    assert n_queries() == few

"""The limits of what a user sees, as a manager writes them on the user's page."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from customers.models import Customer, UserScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(client):
    """Sends the page of a user with these limits, as the browser of a superuser would."""
    client.force_login(User.objects.create_superuser("boss"))
    user = User.objects.create_user("ann", is_staff=True)
    Customer.objects.create(customer_id="c1", registered_on="2017-01-01", region="East")
    address = reverse("admin:auth_user_change", args=[user.pk])

    def send(regions: str, managers: str = ""):
        known = UserScope.objects.filter(user=user).first()
        values = {"username": "ann", "is_active": "on", "is_staff": "on"}
        values |= {"date_joined_0": "2017-01-01", "date_joined_1": "10:00:00"}
        values |= {"customer_scope-TOTAL_FORMS": "1", "customer_scope-INITIAL_FORMS": "1" if known else "0"}
        values |= {"customer_scope-0-id": known.pk if known else "", "customer_scope-0-user": user.pk}
        values |= {"customer_scope-0-regions": regions, "customer_scope-0-account_managers": managers}
        return client.post(address, values)

    return send


def test_names_are_kept_one_a_line_and_once(form):
    assert form("East\n\n East \n").status_code == 302
    assert UserScope.objects.get().regions == ["East"]


def test_a_name_that_nobody_has_is_refused(form):
    answer = form("Esat")
    assert "Nothing here is called “Esat”." in answer.content.decode()
    assert not UserScope.objects.exists()


def test_a_limit_is_lifted_by_an_empty_field(form):
    form("East")
    assert form("").status_code == 302
    assert UserScope.objects.get().regions == []

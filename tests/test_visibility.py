"""A user who sees only some customers sees no other anywhere: on no page, in no list, count, download or form."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db.models import ForeignKey
from django.test import Client
from django.urls import reverse

from customers.admin.machine import Page
from customers.models import Customer, Intervention, Link, SetAsideRow, UserScope
from customers.outlets import Kind
from healthscore.admin import portfolio
from tests import face
from tests.api_calls import BODIES, told_of
from tests.test_outlets import CONTROL, DECLARED, FREE, NAMES, OPTED_OUT, held, opened  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
# Where nothing leads from the row to its customer, and what then keeps it from those who see only some.
OTHERWISE = {
    "customers.SetAsideRow": "is_for_all_sight",
    "customers.AuditEntry": "is_for_all_sight",
}
# They need a query of their own, or show the customer only after a form was sent.
NOT_OPENED_WITH_A_ROW = {"admin:autocomplete", "admin:search"}
# Of anybody, so that a user with limits sees none, or only what the user started.
HIDDEN = (
    *("admin:customers_setasiderow", "admin:customers_auditentry", "admin:customers_job"),
    "admin:healthscore_configurationversion_previewed",
)


def paths(model, depth: int = 3) -> list[str]:
    """The paths of foreign keys from a model to its customer."""
    if model is Customer or issubclass(model, Customer):
        return ["pk"]
    found = []
    for field in model._meta.concrete_fields:
        if not isinstance(field, ForeignKey) or depth == 0:
            continue
        if field.related_model is Customer:
            found.append(field.name)
        else:
            found += [f"{field.name}__{rest}" for rest in paths(field.related_model, depth - 1)]
    return found


PAGES = {model._meta.label: page for model, page in admin.site._registry.items()}
OF_CUSTOMERS = sorted(label for label, page in PAGES.items() if paths(page.model) or label in OTHERWISE)


@pytest.fixture
def limited(held, client) -> Client:  # noqa: F811
    """A browser of a user with every permission who sees only the free customer."""
    Customer.objects.filter(customer_id=FREE).update(region="West")
    Link.objects.create(
        low=Customer.objects.get(customer_id=CONTROL), high=Customer.objects.get(customer_id=FREE), since=face.DAY
    )
    user = User.objects.create_user("limited", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    UserScope.objects.create(user=user, regions=["West"])
    client.force_login(user)
    return client


@pytest.mark.parametrize("label", OF_CUSTOMERS)
def test_every_page_of_rows_of_customers_says_how_they_lead_to_them(label):
    page = PAGES[label]
    assert isinstance(page, Page)
    if label in OTHERWISE:
        assert getattr(page, OTHERWISE[label])
    else:
        assert page.customer_path in paths(page.model)


@pytest.mark.parametrize("label", OF_CUSTOMERS)
def test_a_list_has_the_rows_of_customers_in_sight_only(label, limited, rf):
    page = PAGES[label]
    request = rf.get("/")
    request.user = User.objects.get(username="limited")
    shown = page.get_queryset(request)
    if label not in OTHERWISE:
        assert {str(one) for one in shown.values_list(f"{_base(page)}customer_id", flat=True)} <= {FREE}
    else:
        assert not shown.exists()


def _base(page) -> str:
    return "" if page.customer_path == "pk" else f"{page.customer_path}__"


@pytest.mark.parametrize("name", NAMES)
def test_no_address_names_a_customer_who_is_out_of_sight(name, limited):
    for hidden in (CONTROL, OPTED_OUT):
        status, text = opened(limited, name, hidden)
        assert status < 500 or name == "readyz"
        if name in BODIES:  # an ID that was sent is told as one that nobody has
            assert not told_of(text) & {CONTROL, OPTED_OUT}
        else:
            assert CONTROL not in text
            assert OPTED_OUT not in text


@pytest.mark.parametrize("way", sorted(way for way, one in DECLARED.items() if way.startswith("url ")))
def test_what_shows_customers_shows_those_in_sight(way, limited):
    name = way.removeprefix("url ")
    if DECLARED[way].kind is Kind.SILENT or name in NOT_OPENED_WITH_A_ROW or name.startswith(HIDDEN):
        pytest.skip("names nobody, or nobody to this user")
    boss = Client()
    boss.force_login(User.objects.create_superuser("overseer"))
    assert (FREE in opened(limited, name, FREE)[1]) == (FREE in opened(boss, name, FREE)[1])


def test_a_customer_out_of_sight_cannot_be_chosen_in_a_form(limited):
    hidden, free = (Customer.objects.get(customer_id=one).pk for one in (CONTROL, FREE))
    values = {"kind": "call", "occurred_at_0": "2017-09-01", "occurred_at_1": "10:00", "cost": "0"}
    Intervention.objects.all().delete()
    answer = limited.post(reverse("admin:customers_intervention_add"), values | {"customer": hidden})
    assert answer.status_code == 200
    assert not Intervention.objects.exists()
    limited.post(reverse("admin:customers_intervention_add"), values | {"customer": free, "took_place": "on"})
    assert Intervention.objects.get().customer_id == free


def test_an_action_does_nothing_to_rows_out_of_sight(limited):
    from healthscore.models import HealthAlert

    HealthAlert.objects.update(state="open")
    address = reverse("admin:healthscore_healthalert_changelist")
    keys = [str(one) for one in HealthAlert.objects.values_list("pk", flat=True)]
    limited.post(address, {"action": "close", "_selected_action": keys})
    closed = HealthAlert.objects.filter(state="closed").values_list("customer__customer_id", flat=True)
    assert set(closed) == {FREE}


def test_the_portfolio_counts_those_in_sight(limited):
    boss = portfolio.figures(User(is_superuser=True))
    some = portfolio.figures(User.objects.get(username="limited"))
    assert sum(one["n"] for one in some["grades"]) == 1
    assert sum(one["n"] for one in boss["grades"]) == 3


def test_rows_set_aside_are_for_users_who_see_everybody(limited):
    assert SetAsideRow.objects.exists()
    row = SetAsideRow.objects.first()
    assert limited.get(reverse("admin:customers_setasiderow_mend_row", args=[row.pk])).status_code == 404

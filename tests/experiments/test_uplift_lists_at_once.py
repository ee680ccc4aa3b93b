"""Two workers make the day's list of one study at the same time, on connections of their own."""

from decimal import Decimal

import pytest

from customers.models import Suppression
from experiments import uplift_lists
from experiments.models import UpliftListing
from tests.experiments.test_enrolment_at_once import at_once
from tests.experiments.test_uplift_lists import TODAY, hold, shop

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
BUDGET = Decimal(50)


def rows() -> list[tuple[object, ...]]:
    return list(UpliftListing.objects.order_by("pk").values_list("customer", "place", "arm", "net"))


def test_two_makings_at_once_leave_the_list_of_one():
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=BUDGET)
    hold(UpliftListing.objects.get(place=1).customer)
    alone = uplift_lists.make(found, on=TODAY, budget=BUDGET)
    list_of_one = rows()
    UpliftListing.objects.all().delete()
    made = at_once(*[lambda: uplift_lists.make(found, on=TODAY, budget=BUDGET)] * 3)
    assert made == [alone] * 3
    assert rows() == list_of_one
    assert Suppression.objects.filter(outlet=uplift_lists.OUTLET).count() == 1

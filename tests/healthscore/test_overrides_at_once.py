"""Two people set a grade of the same customer at the same moment."""

import datetime as dt
import threading

import pytest
from django.db import connections, transaction

from customers.models import Customer
from healthscore.admin.overrides import OverrideForm
from healthscore.models import Override

DAY = dt.date(2026, 11, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_forms_at_once_the_second_is_told_of_the_first():
    customer = Customer.objects.create(customer_id="007", registered_on=dt.date(2016, 1, 1))
    given = {
        "customer": customer.pk,
        "grade": "good",
        "reason": "r",
        "starts_on": DAY,
        "expires_on": DAY.replace(day=9),
    }
    said = []

    def second() -> None:
        try:
            with transaction.atomic():
                said.append(OverrideForm(given).errors)
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        first = OverrideForm(given)
        assert first.is_valid()
        thread.start()
        thread.join(0.5)  # it waits; without a turn it would be through by now, and find nothing
        first.save()
    thread.join(30)
    assert "There is one already" in str(said[0])
    assert Override.objects.count() == 1

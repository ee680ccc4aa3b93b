"""Small seeded shops in the database, and models to score with."""

import datetime as dt

import numpy as np
from django.utils import timezone

from customers.clock import start_of
from customers.models import Customer, Transaction

FIRST = dt.date(2017, 1, 1)
AS_OF = dt.date(2017, 7, 1)


def open_shop(*, n_customers: int = 40, n_days: int = 190, seed: int = 0) -> None:
    """Customers who buy at rates of their own, from daily to once a month, until `n_days` after the first day."""
    random = np.random.default_rng(seed)
    rates = np.exp(random.normal(-1.9, 0.9, n_customers))
    Customer.objects.bulk_create(
        Customer(customer_id=f"C{n:04}", registered_on=FIRST - dt.timedelta(days=int(random.integers(1, 300))))
        for n in range(n_customers)
    )
    customers = list(Customer.objects.order_by("customer_id"))
    made = [
        Transaction(
            transaction_id=f"T{customer.pk}-{day}",
            customer=customer,
            occurred_at=start_of(FIRST + dt.timedelta(days=day)) + dt.timedelta(hours=12),
            amount=f"{random.lognormal(3, 1):.2f}",
        )
        for customer, rate in zip(customers, rates, strict=True)
        for day in range(n_days)
        if random.random() < rate
    ]
    Transaction.objects.bulk_create(made, batch_size=2000)


def buy(customer: Customer, day: dt.date) -> None:
    """One more purchase at noon of `day`."""
    Transaction.objects.create(
        transaction_id=f"L{customer.pk}-{day}-{timezone.now().timestamp()}",
        customer=customer,
        occurred_at=start_of(day) + dt.timedelta(hours=12),
        amount="5.00",
    )

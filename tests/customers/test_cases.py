"""Who looks after whom: taken and released in sets."""

import pytest
from django.contrib.auth.models import User

from customers import cases
from customers.commands import Refused
from customers.models import Assignee, CaseNote, Customer
from tests import face

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> tuple[User, User]:
    return User.objects.create_user("ann"), User.objects.create_user("bo")


@pytest.fixture
def customers() -> list[int]:
    rows = Customer.objects.bulk_create(Customer(customer_id=f"c{n}", registered_on=face.DAY) for n in range(4))
    return [one.pk for one in rows]


def whose() -> dict[int, str]:
    return dict(Assignee.objects.values_list("customer_id", "user__username"))


def test_only_whom_nobody_looks_after_is_taken_and_the_rest_is_told(people, customers):
    ann, bo = people
    Assignee.objects.create(customer_id=customers[0], user=bo)
    Assignee.objects.create(customer_id=customers[1], user=ann)
    taken = cases.take(customers, user=ann)
    assert (taken.n_new, taken.n_mine, taken.n_others) == (2, 1, 1)
    assert [whose()[one] for one in customers] == ["bo", "ann", "ann", "ann"]


def test_taking_takes_as_many_queries_for_many_as_for_few(people, customers, django_assert_num_queries):
    with django_assert_num_queries(5):  # a savepoint and its end, who has them, the set, and who has them then
        cases.take(customers, user=people[0])


def test_release_lets_go_of_ones_own_only_unless_anybodys_is_asked_for(people, customers):
    ann, bo = people
    cases.take(customers[:2], user=ann)
    cases.take(customers[2:], user=bo)
    assert cases.release(customers, user=ann) == 2
    assert set(whose().values()) == {"bo"}
    assert cases.release(customers, user=ann, of_anybody=True) == 2
    assert whose() == {}


def test_taking_over_leaves_one_to_look_after_the_customer(people, customers):
    ann, bo = people
    cases.take(customers[:1], user=ann)
    cases.take_over(Customer.objects.get(pk=customers[0]), user=bo)
    assert whose() == {customers[0]: "bo"}


def test_too_many_at_a_time_are_refused_and_nobody_is_taken(people, customers, monkeypatch):
    monkeypatch.setattr(cases, "MOST", 3)
    with pytest.raises(Refused, match="At most 3 customers"):
        cases.take(customers, user=people[0])
    assert whose() == {}


def test_a_note_keeps_its_author_and_an_empty_or_endless_one_is_refused(people, customers):
    customer = Customer.objects.get(pk=customers[0])
    cases.note(customer, "  Moves to Lyon in May. ", user=people[0])
    kept = CaseNote.objects.get()
    assert (kept.text, kept.author, kept.customer) == ("Moves to Lyon in May.", people[0], customer)
    for text in ("  ", "x" * 5_001):
        with pytest.raises(Refused):
            cases.note(customer, text, user=people[0])
    assert CaseNote.objects.count() == 1

"""Every page that the admin's registry and URLs lead to takes as many queries at thirty rows as at three."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import face, plenty
from tests.addresses import Address, addresses

pytestmark = pytest.mark.django_db
TERMS = {"a customer": "c0001", "nothing": "no such thing"}
FEW, MANY = 3, 30


def counted(client) -> Iterator[tuple[Address, int]]:
    """How many queries each address takes, of each page from the second time on: some things are kept by then."""
    known = set()
    for address in addresses(client, day=face.DAY, terms=TERMS, is_thorough=False):
        if address.page not in known:
            client.get(address.url)
            known.add(address.page)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address.url)
            assert response.status_code < 500, address
            if response.streaming:
                list(response.streaming_content)
        yield address, len(queries)


def at(n: int, client) -> dict[tuple[str, str], int]:
    with transaction.atomic():
        plenty.rows(n)
        found = {(address.page, address.way): n_queries for address, n_queries in counted(client)}
        transaction.set_rollback(True)
    return found


@pytest.mark.postgres  # which pages with millions of rows need; once is enough for a test of a minute
def test_every_page_takes_as_many_queries_at_thirty_rows_as_at_three(client):
    client.force_login(User.objects.create_superuser("boss"))
    few, many = at(FEW, client), at(MANY, client)
    assert {page: (few[page], many[page]) for page in few.keys() & many.keys() if few[page] != many[page]} == {}


def test_every_list_is_among_the_pages_that_are_counted(client):
    client.force_login(User.objects.create_superuser("boss"))
    plenty.rows(FEW)
    found = {address.page for address in addresses(client, day=face.DAY, terms=TERMS)}
    lists = {f"{one._meta.app_label}_{one._meta.model_name}_changelist" for one in admin.site._registry}
    assert lists <= found
    assert {"index", "data_dictionary", "healthscore_healthscore_portfolio", "experiments_experiment_report"} <= found

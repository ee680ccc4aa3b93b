"""Handing out and erasing from a customer's page, and the certificate's pages."""

import csv
import io
import json
import zipfile
from decimal import Decimal

import pytest
from django.urls import reverse

from customers.models import AuditEntry, Customer, ErasureCertificate
from customers.personal import exporting
from tests import face
from tests.customers.personal.test_masking import client_with

pytestmark = pytest.mark.django_db
MAY = ("customers.view_customer", "customers.erase_customer", "customers.view_erasurecertificate")


@pytest.fixture
def customer():
    return Customer.objects.create(customer_id="c-1", registered_on=face.DAY, name="Ann")


def address(customer, what):
    return reverse(f"admin:customers_customer_{what}", args=[customer.pk])


def test_all_data_are_handed_out_as_a_file_and_that_is_noted(customer):
    answer = client_with(*MAY).get(address(customer, "hand_out"))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as file:
        found = json.loads(file.read("customer.json"))
    assert found["customers.Customer"][0]["name"] == "Ann"
    entry = AuditEntry.objects.get(event="customer exported")
    assert (entry.who, entry.customer_pk, entry.after["customers.Customer"]) == ("user-3", customer.pk, 1)
    assert customer.customer_id not in answer["Content-Disposition"]


def test_in_a_csv_that_is_handed_out_texts_are_defused_and_numbers_stay(customer):
    rows = [{"amount": Decimal("-12.50"), "name": "=1+1", "tags": ["-1"], "none": None}]
    assert list(csv.reader(io.StringIO(exporting._csv(rows))))[1] == ["-12.50", "'=1+1", '["-1"]', ""]


def test_erasing_asks_first_and_needs_a_reason(customer):
    client = client_with(*MAY)
    assert "cannot be brought back" in client.get(address(customer, "erase")).content.decode()
    assert client.post(address(customer, "erase"), {"reason": ""}).status_code == 200
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_erasing_leads_to_the_certificate_which_can_be_printed(customer):
    client = client_with(*MAY)
    answer = client.post(address(customer, "erase"), {"reason": "request 7"}, follow=True)
    assert not Customer.objects.filter(pk=customer.pk).exists()
    assert "certificate is number" in answer.content.decode()
    certificate = ErasureCertificate.objects.get()
    assert (certificate.who, certificate.reason) == ("user-3", "request 7")
    for what in ("change", "to_print"):
        page = client.get(reverse(f"admin:customers_erasurecertificate_{what}", args=[certificate.pk]))
        assert certificate.digest in page.content.decode()
        assert "Ann" not in page.content.decode()


@pytest.mark.parametrize("what", ["hand_out", "erase"])
def test_without_the_permission_neither_is_open(customer, what):
    client = client_with("customers.view_customer")
    assert client.get(address(customer, what)).status_code == 403
    assert client.post(address(customer, what), {"reason": "x"}).status_code == 403
    assert "Erase all data" not in client.get(address(customer, "change")).content.decode()
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_a_certificate_is_only_read(customer, admin_client):
    certificate = ErasureCertificate.objects.create(digest="0" * 64, reason="asked")
    for verb in ("change", "delete"):
        page = reverse(f"admin:customers_erasurecertificate_{verb}", args=[certificate.pk])
        assert admin_client.post(page, {"reason": "x"}).status_code == 403

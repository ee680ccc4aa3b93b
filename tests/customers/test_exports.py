"""Every list that leaves as a file: formulas defused, nothing changed, large ones by way of a job, all of it noted."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import models
from django.urls import reverse
from django.utils import timezone

from customers import exports
from customers.admin.exporting import Exports
from customers.models import AuditEntry, Customer, Hold, Intervention, Job, SetAsideRow, Suppression, UserScope
from tests import face

pytestmark = pytest.mark.django_db
PAGES = {model: page for model, page in admin.site._registry.items() if isinstance(page, Exports)}
ATTACK = '=HYPERLINK("http://x","y")'
ids = {"ids": lambda model: model._meta.label_lower}


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = face.DAY
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def held_rows():
    face.rows(3)
    Hold.objects.all().delete()
    return Hold.objects.create(
        customer=Customer.objects.get(customer_id="c0000"), kind="opt_out", source="opt-out", since=face.DAY
    )


def address(model, kind="csv") -> str:
    action = "export" if kind == "csv" else "export_xlsx"
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}")


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def as_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_cells(data: bytes):
    (sheet,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    return list(sheet.iter_rows())


def attacked(model: type[models.Model]) -> None:
    """Put a formula into every text of the rows, their customers and what else they name."""
    for one in (Customer, model, SetAsideRow, Intervention):
        texts = [f for f in one._meta.concrete_fields if type(f) in (models.CharField, models.TextField)]
        free = [f for f in texts if not f.choices and not f.unique and f.name not in FIXED]
        if not one._meta.proxy and free:
            one.objects.update(**{f.name: ATTACK[: f.max_length] for f in free})
    Customer.objects.filter(customer_id="c0001").update(customer_id=f"{ATTACK}c1")
    SetAsideRow.objects.update(raw={"customer_id": ATTACK, "registered_on": "+1"})


# Texts that a check of the database or the page itself holds to certain words.
FIXED = ("risk_level", "payment_status", "lifecycle_stage", "grade", "grade_before", "direction", "kind", "main_reason")


@pytest.mark.parametrize("model", PAGES, **ids)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_text_of_every_export_is_defused_and_otherwise_unchanged(staff, model, kind):
    face.rows(3)
    attacked(model)
    data = content(staff.get(address(model, kind)))
    if kind == "csv":
        texts = [cell for row in as_csv(data) for cell in row]
    else:
        cells = [cell for row in as_cells(data) for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    suspects = [text for text in texts if "HYPERLINK" in text]
    assert suspects, "or nothing was tried"
    assert {text for text in texts if text.startswith(("=", "+", "@"))} == set()
    assert all(
        text.startswith("'=") and text.removeprefix("'") in (ATTACK, ATTACK[:40], f"{ATTACK}c1") for text in suspects
    )


@pytest.mark.parametrize("model", PAGES, **ids)
def test_both_formats_have_the_same_rows_and_columns(staff, model):
    face.rows(3)
    plain = as_csv(content(staff.get(address(model))))
    cells = as_cells(content(staff.get(address(model, "xlsx"))))
    assert len(plain) == len(cells) == 4
    assert plain[0] == [cell.value for cell in cells[0]]


@pytest.mark.parametrize("model", PAGES, **ids)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_export_is_noted_with_what_it_was_and_how_many_rows(staff, model, kind):
    face.rows(3)
    before = set(AuditEntry.objects.filter(event="export").values_list("pk", flat=True))
    content(staff.get(address(model, kind)))
    (entry,) = AuditEntry.objects.filter(event="export").exclude(pk__in=before)
    assert entry.after == {"what": f"{model._meta.label_lower}.{kind}", "format": kind, "rows": 3}
    assert entry.who == "boss"


OF_CUSTOMERS = [model for model, page in PAGES.items() if not page.is_for_all_sight]


@pytest.mark.parametrize("model", OF_CUSTOMERS, **ids)
def test_an_export_has_only_the_customers_whom_the_user_may_see(staff, model):
    face.rows(3)
    Customer.objects.filter(customer_id="c0001").update(region="West")
    limited = User.objects.create_user("limited", is_staff=True)
    limited.user_permissions.set(Permission.objects.all())
    UserScope.objects.create(user=limited, regions=["West"])
    staff.force_login(limited)
    text = content(staff.get(address(model))).decode()
    assert "c0001" in text
    assert "c0000" not in text
    assert "c0002" not in text


@pytest.mark.parametrize("model", PAGES, **ids)
def test_who_may_not_see_the_list_gets_no_file(client, model):
    face.rows(1)
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(address(model)).status_code == 403


def test_names_are_for_those_who_may_see_personal_data(client):
    face.rows(1)
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    client.force_login(user)
    (header, row) = as_csv(content(client.get(address(Customer))))
    assert "name" not in header
    assert "Name 0" not in row
    user.user_permissions.add(Permission.objects.get(codename="view_personal"))
    assert "name" in as_csv(content(client.get(address(Customer))))[0]


def large(browser, model, settings, callbacks, kind="csv", query="") -> Job:
    """Ask for a list with more rows than are given at once; the job is done at its commit."""
    settings.EXPORT_LIMIT = 1
    where = address(model, kind) + query
    asked = browser.get(where)
    assert Job.objects.exclude(arguments={}).count() == 0, "looking starts nothing"
    assert "more than 1 rows" in asked.content.decode()
    with callbacks(execute=True):
        browser.post(where)
    return Job.objects.exclude(arguments={}).get()


def fetch(browser, job):
    return browser.get(reverse("admin:customers_job_download", args=[job.pk]))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_list_becomes_a_file_of_a_job_with_the_same_cells(
    staff, settings, django_capture_on_commit_callbacks, kind
):
    face.rows(3)
    at_once = content(staff.get(address(Customer, kind)))
    job = large(staff, Customer, settings, django_capture_on_commit_callbacks, kind)
    assert (job.state, job.error) == ("done", "")
    fetched = content(fetch(staff, job))
    if kind == "csv":
        assert fetched == at_once
    else:
        cells = [[[cell.value for cell in row] for row in as_cells(data)] for data in (fetched, at_once)]
        assert cells[0] == cells[1]
    assert job.result["rows"] == 3
    assert AuditEntry.objects.filter(event="export", after__rows=3).count() == 2
    assert AuditEntry.objects.filter(event="export fetched").count() == 1


def test_the_file_of_a_job_has_the_rows_of_the_list_as_it_was_filtered(
    staff, settings, django_capture_on_commit_callbacks
):
    face.rows(4)
    Customer.objects.filter(customer_id__in=["c0001", "c0003"]).update(region="West")
    job = large(staff, Customer, settings, django_capture_on_commit_callbacks, query="?region__exact=West")
    assert [row[0] for row in as_csv(content(fetch(staff, job)))[1:]] == ["c0001", "c0003"]


def test_what_a_list_was_searched_for_is_not_kept_with_the_job(staff, settings, django_capture_on_commit_callbacks):
    face.rows(3)
    job = large(staff, Customer, settings, django_capture_on_commit_callbacks, query="?q=Name")
    assert len(as_csv(content(fetch(staff, job)))) == 4
    assert "Name" not in str(job.arguments)
    assert [one.name for one in exports.folder().iterdir()] == [f"{job.pk}.csv"]


def test_a_large_list_of_whom_to_treat_leaves_the_held_out_and_records_it(
    staff, held_rows, settings, django_capture_on_commit_callbacks
):
    from predictions.models import RiskToday

    job = large(staff, RiskToday, settings, django_capture_on_commit_callbacks)
    assert [row[0] for row in as_csv(content(fetch(staff, job)))[1:]] == ["c0001", "c0002"]
    assert [one.customer.customer_id for one in Suppression.objects.filter(outlet="predictions.risktoday.csv")] == [
        "c0000"
    ]


def test_a_file_that_says_whom_to_treat_holds_only_on_its_day(
    staff, held_rows, settings, django_capture_on_commit_callbacks
):
    from predictions.models import RiskToday

    job = large(staff, RiskToday, settings, django_capture_on_commit_callbacks)
    assert fetch(staff, job).status_code == 200
    settings.BUSINESS_DATE = face.DAY + dt.timedelta(days=1)
    assert exports.path_of(job) is None
    assert fetch(staff, job).status_code in (403, 404)


def test_a_file_is_for_who_asked_for_it_and_who_sees_the_audit_log(
    staff, settings, django_capture_on_commit_callbacks, client
):
    face.rows(3)
    job = large(staff, Customer, settings, django_capture_on_commit_callbacks)
    other = User.objects.create_user("other", is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename__in=("view_job", "view_customer")))
    client.force_login(other)
    assert fetch(client, job).status_code in (403, 404)
    other.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    assert fetch(client, job).status_code == 200


def test_who_may_no_longer_see_the_list_gets_no_file(staff, settings, monkeypatch, django_capture_on_commit_callbacks):
    face.rows(3)
    settings.EXPORT_LIMIT = 1
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    staff.force_login(clerk)
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(address(Customer))
        clerk.user_permissions.clear()
    job = Job.objects.get(created_by=clerk)
    assert (job.state, job.path) == ("failed", "")
    assert "may not have it" in job.error


def test_a_file_goes_after_seven_days(staff, settings, django_capture_on_commit_callbacks):
    face.rows(3)
    job = large(staff, Customer, settings, django_capture_on_commit_callbacks)
    left = job.expires_at - timezone.now()
    assert dt.timedelta(days=6, hours=23) < left <= dt.timedelta(days=7)
    assert exports.sweep() == 0
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now())
    assert exports.sweep() == 1
    assert list(exports.folder().iterdir()) == []
    job.refresh_from_db()
    assert exports.path_of(job) is None

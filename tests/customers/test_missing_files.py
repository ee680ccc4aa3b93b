"""A file that is handed out and is not there any more is told in a sentence, as 404; never a broken page."""

import datetime as dt
import html

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from customers import exports
from customers.models import ArchiveFile, AuditEntry, Customer, Job
from tests import face
from tests.predictions.model_rows import make_model

pytestmark = pytest.mark.django_db
GONE = "What was asked for is gone; ask again."


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def told(browser, name: str, *args) -> str:
    answer = browser.get(reverse(f"admin:{name}", args=args))
    assert answer.status_code == 404
    return html.unescape(answer.content.decode())


@pytest.fixture
def job(settings) -> Job:
    """One whose file was made and may still be fetched."""
    settings.BUSINESS_DATE = face.DAY
    (exports.folder() / "list.csv").write_text("customer_id\n")
    until = timezone.now() + dt.timedelta(days=1)
    return Job.objects.create(kind="customers.export_list", state="done", path="exports/list.csv", expires_at=until)


def test_a_jobs_file_that_was_deleted(staff, job):
    (exports.folder() / "list.csv").unlink()
    assert GONE in told(staff, "customers_job_download", job.pk)
    page = staff.get(reverse("admin:customers_job_change", args=[job.pk])).content.decode()
    assert reverse("admin:customers_job_download", args=[job.pk]) not in page


def test_a_jobs_file_that_has_expired(staff, job):
    Job.objects.update(expires_at=timezone.now())
    assert GONE in told(staff, "customers_job_download", job.pk)


def test_a_jobs_file_that_is_deleted_as_it_is_fetched(staff, job, monkeypatch):
    monkeypatch.setattr(exports, "path_of", lambda job: exports.folder() / "none.csv")
    assert GONE in told(staff, "customers_job_download", job.pk)
    assert not AuditEntry.objects.filter(event="export fetched").exists()


def test_whoever_may_not_fetch_a_file_is_refused_whether_it_is_there_or_not(client, job):
    client.force_login(User.objects.create_user("other", is_staff=True))
    address = reverse("admin:customers_job_download", args=[job.pk])
    for _is_there in (True, False):
        assert client.get(address).status_code == 403
        (exports.folder() / "list.csv").unlink(missing_ok=True)


def test_a_file_of_the_archive_that_all_data_of_a_customer_need(staff):
    face.rows(1)
    file = ArchiveFile.objects.get()
    text = told(staff, "customers_customer_hand_out", Customer.objects.get().pk)
    assert f"{file.path} is missing; restore it from a backup." in text


def test_a_file_that_vanishes_while_all_data_are_gathered(staff, monkeypatch):
    def vanished(**_options):
        raise FileNotFoundError

    face.rows(1)
    monkeypatch.setattr("customers.admin.erasure.export", vanished)
    assert GONE in told(staff, "customers_customer_hand_out", Customer.objects.get().pk)


def test_a_models_training_report(staff):
    text = told(staff, "predictions_modelversion_report", make_model("first").pk)
    assert "This model has no training report." in text


def test_an_address_that_nobody_knows_has_no_such_sentence(staff):
    assert GONE not in told(staff, "customers_customer_hand_out", 0)

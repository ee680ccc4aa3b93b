"""Every page of the admin answers, with rows and without, in both languages, at a fixed number of queries."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import audit
from customers.models import (
    ApiKey,
    AuditEntry,
    Customer,
    Event,
    ImportFile,
    ImportProfile,
    Intervention,
    Run,
    SetAsideRow,
    Webhook,
)
from predictions.models import ModelVersion, Prediction
from tests import face

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in PAGES if model._meta.app_label in ("customers", "predictions")]
WRITTEN_BY_PEOPLE = {"ApiKey", "Hold", "Intervention", "ImportProfile", "Webhook"}
LANGUAGES = ("en", "zh-hans")


def url(model, view: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


@pytest.fixture
def staff(client):
    """A superuser's browser."""
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def reader(client):
    """A browser of someone who may see everything and change nothing."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def n_queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_answers_without_rows(staff, language):
    for model in PAGES:
        response = staff.get(url(model, "changelist"), headers={"accept-language": language})
        assert response.status_code == 200, model


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_and_page_answers_with_rows(staff, language):
    face.rows(3)
    for model in OURS:
        assert staff.get(url(model, "changelist"), headers={"accept-language": language}).status_code == 200, model
        address = url(model, "change", model.objects.first().pk)
        assert staff.get(address, headers={"accept-language": language}).status_code == 200, model


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_to_add_answers(staff, language):
    for model, page in admin.site._registry.items():
        response = staff.get(url(model, "add"), headers={"accept-language": language})
        assert response.status_code == (200 if page.has_add_permission(response.wsgi_request) else 403), model


def test_a_list_takes_as_many_queries_at_fifty_rows_as_at_five(staff):
    AuditEntry.objects.bulk_create(AuditEntry(via="task", action="note") for _ in range(99))  # its list has two pages
    face.rows(5)
    few = {model: n_queries(staff, url(model, "changelist")) for model in OURS}
    for model in (Customer, ImportFile, Run, ModelVersion):
        model.objects.update()
    _empty()
    face.rows(50)
    many = {model: n_queries(staff, url(model, "changelist")) for model in OURS}
    assert many == few


def test_a_customers_page_takes_as_many_queries_however_much_happened(staff):
    face.rows(1)
    customer = Customer.objects.get()
    few = n_queries(staff, url(Customer, "change", customer.pk))
    for i in range(40):
        Intervention.objects.create(
            intervention_id=f"x{i}", customer=customer, kind="call", occurred_at="2017-09-01T00:00:00Z"
        )
    assert n_queries(staff, url(Customer, "change", customer.pk)) == few


def test_the_home_page_takes_as_many_queries_at_fifty_rows_as_at_five(staff):
    face.rows(5)
    few = n_queries(staff, reverse("admin:index"))
    _empty()
    face.rows(50)
    assert n_queries(staff, reverse("admin:index")) == few


def _empty() -> None:
    from customers.models import ArchiveFile, ErasureCertificate, ImportProfile, Job
    from predictions.models import FeatureSnapshot, Promotion

    for model in (
        Prediction,
        Promotion,
        ModelVersion,
        Customer,
        ImportFile,
        ImportProfile,
        Run,
        ArchiveFile,
        FeatureSnapshot,
        Job,
        ApiKey,
        Event,
        Webhook,
        ErasureCertificate,
    ):
        model.objects.all().delete()


@pytest.mark.parametrize("model", [one for one in OURS if one.__name__ not in WRITTEN_BY_PEOPLE])
def test_rows_that_machines_write_cannot_be_changed_or_deleted_even_by_a_superuser(staff, model):
    face.rows(1)
    pk = model.objects.first().pk
    assert staff.post(url(model, "change", pk), {}).status_code == 403
    assert staff.post(url(model, "delete", pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", OURS)
def test_an_empty_list_says_what_to_do_next(staff, model):
    page = admin.site._registry[model]
    with audit.erasing(source="tests"):  # the audit log lets nobody else empty it
        model.objects.all().delete()
    assert str(page.empty_message) in staff.get(url(model, "changelist")).content.decode().replace("&#x27;", "'")
    assert page.empty_message


def test_the_risk_list_holds_the_latest_day_only_and_the_most_endangered_first(staff):
    face.rows(2)
    earlier = Prediction.objects.first()
    earlier.pk, earlier.as_of, earlier.probability = None, "2017-09-01", "0.99"
    earlier.save()
    shown = staff.get(reverse("admin:predictions_risktoday_changelist")).context["cl"].result_list
    assert [str(row.probability) for row in shown] == ["0.750000", "0.749000"]


def test_the_risk_list_downloads_as_it_is_filtered_with_formulas_defused(staff):
    face.rows(2)
    Customer.objects.filter(customer_id="c0001").update(name="=cmd|' /C calc'!A0")
    address = reverse("admin:predictions_risktoday_export") + "?risk_level__exact=critical"
    lines = b"".join(staff.get(address).streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "c0001,'=cmd|" in lines[1]


def test_reasons_are_told_in_the_readers_language(staff):
    face.rows(1)
    address = url(Customer, "change", Customer.objects.get().pk)
    assert "Last purchase 15 days ago" in staff.get(address, headers={"accept-language": "en"}).content.decode()
    assert "15 天前最后一次购买" in staff.get(address, headers={"accept-language": "zh-hans"}).content.decode()


def test_a_customers_page_of_someone_without_sight_of_predictions_shows_none(client):
    face.rows(1)
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    client.force_login(user)
    page = client.get(url(Customer, "change", Customer.objects.get().pk)).content.decode()
    assert "c0000" in page
    assert "Last purchase 15 days ago" not in page


@pytest.mark.parametrize("where", ["promote", "promote_it", "roll_back", "roll_back_it"])
def test_a_reader_cannot_promote_or_roll_back(reader, where):
    model = face.model_version()
    args = [] if where == "roll_back_it" else [model.pk]
    address = reverse(f"admin:predictions_modelversion_{where}", args=args)
    assert reader.post(address, {"reason": "because"}).status_code == 403


def test_promotion_asks_first_and_is_done_by_the_registry(staff, monkeypatch):
    model = face.model_version(role="challenger")
    asked = []
    monkeypatch.setattr("predictions.registry.promote", lambda **what: asked.append(what))
    address = reverse("admin:predictions_modelversion_promote_it", args=[model.pk])
    assert staff.get(address).status_code == 200
    assert asked == []
    assert staff.post(address, {"reason": ""}).status_code == 200
    assert asked == []
    assert staff.post(address, {"reason": "better"}).status_code == 302
    assert [(one["model"], one["reason"]) for one in asked] == [(model, "better")]


def test_a_refused_roll_back_says_why(staff):
    response = staff.post(reverse("admin:predictions_modelversion_roll_back_it"), {"reason": "worse"}, follow=True)
    assert "There is no earlier champion to go back to." in response.content.decode()


def test_a_reader_cannot_start_a_run(reader):
    run = Run.objects.create(kind="daily", as_of=face.DAY, state="failed")
    assert reader.post(reverse("admin:customers_run_run_again", args=[run.pk])).status_code == 403


def test_run_again_queues_the_job_of_that_day_after_asking(staff, monkeypatch, django_capture_on_commit_callbacks):
    run = Run.objects.create(kind="daily", as_of=face.DAY, state="failed")
    queued = []
    monkeypatch.setattr("churnsite.tasks.daily.delay", queued.append)
    address = reverse("admin:customers_run_run_again", args=[run.pk])
    staff.get(address)
    assert queued == []
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(address)
    assert queued == ["2017-09-30"]


def test_a_failed_step_shows_its_cause(staff):
    face.rows(1)
    assert "no disk" in staff.get(url(Run, "change", Run.objects.get().pk)).content.decode()


def test_the_pinned_date_is_on_every_page(staff, settings):
    settings.BUSINESS_DATE = face.DAY
    for address in (reverse("admin:index"), url(Customer, "changelist"), reverse("admin:data_dictionary")):
        assert "BUSINESS_DATE" in staff.get(address).content.decode()


def test_no_pin_no_banner(staff, settings):
    settings.BUSINESS_DATE = None
    assert "BUSINESS_DATE" not in staff.get(reverse("admin:index")).content.decode()


def test_the_language_switch_changes_the_page(staff):
    staff.post(reverse("set_language"), {"language": "zh-hans", "next": "/admin/"})
    assert "客户" in staff.get(reverse("admin:index")).content.decode()


def test_the_sidebar_shows_only_what_may_be_opened(client):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    client.force_login(user)
    page = client.get(reverse("admin:index")).content.decode()
    assert url(Customer, "changelist") in page
    assert url(Run, "changelist") not in page


def test_a_measure_noted_by_staff_gets_an_id_and_its_author(staff):
    face.rows(1)
    Intervention.objects.all().delete()
    customer = Customer.objects.get()
    values = {
        "customer": customer.pk,
        "kind": "call",
        "occurred_at_0": "2017-09-20",
        "occurred_at_1": "10:00",
        "cost": "0",
    }
    staff.post(url(Intervention, "add"), values)
    noted = Intervention.objects.get()
    assert noted.recorded_by.username == "boss"
    assert noted.intervention_id.startswith("staff-")


def test_an_upload_is_queued_once_it_is_stored(staff, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr("customers.tasks.import_file.delay", queued.append)
    file = SimpleUploadedFile("customers.csv", b"customer_id,registered_on\nc1,2017-01-01\n")
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(url(ImportFile, "add"), {"upload": file, "kind": "customers", "encoding": "", "profile": ""})
    stored = ImportFile.objects.get()
    assert queued == [stored.pk]
    assert (stored.name, stored.source, stored.state) == ("customers.csv", "upload", "waiting")
    assert stored.created_by.username == "boss"


def test_an_uploaded_file_goes_in_and_its_bad_row_can_be_mended(staff, django_capture_on_commit_callbacks):
    file = SimpleUploadedFile("customers.csv", b"customer_id,registered_on\nc1,2017-01-01\nc2,soon\n")
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(url(ImportFile, "add"), {"upload": file, "kind": "customers", "encoding": "", "profile": ""})
    assert (ImportFile.objects.get().n_added, ImportFile.objects.get().n_set_aside) == (1, 1)
    row = SetAsideRow.objects.get()
    address = reverse("admin:customers_setasiderow_mend_row", args=[row.pk])
    assert "is not a date" in staff.get(address).content.decode()
    names = list(row.raw)
    cells = {f"cell_{i}": {"customer_id": "c2", "registered_on": "2017-02-01"}[name] for i, name in enumerate(names)}
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(address, cells)
    assert sorted(Customer.objects.values_list("customer_id", flat=True)) == ["c1", "c2"]
    row.refresh_from_db()
    assert row.resolved_at is not None


def test_a_reader_cannot_mend_a_row_or_upload_a_file(reader):
    face.rows(1)
    row = SetAsideRow.objects.get()
    assert reader.post(reverse("admin:customers_setasiderow_mend_row", args=[row.pk]), {}).status_code == 403
    assert reader.get(url(ImportFile, "add")).status_code == 403


def test_set_aside_rows_download_with_their_reasons_and_formulas_defused(staff):
    face.rows(1)
    lines = b"".join(staff.get(reverse("admin:customers_setasiderow_export")).streaming_content).decode("utf-8-sig")
    assert lines.splitlines()[0] == "customer_id,registered_on,set_aside_file,set_aside_line,set_aside_reasons"
    assert lines.splitlines()[1].startswith("'=1+1,soon,f0.csv,2,registered_on")


def test_a_profile_with_rules_that_cannot_work_is_not_kept(staff):
    response = staff.post(url(ImportProfile, "add"), {"name": "shop", "rules": '{"nothing": {}}'})
    assert response.status_code == 200
    assert "The rules cannot be used" in response.content.decode()
    assert not ImportProfile.objects.filter(name="shop").exists()

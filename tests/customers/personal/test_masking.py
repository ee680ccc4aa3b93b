"""Who sees names: lists, pages and search without the right show a mask, and a canary is in no log, task or address."""

import io
import logging
import logging.config

import pytest
from celery.signals import before_task_publish, task_prerun
from django.conf import settings as site_settings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from churnsite import celery_app
from customers import audit
from customers.ingest.load import load_file
from customers.ingest.rows import load_rows
from customers.models import Customer, ImportFile, Intervention, SetAsideRow
from customers.personal import MASK, label, masked, shown
from customers.personal.holdings import declared
from predictions.models import Prediction
from tests import face

pytestmark = pytest.mark.django_db
ID, NAME, PHONE = "CANARY-4711", "Wang Canary", "+86-139-CANARY"
CANARIES = (ID, NAME, PHONE)


def client_with(*permissions: str) -> Client:
    user = User.objects.create(username=f"user-{len(permissions)}", is_staff=True)
    names = [name.partition(".")[2] for name in permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


VIEWS = ("customers.view_customer", "customers.view_intervention", "predictions.view_prediction")
SET_ASIDE = ("customers.view_setasiderow", "customers.change_setasiderow")


@pytest.fixture
def person(settings):
    settings.BUSINESS_DATE = face.DAY
    face.rows(1)
    Customer.objects.update(customer_id=ID, name=NAME, gender="secret-gender")
    Intervention.objects.update(note=PHONE)
    SetAsideRow.objects.update(raw={"customer_id": "C-9", "name": NAME})
    return Customer.objects.get()


def addresses(person) -> list[str]:
    of_customer = reverse("admin:customers_customer_change", args=[person.pk])
    lists = ("customers_customer", "customers_intervention", "predictions_risktoday", "predictions_prediction")
    pages = [reverse(f"admin:{name}_changelist") for name in lists]
    pages += [of_customer, *(f"{of_customer}?tab={tab}" for tab in ("profile", "history"))]
    pages.append(reverse("admin:customers_intervention_change", args=[Intervention.objects.get().pk]))
    pages.append(reverse("admin:predictions_prediction_change", args=[Prediction.objects.get().pk]))
    return pages


def test_lists_and_pages_show_a_mask_without_the_right(person):
    client = client_with(*VIEWS)
    for address in addresses(person):
        answer = client.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert NAME not in text, address
        assert PHONE not in text, address
        assert "secret-gender" not in text, address
    assert MASK in client.get(reverse("admin:customers_customer_changelist")).content.decode()


def test_lists_and_pages_show_names_with_the_right(person):
    client = client_with(*VIEWS, "customers.view_personal")
    seen = [NAME in client.get(address).content.decode() for address in addresses(person)]
    assert seen.count(True) >= 4


def test_a_hidden_name_is_not_found_by_searching_sorting_or_choosing(person):
    for may, client in ((False, client_with(*VIEWS)), (True, client_with(*VIEWS, "customers.view_personal"))):
        for page in ("customers_customer", "predictions_risktoday"):
            found = client.get(reverse(f"admin:{page}_changelist"), {"q": "Wang"})
            assert (ID in found.content.decode()) == may
        facts = {"app_label": "customers", "model_name": "intervention", "field_name": "customer", "term": "Wang"}
        answer = client.get(reverse("admin:autocomplete"), facts)
        assert (ID in answer.content.decode()) == (may and answer.status_code == 200)


def test_rows_set_aside_show_their_cells_to_those_with_the_right_only(person):
    row = SetAsideRow.objects.get()
    page = reverse("admin:customers_setasiderow_change", args=[row.pk])
    mend = reverse("admin:customers_setasiderow_mend_row", args=[row.pk])
    without, with_right = client_with(*SET_ASIDE), client_with(*SET_ASIDE, "customers.view_personal")
    assert NAME not in without.get(page).content.decode()
    assert NAME in with_right.get(page).content.decode()
    assert without.get(mend).status_code == 403
    assert with_right.get(mend).status_code == 200


@pytest.mark.parametrize("way", ["export", "export_xlsx"])
def test_downloads_have_no_names_without_the_right(person, way):
    answer = client_with(*VIEWS, "predictions.export_prediction").get(reverse(f"admin:predictions_risktoday_{way}"))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200
    assert NAME.encode() not in content


def test_the_audit_log_is_for_those_with_the_permission_and_is_only_read(person):
    address = reverse("admin:customers_auditentry_changelist")
    assert client_with(*VIEWS).get(address).status_code == 403
    client = client_with("customers.view_auditentry", "customers.view_personal")
    assert client.get(address).status_code == 200
    entry = audit.note("a note", subject=person)
    for verb in ("add", "delete", "change"):
        args = [] if verb == "add" else [entry.pk]
        assert client.post(reverse(f"admin:customers_auditentry_{verb}", args=args), {"who": "x"}).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"q": ID},
        {"via": "admin"},
        {"table": "customers_customer"},
        {"action": "delete"},
        {"who": "1"},
        {"at_from": "2026-01-01"},
    ],
)
def test_the_audit_log_is_filtered(person, admin_client, query):
    answer = admin_client.get(reverse("admin:customers_auditentry_changelist"), query)
    assert answer.status_code == 200
    assert "e=1" not in answer.get("Location", "")


def test_a_mask_keeps_what_is_empty_empty():
    nobody = User.objects.create(username="nobody")
    assert [masked(value, nobody) for value in (NAME, "", None)] == [MASK, "", None]
    assert masked(NAME, None) == MASK
    assert masked(NAME, User(is_superuser=True, is_active=True)) == NAME


def test_programs_call_customers_by_their_ids_and_write_names_into_files():
    assert label(ID, NAME) == ID
    assert shown(NAME) == NAME
    with audit.acting(via="admin"):
        assert shown(NAME) == MASK
    with audit.acting(user=User(pk=1, is_superuser=True, is_active=True), via="admin"):
        assert label(ID, NAME) == f"{ID} {NAME}"


def test_personal_columns_are_there():
    for one in declared():
        assert set(one.personal) <= {field.name for field in one.table._meta.fields}


@pytest.fixture
def said():
    """All that the loggers say, at every level, in the site's own form; and every argument of a task."""
    celery_app.loader.import_default_modules()  # which configures logging again
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    given = site_settings.LOGGING["formatters"]["line"]
    handler.setFormatter(logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(given)))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    def sent(**signal) -> None:
        out.write(str((signal.get("args"), signal.get("kwargs"), signal.get("body"))))

    task_prerun.connect(sent, weak=False, dispatch_uid="said")
    before_task_publish.connect(sent, weak=False, dispatch_uid="said")
    yield out
    root.removeHandler(handler)
    root.setLevel(level)
    task_prerun.disconnect(dispatch_uid="said")
    before_task_publish.disconnect(dispatch_uid="said")


def test_a_canary_is_in_no_log_no_task_and_no_address(said, admin_client, tmp_path, monkeypatch, settings):
    settings.BUSINESS_DATE = face.DAY
    admin_client.raise_request_exception = False
    path = tmp_path / "upload.csv"
    path.write_text(f"customer_id,registered_on,name\n{ID},2017-01-01,{NAME}\n{ID}0,{PHONE},{NAME}\n")
    load_file(path=path, kind="customers")
    load_rows("customers", [{"customer_id": ID, "registered_on": PHONE, "name": NAME}])
    customer = Customer.objects.get()
    with path.open("rb") as upload:
        admin_client.post("/admin/customers/importfile/add/", {"upload": upload, "kind": "customers"})
    celery_app.tasks["customers.process_waiting"].delay()
    for file in ImportFile.objects.all():
        celery_app.tasks["customers.import_file"].delay(file.pk)
    links = [admin_client.get(f"/admin/customers/customer/{customer.pk}/change/")]
    links.append(admin_client.get("/admin/customers/customer/"))
    with monkeypatch.context() as broken:
        broken.setattr("customers.ingest.load._load", _fails)
        ImportFile.objects.update(state="waiting")
        celery_app.tasks["customers.process_waiting"].delay()
        broken.setattr("customers.admin.panels.render_context", _fails)
        assert admin_client.get(f"/admin/customers/customer/{customer.pk}/change/").status_code == 500
    Intervention.objects.create(
        intervention_id="I", customer=customer, kind="call", occurred_at=timezone.now(), note=PHONE
    )
    found = said.getvalue()
    assert "Internal Server Error" in found, "or nothing was logged at all"
    assert "Traceback" in found
    figures = admin_client.get(reverse("metrics"), REMOTE_ADDR="127.0.0.1")
    assert figures.status_code == 200
    for canary in CANARIES:
        assert canary not in found
        assert canary not in figures.content.decode()
    addresses = [part.split('"')[0] for page in links for part in page.content.decode().split('href="')[1:]]
    assert addresses
    assert not any(canary in address for canary in CANARIES for address in addresses)


def _fails(*_args, **_options):
    """As a database's error would, it repeats the values."""
    from django.db import IntegrityError

    raise IntegrityError(f"duplicate key\nDETAIL:  Key (customer_id)=({ID}) already exists: {NAME} {PHONE}")


def test_sql_is_not_logged():
    assert not logging.getLogger("django.db.backends").isEnabledFor(logging.DEBUG)

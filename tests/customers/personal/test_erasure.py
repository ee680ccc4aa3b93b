"""A customer's data handed out and erased: in tables, archive, snapshots, files, rows set aside and the audit log."""

import csv
import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from customers import archive
from customers.archive import files
from customers.clock import start_of
from customers.commands import Refused
from customers.ingest.load import load_file
from customers.ingest.rows import load_rows
from customers.ingest.stage import TABLE
from customers.models import (
    ArchiveFile,
    AuditEntry,
    Customer,
    ErasureCertificate,
    Hold,
    ImportFile,
    Intervention,
    Link,
    Run,
    SetAsideRow,
    Transaction,
)
from customers.personal.erasing import erase, preview, readmit
from customers.personal.exporting import export
from customers.personal.holdings import declared
from experiments.models import Assignment, Outcome
from experiments.outcomes import ripe
from predictions import snapshots
from predictions.models import FeatureSnapshot, Prediction
from tests.experiments.course import enter, stay
from tests.experiments.factories import DAY, model, running

pytestmark = pytest.mark.django_db
ID, NAME, OTHER = "CANARY-4711", "Wang Canary", "C-2"
REQUEST = "request of 2026-03-01"


@pytest.fixture
def person(settings, tmp_path):
    """A customer with rows wherever there can be some, and another who must stay as they are."""
    settings.BUSINESS_DATE = DAY
    customers = tmp_path / "customers.csv"
    customers.write_text(f"customer_id,registered_on,name\n{ID},2025-01-01,Old Name\n{OTHER},2025-01-01,Other\n")
    load_file(path=customers, kind="customers")
    customers.unlink()
    one, other = (Customer.objects.get(customer_id=key) for key in (ID, OTHER))
    one.name = NAME
    one.save()
    Customer.objects.filter(pk=other.pk).update(referred_by=ID)
    for who in (one, other):
        for number, day in enumerate((DAY - dt.timedelta(days=300), DAY - dt.timedelta(days=3))):
            key = f"T-{who.pk}-{number}"
            Transaction.objects.create(transaction_id=key, customer=who, occurred_at=start_of(day), amount=5)
    Link.objects.create(low=min(one, other, key=lambda c: c.pk), high=max(one, other, key=lambda c: c.pk), since=DAY)
    Intervention.objects.create(intervention_id="I1", customer=one, kind="call", occurred_at=timezone.now(), note=NAME)
    archive.purge(as_of=DAY)
    snapshots.ensure(as_of=DAY)
    load_rows("customers", [{"customer_id": ID, "registered_on": "soon", "name": NAME}])
    return one


def prediction(customer: Customer) -> Prediction:
    facts = {"probability": Decimal("0.5"), "risk_level": "high", "lifecycle_stage": "active"}
    return Prediction.objects.create(customer=customer, as_of=DAY, model=model(), **facts)


def everywhere(folder: Path) -> str:
    """Every table as text, and every file as bytes and, of Parquet, as rows."""
    texts = []
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names()) - {TABLE}:
            cursor.execute(f'SELECT * FROM "{table}"')
            texts.append(str(cursor.fetchall()))
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            texts.append(str(pl.read_parquet(path).to_dicts()))
        elif path.is_file() and "sqlite" not in path.name:
            texts.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(texts)


def test_after_an_erasure_neither_id_nor_name_is_anywhere(person, data_dir):
    before = everywhere(data_dir)
    assert ID in before
    assert NAME in before
    erase(customer_id=ID, reason=REQUEST)
    after = everywhere(data_dir)
    assert ID not in after
    assert NAME not in after
    assert "Old Name" not in after


def test_other_customers_stay_as_they_are(person):
    erase(customer_id=ID, reason=REQUEST)
    other = Customer.objects.get()
    assert (other.customer_id, other.name, other.referred_by) == (OTHER, "Other", "")
    assert other.transactions.count() == 1
    kept = archive.scan(kind="transactions", since=dt.date(2020, 1, 1), until=DAY).collect()
    assert kept["customer_id"].to_list() == [OTHER]
    assert snapshots.read(as_of=DAY)["customer_id"].to_list() == [OTHER]


def test_rewritten_files_have_their_new_checksums(person):
    old = FeatureSnapshot.objects.get()
    erase(customer_id=ID, reason=REQUEST)
    for file in ArchiveFile.objects.all():
        assert files.verified(file).exists()
        assert file.n_rows == 1
    snapshot = FeatureSnapshot.objects.get()
    assert snapshot.sha256 != old.sha256
    assert snapshot.n_customers == old.n_customers - 1
    assert snapshots.exists(as_of=DAY, catalogue_version=snapshot.catalogue_version)


def test_archived_features_and_predictions_leave_their_files_too(person, data_dir):
    prediction(person)
    late = DAY + dt.timedelta(days=900)
    archive.purge(as_of=late)
    kinds = {"features", "predictions", "transactions"}
    assert kinds <= set(ArchiveFile.objects.values_list("kind", flat=True))
    erase(customer_id=ID, reason=REQUEST)
    assert ID not in everywhere(data_dir)
    for file in ArchiveFile.objects.all():
        assert files.verified(file).exists()


def test_the_certificate_says_what_was_done_and_names_nobody(person):
    user = User.objects.create(username="ann")
    certificate = erase(customer_id=ID, reason=REQUEST, user=user)
    assert certificate.erased["customers.Transaction"] == 1
    assert certificate.erased["archive"] == 1
    assert certificate.erased["feature snapshots"] == 1
    assert certificate.erased["rows set aside"] == 1
    assert certificate.erased["values in the audit log"] >= 1
    assert certificate.erased["customers.Customer"] == 1
    assert (certificate.kept, certificate.pseudonym, certificate.requested_by) == ([], "", user)
    assert certificate.completed_at is not None
    assert ID not in str(vars(certificate))


def test_the_audit_log_keeps_who_changed_which_columns(person):
    with_values = AuditEntry.objects.get(table="customers_customer", action="change", before__has_key="name")
    erase(customer_id=ID, reason=REQUEST)
    entry = AuditEntry.objects.get(pk=with_values.pk)
    assert (entry.before, entry.after) == ({"name": "[erased]"}, {"name": "[erased]"})
    assert (entry.at, entry.via, entry.row) == (with_values.at, with_values.via, with_values.row)


def test_erasing_twice_is_the_same_certificate(person):
    assert erase(customer_id=ID, reason=REQUEST) == erase(customer_id=ID, reason="again")
    assert ErasureCertificate.objects.get().reason == REQUEST


@pytest.mark.parametrize("broken", ["customers.personal.files.Archive.erase", "predictions.holdings.Snapshots.erase"])
def test_broken_off_among_the_files_the_next_call_goes_on(person, data_dir, monkeypatch, broken):
    with monkeypatch.context() as patched:
        patched.setattr(broken, lambda self, subject: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase(customer_id=ID, reason=REQUEST)
    assert ErasureCertificate.objects.get().completed_at is None
    certificate = erase(customer_id=ID, reason=REQUEST)
    assert ErasureCertificate.objects.get() == certificate
    assert certificate.completed_at is not None
    assert certificate.erased["archive"] == 1
    assert ID not in everywhere(data_dir)


def test_a_row_of_an_erased_customer_is_set_aside_without_its_cells(person, data_dir):
    erase(customer_id=ID, reason=REQUEST)
    load_rows("customers", [{"customer_id": ID, "registered_on": "2025-01-01", "name": NAME}])
    sold = {"transaction_id": "T9", "customer_id": ID, "occurred_at": "2026-02-01T10:00:00Z", "amount": "3"}
    report = load_rows("transactions", [sold, {**sold, "transaction_id": "T10", "customer_id": OTHER}])
    assert [fate for fate, _why in report.rows] == ["set_aside", "added"]
    assert report.rows[0][1][0]["code"] == "erased"
    assert not Customer.objects.filter(customer_id=ID).exists()
    assert ID not in everywhere(data_dir)
    assert NAME not in everywhere(data_dir)


def test_a_customer_who_is_let_back_comes_in_again(person):
    erase(customer_id=ID, reason=REQUEST)
    assert readmit(customer_id=ID)
    assert not readmit(customer_id=ID)
    load_rows("customers", [{"customer_id": ID, "registered_on": "2025-01-01", "name": NAME}])
    assert Customer.objects.filter(customer_id=ID).exists()
    assert erase(customer_id=ID, reason="second request").reason == "second request"


def test_what_an_experiment_rests_on_is_kept_under_a_pseudonym(person, data_dir):
    experiment = running()
    taken = enter(experiment, "coupon")[0]
    Customer.objects.filter(pk=taken.customer_id).update(customer_id="X-1", name="Xavier", region="North", vip_level=2)
    prediction(taken.customer)
    certificate = erase(customer_id="X-1", reason=REQUEST)
    customer = Assignment.objects.get(pk=taken.pk).customer
    assert customer.customer_id == certificate.pseudonym
    assert (customer.name, customer.region, customer.vip_level) == ("", "", None)
    assert [(one["table"], one["rows"]) for one in certificate.kept] == [("experiments.Assignment", 1)]
    assert all(one["why"] for one in certificate.kept)
    assert Hold.objects.get(customer=customer).kind == "opt_out"
    assert not Prediction.objects.filter(customer=customer).exists()
    assert "Xavier" not in everywhere(data_dir)


def test_an_erased_customer_is_watched_no_more(person):
    experiment = running()
    taken = enter(experiment, "coupon", 2)
    stay(taken, DAY)
    late = DAY + dt.timedelta(days=30)
    Customer.objects.filter(pk=taken[0].customer_id).update(customer_id="X-1")
    erase(customer_id="X-1", reason=REQUEST)
    assert list(ripe(experiment, as_of=late)) == [taken[1]]
    assert not Outcome.objects.filter(assignment=taken[0]).exists()


def test_an_uploaded_file_with_the_id_is_deleted_and_one_without_stays(person):
    for name, text in (("a.csv", f"customer_id\n{ID}\n"), ("b.csv", f"customer_id\n{ID}0\n")):
        file = ImportFile.objects.create(name=name, kind="customers", source="upload", state="done")
        file.upload.save(name, ContentFile(text.encode()))
    erase(customer_id=ID, reason=REQUEST)
    assert list(ImportFile.objects.exclude(upload="").values_list("name", flat=True)) == ["b.csv"]


def test_a_preview_changes_nothing(person, data_dir):
    before = everywhere(data_dir)
    found = preview(customer_id=ID)
    assert found["customers.Transaction"] == 1
    assert found["archive"] == 1
    assert everywhere(data_dir) == before


def test_an_unknown_customer_a_missing_reason_and_a_running_job_are_refused(person):
    with pytest.raises(Refused, match="no such customer"):
        erase(customer_id="nobody", reason=REQUEST)
    with pytest.raises(Refused, match="reason"):
        erase(customer_id=ID, reason=" ")
    Run.objects.create(kind="daily", as_of=DAY, state="running", heartbeat_at=timezone.now())
    with pytest.raises(Refused, match="job is running"):
        erase(customer_id=ID, reason=REQUEST)
    assert Customer.objects.filter(customer_id=ID).exists()


def test_an_export_has_everything_of_the_customer_and_of_nobody_else(person, tmp_path):
    out = tmp_path / "person.zip"
    counts = export(customer_id=ID, out=out)
    with zipfile.ZipFile(out) as file:
        found = json.loads(file.read("customer.json"))
        table = list(csv.DictReader(io.StringIO(file.read("customers.Customer.csv").decode("utf-8-sig"))))
    assert found["customers.Customer"][0]["name"] == NAME
    assert table[0]["customer_id"] == ID
    assert {name: len(rows) for name, rows in found.items()} == counts
    assert counts["archive"] == counts["customers.Transaction"] == counts["feature snapshots"] == 1
    assert found["rows set aside"][0]["raw"]["name"] == NAME
    assert any(row["after"] == {"name": NAME} for row in found["values in the audit log"])
    assert OTHER not in json.dumps(found)


def test_the_commands_print_one_json_object(person, tmp_path, capsys):
    call_command("export_customer", ID, "--out", str(tmp_path / "a.zip"), "--json")
    assert json.loads(capsys.readouterr().out)["rows"]["customers.Customer"] == 1
    call_command("erase_customer", ID, "--json")
    assert json.loads(capsys.readouterr().out)["would_erase"]["customers.Customer"] == 1
    assert Customer.objects.filter(customer_id=ID).exists()
    call_command("erase_customer", ID, "--yes", "--reason", REQUEST, "--json")
    assert json.loads(capsys.readouterr().out)["erased"]["customers.Customer"] == 1
    assert not Customer.objects.filter(customer_id=ID).exists()


def of_customers() -> set[str]:
    """Every table from which foreign keys lead to a customer."""
    tables, found = apps.get_models(include_auto_created=True), {Customer}
    while True:
        more = {
            table
            for table in tables
            if not table._meta.proxy and any(one.related_model in found for one in table._meta.concrete_fields)
        }
        if more <= found:
            return {table._meta.label for table in found}
        found |= more


def test_every_table_with_a_path_to_a_customer_is_declared():
    assert of_customers() == {one.table._meta.label for one in declared()}


def test_what_is_kept_says_why():
    assert all(one.why for one in declared() if one.on_erasure == "keep")


def test_a_set_aside_row_keeps_its_place_and_count(person):
    erase(customer_id=ID, reason=REQUEST)
    row = SetAsideRow.objects.get()
    assert (row.line, row.resolution) == (1, "erased")
    assert set(row.raw.values()) == {"[erased]"}

"""What the audit log says of writes by every path, and that nobody edits it."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils.functional import SimpleLazyObject

from churnsite import celery_app
from customers import audit
from customers.audit import triggers
from customers.audit.checks import triggers_are_in_place
from customers.audit.tables import declared
from customers.clock import start_of
from customers.ingest.load import load_file
from customers.models import ApiKey, AuditEntry, Customer, Hold, ImportFile, ImportProfile, Transaction

DAY = dt.date(2017, 9, 30)


@pytest.fixture
def log(db):
    """Entries since the test began, oldest first."""
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return lambda **about: list(AuditEntry.objects.filter(pk__gt=last, **about).order_by("pk"))


@pytest.fixture
def customer(db):
    return Customer.objects.create(customer_id="c1", registered_on=DAY, name="Ann")


def bought(customer: Customer, n: int = 1) -> list[Transaction]:
    rows = (
        Transaction(transaction_id=f"t{i}", customer=customer, occurred_at=start_of(DAY), amount=5) for i in range(n)
    )
    return Transaction.objects.bulk_create(rows)


def test_a_saved_row_is_recorded_with_who_when_and_all_values(log):
    user = User.objects.create(username="ann")
    with audit.acting(user=user, via="admin", source="page"):
        profile = ImportProfile.objects.create(name="shop", rules={"a": {"b": [1]}})
    (entry,) = log(table="customers_importprofile")
    assert (entry.user, entry.who, entry.via, entry.source, entry.action) == (user, "ann", "admin", "page", "add")
    assert (entry.row, entry.n_rows, entry.before) == (str(profile.pk), 1, None)
    assert entry.after["name"] == "shop"
    assert entry.after["rules"] == {"a": {"b": [1]}}
    assert abs(entry.at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)


def test_a_change_has_the_changed_columns_before_and_after(log, customer):
    customer.name, customer.vip_level = "Anna", 3
    customer.save()
    (entry,) = log(table="customers_customer", action="change")
    assert entry.before == {"name": "Ann", "vip_level": None}
    assert entry.after == {"name": "Anna", "vip_level": 3}
    assert entry.customer_pk == customer.pk


def test_a_save_that_changes_nothing_leaves_no_entry(log, customer):
    customer.save()
    assert log(table="customers_customer", action="change") == []


def test_a_deleted_row_is_recorded_as_it_was_with_those_that_go_with_it(log, customer):
    bought(customer)
    Customer.objects.filter(pk=customer.pk).delete()
    of_customer, of_transaction = (
        log(table=table, action="delete")[0] for table in ("customers_customer", "customers_transaction")
    )
    assert of_customer.before["name"] == "Ann"
    assert of_transaction.before["transaction_id"] == "t0"
    assert of_transaction.customer_pk == customer.pk


def test_changes_of_many_rows_are_recorded_row_by_row_by_bulk_and_by_raw_sql(log, customer):
    rows = bought(customer, 3)
    Transaction.objects.update(amount=7)
    for row in rows:
        row.payment_method = "card"
    Transaction.objects.bulk_update(rows, ["payment_method"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_transaction SET status = 'refunded'")
    entries = log(table="customers_transaction", action="change")
    assert [sorted(entry.after) for entry in entries] == [["amount"]] * 3 + [["payment_method"]] * 3 + [["status"]] * 3
    assert entries[0].before == {"amount": 5}
    assert {entry.row for entry in entries} == {str(row.pk) for row in Transaction.objects.all()}


def test_facts_that_are_added_together_leave_one_entry_with_their_number(log, customer):
    rows = bought(customer, 3)
    (entry,) = log(table="customers_transaction")
    assert (entry.action, entry.n_rows, entry.after) == ("add", 3, None)
    assert (entry.row, entry.last_row) == (str(rows[0].pk), str(rows[-1].pk))


def test_a_fact_that_is_added_alone_is_recorded_with_its_values(log, customer):
    bought(customer)
    (entry,) = log(table="customers_transaction")
    assert (entry.n_rows, entry.last_row, entry.customer_pk) == (1, "", customer.pk)
    assert entry.after["transaction_id"] == "t0"


def test_two_statements_are_two_entries(log, customer):
    bought(customer, 2)
    Hold.objects.bulk_create(Hold(customer=customer, kind="opt_out", source=f"s{i}", since=DAY) for i in range(2))
    Hold.objects.bulk_create(Hold(customer=customer, kind="opt_out", source=f"z{i}", since=DAY) for i in range(2))
    assert [entry.n_rows for entry in log(table="customers_hold")] == [2, 2]


def test_rows_passed_over_by_ignoring_conflicts_are_not_counted(log, customer):
    bought(customer, 2)
    again = [
        Transaction(transaction_id=f"t{i}", customer=customer, occurred_at=start_of(DAY), amount=9) for i in (1, 2)
    ]
    Transaction.objects.bulk_create(again, ignore_conflicts=True)
    assert [entry.n_rows for entry in log(table="customers_transaction")] == [2, 1]


def test_an_import_is_recorded_with_its_file_its_user_and_each_row_that_it_changed(log, customer, tmp_path):
    path, user = tmp_path / "customers.csv", User.objects.create(username="ann")
    path.write_text("customer_id,registered_on,name\nc1,2017-09-30,Bea\nc2,2017-09-30,Cy\nc3,2017-09-30,Di\n")
    load_file(path=path, kind="customers", user=user)
    file = ImportFile.objects.get()
    added, changed = (log(table="customers_customer", action=action, via="import") for action in ("add", "change"))
    assert [(entry.n_rows, entry.user, entry.source) for entry in added] == [(2, user, f"import {file.pk}")]
    assert [(entry.before, entry.after) for entry in changed] == [({"name": "Ann"}, {"name": "Bea"})]


def test_a_dry_run_leaves_no_entry(log, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("customer_id,registered_on\nc9,2017-09-30\n")
    load_file(path=path, kind="customers", dry_run=True)
    assert log() == []


def test_what_was_rolled_back_was_never_written(log):
    def twice() -> None:
        with audit.acting(via="api"), transaction.atomic():
            Group.objects.create(name="a")
            Group.objects.create(name="a")

    with pytest.raises(IntegrityError):
        twice()
    assert log(table="auth_group") == []


def test_who_acts_is_told_again_after_a_rollback_to_a_savepoint(log):
    with transaction.atomic():
        with audit.acting(via="api", source="one"):
            with transaction.atomic():
                Group.objects.create(name="a")
                transaction.set_rollback(True)
            Group.objects.create(name="b")
        with audit.acting(via="task", source="two"):
            Group.objects.create(name="c")
        Group.objects.create(name="d")
    entries = [(entry.after["name"], entry.via, entry.source) for entry in log(table="auth_group")]
    assert entries == [("b", "api", "one"), ("c", "task", "two"), ("d", "database", "")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_atomic", [True, False])
def test_a_connection_never_speaks_for_who_used_it_before(is_atomic):
    for name, source in (("a", "one"), ("b", "two")):
        with audit.acting(via="api", source=source):
            if is_atomic:
                with transaction.atomic():
                    Group.objects.count()
                    Group.objects.create(name=name)
            else:
                Group.objects.create(name=name)
    Group.objects.create(name="c")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('d')")
    found = AuditEntry.objects.filter(table="auth_group").order_by("pk").values_list("via", "source")
    assert list(found) == [("api", "one"), ("api", "two"), ("database", ""), ("database", "")]


def test_a_lazy_user_is_not_looked_up_for_reading(db, django_assert_num_queries, client):
    user = User.objects.create(username="ann")
    asked = []

    def look() -> User:
        asked.append(1)
        return user

    with audit.acting(user=SimpleLazyObject(look)):
        with django_assert_num_queries(1):
            list(Group.objects.all())
        assert asked == []
        Group.objects.create(name="a")
    assert asked == [1]


def test_a_page_of_the_admin_writes_as_its_user(log, admin_user):
    client = Client()
    client.force_login(admin_user)
    answer = client.post("/admin/auth/group/add/", {"name": "callers"})
    assert answer.status_code == 302
    (entry,) = log(table="auth_group")
    assert (entry.user, entry.via, entry.after["name"]) == (admin_user, "admin", "callers")


def test_a_task_writes_as_itself(log):
    @celery_app.task(name="tests.adds_a_group")
    def adds() -> None:
        Group.objects.create(name="by a task")

    adds.delay()
    (entry,) = log(table="auth_group")
    assert (entry.via, entry.source) == ("task", "tests.adds_a_group")
    assert audit.current().via == "database"


def test_memberships_are_recorded(log):
    user, group = User.objects.create(username="ann"), Group.objects.create(name="a")
    user.groups.add(group)
    user.groups.remove(group)
    entries = log(table="auth_user_groups")
    assert [entry.action for entry in entries] == ["add", "delete"]
    assert entries[0].after["group_id"] == group.pk


def test_secrets_are_not_in_the_log(log):
    user = User.objects.create_user(username="ann", password="first-Secret")
    user.set_password("second-Secret")
    user.save()
    key = ApiKey.objects.create(name="crm", prefix="abcd1234", digest="d" * 64)
    key.digest = "e" * 64
    key.save()
    assert log(table="auth_user", action="change")[0].after == {"password": "[secret]"}
    assert log(table="customers_apikey", action="change")[0].after == {"digest": "[secret]"}
    said = " ".join(str((entry.before, entry.after)) for entry in log())
    assert "pbkdf2" not in said
    assert "md5" not in said
    assert "d" * 64 not in said


def test_a_login_is_noted_and_its_time_is_no_change(log, admin_user):
    Client().force_login(admin_user)
    assert [entry.event for entry in log(table="auth_user") if entry.action != "add"] == ["login"]


def test_a_user_who_goes_stays_in_the_log(log):
    user = User.objects.create(username="ann")
    with audit.acting(user=user, via="admin"):
        Group.objects.create(name="a")
    key = user.pk
    user.delete()
    (entry,) = log(table="auth_group")
    assert (entry.user_id, entry.who) == (key, "ann")


def test_while_rows_move_elsewhere_they_are_counted(log, customer):
    bought(customer, 3)
    with audit.counted(source="archive"):
        Transaction.objects.all().delete()
    (entry,) = log(table="customers_transaction", action="delete")
    assert (entry.n_rows, entry.source, entry.before) == (3, "archive", None)


@pytest.mark.parametrize("statement", ["UPDATE customers_auditentry SET who = 'x'", "DELETE FROM customers_auditentry"])
def test_nobody_edits_the_log(log, customer, statement):
    before = list(AuditEntry.objects.values())
    for write in (lambda: connection.cursor().execute(statement), AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            write()
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        AuditEntry.objects.update(n_rows=9)
    assert list(AuditEntry.objects.values()) == before


def test_erasure_takes_values_out_and_changes_nothing_else(log, customer):
    customer.name = "Anna"
    customer.save()
    with audit.erasing(source="erasure"):
        AuditEntry.objects.update(after={"name": "[erased]"})
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            AuditEntry.objects.update(who="somebody else")
    assert log(action="change")[0].after == {"name": "[erased]"}


@pytest.mark.postgres
def test_the_log_cannot_be_emptied(log, customer):
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE customers_auditentry")


@pytest.mark.postgres
def test_emptying_a_table_and_copying_into_it_are_recorded(log):
    with audit.acting(via="command", source="copies"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        audit.connections.tell(connection)
        with cursor.copy("COPY auth_group (name) FROM STDIN") as copy:
            copy.write(b"a\nb\n")
        cursor.execute("TRUNCATE customers_hold")
    assert [(e.after["name"], e.source) for e in log(table="auth_group")] == [("a", "copies"), ("b", "copies")]
    assert log(table="customers_hold")[0].after == {"truncated": True}


def test_every_trigger_is_in_place(db):
    assert triggers.missing() == []


def test_every_table_is_declared_once_and_is_there():
    names = [one.model.lower() for one in declared()]
    tables = {m._meta.label_lower for m in apps.get_models(include_auto_created=True) if not m._meta.proxy}
    assert sorted(names) == sorted(tables)


def test_a_lost_trigger_is_found_and_put_back(db):
    name = next(iter(triggers._there(connection)))
    table, function = triggers._there(connection)[name]
    with connection.cursor() as cursor:
        for statement in triggers._DIALECTS[connection.vendor].removal(name, table, function):
            cursor.execute(statement)
    assert name in triggers.missing()
    (warning,) = triggers_are_in_place(databases=["default"])
    assert warning.id == "customers.W001"
    triggers.install()
    assert triggers.missing() == []
    assert triggers_are_in_place(databases=["default"]) == []

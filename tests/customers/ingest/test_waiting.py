"""Uploads that wait: each is loaded once, and one whose worker died is taken up by another."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from customers.ingest import load_upload, process_waiting, store, waiting
from customers.models import Customer, ImportFile

pytestmark = pytest.mark.django_db
State = ImportFile.State
ROWS = b"customer_id,registered_on\n" + b"".join(b"C%d,2020-01-01\n" % n for n in range(6))


@pytest.fixture
def upload():
    def make(**values):
        file = ImportFile(name="c.csv", kind="customers", source=ImportFile.Source.UPLOAD, **values)
        file.upload.save("c.csv", ContentFile(ROWS))
        return file

    return make


def ago(**age):
    return timezone.now() - dt.timedelta(**age)


def counted(file):
    file.refresh_from_db()
    return file.state, file.n_read, file.n_added, file.n_unchanged


def test_an_upload_is_loaded_once(upload):
    file = upload()
    assert load_upload(file.pk)
    assert load_upload(file.pk) is None
    assert counted(file) == (State.DONE, 6, 6, 0)


def test_an_upload_that_another_worker_is_loading_is_left_to_it(upload):
    file = upload(state=State.RUNNING, heartbeat_at=ago(minutes=29))
    assert load_upload(file.pk) is None
    assert process_waiting()["files"] == 0
    assert counted(file) == (State.RUNNING, 0, 0, 0)


def test_an_upload_not_heard_of_for_half_an_hour_is_loaded_by_another_worker(upload):
    file = upload(state=State.RUNNING, heartbeat_at=ago(minutes=31), started_at=ago(hours=1))
    assert process_waiting()["files"] == 1
    assert counted(file) == (State.DONE, 6, 6, 0)
    assert file.started_at > ago(minutes=1)


def test_what_the_dead_worker_had_stored_is_counted_anew_and_nothing_is_doubled(upload, monkeypatch):
    monkeypatch.setattr("customers.ingest.prepare.CHUNK", 2)
    file = upload()
    works, chunks = store.store, []

    def dies(**chunk):
        if len(chunks) == 2:
            raise SystemExit  # gone without a word, as when its machine is switched off
        chunks.append(1)
        return works(**chunk)

    with monkeypatch.context() as patch:
        patch.setattr("customers.ingest.load.store", dies)
        with pytest.raises(SystemExit):
            load_upload(file.pk)
    assert counted(file) == (State.RUNNING, 4, 4, 0)
    assert load_upload(file.pk) is None
    ImportFile.objects.filter(pk=file.pk).update(heartbeat_at=ago(minutes=31))
    process_waiting()
    assert counted(file) == (State.DONE, 6, 2, 4)
    assert Customer.objects.count() == 6


def test_a_chunk_that_went_in_is_a_sign_of_life(upload, monkeypatch):
    file = upload(state=State.RUNNING, heartbeat_at=ago(minutes=31))
    store.count(file.pk, store.Counter(added=1), n_read=1)
    assert waiting.load_upload(file.pk) is None


def test_an_import_of_the_command_line_is_not_taken_up(upload):
    ImportFile.objects.create(
        name="c.csv", kind="customers", source=ImportFile.Source.COMMAND, state=State.RUNNING, heartbeat_at=ago(days=1)
    )
    assert process_waiting()["files"] == 0

"""Events reach other systems: stored with the fact, signed, tried again, sent again; none is lost."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction
from django.utils import timezone

from churnsite import celery_app
from customers import outbox, sending, tasks, webhooks
from customers.models import Delivery, Event, Webhook

pytestmark = pytest.mark.django_db
DATA = {"customer_id": "c1", "from": "low", "to": "high"}


class Receiver:
    """Another system on this machine: it keeps what it got and answers as it was told."""

    def __init__(self) -> None:
        self.got, self.answers = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers.items()), body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events?a=1"
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture(autouse=True)
def own_network(settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True


def hook(receiver, *kinds, **facts) -> Webhook:
    return webhooks.make(url=receiver.url, kinds=list(kinds or (outbox.Kind.RISK_LEVEL_CHANGED,)), **facts)


def emit(data=DATA) -> None:
    outbox.emit(outbox.Kind.RISK_LEVEL_CHANGED, data)


def due_now() -> None:
    Delivery.objects.filter(state="waiting").update(next_attempt_at=timezone.now())


def test_an_event_arrives_with_its_kind_time_and_data(receiver):
    one = hook(receiver)
    emit()
    assert webhooks.deliver_due(one) == 1
    ((headers, body),) = receiver.got
    event = Event.objects.get()
    sent = json.loads(body)
    assert sent == {"type": "risk_level.changed", "timestamp": event.happened_at.isoformat(), "data": DATA}
    assert headers["webhook-id"] == str(event.pk)
    row = Delivery.objects.get()
    assert (row.state, row.status, row.n_attempts) == ("delivered", 204, 1)


def test_the_signature_is_that_of_the_specification(receiver):
    one = hook(receiver)
    emit()
    webhooks.deliver_due(one)
    ((headers, body),) = receiver.got
    key = base64.b64decode(one.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_published_example_of_a_signature_comes_out():
    # standardwebhooks.com, the specification's own test of its libraries.
    secret, message_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    given = webhooks.sign(secret, message_id=message_id, timestamp=1614265330, body=b'{"test": 2432232314}')
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_sign(receiver):
    one = hook(receiver)
    old = one.secret
    webhooks.rotate(one)
    emit()
    webhooks.deliver_due(one)
    assert len(receiver.got[0][0]["webhook-signature"].split()) == 2
    assert Webhook.objects.get().previous_secret == old
    Webhook.objects.update(previous_secret_until=timezone.now())
    emit()
    webhooks.deliver_due(one)
    assert len(receiver.got[1][0]["webhook-signature"].split()) == 1


def test_only_what_was_asked_for_comes_and_only_while_active(receiver):
    hook(receiver, outbox.Kind.HEALTH_ALERT)
    Webhook.objects.create(
        url=receiver.url, kinds=["risk_level.changed"], is_active=False, secret=webhooks.fresh_secret()
    )
    assert not outbox.is_wanted(outbox.Kind.RISK_LEVEL_CHANGED)
    emit()
    assert not Event.objects.exists()


def test_an_event_of_a_transaction_that_is_undone_was_never_there(receiver):
    hook(receiver)
    with transaction.atomic():
        emit()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_after_a_failure_it_is_tried_again_with_longer_and_longer_pauses(receiver):
    one = hook(receiver)
    emit()
    pauses = []
    for _attempt in range(len(webhooks.PAUSES)):
        receiver.answers = [500]
        before = timezone.now()
        assert webhooks.deliver_due(one) == 0
        row = Delivery.objects.get()
        assert (row.state, row.status) == ("waiting", 500)
        pauses.append(round((row.next_attempt_at - before).total_seconds(), -1))
        assert webhooks.deliver_due(one) == 0, "its time has not come"
        due_now()
    assert pauses == sorted(pauses)
    receiver.answers = [500]
    webhooks.deliver_due(one)
    assert Delivery.objects.get().state == "failed"
    assert len(receiver.got) == len(webhooks.PAUSES) + 1


def test_a_receiver_that_is_down_loses_nothing(receiver):
    one = hook(receiver)
    receiver.server.shutdown()
    receiver.server.server_close()
    emit()
    emit()
    assert webhooks.deliver_due(one) == 0
    assert list(Delivery.objects.order_by("pk").values_list("state", "n_attempts")) == [("waiting", 1), ("waiting", 0)]
    assert Delivery.objects.order_by("pk").first().error == "ConnectionRefusedError"


def test_a_queue_that_does_not_answer_loses_nothing(receiver, monkeypatch, django_capture_on_commit_callbacks):
    one = hook(receiver)
    celery_app.conf.task_always_eager = False  # a fixture of every test sets it back
    monkeypatch.setattr(tasks.deliver, "delay", lambda _pk: (_ for _ in ()).throw(ConnectionError("redis")))
    with django_capture_on_commit_callbacks(execute=True):
        emit()
    assert Delivery.objects.get().state == "waiting"
    monkeypatch.setattr(tasks.deliver, "delay", lambda pk: tasks.deliver(pk))
    assert tasks.deliver_waiting() == 1
    assert Delivery.objects.get().state == "delivered"
    assert one.deliveries.count() == 1


def test_what_was_given_up_is_sent_again_when_staff_ask(receiver):
    one = hook(receiver)
    emit()
    Delivery.objects.update(state="failed", n_attempts=10, status=500)
    assert webhooks.replay(Delivery.objects.all()) == 1
    assert webhooks.deliver_due(one) == 1
    assert Delivery.objects.get().n_attempts == 1


def test_the_same_event_keeps_its_id_when_it_is_sent_again(receiver):
    one = hook(receiver)
    emit()
    webhooks.deliver_due(one)
    webhooks.replay(Delivery.objects.all())
    webhooks.deliver_due(one)
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1


def test_a_sender_that_died_is_followed_by_another(receiver):
    one = hook(receiver)
    emit()
    Delivery.objects.update(claimed_until=timezone.now() + dt.timedelta(minutes=1))
    assert webhooks.deliver_due(one) == 0
    Delivery.objects.update(claimed_until=timezone.now() - dt.timedelta(seconds=1))
    assert webhooks.deliver_due(one) == 1


def test_told_events_are_let_go_and_waiting_ones_are_not(receiver):
    one = hook(receiver)
    emit()
    webhooks.deliver_due(one)
    emit()
    Event.objects.update(happened_at=timezone.now() - webhooks.KEPT - dt.timedelta(days=1))
    assert webhooks.forget_old() == 1
    assert Delivery.objects.get().state == "waiting"


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https://", "https://user:pw@a.example/", "nonsense", "http://[::1", "https://a.example:x/"],
)
def test_an_address_that_is_none_is_refused(url):
    assert sending.check(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[::1]", "0.0.0.0"]
)
def test_the_own_network_is_closed_unless_it_is_opened(host, settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    assert sending.check(f"https://{host}/")
    with pytest.raises(sending.NotSentError):
        sending.post(f"https://{host}/", body=b"", headers={})


def test_a_name_that_points_into_the_own_network_is_not_sent_to(settings, monkeypatch):
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", ("10.0.0.8", 443))])
    with pytest.raises(sending.NotSentError, match="not allowed"):
        sending.post("https://crm.example.com/", body=b"", headers={})


def test_a_link_local_address_is_never_sent_to():
    with pytest.raises(sending.NotSentError, match="not allowed"):
        sending.post("http://169.254.169.254/latest", body=b"", headers={})

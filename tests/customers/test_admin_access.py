"""Keys, webhooks, deliveries and jobs in the admin."""

import hashlib
import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from customers import outbox, webhooks
from customers.models import ApiKey, Delivery, Event, Job, Webhook
from customers.rest import keys

pytestmark = pytest.mark.django_db
KEY = {"name": "CRM", "scopes": ["customers:read", "predictions:read"], "expires_at_0": "", "expires_at_1": ""}
HOOK = {"url": "https://8.8.8.8/events", "kinds": ["health.alert"], "is_active": "on"}


@pytest.fixture
def boss(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def add(boss, model: str, data: dict[str, object]) -> str:
    return boss.post(reverse(f"admin:customers_{model}_add"), data, follow=True).content.decode()


def confirm(boss, model: str, row, action: str) -> str:
    url = reverse(f"admin:customers_{model}_{action}", args=[row.pk])
    assert boss.get(url).status_code == 200, "it asks first"
    return boss.post(url, follow=True).content.decode()


def test_a_key_is_shown_when_it_is_made_and_never_again(boss):
    page = add(boss, "apikey", KEY)
    (text,) = re.findall(r"sjx_[\w-]{43}", page)
    key = ApiKey.objects.get()
    assert key.digest == hashlib.sha256(text.encode()).hexdigest()
    assert (key.scopes, key.created_by.username) == (["customers:read", "predictions:read"], "boss")
    for address in ("changelist", "change"):
        url = reverse(f"admin:customers_apikey_{address}", args=[key.pk] if address == "change" else [])
        assert text not in boss.get(url).content.decode()


def test_a_key_without_a_scope_or_with_an_unknown_one_is_refused(boss):
    add(boss, "apikey", KEY | {"scopes": []})
    add(boss, "apikey", KEY | {"scopes": ["everything"]})
    assert not ApiKey.objects.exists()


def test_a_key_is_replaced_once_and_both_are_valid_for_a_week(boss):
    old, _text = keys.make(name="CRM", scopes=["customers:read"])
    page = confirm(boss, "apikey", old, "replace_key")
    assert re.search(r"sjx_[\w-]{43}", page)
    old.refresh_from_db()
    assert old.is_valid
    assert old.successor.is_valid
    confirm(boss, "apikey", old, "replace_key")
    assert ApiKey.objects.count() == 2


def test_a_key_is_revoked_and_stays_in_the_list(boss):
    key, _text = keys.make(name="CRM", scopes=[])
    confirm(boss, "apikey", key, "revoke_key")
    assert not ApiKey.objects.get().is_valid
    assert "revoked" in boss.get(reverse("admin:customers_apikey_changelist")).content.decode()


def test_a_secret_is_shown_when_the_webhook_is_made_and_when_it_is_replaced(boss):
    page = add(boss, "webhook", HOOK)
    webhook = Webhook.objects.get()
    assert webhook.secret in page
    assert webhook.created_by.username == "boss"
    change = reverse("admin:customers_webhook_change", args=[webhook.pk])
    assert webhook.secret not in boss.get(change).content.decode()
    page = confirm(boss, "webhook", webhook, "replace_secret")
    fresh = Webhook.objects.get()
    assert fresh.secret in page
    assert fresh.previous_secret == webhook.secret


def test_an_address_in_the_own_network_is_refused_with_a_sentence(boss, settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    assert "WEBHOOK_PRIVATE_ADDRESSES" in add(boss, "webhook", HOOK | {"url": "https://10.0.0.8/"})
    assert not Webhook.objects.exists()


def test_a_test_event_goes_out_whatever_the_webhook_asked_for(boss):
    webhook = webhooks.make(url=HOOK["url"], kinds=["health.alert"])
    confirm(boss, "webhook", webhook, "send_test")
    assert Delivery.objects.get().event.kind == Event.Kind.TEST


def test_deliveries_are_listed_with_what_came_of_them_and_sent_again(boss):
    webhooks.make(url=HOOK["url"], kinds=["health.alert"])
    outbox.emit(outbox.Kind.HEALTH_ALERT, {"customer_id": "c1"})
    Delivery.objects.update(state="failed", status=500, n_attempts=10, next_attempt_at=timezone.now())
    row = Delivery.objects.get()
    url = reverse("admin:customers_delivery_changelist")
    assert "given up" in boss.get(url).content.decode()
    assert "c1" in boss.get(reverse("admin:customers_delivery_change", args=[row.pk])).content.decode()
    boss.post(url, {"action": "send_again", "_selected_action": [row.pk]})
    assert Delivery.objects.values_list("state", "n_attempts").get() == ("waiting", 0)


def test_a_person_sees_their_own_jobs_and_whoever_watches_sees_all(client, boss):
    ann = User.objects.create_user("ann", is_staff=True)
    own = Job.objects.create(kind="own.work", created_by=ann, result={"n": 7})
    other = Job.objects.create(kind="other.work")
    url = reverse("admin:customers_job_changelist")
    assert "other.work" in boss.get(url).content.decode()
    client.force_login(ann)
    page = client.get(url).content.decode()
    assert "own.work" in page
    assert "other.work" not in page
    assert "7" in client.get(reverse("admin:customers_job_change", args=[own.pk])).content.decode()
    assert client.get(reverse("admin:customers_job_change", args=[other.pk])).status_code != 200

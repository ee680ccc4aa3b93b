"""What packages keep in English is shown in the reader's language: permissions, schedules, rows of migrations."""

import json
import re
from html import unescape
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from django.utils import translation
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from churnsite import permission_names, schedule_words
from customers import sending, webhooks
from customers.admin.webhooks import CAUSES
from customers.ingest.messages import reason, say
from customers.models import Delivery, Event, ImportProfile

pytestmark = pytest.mark.django_db
ENGLISH = re.compile(r"\b(?!Webhook|API|TOTP|crontab)[A-Za-z]{3,}")


@pytest.fixture
def chinese(client):
    """A superuser's browser that asks for Chinese."""
    client.force_login(User.objects.create_superuser("boss"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


def page(client, view: str, *args) -> str:
    answer = client.get(reverse(f"admin:{view}", args=args))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_every_permission_is_told_in_chinese():
    with translation.override("zh-hans"):
        told = [permission_names.told(one) for one in Permission.objects.select_related("content_type")]
    assert [one for one in told if ENGLISH.search(one)] == []


def test_the_names_of_our_own_permissions_are_those_that_the_models_declare():
    ours = ("customers", "predictions", "healthscore", "experiments")
    models = (model for app in ours for model in apps.get_app_config(app).get_models())
    declared = {str(name) for model in models for _codename, name in model._meta.permissions}
    assert declared == set(permission_names.OWN)


@pytest.mark.parametrize("of", ["user", "group"])
def test_permissions_are_offered_in_the_readers_language_and_kept_as_before(chinese, of, django_assert_max_num_queries):
    row = Group.objects.first() if of == "group" else User.objects.get()
    with django_assert_max_num_queries(40):
        shown = page(chinese, f"auth_{of}_change", row.pk)
    assert "客户 | 客户 | 可以查看：客户" in shown
    assert "Can view" not in shown
    assert Permission.objects.get(codename="view_customer").name == "Can view customer"


@pytest.mark.parametrize(
    ("times", "chinese", "english"),
    [
        (("0", "2", "*"), "在 02:00（Asia/Shanghai）", "At 02:00 (Asia/Shanghai)"),
        (("0", "3", "0"), "在 03:00，仅在 星期日（Asia/Shanghai）", "At 03:00, only on Sunday (Asia/Shanghai)"),
        (("*/5", "*", "*"), "每 5 分钟（Asia/Shanghai）", "Every 5 minutes (Asia/Shanghai)"),
    ],
)
def test_a_crontab_is_told_in_the_readers_language(times, chinese, english):
    minute, hour, day = times
    row = CrontabSchedule(minute=minute, hour=hour, day_of_week=day, timezone="Asia/Shanghai")
    with translation.override("zh-hans"):
        assert schedule_words.crontab(row) == chinese
    with translation.override("en"):
        assert schedule_words.crontab(row) == english


def test_a_crontab_that_nobody_can_tell_stands_as_it_is():
    assert schedule_words.crontab(CrontabSchedule(month_of_year="13", timezone="UTC")) == "* * * 13 * (UTC)"


@pytest.mark.parametrize("period", schedule_words.EVERY)
def test_an_interval_is_told_in_the_readers_language(period):
    with translation.override("zh-hans"):
        assert schedule_words.interval(IntervalSchedule(every=7, period=period)).startswith("每 7 ")
    assert schedule_words.interval(IntervalSchedule(every=1, period=period)) == f"every {period[:-1]}"


def test_tasks_that_come_with_the_system_are_named_and_timed_in_the_readers_language(chinese):
    shown = page(chinese, "django_celery_beat_periodictask_changelist")
    for text in ("每日任务", "在 02:00", "每 1 分钟"):
        assert text in shown
    assert "daily job" not in shown
    assert "仅在 星期日" in page(chinese, "django_celery_beat_crontabschedule_changelist")
    assert "每 60 分钟" in page(chinese, "django_celery_beat_intervalschedule_changelist")


def test_saving_a_task_that_was_shown_in_chinese_changes_nothing(chinese):
    task = PeriodicTask.objects.get(name="daily job")
    address = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    form = chinese.get(address).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    assert shown["name"] == "每日任务"
    assert "特征" in shown["description"]
    sent = {name: value for name, value in shown.items() if value not in (None, False)}
    assert chinese.post(address, sent).status_code == 302
    after = PeriodicTask.objects.get(pk=task.pk)
    assert (after.name, after.description) == (task.name, task.description)


def test_profiles_that_come_with_the_system_are_described_in_the_readers_language(chinese):
    shown = page(chinese, "customers_importprofile_changelist")
    assert "按发票合并为一笔交易" in shown
    assert "invoice lines" not in shown
    profile = ImportProfile.objects.get(name="online_retail")
    assert "按发票合并为一笔交易" in page(chinese, "customers_importprofile_change", profile.pk)
    address = reverse("admin:customers_importprofile_change", args=[profile.pk])
    form = chinese.get(address).context["adminform"].form
    assert chinese.post(address, {name: form[name].value() for name in form.fields}).status_code == 302
    assert ImportProfile.objects.get(pk=profile.pk).description == profile.description


def test_why_a_shipped_profile_set_a_line_aside_is_told_in_the_readers_language():
    stored = reason("filtered", "InvoiceNo", reason="the invoice was cancelled")
    with translation.override("zh-hans"):
        assert say(stored) == "InvoiceNo 发票已作废"
    with translation.override("en"):
        assert say(stored) == "InvoiceNo the invoice was cancelled"


def test_what_somebody_wrote_stands_as_it_is():
    stored = reason("filtered", "no", reason="not ours")
    with translation.override("zh-hans"):
        assert say(stored) == "no not ours"


def test_what_the_admins_scripts_say_is_there_in_chinese(chinese):
    script = Path(django.__file__).parent / "contrib/admin/static/admin/js/SelectFilter2.js"
    known = chinese.get(reverse("admin:jsi18n")).content.decode()
    for text in re.findall(r"gettext\('([^']+)'\)", script.read_text(encoding="utf-8")):
        assert json.dumps(text) in known, text


def test_a_group_of_users_is_no_group_of_customers(chinese):
    with translation.override("zh-hans"):
        assert str(Group._meta.verbose_name) == "组"


def test_why_an_event_could_not_be_sent_is_told_in_the_readers_language(chinese):
    hook = webhooks.make(url="https://8.8.8.8/", kinds=["health.alert"], description="CRM")
    event = Event.objects.create(kind="health.alert", data={})
    Delivery.objects.filter(webhook=hook).delete()
    for error in ("no answer in time", "ConnectionResetError"):
        Delivery.objects.create(event=event, webhook=hook, state="failed", error=error)
        shown = page(chinese, "customers_delivery_changelist")
        Delivery.objects.filter(webhook=hook).delete()
        assert ("未及时应答" if error.startswith("no ") else error) in shown
    assert "HTTP 状态码" in shown


def test_all_that_the_sending_says_is_known(chinese):
    said = re.findall(r'NotSentError\("([^"]+)"\)', Path(sending.__file__).read_text(encoding="utf-8"))
    assert set(said) == set(CAUSES)

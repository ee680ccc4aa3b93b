"""The default schedule that a migration makes."""

from importlib import import_module

import pytest
from celery import current_app
from django.apps import apps
from django_celery_beat.models import CrontabSchedule, PeriodicTask

schedule = import_module("churnsite.migrations.0001_schedule")


@pytest.mark.parametrize(
    ("name", "task", "times"),
    [
        ("daily job", "churnsite.tasks.daily", ("0", "2", "*")),
        ("training", "churnsite.tasks.training", ("0", "3", "0")),
        ("retention", "churnsite.tasks.retention", ("0", "4", "*")),
    ],
)
def test_the_schedule_is_there_in_the_business_time_zone(db, settings, name, task, times):
    entry = PeriodicTask.objects.get(name=name)
    crontab = entry.crontab
    assert (entry.task, entry.enabled) == (task, True)
    assert (crontab.minute, crontab.hour, crontab.day_of_week) == times
    assert (crontab.day_of_month, crontab.month_of_year) == ("*", "*")
    assert str(crontab.timezone) == settings.TIME_ZONE


def test_every_scheduled_task_is_one_that_the_worker_knows(db):
    current_app.loader.import_default_modules()
    for entry in PeriodicTask.objects.filter(name__in=schedule.SCHEDULE):
        assert entry.task in current_app.tasks


def test_what_staff_changed_is_left_as_it_is(db):
    other = CrontabSchedule.objects.create(hour="5", minute="30")
    PeriodicTask.objects.filter(name="daily job").update(crontab=other, enabled=False)
    schedule.make(apps, None)
    entry = PeriodicTask.objects.get(name="daily job")
    assert (entry.crontab, entry.enabled) == (other, False)


def test_it_can_be_undone_and_done_again(db):
    schedule.unmake(apps, None)
    assert not PeriodicTask.objects.filter(name__in=schedule.SCHEDULE).exists()
    schedule.make(apps, None)
    schedule.make(apps, None)
    assert PeriodicTask.objects.filter(name__in=schedule.SCHEDULE).count() == 3
    assert CrontabSchedule.objects.filter(hour="2", minute="0").count() == 1

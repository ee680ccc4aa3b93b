"""The default schedule. Staff may change it in the admin; what is there under these names is left as it is."""

from django.conf import settings
from django.db import migrations

SCHEDULE = {
    "daily job": ("churnsite.tasks.daily", {"minute": "0", "hour": "2"}),
    "training": ("churnsite.tasks.training", {"minute": "0", "hour": "3", "day_of_week": "0"}),
    "retention": ("churnsite.tasks.retention", {"minute": "0", "hour": "4"}),
}
DESCRIPTIONS = {
    "daily job": "Import of waiting rows, features, scores, outcomes, drift, retention.",
    "training": "Trains on what is known by now; a better model becomes the champion.",
    "retention": "Moves rows past their retention into the archive.",
}


def make(apps, schema_editor):
    crontabs = apps.get_model("django_celery_beat", "CrontabSchedule")
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, (task, times) in SCHEDULE.items():
        if tasks.objects.filter(name=name).exists():
            continue
        crontab = crontabs.objects.filter(**_whole(times)).first() or crontabs.objects.create(**_whole(times))
        tasks.objects.create(name=name, task=task, crontab=crontab, description=DESCRIPTIONS[name])


def unmake(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, (task, _times) in SCHEDULE.items():
        tasks.objects.filter(name=name, task=task).delete()


def _whole(times):
    every = {"minute": "*", "hour": "*", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}
    return every | times | {"timezone": settings.TIME_ZONE}


class Migration(migrations.Migration):
    dependencies = [("django_celery_beat", "0019_alter_periodictasks_options")]

    operations = [migrations.RunPython(make, unmake)]

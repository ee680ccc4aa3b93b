"""What waits for other systems is looked for every minute; what is kept for repeated calls is let go every hour."""

from django.db import migrations

SCHEDULE = {
    "webhooks": ("customers.deliver_waiting", 1, "Sends the events that wait for other systems."),
    "old answers": ("customers.forget_old", 60, "Lets go of answers kept for repeated calls, and of old events."),
}


def make(apps, schema_editor):
    intervals = apps.get_model("django_celery_beat", "IntervalSchedule")
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, (task, minutes, description) in SCHEDULE.items():
        if tasks.objects.filter(name=name).exists():
            continue
        times = {"every": minutes, "period": "minutes"}
        interval = intervals.objects.filter(**times).first() or intervals.objects.create(**times)
        tasks.objects.create(name=name, task=task, interval=interval, description=description)


def unmake(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, (task, _minutes, _description) in SCHEDULE.items():
        tasks.objects.filter(name=name, task=task).delete()


class Migration(migrations.Migration):
    dependencies = [("churnsite", "0002_roles")]

    operations = [migrations.RunPython(make, unmake)]

"""The right to see monitoring."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_work"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="run",
            options={
                "ordering": ["-as_of", "kind"],
                "permissions": [("monitor_run", "Can see monitoring")],
                "verbose_name": "run",
                "verbose_name_plural": "runs",
            },
        ),
    ]

"""One index less to keep at enrolment: (experiment, enrolled_on, arm) serves."""

import django.db.models.deletion
from django.db import migrations, models

from experiments import locks


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0004_uplift"),
    ]

    operations = [
        # SQLite makes the table anew, which triggers that name it do not survive.
        migrations.RunPython(locks.remove, locks.install),
        migrations.AlterField(
            model_name="assignment",
            name="arm",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assignments",
                to="experiments.arm",
                verbose_name="arm",
            ),
        ),
        migrations.RunPython(locks.install, locks.remove),
    ]

"""A day of health scores keeps how many customers have each grade."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("healthscore", "0001_scores"),
    ]

    operations = [
        migrations.AddField(
            model_name="healthday",
            name="n_by_grade",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="How many of the day's scores have each grade.",
                verbose_name="customers by grade",
            ),
        ),
    ]

"""The figures of a day are kept by region too, for users who see some regions only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0009_index_of_risk"),
    ]

    operations = [
        migrations.AddField(
            model_name="dailyfigures",
            name="by_region",
            field=models.JSONField(
                default=dict,
                help_text="By the customers' region when the day was counted: risk level, step, predictions, value, known outcomes, churned; empty where there are very many regions.",
                verbose_name="by region",
            ),
        ),
    ]

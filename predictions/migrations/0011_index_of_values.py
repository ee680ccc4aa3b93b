"""The list of a day is filtered and sorted by the monthly value within its index too."""

from django.db import migrations, models

from customers.live_indexes import AddLiveIndex, RemoveLiveIndex

BEFORE = ["-as_of", "-probability", "customer", "risk_level", "lifecycle_stage", "churned", "id"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("predictions", "0010_figures_by_region")]

    operations = [
        AddLiveIndex(
            model_name="prediction",
            index=models.Index(fields=[*BEFORE[:-1], "monthly_value", "id"], name="prediction_day_list"),
        ),
        RemoveLiveIndex(model_name="prediction", name="prediction_day_risk"),
    ]

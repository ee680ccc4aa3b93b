"""The predictions in the order in which their list shows them: the latest day first, of it the highest risk."""

from django.db import migrations, models

from customers.live_indexes import AddLiveIndex, RemoveLiveIndex, postgresql

# A day adds a few per cent of the rows: by default the planner would hear of a new day once in a week.
OFTEN = "autovacuum_analyze_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("predictions", "0008_rights")]

    operations = [
        AddLiveIndex(
            model_name="prediction",
            index=models.Index(
                fields=["-as_of", "-probability", "customer", "risk_level", "lifecycle_stage", "churned", "id"],
                name="prediction_day_risk",
            ),
        ),
        RemoveLiveIndex(model_name="prediction", name="prediction_day_probability"),
        postgresql(
            f"ALTER TABLE predictions_prediction SET ({OFTEN})",
            "ALTER TABLE predictions_prediction "
            "RESET (autovacuum_analyze_scale_factor, autovacuum_vacuum_insert_scale_factor)",
        ),
    ]

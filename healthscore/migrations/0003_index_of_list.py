"""One index holds what a day's list of scores is sorted and filtered by."""

from django.db import migrations, models

from customers.live_indexes import AddLiveIndex, RemoveLiveIndex, postgresql

# Rows of a new day are read from the index alone only once a vacuum has seen them.
OFTEN = "autovacuum_analyze_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("healthscore", "0002_daily_figures")]

    operations = [
        AddLiveIndex(
            model_name="healthscore",
            index=models.Index(
                fields=[
                    *("as_of", "score", "customer", "grade", "grade_before", "change_30d", "coverage", "mrr"),
                    *("customer_type", "id"),
                ],
                name="health_day_list",
            ),
        ),
        RemoveLiveIndex(model_name="healthscore", name="health_day_score"),
        postgresql(
            f"ALTER TABLE healthscore_healthscore SET ({OFTEN})",
            "ALTER TABLE healthscore_healthscore "
            "RESET (autovacuum_analyze_scale_factor, autovacuum_vacuum_insert_scale_factor)",
        ),
    ]

"""What the scores of a large company's day add up to is kept, by region and account manager."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("healthscore", "0003_index_of_list")]

    operations = [
        migrations.CreateModel(
            name="HealthPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_total", models.BooleanField(default=False, verbose_name="all customers")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                ("manager", models.CharField(blank=True, max_length=100, verbose_name="account manager")),
                ("n_scored", models.PositiveBigIntegerField(verbose_name="scored")),
                (
                    "score_total",
                    models.DecimalField(decimal_places=4, max_digits=24, verbose_name="sum of the scores"),
                ),
                (
                    "figures",
                    models.JSONField(
                        help_text="Those of the portfolio; null of a day that was not the latest.",
                        null=True,
                        verbose_name="figures",
                    ),
                ),
                ("made_at", models.DateTimeField(help_text="When counting began.", verbose_name="made at")),
                (
                    "day",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="healthscore.healthday",
                        verbose_name="health score day",
                    ),
                ),
            ],
            options={
                "verbose_name": "health scores in sum",
                "verbose_name_plural": "health scores in sum",
                "default_permissions": (),
                "indexes": [models.Index(fields=["day", "manager"], name="health_part_manager")],
                "constraints": [
                    models.UniqueConstraint(fields=("day", "is_total", "region", "manager"), name="health_part_once")
                ],
            },
        ),
    ]

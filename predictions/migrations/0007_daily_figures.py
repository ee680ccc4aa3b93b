"""What a day's predictions add up to, in a table of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0006_reasons_values_peers"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField(unique=True, verbose_name="as-of date")),
                ("n_low", models.PositiveBigIntegerField(default=0, verbose_name="low risk")),
                ("n_medium", models.PositiveBigIntegerField(default=0, verbose_name="medium risk")),
                ("n_high", models.PositiveBigIntegerField(default=0, verbose_name="high risk")),
                ("n_critical", models.PositiveBigIntegerField(default=0, verbose_name="critical risk")),
                (
                    "value_at_risk",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Monthly value of those at high and critical risk; blank where it was not kept.",
                        max_digits=24,
                        null=True,
                        verbose_name="value at risk",
                    ),
                ),
                (
                    "histogram",
                    models.JSONField(
                        default=list,
                        help_text="Predictions by probability, in twenty steps from 0 to 1.",
                        verbose_name="distribution",
                    ),
                ),
                (
                    "n_closed",
                    models.PositiveBigIntegerField(
                        default=0, help_text="Predictions whose label is closed.", verbose_name="with a known outcome"
                    ),
                ),
                ("n_churned", models.PositiveBigIntegerField(default=0, verbose_name="churned")),
                (
                    "horizon_days",
                    models.PositiveSmallIntegerField(help_text="Days of the label.", verbose_name="horizon"),
                ),
                ("made_at", models.DateTimeField(auto_now=True, verbose_name="made at")),
            ],
            options={
                "verbose_name": "daily figures",
                "verbose_name_plural": "daily figures",
                "ordering": ["-as_of"],
                "default_permissions": (),
            },
        ),
    ]

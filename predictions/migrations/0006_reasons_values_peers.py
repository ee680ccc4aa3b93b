"""The main reason and the monthly value beside each prediction, and the peers of a snapshot to compare with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_work"),
        ("predictions", "0005_treated"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeerGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer_type",
                    models.CharField(
                        blank=True,
                        help_text="Blank for all active customers together.",
                        max_length=100,
                        verbose_name="customer type",
                    ),
                ),
                (
                    "n_customers",
                    models.PositiveBigIntegerField(help_text="Active customers of the type.", verbose_name="customers"),
                ),
                (
                    "quartiles",
                    models.JSONField(
                        help_text="By feature: first quartile, median and third quartile of those who have a value.",
                        verbose_name="quartiles",
                    ),
                ),
            ],
            options={
                "verbose_name": "peer group",
                "verbose_name_plural": "peer groups",
            },
        ),
        migrations.AddField(
            model_name="prediction",
            name="main_reason",
            field=models.CharField(
                blank=True,
                help_text="The feature that raises the risk most, of high and critical risk.",
                max_length=40,
                null=True,
                verbose_name="main reason",
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="monthly_value",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="What the customer buys for in 30 days, at the as-of date.",
                max_digits=15,
                null=True,
                verbose_name="monthly value",
            ),
        ),
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(
                condition=models.Q(("main_reason__isnull", False)),
                fields=["as_of", "main_reason", "-probability"],
                name="prediction_day_reason",
            ),
        ),
        migrations.AddField(
            model_name="peergroup",
            name="snapshot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="peer_groups",
                to="predictions.featuresnapshot",
                verbose_name="feature snapshot",
            ),
        ),
        migrations.AddConstraint(
            model_name="peergroup",
            constraint=models.UniqueConstraint(fields=("snapshot", "customer_type"), name="peer_group_once"),
        ),
    ]

"""What is learned about whom a measure helps, and the lists that follow from it."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_holds"),
        ("experiments", "0003_outcomes_deleted_lock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UpliftStudy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField(verbose_name="as-of date")),
                (
                    "digest",
                    models.CharField(
                        help_text="Of the outcomes that it rests on.", max_length=64, verbose_name="digest"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("signal", "signal"),
                            ("risk_does", "risk does as well"),
                            ("no_signal", "no signal"),
                            ("too_few", "too few customers"),
                        ],
                        help_text="Whether it can be told beforehand who stays because of the measure; the best of the arms.",
                        max_length=9,
                        verbose_name="signal",
                    ),
                ),
                ("document", models.JSONField(help_text="Everything that the page shows.", verbose_name="figures")),
                (
                    "path",
                    models.CharField(
                        blank=True, help_text="Blank where no model was kept.", max_length=200, verbose_name="folder"
                    ),
                ),
                ("signature", models.CharField(blank=True, max_length=64, verbose_name="signature")),
                (
                    "daily_budget",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="In the account currency; blank makes no daily list.",
                        max_digits=15,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="budget a day",
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made at")),
                (
                    "experiment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uplift_studies",
                        to="experiments.experiment",
                        verbose_name="experiment",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Blank where no person did it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "uplift study",
                "verbose_name_plural": "uplift studies",
                "ordering": ["-made_at", "-id"],
                "get_latest_by": ["made_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="UpliftListing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("listed_on", models.DateField(verbose_name="listed on")),
                (
                    "place",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="From 1, the most gainful first; blank if not to be disturbed.",
                        null=True,
                        verbose_name="place",
                    ),
                ),
                (
                    "effect",
                    models.FloatField(
                        help_text="Predicted: by how much the chance to stay grows.", verbose_name="effect"
                    ),
                ),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=15, null=True, verbose_name="value"),
                ),
                (
                    "net",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Effect × value − cost.",
                        max_digits=15,
                        null=True,
                        verbose_name="gain",
                    ),
                ),
                (
                    "arm",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose measure it is; blank of a customer who is not to be disturbed.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="experiments.arm",
                        verbose_name="arm",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uplift_listings",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listings",
                        to="experiments.upliftstudy",
                        verbose_name="uplift study",
                    ),
                ),
            ],
            options={
                "verbose_name": "turn on an uplift list",
                "verbose_name_plural": "turns on uplift lists",
                "ordering": ["-listed_on", "place", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="upliftstudy",
            constraint=models.UniqueConstraint(fields=("experiment", "digest"), name="uplift_study_once"),
        ),
        migrations.AddConstraint(
            model_name="upliftstudy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("daily_budget", None), models.Q(("code", "signal"), ("daily_budget__gte", 0)), _connector="OR"
                ),
                name="uplift_budget_needs_signal",
            ),
        ),
        migrations.AddIndex(
            model_name="upliftlisting",
            index=models.Index(fields=["customer"], name="uplift_listing_customer"),
        ),
        migrations.AddConstraint(
            model_name="upliftlisting",
            constraint=models.UniqueConstraint(fields=("study", "listed_on", "customer"), name="uplift_listing_once"),
        ),
        migrations.AddConstraint(
            model_name="upliftlisting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arm", None), ("place", None)),
                    models.Q(("arm__isnull", False), ("place__gt", 0)),
                    _connector="OR",
                ),
                name="uplift_listing_whole",
            ),
        ),
    ]

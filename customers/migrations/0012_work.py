"""Who looks after a customer at risk, and what staff noted of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0011_user_scopes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assigned_at", models.DateTimeField(auto_now_add=True, verbose_name="assigned at")),
                (
                    "customer",
                    models.OneToOneField(
                        help_text="Whose case it is.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignee",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="Who looks after the customer now.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignee",
                "verbose_name_plural": "assignees",
                "ordering": ["-assigned_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "text",
                    models.TextField(
                        help_text="What was learned or agreed, for those who come after you.",
                        max_length=5000,
                        verbose_name="note",
                    ),
                ),
                ("written_at", models.DateTimeField(auto_now_add=True, verbose_name="written at")),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="case_notes",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "case note",
                "verbose_name_plural": "case notes",
                "ordering": ["-written_at", "-id"],
                "indexes": [models.Index(fields=["customer", "-written_at"], name="case_note_customer_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="case_note_says_something"
                    )
                ],
            },
        ),
    ]

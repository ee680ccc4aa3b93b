"""What a user sees: limits by region and by account manager, and the indexes that they are found by."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import customers.models.scopes


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0010_api_access"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UserScope",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "regions",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Only customers of these regions; empty is no limit by region.",
                        validators=[customers.models.scopes.names],
                        verbose_name="regions",
                    ),
                ),
                (
                    "account_managers",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Only customers whom one of these looks after, as their latest deal that names an account manager says; empty is no limit by account manager.",
                        validators=[customers.models.scopes.names],
                        verbose_name="account managers",
                    ),
                ),
            ],
            options={
                "verbose_name": "limit of what a user sees",
                "verbose_name_plural": "limits of what users see",
            },
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["region"], name="customer_region"),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                condition=models.Q(("account_manager", ""), _negated=True),
                fields=["account_manager", "customer"],
                name="deal_account_manager",
            ),
        ),
        migrations.AddField(
            model_name="userscope",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="customer_scope",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
    ]

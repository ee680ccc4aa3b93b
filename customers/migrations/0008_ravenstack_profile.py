"""The profile of a public set of a software company's accounts, subscriptions, tickets and usage."""

import json
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).resolve().parent.parent / "ingest" / "profiles" / "ravenstack.json"


def add(apps, schema_editor):
    apps.get_model("customers", "ImportProfile").objects.get_or_create(
        name="ravenstack",
        defaults={
            "description": "RavenStack: accounts, subscriptions, support tickets and feature usage of a software company.",
            "rules": json.loads(FILE.read_text(encoding="utf-8")),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_rows_wait_for_deals")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

"""The profile of a well-known public file comes with the system, as an example and for trying things out."""

import json
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).resolve().parent.parent / "ingest" / "profiles" / "online_retail.json"


def add(apps, schema_editor):
    apps.get_model("customers", "ImportProfile").objects.get_or_create(
        name="online_retail",
        defaults={
            "description": "Online Retail (UCI): invoice lines of a gift shop, summed to one transaction an invoice.",
            "rules": json.loads(FILE.read_text(encoding="utf-8")),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_rows_set_aside")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

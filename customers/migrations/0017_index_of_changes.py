"""Whoever keeps a copy of the customers asks for those that changed since, in the order of their changes."""

from django.db import migrations, models

from customers.live_indexes import AddLiveIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("customers", "0016_index_of_names")]

    operations = [
        AddLiveIndex(
            model_name="customer", index=models.Index(fields=["updated_at", "customer_id"], name="customer_changed")
        ),
    ]

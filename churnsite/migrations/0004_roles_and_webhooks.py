"""Who looks after settings looks after webhooks."""

from functools import partial

from django.db import migrations

from churnsite.role_groups import grant

WEBHOOKS = [
    "customers.view_webhook",
    "customers.add_webhook",
    "customers.change_webhook",
    "customers.delete_webhook",
    "customers.view_delivery",
]
GRANTED = {"manager": WEBHOOKS, "data engineer": WEBHOOKS, "backend engineer": WEBHOOKS}


class Migration(migrations.Migration):
    dependencies = [("churnsite", "0003_schedule_of_webhooks")]

    operations = [migrations.RunPython(partial(grant, granted=GRANTED), migrations.RunPython.noop)]

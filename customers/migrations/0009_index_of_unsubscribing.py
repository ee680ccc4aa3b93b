"""Who unsubscribed is found without reading every interaction."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0008_ravenstack_profile"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("kind", "unsubscribe")), fields=["customer"], name="interaction_unsubscribe"
            ),
        ),
    ]

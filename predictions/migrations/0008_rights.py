"""Rights that no table has by itself: to compute features, to take predictions out."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0007_daily_figures"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="featuresnapshot",
            options={
                "ordering": ["-as_of"],
                "permissions": [("compute_featuresnapshot", "Can compute features")],
                "verbose_name": "feature snapshot",
                "verbose_name_plural": "feature snapshots",
            },
        ),
        migrations.AlterModelOptions(
            name="prediction",
            options={
                "permissions": [("export_prediction", "Can export predictions")],
                "verbose_name": "prediction",
                "verbose_name_plural": "predictions",
            },
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="claim",
            field=models.CharField(
                blank=True,
                help_text="Held by the process that works on it; others leave it alone.",
                max_length=100,
                verbose_name="claim",
                default="",
            ),
            preserve_default=False,
        ),
    ]

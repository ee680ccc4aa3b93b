"""Outcomes of treated customers are marked, and days are measured without them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_promotion_remark_alter_promotion_reason")]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="is_treated",
            field=models.BooleanField(
                blank=True,
                help_text="An intervention took place in the days of the outcome; known with the outcome.",
                null=True,
                verbose_name="treated",
            ),
        ),
        migrations.AddField(
            model_name="dailyquality",
            name="n_treated",
            field=models.PositiveBigIntegerField(
                default=0,
                help_text="Predictions of treated customers, which are not measured.",
                verbose_name="treated",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0003_snapshot_computed_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="promotion",
            name="remark",
            field=models.JSONField(
                blank=True,
                help_text="Why the rule made it champion, as a code with figures.",
                null=True,
                verbose_name="remark",
            ),
        ),
        migrations.AlterField(
            model_name="promotion",
            name="reason",
            field=models.TextField(
                blank=True, help_text="As the person gave it who promoted by hand.", verbose_name="reason"
            ),
        ),
    ]

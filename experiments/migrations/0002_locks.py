"""The database refuses what a started experiment may not have done to it."""

from django.db import migrations

from experiments import locks


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_initial")]

    operations = [locks.migration()]

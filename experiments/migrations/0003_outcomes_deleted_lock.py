"""The outcomes of a finalised experiment cannot be deleted either."""

from django.db import migrations

from experiments import locks


class Migration(migrations.Migration):
    dependencies = [("experiments", "0002_locks")]

    operations = [migrations.RunPython(locks.install, migrations.RunPython.noop)]

"""Customers are found by the beginning of their name, whatever its case."""

from django.db import migrations

from customers.live_indexes import postgresql


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("customers", "0015_outbox")]

    operations = [
        # Written out, for an index in the model cannot say how PostgreSQL compares beginnings, and SQLite needs none.
        postgresql(
            "CREATE INDEX CONCURRENTLY customer_name_beginning ON customers_customer (UPPER(name) text_pattern_ops)",
            "DROP INDEX CONCURRENTLY customer_name_beginning",
        ),
    ]

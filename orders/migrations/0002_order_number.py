"""Numbers of orders come from a sequence: never twice, and never a wait for another order."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE orders_order_number START WITH 1000001",
            "DROP SEQUENCE orders_order_number",
        )
    ]

"""Numbers of pick lists come from a sequence, as those of orders do."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_test_orders_validate")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE orders_pick_list_number START WITH 1001",
            "DROP SEQUENCE orders_pick_list_number",
        )
    ]

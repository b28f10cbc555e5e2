"""Numbers of transfers come from a sequence: never twice, and never a wait for another transfer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0010_level_bin")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE inventory_transfer_number START WITH 1001", "DROP SEQUENCE inventory_transfer_number"
        )
    ]

"""Find the packages in trouble and the scans that wait for a person, while everybody orders on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0037_edit_expiring")]

    operations = [
        AddIndexConcurrently(
            model_name="carrierscan",
            index=models.Index(condition=models.Q(("state", "parked")), fields=["id"], name="carrier_scan_parked"),
        ),
        AddIndexConcurrently(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("carrier_status__in", ("exception", "returned_to_sender")), ("status", "shipped")),
                fields=["id"],
                name="shipment_in_trouble",
            ),
        ),
    ]

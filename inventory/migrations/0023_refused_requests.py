"""Find what a WMS has refused, while everybody orders on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0022_wms_run_tolerance")]

    operations = [
        AddIndexConcurrently(
            model_name="wmsrequest",
            index=models.Index(
                condition=models.Q(("state", "refused")), fields=["id"], name="wms_request_refused"
            ),
        ),
    ]

"""Find what came and went since a WMS has counted, while everybody orders on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0020_wms_link")]

    operations = [
        AddIndexConcurrently(
            model_name="stockmovement",
            index=models.Index(
                fields=["level", "created_at"],
                condition=models.Q(("kind", "synced"), _negated=True),
                name="stock_movement_own_by_time",
            ),
        )
    ]

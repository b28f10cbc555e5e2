"""Find the edits that nobody paid in time, while everybody orders on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0036_unpaid_lines")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(expires_at__isnull=False, paid_at__isnull=False),
                fields=["expires_at"],
                name="order_edit_expiring",
            ),
        ),
    ]

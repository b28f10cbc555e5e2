"""Check the orders that were there before, and let a test use a reference once more, while everybody orders on."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

INDEX = "order_reference_is_unique"
BEFORE = "order_reference_once_per_partner"
UNIQUE = "CREATE UNIQUE INDEX CONCURRENTLY {} ON orders_order ({}) WHERE NOT reference = ''"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0009_test_orders")]

    operations = [
        ValidateConstraint(model_name="order", name="order_test_is_a_partners"),
        # The new index stands before the old one goes, so that there is no moment without any.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                # What an attempt that was interrupted has left behind is no index.
                migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}", migrations.RunSQL.noop),
                migrations.RunSQL(
                    UNIQUE.format(INDEX, "partner_id, reference, test"), f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}"
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="order",
                    constraint=models.UniqueConstraint(
                        fields=("partner", "reference", "test"), condition=~models.Q(reference=""), name=INDEX
                    ),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {BEFORE}", UNIQUE.format(BEFORE, "partner_id, reference")
                )
            ],
            state_operations=[migrations.RemoveConstraint(model_name="order", name=BEFORE)],
        ),
    ]

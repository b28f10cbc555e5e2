"""Check the rows that were there before, and build the index, while everybody goes on writing."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0003_reconciliation_leases")]

    operations = [
        ValidateConstraint(model_name="payment", name="payment_refunded_captured_authorized_in_order"),
        ValidateConstraint(model_name="payment", name="payment_gift_card_is_named"),
        ValidateConstraint(model_name="refund", name="refund_cause_known"),
        AddIndexConcurrently(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("status", "authorized")),
                fields=["authorization_expires_at"],
                name="payment_authorization",
            ),
        ),
    ]

"""Check the returns that were there before."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0025_returns_desk")]

    operations = [
        ValidateConstraint(model_name="return", name="return_amounts_not_negative"),
        ValidateConstraint(model_name="returnline", name="return_line_exchanges_received"),
    ]

"""Check the e-mails that were there before while everybody goes on, and put the new one where the shop can change it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

from notifications.writing_defaults import write_defaults


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0013_back_in_stock")]

    operations = [
        ValidateConstraint(model_name="notification", name="notification_about_one_thing"),
        # Its actor is named for one transaction.
        migrations.RunPython(write_defaults("back_in_stock"), migrations.RunPython.noop, atomic=True),
    ]

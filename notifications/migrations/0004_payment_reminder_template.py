"""Put the reminder of a payment where the shop can change it."""

from django.db import migrations

from notifications.writing_defaults import write_defaults


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_payment_reminder")]
    operations = [migrations.RunPython(write_defaults("payment_reminder"), migrations.RunPython.noop)]

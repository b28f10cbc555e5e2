"""Put the e-mail about what runs low where the shop can change it."""

from django.db import migrations

from notifications.writing_defaults import write_defaults


class Migration(migrations.Migration):
    dependencies = [("notifications", "0015_low_stock")]
    operations = [migrations.RunPython(write_defaults("low_stock"), migrations.RunPython.noop)]

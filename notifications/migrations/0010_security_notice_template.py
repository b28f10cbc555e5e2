"""Put the notice that the way to sign in has changed where the shop can change it."""

from django.db import migrations

from notifications.writing_defaults import write_defaults


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_security_notice")]
    operations = [migrations.RunPython(write_defaults("security_notice"), migrations.RunPython.noop)]

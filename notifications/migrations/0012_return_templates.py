"""Put the e-mails about returns where the shop can change them."""

from django.db import migrations

from notifications.writing_defaults import write_defaults

KINDS = ("return_requested", "return_approved", "return_rejected", "return_received")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_return_mails")]
    operations = [migrations.RunPython(write_defaults(*KINDS), migrations.RunPython.noop)]

"""Put the e-mails about people's data where the shop can change them."""

from django.db import migrations

from notifications.writing_defaults import write_defaults


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_personal_data_mails")]
    operations = [migrations.RunPython(write_defaults("export_ready", "account_closed"), migrations.RunPython.noop)]

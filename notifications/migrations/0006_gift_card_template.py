"""Put the e-mail with a gift card where the shop can change it."""

from django.db import migrations

from notifications.writing_defaults import write_defaults


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_gift_card_mail")]
    operations = [migrations.RunPython(write_defaults("gift_card"), migrations.RunPython.noop)]

"""Put the e-mails about returns where the shop can change them."""

from django.db import migrations

from api.actors import Actor
from audit.verbs import act_as
from notifications.rendering import default_source
from notifications.states import DEFAULT_LANGUAGE

KINDS = ("return_requested", "return_approved", "return_rejected", "return_received")


def write_defaults(apps, schema_editor):
    act_as(Actor.system("migrations"))
    template = apps.get_model("notifications", "NotificationTemplate")
    for kind in KINDS:
        source = default_source(kind)
        values = {"subject": source.subject, "text": source.text, "html": source.html}
        template.objects.get_or_create(kind=kind, language=DEFAULT_LANGUAGE, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_return_mails")]
    operations = [migrations.RunPython(write_defaults, migrations.RunPython.noop)]

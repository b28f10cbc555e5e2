"""Put the notice that the way to sign in has changed where the shop can change it."""

from django.db import migrations

from api.actors import Actor
from audit.verbs import act_as
from notifications.rendering import default_source
from notifications.states import DEFAULT_LANGUAGE

KIND = "security_notice"


def write_default(apps, schema_editor):
    act_as(Actor.system("migrations"))
    template = apps.get_model("notifications", "NotificationTemplate")
    source = default_source(KIND)
    values = {"subject": source.subject, "text": source.text, "html": source.html}
    template.objects.get_or_create(kind=KIND, language=DEFAULT_LANGUAGE, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_security_notice")]
    operations = [migrations.RunPython(write_default, migrations.RunPython.noop)]

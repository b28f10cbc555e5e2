"""The rules that were built in so far, and those that a shop may turn on."""

from django.db import migrations

from api.actors import Actor
from audit.verbs import act_as

RULES = {"fewest_parcels": (10, True), "priority": (20, True), "own_region": (30, False), "stock_left": (40, False)}


def write_rules(apps, schema_editor):
    act_as(Actor.system("migrations"))
    rule = apps.get_model("inventory", "RoutingRule")
    for strategy, (position, active) in RULES.items():
        rule.objects.get_or_create(strategy=strategy, defaults={"position": position, "active": active})


class Migration(migrations.Migration):
    dependencies = [("inventory", "0012_many_warehouses")]
    operations = [migrations.RunPython(write_rules, migrations.RunPython.noop)]

"""Let what is reserved say for which order, as new reservations do. What is over keeps its id alone."""

from django.db import migrations

NUMBERS = """
    SELECT set_config('waybill.actor', 'system:migrations', true);
    UPDATE inventory_reservation r SET order_number = o.number
    FROM orders_order o WHERE o.id = r.order_id AND r.state IN ('held', 'committed') AND r.order_number = ''
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0030_waiting_lines"), ("inventory", "0013_routing_rules")]
    operations = [migrations.RunSQL(NUMBERS, migrations.RunSQL.noop)]

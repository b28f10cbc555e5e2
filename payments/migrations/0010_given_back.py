"""What paid orders have given back so far, for those that could still be made to cost more."""

from django.db import migrations

FILL = """
    UPDATE orders_order o SET given_back_total = r.sum
    FROM (SELECT p.order_id, sum(r.amount) AS sum
          FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
          JOIN orders_order paid ON paid.id = p.order_id
          WHERE r.status <> 'failed' AND (r.cause = 'cancelled' OR r.created_at < paid.paid_at)
          GROUP BY p.order_id) r
    WHERE r.order_id = o.id AND o.paid_at IS NOT NULL AND o.given_back_total <> r.sum
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_validate"), ("orders", "0035_given_back")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
